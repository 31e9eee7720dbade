/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/pattern.h"
#include "cli/select.h"
#include "layout/layout.h"
#include "layout/source.h"
#include "device/load.h"

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
	             json_pack("{s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "name",
	                       report_text(layout->name), "device", report_text(layout->device),
	                       "aliases", aliases, "size", (json_int_t)layout->size, "source",
	                       report_text(layout->source), "doubt", report_text(layout->doubt),
	                       "regions", regions, "groups", groups));
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

/* One built-in profile or a file; `full`: its regions too. */
static int tell(struct cli *cli, const char *spec, bool full, struct np_error *err)
{
	struct report *report = &cli->report;
	struct layout layout = {0};
	int ret = layout_load(spec, &layout, err);

	if (ret)
		return ret;
	show_layout(report, &layout, full);
	if (report->json)
		show_json(report, &layout);
	if (full && cli->opt.output)
		ret = save_flashrom(cli, &layout, err);
	layout_free(&layout);
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

/* `whole`: the one profile that the pattern names, though it may be a part of others; or NULL. */
static bool wanted(const char *name, const char *pattern, const char *whole)
{
	struct layout layout;
	struct np_error ignored;
	bool yes;

	if (whole)
		return strcmp(whole, name) == 0;
	if (layout_load(name, &layout, &ignored))
		return false;
	yes = matches(&layout, pattern);
	layout_free(&layout);
	return yes;
}

int cmd_layouts(struct cli *cli, struct np_error *err)
{
	const char *pattern = cli->opt.arg_count ? cli->opt.args[0] : "";
	const char *const *names = layout_builtin_names();
	const char *whole = layout_builtin_name(pattern), *last = NULL;
	size_t count = 0;
	int ret = 0;

	if (strpbrk(pattern, "/.") && !strpbrk(pattern, "*?["))
		return tell(cli, pattern, true, err);
	for (size_t i = 0; names[i]; i++)
		if (wanted(names[i], pattern, whole)) {
			count++;
			last = names[i];
		}
	for (size_t i = 0; names[i] && !ret && count != 1; i++)
		if (wanted(names[i], pattern, whole))
			ret = tell(cli, names[i], cli->report.level > 0, err);
	if (count == 1)
		ret = tell(cli, last, true, err);
	report_result(&cli->report, "count", json_integer((json_int_t)count));
	if (!ret && count > 1 && cli->opt.output)
		ret = np_fail(err, NP_E_USAGE, "--output takes one layout; %zu match '%s'", count,
		              pattern);
	if (count || ret)
		return ret;
	np_fail(err, NP_E_FAIL, "no layout matches '%s'", pattern);
	return np_hint(err,
	               "`norprog layouts` lists the built-in profiles; a path shows that file");
}
