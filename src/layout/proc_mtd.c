/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/mtd as people paste it: sizes and names, no addresses. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "layout/map.h"
#include "layout/source.h"

struct entry {
	char name[LAYOUT_NAME_MAX];
	unsigned long long size, erase;
};

struct table {
	struct entry at[LAYOUT_MAX];
	size_t count;
};

/* `mtd2: 00030000 00010000 "config"`, whatever stands in front of it. */
static bool parse_line(const char *line, unsigned *number, struct entry *entry)
{
	for (const char *at = strstr(line, "mtd"); at; at = strstr(at + 3, "mtd"))
		if (sscanf(at, "mtd%u: %16llx %16llx \"%63[^\"]\"", number, &entry->size,
		           &entry->erase, entry->name) == 4)
			return true;
	return false;
}

static int take_line(struct table *table, const char *line, const struct layout_build *build,
                     struct np_error *err)
{
	struct entry entry;
	unsigned number;

	if (!parse_line(line, &number, &entry))
		return 0;
	if (number != table->count || number >= LAYOUT_MAX)
		return layout_build_fail(build, err, 0,
		                         "expected mtd%zu, found mtd%u: lines are "
		                         "missing, or two tables were pasted",
		                         table->count, number);
	table->at[table->count++] = entry;
	return 0;
}

static int take_text(struct table *table, const char *text, size_t len,
                     const struct layout_build *build, struct np_error *err)
{
	char line[256];
	size_t at = 0;
	int rc = 0;

	while (!rc && np_text_line(text, len, &at, line, sizeof(line)))
		rc = take_line(table, line, build, err);
	if (!rc && !table->count)
		rc = layout_build_fail(build, err, 0,
		                       "no line like: mtd0: 00020000 00010000 \"boot\"");
	return rc;
}

static const struct entry *find(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->at[i].name, name) == 0)
			return &table->at[i];
	return NULL;
}

/* OpenWrt lists the parts of `firmware` too, and `rootfs_data` inside `rootfs`: they take no room
 * of their own. Stock firmware has a kernel and a rootfs, and no `firmware`. */
static bool is_inside_another(const struct table *table, const struct entry *entry)
{
	const struct entry *firmware = find(table, "firmware");

	if (strcmp(entry->name, "rootfs_data") == 0)
		return find(table, "rootfs") != NULL || firmware != NULL;
	return firmware && entry->size < firmware->size &&
	       (strcmp(entry->name, "kernel") == 0 || strcmp(entry->name, "rootfs") == 0);
}

/* Vendors' kernels list all of the flash as one more partition. */
static bool is_all(const struct table *table, const struct entry *entry)
{
	static const char *const names[] = {"all",        "full",        "fullflash",
	                                    "full_flash", "flash",       "whole",
	                                    "wholeflash", "whole_flash", "entire"};
	unsigned long long others = 0;
	bool named = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		named |= strcasecmp(entry->name, names[i]) == 0;
	for (size_t i = 0; named && i < table->count; i++)
		if (&table->at[i] != entry && !is_inside_another(table, &table->at[i]))
			others += table->at[i].size < LAYOUT_SIZE_MAX ? table->at[i].size
			                                              : LAYOUT_SIZE_MAX;
	return named && table->count > 2 && entry->size >= others;
}

/* One SPI NOR flash has blocks of one size; beside it there may be a NAND flash. */
static int check_blocks(const struct table *table, const struct layout_build *build,
                        struct np_error *err)
{
	const struct entry *first = NULL;

	for (size_t i = 0; i < table->count; i++) {
		const struct entry *entry = &table->at[i];

		if (is_inside_another(table, entry) || !entry->size)
			continue;
		first = first ? first : entry;
		if (entry->erase == first->erase)
			continue;
		layout_build_fail(build, err, 0,
		                  "\"%s\" has erase blocks of %llu KiB, \"%s\" of %llu KiB: these "
		                  "are partitions of more than one flash, and nothing tells where "
		                  "they lie",
		                  first->name, first->erase / 1024, entry->name,
		                  entry->erase / 1024);
		return np_hint(err,
		               "the kernel's boot log tells the addresses, and is a layout, too");
	}
	return 0;
}

static int add_all(struct layout_build *build, const struct table *table, struct np_error *err)
{
	uint64_t start = 0;
	int rc = 0;

	for (size_t i = 0; i < table->count && !rc; i++) {
		const struct entry *entry = &table->at[i];

		if (is_inside_another(table, entry) || is_all(table, entry) || !entry->size)
			continue;
		if (entry->size > LAYOUT_SIZE_MAX - start)
			return layout_build_fail(build, err, 0, "%s: no flash is that long",
			                         entry->name);
		rc = layout_map_add(build, entry->name, strlen(entry->name), start, entry->size,
		                    err);
		start += entry->size;
	}
	return rc;
}

int layout_parse_proc_mtd(const char *text, size_t len, const char *name, struct layout *layout,
                          struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);
	struct table table = {.count = 0};
	int rc;

	if (!build)
		return NP_E_MEMORY;
	rc = take_text(&table, text, len, build, err);
	if (!rc)
		rc = check_blocks(&table, build, err);
	if (!rc)
		rc = add_all(build, &table, err);
	snprintf(
		build->layout.doubt, sizeof(build->layout.doubt),
		"it tells sizes only: the partitions are taken to follow each other from address 0");
	return layout_map_end(build, rc, layout, err);
}
