/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire.h"

#include <string.h>

void wire_init(struct wire *wire, struct norsim *sim, uint64_t hz)
{
	*wire = (struct wire){.sim = sim, .powered = true};
	wire_set_hz(wire, hz);
}

void wire_set_hz(struct wire *wire, uint64_t hz)
{
	wire->byte_ps = 8ull * 1000000000000ull / hz;
	norsim_set_hz(wire->sim, hz);
}

void wire_wait(struct wire *wire, uint64_t at_ps)
{
	uint64_t now = norsim_now(wire->sim), then = at_ps / PS_PER_NS;

	if (then > now)
		norsim_time(wire->sim, then - now);
}

bool wire_fault_parse(const char *word, enum wire_fault *fault)
{
	static const char *const names[] = {
		"good",     "open",      "open-low",  "follow",  "swapped",   "cs-dead", "cs-low",
		"clk-dead", "mosi-dead", "unpowered", "contact", "power",     "master",  "lost-a22",
		"lost-a13", "hold-low",  "wp-low",    "late",    "byte-lost", "sags"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(word, names[i]) == 0) {
			*fault = (enum wire_fault)i;
			return true;
		}
	return false;
}

void wire_select(struct wire *wire, uint64_t at_ps, bool low)
{
	if (low == wire->selected || !wire->powered)
		return;
	wire_wait(wire, at_ps);
	wire->frames += low;
	wire->frame_byte = 0;
	wire->late_bit = 1;
	if (wire->fault == WIRE_WP_LOW)
		norsim_faults(wire->sim)->stubborn = true;
	if (wire->fault != WIRE_CS_DEAD && wire->fault != WIRE_CS_LOW)
		norsim_cs(wire->sim, low);
	else if (wire->fault == WIRE_CS_LOW && wire->frames == 1 && low)
		norsim_cs(wire->sim, true);
	wire->selected = low;
}

/* What the adapter's MISO pin reads, when that is not what the chip drives. */
static bool breaks(struct wire *wire, uint64_t at_ps, uint8_t out, uint8_t *in)
{
	switch (wire->fault) {
	case WIRE_OPEN:
	case WIRE_SWAPPED:
	case WIRE_CS_DEAD:
	case WIRE_CLK_DEAD:
	case WIRE_HOLD_LOW:
		*in = 0xff;
		return true;
	case WIRE_OPEN_LOW:
	case WIRE_UNPOWERED:
		*in = 0;
		return true;
	case WIRE_FOLLOW:
		*in = out;
		return true;
	case WIRE_CONTACT:
		*in = 0xff;
		return wire->frames * 2654435761u % 5 == 0;
	case WIRE_POWER:
		*in = 0;
		return at_ps / PS_PER_MS % 60 < 20;
	case WIRE_MASTER:
		wire->noise = wire->noise * 1664525 + 1013904223;
		*in = (uint8_t)(wire->noise >> 24);
		return at_ps / PS_PER_MS % 40 < 10;
	case WIRE_SAGS:
		*in = 0;
		return at_ps / (PS_PER_MS / 2) % 800 == 799;
	default:
		return false;
	}
}

/* Each bit of the answer is seen a clock after it was sent. */
static uint8_t late(struct wire *wire, uint8_t answer)
{
	uint8_t seen = (uint8_t)(wire->late_bit << 7 | answer >> 1);

	wire->late_bit = answer & 1;
	return seen;
}

/* Eight clocks more than the adapter knows of, somewhere in a long read. */
static void lose_byte(struct wire *wire)
{
	if (wire->frame_byte > 64 && wire->clocks / 8 > wire->lost_at + 50021) {
		norsim_clock(wire->sim, NULL, NULL, 1, wire->byte_ps / PS_PER_NS);
		wire->lost_at = wire->clocks / 8;
	}
}

/* What arrives at the chip's MOSI pin. */
static uint8_t arrives(struct wire *wire, uint8_t out)
{
	bool command = wire->frame_byte == 0;

	if (command)
		wire->addressed = out == 0x03 || out == 0x0b || out == 0x3b || out == 0x6b;
	if (wire->fault == WIRE_MOSI_DEAD)
		return 0;
	if (wire->fault == WIRE_LOST_A22 && wire->addressed && wire->frame_byte == 1)
		return out & (uint8_t)~0x40;
	if (wire->fault == WIRE_LOST_A13 && wire->addressed && wire->frame_byte == 2)
		return out & (uint8_t)~0x20;
	return out;
}

/* A byte at a time, as each may fare otherwise. */
static void clock_broken(struct wire *wire, uint64_t at_ps, const uint8_t *out, uint8_t *in,
                         size_t len)
{
	bool deaf = wire->fault == WIRE_CS_DEAD || wire->fault == WIRE_CLK_DEAD ||
	            wire->fault == WIRE_UNPOWERED || wire->fault == WIRE_SWAPPED ||
	            wire->fault == WIRE_HOLD_LOW;

	for (size_t i = 0; i < len; i++) {
		uint8_t sent = out ? out[i] : 0xff, heard = arrives(wire, sent), answer = 0xff;
		uint64_t now = at_ps + i * wire->byte_ps;

		if (wire->fault == WIRE_BYTE_LOST)
			lose_byte(wire);
		if (!deaf)
			norsim_clock(wire->sim, &heard, &answer, 1, wire->byte_ps / PS_PER_NS);
		else
			norsim_time(wire->sim, wire->byte_ps / PS_PER_NS);
		if (wire->fault == WIRE_LATE)
			answer = late(wire, answer);
		if (in)
			in[i] = breaks(wire, now, sent, &sent) ? sent : answer;
		wire->frame_byte++;
	}
}

uint64_t wire_clock(struct wire *wire, uint64_t at_ps, const uint8_t *out, uint8_t *in, size_t len)
{
	wire->clocks += 8 * len;
	if (wire->selected) {
		wire_wait(wire, at_ps);
		if (wire->fault == WIRE_GOOD)
			norsim_clock(wire->sim, out, in, len, wire->byte_ps / PS_PER_NS);
		else
			clock_broken(wire, at_ps, out, in, len);
	} else if (in) {
		memset(in, 0xFF, len);
	}
	return at_ps + len * wire->byte_ps;
}

void wire_power_off(struct wire *wire, uint64_t at_ps)
{
	struct norsim_faults *faults = norsim_faults(wire->sim);
	const uint8_t nop = 0;

	if (!wire->powered)
		return;
	wire_select(wire, at_ps, false);
	wire_wait(wire, at_ps);
	/* The model cuts at a clock; one clock more than it has seen is now. */
	faults->cut_at_clock = norsim_stats(wire->sim)->clocks + 1;
	norsim_cs(wire->sim, true);
	norsim_clock(wire->sim, &nop, NULL, 1, 0);
	norsim_cs(wire->sim, false);
	faults->cut_at_clock = 0;
	wire->powered = false;
}

void wire_power_on(struct wire *wire, uint64_t at_ps)
{
	wire_wait(wire, at_ps);
	norsim_power_on(wire->sim);
	wire->powered = true;
}

uint8_t wire_reverse(uint8_t byte)
{
	byte = (uint8_t)((byte & 0xF0) >> 4 | (byte & 0x0F) << 4);
	byte = (uint8_t)((byte & 0xCC) >> 2 | (byte & 0x33) << 2);
	return (uint8_t)((byte & 0xAA) >> 1 | (byte & 0x55) << 1);
}
