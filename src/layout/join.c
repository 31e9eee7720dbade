/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two maps of one flash in one layout: what the coarse one calls a region holds those of the fine
 * one. */
#include <stdio.h>
#include <string.h>

#include "layout/map.h"
#include "layout/source.h"

static int add_regions(struct layout_build *build, const struct layout_region *regions,
                       size_t count, struct np_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		const struct layout_region *from = &regions[i];
		struct layout_region *to = &build->regions[build->region_count];

		rc = layout_map_add(build, from->name, strlen(from->name), from->start, from->len,
		                    err);
		if (rc)
			return rc;
		memcpy(to->alias, from->alias, sizeof(to->alias));
		memcpy(to->holds, from->holds, sizeof(to->holds));
		to->unit = from->unit;
		to->boot = from->boot;
	}
	return rc;
}

static int add_fields(struct layout_build *build, const struct layout *from, struct np_error *err)
{
	for (size_t i = 0; i < from->field_count; i++) {
		if (build->field_count == LAYOUT_MAX)
			return layout_build_fail(build, err, 0, "more than %d fields", LAYOUT_MAX);
		build->fields[build->field_count++] = from->fields[i];
	}
	return 0;
}

static int add_map(struct layout_build *build, const struct layout *from, struct np_error *err)
{
	int rc = add_regions(build, from->regions, from->region_count, err);

	if (!rc)
		rc = add_regions(build, from->groups, from->group_count, err);
	return rc ? rc : add_fields(build, from, err);
}

int layout_join(const struct layout *coarse, const struct layout *fine, const char *name,
                struct layout *layout, struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);
	int rc;

	if (!build)
		return NP_E_MEMORY;
	rc = add_map(build, coarse, err);
	if (!rc)
		rc = add_map(build, fine, err);
	if (!rc)
		memcpy(build->layout.doubt, coarse->doubt[0] ? coarse->doubt : fine->doubt,
		       sizeof(build->layout.doubt));
	rc = layout_map_end(build, rc, layout, err);
	layout->profile = !rc && layout->unit.count;
	return rc;
}
