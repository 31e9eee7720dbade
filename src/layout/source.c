/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Partition maps written as text, and what finds any map inside a dump. */
#include "layout/source.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "layout/build.h"
#include "layout/map.h"

#define LINE_MAX_BYTES 255

/* ---- the frame of every parser ---- */

struct layout_build *layout_map_begin(const char *name, struct layout *layout, struct np_error *err)
{
	struct layout_build *build = layout_build_new(name);

	*layout = (struct layout){0};
	if (!build)
		np_fail(err, NP_E_MEMORY, "%s: out of memory", name);
	else
		snprintf(build->layout.name, sizeof(build->layout.name), "%s", name);
	return build;
}

int layout_map_end(struct layout_build *build, int rc, struct layout *layout, struct np_error *err)
{
	if (!rc)
		rc = layout_build_finish(build, layout, err);
	free(build);
	return rc;
}

static bool name_taken(const struct layout_build *build, const char *name)
{
	for (size_t i = 0; i < build->region_count; i++)
		if (strcmp(build->regions[i].name, name) == 0)
			return true;
	return strcmp(name, "unit") == 0;
}

int layout_map_add(struct layout_build *build, const char *name, size_t name_len, uint64_t start,
                   uint64_t len, struct np_error *err)
{
	struct layout_region region = {.start = start, .len = len};
	char plain[LAYOUT_NAME_MAX - 12];
	size_t n = 0;

	/* Names are typed as words of options: what would need quoting becomes '-'. */
	for (; n < name_len && n < sizeof(plain) - 1 && name[n]; n++)
		plain[n] =
			isalnum((unsigned char)name[n]) || strchr("-_.", name[n]) ? name[n] : '-';
	plain[n] = '\0';
	snprintf(region.name, sizeof(region.name), "%s", n ? plain : "part");
	for (int i = 2; name_taken(build, region.name) && i < 100; i++)
		snprintf(region.name, sizeof(region.name), "%s-%d", n ? plain : "part", i);
	return layout_build_region(build, &region, 0, err);
}

void layout_map_beyond(struct layout_build *build, const char *name, uint64_t end, uint64_t size)
{
	if (!build->layout.doubt[0])
		snprintf(
			build->layout.doubt, sizeof(build->layout.doubt),
			"region %.32s ends at 0x%06llx, this flash at 0x%06llx: the image goes on in "
			"a second chip",
			name, (unsigned long long)end, (unsigned long long)size);
}

/* ---- mtdparts= ---- */

struct cursor {
	const char *at, *end;
	bool filled; /* an entry took the rest of the flash: nothing follows by itself */
};

static bool take(struct cursor *c, char wanted)
{
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

/* A number with k, m, g; decimal or 0x. */
static bool take_size(struct cursor *c, uint64_t *value)
{
	char word[24] = "";
	size_t n = 0;

	while (c->at + n < c->end && n < sizeof(word) - 1 && isalnum((unsigned char)c->at[n])) {
		word[n] = c->at[n];
		n++;
	}
	c->at += n;
	return np_parse_size(word, value);
}

static bool take_entry(struct cursor *c, uint64_t *next, uint64_t flash_size,
                       struct layout_build *build, struct np_error *err, int *rc)
{
	uint64_t size = 0, start = *next, end = flash_size ? flash_size : LAYOUT_SIZE_MAX;
	const char *name;
	bool rest = take(c, '-'), placed;

	if (!rest && !take_size(c, &size))
		return false;
	placed = take(c, '@');
	if (placed && !take_size(c, &start))
		return false;
	if (c->filled && !placed) {
		*rc = layout_build_fail(build, err, 0,
		                        "behind the rest of the flash an entry needs @OFFSET");
		return true;
	}
	c->filled |= rest;
	if (rest)
		size = end > start ? end - start : 0;
	if (!take(c, '('))
		return false;
	name = c->at;
	while (c->at < c->end && *c->at != ')' && isgraph((unsigned char)*c->at))
		c->at++;
	if (c->at == c->end || *c->at != ')' || size > UINT64_MAX - start)
		return false;
	if (size)
		*rc = layout_map_add(build, name, (size_t)(c->at - name), start, size, err);
	if (size && !*rc)
		build->regions[build->region_count - 1].open_end = rest && !flash_size;
	c->at++;
	while (c->at + 1 < c->end && (memcmp(c->at, "ro", 2) == 0 || memcmp(c->at, "lk", 2) == 0))
		c->at += 2;
	*next = start + size;
	return true;
}

int layout_parse_mtdparts(const char *text, size_t len, uint64_t flash_size, const char *name,
                          struct layout *layout, struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);
	struct cursor c = {.at = text, .end = text + len};
	uint64_t next = 0;
	int rc = 0;

	if (!build)
		return NP_E_MEMORY;
	if (len > 9 && memcmp(text, "mtdparts=", 9) == 0)
		c.at += 9;
	while (c.at < c.end && *c.at != ':' && isgraph((unsigned char)*c.at))
		c.at++;
	if (!take(&c, ':'))
		rc = layout_build_fail(build, err, 0, "no device in front of the partitions");
	do {
		if (!rc && !take_entry(&c, &next, flash_size, build, err, &rc))
			rc = layout_build_fail(build, err, 0,
			                       "expected SIZE[@OFFSET](NAME) at '%.*s'",
			                       (int)(c.end - c.at < 16 ? c.end - c.at : 16), c.at);
	} while (!rc && take(&c, ','));
	return layout_map_end(build, rc, layout, err);
}

