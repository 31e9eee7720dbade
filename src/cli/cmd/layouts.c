/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/io.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/pattern.h"
#include "cli/session.h"
#include "layout/board.h"
#include "layout/layout.h"
#include "layout/source.h"
#include "device/load.h"
#include "job/selection.h"

static const char *field_type(enum layout_field_type type)
{
	switch (type) {
	case FIELD_MAC:
		return "MAC";
	case FIELD_MAC_TEXT:
		return "MAC as text";
	case FIELD_PIN:
		return "PIN";
	case FIELD_IMEI:
		return "IMEI";
	case FIELD_SERIAL:
		return "serial number";
	case FIELD_CAL:
		return "calibration";
	case FIELD_GBE_MAC:
		return "MAC of a GbE region";
	case FIELD_BYTES:
		break;
	}
	return "bytes";
}

static void show_region(struct report *report, const struct layout_region *r, const char *holds,
                        int width)
{
	char range[48], size[32];

	range_text((struct np_range){r->start, r->len}, range, sizeof(range));
	np_format_size(r->len, size, sizeof(size));
	if (r->open_end) {
		snprintf(range, sizeof(range), "0x%06" PRIx64 "-the end", r->start);
		size[0] = '\0';
	}
	report_say(report, "  %-22s %9s  %-4s  %-*s  %s%s%s%s", range, size,
	           r->unit   ? "unit"
	           : r->boot ? "boot"
	                     : "",
	           width, r->name, holds, r->alias[0] ? " (also: " : "", r->alias,
	           r->alias[0] ? ")" : "");
}

static int widest(const struct layout_region *regions, size_t count, int width)
{
	for (size_t i = 0; i < count; i++)
		if ((int)strlen(regions[i].name) > width)
			width = (int)strlen(regions[i].name);
	return width;
}

static void show_regions(struct report *report, const struct layout *layout)
{
	int width = widest(layout->regions, layout->region_count, (int)strlen("region"));

	width = widest(layout->groups, layout->group_count, width);
	report_say(report, "  %-22s %9s  %-4s  %-*s  %s", "address", "size", "", width, "region",
	           "holds");
	for (size_t i = 0; i < layout->region_count; i++)
		show_region(report, &layout->regions[i], layout->regions[i].holds, width);
	for (size_t i = 0; i < layout->group_count; i++) {
		const struct layout_region *r = &layout->groups[i];
		char names[256];

		region_names(layout, (struct np_range){r->start, r->len}, names, sizeof(names));
		show_region(report, r, names, width);
	}
}

static void show_fields(struct report *report, const struct layout *layout)
{
	for (size_t i = 0; i < layout->field_count; i++) {
		const struct layout_field *f = &layout->fields[i];

		report_say(report, "  0x%06" PRIx64 " %-14s %s%s%s", f->start, f->name,
		           field_type(f->type), f->doubt[0] ? "; doubtful: " : "", f->doubt);
	}
}

static void show_derived(struct report *report, const struct layout *layout)
{
	for (size_t i = 0; i < layout->derived_count; i++) {
		const struct layout_derived *d = &layout->derived[i];
		char offset[16] = "";

		if (d->offset)
			snprintf(offset, sizeof(offset), "%+d", d->offset);
		report_say(report, "  %-8s %-14s %s%s", "", d->name, d->field, offset);
	}
}

static void show_layout(struct report *report, const struct layout *layout, bool full)
{
	char size[32];

	report_say(report, "%-30s %-46s %s", layout->name, layout->device,
	           layout->size ? np_format_size(layout->size, size, sizeof(size)) : "any size");
	if (!full)
		return;
	for (size_t i = 0; i < layout->alias_count; i++)
		report_say(report, "  also called: %s", layout->aliases[i]);
	show_regions(report, layout);
	show_fields(report, layout);
	show_derived(report, layout);
	if (layout->source[0])
		report_say(report, "  source: %s", layout->source);
	if (layout->doubt[0])
		report_say(report, "  doubtful: %s", layout->doubt);
}

/* 0 where the end is not known. */
static json_int_t length_of(const struct layout_region *region)
{
	return region->open_end ? 0 : (json_int_t)region->len;
}

static json_t *json_fields(const struct layout *layout)
{
	json_t *fields = json_array();

	for (size_t i = 0; i < layout->field_count; i++) {
		const struct layout_field *f = &layout->fields[i];

		json_array_append_new(fields,
		                      json_pack("{s:o, s:s, s:I, s:I, s:b, s:o}", "name",
		                                report_text(f->name), "type", field_type(f->type),
		                                "start", (json_int_t)f->start, "length",
		                                (json_int_t)f->len, "unit", f->unit, "doubt",
		                                report_text(f->doubt)));
	}
	return fields;
}

