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

static int read_headers(struct look *look, struct np_range where)
{
	int rc = 0;

	for (uint64_t at = where.start; at < where.start + where.len && !rc; at += PC_FMAP_ALIGN)
		if (memcmp(look->image + at, "__FMAP__", SPOT) == 0)
			rc = want(look, at, PC_FMAP_HEADER);
	return rc ? rc : fetch(look);
}

static int read_areas(struct look *look, struct np_range where)
{
	int rc = 0;

	for (uint64_t at = where.start; at < where.start + where.len && !rc; at += PC_FMAP_ALIGN) {
		size_t len = pc_fmap_len(look->image, look->size, at);

		if (len)
			rc = want(look, at, len);
	}
	return rc ? rc : fetch(look);
}

/* Every 4 KiB of a PC's BIOS region, or of a chip that AMD's or coreboot's directories call a PC's. On
 * any other, which is a router's far more often than a Chromebook's, every 64 KiB: thousands of spots
 * cost more than a small job. */
static int read_fmap(struct look *look, bool is_pc, struct np_range where)
{
	uint64_t stride = is_pc ? PC_FMAP_ALIGN : SPARSE;
	int rc = 0;

	for (uint64_t at = where.start; at < where.start + where.len && !rc; at += stride)
		rc = want(look, at, SPOT);
	if (!rc)
		rc = fetch(look);
	if (!rc)
		rc = read_headers(look, where);
	return rc ? rc : read_areas(look, where);
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

int chip_map_read(uint64_t size, uint8_t *image, recognise_read *read, void *ctx,
                  struct layout *layout, bool *found, struct np_error *err)
{
	struct look look = {.size = size, .image = image, .read = read, .ctx = ctx, .err = err};
	bool has_descriptor, is_pc = false;
	int rc = read_descriptor(&look, &has_descriptor);

	*found = false;
	if (!rc)
		rc = read_directories(&look, &is_pc);
	if (!rc)
		rc = read_fmap(&look, is_pc || has_descriptor, bios_region(&look, has_descriptor));
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
