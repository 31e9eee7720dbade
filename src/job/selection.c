/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/selection.h"

#include <inttypes.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <strings.h>

const char *range_text(struct np_range range, char *buf, size_t len)
{
	snprintf(buf, len, "0x%06" PRIx64 "-0x%06" PRIx64, range.start,
	         range.start + range.len - 1);
	return buf;
}

const char *regions_text(const struct layout *layout, const struct np_ranges *set, char *buf,
                         size_t len)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; layout && i < layout->region_count && used < len; i++) {
		const struct layout_region *r = &layout->regions[i];

		if (np_ranges_overlap(set, (struct np_range){r->start, r->len}))
			used += (size_t)snprintf(buf + used, len - used, "%s%s", used ? "," : "",
			                         r->name);
	}
	return buf;
}

const char *region_names(const struct layout *layout, struct np_range range, char *buf, size_t len)
{
	return regions_text(layout, &(struct np_ranges){&range, 1, 1}, buf, len);
}

const char *ranges_list(const struct np_ranges *set, char *buf, size_t len)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < set->count && used < len; i++)
		used += (size_t)snprintf(buf + used, len - used, "%s0x%06" PRIx64 "+%" PRIu64,
		                         used ? "," : "", set->at[i].start, set->at[i].len);
	return buf;
}

/* ---- parts ---- */

static int add_part(struct parts *parts, const char *name, struct np_range range,
                    enum named_how how, struct np_error *err)
{
	struct part *more;

	for (size_t i = 0; i < parts->count; i++)
		if (parts->at[i].range.start == range.start && parts->at[i].range.len == range.len)
			return 0;
	more = realloc(parts->at, (parts->count + 1) * sizeof(*more));
	if (!more)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	parts->at = more;
	more[parts->count].range = range;
	more[parts->count].how = how;
	snprintf(more[parts->count].name, sizeof(more->name), "%s", name);
	parts->count++;
	return 0;
}

static int add_ranges(struct parts *parts, const struct np_ranges *ranges, enum named_how how,
                      struct np_error *err)
{
	char name[LAYOUT_NAME_MAX];
	int ret = 0;

	for (size_t i = 0; i < ranges->count && !ret; i++)
		ret = add_part(parts, range_text(ranges->at[i], name, sizeof(name)), ranges->at[i],
		               how, err);
	return ret;
}

/* The group: each unit region by its name, then unit bytes that lie in other regions. */
static int add_unit(struct parts *parts, const struct layout *layout, struct np_error *err)
{
	struct np_ranges rest = {0};
	int ret = np_ranges_add_all(&rest, &layout->unit, err);

	for (size_t i = 0; i < layout->region_count && !ret; i++) {
		const struct layout_region *r = &layout->regions[i];
		struct np_range range = {r->start, r->len};

		if (!r->unit)
			continue;
		ret = add_part(parts, r->name, range, NAMED_UNIT, err);
		if (!ret)
			ret = np_ranges_remove(&rest, range, err);
	}
	if (!ret)
		ret = add_ranges(parts, &rest, NAMED_UNIT, err);
	np_ranges_free(&rest);
	return ret;
}

static int add_word(struct parts *parts, const struct layout *layout, const char *word,
                    uint64_t chip_size, struct np_error *err)
{
	const struct layout_region *region = layout ? layout_find(layout, word) : NULL;
	struct np_ranges ranges = {0};
	int ret = layout_resolve(layout, word, chip_size, &ranges, err);

	if (!ret && region)
		ret = add_part(parts, region->name, (struct np_range){region->start, region->len},
		               NAMED_REGION, err);
	else if (!ret && layout && strcasecmp(word, "unit") == 0)
		ret = add_unit(parts, layout, err);
	else if (!ret)
		ret = add_ranges(parts, &ranges, NAMED_ADDRESS, err);
	np_ranges_free(&ranges);
	return ret;
}

bool parts_all_addresses(const struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		if (parts->at[i].how != NAMED_ADDRESS)
			return false;
	return parts->count > 0;
}

/* ---- selections ---- */

bool selection_is_whole(const struct selection *sel)
{
	return !sel->parts.count;
}

