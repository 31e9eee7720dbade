/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How every layout parser makes a layout: pieces are added with the line they stand on, then
 * layout_build_finish() sorts and checks them as a whole. Inside src/layout only.
 */
#ifndef NP_LAYOUT_BUILD_H
#define NP_LAYOUT_BUILD_H

#include "layout/layout.h"

/* More than any flash has; bounds what a hostile file can make us hold. */
#define LAYOUT_MAX 128

struct layout_build {
	const char *name;     /* of the text, for messages */
	struct layout layout; /* device, source, size, ...; arrays stay NULL until finished */
	struct layout_region regions[LAYOUT_MAX], groups[LAYOUT_MAX];
	struct layout_field fields[LAYOUT_MAX];
	struct layout_derived derived[LAYOUT_MAX];
	struct layout_sign signs[LAYOUT_MAX];
	unsigned region_line[LAYOUT_MAX], group_line[LAYOUT_MAX], field_line[LAYOUT_MAX],
		derived_line[LAYOUT_MAX];
	size_t region_count, group_count, field_count, derived_count, sign_count;
};

/* NULL when out of memory; freed with free(). */
struct layout_build *layout_build_new(const char *name);

/* NP_E_INPUT with "NAME:LINE: " in front (without LINE when it is 0). */
int layout_build_fail(const struct layout_build *build, struct np_error *err, unsigned line,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Copy one region in. */
int layout_build_region(struct layout_build *build, const struct layout_region *region,
                        unsigned line, struct np_error *err);

/* A name for several whole regions of a profile, as another maker divides the flash. */
int layout_build_group(struct layout_build *build, const struct layout_region *group, unsigned line,
                       struct np_error *err);

/* Sort, check (names, overlaps, ends, fields inside regions), and hand out. Regions of a profile
 * are disjoint; those of other maps may nest, and what holds others becomes a group. The builder is
 * left empty. */
int layout_build_finish(struct layout_build *build, struct layout *layout, struct np_error *err);

#endif
