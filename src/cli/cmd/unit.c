/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/mapped_file.h"
#include "cli/session.h"
#include "cli/unit_show.h"
#include "device/field.h"

static void show_field(struct report *report, const struct unit_value *value)
{
	const struct layout_field *field = value->field;
	static const char *const states[] = {"good", "doubtful", "placeholder"};

	report_say(report, "  %-12s 0x%06" PRIx64 "  %-40s %s%s%s%s", field->name, field->start,
	           value->text, value->state == UNIT_GOOD ? "ok" : value->flaw,
	           field->doubt[0] ? " (address doubtful: " : "", field->doubt,
	           field->doubt[0] ? ")" : "");
	report_event(report, "field",
	             json_pack("{s:s, s:s, s:I, s:I, s:s, s:s, s:s}", "name", field->name, "type",
	                       unit_type_name(field->type), "start", (json_int_t)field->start,
	                       "len", (json_int_t)field->len, "value", value->text, "state",
	                       states[value->state], "flaw", value->flaw));
}

/* No fault by itself: some vendors never write the copy. But so looks a block of another unit. */
static void note_other_mac(struct report *report, const struct layout *layout,
                           const struct layout_field *cal, const uint8_t *data, size_t len)
{
	const struct layout_field *field;
	struct unit_value own;
	uint8_t mac[IDNUM_MAC_LEN];
	char text[IDNUM_MAC_TEXT], line[400];

	if (!unit_cal_other_mac(layout, cal, data, len, mac, &field) ||
	    !unit_field_read(field, data, len, &own))
		return;
	snprintf(line, sizeof(line),
	         "%s carries the MAC %s, not %s's %s: calibration of another unit, or never given "
	         "this one's",
	         cal->name, idnum_mac_format(mac, text), field->name, own.text);
	report_note(report, "%s", line);
	report_event(report, "note", json_pack("{s:o}", "text", report_text(line)));
}

void unit_show_fields(struct report *report, const struct layout *layout, const uint8_t *data,
                      size_t len)
{
	char text[32];

	for (size_t i = 0; i < layout->field_count; i++) {
		struct unit_value value;

		if (unit_field_read(&layout->fields[i], data, len, &value))
			show_field(report, &value);
	}
	for (size_t i = 0; i < layout->field_count; i++)
		note_other_mac(report, layout, &layout->fields[i], data, len);
	for (size_t i = 0; i < layout->derived_count; i++) {
		const struct layout_derived *derived = &layout->derived[i];

		if (!unit_derived_text(layout, derived, data, len, text, sizeof(text))[0])
			continue;
		report_say(report, "  %-12s %-8s  %-40s %s%+d", derived->name, "", text,
		           derived->field, derived->offset);
		report_event(report, "derived",
		             json_pack("{s:s, s:s, s:s, s:i}", "name", derived->name, "value", text,
		                       "field", derived->field, "offset", derived->offset));
	}
}

static int show(struct cli *cli, const uint8_t *data, size_t len, struct np_error *err)
{
	struct layout layout;
	int ret = image_file_need_layout(cli, data, len, &layout, err);

	if (ret)
		return ret;
	report_say(&cli->report, "%s (%s)", layout.device[0] ? layout.device : layout.name,
	           layout.name);
	if (!layout.field_count)
		report_say(&cli->report, "  this layout knows no fields");
	unit_show_fields(&cli->report, &layout, data, len);
	report_result(&cli->report, "layout", json_string(layout.name));
	layout_free(&layout);
	return 0;
}

static int show_file(struct cli *cli, const char *path, struct np_error *err)
{
	struct image_file file;
	int ret = image_file_open(&file, path, err);

	if (!ret)
		ret = show(cli, file.data, file.len, err);
	image_file_close(&file);
	return ret;
}

static int show_chip(struct cli *cli, struct np_error *err)
{
	struct read_options options = {.passes = 1};
	struct read_result result = {0};
	struct session session;
	uint8_t *image = NULL;
	int ret = session_prepare(&session, cli, err);

	if (!ret)
		ret = session_open(&session, err);
	if (!ret) {
		image = malloc(session.info->size);
		ret = image ? job_read(&session.job, &options, image, &result, err)
		            : np_fail(err, NP_E_MEMORY, "out of memory for an image");
	}
	if (!ret)
		ret = show(cli, image, session.info->size, err);
	read_result_free(&result);
	free(image);
	return session_close(&session, ret, err);
}

int cmd_unit(struct cli *cli, struct np_error *err)
{
	const struct cli_options *opt = &cli->opt;

	if (strcmp(opt->args[0], "show") != 0) {
		np_fail(err, NP_E_USAGE, "unit: unknown verb '%s'", opt->args[0]);
		return np_hint(err, "norprog unit show [FILE]");
	}
	return opt->arg_count > 1 ? show_file(cli, opt->args[1], err) : show_chip(cli, err);
}
