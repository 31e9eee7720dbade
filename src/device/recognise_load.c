/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The layout of a flash that was recognised: by name, by its own tree, on a flash that grew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/units.h"
#include "device/marks.h"
#include "device/recognise_priv.h"
#include "image/tree.h"
#include "layout/board.h"
#include "layout/tree.h"

#define BOARDS 8

/* ---- by name ---- */

/* Of boards that share a compatible string, the one with this flash. */
static int load_board(const char *name, uint64_t len, struct layout *layout, bool *found,
                      struct np_error *err)
{
	size_t boards[BOARDS], count = board_find_compatible(name, boards, BOARDS);
	size_t chosen = 0;

	*found = count != 0;
	for (size_t i = 0; i < count && i < BOARDS; i++) {
		struct board board;

		board_at(boards[i], &board);
		if (board.size == len)
			chosen = i;
	}
	return count ? board_load_layout(boards[chosen], layout, err) : 0;
}

static int load_named(const char *name, uint64_t len, struct layout *layout, bool *found,
                      struct np_error *err)
{
	int rc = layout_load_builtin(name, layout, found, err);

	return rc || *found ? rc : load_board(name, len, layout, found, err);
}

static bool same_regions(const struct layout *a, const struct layout *b)
{
	bool same = a->region_count == b->region_count;

	for (size_t i = 0; i < a->region_count && same; i++)
		same = a->regions[i].start == b->regions[i].start &&
		       a->regions[i].len == b->regions[i].len;
	return same;
}

/* A device whose layout cannot be loaded is left out. */
static bool divides_like(const struct layout *layout, const char *name, uint64_t len)
{
	struct np_error ignored;
	struct layout other;
	bool found = false, same;

	if (load_named(name, len, &other, &found, &ignored) || !found)
		return false;
	same = recognise_same_map(layout, &other) && same_regions(layout, &other);
	layout_free(&other);
	return same;
}

bool recognise_all_alike(const struct recognition *r, uint64_t len)
{
	struct np_error ignored;
	struct layout layout;
	bool found = false, same = true;

	if (load_named(r->name, len, &layout, &found, &ignored) || !found)
		return false;
	for (size_t i = 0; i < r->also_count && same; i++)
		same = divides_like(&layout, r->also[i], len);
	layout_free(&layout);
	return same;
}

/* ---- by the flash's own tree ---- */

static void take_tree(const char *name, const struct image_trees *trees, size_t len,
                      struct layout *layout, bool *found)
{
	for (size_t i = 0; i < trees->count && !*found; i++) {
		const struct image_tree *tree = &trees->at[i];
		struct tree_identity identity;
		struct np_error ignored;

		if (tree->end > len || !tree_identity(tree->fdt, tree->len, &identity) ||
		    strcmp(evidence_device_name(identity.compatible[0]), name) != 0)
			continue;
		*found = layout_from_tree(tree->fdt, tree->len, identity.compatible[0], len, layout,
		                          &ignored) == 0;
		if (*found && identity.model[0])
			snprintf(layout->device, sizeof(layout->device), "%s", identity.model);
	}
}

static int load_tree(const char *name, const uint8_t *image, size_t len,
                     const struct image_trees *known, struct layout *layout, bool *found,
                     struct np_error *err)
{
	struct image_trees trees;
	int rc;

	*found = false;
	if (known)
		take_tree(name, known, len, layout, found);
	if (*found)
		return 0;
	rc = image_find_trees(image, len, &trees, err);
	if (!rc)
		take_tree(name, &trees, len, layout, found);
	image_trees_free(&trees);
	return rc;
}

/* What the tree calls firmware is firmware, and its unit data are unit data. */
static int join(struct layout *layout, const struct layout *tree, struct np_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < tree->region_count && !rc; i++)
		if (recognise_is_firmware(&tree->regions[i]))
			rc = np_ranges_remove(
				&layout->unit,
				(struct np_range){tree->regions[i].start, tree->regions[i].len},
				err);
	for (size_t i = 0; i < tree->group_count && !rc; i++)
		if (recognise_is_firmware(&tree->groups[i]))
			rc = np_ranges_remove(
				&layout->unit,
				(struct np_range){tree->groups[i].start, tree->groups[i].len}, err);
	return rc ? rc : np_ranges_add_all(&layout->unit, &tree->unit, err);
}

bool recognise_is_firmware(const struct layout_region *region)
{
	static const char *const names[] = {"firmware", "firmware1", "firmware2",   "kernel",
	                                    "rootfs",   "ubi",       "rootfs_data", "os-image",
	                                    "linux",    "fwconcat0", "fwconcat1",   "file-system"};

	if (region->unit || region->boot)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(region->name, names[i]) == 0 || strcmp(region->alias, names[i]) == 0)
			return true;
	return false;
}

