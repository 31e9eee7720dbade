/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Partition maps in binary form: FMAP, Intel flash descriptor. */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "layout/map.h"
#include "layout/source.h"

/* ---- FMAP ---- */

#define FMAP_HEADER 56
#define FMAP_AREA   42

static struct np_range area_range(const uint8_t *area)
{
	return (struct np_range){le32(area), le32(area + 4)};
}

int layout_parse_fmap(const uint8_t *data, size_t len, const char *name, struct layout *layout,
                      struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);
	size_t count;
	int rc = 0;

	if (!build)
		return NP_E_MEMORY;
	count = len >= FMAP_HEADER && memcmp(data, "__FMAP__", 8) == 0 ? le16(data + 54) : 0;
	if (!count || FMAP_HEADER + count * FMAP_AREA > len)
		rc = layout_build_fail(build, err, 0, "not a whole FMAP");
	for (size_t i = 0; i < count && !rc; i++) {
		const uint8_t *area = data + FMAP_HEADER + i * FMAP_AREA;
		struct np_range range = area_range(area);

		if (range.len)
			rc = layout_map_add(build, (const char *)area + 8,
			                    strnlen((const char *)area + 8, 32), range.start,
			                    range.len, err);
	}
	return layout_map_end(build, rc, layout, err);
}

/* ---- Intel flash descriptor ---- */

#define IFD_REGIONS 9

int layout_parse_ifd(const uint8_t *data, size_t len, const char *name, struct layout *layout,
                     struct np_error *err)
{
	static const char *const names[IFD_REGIONS] = {
		"descriptor", "bios", "me", "gbe", "platform", "region5", NULL, NULL, "ec"};
	struct layout_build *build = layout_map_begin(name, layout, err);
	size_t signature = len >= 0x14 && le32(data + 0x10) == 0x0ff0a55a ? 0x10 : 0, table;
	int rc = 0;

	if (!build)
		return NP_E_MEMORY;
	if (len < 0x1000 || le32(data + signature) != 0x0ff0a55a) {
		rc = layout_build_fail(build, err, 0, "no flash descriptor at the start");
		return layout_map_end(build, rc, layout, err);
	}
	table = le32(data + signature + 4) >> 12 & 0xff0;
	if (table + 4 * IFD_REGIONS > len)
		rc = layout_build_fail(build, err, 0, "its region table runs over the end");
	for (size_t i = 0; i < IFD_REGIONS && !rc; i++) {
		uint32_t entry = le32(data + table + 4 * i);
		uint64_t base = (uint64_t)(entry & 0x7fff) << 12;
		uint64_t limit = (uint64_t)(entry >> 16 & 0x7fff) << 12 | 0xfff;

		/* Unused regions end before they start; older tables are shorter and all FFh
		 * behind. All zeros is the descriptor's own first 4 KiB, and no other's. */
		if (names[i] && (entry || i == 0) && base <= limit && limit < len)
			rc = layout_map_add(build, names[i], strlen(names[i]), base,
			                    limit - base + 1, err);
	}
	return layout_map_end(build, rc, layout, err);
}
