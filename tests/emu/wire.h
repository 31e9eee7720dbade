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

/* What can be wrong between adapter and chip. Each acts on the lines alone: neither driver nor
 * adapter knows of it. */
enum wire_fault {
	WIRE_GOOD,
	WIRE_OPEN,      /* MISO is open and pulled up */
	WIRE_OPEN_LOW,  /* MISO is open and pulled down */
	WIRE_FOLLOW,    /* MISO and MOSI touch: the adapter reads what it sends */
	WIRE_SWAPPED,   /* MISO and MOSI are exchanged: the chip hears its own pull-up */
	WIRE_CS_DEAD,   /* CS does not reach the chip, which stays unselected */
	WIRE_CS_LOW,    /* CS is tied to ground: the chip never sees an edge */
	WIRE_CLK_DEAD,  /* no clock reaches the chip */
	WIRE_MOSI_DEAD, /* no data reach the chip: it hears zeros */
	WIRE_UNPOWERED, /* no supply: MISO is held down by the chip's clamp diodes */
	WIRE_CONTACT,   /* each fifth frame or so MISO is open */
	WIRE_POWER,     /* for 20 of 60 ms the supply is down */
	WIRE_MASTER,    /* for 10 of 40 ms another master drives the bus */
	WIRE_LOST_A22,  /* address bit 22 does not arrive: the contents repeat */
	WIRE_LOST_A13,  /* the same of bit 13 */
	WIRE_HOLD_LOW,  /* HOLD# is low: the chip takes no clock and drives nothing */
	WIRE_WP_LOW,    /* WP# is low: protection that is set cannot be lifted */
	WIRE_LATE,      /* the first clock of each frame rings: all answers are a bit late */
	WIRE_BYTE_LOST, /* in a long read a byte is lost now and then, and what follows moves up */
	WIRE_SAGS,      /* now and then, for half a millisecond, the supply is down */
};

/* "open", "follow", ... into *fault; false: no such word. */
bool wire_fault_parse(const char *word, enum wire_fault *fault);

struct wire {
	struct norsim *sim; /* not owned */
	uint64_t byte_ps;   /* eight clocks */
	uint64_t clocks;    /* driven by the adapter, chip selected or not */
	bool selected;
	bool powered; /* by the adapter; false while it is unplugged */
	enum wire_fault fault;
	uint64_t frames;   /* since the start */
	uint32_t noise;    /* state of the other master's data */
	size_t frame_byte; /* bytes since CS fell */
	bool addressed;    /* this frame's command has an address */
	uint8_t late_bit;  /* WIRE_LATE: the bit that is still to be seen */
	uint64_t lost_at;  /* WIRE_BYTE_LOST: after how many bytes the last one was lost */
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
