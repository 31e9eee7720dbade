/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every fuzz target shares. Each is one file with libFuzzer's entry point: `make fuzz` builds
 * them with clang; tests/unit/test_fuzz.c runs them all over the corpus and seeded mutations of it,
 * with any compiler.
 */
#ifndef NP_TESTS_FUZZ_H
#define NP_TESTS_FUZZ_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "layout/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What always holds. */
static inline void fuzz_must(int holds)
{
	if (!holds)
		abort();
}

/* Every region lies inside the group or outside, and one at least inside. */
static inline void fuzz_group(const struct layout *layout, const struct layout_region *group)
{
	size_t held = 0;

	for (size_t i = 0; i < layout->region_count; i++) {
		const struct layout_region *region = &layout->regions[i];
		uint64_t end = region->start + region->len, group_end = group->start + group->len;
		int inside = region->start >= group->start && end <= group_end;

		fuzz_must(inside || end <= group->start || region->start >= group_end);
		held += (size_t)inside;
	}
	fuzz_must(held && layout_find(layout, group->name) != NULL);
}

/* A layout that was accepted keeps its promises; an error has words. Frees the layout. */
static inline int fuzz_layout(int ret, struct layout *layout, const struct np_error *err)
{
	if (ret) {
		if (!err->message[0])
			abort();
		return 0;
	}
	for (size_t i = 0; i < layout->region_count; i++) {
		const struct layout_region *region = &layout->regions[i];

		if (!region->len || !region->name[0] ||
		    strnlen(region->name, LAYOUT_NAME_MAX) == LAYOUT_NAME_MAX)
			abort();
		if (i && region[-1].start + region[-1].len > region->start)
			abort();
		if (layout_find(layout, region->name) == NULL)
			abort();
	}
	for (size_t i = 0; i < layout->group_count; i++)
		fuzz_group(layout, &layout->groups[i]);
	layout_free(layout);
	return 0;
}

#endif
