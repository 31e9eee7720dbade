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

bool np_ranges_contain(const struct np_ranges *set, struct np_range range);
bool np_ranges_overlap(const struct np_ranges *set, struct np_range range);
uint64_t np_ranges_bytes(const struct np_ranges *set);

/* Free what the set owns and zero it. */
void np_ranges_free(struct np_ranges *set);

#endif
