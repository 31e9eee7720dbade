/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/select.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *range_text(struct np_range range, char *buf, size_t len)
{
	snprintf(buf, len, "0x%06" PRIx64 "-0x%06" PRIx64, range.start,
	         range.start + range.len - 1);
	return buf;
}

static bool touch(struct np_range a, struct np_range b)
{
	return a.start < b.start + b.len && b.start < a.start + a.len;
}

const char *region_names(const struct layout *layout, struct np_range range, char *buf, size_t len)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; layout && i < layout->region_count && used < len; i++) {
		const struct layout_region *r = &layout->regions[i];

		if (!touch(range, (struct np_range){r->start, r->len}))
			continue;
		used += (size_t)snprintf(buf + used, len - used, "%s%s", used ? "," : "", r->name);
	}
	return buf;
}

static int add_piece(struct selection *sel, const char *name, struct np_range range,
                     struct np_error *err)
{
	struct piece *more;

	for (size_t i = 0; i < sel->piece_count; i++)
		if (sel->pieces[i].range.start == range.start &&
		    sel->pieces[i].range.len == range.len)
			return 0;
	more = realloc(sel->pieces, (sel->piece_count + 1) * sizeof(*more));
	if (!more)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	sel->pieces = more;
	more[sel->piece_count].range = range;
	snprintf(more[sel->piece_count].name, sizeof(more->name), "%s", name);
	sel->piece_count++;
	return 0;
}

static int add_raw_piece(struct selection *sel, struct np_range range, struct np_error *err)
{
	char name[LAYOUT_NAME_MAX];

	return add_piece(sel, range_text(range, name, sizeof(name)), range, err);
}

/* The group: each unit region by its name, then unit bytes that lie in other regions. */
static int add_unit_pieces(struct selection *sel, const struct layout *layout, struct np_error *err)
{
	struct np_ranges rest = {0};
	int ret = np_ranges_add_all(&rest, &layout->unit, err);

	for (size_t i = 0; i < layout->region_count && !ret; i++) {
		const struct layout_region *r = &layout->regions[i];
		struct np_range range = {r->start, r->len};

		if (!r->unit)
			continue;
		ret = add_piece(sel, r->name, range, err);
		if (!ret)
			ret = np_ranges_remove(&rest, range, err);
	}
	for (size_t i = 0; i < rest.count && !ret; i++)
		ret = add_raw_piece(sel, rest.at[i], err);
	np_ranges_free(&rest);
	return ret;
}

static int add_word_pieces(struct selection *sel, const struct layout *layout, const char *word,
                           const struct np_ranges *ranges, struct np_error *err)
{
	const struct layout_region *region = layout ? layout_find(layout, word) : NULL;
	int ret = 0;

	if (region)
		return add_piece(sel, region->name, (struct np_range){region->start, region->len},
		                 err);
	if (layout && strcmp(word, "unit") == 0)
		return add_unit_pieces(sel, layout, err);
	for (size_t i = 0; i < ranges->count && !ret; i++)
		ret = add_raw_piece(sel, ranges->at[i], err);
	return ret;
}

/* Naming unit data means: a unit region, the group, or a range within unit data. A range that
 * merely covers it does not count. */
static int add_named_unit(struct np_ranges *named, const struct layout *layout, const char *word,
                          const struct np_ranges *ranges, struct np_error *err)
{
	const struct layout_region *region = layout_find(layout, word);
	int ret = 0;

	if (strcmp(word, "unit") == 0 || (region && region->unit))
		return np_ranges_add_all(named, ranges, err);
	for (size_t i = 0; i < ranges->count && !ret; i++)
		if (np_ranges_contain(&layout->unit, ranges->at[i]))
			ret = np_ranges_add(named, ranges->at[i], err);
	return ret;
}

static int add_word(struct selection *sel, const struct layout *layout, const char *word,
                    uint64_t chip_size, struct np_ranges *named, struct np_error *err)
{
	struct np_ranges ranges = {0};
	int ret = layout_resolve(layout, word, chip_size, &ranges, err);

	if (!ret)
		ret = np_ranges_add_all(&sel->only, &ranges, err);
	if (!ret)
		ret = add_word_pieces(sel, layout, word, &ranges, err);
	if (!ret && layout)
		ret = add_named_unit(named, layout, word, &ranges, err);
	np_ranges_free(&ranges);
	return ret;
}

