/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/map.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "plan/plan.h"

#define LEAST_CELL 4096u

static const struct {
	char letter;
	const char *colour; /* SGR parameters */
} looks[MAP_KINDS] = {
	[MAP_UNREAD] = {'.', "2"},    [MAP_READ] = {'-', "34"},     [MAP_AGREED] = {'=', "36"},
	[MAP_DIFFERS] = {'d', "33"},  [MAP_ERASED] = {'e', "31"},   [MAP_WRITTEN] = {'w', "35"},
	[MAP_VERIFIED] = {'#', "32"}, [MAP_DOUBTFUL] = {'?', "31"}, [MAP_UNSTABLE] = {'!', "1;31"},
};

void map_begin(struct map *map, uint64_t size, size_t row, size_t rows)
{
	memset(map, 0, sizeof(*map));
	map->size = size;
	map->row = row;
	map->per_cell = LEAST_CELL;
	while (size > map->per_cell * row * rows)
		map->per_cell *= 2;
	map->cells = (size_t)((size + map->per_cell - 1) / map->per_cell);
}

static void paint(struct map *map, uint64_t addr, uint64_t len, enum map_cell kind)
{
	size_t first, last;

	if (!map->size || !len || addr >= map->size)
		return;
	if (len > map->size - addr)
		len = map->size - addr;
	first = (size_t)(addr / map->per_cell);
	last = (size_t)((addr + len - 1) / map->per_cell);
	for (size_t i = first; i <= last; i++)
		if (map->cell[i] != MAP_UNSTABLE)
			map->cell[i] = (uint8_t)kind;
}

static bool kind_of(enum np_block block, enum map_cell *kind)
{
	static const enum map_cell kinds[] = {
		[NP_BLOCK_READ] = MAP_READ,        [NP_BLOCK_READ_AGAIN] = MAP_READ,
		[NP_BLOCK_AGREED] = MAP_AGREED,    [NP_BLOCK_DISAGREED] = MAP_DOUBTFUL,
		[NP_BLOCK_VOTED] = MAP_AGREED,     [NP_BLOCK_UNSTABLE] = MAP_UNSTABLE,
		[NP_BLOCK_ERASING] = MAP_ERASED,   [NP_BLOCK_PROGRAMMING] = MAP_WRITTEN,
		[NP_BLOCK_WRITTEN] = MAP_VERIFIED, [NP_BLOCK_SAME] = MAP_VERIFIED,
		[NP_BLOCK_DIFFERS] = MAP_DIFFERS,
	};

	if (block == NP_BLOCK_NONE || (size_t)block >= sizeof(kinds) / sizeof(kinds[0]) ||
	    kinds[block] == MAP_UNREAD)
		return false;
	*kind = kinds[block];
	return true;
}

void map_event(struct map *map, const struct np_event *event)
{
	enum map_cell kind;

	if (event->type == NP_EV_BLOCK && kind_of(event->block, &kind))
		paint(map, event->addr, event->len, kind);
	for (size_t i = 0; event->type == NP_EV_PLAN && i < event->plan->count; i++)
		paint(map, event->plan->steps[i].start, event->plan->steps[i].len, MAP_DIFFERS);
}

size_t map_rows(const struct map *map)
{
	return map->row ? (map->cells + map->row - 1) / map->row : 0;
}

const char *map_row(const struct map *map, size_t index, bool colour, char *buf, size_t len)
{
	size_t at = index * map->row, end = at + map->row;
	size_t n = (size_t)snprintf(buf, len, "0x%06" PRIx64 " ", at * map->per_cell);
	enum map_cell last = MAP_KINDS;

	for (end = end < map->cells ? end : map->cells; at < end && n + 16 < len; at++) {
		enum map_cell kind = map->cell[at];

		if (colour && kind != last)
			n += (size_t)snprintf(buf + n, len - n, "\033[0;%sm", looks[kind].colour);
		buf[n++] = looks[kind].letter;
		last = kind;
	}
	snprintf(buf + n, len - n, "%s", colour ? "\033[0m" : "");
	return buf;
}

const char *map_legend(const struct map *map, size_t index, char *buf, size_t len)
{
	char size[32];

	if (index == 0)
		snprintf(buf, len, "%s a cell: . unread  - read  = read twice  d differs",
		         np_format_size(map->per_cell, size, sizeof(size)));
	else
		snprintf(buf, len, "e erased  w written  # verified  ? doubtful  ! unstable");
	return buf;
}
