/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel tells about a USB device without opening it: its strings, the driver that holds
 * an interface, the process that has its node open. Everything is "" or false where sysfs or procfs
 * do not say (another system, another user's process). Nothing here blocks.
 */
#ifndef NP_DRIVERS_USB_USB_SYSFS_H
#define NP_DRIVERS_USB_USB_SYSFS_H

#include <stdbool.h>
#include <stddef.h>

/* An attribute ("serial", "product") of the device at bus path `where`, trailing white space
 * cut. */
void usb_sysfs_text(const char *where, const char *attribute, char *buf, size_t size);

/* Descriptor strings are the device's to choose: trailing white space is cut, and a terminal is kept
 * safe from control characters. */
void usb_sysfs_clean(char *text);

/* The kernel driver bound to an interface of the device's first configuration. */
void usb_sysfs_driver(const char *where, unsigned interface, char *buf, size_t size);

/* "flashrom (pid 1234)": a process of this user, not this one, that has the device node open. */
bool usb_sysfs_holder(const char *node, char *buf, size_t size);

/* Was it unplugged? False where that is not to be told. */
bool usb_sysfs_gone(const char *node);

/* May this user open it? True where only opening tells. */
bool usb_sysfs_may_open(const char *node);

/* What to do so that this user may. */
void usb_sysfs_advise(const char *node, char *buf, size_t size);

#endif
