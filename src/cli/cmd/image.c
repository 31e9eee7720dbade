/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cmd/image.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "cli/damage.h"
#include "cli/mapped_file.h"
#include "device/identify.h"
#include "image/image.h"

/* ---- identify ---- */

static void tell_place(struct report *report, const struct image_report *image)
{
	char strip[32];

	if (image->strip && image->has_place)
		report_say(report,
		           "  belongs: at 0x%06" PRIx64 "%s%s, without its first %s (--strip)",
		           image->place, image->region[0] ? ", region " : "", image->region,
		           np_format_size(image->strip, strip, sizeof(strip)));
	else if (image->has_place)
		report_say(report, "  belongs: at 0x%06" PRIx64 "%s%s", image->place,
		           image->region[0] ? ", region " : "", image->region);
}

static void tell_identity(struct report *report, const char *path, size_t len,
                          const struct image_report *image)
{
	char size[32];

	report_say(report, "%s: %s (%s)", path, image->text,
	           np_format_size(len, size, sizeof(size)));
	if (image->why[0])
		report_say(report, "  because: %s", image->why);
	if (image->profile[0])
		report_say(report, "  device: %s", image->profile);
	tell_place(report, image);
	if (damage_tell(report, path, len, &image->parts))
		return;
	if (image->truncated)
		report_warn(report, "%s is cut short: its header says it should be longer", path);
	if (image->damaged)
		report_warn(report, "%s: a checksum in it is wrong", path);
}

static json_t *parts_json(const struct image_parts *parts)
{
	static const char *const checks[] = {"none", "good", "bad"};
	json_t *list = json_array();

	for (size_t i = 0; i < parts->count; i++) {
		const struct image_part *part = &parts->at[i];

		json_array_append_new(list,
		                      json_pack("{s:s, s:I, s:I, s:s, s:b, s:s}", "kind",
		                                image_part_name(part->kind), "start",
		                                (json_int_t)part->start, "len",
		                                (json_int_t)part->len, "check", checks[part->check],
		                                "truncated", part->truncated, "text", part->text));
	}
	return list;
}

static void identity_json(struct report *report, const char *path, size_t len,
                          const struct image_report *image)
{
	json_t *fields = json_pack(
		"{s:o, s:I, s:s, s:s, s:s, s:b, s:b, s:I, s:o}", "path", report_text(path), "size",
		(json_int_t)len, "kind", image_kind_name(image->kind), "text", image->text, "why",
		image->why, "truncated", image->truncated, "damaged", image->damaged, "strip",
		(json_int_t)image->strip, "parts", parts_json(&image->parts));

	if (fields && image->profile[0])
		json_object_set_new(fields, "profile", json_string(image->profile));
	if (fields && image->has_place)
		json_object_set_new(fields, "place", json_integer((json_int_t)image->place));
	report_event(report, "identity", fields);
}

static int identify_one(struct cli *cli, const char *path, struct np_error *err)
{
	struct image_report image = {0};
	struct image_file file;
	int ret = image_file_open(&file, path, err);

	if (!ret)
		ret = image_identify(file.data, file.len, &image, err);
	if (!ret) {
		tell_identity(&cli->report, path, file.len, &image);
		if (file.opened.from[0])
			report_say(&cli->report, "  packed: %s", file.opened.from);
		for (size_t i = 0; i < image.parts.count && cli->opt.verbose; i++)
			report_say(&cli->report, "  0x%06" PRIx64 " %s: %s",
			           image.parts.at[i].start, image_part_name(image.parts.at[i].kind),
			           image.parts.at[i].text);
		identity_json(&cli->report, path, file.len, &image);
		image_report_free(&image);
	}
	image_file_close(&file);
	return ret;
}

static int image_verb_identify(struct cli *cli, struct np_error *err)
{
	int ret = 0;

	for (size_t i = 1; i < cli->opt.arg_count && !ret; i++)
		ret = identify_one(cli, cli->opt.args[i], err);
	return ret;
}

/* ---- verbs ---- */

static const struct verb {
	const char *name, *args;
	size_t min, max; /* arguments behind the verb */
	int (*run)(struct cli *cli, struct np_error *err);
} verbs[] = {
	{"identify", "FILE...", 1, CLI_WORDS_MAX, image_verb_identify},
	{"show", "FILE", 1, 1, image_verb_show},
	{"diff", "A B", 2, 2, image_verb_diff},
	{"extract", "FILE REGION", 2, 2, image_verb_extract},
	{"merge", "BASE REGION=FILE...", 2, CLI_WORDS_MAX, image_verb_merge},
	{"patch", "FILE FIELD=VALUE...", 2, CLI_WORDS_MAX, image_verb_patch},
	{"pad", "FILE SIZE", 2, 2, image_verb_pad},
	{"trim", "FILE", 1, 1, image_verb_trim},
	{"convert", "FILE", 1, 1, image_verb_convert},
	{"swap", "FILE 2|4|bits", 2, 2, image_verb_swap},
	{"invert", "FILE", 1, 1, image_verb_invert},
	{"join", "FILE FILE...", 2, CLI_WORDS_MAX, image_verb_join},
	{"hex", "FILE|chip [RANGE...]", 1, CLI_WORDS_MAX, image_verb_hex},
	{"find", "FILE PATTERN", 2, 2, image_verb_find},
};

int cmd_image(struct cli *cli, struct np_error *err)
{
	const char *name = cli->opt.args[0];
	size_t given = cli->opt.arg_count - 1;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		const struct verb *verb = &verbs[i];

		if (strcmp(name, verb->name) != 0)
			continue;
		if (given >= verb->min && given <= verb->max)
			return verb->run(cli, err);
		np_fail(err, NP_E_USAGE, "image %s takes %s", name, verb->args);
		return np_hint(err, "norprog image --help");
	}
	np_fail(err, NP_E_USAGE, "image: unknown verb '%s'", name);
	return np_hint(
		err, "identify, show, diff, hex, find, extract, merge, patch, pad, trim, convert, "
		     "swap, invert, join");
}
