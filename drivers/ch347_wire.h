/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CH347's language, without I/O. A frame is a command byte, a 16-bit length and a payload, at most
 * 510 bytes, alone in its USB transfer; answers have the same form. CS has no answer, everything sent
 * has one, a read has one for each 507 bytes.
 *
 * A queue of messages becomes one stream of frames. Pauses are bytes that are read and thrown away: status,
 * where status is what comes next, else with CS high. One byte written with CS high ends the queue: its
 * answer proves that all before it was done.
 *
 * Source of the numbers: the public drivers of flashprog and flashrom (ch347_spi.c).
 */
#ifndef NP_DRIVERS_CH347_WIRE_H
#define NP_DRIVERS_CH347_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spi/spi.h"

#define CH347_PACKET    512
#define CH347_DATA      507 /* payload of one packet */
#define CH347_FRAME_MAX (3 + CH347_DATA)
#define CH347_HZ_MAX    60000000u

enum ch347_command {
	CH347_CONFIG = 0xc0,
	CH347_CS = 0xc1,
	CH347_READ = 0xc3,
	CH347_WRITE = 0xc4,
};

/* The divider for a clock of at most `hz` (60 MHz halved 0..7 times); false below 468.75 kHz. */
bool ch347_divider(uint32_t hz, uint8_t *divider, uint32_t *actual_hz);

/* Frames to send; each returns its length. ch347_put_write(): 1..CH347_DATA bytes. */
size_t ch347_put_config(uint8_t buf[CH347_FRAME_MAX], uint8_t divider);
size_t ch347_put_cs(uint8_t buf[CH347_FRAME_MAX], bool low);
size_t ch347_put_read(uint8_t buf[CH347_FRAME_MAX], uint32_t len);

/* The payload of an answer to `command`; -1 when it is something else or is cut. */
long ch347_payload(const uint8_t *frame, size_t len, enum ch347_command command,
                   const uint8_t **payload);

/* What the next answers have to be. */
struct ch347_due {
	enum ch347_command command;
	size_t msg;  /* messages before it were done when it was sent */
	uint8_t *rx; /* a read's data go there ... */
	size_t skip; /* ... but not its first bytes, which are a pause */
	size_t left; /* of a read, with these */
};

#define CH347_AHEAD_MAX 16

/* One queue of messages on its way. Fields are for reading. */
struct ch347_wire {
	struct spi_msg *msgs;
	size_t count;
	uint32_t hz;
	size_t chunk; /* of one read command: a stop is obeyed between two of them */
	size_t ahead; /* commands sent whose answers have not come, at most */
	/* out */
	int stage;
	size_t out_msg, out_pos;
	uint64_t pause_bytes;
	bool stop, cut; /* cut: the last message received less than it wanted */
	/* in */
	struct ch347_due due[CH347_AHEAD_MAX];
	size_t due_at, due_count;
	size_t in_msg,
		in_pos; /* messages known to be done, bytes of the next one's read that came */
};

/* Begin a queue at the clock now set; CS is high. Keeps the pointer. `ahead`: 1 to CH347_AHEAD_MAX. */
void ch347_wire_begin(struct ch347_wire *wire, struct spi_msg *msgs, size_t count, uint32_t hz,
                      size_t ahead);

/* The next frame. 0: nothing now (answers must come first) or at all. */
size_t ch347_wire_encode(struct ch347_wire *wire, uint8_t buf[CH347_FRAME_MAX]);

/* Take one answer. False: it is not what is due, so the answers are out of step. */
bool ch347_wire_decode(struct ch347_wire *wire, const uint8_t *data, size_t len);

/* End early: a message being received ends after what was asked for, one being sent is completed. */
void ch347_wire_stop(struct ch347_wire *wire);

/* IN transfers worth having in flight: what is asked for, or about to be; 0: every answer has come. */
size_t ch347_wire_want(const struct ch347_wire *wire);

#endif