static int add_at(struct selection *sel, const struct cli_options *opt, const struct layout *layout,
                  uint64_t chip_size, uint64_t at_len, struct np_ranges *named,
                  struct np_error *err)
{
	const struct layout_region *region = layout ? layout_find(layout, opt->at) : NULL;
	struct np_range range = {0, at_len};
	char size[32];
	int ret;

	if (region)
		range.start = region->start;
	else if (!np_parse_size(opt->at, &range.start)) {
		np_fail(err, NP_E_RANGE, "--at: '%s' is neither an address nor a region%s", opt->at,
		        layout ? " of the layout" : "");
		return layout ? NP_E_RANGE
		              : np_hint(err, "a region name needs --layout; addresses look like "
		                             "0x20000 or 128K");
	}
	if (region && at_len > region->len)
		return np_fail(
			err, NP_E_SIZE, "the file is %" PRIu64 " byte%s longer than region %s",
			at_len - region->len, at_len - region->len == 1 ? "" : "s", region->name);
	if (range.start > chip_size || at_len > chip_size - range.start)
		return np_fail(err, NP_E_RANGE,
		               "--at %s: the file would end at 0x%" PRIx64
		               ", beyond the end of the chip (%s)",
		               opt->at, range.start + at_len,
		               np_format_size(chip_size, size, sizeof(size)));
	ret = np_ranges_add(&sel->only, range, err);
	if (!ret && layout)
		ret = add_named_unit(named, layout, opt->at, &sel->only, err);
	return ret;
}

static int add_keeps(struct selection *sel, const struct cli_options *opt,
                     const struct layout *layout, uint64_t chip_size, struct np_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < opt->keep.count && !ret; i++)
		ret = layout_resolve(layout, opt->keep.at[i], chip_size, &sel->keep, err);
	return ret;
}

/* Is each piece of unit data that would be written among those named? */
static int check_unit(struct selection *sel, const struct layout *layout, struct np_ranges *named,
                      struct np_error *err)
{
	struct np_ranges open = {0};
	int ret = np_ranges_add_all(&open, &layout->unit, err);

	if (!ret)
		ret = np_ranges_remove_all(&open, named, err);
	sel->unit_named = true;
	for (size_t i = 0; i < open.count && !ret; i++)
		if (np_ranges_overlap(&sel->todo, open.at[i]))
			sel->unit_named = false;
	np_ranges_free(&open);
	return ret;
}

int selection_subtract(struct selection *sel, struct np_error *err)
{
	int ret = np_ranges_add_all(&sel->todo, &sel->only, err);

	if (!ret)
		ret = np_ranges_remove_all(&sel->todo, &sel->keep, err);
	if (ret || sel->todo.count)
		return ret;
	np_fail(err, NP_E_RANGE, "nothing is left to do: --keep covers all that was selected");
	return np_hint(err, "take the regions you want changed out of --keep");
}

int selection_build(struct selection *sel, const struct cli_options *opt,
                    const struct layout *layout, uint64_t chip_size, uint64_t at_len,
                    struct np_error *err)
{
	struct np_ranges named = {0};
	int ret = 0;

	memset(sel, 0, sizeof(*sel));
	sel->whole = !opt->only.count && !opt->at;
	sel->unit_named = true;
	for (size_t i = 0; i < opt->only.count && !ret; i++)
		ret = add_word(sel, layout, opt->only.at[i], chip_size, &named, err);
	if (opt->at)
		ret = add_at(sel, opt, layout, chip_size, at_len, &named, err);
	if (sel->whole)
		ret = np_ranges_add(&sel->only, (struct np_range){0, chip_size}, err);
	if (!ret)
		ret = add_keeps(sel, opt, layout, chip_size, err);
	if (!ret)
		ret = selection_subtract(sel, err);
	if (!ret && layout)
		ret = check_unit(sel, layout, &named, err);
	np_ranges_free(&named);
	return ret;
}

int selection_precheck(const struct cli_options *opt, const struct layout *layout,
                       struct np_error *err)
{
	struct selection sel;
	int ret = selection_build(&sel, opt, layout,
	                          layout && layout->size ? layout->size : LAYOUT_SIZE_MAX, 1, err);

	selection_free(&sel);
	return ret;
}

void selection_free(struct selection *sel)
{
	np_ranges_free(&sel->only);
	np_ranges_free(&sel->keep);
	np_ranges_free(&sel->todo);
	free(sel->pieces);
	memset(sel, 0, sizeof(*sel));
}