int selection_add(struct selection *sel, const struct layout *layout, const char *word,
                  uint64_t chip_size, struct np_error *err)
{
	return add_word(&sel->parts, layout, word, chip_size, err);
}

bool selection_is_name(const char *word)
{
	struct np_range ignored;

	if (np_parse_range(word, &ignored) || strcasecmp(word, "nothing") == 0)
		return false;
	/* "0x2000-0x1000" is a range that is wrong, which needs no layout to be refused. */
	return !isdigit((unsigned char)word[0]) || !strpbrk(word, "+-");
}

int selection_keep(struct selection *sel, const struct layout *layout, const char *word,
                   uint64_t chip_size, struct np_error *err)
{
	if (strcasecmp(word, "nothing") == 0) {
		sel->keep_nothing = true;
		return 0;
	}
	return add_word(&sel->kept, layout, word, chip_size, err);
}

/* The address that `where` says, as a number or as a region's name. */
static int find_place(const struct layout *layout, const char *where, uint64_t len, uint64_t *start,
                      struct np_error *err)
{
	const struct layout_region *region = layout ? layout_find(layout, where) : NULL;

	if (region && len > region->len)
		return np_fail(err, NP_E_SIZE,
		               "the file is %" PRIu64 " byte%s longer than region %s",
		               len - region->len, len - region->len == 1 ? "" : "s", region->name);
	if (region)
		*start = region->start;
	if (region || np_parse_size(where, start))
		return 0;
	np_fail(err, NP_E_RANGE, "--at: '%s' is neither an address nor a region%s", where,
	        layout ? " of the layout" : "");
	return layout ? NP_E_RANGE
	              : np_hint(err, "a region name needs --layout; addresses look like 0x20000 or "
	                             "128K");
}

int selection_place(struct selection *sel, const struct layout *layout, const char *where,
                    uint64_t len, uint64_t chip_size, struct np_error *err)
{
	struct np_range range = {0, len};
	char size[32];
	int ret = find_place(layout, where, len, &range.start, err);

	if (ret)
		return ret;
	if (range.start > chip_size || len > chip_size - range.start)
		return np_fail(err, NP_E_RANGE,
		               "--at %s: the file would end at 0x%" PRIx64
		               ", beyond the end of the chip (%s)",
		               where, range.start + len,
		               np_format_size(chip_size, size, sizeof(size)));
	sel->placed = true;
	return add_ranges(&sel->parts, &(struct np_ranges){&range, 1, 1}, NAMED_ADDRESS, err);
}

int selection_by_file(struct selection *sel, const struct np_ranges *covers, struct np_error *err)
{
	return add_ranges(&sel->parts, covers, NAMED_BY_FILE, err);
}

static int unite(const struct parts *parts, struct np_ranges *out, struct np_error *err)
{
	int ret = 0;

	np_ranges_free(out);
	for (size_t i = 0; i < parts->count && !ret; i++)
		ret = np_ranges_add(out, parts->at[i].range, err);
	return ret;
}

int selection_settle(struct selection *sel, uint64_t chip_size, struct np_error *err)
{
	int ret = unite(&sel->parts, &sel->only, err);

	if (!ret && selection_is_whole(sel))
		ret = np_ranges_add(&sel->only, (struct np_range){0, chip_size}, err);
	if (!ret)
		ret = unite(&sel->kept, &sel->keep, err);
	np_ranges_free(&sel->todo);
	if (!ret)
		ret = np_ranges_add_all(&sel->todo, &sel->only, err);
	if (!ret)
		ret = np_ranges_remove_all(&sel->todo, &sel->keep, err);
	if (ret || sel->todo.count)
		return ret;
	np_fail(err, NP_E_RANGE, "nothing is left to do: --keep covers all that was selected");
	return np_hint(err, "take the regions you want changed out of --keep");
}

void selection_free(struct selection *sel)
{
	free(sel->parts.at);
	free(sel->kept.at);
	np_ranges_free(&sel->only);
	np_ranges_free(&sel->keep);
	np_ranges_free(&sel->todo);
	*sel = (struct selection){0};
}
