/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What U-Boot's command `mtdparts` prints, as people paste it from a serial console: for each flash a
 * line with its names and the count of its partitions, then a row for each. (Public: U-Boot's
 * cmd/mtdparts.c.) Newer ones have a column "net size" between size and offset.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "layout/map.h"
#include "layout/source.h"

#define FLASHES_MAX 8
#define DEVICE_MAX  48
#define DIGITS      8 /* of a number in a row, at least: a name may stand right in front of it */

struct flash {
	char name[DEVICE_MAX], id[DEVICE_MAX]; /* "nor0", "spi0.0" */
	unsigned announced, listed;
	size_t rows;      /* where in the text its rows begin */
	unsigned numbers; /* in a row: 2, or 3 with a net size */
};

struct table {
	struct flash at[FLASHES_MAX];
	size_t count;
};

static bool parse_device(const char *line, struct flash *flash)
{
	const char *at = strstr(line, "device ");

	return at && sscanf(at, "device %47[^ <] <%47[^>]>, # parts = %u", flash->name, flash->id,
	                    &flash->announced) == 3;
}

/* "0x" and at least eight digits. */
static const char *find_number(const char *at)
{
	while ((at = strstr(at, "0x")) != NULL && strspn(at + 2, "0123456789abcdefABCDEF") < DIGITS)
		at += 2;
	return at;
}

/* " 2: art                 0x00010000	0x00050000	0": size, perhaps a net size, offset, flags. */
static bool parse_row(const char *line, unsigned numbers, unsigned *number,
                      struct layout_region *region)
{
	const char *name = strchr(line, ':'), *size = name ? find_number(name) : NULL, *at = size;
	size_t n;

	if (!size || sscanf(line, " %u:", number) != 1)
		return false;
	name += 1 + strspn(name + 1, " \t");
	if (size <= name)
		return false;
	for (n = (size_t)(size - name); n && (name[n - 1] == ' ' || name[n - 1] == '\t'); n--)
		;
	if (!n || n >= sizeof(region->name))
		return false;
	snprintf(region->name, sizeof(region->name), "%.*s", (int)n, name);
	region->len = strtoull(size, NULL, 16);
	for (unsigned i = 1; i < numbers && at; i++)
		at = find_number(at + 2);
	if (!at)
		return false;
	region->start = strtoull(at, NULL, 16);
	return true;
}

static bool is_called(const struct flash *flash, const char *device)
{
	return strcmp(flash->name, device) == 0 || strcmp(flash->id, device) == 0;
}

static struct flash *find_flash(struct table *table, const char *device)
{
	for (size_t i = 0; i < table->count; i++)
		if (is_called(&table->at[i], device))
			return &table->at[i];
	return NULL;
}

/* Of a table that was printed twice the last counts. NULL: more flashes than any board has. */
static struct flash *enter(struct table *table, const struct flash *flash)
{
	struct flash *place = find_flash(table, flash->id);

	if (!place && table->count < FLASHES_MAX)
		place = &table->at[table->count++];
	if (place)
		*place = *flash;
	return place;
}

static void take_text(struct table *table, const char *text, size_t len)
{
	struct flash *flash = NULL, next;
	struct layout_region region;
	char line[256];
	unsigned number;
	size_t at = 0;

	while (np_text_line(text, len, &at, line, sizeof(line))) {
		if (parse_device(line, &next)) {
			next.listed = 0;
			next.rows = at;
			next.numbers = 2;
			flash = enter(table, &next);
		} else if (flash && strstr(line, "net size")) {
			flash->numbers = 3;
		} else if (flash && parse_row(line, flash->numbers, &number, &region) &&
		           number == flash->listed) {
			flash->listed++;
		}
	}
}

static int add_rows(struct layout_build *build, const struct flash *flash, const char *text,
                    size_t len, struct np_error *err)
{
	struct layout_region region;
	struct flash ignored;
	char line[256];
	unsigned number, done = 0;
	size_t at = flash->rows;
	int rc = 0;

	while (!rc && done < flash->listed && np_text_line(text, len, &at, line, sizeof(line)) &&
	       !parse_device(line, &ignored)) {
		if (!parse_row(line, flash->numbers, &number, &region) || number != done)
			continue;
		rc = layout_map_add(build, region.name, strlen(region.name), region.start,
		                    region.len, err);
		done++;
	}
	return rc;
}

static int fail_choice(const struct table *table, const struct layout_build *build,
                       struct np_error *err)
{
	char names[FLASHES_MAX * (DEVICE_MAX + 2)] = "";
	size_t n = 0;

	for (size_t i = 0; i < table->count; i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", i ? ", " : "",
		                      table->at[i].id);
	layout_build_fail(build, err, 0, "the table is of %zu flashes: %s", table->count, names);
	return np_hint(err, "say which: -l %s#DEVICE, DEVICE being one of %s", build->name, names);
}

/* NULL with *rc set: there is none, or the user must say which. */
static const struct flash *choose(struct table *table, const char *device,
                                  const struct layout_build *build, int *rc, struct np_error *err)
{
	const struct flash *flash = device ? find_flash(table, device) : &table->at[0];

	if (!table->count)
		*rc = layout_build_fail(build, err, 0,
		                        "no line like: device nor0 <spi0.0>, # parts = 4");
	else if (!flash || (!device && table->count > 1))
		*rc = fail_choice(table, build, err);
	else if (flash->listed != flash->announced) {
		layout_build_fail(build, err, 0,
		                  "the table announces %u partitions on %s and lists %u",
		                  flash->announced, flash->id, flash->listed);
		*rc = np_hint(err, "copy it again, whole: what is missing would be protected by "
		                   "nothing");
	} else
		return flash;
	return NULL;
}

int layout_parse_uboot_table(const char *text, size_t len, const char *device, const char *name,
                             struct layout *layout, struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);
	struct table table = {.count = 0};
	const struct flash *flash;
	int rc = 0;

	if (!build)
		return NP_E_MEMORY;
	take_text(&table, text, len);
	flash = choose(&table, device, build, &rc, err);
	if (flash)
		rc = add_rows(build, flash, text, len, err);
	return layout_map_end(build, rc, layout, err);
}
