/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device/marks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "device/marks_priv.h"
#include "image/map.h"

/* ---- partitions ---- */

bool unit_partition_name(const char *name)
{
	static const char *const names[] = {
		"art",          "ART",         "caldata",      "cal",
		"cal_data",     "calibration", "radio",        "eeprom",
		"factory",      "rf",          "rf-eeprom",    "board_data",
		"boarddata",    "board-data",  "bdinfo",       "bdata",
		"product-info", "productinfo", "product_info", "default-mac",
		"pin",          "device-id",   "device-info",  "devinfo",
		"devdata",      "mac",         "macaddr",      "mac-info",
		"hwinfo",       "hw-info",     "manufacture",  "manufacture-data",
		"mfg",          "ftm",         "oeminfo"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Cheaper than to look for a map's structure everywhere. */
static bool has_table(const struct mark_search *s)
{
	static const char *const words[] = {"mtdparts=", "partitions=", "partition "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(s->data, s->len, words[i], strlen(words[i])))
			return true;
	return false;
}

/* Partitions that the flash's own table names as this unit's, as far as they are filled. */
int mark_partitions(struct mark_search *s)
{
	struct layout layout;
	bool found;
	int rc;

	if (!has_table(s))
		return 0;
	rc = image_find_map(s->data, s->len, "map", &layout, &found, s->err);
	if (rc || !found)
		return rc;
	for (size_t i = 0; i < layout.region_count; i++) {
		const struct layout_region *region = &layout.regions[i];

		if (region->len && region->len <= 0x40000 && unit_partition_name(region->name) &&
		    !mark_blank(s, (int64_t)region->start, region->len))
			mark_add(s, MARK_PARTITION, (struct np_range){region->start, region->len},
			         "partition %s", region->name);
	}
	layout_free(&layout);
	return 0;
}

/* ---- all of them ---- */

static int by_start(const void *a, const void *b)
{
	const struct unit_mark *left = a, *right = b;

	if (left->at.start != right->at.start)
		return left->at.start < right->at.start ? -1 : 1;
	return (int)left->kind - (int)right->kind;
}

int unit_marks_find(const uint8_t *data, size_t len, const struct np_ranges *known,
                    struct unit_marks *marks, struct np_error *err)
{
	struct mark_search s = {
		.data = data, .len = len, .known = known, .marks = marks, .err = err};
	int rc;

	*marks = (struct unit_marks){.at = malloc(UNIT_MARKS_MAX * sizeof(*marks->at))};
	if (!marks->at)
		return np_fail(err, NP_E_MEMORY, "out of memory for marks of unit data");
	mark_calibration(&s);
	mark_texts(&s);
	mark_macs(&s);
	mark_chromebook(&s);
	rc = mark_partitions(&s);
	if (!rc && s.failed)
		rc = np_fail(err, NP_E_MEMORY, "out of memory for marks of unit data");
	if (marks->count)
		qsort(marks->at, marks->count, sizeof(*marks->at), by_start);
	return rc;
}

void unit_marks_free(struct unit_marks *marks)
{
	free(marks->at);
	*marks = (struct unit_marks){0};
}

bool unit_marks_tell(const struct unit_marks *marks)
{
	unsigned macs = 0;

	for (size_t i = 0; i < marks->count; i++) {
		if (marks->at[i].kind == MARK_CAL || marks->at[i].kind == MARK_PARTITION)
			return true;
		macs += marks->at[i].kind == MARK_MAC || marks->at[i].kind == MARK_MAC_TEXT;
	}
	return macs >= 2;
}
