/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device/chip_map.h"

#include <string.h>

#include "base/bytes.h"
#include "image/pc_map.h"
#include "layout/source.h"

#define GLANCE     32
#define SPOT       8 /* "__FMAP__" */
#define SPARSE     0x10000
#define VALUES_MAX 0x10000 /* of an area that is read for the values in it */

struct look {
	uint64_t size;
	uint8_t *image;
	recognise_read *read;
	void *ctx;
	struct np_ranges next; /* owned: what is to be read */
	struct np_error *err;
};

static int want(struct look *look, uint64_t start, uint64_t len)
{
	if (start >= look->size)
		return 0;
	if (len > look->size - start)
		len = look->size - start;
	return np_ranges_add(&look->next, (struct np_range){start, len}, look->err);
}

static int fetch(struct look *look)
{
	int rc = look->next.count ? look->read(look->ctx, &look->next, look->image, look->err) : 0;

	np_ranges_free(&look->next);
	return rc;
}

static int read_descriptor(struct look *look, bool *has)
{
	int rc = want(look, 0, GLANCE);

	if (!rc)
		rc = fetch(look);
	*has = false;
	if (rc || look->size < PC_DESCRIPTOR ||
	    (le32(look->image) != 0x0ff0a55a && le32(look->image + 0x10) != 0x0ff0a55a))
		return rc;
	rc = want(look, 0, PC_DESCRIPTOR);
	if (!rc)
		rc = fetch(look);
	*has = !rc && pc_has_descriptor(look->image, look->size);
	return rc;
}

/* Where an FMAP can be: in the BIOS region, or anywhere. */
static struct np_range bios_region(const struct look *look, bool has_descriptor)
{
	struct np_range all = {0, look->size};
	const struct layout_region *bios;
	struct np_error ignored;
	struct layout ifd;

	if (!has_descriptor ||
	    layout_parse_ifd(look->image, look->size, look->size, CHIP_MAP_NAME, &ifd, &ignored))
		return all;
	bios = layout_find(&ifd, "bios");
	if (bios)
		all = (struct np_range){bios->start, bios->len};
	layout_free(&ifd);
	return all;
}

/* The places that are looked at with this stride, and were not with twice of it: see read_fmap(). */
struct spots {
	uint64_t first, step, end;
};

static int read_spots(struct look *look, const struct spots *spots)
{
	int rc = 0;

	for (uint64_t at = spots->first; at < spots->end && !rc; at += spots->step)
		rc = want(look, at, SPOT);
	return rc ? rc : fetch(look);
}

static int read_headers(struct look *look, const struct spots *spots)
{
	int rc = 0;

	for (uint64_t at = spots->first; at < spots->end && !rc; at += spots->step)
		if (memcmp(look->image + at, "__FMAP__", SPOT) == 0)
			rc = want(look, at, PC_FMAP_HEADER);
	return rc ? rc : fetch(look);
}

static int read_areas(struct look *look, const struct spots *spots, bool *hit)
{
	struct layout layout;
	int rc = 0;

	for (uint64_t at = spots->first; at < spots->end && !rc; at += spots->step) {
		size_t len = pc_fmap_len(look->image, look->size, at);

		*hit |= len;
		if (len)
			rc = want(look, at, len);
	}
	if (!rc)
		rc = fetch(look);
	/* A broken one ends no search. */
	*hit = !rc && *hit && pc_fmap_find(look->image, look->size, CHIP_MAP_NAME, &layout);
	if (*hit)
		layout_free(&layout);
	return rc;
}

/* Nothing says where an FMAP is but its first eight bytes. Who puts it somewhere takes a round
 * address: half the distance each time until it is found. Not `thorough`: at each 64 KiB alone, since
 * thousands of spots cost more than a small job. */
static int read_fmap(struct look *look, bool thorough, struct np_range where)
{
	struct spots spots = {where.start, SPARSE, where.start + where.len};
	uint64_t finest = thorough ? PC_FMAP_ALIGN : SPARSE;
	bool hit = false;
	int rc = 0;

	for (uint64_t stride = SPARSE; stride >= finest && !hit && !rc; stride /= 2) {
		rc = read_spots(look, &spots);
		if (!rc)
			rc = read_headers(look, &spots);
		if (!rc)
			rc = read_areas(look, &spots, &hit);
		spots = (struct spots){where.start + stride / 2, stride, spots.end};
	}
	return rc;
}

/* AMD's and coreboot's directories, each of which says where the next lies. */
static int read_piece(void *ctx, uint64_t start, uint64_t len, struct np_error *err)
{
	struct look *look = ctx;
	int rc = want(look, start, len);

	(void)err;
	return rc ? rc : fetch(look);
}

static int read_directories(struct look *look, bool *found)
{
	struct layout_reader chip = {look->image, look->size, read_piece, look};

	return pc_map_touch(&chip, found, look->err);
}

/* A unit's values stand in areas that the map names: read these, too. */
static int read_values(struct look *look, const struct layout *layout)
{
	static const char *const areas[] = {"GBB", "RO_VPD"};
	int rc = 0;

	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]) && !rc; i++) {
		const struct layout_region *area = layout_find(layout, areas[i]);

		if (area)
			rc = want(look, area->start,
			          area->len < VALUES_MAX ? area->len : VALUES_MAX);
	}
	return rc ? rc : fetch(look);
}

int chip_map_read(uint64_t size, bool thorough, uint8_t *image, recognise_read *read, void *ctx,
                  struct layout *layout, bool *found, struct np_error *err)
{
	struct look look = {.size = size, .image = image, .read = read, .ctx = ctx, .err = err};
	bool has_descriptor, is_pc = false;
	int rc = read_descriptor(&look, &has_descriptor);

	*found = false;
	if (!rc)
		rc = read_directories(&look, &is_pc);
	if (!rc)
		rc = read_fmap(&look, thorough || is_pc || has_descriptor,
		               bios_region(&look, has_descriptor));
	if (!rc)
		rc = pc_map_find(image, size, CHIP_MAP_NAME, layout, found, err);
	if (!rc && *found && (layout_find(layout, "GBB") || layout_find(layout, "RO_VPD"))) {
		rc = read_values(&look, layout);
		layout_free(layout);
		*found = false;
		if (!rc)
			rc = pc_map_find(image, size, CHIP_MAP_NAME, layout, found, err);
	}
	np_ranges_free(&look.next);
	return rc;
}