static json_t *json_derived(const struct layout *layout)
{
	json_t *derived = json_array();

	for (size_t i = 0; i < layout->derived_count; i++) {
		const struct layout_derived *d = &layout->derived[i];

		json_array_append_new(
			derived, json_pack("{s:o, s:o, s:i}", "name", report_text(d->name), "field",
		                           report_text(d->field), "offset", d->offset));
	}
	return derived;
}

static void show_json(struct report *report, const struct layout *layout)
{
	json_t *regions = json_array(), *groups = json_array(), *aliases = json_array();

	for (size_t i = 0; i < layout->region_count; i++) {
		const struct layout_region *r = &layout->regions[i];

		json_array_append_new(
			regions, json_pack("{s:o, s:I, s:I, s:b, s:b, s:o, s:s}", "name",
		                           report_text(r->name), "start", (json_int_t)r->start,
		                           "length", length_of(r), "unit", r->unit, "boot", r->boot,
		                           "holds", report_text(r->holds), "alias", r->alias));
	}
	for (size_t i = 0; i < layout->group_count; i++)
		json_array_append_new(groups,
		                      json_pack("{s:o, s:I, s:I}", "name",
		                                report_text(layout->groups[i].name), "start",
		                                (json_int_t)layout->groups[i].start, "length",
		                                length_of(&layout->groups[i])));
	for (size_t i = 0; i < layout->alias_count; i++)
		json_array_append_new(aliases, report_text(layout->aliases[i]));
	report_event(report, "layout",
	             json_pack("{s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
	                       report_text(layout->name), "device", report_text(layout->device),
	                       "aliases", aliases, "size", (json_int_t)layout->size, "source",
	                       report_text(layout->source), "doubt", report_text(layout->doubt),
	                       "regions", regions, "groups", groups, "fields", json_fields(layout),
	                       "derived", json_derived(layout)));
}

/* --output: the layout as flashrom reads it. */
static int save_flashrom(struct cli *cli, const struct layout *layout, struct np_error *err)
{
	const char *path = cli->opt.output;
	char *text;
	int ret;

	if (!cli->opt.force && np_io_exists(path)) {
		np_fail(err, NP_E_OUTPUT, "%s exists already", path);
		return np_hint(err, "choose another name, or --force to replace it");
	}
	ret = layout_format_flashrom(layout, &text, err);
	if (ret)
		return ret;
	ret = np_io_save(path, text, strlen(text), cli->opt.force ? NP_IO_REPLACE : NP_IO_NEW, err);
	free(text);
	if (!ret)
		report_say(&cli->report, "%s written", path);
	return ret;
}

static int show(struct cli *cli, const struct layout *layout, bool full, struct np_error *err)
{
	show_layout(&cli->report, layout, full);
	if (cli->report.json)
		show_json(&cli->report, layout);
	return full && cli->opt.output ? save_flashrom(cli, layout, err) : 0;
}

/* A file. */
static int tell_file(struct cli *cli, const char *path, struct np_error *err)
{
	struct layout layout = {0};
	int ret = layout_load(path, &layout, err);

	if (!ret)
		ret = show(cli, &layout, true, err);
	layout_free(&layout);
	return ret;
}

/* ---- what a pattern finds ---- */

/* The built-in profiles, and which of them and of the boards are wanted. */
struct finds {
	struct layout *profiles; /* owned */
	size_t profile_count;
	bool *profile; /* owned; wanted */
	bool *board;   /* owned; wanted */
	size_t count;
};

static void finds_free(struct finds *f)
{
	for (size_t i = 0; i < f->profile_count; i++)
		layout_free(&f->profiles[i]);
	free(f->profiles);
	free(f->profile);
	free(f->board);
}

static int load_profiles(struct finds *f, struct np_error *err)
{
	const char *const *names = layout_builtin_names();
	size_t count = 0;
	int ret = 0;

	while (names[count])
		count++;
	*f = (struct finds){.profiles = calloc(count, sizeof(*f->profiles)),
	                    .profile = calloc(count, sizeof(*f->profile)),
	                    .board = calloc(board_count(), sizeof(*f->board))};
	if (!f->profiles || !f->profile || !f->board)
		return np_fail(err, NP_E_MEMORY, "out of memory for the layouts");
	for (; f->profile_count < count && !ret; f->profile_count++)
		ret = layout_load(names[f->profile_count], &f->profiles[f->profile_count], err);
	return ret;
}

static bool matches(const struct layout *layout, const char *pattern)
{
	bool yes =
		pattern_matches(pattern, layout->name) || pattern_matches(pattern, layout->device);

	for (size_t i = 0; i < layout->alias_count && !yes; i++)
		yes = pattern_matches(pattern, layout->aliases[i]);
	return yes;
}

