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

#include "plan/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What always holds. */
static inline void fuzz_must(int holds)
{
	if (!holds)
		abort();
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
	layout_free(layout);
	return 0;
}

#endif
