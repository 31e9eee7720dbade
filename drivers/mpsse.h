/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FTDI's MPSSE command language, without I/O: a queue of messages becomes one stream of commands in
 * which many CS frames travel together, and the answers' stream is taken apart again.
 *
 * Pauses are clocks with no data while CS is high (8Fh, 8Eh). At the end of a queue the pin states
 * are read and flushed (81h 87h): that one byte proves that everything before it was executed, and
 * nothing waits for the latency timer.
 *
 * Source of the numbers: FTDI AN_108 as used by the public drivers of flashprog and OpenOCD.
 */
#ifndef NP_DRIVERS_MPSSE_H
#define NP_DRIVERS_MPSSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spi/spi.h"

#define MPSSE_BASE_HZ    60000000 /* H chips, divide-by-5 off; the clock is half of it at most */
#define MPSSE_WINDOW_MAX 65536    /* bytes of answers asked for and not yet received */
#define MPSSE_WINDOW_MIN 2048
#define MPSSE_PROBE      2
#define MPSSE_SETUP_MAX  16
#define MPSSE_RELEASE    6

/* Levels and directions of ADBUS0..7 between frames, and the levels with CS low. */
struct mpsse_pins {
	uint8_t idle, select, dir;
};

/* One queue of messages on its way. Fields are for reading. */
struct mpsse {
	struct spi_msg *msgs;
	size_t count;
	struct mpsse_pins pins;
	uint32_t hz;
	size_t window; /* limit of asked - got */
	/* out */
	int stage;
	size_t out_msg, out_pos;
	uint64_t pause_clocks;
	bool stop, cut;          /* cut: the last message received less than it wanted */
	uint64_t data_due;       /* answer bytes of the whole queue */
	uint64_t asked, got;     /* answer bytes, the closing byte not counted */
	bool close_sent, closed; /* the closing byte: asked for, received */
	/* in */
	size_t in_msg, in_pos;
};

/* ADBUS0 SCK, 1 MOSI, 2 MISO, 3 CS; `cs` 1..3 selects by GPIOL0..2 instead. */
struct mpsse_pins mpsse_pins_for(unsigned cs);

/* The divisor for a clock of at most `hz` and the clock it makes; false when that is too slow for
 * it. */
bool mpsse_divisor(uint32_t hz, uint16_t *divisor, uint32_t *actual_hz);

/* A command that does not exist, then 87h: the answer of a healthy MPSSE is FAh and that byte. */
size_t mpsse_probe(uint8_t buf[MPSSE_PROBE], uint8_t bad_command);
size_t mpsse_setup(uint8_t buf[MPSSE_SETUP_MAX], const struct mpsse_pins *pins, uint16_t divisor);
size_t mpsse_release(uint8_t buf[MPSSE_RELEASE]);

/* Begin a queue at the clock now set. Keeps the pointer. */
void mpsse_begin(struct mpsse *mpsse, struct spi_msg *msgs, size_t count,
                 const struct mpsse_pins *pins, uint32_t hz);

/* The next commands, at most `size` (>= 16) bytes. 0: nothing now (answers must come first) or at
 * all. */
size_t mpsse_encode(struct mpsse *mpsse, uint8_t *buf, size_t size);

/* Take one bulk IN transfer as USB delivers it: every `packet` bytes two status bytes come first.
 * Returns how many answer bytes it held, or -1 when more came than was asked for. */
long mpsse_decode(struct mpsse *mpsse, const uint8_t *data, size_t len, size_t packet);

/* Cut the status bytes out of a transfer; returns the payload's length. `out` may be `data`. */
size_t mpsse_payload(const uint8_t *data, size_t len, size_t packet, uint8_t *out);

/* End early: a message being received ends after what was asked for, one being sent is
 * completed. */
void mpsse_stop(struct mpsse *mpsse);

/* Messages known to be executed. */
size_t mpsse_done(const struct mpsse *mpsse);

/* Answer bytes still to come, the closing one included. */
uint64_t mpsse_due(const struct mpsse *mpsse);

#endif