/* ---- partitions= ---- */

static bool take_hex8(struct cursor *c, uint64_t *value)
{
	char digits[9] = "";

	if (c->end - c->at < 8)
		return false;
	for (size_t i = 0; i < 8; i++) {
		if (!isxdigit((unsigned char)c->at[i]))
			return false;
		digits[i] = c->at[i];
	}
	*value = strtoull(digits, NULL, 16);
	c->at += 8;
	while (c->at < c->end && *c->at && strchr("+:@ ", *c->at))
		c->at++;
	return true;
}

int layout_parse_partitions(const char *text, size_t len, const char *name, struct layout *layout,
                            struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);
	struct cursor c = {.at = text, .end = text + len};
	int rc = 0;

	if (!build)
		return NP_E_MEMORY;
	if (len > 11 && memcmp(text, "partitions=", 11) == 0)
		c.at += 11;
	do {
		uint64_t start, size;
		const char *word;

		if (!take_hex8(&c, &start) || !take_hex8(&c, &size)) {
			rc = layout_build_fail(build, err, 0, "expected offset, size and name");
			break;
		}
		word = c.at;
		while (c.at < c.end && *c.at != ',' && isgraph((unsigned char)*c.at))
			c.at++;
		rc = layout_map_add(build, word, (size_t)(c.at - word), start, size, err);
	} while (!rc && take(&c, ','));
	return layout_map_end(build, rc, layout, err);
}

/* ---- maps of one line per partition ---- */

/* Take a line; false: it ends the map. */
typedef bool line_fn(struct layout_build *build, const char *line, struct np_error *err, int *rc);

static int each_line(struct layout_build *build, const char *text, size_t len, line_fn *line,
                     struct np_error *err)
{
	char copy[LINE_MAX_BYTES + 1];
	size_t at = 0;
	int rc = 0;

	while (!rc && np_text_line(text, len, &at, copy, sizeof(copy)) &&
	       line(build, copy, err, &rc))
		;
	return rc;
}

static bool safe_line(struct layout_build *build, const char *line, struct np_error *err, int *rc)
{
	char label[33];
	unsigned long long start, size;

	if (sscanf(line, "partition %32s base 0x%llx size 0x%llx", label, &start, &size) != 3)
		return false;
	/* Some tables let an area run on over the ones behind; the overlap is the larger one's. */
	for (size_t i = 0; i < build->region_count; i++) {
		struct layout_region *before = &build->regions[i];

		if (before->start < start && before->start + before->len > start)
			before->len = start - before->start;
		else if (start < before->start && start + size > before->start)
			size = before->start - start;
	}
	if (size)
		*rc = layout_map_add(build, label, strlen(label), start, size, err);
	return true;
}

int layout_parse_safe_table(const char *text, size_t len, const char *name, struct layout *layout,
                            struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);

	if (!build)
		return NP_E_MEMORY;
	return layout_map_end(build, each_line(build, text, len, safe_line, err), layout, err);
}

/* ---- out ---- */

static int format_line(const struct layout_region *region, char *text, size_t room, size_t *n,
                       struct np_error *err)
{
	if (region->open_end)
		return np_fail(err, NP_E_INPUT,
		               "region %s runs to the end, and the size of the flash is not known",
		               region->name);
	*n += (size_t)snprintf(text + *n, room - *n, "%08llx:%08llx %s\n",
	                       (unsigned long long)region->start,
	                       (unsigned long long)(region->start + region->len - 1), region->name);
	return 0;
}

int layout_format_flashrom(const struct layout *layout, char **text, struct np_error *err)
{
	size_t lines = layout->region_count + layout->group_count;
	size_t room = lines * (LAYOUT_NAME_MAX + 40) + 1, n = 0;
	int rc = 0;

	*text = malloc(room);
	if (!*text)
		return np_fail(err, NP_E_MEMORY, "out of memory for a layout file");
	(*text)[0] = '\0';
	for (size_t i = 0; i < layout->region_count && !rc; i++)
		rc = format_line(&layout->regions[i], *text, room, &n, err);
	for (size_t i = 0; i < layout->group_count && !rc; i++)
		rc = format_line(&layout->groups[i], *text, room, &n, err);
	if (rc) {
		free(*text);
		*text = NULL;
	}
	return rc;
}
