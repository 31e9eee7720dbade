/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SPI side of every emulated adapter: one chip select, one clock, and the strict chip model
 * behind them. Times are absolute picoseconds since the emulation began; the model's own clock
 * follows.
 */
#ifndef NP_EMU_WIRE_H
#define NP_EMU_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/norsim.h"

#define PS_PER_NS 1000ull
#define PS_PER_US 1000000ull
#define PS_PER_MS 1000000000ull
#define PS_NEVER  UINT64_MAX

struct wire {
	struct norsim *sim; /* not owned */
	uint64_t byte_ps;   /* eight clocks */
	uint64_t clocks;    /* driven by the adapter, chip selected or not */
	bool selected;
	bool powered; /* by the adapter; false while it is unplugged */
};

/* Connect `sim` at `hz`; the chip is powered and not selected. */
void wire_init(struct wire *wire, struct norsim *sim, uint64_t hz);

void wire_set_hz(struct wire *wire, uint64_t hz);

/* Drive CS at a time: `low` selects. */
void wire_select(struct wire *wire, uint64_t at_ps, bool low);

/* Clock `len` bytes from `at_ps` on: out[] (NULL: FFh) goes to the chip, in[] (NULL: dropped)
 * receives its answer, FFh when nobody is selected. Returns the time of the last clock's end. */
uint64_t wire_clock(struct wire *wire, uint64_t at_ps, const uint8_t *out, uint8_t *in, size_t len);

/* Let the chip's clock follow to `at_ps`. */
void wire_wait(struct wire *wire, uint64_t at_ps);

/* The adapter is pulled out: CS floats up and the chip loses its supply in whatever it is doing. */
void wire_power_off(struct wire *wire, uint64_t at_ps);
void wire_power_on(struct wire *wire, uint64_t at_ps);

/* The byte with its bits in the other order. */
uint8_t wire_reverse(uint8_t byte);

#endif
