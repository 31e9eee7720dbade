/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A spidev node: mode and speed ioctls and SPI_IOC_MESSAGE onto the wire. A message costs its
 * clocks, its delays and the host's share; each direction's bytes are summed against bufsiz.
 */
#ifndef NP_EMU_SPIDEV_H
#define NP_EMU_SPIDEV_H

#include "node.h"
#include "wire.h"

struct spidev_config {
	uint32_t bufsiz;
	uint32_t max_hz;   /* of the controller */
	bool refuse_speed; /* fault: setting the speed fails */
	uint64_t error_at; /* fault: the n-th message ends in EIO; 0: never */
};

struct spidev_stats {
	uint64_t messages, transfers, bytes_out, bytes_in, unplugs;
};

struct spidev {
	struct spidev_config config;
	struct wire *wire;
	uint32_t hz;
	uint32_t mode;
	uint8_t bits;
	struct spidev_stats stats;
};

/* Fill `node`; `spi->config` and `spi->wire` are set by the caller. */
void spidev_init(struct spidev *spi, struct node *node);

/* The device goes with its chip's power, and comes again: who has the node open finds nothing
 * behind it. */
void spidev_unplug(struct node *node);
void spidev_replug(struct node *node);

#endif
