/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/map.h"

#include "image/image.h"
#include "image/pc_map.h"
#include "image/tree.h"
#include "layout/source.h"
#include "layout/tree.h"

static int parse_part(const struct image_part *part, const uint8_t *data, size_t len,
                      const char *name, struct layout *layout, struct np_error *err)
{
	const uint8_t *at = data + part->start;
	const char *text = (const char *)at;

	switch (part->kind) {
	case PART_SAFE_TABLE:
		return layout_parse_safe_table(text, part->len, name, layout, err);
	case PART_PARTITIONS:
		return text[0] == 'm'
		               ? layout_parse_mtdparts(text, part->len, len, name, layout, err)
		               : layout_parse_partitions(text, part->len, name, layout, err);
	default:
		return NP_E_INPUT;
	}
}

/* The first part of this kind whose map is sound and fits. */
static bool map_of_kind(const struct image_parts *parts, enum image_part_kind kind,
                        const uint8_t *data, size_t len, const char *name, struct layout *layout)
{
	struct np_error ignored;

	for (size_t i = 0; i < parts->count; i++) {
		if (parts->at[i].kind != kind ||
		    parse_part(&parts->at[i], data, len, name, layout, &ignored))
			continue;
		if (layout_check(layout, len, &ignored) == 0)
			return true;
		layout_free(layout);
	}
	return false;
}

/* The first device tree, plain or in a kernel, that has the map of a flash of this size. */
static void map_of_trees(const struct image_trees *trees, size_t len, const char *name,
                         struct layout *layout, bool *found)
{
	for (size_t i = 0; i < trees->count && !*found; i++) {
		struct np_error ignored;

		if (layout_from_tree(trees->at[i].fdt, trees->at[i].len, name, len, layout,
		                     &ignored))
			continue;
		*found = layout_fit(layout, len, &ignored) == 0;
		if (!*found)
			layout_free(layout);
	}
}

static int map_of_rest(const uint8_t *data, size_t len, const struct image_trees *known,
                       const char *name, struct layout *layout, bool *found, struct np_error *err)
{
	struct image_trees trees = {0};
	int rc = known ? 0 : image_find_trees(data, len, &trees, err);

	if (!rc)
		map_of_trees(known ? known : &trees, len, name, layout, found);
	image_trees_free(&trees);
	return rc || *found ? rc : pc_map_find(data, len, name, layout, found, err);
}

int image_find_map_with(const uint8_t *data, size_t len, const struct image_parts *parts,
                        const struct image_trees *trees, const char *name, struct layout *layout,
                        bool *found, struct np_error *err)
{
	*found = map_of_kind(parts, PART_SAFE_TABLE, data, len, name, layout) ||
	         map_of_kind(parts, PART_PARTITIONS, data, len, name, layout);
	return *found ? 0 : map_of_rest(data, len, trees, name, layout, found, err);
}

int image_find_map(const uint8_t *data, size_t len, const char *name, struct layout *layout,
                   bool *found, struct np_error *err)
{
	struct image_parts parts;
	int rc = image_scan(data, len, &parts, err);

	*found = false;
	if (!rc)
		rc = image_find_map_with(data, len, &parts, NULL, name, layout, found, err);
	image_parts_free(&parts);
	return rc;
}