/* A profile knows more of a device than the table of boards does, and stands for it. */
static bool has_profile(const struct finds *f, const char *compatible)
{
	for (size_t i = 0; i < f->profile_count; i++)
		for (size_t j = 0; j < f->profiles[i].alias_count; j++)
			if (strcasecmp(f->profiles[i].aliases[j], compatible) == 0)
				return true;
	return false;
}

static bool board_wanted(const struct finds *f, size_t index, const char *pattern)
{
	struct board board;

	board_at(index, &board);
	return (pattern_matches(pattern, board.compatible) ||
	        pattern_matches(pattern, board.title) || board_matches(index, pattern)) &&
	       !has_profile(f, board.compatible);
}

/* What the pattern names as a whole goes alone, though it may be a part of other names. */
static void find_whole(struct finds *f, const char *pattern)
{
	const char *whole = layout_builtin_name(pattern);
	size_t boards[1];

	for (size_t i = 0; whole && i < f->profile_count; i++)
		f->profile[i] = strcmp(f->profiles[i].name, whole) == 0;
	f->count = whole != NULL;
	if (!whole && board_find_compatible(pattern, boards, 1) == 1) {
		f->board[boards[0]] = true;
		f->count = 1;
	}
}

static void find_parts(struct finds *f, const char *pattern)
{
	for (size_t i = 0; i < f->profile_count; i++) {
		f->profile[i] = matches(&f->profiles[i], pattern);
		f->count += f->profile[i];
	}
	for (size_t i = 0; i < board_count() && *pattern; i++) {
		f->board[i] = board_wanted(f, i, pattern);
		f->count += f->board[i];
	}
}

static int show_finds(struct cli *cli, const struct finds *f, struct np_error *err)
{
	bool full = f->count == 1;
	int ret = 0;

	for (size_t i = 0; i < f->profile_count && !ret; i++)
		if (f->profile[i])
			ret = show(cli, &f->profiles[i], full || cli->report.level > 0, err);
	for (size_t i = 0; i < board_count() && !ret; i++) {
		struct layout layout;

		if (!f->board[i])
			continue;
		ret = board_load_layout(i, &layout, err);
		if (!ret)
			ret = show(cli, &layout, full || cli->report.level > 0, err);
		layout_free(&layout);
	}
	return ret;
}

static int find_and_show(struct cli *cli, struct finds *f, const char *pattern,
                         struct np_error *err)
{
	find_whole(f, pattern);
	if (!f->count)
		find_parts(f, pattern);
	report_result(&cli->report, "count", json_integer((json_int_t)f->count));
	if (!f->count) {
		np_fail(err, NP_E_FAIL, "no layout matches '%s'", pattern);
		return np_hint(err, "`norprog layouts` lists the built-in profiles; a path shows "
		                    "that file");
	}
	if (f->count > 1 && cli->opt.output)
		return np_fail(err, NP_E_USAGE, "--output takes one layout; %zu match '%s'",
		               f->count, pattern);
	return show_finds(cli, f, err);
}

/* How the chip is divided, by what it holds. */
static int tell_chip(struct cli *cli, struct np_error *err)
{
	struct session session;
	struct recognition found;
	struct layout layout = {0};
	int ret = session_prepare(&session, cli, err);

	if (!ret)
		ret = session_open(&session, err);
	if (!ret)
		ret = job_recognise(&session.job, NULL, &found, &layout, err);
	if (!ret && !layout.region_count) {
		ret = np_fail(err, NP_E_FAIL, "nothing tells how this chip is divided: %s",
		              found.why);
		np_hint(err, "`norprog layouts` lists the profiles; a boot log, /proc/mtd or a "
		             "device tree of the device works as -l, too");
	}
	if (!ret)
		ret = show(cli, &layout, true, err);
	layout_free(&layout);
	return session_close(&session, ret, err);
}

int cmd_layouts(struct cli *cli, struct np_error *err)
{
	const char *pattern = cli->opt.arg_count ? cli->opt.args[0] : "";
	struct finds finds = {0};
	int ret;

	if (strcmp(pattern, "chip") == 0)
		return tell_chip(cli, err);
	/* A path; but some boards' names have a '.', too. */
	if (strpbrk(pattern, "/.") && !strpbrk(pattern, "*?[") &&
	    !board_find_name(pattern, NULL, 0))
		return tell_file(cli, pattern, err);
	ret = load_profiles(&finds, err);
	if (!ret)
		ret = find_and_show(cli, &finds, pattern, err);
	if (!ret && !*pattern)
		report_note(&cli->report,
		            "%zu more boards that OpenWrt runs from SPI NOR are known: `norprog "
		            "layouts NAME` finds them",
		            board_count());
	finds_free(&finds);
	return ret;
}
