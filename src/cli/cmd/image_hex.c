/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image hex, find: bytes, with the regions and fields they belong to. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/units.h"
#include "cli/cmd/image.h"
#include "cli/mapped_file.h"
#include "cli/session.h"

#define ROW         16u
#define WHOLE_MAX   4096u /* without a range no more than this is shown */
#define FIND_MAX    100u
#define PATTERN_MAX 256u

/* ---- hex ---- */

/* "  <- romfile: mac": the region that begins in this row, the fields that touch it. */
static void note_row(const struct layout *layout, uint64_t at, char *note, size_t len)
{
	size_t n = 0;

	note[0] = '\0';
	for (size_t i = 0; layout && i < layout->region_count && n < len; i++)
		if (layout->regions[i].start >= at && layout->regions[i].start < at + ROW)
			n += (size_t)snprintf(note + n, len - n, "  [%s]", layout->regions[i].name);
	for (size_t i = 0; layout && i < layout->field_count && n < len; i++) {
		const struct layout_field *field = &layout->fields[i];

		if (field->start < at + ROW && at < field->start + field->len)
			n += (size_t)snprintf(note + n, len - n, "  <%s>", field->name);
	}
}

static void show_row(struct cli *cli, const struct layout *layout, const uint8_t *data, uint64_t at,
                     size_t len)
{
	char hex[3 * ROW + 2] = "", text[ROW + 1] = "", note[160];

	for (size_t i = 0; i < ROW; i++) {
		snprintf(hex + strlen(hex), sizeof(hex) - strlen(hex), "%s",
		         i == ROW / 2 ? " " : "");
		if (i < len)
			snprintf(hex + strlen(hex), sizeof(hex) - strlen(hex), "%02x ", data[i]);
		else
			snprintf(hex + strlen(hex), sizeof(hex) - strlen(hex), "   ");
		if (i < len)
			text[i] = isprint(data[i]) ? (char)data[i] : '.';
	}
	note_row(layout, at, note, sizeof(note));
	report_say(&cli->report, "%08" PRIx64 "  %s |%s|%s", at, hex, text, note);
}

static bool same_row(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, ROW) == 0;
}

/* Rows that repeat the one before are a star, as hexdump does it. */
static void show_range(struct cli *cli, const struct layout *layout, const uint8_t *data,
                       struct np_range range)
{
	bool starred = false;

	for (uint64_t at = 0; at < range.len; at += ROW) {
		size_t n = range.len - at < ROW ? (size_t)(range.len - at) : ROW;
		char note[160];

		note_row(layout, range.start + at, note, sizeof(note));
		if (at && n == ROW && at + ROW < range.len && !note[0] &&
		    same_row(data + at, data + at - ROW)) {
			if (!starred)
				report_say(&cli->report, "*");
			starred = true;
			continue;
		}
		starred = false;
		show_row(cli, layout, data + at, range.start + at, n);
	}
}

static void hex_json(struct cli *cli, const uint8_t *data, struct np_range range)
{
	char *hex = malloc(2 * range.len + 1);

	if (!hex)
		return;
	np_format_hex(data, range.len, hex);
	report_event(&cli->report, "hex",
	             json_pack("{s:I, s:I, s:s}", "start", (json_int_t)range.start, "length",
	                       (json_int_t)range.len, "bytes", hex));
	free(hex);
}

static void show_set(struct cli *cli, const struct layout *layout, const struct image_file *file,
                     const struct np_ranges *set)
{
	for (size_t i = 0; i < set->count; i++) {
		if (i)
			report_say(&cli->report, "%s", "");
		show_range(cli, layout, file->data + set->at[i].start, set->at[i]);
		if (cli->opt.json)
			hex_json(cli, file->data + set->at[i].start, set->at[i]);
	}
}

/* ---- of a chip: only what is shown is read ---- */

static bool all_addresses(const struct cli_options *opt)
{
	struct np_range ignored;

	for (size_t i = 2; i < opt->arg_count; i++)
		if (!np_parse_range(opt->args[i], &ignored))
			return false;
	return true;
}

