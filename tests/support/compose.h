/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flash images of a board, made of nothing but its facts (support/boards.h): what lies where, how its
 * calibration and its addresses look, and how its firmware is packed. The program's own table and
 * profiles have no part in it, so that they can be judged by it.
 */
#ifndef NP_TESTS_COMPOSE_H
#define NP_TESTS_COMPOSE_H

#include "base/ranges.h"
#include "support/boards.h"

enum compose_variant { COMPOSE_TREE, COMPOSE_NO_TREE, COMPOSE_STOCK, COMPOSE_VARIANTS };

#define COMPOSE_PLACES 96

/* What only this unit has: calibration and addresses, as the facts place them. */
struct compose_places {
	struct np_range at[COMPOSE_PLACES];
	size_t count;
};

/* The smallest usual flash that holds all the board's partitions. */
uint64_t compose_size(const json_t *board);

/* Fill `image` (compose_size() bytes). The same `unit` gives the same unit's data, the same `release`
 * the same firmware. With unit 0 there are no unit data. False where the facts tell no place for
 * firmware that is large enough. */
bool compose_image(uint8_t *image, const json_t *board, enum compose_variant variant, uint64_t unit,
                   uint64_t release, struct compose_places *places);

/* All partitions that firmware is written to. Free with np_ranges_free(). */
void compose_firmware(const json_t *board, struct np_ranges *firmware);

#endif
