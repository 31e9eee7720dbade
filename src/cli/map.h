/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flash as rows of cells, each a letter for what was last known of it or done with it. Pure: the
 * bar (progress.c) draws it. */
#ifndef NP_CLI_MAP_H
#define NP_CLI_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "job/event.h"

#define MAP_CELLS_MAX 1024

enum map_cell {
	MAP_UNREAD,
	MAP_READ,
	MAP_AGREED,
	MAP_DIFFERS, /* from the file: is going to be changed */
	MAP_ERASED,
	MAP_WRITTEN,
	MAP_VERIFIED,
	MAP_DOUBTFUL, /* reads disagreed */
	MAP_UNSTABLE, /* and had no majority: stays, whatever is said of the rest of the cell */
	MAP_KINDS
};

struct map {
	uint64_t size;     /* of the flash; 0: there is no map */
	uint64_t per_cell; /* bytes */
	size_t cells, row; /* row: cells of one */
	uint8_t cell[MAP_CELLS_MAX];
};

/* Divide a flash of `size` bytes into at most `rows` rows (1 to 16) of `row` cells (1 to 64). */
void map_begin(struct map *map, uint64_t size, size_t row, size_t rows);

/* What an event of a job says of the flash: NP_EV_BLOCK, NP_EV_PLAN; others change nothing. */
void map_event(struct map *map, const struct np_event *event);

size_t map_rows(const struct map *map);

/* "0x010000 ##ww...": row `index` into buf, with the colours of a terminal if `colour`. */
const char *map_row(const struct map *map, size_t index, bool colour, char *buf, size_t len);

/* What the letters mean, and how much a cell is: MAP_LEGEND lines of less than 60 letters. */
#define MAP_LEGEND 2
const char *map_legend(const struct map *map, size_t index, char *buf, size_t len);

#endif
