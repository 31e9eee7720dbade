/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The serial engine of an FT232H between its two FIFOs: eats command bytes, moves pins, clocks the
 * chip, leaves answers. Pure but for the chip model behind the wire. Work is done in bursts small
 * enough that each moment that matters to the USB side (a packet's worth waits, room for a packet)
 * is a burst's end.
 */
#ifndef NP_EMU_MPSSE_H
#define NP_EMU_MPSSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

enum {
	ENGINE_FIFO = 1024,  /* each way */
	ENGINE_PACKET = 510, /* reply bytes that fill one IN packet */
	ENGINE_BAD = 0xFA,   /* answer to an unknown opcode, followed by it */
	ENGINE_NONE = -1,
	ENGINE_BURST = 512, /* most bytes clocked in one go */
};

struct engine_fifo {
	uint8_t data[ENGINE_FIFO];
	size_t head, count;
};

struct engine {
	struct wire *wire;
	struct engine_fifo tx, rx;
	uint64_t free_ps; /* the engine is at work until then */
	size_t flush;     /* reply bytes that leave without waiting for a full packet */
	int opcode;       /* in work; ENGINE_NONE when none */
	uint8_t operand[3];
	unsigned have, need; /* operand bytes */
	uint32_t left;       /* data bytes still to clock */
	size_t eaten, made;  /* command bytes leave and reply bytes arrive when the burst ends */
	uint8_t reply[ENGINE_BURST];
	uint16_t divisor;
	bool slow_base; /* divide by 5: a base clock of 12 MHz instead of 60 */
	bool loopback;
	bool last_mosi;
	uint8_t low_value, low_dir, high_value, high_dir;
	uint64_t bad_opcodes;
	uint64_t odd_clocks; /* clocks in less than whole bytes, which the chip model cannot see */
};

void engine_init(struct engine *m, struct wire *wire);

/* Room for command bytes. */
size_t engine_room(const struct engine *m);

/* Command bytes arrive at `at_ps`; `len` <= engine_room(). */
void engine_feed(struct engine *m, const uint8_t *data, size_t len, uint64_t at_ps);

/* Take up to `len` reply bytes away at `at_ps`; returns how many. */
size_t engine_drain(struct engine *m, uint8_t *data, size_t len, uint64_t at_ps);

/* When the engine can go on; PS_NEVER while it starves or its replies find no room. */
uint64_t engine_next(const struct engine *m);

/* Do one burst or one command, beginning at engine_next(). */
void engine_step(struct engine *m);

#endif
