/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of address ranges: sorted, disjoint, merged. Selections, keeps and what has been read are
 * all of this kind. Pure.
 */
#ifndef NP_BASE_RANGES_H
#define NP_BASE_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/units.h"

struct np_ranges {
	struct np_range *at; /* owned; sorted by start, no two touch */
	size_t count, room;
};

/* Add a range, merging. Zero length is ignored. Error: NP_E_MEMORY. */
int np_ranges_add(struct np_ranges *set, struct np_range range, struct np_error *err);
int np_ranges_add_all(struct np_ranges *set, const struct np_ranges *other, struct np_error *err);

/* Remove a range, splitting. Error: NP_E_MEMORY. */
int np_ranges_remove(struct np_ranges *set, struct np_range range, struct np_error *err);
int np_ranges_remove_all(struct np_ranges *set, const struct np_ranges *other,
                         struct np_error *err);

/* Round every range outward to multiples of `align` (a power of two), merging. */
int np_ranges_align(struct np_ranges *set, uint64_t align, struct np_error *err);

/* out += what is in both. NULL is everything below `size`. Error: NP_E_MEMORY. */
int np_ranges_intersect(const struct np_ranges *a, const struct np_ranges *b, uint64_t size,
                        struct np_ranges *out, struct np_error *err);

bool np_ranges_contain(const struct np_ranges *set, struct np_range range);
bool np_ranges_overlap(const struct np_ranges *set, struct np_range range);
uint64_t np_ranges_bytes(const struct np_ranges *set);

/* A walk over a set, which must stay as it is meanwhile: struct np_walk walk = {&set, 4096}; */
struct np_walk {
	const struct np_ranges *set;
	uint64_t size; /* of a block; blocks begin at its multiples */
	size_t index;  /* of the range to go on in */
	uint64_t addr; /* nothing below it is to come */
};

/* The next piece: bytes of the set that lie in one block. Each byte once. False at the end. */
bool np_walk_piece(struct np_walk *walk, struct np_range *piece);

/* The next whole block that holds any byte of the set. Each block once. False at the end. */
bool np_walk_block(struct np_walk *walk, struct np_range *block);

/* Free what the set owns and zero it. */
void np_ranges_free(struct np_ranges *set);

#endif
