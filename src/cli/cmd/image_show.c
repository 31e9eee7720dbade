/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image show and image diff: in words, and as pictures. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/units.h"
#include "cli/cmd/image.h"
#include "cli/damage.h"
#include "cli/mapped_file.h"
#include "cli/unit_show.h"
#include "device/field.h"
#include "device/identify.h"
#include "image/image.h"

#define ISLANDS_SHOWN 20
#define STRINGS_SHOWN 16

/* ---- pictures ---- */

/* What is drawn; `diff` and `other` NULL: one file alone. */
struct drawing {
	const struct image_file *file;
	const struct layout *layout; /* NULL: none */
	const struct image_diff *diff;
	const struct image_other *other;
	const char *title;
};

static int draw(const struct drawing *d, bool page, struct image_text *text, struct np_error *err)
{
	if (page)
		return image_html(d->file->data, d->file->len, d->layout, d->diff, d->other,
		                  d->title, text, err);
	return image_svg(d->file->data, d->file->len, d->layout, d->diff, d->title, text, err);
}

static int save_picture(struct cli *cli, const char *path, bool page, const struct drawing *d,
                        struct np_error *err)
{
	struct image_text text;
	int ret;

	if (!path)
		return 0;
	if (!cli->opt.force && np_io_exists(path)) {
		np_fail(err, NP_E_OUTPUT, "%s exists already", path);
		return np_hint(err, "choose another name, or --force to replace it");
	}
	ret = draw(d, page, &text, err);
	if (ret)
		return ret;
	ret = np_io_save(path, text.at, text.len, cli->opt.force ? NP_IO_REPLACE : NP_IO_NEW, err);
	image_text_free(&text);
	if (!ret)
		report_say(&cli->report, "%s written", path);
	return ret;
}

static int save_pictures(struct cli *cli, const struct drawing *d, struct np_error *err)
{
	int ret = save_picture(cli, cli->opt.svg, false, d, err);

	return ret ? ret : save_picture(cli, cli->opt.html, true, d, err);
}

/* ---- show ---- */

static void show_region(struct report *report, const struct layout_region *region,
                        const uint8_t *data)
{
	struct image_stat stat;
	char size[32];

	image_stat(data + region->start, region->len, &stat);
	report_say(report, "  0x%06" PRIx64 " %9s  %-16s %-10s %4.2f  %-4s %s", region->start,
	           np_format_size(region->len, size, sizeof(size)), region->name,
	           image_class_name(stat.class), stat.entropy, region->unit ? "unit" : "",
	           region->holds);
	report_event(report, "region",
	             json_pack("{s:o, s:I, s:I, s:s, s:f, s:I, s:b}", "name",
	                       report_text(region->name), "start", (json_int_t)region->start, "len",
	                       (json_int_t)region->len, "contents", image_class_name(stat.class),
	                       "entropy", stat.entropy, "blank_bytes", (json_int_t)stat.blank,
	                       "unit", region->unit));
}

static void show_layout(struct report *report, const struct layout *layout,
                        const struct image_file *file)
{
	report_say(report, "layout %s%s%s", layout->name, layout->device[0] ? ": " : "",
	           layout->device);
	for (size_t i = 0; i < layout->region_count; i++)
		show_region(report, &layout->regions[i], file->data);
	if (layout->field_count)
		report_say(report, "fields");
	unit_show_fields(report, layout, file->data, file->len);
}

/* Without a layout: one line per 64 KiB that differs in kind from the one before. */
static void show_blocks(struct report *report, const struct image_file *file)
{
	size_t from = 0;
	enum image_class run = CLASS_BLANK;

	for (size_t at = 0; at <= file->len; at += 0x10000) {
		size_t n = file->len - at < 0x10000 ? file->len - at : 0x10000;
		struct image_stat stat = {0};

		if (n)
			image_stat(file->data + at, n, &stat);
		if (at && (!n || stat.class != run)) {
			report_say(report, "  0x%06zx-0x%06zx  %s", from,
			           (at < file->len ? at : file->len) - 1, image_class_name(run));
			from = at;
		}
		run = stat.class;
		if (n < 0x10000) {
			if (n)
				report_say(report, "  0x%06zx-0x%06zx  %s", from, file->len - 1,
				           image_class_name(run));
			break;
		}
	}
}

