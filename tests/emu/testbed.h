/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake /sys and /dev that the program under test sees (umockdev). A USB node is a pty: its
 * POLLOUT can be switched, and closing its other end is an unplugged device.
 */
#ifndef NP_EMU_TESTBED_H
#define NP_EMU_TESTBED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct testbed;

/* What /sys tells about a USB device. */
struct testbed_usb {
	bool high_speed;
	uint8_t interface; /* the one that programs claim */
	uint16_t vendor, product, version;
	const char *manufacturer, *name, *serial; /* NULL: none */
	const char *kernel_driver;                /* NULL: none bound */
	const uint8_t *descriptors;
	size_t descriptors_len;
};

int testbed_create(struct testbed **bed, struct np_error *err);

/* Add a USB device at port 1-1, 1-2, ... in order; or a spidev node, /dev/spidev0.0, 0.1, ..., with
 * `bufsiz` in its module's parameters (0: no such file). */
int testbed_add_usb(struct testbed *bed, const struct testbed_usb *usb, struct np_error *err);
int testbed_add_spidev(struct testbed *bed, uint32_t bufsiz, bool pi5, struct np_error *err);

/* "/dev/..." of the n-th device. */
const char *testbed_node(const struct testbed *bed, size_t index);

/* Where the server must listen for it; returns buf. */
const char *testbed_socket(struct testbed *bed, size_t index, char *buf, size_t len);

/* Does poll() on the node say POLLOUT? */
void testbed_set_ready(struct testbed *bed, size_t index, bool ready);

/* Nobody but a privileged user may open the node. */
void testbed_deny(struct testbed *bed, size_t index);

void testbed_unplug(struct testbed *bed, size_t index);
int testbed_replug(struct testbed *bed, size_t index, struct np_error *err);

/* Remove everything. */
void testbed_free(struct testbed *bed);

#endif
