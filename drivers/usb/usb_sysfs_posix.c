/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On other systems nothing is known of a device before it is opened, so only the attempt to open
 * it tells whether this user may. */
#include "usb/usb_sysfs.h"

#include <stdio.h>

void usb_sysfs_text(const char *where, const char *attribute, char *buf, size_t size)
{
	(void)where;
	(void)attribute;
	(void)size;
	buf[0] = '\0';
}

void usb_sysfs_driver(const char *where, unsigned interface, char *buf, size_t size)
{
	(void)where;
	(void)interface;
	(void)size;
	buf[0] = '\0';
}

bool usb_sysfs_holder(const char *node, char *buf, size_t size)
{
	(void)node;
	(void)size;
	buf[0] = '\0';
	return false;
}

bool usb_sysfs_gone(const char *node)
{
	(void)node;
	return false;
}

bool usb_sysfs_may_open(const char *node)
{
	(void)node;
	return true;
}

void usb_sysfs_advise(const char *node, char *buf, size_t size)
{
	(void)node;
	snprintf(
		buf, size,
		"run norprog with sudo, or give your user the right to it (FreeBSD: devfs.rules(5)); "
		"on macOS close the program that uses it");
}