struct strings {
	struct report *report;
	unsigned shown;
};

static bool show_string(void *ctx, uint64_t at, const char *text)
{
	struct strings *strings = ctx;

	report_say(strings->report, "  0x%06" PRIx64 "  %s", at, text);
	return ++strings->shown < STRINGS_SHOWN;
}

static void tell_file(struct report *report, const struct image_file *file,
                      const struct image_report *image, const struct layout *layout)
{
	struct strings strings = {report, 0};

	report_say(report, "%s: %s", file->path, image->text);
	if (layout)
		show_layout(report, layout, file);
	else
		show_blocks(report, file);
	for (size_t i = 0; i < image->parts.count; i++) {
		const struct image_part *part = &image->parts.at[i];

		report_say(report, "  0x%06" PRIx64 "  %s%s%s", part->start,
		           image_part_name(part->kind), part->text[0] ? ": " : "", part->text);
	}
	damage_tell(report, file->path, file->len, &image->parts);
	image_strings(file->data, file->len, show_string, &strings);
}

static int show_file(struct cli *cli, const struct image_file *file, struct np_error *err)
{
	struct image_report image = {0};
	struct image_trees trees;
	struct layout layout;
	bool has = false;
	int ret = image_find_trees(file->data, file->len, &trees, err);

	if (!ret)
		ret = image_identify_with(file->data, file->len, &trees, &image, err);
	if (!ret)
		ret = image_file_layout_with(cli, file->data, file->len,
		                             &(struct image_found){&image.parts, &trees}, &layout,
		                             &has, err);
	image_trees_free(&trees);
	if (!ret) {
		tell_file(&cli->report, file, &image, has ? &layout : NULL);
		ret = save_pictures(
			cli, &(struct drawing){file, has ? &layout : NULL, NULL, NULL, file->path},
			err);
	}
	image_report_free(&image);
	if (has)
		layout_free(&layout);
	return ret;
}

int image_verb_show(struct cli *cli, struct np_error *err)
{
	struct image_file file;
	int ret = image_file_open(&file, cli->opt.args[1], err);

	if (!ret)
		ret = show_file(cli, &file, err);
	image_file_close(&file);
	return ret;
}

/* ---- diff ---- */

static void show_islands(struct report *report, const struct image_diff *diff)
{
	for (size_t i = 0; i < diff->count; i++) {
		const struct image_island *island = &diff->islands[i];

		if (i < ISLANDS_SHOWN)
			report_say(report,
			           "  0x%06" PRIx64 " +%-8" PRIu64 " %" PRIu64 " differ%s%s",
			           island->start, island->len, island->bytes,
			           island->unit ? "  unit data? " : "", island->guess);
		report_event(report, "island",
		             json_pack("{s:I, s:I, s:I, s:b, s:s}", "start",
		                       (json_int_t)island->start, "len", (json_int_t)island->len,
		                       "bytes", (json_int_t)island->bytes, "unit", island->unit,
		                       "guess", island->guess));
	}
	if (diff->count > ISLANDS_SHOWN)
		report_say(report, "  and %zu more places", diff->count - ISLANDS_SHOWN);
}

static void show_region_diffs(struct report *report, const struct layout *layout,
                              const struct image_file *a, const struct image_file *b)
{
	for (size_t i = 0; i < layout->region_count; i++) {
		const struct layout_region *region = &layout->regions[i];
		uint64_t bytes = image_differing(a->data, b->data,
		                                 (struct np_range){region->start, region->len});

		if (bytes)
			report_say(report, "  %-16s %" PRIu64 " of %" PRIu64 " bytes differ%s",
			           region->name, bytes, region->len, region->unit ? " (unit)" : "");
		else
			report_say(report, "  %-16s same", region->name);
		report_event(report, "region",
		             json_pack("{s:o, s:I, s:b}", "name", report_text(region->name),
		                       "differing_bytes", (json_int_t)bytes, "unit", region->unit));
	}
}