/* Names of regions need a layout: the one that was given, or what the chip says of itself. */
static int chip_layout(struct session *session, struct layout *layout, bool *has,
                       struct np_error *err)
{
	struct recognition found;
	int ret;

	*has = false;
	if (session_layout(session) || all_addresses(&session->cli->opt))
		return 0;
	ret = job_recognise(&session->job, NULL, &found, layout, err);
	*has = !ret && layout->region_count;
	return ret;
}

static int show_chip(struct session *session, const struct layout *layout, struct np_error *err)
{
	const struct cli_options *opt = &session->cli->opt;
	uint64_t size = session->info->size;
	struct image_file image = {.path = "chip", .len = (size_t)size};
	struct read_options options = {.passes = 1};
	struct read_result result = {0};
	struct np_ranges set = {0};
	uint8_t *data = calloc(1, image.len);
	int ret = data ? 0 : np_fail(err, NP_E_MEMORY, "out of memory");

	for (size_t i = 2; i < opt->arg_count && !ret; i++)
		ret = layout_resolve(layout, opt->args[i], size, &set, err);
	if (!ret && opt->arg_count == 2)
		ret = np_ranges_add(&set, (struct np_range){0, size < WHOLE_MAX ? size : WHOLE_MAX},
		                    err);
	options.only = &set;
	if (!ret)
		ret = job_read(&session->job, &options, data, &result, err);
	image.data = data;
	if (!ret)
		show_set(session->cli, layout, &image, &set);
	read_result_free(&result);
	np_ranges_free(&set);
	free(data);
	return ret;
}

static int hex_chip(struct cli *cli, struct np_error *err)
{
	struct session session;
	struct layout layout = {0};
	bool has = false;
	int ret = session_prepare(&session, cli, err);

	if (!ret)
		ret = session_open(&session, err);
	if (!ret)
		ret = chip_layout(&session, &layout, &has, err);
	if (!ret)
		ret = show_chip(&session, has ? &layout : session_layout(&session), err);
	layout_free(&layout);
	return session_close(&session, ret, err);
}

int image_verb_hex(struct cli *cli, struct np_error *err)
{
	struct np_ranges set = {0};
	struct layout layout = {0};
	struct image_file file;
	bool has = false;
	int ret;

	if (strcmp(cli->opt.args[1], "chip") == 0 && !np_io_exists("chip"))
		return hex_chip(cli, err);
	ret = image_file_open(&file, cli->opt.args[1], err);

	if (!ret)
		ret = image_file_layout(cli, file.data, file.len, &layout, &has, err);
	for (size_t i = 2; i < cli->opt.arg_count && !ret; i++)
		ret = layout_resolve(has ? &layout : NULL, cli->opt.args[i], file.len, &set, err);
	if (!ret && cli->opt.arg_count == 2) {
		uint64_t len = file.len < WHOLE_MAX ? file.len : WHOLE_MAX;

		ret = np_ranges_add(&set, (struct np_range){0, len}, err);
		if (len < file.len)
			report_note(
				&cli->report,
				"the first 4 KiB; for more name ranges or regions: image hex %s "
				"0x1000+4K",
				file.path);
	}
	if (!ret)
		show_set(cli, has ? &layout : NULL, &file, &set);
	np_ranges_free(&set);
	if (has)
		layout_free(&layout);
	image_file_close(&file);
	return ret;
}

/* ---- find ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes in hex ("27 05 19 56", "a0:f3:c1:00:00:01", "0x27051956"); anything else is text. */
static size_t parse_pattern(const char *word, uint8_t bytes[PATTERN_MAX])
{
	const char *at = strncmp(word, "0x", 2) == 0 ? word + 2 : word;
	size_t n = 0;

	while (*at && n < PATTERN_MAX) {
		int high = hex_digit(at[0]), low = high < 0 ? -1 : hex_digit(at[1]);

		if (high < 0 || low < 0)
			break;
		bytes[n++] = (uint8_t)(high << 4 | low);
		at += 2;
		at += *at && strchr(" :-", *at) ? 1 : 0;
	}
	if (!*at && n > 1)
		return n;
	n = strlen(word) < PATTERN_MAX ? strlen(word) : PATTERN_MAX;
	memcpy(bytes, word, n);
	return n;
}

