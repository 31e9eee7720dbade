/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/engine.h"
#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

struct engine engine;

void engine_start(struct sim_config *config)
{
	memset(&engine.err, 0, sizeof(engine.err));
	ck_assert_msg(sim_open_bus(config, &engine.bus, &engine.sim, &engine.err) == 0, "%s",
	              engine.err.message);
}

int engine_identify(void)
{
	struct nor_options options = {0};

	return nor_open(engine.bus, &options, &engine.nor, &engine.err);
}

void engine_open(struct sim_config *config)
{
	engine_start(config);
	ck_assert_msg(engine_identify() == 0, "%s", engine.err.message);
}

void engine_open_part(const char *part)
{
	struct sim_config config;

	sim_config_default(&config);
	config.chip.part = part;
	engine_open(&config);
}

void engine_finish(void)
{
	ck_assert_int_eq(nor_close(engine.nor, &engine.err), 0);
	engine.nor = NULL;
	spi_close(engine.bus);
	engine.bus = NULL;
}

void engine_close_failed(void)
{
	spi_close(engine.bus);
	engine.bus = NULL;
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

uint8_t *engine_random(size_t len, uint32_t seed)
{
	uint8_t *bytes = malloc(len);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)next_random(&seed);
	return bytes;
}

struct nor_piece *engine_pieces(const uint8_t *data, uint32_t addr, size_t len, size_t *count)
{
	size_t stated = nor_info(engine.nor)->page;
	size_t page = stated > 1 ? stated : 256; /* by bytes: any piece will do */
	struct nor_piece *pieces = calloc(len / page + 2, sizeof(*pieces));

	*count = 0;
	for (size_t at = 0; at < len;) {
		size_t n = page - (addr + at) % page;

		n = n < len - at ? n : len - at;
		pieces[(*count)++] =
			(struct nor_piece){addr + (uint32_t)at, (uint32_t)n, data + at};
		at += n;
	}
	return pieces;
}

/* Program len bytes at addr, a 64 KiB erase block a call, as the executor does. */
int engine_program(const uint8_t *data, uint32_t addr, size_t len)
{
	int ret = 0;

	for (size_t at = 0; at < len && !ret; at += 65536) {
		size_t n = len - at < 65536 ? len - at : 65536, count;
		struct nor_piece *pieces = engine_pieces(data + at, addr + (uint32_t)at, n, &count);

		ret = nor_program(engine.nor, pieces, count, NULL, NULL, NULL, &engine.err);
		free(pieces);
	}
	return ret;
}