/* Fields whose values differ; the caller frees them. NULL: none, or no memory for them. */
static struct image_change *find_changes(const struct layout *layout, const struct image_file *a,
                                         const struct image_file *b, size_t *count)
{
	struct image_change *changes = calloc(layout->field_count + 1, sizeof(*changes));

	*count = 0;
	for (size_t i = 0; changes && i < layout->field_count; i++) {
		const struct layout_field *field = &layout->fields[i];
		struct image_change *change = &changes[*count];
		struct unit_value was, is;

		if (!unit_field_read(field, a->data, a->len, &was) ||
		    !unit_field_read(field, b->data, b->len, &is) ||
		    memcmp(a->data + field->start, b->data + field->start, field->len) == 0)
			continue;
		change->name = field->name;
		change->unit = np_ranges_overlap(&layout->unit,
		                                 (struct np_range){field->start, field->len});
		snprintf(change->was, sizeof(change->was), "%s", was.text);
		/* Calibration, or the invalid one of two copies: the text is not all of it. */
		snprintf(change->is, sizeof(change->is), "%s%s", is.text,
		         strcmp(was.text, is.text) == 0 ? ", other bytes of it differ" : "");
		(*count)++;
	}
	return changes;
}

static void show_changes(struct report *report, const struct image_other *other)
{
	for (size_t i = 0; i < other->change_count; i++)
		report_say(report, "  %-16s %s -> %s", other->changes[i].name,
		           other->changes[i].was, other->changes[i].is);
}

static int diff_files(struct cli *cli, const struct image_file *a, const struct image_file *b,
                      struct np_error *err)
{
	struct image_other other = {.data = b->data};
	struct image_change *changes = NULL;
	struct image_diff diff = {0};
	struct layout layout;
	char title[256];
	bool has;
	int ret = image_file_layout(cli, a->data, a->len, &layout, &has, err);

	if (!ret)
		ret = image_diff(a->data, b->data, a->len, has ? &layout : NULL, &diff, err);
	if (!ret) {
		if (has) {
			changes = find_changes(&layout, a, b, &other.change_count);
			other.changes = changes;
			show_region_diffs(&cli->report, &layout, a, b);
			show_changes(&cli->report, &other);
		}
		if (diff.bytes)
			report_say(&cli->report,
			           "%" PRIu64 " byte%s differ%s, the first at 0x%06" PRIx64,
			           diff.bytes, diff.bytes == 1 ? "" : "s",
			           diff.bytes == 1 ? "s" : "", diff.first);
		else
			report_say(&cli->report, "the files are equal");
		show_islands(&cli->report, &diff);
		report_result(&cli->report, "differing_bytes",
		              json_integer((json_int_t)diff.bytes));
		snprintf(title, sizeof(title), "%.100s and %.100s", a->path, b->path);
		ret = save_pictures(
			cli, &(struct drawing){a, has ? &layout : NULL, &diff, &other, title}, err);
	}
	free(changes);
	image_diff_free(&diff);
	if (has)
		layout_free(&layout);
	return ret;
}

int image_verb_diff(struct cli *cli, struct np_error *err)
{
	struct image_file a, b = {0};
	int ret = image_file_open(&a, cli->opt.args[1], err);

	if (!ret)
		ret = image_file_open(&b, cli->opt.args[2], err);
	if (!ret && a.len != b.len) {
		np_fail(err, NP_E_SIZE, "%s has %zu bytes, %s %zu", a.path, a.len, b.path, b.len);
		ret = np_hint(err,
		              "`image extract` cuts a region out, `image pad` makes a file longer");
	}
	if (!ret)
		ret = diff_files(cli, &a, &b, err);
	image_file_close(&a);
	image_file_close(&b);
	return ret;
}
