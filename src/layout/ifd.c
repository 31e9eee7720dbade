/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel's flash descriptor: the map in the first 4 KiB of a PC's flash. Its layout is that of the
 * public SPI programming guides and of coreboot's ifdtool. Numbers without a name here mean different
 * things from one generation to the next; ifdtool's name of them is the alias.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "layout/map.h"
#include "layout/source.h"

#define IFD_SIGNATURE 0x0ff0a55au
#define IFD_SIZE      0x1000u
#define IFD_REGIONS   16
#define IFD_UNUSED    0xffffffffu
#define GBE_COPY      0x1000u /* the gigabit controller's settings stand twice */

static const struct {
	const char *name, *alias, *holds;
} region_names[IFD_REGIONS] = {
	[0] = {"descriptor", "fd", "flash descriptor: this map and who may write"},
	[1] = {"bios", "", "BIOS or UEFI firmware"},
	[2] = {"me", "", "Intel management engine"},
	[3] = {"gbe", "", "settings of the Ethernet controller with its MAC"},
	[4] = {"platform", "pd", "data of the board's maker"},
	[5] = {"", "devexp", ""},
	[6] = {"bios2", "", "second BIOS"},
	[8] = {"ec", "", "firmware of the embedded controller"},
	[9] = {"", "devexp2", ""},
	[10] = {"ie", "", "Intel innovation engine"},
	[11] = {"", "10gbe0", ""},
	[12] = {"", "10gbe1", ""},
	[15] = {"", "ptt", ""},
};

/* The table ends where the next structure begins: older chipsets list 5 or 8 regions. */
static size_t region_count(const uint8_t *map, size_t table)
{
	size_t others[] = {(size_t)(map[4] << 4), (size_t)(map[8] << 4), (size_t)(map[10] << 4)};
	size_t end = table + 4 * IFD_REGIONS;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i] > table && others[i] < end)
			end = others[i];
	return (end - table) / 4;
}

static void describe(struct layout_build *build, size_t number)
{
	struct layout_region *region = &build->regions[build->region_count - 1];

	if (region_names[number].alias)
		snprintf(region->alias, sizeof(region->alias), "%s", region_names[number].alias);
	if (region_names[number].holds)
		snprintf(region->holds, sizeof(region->holds), "%s", region_names[number].holds);
	region->boot = number == 1;
}

static void add_gbe_field(struct layout_build *build)
{
	struct layout_region *region = &build->regions[build->region_count - 1];
	struct layout_field *field = &build->fields[build->field_count];

	region->unit = true;
	if (region->len < GBE_COPY)
		return;
	*field = (struct layout_field){.type = FIELD_GBE_MAC,
	                               .start = region->start,
	                               .len = region->len < 2 * GBE_COPY ? GBE_COPY : 2 * GBE_COPY};
	snprintf(field->name, sizeof(field->name), "mac");
	build->field_count++;
}

static int add_region(struct layout_build *build, size_t number, uint32_t entry, uint64_t size,
                      struct np_error *err)
{
	uint64_t base = (uint64_t)(entry & 0x7fff) << 12;
	uint64_t end = ((uint64_t)(entry >> 16 & 0x7fff) << 12) + 0x1000;
	const char *known = region_names[number].name;
	char name[32];
	int rc;

	/* Unused regions end before they start. All zeros is the descriptor's own first 4 KiB, and
	 * no other's. */
	if (entry == IFD_UNUSED || (!entry && number) || base >= end)
		return 0;
	snprintf(name, sizeof(name), "region%zu", number);
	known = known && known[0] ? known : name;
	if (size && end > size) {
		layout_map_beyond(build, known, end, size);
		if (base >= size)
			return 0;
		end = size;
	}
	rc = layout_map_add(build, known, strlen(known), base, end - base, err);
	if (rc)
		return rc;
	describe(build, number);
	if (number == 3)
		add_gbe_field(build);
	return 0;
}

int layout_parse_ifd(const uint8_t *data, size_t len, uint64_t flash_size, const char *name,
                     struct layout *layout, struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);
	size_t signature = len >= 0x14 && le32(data + 0x10) == IFD_SIGNATURE ? 0x10 : 0, table, n;
	int rc = 0;

	if (!build)
		return NP_E_MEMORY;
	if (len < IFD_SIZE || le32(data + signature) != IFD_SIGNATURE) {
		rc = layout_build_fail(build, err, 0, "no flash descriptor at the start");
		return layout_map_end(build, rc, layout, err);
	}
	table = le32(data + signature + 4) >> 12 & 0xff0;
	n = region_count(data + signature, table);
	if (table + 4 * n > IFD_SIZE)
		rc = layout_build_fail(build, err, 0, "its region table runs over the end");
	/* Four bytes stand anywhere by chance; the first region is the descriptor itself. */
	else if (le32(data + table) & 0x7fff)
		rc = layout_build_fail(build, err, 0, "its first region is not the descriptor");
	for (size_t i = 0; i < n && !rc; i++)
		rc = add_region(build, i, le32(data + table + 4 * i), flash_size, err);
	rc = layout_map_end(build, rc, layout, err);
	layout->profile = !rc && layout->unit.count;
	return rc;
}