static void tell_found(struct cli *cli, const struct layout *layout, const struct image_file *file,
                       uint64_t at)
{
	const struct layout_region *region = layout ? layout_at(layout, at) : NULL;
	size_t n = file->len - at < ROW ? (size_t)(file->len - at) : ROW;

	show_row(cli, layout, file->data + at, at, n);
	report_event(&cli->report, "found",
	             json_pack("{s:I, s:s}", "addr", (json_int_t)at, "region",
	                       region ? region->name : ""));
}

static uint64_t find_all(struct cli *cli, const struct layout *layout,
                         const struct image_file *file, const uint8_t *bytes, size_t n)
{
	const uint8_t *at = file->data, *end = file->data + file->len;
	uint64_t count = 0;

	while (at < end && (at = memmem(at, (size_t)(end - at), bytes, n)) != NULL) {
		if (count++ < FIND_MAX)
			tell_found(cli, layout, file, (uint64_t)(at - file->data));
		at++;
	}
	return count;
}

static void find_in(struct cli *cli, const struct layout *layout, const struct image_file *file,
                    const uint8_t *bytes, size_t n)
{
	uint64_t count = find_all(cli, layout, file, bytes, n);

	report_result(&cli->report, "count", json_integer((json_int_t)count));
	if (count > FIND_MAX)
		report_note(&cli->report, "%" PRIu64 " places in all: the first %u are shown",
		            count, FIND_MAX);
	if (!count)
		report_say(&cli->report, "not found");
}

/* All of the chip is read, once: the bytes may stand anywhere. */
static int find_on_chip(struct session *session, const uint8_t *bytes, size_t n,
                        struct np_error *err)
{
	struct image_file image = {.path = "chip", .len = (size_t)session->info->size};
	struct read_options options = {.passes = 1};
	struct read_result result = {0};
	struct layout layout = {0};
	uint8_t *data = calloc(1, image.len);
	bool has = false;
	int ret = data ? 0 : np_fail(err, NP_E_MEMORY, "out of memory");

	if (!ret)
		ret = job_read(&session->job, &options, data, &result, err);
	image.data = data;
	if (!ret)
		ret = image_file_layout(session->cli, data, image.len, &layout, &has, err);
	if (!ret)
		find_in(session->cli, has ? &layout : NULL, &image, bytes, n);
	if (has)
		layout_free(&layout);
	read_result_free(&result);
	free(data);
	return ret;
}

static int find_chip(struct cli *cli, const uint8_t *bytes, size_t n, struct np_error *err)
{
	struct session session;
	int ret = session_prepare(&session, cli, err);

	if (!ret)
		ret = session_open(&session, err);
	if (!ret)
		ret = find_on_chip(&session, bytes, n, err);
	return session_close(&session, ret, err);
}

int image_verb_find(struct cli *cli, struct np_error *err)
{
	uint8_t bytes[PATTERN_MAX];
	size_t n = parse_pattern(cli->opt.args[2], bytes);
	struct layout layout = {0};
	struct image_file file;
	bool has = false;
	int ret;

	if (!n)
		return np_fail(err, NP_E_USAGE, "find: what? Bytes in hex, or text");
	if (strcmp(cli->opt.args[1], "chip") == 0 && !np_io_exists("chip"))
		return find_chip(cli, bytes, n, err);
	ret = image_file_open(&file, cli->opt.args[1], err);
	if (ret)
		return ret;
	ret = image_file_layout(cli, file.data, file.len, &layout, &has, err);
	if (!ret)
		find_in(cli, has ? &layout : NULL, &file, bytes, n);
	if (has)
		layout_free(&layout);
	image_file_close(&file);
	return ret;
}
