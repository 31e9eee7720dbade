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

void wire_select(struct wire *wire, uint64_t at_ps, bool low)
{
	if (low == wire->selected || !wire->powered)
		return;
	wire_wait(wire, at_ps);
	norsim_cs(wire->sim, low);
	wire->selected = low;
}

uint64_t wire_clock(struct wire *wire, uint64_t at_ps, const uint8_t *out, uint8_t *in, size_t len)
{
	wire->clocks += 8 * len;
	if (wire->selected) {
		wire_wait(wire, at_ps);
		norsim_clock(wire->sim, out, in, len, wire->byte_ps / PS_PER_NS);
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
