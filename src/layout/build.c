/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout/build.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct layout_build *layout_build_new(const char *name)
{
	struct layout_build *build = calloc(1, sizeof(*build));

	if (build)
		build->name = name;
	return build;
}

int layout_build_fail(const struct layout_build *build, struct np_error *err, unsigned line,
                      const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!line)
		return np_fail(err, NP_E_INPUT, "%s: %s", build->name, text);
	return np_fail(err, NP_E_INPUT, "%s:%u: %s", build->name, line, text);
}

int layout_build_region(struct layout_build *build, const struct layout_region *region,
                        unsigned line, struct np_error *err)
{
	if (build->region_count == LAYOUT_MAX)
		return layout_build_fail(build, err, line, "more than %d regions", LAYOUT_MAX);
	build->region_line[build->region_count] = line;
	build->regions[build->region_count++] = *region;
	return 0;
}

int layout_build_group(struct layout_build *build, const struct layout_region *group, unsigned line,
                       struct np_error *err)
{
	if (build->group_count == LAYOUT_MAX)
		return layout_build_fail(build, err, line, "more than %d groups", LAYOUT_MAX);
	build->group_line[build->group_count] = line;
	build->groups[build->group_count++] = *group;
	return 0;
}

static bool goes_first(const struct layout_region *a, const struct layout_region *b)
{
	return a->start < b->start || (a->start == b->start && a->len > b->len);
}

/* By start, what holds others in front of them. Insertion sort: few entries, and the line numbers
 * move along. */
static void sort_regions(struct layout_build *build)
{
	for (size_t i = 1; i < build->region_count; i++) {
		struct layout_region region = build->regions[i];
		unsigned line = build->region_line[i];
		size_t at = i;

		for (; at && goes_first(&region, &build->regions[at - 1]); at--) {
			build->regions[at] = build->regions[at - 1];
			build->region_line[at] = build->region_line[at - 1];
		}
		build->regions[at] = region;
		build->region_line[at] = line;
	}
}

static bool same_name(const struct layout_region *a, const struct layout_region *b)
{
	return strcmp(a->name, b->name) == 0 || strcmp(a->alias, b->name) == 0 ||
	       strcmp(a->name, b->alias) == 0 || (a->alias[0] && strcmp(a->alias, b->alias) == 0);
}

static int check_names(const struct layout_build *build, size_t i, struct np_error *err)
{
	const struct layout_region *region = &build->regions[i];

	if (strcmp(region->name, "unit") == 0 || strcmp(region->alias, "unit") == 0)
		return layout_build_fail(build, err, build->region_line[i],
		                         "'unit' is the group of this unit's own data, not a name");
	for (size_t j = 0; j < i; j++) {
		unsigned a = build->region_line[i], b = build->region_line[j];

		if (same_name(region, &build->regions[j]))
			return layout_build_fail(build, err, a > b ? a : b,
			                         "region %s: the name is taken by another region",
			                         region->name);
	}
	return 0;
}

static bool holds(const struct layout_region *outer, const struct layout_region *inner)
{
	return inner->start >= outer->start &&
	       inner->start + inner->len <= outer->start + outer->len;
}

/* Sorted: those in front start no later. */
static int check_overlaps(const struct layout_build *build, size_t i, struct np_error *err)
{
	const struct layout_region *region = &build->regions[i];

	for (size_t j = i; j-- > 0;) {
		const struct layout_region *before = &build->regions[j];
		unsigned a = build->region_line[i], b = build->region_line[j];

		if (before->start + before->len <= region->start ||
		    (!build->layout.profile && holds(before, region)))
			continue;
		return layout_build_fail(build, err, a > b ? a : b,
		                         "regions %s and %s overlap at 0x%06llx", before->name,
		                         region->name, (unsigned long long)region->start);
	}
	return 0;
}

