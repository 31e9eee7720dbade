/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CH341A's language, without I/O: messages to bulk OUT packets, bulk IN packets to answers.
 *
 * A packet of the SPI stream is A8h and up to 31 bytes, each of which is clocked out least
 * significant bit first (so every byte is reversed) and answered by the byte clocked in. Chip
 * select is a pin of the UIO stream (ABh), which also has a delay: one UIO packet ends a frame,
 * keeps its pause and begins the next. A packet's length is told by USB alone, so a short packet
 * must end its transfer; UIO packets are padded.
 *
 * Source of the numbers: the public drivers of flashprog and Linux (drivers/spi/spi-ch341.c).
 */
#ifndef NP_DRIVERS_CH341A_WIRE_H
#define NP_DRIVERS_CH341A_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spi/spi.h"

#define CH341A_PACKET 32
#define CH341A_DATA   31 /* bytes of an SPI stream packet behind its A8h */
#define CH341A_CONFIG 3

/* One queue of messages on its way: what was sent of it, what has come back. Fields are for
 * reading. */
struct ch341a_wire {
	struct spi_msg *msgs;
	size_t count;
	/* out */
	size_t out_msg, out_pos; /* next byte to be clocked */
	uint32_t pause_us;       /* still to be kept before the next frame */
	bool selected;           /* CS is low */
	bool framing;            /* and bytes of its frame are still to be sent */
	bool stop;
	size_t packets_due;  /* answers of the whole queue */
	size_t packets_sent; /* SPI packets encoded so far */
	/* in */
	size_t in_msg, in_pos;
	size_t packets_got;
	bool split; /* a packet came in pieces: if the run fails, bytes may be missing since then */
	size_t sound; /* messages answered before that */
};

/* Begin a queue. CS is high now. Keeps the pointer. */
void ch341a_wire_begin(struct ch341a_wire *wire, struct spi_msg *msgs, size_t count);

/* The next bulk OUT transfer: whole packets into at most `size` (>= 32) bytes, ending with the
 * first short packet. 0: all was encoded, CS is high and the last pause kept. */
size_t ch341a_wire_encode(struct ch341a_wire *wire, uint8_t *buf, size_t size);

/* Take one bulk IN transfer, a packet or a piece of one, and fill the messages' rx. False: it is
 * longer than what is due, so the answers are out of step. */
bool ch341a_wire_decode(struct ch341a_wire *wire, const uint8_t *data, size_t len);

/* End early: a message being received ends at a packet's end, one being sent is sent to its end. */
void ch341a_wire_stop(struct ch341a_wire *wire);

/* Answer packets still to come. */
size_t ch341a_wire_due(const struct ch341a_wire *wire);

/* UIO packets, padded: all pins driven with CS high; all pins released. SPI stream of `len` <= 31
 * zeros without selecting anything: returns its length on the wire. The set-up of the stream. */
void ch341a_wire_enable(uint8_t packet[CH341A_PACKET]);
void ch341a_wire_release(uint8_t packet[CH341A_PACKET]);
size_t ch341a_wire_echo(uint8_t packet[CH341A_PACKET], size_t len);
void ch341a_wire_config(uint8_t packet[CH341A_CONFIG]);

#endif
