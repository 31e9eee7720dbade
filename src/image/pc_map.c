/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/pc_map.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "layout/source.h"

#define SIGNATURE 0x0ff0a55au
#define AREAS_MAX 256

bool pc_has_descriptor(const uint8_t *data, size_t len)
{
	struct layout layout;
	struct np_error ignored;

	if (len < PC_DESCRIPTOR || (le32(data + 0x10) != SIGNATURE && le32(data) != SIGNATURE) ||
	    layout_parse_ifd(data, len, 0, "descriptor", &layout, &ignored))
		return false;
	layout_free(&layout);
	return true;
}

uint64_t pc_flash_end(const uint8_t *data, size_t len)
{
	struct layout layout;
	struct np_error ignored;
	uint64_t end = 0;

	if (!pc_has_descriptor(data, len) ||
	    layout_parse_ifd(data, len, 0, "descriptor", &layout, &ignored))
		return 0;
	for (size_t i = 0; i < layout.region_count; i++)
		if (layout.regions[i].start + layout.regions[i].len > end)
			end = layout.regions[i].start + layout.regions[i].len;
	layout_free(&layout);
	return end;
}

size_t pc_fmap_len(const uint8_t *data, size_t len, size_t at)
{
	const uint8_t *h = data + at;
	unsigned areas;
	size_t total;

	if (at > len || len - at < PC_FMAP_HEADER || memcmp(h, "__FMAP__", 8) != 0 || h[8] != 1)
		return 0;
	areas = le16(h + 54);
	total = PC_FMAP_HEADER + (size_t)areas * PC_FMAP_AREA;
	return areas && areas <= AREAS_MAX && total <= len - at ? total : 0;
}

bool pc_fmap_find(const uint8_t *flash, size_t len, const char *name, struct layout *layout)
{
	const uint8_t *at = flash;
	struct np_error ignored;

	while ((at = memmem(at, (size_t)(flash + len - at), "__FMAP__", 8)) != NULL) {
		size_t total = pc_fmap_len(flash, len, (size_t)(at - flash));

		if (total && layout_parse_fmap(at, total, len, name, layout, &ignored) == 0) {
			if (layout_check(layout, len, &ignored) == 0)
				return true;
			layout_free(layout);
		}
		at++;
	}
	return false;
}

/* ---- values that stand inside ---- */

/* Room for one more field of the layout; NULL: no memory. */
static struct layout_field *add_field(struct layout *layout, const char *name, size_t name_len)
{
	struct layout_field *more =
		realloc(layout->fields, (layout->field_count + 1) * sizeof(*more));
	struct layout_field *field;
	size_t n = 0;

	if (!more)
		return NULL;
	layout->fields = more;
	field = &more[layout->field_count];
	*field = (struct layout_field){.type = FIELD_SERIAL};
	for (; n < name_len && n + 1 < sizeof(field->name); n++)
		field->name[n] = isalnum((unsigned char)name[n]) ? name[n] : '-';
	if (layout_field(layout, field->name))
		return NULL;
	layout->field_count++;
	return field;
}

#define GBB_HWID_OFFSET 16 /* u32 offset from the GBB's start, u32 size behind it (public: vboot) */

static void find_hwid(const uint8_t *flash, const struct layout_region *gbb, struct layout *layout)
{
	const uint8_t *h = flash + gbb->start;
	struct layout_field *field;
	uint32_t at, size;

	if (gbb->len < 128 || memcmp(h, "$GBB", 4) != 0)
		return;
	at = le32(h + GBB_HWID_OFFSET);
	size = le32(h + GBB_HWID_OFFSET + 4);
	if (!size || size > 256 || at > gbb->len || size > gbb->len - at)
		return;
	field = add_field(layout, "hwid", 4);
	if (!field)
		return;
	field->start = gbb->start + at;
	field->len = size;
}

#define VPD_TABLE 0x600 /* where the table begins, behind what SMBIOS may find in front */
#define VPD_KEYS  32

/* A length in groups of seven bits, the highest first. */
static bool vpd_number(const uint8_t *vpd, size_t len, size_t *at, size_t *value)
{
	*value = 0;
	for (int i = 0; i < 4 && *at < len; i++) {
		uint8_t byte = vpd[(*at)++];

		*value = *value << 7 | (byte & 0x7f);
		if (!(byte & 0x80))
			return *value <= len - *at;
	}
	return false;
}

static bool is_mac_key(const uint8_t *key, size_t len)
{
	return len >= 3 && memmem(key, len, "mac", 3) != NULL;
}

