/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How messages become spidev transfers, without I/O: as many messages as one ioctl takes,
 * deselected in between by cs_change. A transfer's delay acts before the deselect, so a pause after
 * a message cannot be expressed there; where a status read follows, the pause goes between its
 * opcode and its data instead.
 *
 * Source of the numbers: the kernel's include/uapi/linux/spi/spidev.h and drivers/spi/spidev.c.
 */
#ifndef NP_DRIVERS_SPIDEV_WIRE_H
#define NP_DRIVERS_SPIDEV_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spi/spi.h"

#define SPIDEV_TRANSFERS 511   /* more do not fit the ioctl's size field */
#define SPIDEV_DELAY_MAX 65535 /* 16 bits of microseconds */
/* Newer kernels round every transfer's share of the buffer up to the CPU's DMA alignment; 128 is
 * the largest of them. */
#define SPIDEV_ALIGN 128
/* The delays of one ioctl, together: it cannot be interrupted. */
#define SPIDEV_BUSY_US 100000

/* One transfer; exactly one of tx, rx is set. */
struct spidev_transfer {
	const uint8_t *tx;
	uint8_t *rx;
	size_t len;
	uint16_t delay_us; /* after the last bit, before a deselect */
	bool cs_change;    /* deselect, for there is more in this ioctl */
};

struct spidev_batch {
	struct spidev_transfer transfers[SPIDEV_TRANSFERS];
	size_t count;      /* transfers */
	size_t taken;      /* messages */
	uint32_t sleep_us; /* the host sleeps so long before the ioctl */
	uint32_t pause_us; /* still to be kept after it */
};

/* No kernel has buffers of gigabytes, and the length of a transfer has 32 bits. */
#define SPIDEV_BUFSIZ_MOST (64u << 20)

/* The buffer's size as the module's parameter says it, at most SPIDEV_BUFSIZ_MOST; 0: it says none. */
size_t spidev_bufsiz(const char *text);

/* Most bytes sent (command included) and received in one message, for a buffer of `bufsiz` bytes in
 * each direction; 0 when it is too small to be of use. */
size_t spidev_max_tx(size_t bufsiz);
size_t spidev_max_rx(size_t bufsiz);

/* Take as many of the messages (at least one) as one ioctl holds. `pause_us` is owed since the last
 * one. The messages must be within spidev_max_tx() and spidev_max_rx() and stay in place. */
void spidev_fill(struct spidev_batch *batch, struct spi_msg *msgs, size_t count, size_t bufsiz,
                 uint32_t pause_us);

#endif
