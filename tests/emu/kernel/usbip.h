/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device's end of a USB/IP connection: what a kernel asks of an emulated adapter, and what it is answered. A
 * completion is sent when its time has come, on the grid of the host controller's interrupts.
 */
#ifndef NP_EMU_USBIP_H
#define NP_EMU_USBIP_H

#include <stdbool.h>
#include <stdint.h>

#include "rig.h"

struct usbip {
	int fd;                 /* -1: unplugged */
	struct rig *rig;        /* not owned */
	struct usb_queue other; /* control transfers, which have been answered but not yet told */
	struct usb_queue deaf;  /* what was asked of endpoints that never have anything to say */
	bool configured;        /* the kernel has taken it into use */
};

/* One message, which poll has announced; blocks until all of it is there. False: the connection is broken. */
bool usbip_receive(struct usbip *link, uint64_t now_ps);

/* Send what is done and due. False: the connection is broken. */
bool usbip_give_back(struct usbip *link, uint64_t now_ps);

/* When to look again, if nothing arrives; PS_NEVER: not before. */
uint64_t usbip_due(const struct usbip *link);

/* Close the connection, forget what is still asked. */
void usbip_close(struct usbip *link);

#endif