static void add_key(struct layout *layout, const uint8_t *key, size_t key_len, uint64_t start,
                    size_t len)
{
	struct layout_field *field;

	if (!key_len || !len || layout->field_count > VPD_KEYS)
		return;
	field = add_field(layout, (const char *)key, key_len);
	if (!field)
		return;
	if (is_mac_key(key, key_len) && (len == 17 || len == 12))
		field->type = FIELD_MAC_TEXT;
	field->start = start;
	field->len = len;
}

/* Pairs of key and value, each behind its length (public: Chromium's vpd). */
static void find_keys(const uint8_t *flash, const struct layout_region *region,
                      struct layout *layout)
{
	const uint8_t *vpd = flash + region->start;
	size_t at = VPD_TABLE + 16, len = region->len, end;

	if (len < at || memcmp(vpd + VPD_TABLE + 4, "gVpdInfo", 8) != 0)
		return;
	end = le32(vpd + VPD_TABLE + 12);
	if (end < len - at)
		len = at + end;
	while (at < len && vpd[at] == 1) {
		size_t key_len, value_len, key;

		at++;
		if (!vpd_number(vpd, len, &at, &key_len))
			return;
		key = at;
		at += key_len;
		if (!vpd_number(vpd, len, &at, &value_len))
			return;
		add_key(layout, vpd + key, key_len, region->start + at, value_len);
		at += value_len;
	}
}

static void find_values(const uint8_t *flash, struct layout *layout)
{
	const struct layout_region *gbb = layout_find(layout, "GBB");
	const struct layout_region *vpd = layout_find(layout, "RO_VPD");

	if (vpd)
		find_keys(flash, vpd, layout);
	if (gbb)
		find_hwid(flash, gbb, layout);
}

/* Add a map to those there are. The first one stands where two contradict each other: the chipset
 * goes by the descriptor, coreboot by its FMAP. Takes `next`. */
static int add_map(struct layout *all, bool *has, struct layout *next, const char *name,
                   struct np_error *err)
{
	struct np_error ignored;
	struct layout joined;
	int rc;

	if (!*has) {
		*all = *next;
		*has = true;
		return 0;
	}
	rc = layout_join(all, next, name, &joined, &ignored);
	layout_free(next);
	if (rc)
		return rc == NP_E_INPUT ? 0 : np_fail(err, rc, "%s", ignored.message);
	layout_free(all);
	*all = joined;
	return 0;
}

/* 0: the map was there and is added. */
static int take(int parsed, struct layout *all, bool *has, struct layout *next, const char *name,
                struct np_error *err)
{
	return parsed ? parsed : add_map(all, has, next, name, err);
}

/* What a parser returned, when only that it looked is wanted. */
static int looked(int rc, struct layout *layout, bool *found)
{
	if (!rc) {
		*found = true;
		layout_free(layout);
	}
	return rc == NP_E_INPUT ? 0 : rc;
}

int pc_map_touch(const struct layout_reader *chip, bool *found, struct np_error *err)
{
	struct layout layout;
	int rc;

	*found = false;
	rc = looked(layout_parse_amd(chip, "chip", &layout, err), &layout, found);
	return rc ? rc : looked(layout_parse_cbfs(chip, "chip", &layout, err), &layout, found);
}

/* AMD's and coreboot's own; an FMAP says all that a master header can. */
static int add_directories(const uint8_t *flash, size_t len, const char *name, bool has_fmap,
                           struct layout *all, bool *has, struct np_error *err)
{
	struct layout_reader from = {.flash = flash, .size = len};
	struct np_error ignored;
	struct layout next;
	int rc = layout_parse_amd(&from, name, &next, &ignored);

	rc = take(rc, all, has, &next, name, err);
	if (rc && rc != NP_E_INPUT)
		return rc;
	if (has_fmap)
		return 0;
	rc = layout_parse_cbfs(&from, name, &next, &ignored);
	rc = take(rc, all, has, &next, name, err);
	return rc == NP_E_INPUT ? 0 : rc;
}

int pc_map_find(const uint8_t *flash, size_t len, const char *name, struct layout *layout,
                bool *found, struct np_error *err)
{
	struct np_error ignored;
	struct layout fmap;
	bool has_fmap;
	int rc = 0;

	*layout = (struct layout){0};
	*found = pc_has_descriptor(flash, len) &&
	         layout_parse_ifd(flash, len, len, name, layout, &ignored) == 0;
	has_fmap = pc_fmap_find(flash, len, name, &fmap);
	if (has_fmap)
		rc = add_map(layout, found, &fmap, name, err);
	if (!rc)
		rc = add_directories(flash, len, name, has_fmap, layout, found, err);
	if (rc) {
		layout_free(layout);
		*found = false;
	}
	if (*found)
		find_values(flash, layout);
	return rc;
}
