/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device/learn.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/units.h"
#include "device/marks.h"
#include "device/recognise.h"
#include "image/map.h"

#define DIFFER_MAX 64 /* bytes of an island that can be one unit's own */
#define FIELDS_MAX 48 /* that are proposed */
#define SMALLEST   0x10000

struct learn {
	const struct learn_dump *dumps;
	size_t count, len;
	struct image_text *text;
	struct layout map; /* owned */
	bool has_map;
	struct recognition found;
	struct np_ranges said; /* owned: what fields were proposed for */
	unsigned fields;
	struct np_error *err;
};

static void say(struct learn *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct learn *l, const char *format, ...)
{
	struct image_text *text = l->text;
	char line[200];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	if (text->len + (size_t)n + 1 > text->room) {
		size_t room = (text->room ? text->room * 2 : 4096) + (size_t)n;
		char *at = realloc(text->at, room);

		if (!at) {
			text->failed = true;
			return;
		}
		text->at = at;
		text->room = room;
	}
	memcpy(text->at + text->len, line, (size_t)n + 1);
	text->len += (size_t)n;
}

/* As a name may be written: what it may not hold becomes '-'. */
static void clean(const char *from, char to[LAYOUT_NAME_MAX])
{
	size_t n = 0;

	for (; *from && n + 1 < LAYOUT_NAME_MAX; from++)
		to[n++] = isalnum((unsigned char)*from) || strchr("-_.", *from) ? *from : '-';
	to[n] = '\0';
}

/* A value ends where a comment could begin. */
static void clean_value(const char *from, char *to, size_t room)
{
	size_t n = 0;

	for (; *from && n + 1 < room; from++)
		to[n++] = isprint((unsigned char)*from) && *from != ';' ? *from : ' ';
	to[n] = '\0';
}

/* ---- [device] and regions ---- */

static int find_map(struct learn *l)
{
	const uint8_t *data = l->dumps[0].data;
	int rc = recognise_dump(data, l->len, &l->found, l->err);

	if (!rc && recognise_certain(&l->found)) {
		rc = recognise_load(&l->found, data, l->len, &l->map, l->err);
		l->has_map = !rc;
	} else if (!rc) {
		rc = image_find_map(data, l->len, "map", &l->map, &l->has_map, l->err);
	}
	return rc;
}

static void say_device(struct learn *l)
{
	char size[32], device[120] = "the name on its label", file[96];

	if (recognise_certain(&l->found))
		clean_value(l->found.device, device, sizeof(device));
	clean_value(l->dumps[0].name, file, sizeof(file));
	np_format_size(l->len, size, sizeof(size));
	say(l, "; Proposed by norprog device learn from %zu dump%s. Check every line.\n", l->count,
	    l->count == 1 ? "" : "s");
	say(l, "[device]\nname = %s\nsize = 0x%zx\nsource = %s\n", device, l->len, file);
	say(l, "doubt = made from a dump by a program, and checked by no one\n");
}

static bool holds_mark(const struct unit_marks *marks, const struct layout_region *region)
{
	for (size_t i = 0; i < marks->count; i++)
		if (marks->at[i].at.start >= region->start &&
		    marks->at[i].at.start < region->start + region->len)
			return true;
	return false;
}

static void say_region(struct learn *l, const char *name, uint64_t start, uint64_t len, bool unit,
                       bool boot)
{
	say(l, "\n[region %s]\nstart = 0x%06llx\nlen = 0x%06llx\n", name, (unsigned long long)start,
	    (unsigned long long)len);
	if (unit)
		say(l, "unit = yes\n");
	if (boot)
		say(l, "boot = yes\n");
}

/* Regions of the map; without one the whole flash is one region, and fields lie in it. */
static void say_regions(struct learn *l, const struct unit_marks *marks)
{
	char name[LAYOUT_NAME_MAX];

	if (!l->has_map)
		say_region(l, "flash", 0, l->len, false, false);
	for (size_t i = 0; l->has_map && i < l->map.region_count; i++) {
		const struct layout_region *region = &l->map.regions[i];
		bool firmware = recognise_is_firmware(region);
		bool boot = region->boot || (!region->start && !region->unit);
		bool unit = region->unit ||
		            (!firmware && !boot && region->len <= 0x40000 &&
		             (unit_partition_name(region->name) || holds_mark(marks, region)));

		clean(region->name, name);
		say_region(l, name, region->start, region->len, unit, boot);
	}
}

/* ---- fields ---- */

static bool in_firmware(const struct learn *l, uint64_t addr)
{
	const struct layout_region *region = l->has_map ? layout_at(&l->map, addr) : NULL;

	return region && recognise_is_firmware(region);
}

static bool inside_one_region(const struct learn *l, struct np_range at)
{
	const struct layout_region *region;

	if (!l->has_map)
		return true;
	region = layout_at(&l->map, at.start);
	return region && at.start + at.len <= region->start + region->len;
}

