/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/idnum.h"

/* Some maps have both ART and art, so an exact match goes first. */
static const struct layout_region *find_as(const struct layout *layout, const char *name,
                                           int (*compare)(const char *, const char *))
{
	for (size_t i = 0; i < layout->region_count; i++) {
		const struct layout_region *region = &layout->regions[i];

		if (compare(region->name, name) == 0 ||
		    (region->alias[0] && compare(region->alias, name) == 0))
			return region;
	}
	for (size_t i = 0; i < layout->group_count; i++)
		if (compare(layout->groups[i].name, name) == 0)
			return &layout->groups[i];
	return NULL;
}

const struct layout_region *layout_find(const struct layout *layout, const char *name)
{
	const struct layout_region *region = find_as(layout, name, strcmp);

	return region ? region : find_as(layout, name, strcasecmp);
}

const struct layout_region *layout_at(const struct layout *layout, uint64_t addr)
{
	for (size_t i = 0; i < layout->region_count; i++) {
		const struct layout_region *region = &layout->regions[i];

		if (addr >= region->start && addr - region->start < region->len)
			return region;
	}
	return NULL;
}

const struct layout_field *layout_field(const struct layout *layout, const char *name)
{
	for (size_t i = 0; i < layout->field_count; i++)
		if (strcasecmp(layout->fields[i].name, name) == 0)
			return &layout->fields[i];
	return NULL;
}

const struct layout_field *layout_field_next(const struct layout *layout, const char **list)
{
	char name[LAYOUT_NAME_MAX];
	size_t len = strcspn(*list, ",");

	if (!len || len >= sizeof(name))
		return NULL;
	memcpy(name, *list, len);
	name[len] = '\0';
	*list += len + ((*list)[len] == ',');
	return layout_field(layout, name);
}

static bool inside(uint64_t start, uint64_t len, uint64_t size)
{
	return start <= size && len <= size - start;
}

static int check_end(const struct layout *layout, const struct layout_region *region,
                     uint64_t chip_size, struct np_error *err)
{
	if (inside(region->start, region->len, chip_size))
		return 0;
	return np_fail(err, NP_E_RANGE,
	               "layout %s: region %s ends at 0x%06llx, behind the chip's end at 0x%06llx",
	               layout->name, region->name,
	               (unsigned long long)(region->start + region->len),
	               (unsigned long long)chip_size);
}

int layout_check(const struct layout *layout, uint64_t chip_size, struct np_error *err)
{
	int rc = 0;

	if (layout->size && layout->size != chip_size) {
		char want[32], is[32];

		np_fail(err, NP_E_SIZE, "layout %s is for a flash of %s, this one has %s",
		        layout->name, np_format_size(layout->size, want, sizeof(want)),
		        np_format_size(chip_size, is, sizeof(is)));
		return np_hint(err, "choose the layout of this device with -l");
	}
	for (size_t i = 0; i < layout->region_count && !rc; i++)
		rc = check_end(layout, &layout->regions[i], chip_size, err);
	for (size_t i = 0; i < layout->group_count && !rc; i++)
		rc = check_end(layout, &layout->groups[i], chip_size, err);
	return rc;
}

static int cut_open_end(const struct layout *layout, struct layout_region *region,
                        uint64_t chip_size, struct np_error *err)
{
	if (!region->open_end)
		return 0;
	if (region->start >= chip_size)
		return np_fail(err, NP_E_RANGE,
		               "layout %s: region %s begins at 0x%06llx, where the chip ends at "
		               "0x%06llx",
		               layout->name, region->name, (unsigned long long)region->start,
		               (unsigned long long)chip_size);
	region->len = chip_size - region->start;
	region->open_end = false;
	return 0;
}

int layout_fit(struct layout *layout, uint64_t chip_size, struct np_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < layout->region_count && !rc; i++)
		rc = cut_open_end(layout, &layout->regions[i], chip_size, err);
	for (size_t i = 0; i < layout->group_count && !rc; i++)
		rc = cut_open_end(layout, &layout->groups[i], chip_size, err);
	return rc ? rc : layout_check(layout, chip_size, err);
}

/* ---- words to ranges ---- */

static int resolve_range(struct np_range range, const char *word, uint64_t chip_size,
                         struct np_ranges *set, struct np_error *err)
{
	if (inside(range.start, range.len, chip_size))
		return np_ranges_add(set, range, err);
	np_fail(err, NP_E_RANGE, "%s ends at 0x%06llx, behind the end at 0x%06llx", word,
	        (unsigned long long)(range.start + range.len), (unsigned long long)chip_size);
	return np_hint(err, "ranges are START+LEN, or START-LAST with the last address included");
}

