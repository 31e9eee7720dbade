/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/mapped_file.h"
#include "cli/session.h"
#include "cli/unit_show.h"
#include "device/field.h"
#include "device/recognise.h"

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

static void show_evidence(struct report *report, const struct evidence *evidence)
{
	const char *kind = evidence->kind == EVIDENCE_IDENTITY ? "identity" : "family";
	json_t *names = json_array();

	for (size_t i = 0; i < evidence->name_count; i++)
		json_array_append_new(names, report_text(evidence->names[i]));
	report_say(report, "  %s: %s '%s' at 0x%06" PRIx64 "%s%s%s", kind, evidence->what,
	           evidence->value, evidence->at, evidence->name_count ? ": " : "",
	           evidence->name_count ? evidence->names[0] : "",
	           evidence->name_count > 1 || evidence->more ? ", and others" : "");
	report_event(report, "evidence",
	             json_pack("{s:s, s:s, s:o, s:I, s:o}", "kind", kind, "what", evidence->what,
	                       "value", report_text(evidence->value), "start",
	                       (json_int_t)evidence->at, "names", names));
}

/* What many boards share: it identifies no unit, and helps to choose. */
static int show_family(struct report *report, const uint8_t *data, size_t len, struct np_error *err)
{
	struct recognise_family family;
	json_t *names = json_array();
	int ret = recognise_family(data, len, &family, err);

	for (size_t i = 0; i < family.name_count; i++)
		json_array_append_new(names, report_text(family.names[i]));
	if (!ret && family.count)
		report_say(report, "  family: divided like %zu boards, among them %s; -l names one",
		           family.count, family.names[0]);
	report_event(report, "family",
	             json_pack("{s:I, s:o}", "count", (json_int_t)family.count, "names", names));
	return ret;
}

static int show_verdict(struct cli *cli, const uint8_t *data, size_t len, struct np_error *err)
{
	struct recognition found;
	int ret;

	if (!cli->opt.verbose && !cli->report.json)
		return 0;
	ret = recognise_dump(data, len, &found, err);
	for (size_t i = 0; i < found.evidence.count && !ret; i++)
		show_evidence(&cli->report, &found.evidence.at[i]);
	return ret || found.name[0] ? ret : show_family(&cli->report, data, len, err);
}

static int show(struct cli *cli, const uint8_t *data, size_t len, struct np_error *err)
{
	struct layout layout;
	int ret = show_verdict(cli, data, len, err);

	if (!ret)
		ret = image_file_need_layout(cli, data, len, &layout, err);

	if (ret)
		return ret;
	if (layout.device[0])
		report_say(&cli->report, "%s (%s)", layout.device, layout.name);
	else
		report_say(&cli->report, "by %s",
		           cli->opt.layout ? layout.name : "the map that it carries itself");
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