static int say_field(struct learn *l, const char *type, struct np_range at, const char *doubt)
{
	char clean_doubt[120];

	if (in_firmware(l, at.start) || l->fields == FIELDS_MAX ||
	    np_ranges_overlap(&l->said, at) || !inside_one_region(l, at))
		return 0;
	clean_value(doubt, clean_doubt, sizeof(clean_doubt));
	say(l, "\n[field %s-%u]\ntype = %s\nat = 0x%06llx\n", type, ++l->fields, type,
	    (unsigned long long)at.start);
	if (strcmp(type, "mac") != 0 && !(strcmp(type, "mac-text") == 0 && at.len == 17))
		say(l, "len = %llu\n", (unsigned long long)at.len);
	if (strcmp(type, "cal") == 0)
		say(l, "expect = 0x%04x\n", le16(l->dumps[0].data + at.start));
	say(l, "unit = yes\ndoubt = %s\n", clean_doubt);
	return np_ranges_add(&l->said, at, l->err);
}

static int say_mark(struct learn *l, const struct unit_mark *mark)
{
	switch (mark->kind) {
	case MARK_CAL:
		return say_field(l, "cal", mark->at, mark->what);
	case MARK_MAC:
		return say_field(l, "mac", mark->at, "by its form");
	case MARK_MAC_TEXT:
		return say_field(l, "mac-text", mark->at, "by its form");
	case MARK_NUMBER:
		return say_field(l, "serial", mark->at, mark->what);
	case MARK_PARTITION:
		break;
	}
	return 0;
}

/* An address first, so that calibration that carries one does not hide it. */
static int say_marks(struct learn *l, const struct unit_marks *marks)
{
	int rc = 0;

	for (size_t i = 0; i < marks->count && !rc; i++)
		rc = say_mark(l, &marks->at[i]);
	return rc;
}

/* ---- what differs between units ---- */

static int say_differences(struct learn *l, size_t other)
{
	struct image_diff diff;
	int rc = image_diff(l->dumps[0].data, l->dumps[other].data, l->len, NULL, &diff, l->err);

	for (size_t i = 0; i < diff.count && !rc; i++) {
		const struct image_island *island = &diff.islands[i];
		char doubt[96];

		if (island->len > DIFFER_MAX || in_firmware(l, island->start))
			continue;
		snprintf(doubt, sizeof(doubt), "differs between the dumps%s%s",
		         island->guess[0] ? ": " : "", island->guess);
		rc = say_field(l, "bytes", (struct np_range){island->start, island->len}, doubt);
	}
	image_diff_free(&diff);
	return rc;
}

/* ---- [recognise] ---- */

static void say_hex_identity(struct learn *l, uint64_t at, size_t len)
{
	say(l, "identity = 0x%06llx", (unsigned long long)at);
	for (size_t i = 0; i < len; i++)
		say(l, " %02x", l->dumps[0].data[at + i]);
	say(l, "\n");
}

static void say_recognise(struct learn *l)
{
	bool begun = false;

	for (size_t i = 0; i < l->found.evidence.count; i++) {
		const struct evidence *evidence = &l->found.evidence.at[i];
		const uint8_t *h = l->dumps[0].data + evidence->at;

		if (evidence->rank == RANK_TREE)
			say(l, "\n; its device tree says %.100s\n", evidence->value);
		if (strcmp(evidence->what, "hardware id") != 0)
			continue;
		say(l, begun ? "" : "\n[recognise]\n");
		begun = true;
		say_hex_identity(l, evidence->at + (be32(h) == 0x01000000 ? 0x40 : 0x34), 8);
	}
	if (!begun)
		say(l,
		    "\n; to be recognised it wants a section [recognise]: identity = what no other "
		    "device shows,\n; hint = what relatives show, too\n");
}

/* ---- all ---- */

static int write_profile(struct learn *l)
{
	struct unit_marks marks;
	int rc = unit_marks_find(l->dumps[0].data, l->len, NULL, &marks, l->err);

	if (!rc) {
		say_device(l);
		say_regions(l, &marks);
		rc = say_marks(l, &marks);
	}
	for (size_t i = 1; i < l->count && !rc; i++)
		rc = say_differences(l, i);
	if (!rc)
		say_recognise(l);
	unit_marks_free(&marks);
	return rc;
}

int learn_profile(const struct learn_dump *dumps, size_t count, size_t len, struct image_text *text,
                  struct np_error *err)
{
	struct learn l = {.dumps = dumps, .count = count, .len = len, .text = text, .err = err};
	int rc;

	*text = (struct image_text){0};
	if (len < SMALLEST || (len & (len - 1))) {
		np_fail(err, NP_E_INPUT, "%s is no dump of a whole flash", dumps[0].name);
		return np_hint(err, "norprog read FILE makes one");
	}
	if (bytes_all(dumps[0].data, len, 0xff))
		return np_fail(err, NP_E_INPUT, "%s is blank", dumps[0].name);
	rc = find_map(&l);
	if (!rc)
		rc = write_profile(&l);
	if (!rc && text->failed)
		rc = np_fail(err, NP_E_MEMORY, "out of memory for a profile");
	if (l.has_map)
		layout_free(&l.map);
	np_ranges_free(&l.said);
	return rc;
}
