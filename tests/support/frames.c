/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/frames.h"
#include "support/suite.h"

#include <string.h>

struct norsim *sim;

struct norsim *open_part(const char *part, const char *file, const struct norsim_faults *faults)
{
	struct norsim_config config = {.part = part, .file = file};
	struct norsim *opened = NULL;
	struct np_error err = {0};

	if (faults)
		config.faults = *faults;
	ck_assert_msg(norsim_open(&config, &opened, &err) == 0, "%s", err.message);
	return opened;
}

void frame(const uint8_t *out, size_t out_len, uint8_t *in, size_t in_len)
{
	norsim_cs(sim, true);
	norsim_clock(sim, out, NULL, out_len, FRAME_BYTE_NS);
	if (in_len)
		norsim_clock(sim, NULL, in, in_len, FRAME_BYTE_NS);
	norsim_cs(sim, false);
}

uint8_t status(uint8_t op)
{
	uint8_t value;

	ASK(&value, 1, op);
	return value;
}

void wait_ready(void)
{
	ck_assert(norsim_busy_left(sim) != UINT64_MAX);
	norsim_time(sim, norsim_busy_left(sim));
	ck_assert_int_eq(status(0x05) & 1, 0);
}

void program(uint32_t addr, const uint8_t *data, size_t len)
{
	uint8_t out[4 + 1024] = {0x02, (uint8_t)(addr >> 16), (uint8_t)(addr >> 8), (uint8_t)addr};

	ck_assert_uint_le(len, sizeof(out) - 4);
	memcpy(out + 4, data, len);
	SEND(0x06);
	frame(out, 4 + len, NULL, 0);
}

void erase(uint8_t op, uint32_t addr)
{
	SEND(0x06);
	SEND(op, (uint8_t)(addr >> 16), (uint8_t)(addr >> 8), (uint8_t)addr);
}

bool erases(uint32_t addr)
{
	norsim_mem(sim)[addr] = 0;
	erase(0x20, addr);
	wait_ready();
	return norsim_mem(sim)[addr] == 0xFF;
}

void check_range(const struct range_case *c)
{
	uint32_t end = c->start + c->len;

	ck_assert(!erases(c->start));
	ck_assert(!erases(end - 1));
	if (c->start)
		ck_assert(erases(c->start - 1));
	if (end < norsim_size(sim))
		ck_assert(erases(end));
}

bool all_ff(const uint8_t *bytes, size_t len)
{
	return !len || (bytes[0] == 0xFF && memcmp(bytes, bytes + 1, len - 1) == 0);
}
