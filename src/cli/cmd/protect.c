/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/units.h"
#include "cli/session.h"
#include "job/selection.h"

enum action { STATUS, OFF, ON };

/* What the arguments ask for. */
static int parse_action(const struct cli_options *opt, enum action *action, struct np_error *err)
{
	const char *word = opt->arg_count ? opt->args[0] : "status";

	if (strcmp(word, "status") == 0)
		*action = STATUS;
	else if (strcmp(word, "off") == 0)
		*action = OFF;
	else if (strcmp(word, "on") == 0)
		*action = ON;
	else
		return np_fail(err, NP_E_USAGE, "protect: '%s' is none of status, off, on", word);
	if (*action == ON && opt->arg_count < 2)
		return np_fail(err, NP_E_USAGE,
		               "protect on needs a RANGE (0x0-0x1ffff) or a region");
	if (*action != ON && opt->arg_count > 1)
		return np_fail(err, NP_E_USAGE, "protect %s takes no range", word);
	return 0;
}

static int one_range(struct session *s, const char *word, struct np_range *range,
                     struct np_error *err)
{
	struct np_ranges set = {0};
	int ret = layout_resolve(session_layout(s), word, s->info->size, &set, err);

	if (!ret && set.count != 1)
		ret = np_fail(err, NP_E_RANGE, "protect on %s: this is not one contiguous range",
		              word);
	if (!ret)
		*range = set.at[0];
	np_ranges_free(&set);
	return ret;
}

/* The bits in words, a line each. */
static json_t *say_meaning(struct session *s, const struct nor_protection *p)
{
	char text[1024], *rest = text, *line;
	json_t *list = json_array();

	nor_protection_explain(s->nor, p, text, sizeof(text));
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		report_say(&s->cli->report, "  %s", line);
		json_array_append_new(list, json_string(line));
	}
	return list;
}

static int say_status(struct session *s, struct np_error *err)
{
	struct report *report = &s->cli->report;
	struct nor_protection p = {0};
	int ret = nor_protection_read(s->nor, &p, err);
	json_t *list = json_array();
	char range[48], names[128];

	if (ret) {
		json_decref(list);
		return ret;
	}
	report_say(report, "%s", p.text);
	if (!p.known)
		report_say(report, "protected: range not known for this part%s",
		           s->info->candidate_count > 1 ? "; --chip NAME tells which of them it is"
		                                        : "");
	for (size_t i = 0; p.known && i < p.range_count; i++) {
		region_names(session_layout(s), p.ranges[i], names, sizeof(names));
		report_say(report, "protected: %s%s%s",
		           range_text(p.ranges[i], range, sizeof(range)), names[0] ? " " : "",
		           names);
		json_array_append_new(list, json_pack("{s:I, s:I}", "start",
		                                      (json_int_t)p.ranges[i].start, "length",
		                                      (json_int_t)p.ranges[i].len));
	}
	report_result(report, "meaning", say_meaning(s, &p));
	report_result(report, "status", json_string(p.text));
	report_result(report, "known", json_boolean(p.known));
	report_result(report, "protected", list);
	report_result(report, "wp_decides", json_boolean(p.srp));
	report_result(report, "locked", json_boolean(p.locked));
	return 0;
}

static int protect(struct session *s, enum action action, struct np_error *err)
{
	struct np_range range = {0};
	char text[48];
	int ret = 0;

	if (action == ON)
		ret = one_range(s, s->cli->opt.args[1], &range, err);
	if (ret)
		return ret;
	if (action != STATUS && s->cli->opt.dry_run)
		report_say(&s->cli->report, "dry run: %s%s; the status now:",
		           action == ON ? "would protect " : "would protect nothing",
		           action == ON ? range_text(range, text, sizeof(text)) : "");
	else if (action != STATUS)
		ret = nor_protection_set(s->nor, range, err);
	return ret ? ret : say_status(s, err);
}

int cmd_protect(struct cli *cli, struct np_error *err)
{
	enum action action = STATUS;
	struct session session;
	int ret = session_prepare(&session, cli, err);

	if (!ret)
		ret = parse_action(&cli->opt, &action, err);
	if (!ret)
		ret = session_open(&session, err);
	if (!ret)
		ret = protect(&session, action, err);
	return session_close(&session, ret, err);
}
