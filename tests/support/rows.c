/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"
#include "support/frames.h"

struct rows rows;
char rows_names[ROWS_NAMES_MAX][24];
size_t rows_count;

void rows_collect(void)
{
	const struct nor_chip *row;

	for (size_t i = 0; (row = chipdb_at(i)); i++) {
		for (const char *at = row->name; at && rows_count < ROWS_NAMES_MAX;) {
			size_t len = strcspn(at, "/");

			snprintf(rows_names[rows_count++], sizeof(rows_names[0]), "%.*s", (int)len,
			         at);
			at = at[len] ? at + len + 1 : NULL;
		}
	}
}

void rows_open(void)
{
	rows_open_as(NULL);
}

void rows_open_as(const char *name)
{
	struct nor_options options = {.chip = name};

	GOOD(nor_open(rows.bus, &options, &rows.nor, &rows.err));
}

void rows_close(void)
{
	GOOD(nor_close(rows.nor, &rows.err));
	rows.nor = NULL;
}

void rows_put_in(void)
{
	struct sim_config config;
	void *self;

	memset(&rows.err, 0, sizeof(rows.err));
	sim_config_default(&config);
	config.chip.part = rows.part;
	config.chip.parts_file = ROWS_PARTS;
	GOOD(sim_open_bus(&config, &rows.bus, &self, &rows.err));
	rows.chip = sim_chip(self);
}

void rows_take_out(void)
{
	spi_close(rows.bus);
	rows.bus = NULL;
}

/* Nothing that the engine did was beyond this part. */
void rows_no_complaints(void)
{
	const struct norsim_stats *s = norsim_stats(rows.chip);

	ck_assert_msg(rows.chip->odd_op == 0, "%s: did not take %02Xh", rows.part,
	              rows.chip->odd_op);
	HOLDS(s->ignored_busy == 0);
	HOLDS(s->ignored_latch == 0);
	HOLDS(s->ignored_protected == 0);
	HOLDS(s->ignored_asleep == 0);
	HOLDS(s->malformed == 0);
	HOLDS(s->lost_bits == 0);
	HOLDS(s->page_wraps == 0);
	HOLDS(s->once_set == 0);
	HOLDS(!rows.chip->otp_mode);
	HOLDS(!rows.chip->wel);
}

uint8_t rows_pattern(uint64_t addr)
{
	return (uint8_t)(addr * 7 + (addr >> 8) * 13 + 5) & 0xFE;
}

/* The pattern repeats after so many bytes. */
#define PATTERN 0x10000u

static const uint8_t *pattern_at(uint64_t addr, uint64_t to, size_t *len)
{
	static uint8_t bytes[PATTERN];

	if (!bytes[1])
		for (uint32_t i = 0; i < PATTERN; i++)
			bytes[i] = rows_pattern(i);
	*len = PATTERN - addr % PATTERN;
	if (*len > to - addr)
		*len = to - addr;
	return bytes + addr % PATTERN;
}

void rows_fill(uint64_t from, uint64_t to)
{
	uint8_t *mem = norsim_mem(rows.chip);

	for (size_t len; from < to; from += len) {
		const uint8_t *pattern = pattern_at(from, to, &len);

		memcpy(mem + from, pattern, len);
	}
}

bool rows_filled(uint64_t from, uint64_t to)
{
	const uint8_t *mem = norsim_mem(rows.chip);

	for (size_t len; from < to; from += len) {
		const uint8_t *pattern = pattern_at(from, to, &len);

		if (memcmp(mem + from, pattern, len) != 0)
			return false;
	}
	return true;
}

bool rows_blank(uint64_t from, uint64_t to)
{
	return from >= to || all_ff(norsim_mem(rows.chip) + from, to - from);
}

void rows_reads(uint64_t addr, size_t len)
{
	uint8_t *back = malloc(len);

	GOOD(nor_read(rows.nor, addr, back, len, NULL, NULL, &rows.err));
	ck_assert_msg(memcmp(back, norsim_mem(rows.chip) + addr, len) == 0, "%s: read at 0x%llx",
	              rows.part, (unsigned long long)addr);
	free(back);
}