static int resolve_unit(const struct layout *layout, uint64_t chip_size, struct np_ranges *set,
                        struct np_error *err)
{
	int rc = 0;

	if (!layout->unit.count) {
		np_fail(err, NP_E_RANGE, "layout %s marks nothing as this unit's own",
		        layout->name);
		return np_hint(err, "name the regions or ranges instead of 'unit'");
	}
	for (size_t i = 0; i < layout->unit.count && !rc; i++)
		rc = resolve_range(layout->unit.at[i], "unit", chip_size, set, err);
	return rc;
}

static int fail_unknown_word(const struct layout *layout, const char *word, struct np_error *err)
{
	char names[400] = "";
	size_t n = 0;

	if (!layout) {
		np_fail(err, NP_E_RANGE,
		        "'%s' is no range, and no layout is in force that names it", word);
		return np_hint(err, "write START+LEN or START-LAST, or give a layout with -l");
	}
	for (size_t i = 0; i < layout->region_count && n < sizeof(names); i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", i ? ", " : "",
		                      layout->regions[i].name);
	for (size_t i = 0; i < layout->group_count && n < sizeof(names); i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, ", %s", layout->groups[i].name);
	np_fail(err, NP_E_RANGE, "layout %s has no region '%s'", layout->name, word);
	return np_hint(err, "its regions: %s%s", names, layout->unit.count ? "; group: unit" : "");
}

int layout_resolve(const struct layout *layout, const char *word, uint64_t chip_size,
                   struct np_ranges *set, struct np_error *err)
{
	const struct layout_region *region = layout ? layout_find(layout, word) : NULL;
	struct np_range range;

	if (region)
		return resolve_range((struct np_range){region->start, region->len}, region->name,
		                     chip_size, set, err);
	if (layout && strcasecmp(word, "unit") == 0)
		return resolve_unit(layout, chip_size, set, err);
	if (np_parse_range(word, &range))
		return resolve_range(range, word, chip_size, set, err);
	return fail_unknown_word(layout, word, err);
}

/* ---- does the profile fit the chip ---- */

static const char *mac_field_flaw(const struct layout_field *field, const uint8_t *image,
                                  size_t len)
{
	const uint8_t *at = image + field->start;
	uint8_t mac[IDNUM_MAC_LEN];

	if (!inside(field->start, field->len, len))
		return "outside the flash";
	if (field->type == FIELD_MAC)
		return idnum_mac_flaw(at);
	if (!idnum_mac_parse((const char *)at, field->len, mac))
		return "not written as an address";
	return idnum_mac_flaw(mac);
}

static void describe_flaw(const struct layout_field *field, const char *flaw, const uint8_t *image,
                          size_t len, char *why, size_t why_len)
{
	char hex[3 * 20 + 1] = "";

	for (size_t i = 0; i < field->len && i < 20 && inside(field->start, i + 1, len); i++)
		snprintf(hex + 3 * i, 4, "%02x ", image[field->start + i]);
	snprintf(why, why_len, "%s at 0x%06llx is %s(%s)", field->name,
	         (unsigned long long)field->start, hex, flaw);
}

static bool is_empty(const struct layout_field *field, const uint8_t *image, size_t len)
{
	const uint8_t *at = image + field->start;

	return inside(field->start, field->len, len) &&
	       (bytes_all(at, field->len, 0xff) || bytes_all(at, field->len, 0));
}

bool layout_plausible(const struct layout *layout, const uint8_t *image, size_t len, char *why,
                      size_t why_len)
{
	const struct layout_field *empty = NULL;
	bool any = false;

	for (size_t i = 0; i < layout->field_count; i++) {
		const struct layout_field *field = &layout->fields[i];
		const char *flaw;

		if (field->type != FIELD_MAC && field->type != FIELD_MAC_TEXT)
			continue;
		flaw = mac_field_flaw(field, image, len);
		if (!flaw) {
			any = true;
		} else if (is_empty(field, image, len)) {
			empty = empty ? empty : field;
		} else {
			describe_flaw(field, flaw, image, len, why, why_len);
			return false;
		}
	}
	if (!empty || any)
		return true;
	describe_flaw(empty, mac_field_flaw(empty, image, len), image, len, why, why_len);
	return false;
}

void layout_free(struct layout *layout)
{
	free(layout->regions);
	free(layout->groups);
	free(layout->fields);
	free(layout->derived);
	free(layout->signs);
	np_ranges_free(&layout->unit);
	*layout = (struct layout){0};
}