static int check_regions(const struct layout_build *build, struct np_error *err)
{
	for (size_t i = 0; i < build->region_count; i++) {
		const struct layout_region *region = &build->regions[i];
		unsigned line = build->region_line[i];
		int rc;

		if (!region->len || region->start > UINT64_MAX - region->len)
			return layout_build_fail(build, err, line, "region %s: empty or too long",
			                         region->name);
		rc = check_overlaps(build, i, err);
		if (rc)
			return rc;
		if (build->layout.size && region->start + region->len > build->layout.size)
			return layout_build_fail(build, err, line,
			                         "region %s ends at 0x%06llx, behind the flash's "
			                         "end at 0x%06llx",
			                         region->name,
			                         (unsigned long long)(region->start + region->len),
			                         (unsigned long long)build->layout.size);
		rc = check_names(build, i, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* A group that was written down holds whole regions, at least one, and has a name of its own. */
static int check_group(const struct layout_build *build, size_t i, struct np_error *err)
{
	const struct layout_region *group = &build->groups[i];
	unsigned line = build->group_line[i];
	size_t held = 0;

	if (!group->len || group->start > UINT64_MAX - group->len ||
	    (build->layout.size && group->start + group->len > build->layout.size))
		return layout_build_fail(build, err, line, "group %s: empty or too long",
		                         group->name);
	for (size_t r = 0; r < build->region_count; r++) {
		const struct layout_region *region = &build->regions[r];

		if (same_name(group, region))
			return layout_build_fail(build, err, line,
			                         "group %s: the name is taken by a region",
			                         group->name);
		if (holds(group, region))
			held++;
		else if (region->start < group->start + group->len &&
		         group->start < region->start + region->len)
			return layout_build_fail(build, err, line,
			                         "group %s holds a part of region %s", group->name,
			                         region->name);
	}
	for (size_t g = 0; g < i; g++)
		if (same_name(group, &build->groups[g]))
			return layout_build_fail(build, err, line, "group %s is there twice",
			                         group->name);
	if (strcmp(group->name, "unit") == 0 || !held)
		return layout_build_fail(build, err, line, "group %s holds no region", group->name);
	return 0;
}

static int check_field(const struct layout_build *build, size_t i, struct np_error *err)
{
	const struct layout_field *field = &build->fields[i];

	for (size_t j = 0; j < i; j++)
		if (strcmp(field->name, build->fields[j].name) == 0)
			return layout_build_fail(build, err, build->field_line[i],
			                         "field %s is there twice", field->name);
	for (size_t r = 0; r < build->region_count; r++) {
		const struct layout_region *region = &build->regions[r];

		if (field->start >= region->start && field->len <= region->len &&
		    field->start - region->start <= region->len - field->len)
			return 0;
	}
	return layout_build_fail(build, err, build->field_line[i],
	                         "field %s at 0x%06llx+%llu lies in no region", field->name,
	                         (unsigned long long)field->start, (unsigned long long)field->len);
}

static int check_derived(const struct layout_build *build, size_t i, struct np_error *err)
{
	const struct layout_derived *derived = &build->derived[i];

	for (size_t f = 0; f < build->field_count; f++)
		if (strcmp(build->fields[f].name, derived->field) == 0 &&
		    (build->fields[f].type == FIELD_MAC || build->fields[f].type == FIELD_MAC_TEXT))
			return 0;
	return layout_build_fail(build, err, build->derived_line[i],
	                         "%s is derived from '%s', which is no MAC field", derived->name,
	                         derived->field);
}

static int collect_unit(struct layout_build *build, struct np_error *err)
{
	struct np_ranges *unit = &build->layout.unit;
	int rc = 0;

	for (size_t i = 0; i < build->region_count && !rc; i++)
		if (build->regions[i].unit)
			rc = np_ranges_add(
				unit,
				(struct np_range){build->regions[i].start, build->regions[i].len},
				err);
	for (size_t i = 0; i < build->field_count && !rc; i++)
		if (build->fields[i].unit)
			rc = np_ranges_add(
				unit,
				(struct np_range){build->fields[i].start, build->fields[i].len},
				err);
	return rc;
}

/* What holds a region holds the one behind it: they are sorted and nest or are apart. */
static void split_groups(struct layout_build *build)
{
	size_t kept = 0;

	for (size_t i = 0; i < build->region_count; i++) {
		struct layout_region region = build->regions[i];

		if (i + 1 < build->region_count && holds(&region, &build->regions[i + 1]))
			build->groups[build->group_count++] = region;
		else
			build->regions[kept++] = region;
	}
	build->region_count = kept;
}

/* NULL for an empty array, which is no error; *failed tells. */
static void *copy_array(const void *from, size_t count, size_t size, bool *failed)
{
	void *to = count ? malloc(count * size) : NULL;

	if (to)
		memcpy(to, from, count * size);
	*failed |= count && !to;
	return to;
}

static int hand_out(struct layout_build *build, struct layout *layout, struct np_error *err)
{
	bool failed = false;

	*layout = build->layout;
	build->layout = (struct layout){0};
	layout->regions =
		copy_array(build->regions, build->region_count, sizeof(build->regions[0]), &failed);
	layout->region_count = build->region_count;
	layout->groups =
		copy_array(build->groups, build->group_count, sizeof(build->groups[0]), &failed);
	layout->group_count = build->group_count;
	layout->fields =
		copy_array(build->fields, build->field_count, sizeof(build->fields[0]), &failed);
	layout->field_count = build->field_count;
	layout->derived = copy_array(build->derived, build->derived_count,
	                             sizeof(build->derived[0]), &failed);
	layout->derived_count = build->derived_count;
	layout->signs =
		copy_array(build->signs, build->sign_count, sizeof(build->signs[0]), &failed);
	layout->sign_count = build->sign_count;
	if (!failed)
		return 0;
	layout_free(layout);
	return np_fail(err, NP_E_MEMORY, "%s: out of memory for a layout", build->name);
}

int layout_build_finish(struct layout_build *build, struct layout *layout, struct np_error *err)
{
	int rc = 0;

	if (!build->region_count)
		return layout_build_fail(build, err, 0, "no region in it");
	sort_regions(build);
	rc = check_regions(build, err);
	for (size_t i = 0; i < build->group_count && !rc; i++)
		rc = check_group(build, i, err);
	for (size_t i = 0; i < build->field_count && !rc; i++)
		rc = check_field(build, i, err);
	for (size_t i = 0; i < build->derived_count && !rc; i++)
		rc = check_derived(build, i, err);
	if (!rc)
		rc = collect_unit(build, err);
	split_groups(build);
	if (!rc)
		rc = hand_out(build, layout, err);
	np_ranges_free(&build->layout.unit);
	return rc;
}