/* ---- a flash that grew ---- */

static bool marked(const struct unit_marks *marks, uint64_t start, uint64_t len)
{
	for (size_t i = 0; i < marks->count; i++)
		if (marks->at[i].at.start >= start && marks->at[i].at.start < start + len)
			return true;
	return false;
}

/* Regions in front of one that moved went with it where their old place is blank now. */
static uint64_t first_moved(const struct layout *layout, const uint8_t *image, size_t moved,
                            uint64_t by)
{
	for (; moved; moved--) {
		const struct layout_region *region = &layout->regions[moved - 1];

		if (region->start + region->len != layout->regions[moved].start ||
		    !bytes_blank(image + region->start, region->len) ||
		    bytes_blank(image + region->start + by, region->len))
			break;
	}
	return layout->regions[moved].start;
}

/* If one block was moved to the new end, those behind it were moved, too. */
static void move_up(struct layout *layout, uint64_t from, uint64_t by)
{
	for (size_t i = 0; i < layout->region_count; i++)
		if (layout->regions[i].start >= from)
			layout->regions[i].start += by;
	for (size_t i = 0; i < layout->group_count; i++)
		if (layout->groups[i].start >= from)
			layout->groups[i].start += by;
	for (size_t i = 0; i < layout->field_count; i++)
		if (layout->fields[i].start >= from)
			layout->fields[i].start += by;
}

static int collect_unit(struct layout *layout, struct np_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < layout->region_count && !rc; i++)
		if (layout->regions[i].unit)
			rc = np_ranges_add(
				&layout->unit,
				(struct np_range){layout->regions[i].start, layout->regions[i].len},
				err);
	for (size_t i = 0; i < layout->field_count && !rc; i++)
		if (layout->fields[i].unit)
			rc = np_ranges_add(
				&layout->unit,
				(struct np_range){layout->fields[i].start, layout->fields[i].len},
				err);
	return rc;
}

static int grow(struct layout *layout, const uint8_t *image, size_t len, struct np_error *err)
{
	uint64_t old = layout->size, by = len - old, from = 0;
	struct unit_marks marks;
	char was[32], is[32];
	int rc = unit_marks_find(image, len, NULL, &marks, err);

	for (size_t i = 0; i < layout->region_count && !rc && !from; i++) {
		const struct layout_region *region = &layout->regions[i];

		if (region->unit && region->start > old / 2 &&
		    marked(&marks, region->start + by, region->len) &&
		    !marked(&marks, region->start, region->len))
			from = first_moved(layout, image, i, by);
	}
	unit_marks_free(&marks);
	if (rc)
		return rc;
	layout->size = len;
	if (from) {
		move_up(layout, from, by);
		/* What is still at the old place is kept as well, which harms nothing. */
		rc = collect_unit(layout, err);
	}
	snprintf(layout->doubt, sizeof(layout->doubt),
	         "the device has %s of flash, this one %s: unit data %s",
	         np_format_size(old, was, sizeof(was)), np_format_size(len, is, sizeof(is)),
	         from ? "were moved to its end" : "are where they were");
	return rc;
}

int recognise_load(const struct recognition *found, const uint8_t *image, size_t len,
                   struct layout *layout, struct np_error *err)
{
	return recognise_load_with(found, image, len, NULL, layout, err);
}

int recognise_load_with(const struct recognition *found, const uint8_t *image, size_t len,
                        const struct image_trees *trees, struct layout *layout,
                        struct np_error *err)
{
	struct layout tree = {0};
	bool named = false, has_tree = false;
	int rc = load_named(found->name, len, layout, &named, err);

	if (!rc && found->by_tree)
		rc = load_tree(found->name, image, len, trees, &tree, &has_tree, err);
	if (!rc && named && has_tree && layout->size <= len)
		rc = join(layout, &tree, err);
	if (!rc && !named && has_tree) {
		*layout = tree;
		tree = (struct layout){0};
		named = true;
	}
	layout_free(&tree);
	if (!rc && !named)
		rc = np_fail(err, NP_E_INPUT, "%s: norprog has no layout for it", found->name);
	/* The tree knows where things are on the flash that it runs from. */
	if (!rc && layout->size && layout->size < len && !has_tree)
		rc = grow(layout, image, len, err);
	else if (!rc && has_tree)
		layout->size = len;
	if (!rc && found->ambiguous)
		snprintf(layout->device, sizeof(layout->device), "%s", found->device);
	if (rc)
		layout_free(layout);
	return rc;
}
