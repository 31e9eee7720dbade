/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FMAP, the map of coreboot and of Chromebooks (public: flashmap's fmap.h). */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "layout/map.h"
#include "layout/source.h"

#define FMAP_HEADER 56
#define FMAP_AREA   42
#define FMAP_NAME   32

/* Areas that hold what only one unit has. */
static const struct {
	const char *name, *holds;
} unit_areas[] = {
	{"RO_VPD", "serial number, MAC and other data of this unit"},
	{"RW_VPD", "data of this unit that change: activation, owner's state"},
	{"GBB", "hardware ID (HWID) of this unit, with recovery keys"},
	{"SI_GBE", "settings of the Ethernet controller with its MAC"},
	{"RO_FSG", "modem calibration of this unit"},
};

static void describe(struct layout_region *region)
{
	for (size_t i = 0; i < sizeof(unit_areas) / sizeof(unit_areas[0]); i++) {
		if (strcasecmp(region->name, unit_areas[i].name) != 0)
			continue;
		region->unit = true;
		snprintf(region->holds, sizeof(region->holds), "%s", unit_areas[i].holds);
	}
}

static int add_area(struct layout_build *build, const uint8_t *area, uint64_t flash_size,
                    struct np_error *err)
{
	uint64_t start = le32(area), len = le32(area + 4);
	const char *name = (const char *)area + 8;
	int rc;

	if (flash_size && start + len > flash_size) {
		layout_map_beyond(build, name, start + len, flash_size);
		len = start < flash_size ? flash_size - start : 0;
	}
	if (!len)
		return 0;
	rc = layout_map_add(build, name, strnlen(name, FMAP_NAME), start, len, err);
	if (!rc)
		describe(&build->regions[build->region_count - 1]);
	return rc;
}

int layout_parse_fmap(const uint8_t *data, size_t len, uint64_t flash_size, const char *name,
                      struct layout *layout, struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);
	size_t count;
	int rc = 0;

	if (!build)
		return NP_E_MEMORY;
	count = len >= FMAP_HEADER && memcmp(data, "__FMAP__", 8) == 0 ? le16(data + 54) : 0;
	if (!count || FMAP_HEADER + count * FMAP_AREA > len)
		rc = layout_build_fail(build, err, 0, "not a whole FMAP");
	for (size_t i = 0; i < count && !rc; i++)
		rc = add_area(build, data + FMAP_HEADER + i * FMAP_AREA, flash_size, err);
	rc = layout_map_end(build, rc, layout, err);
	layout->profile = !rc && layout->unit.count;
	return rc;
}
