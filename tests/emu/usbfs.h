/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's side of a USB device node: usbfs ioctls of the unmodified libusb onto a usb_device.
 * URBs belong to the connection that submitted them and vanish with it; an interface belongs to one
 * connection at a time; completions become visible on the grid of the host controller's interrupts.
 */
#ifndef NP_EMU_USBFS_H
#define NP_EMU_USBFS_H

#include "node.h"
#include "usbdev.h"

#define USBFS_GRID_PS (125 * PS_PER_US)

struct usbfs_identity {
	bool high_speed;
	uint8_t interface; /* that of the bulk endpoints; those before it have none */
	uint16_t vendor, product, version;
	const char *manufacturer, *name, *serial; /* NULL: no such string */
};

struct usbfs {
	struct usb_device *dev; /* not owned */
	struct usbfs_identity id;
	uint8_t descriptors[160]; /* device, configuration, interface, endpoints */
	size_t descriptors_len;
	const void *claimed;       /* the connection that holds the interface */
	bool claimed_elsewhere;    /* fault: by a program outside the test bed */
	const char *kernel_driver; /* bound to the interface; NULL: none */
	const char *detached;      /* the one that a client took off */
	uint64_t unplugs;
};

/* Fill `node` and build the descriptors. `fs->dev` and `fs->id` are set by the caller. */
void usbfs_init(struct usbfs *fs, struct node *node);

/* Build fs->descriptors from fs->id and the model's endpoints (usbfs_init does it). */
void usbfs_describe(struct usbfs *fs);

/* Answer the control transfer in `urb`: data, status and time of completion. */
void usbfs_control(struct usbfs *fs, struct usb_urb *urb, uint64_t now_ps);

/* Pull the plug: all URBs end, the chip loses power; or put it back in, as new. */
void usbfs_unplug(struct node *node);
void usbfs_replug(struct node *node);

#endif
