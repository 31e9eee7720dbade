/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gang looks like: lines with names, plans by groups, status lines, the table. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/gang/gang.h"

#define DRAW_EVERY_US 100000
#define STATUS_MAX    480

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* ---- lines ---- */

static void hold_line(struct member *member, const char *text)
{
	size_t before = member->plan ? strlen(member->plan) : 0, more = strlen(text);
	char *longer = realloc(member->plan, before + more + 2);

	if (!longer)
		return;
	memcpy(longer + before, text, more);
	memcpy(longer + before + more, "\n", 2);
	member->plan = longer;
}

/* Lines before the question are a plan, which is shown for all that have the same. */
static bool is_plan(const struct gang *gang, const struct member *member)
{
	unsigned changes = CLI_WRITE | CLI_RESTORE | CLI_ERASE;

	return gang->cli->command->bit & changes && member->state == MEMBER_WORKING;
}

void show_line(struct gang *gang, struct member *member, const char *kind, const char *text)
{
	struct report *report = &gang->cli->report;
	struct np_error err = {0};

	if (strcmp(kind, "out") == 0 && is_plan(gang, member)) {
		hold_line(member, text);
		return;
	}
	if (strcmp(kind, "out") == 0) {
		if (member->plan)
			show_plans(gang);
		report_say(report, "%s: %s", member->name, text);
	} else if (strcmp(kind, "note") == 0) {
		report_note(report, "%s: %s", member->name, text);
	} else if (strcmp(kind, "warning") == 0) {
		report_warn_of(report, member->name, text);
	} else if (strcmp(kind, "error") == 0) {
		snprintf(err.message, sizeof(err.message), "%s: %s", member->name, text);
		report_error(report, &err);
	} else if (strcmp(kind, "hint") == 0) {
		report_hint(report, member->name, text);
	}
}

/* ---- plans ---- */

/* Line `index` of a plan, without its end; *len is 0 behind the last. */
static const char *plan_line(const char *plan, size_t index, size_t *len)
{
	for (; *plan && index; index--)
		plan += strcspn(plan, "\n") + 1;
	*len = strcspn(plan, "\n");
	return plan;
}

static bool same_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

/* The lines that name a file or a clock: equal plans differ in them. */
static bool is_own(const char *line)
{
	static const char *const words[] = {"plan: ", "  backup ", "  time "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(line, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

static bool same_plan(const struct member *a, const struct member *b)
{
	size_t a_len = 1, b_len = 1;

	if (b->state == MEMBER_WORKING || !a->plan || !b->plan || strcmp(a->chip, b->chip) != 0)
		return false;
	for (size_t i = 0; a_len || b_len; i++) {
		const char *mine = plan_line(a->plan, i, &a_len);
		const char *other = plan_line(b->plan, i, &b_len);

		if (!same_text(mine, a_len, other, b_len) &&
		    !(is_own(mine) && is_own(other) && mine[2] == other[2]))
			return false;
	}
	return true;
}

/* One line for all of a group; where they differ, one for each. */
static void say_plan_line(const struct gang *gang, struct member *const *group, size_t count,
                          size_t index)
{
	struct report *report = &gang->cli->report;
	size_t len, other_len;
	const char *line = plan_line(group[0]->plan, index, &len);
	bool same = true;

	for (size_t i = 1; i < count; i++) {
		const char *other = plan_line(group[i]->plan, index, &other_len);

		same &= same_text(line, len, other, other_len);
	}
	if (same) {
		report_say(report, "  %.*s", (int)len, line);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		line = plan_line(group[i]->plan, index, &len);
		while (len && *line == ' ') {
			line++;
			len--;
		}
		report_say(report, "    %s: %.*s", group[i]->name, (int)len, line);
	}
}

static void show_plan(struct gang *gang, size_t first)
{
	struct report *report = &gang->cli->report;
	struct member *member = &gang->members[first], *group[GANG_MAX];
	char names[600] = "";
	size_t count = 0, len = 1;

	for (size_t i = first; i < gang->count; i++) {
		size_t used = strlen(names);

		if (i != first && !same_plan(member, &gang->members[i]))
			continue;
		snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
		         gang->members[i].name);
		group[count++] = &gang->members[i];
	}
	report_say(report, "%s%s%s%s%s:", names, count > 1 ? ", all the same" : "",
	           member->chip[0] ? " (" : "", member->chip, member->chip[0] ? ")" : "");
	for (size_t i = 0; plan_line(member->plan, i, &len), len; i++)
		say_plan_line(gang, group, count, i);
	for (size_t i = 0; i < count; i++) {
		free(group[i]->plan);
		group[i]->plan = NULL;
	}
}

void show_plans(struct gang *gang)
{
	for (size_t i = 0; i < gang->count; i++)
		if (gang->members[i].plan && gang->members[i].state != MEMBER_WORKING)
			show_plan(gang, i);
}

/* ---- status lines ---- */

static void say_status(const struct member *member, int width, char *line, size_t len)
{
	char name[48], speed[96];

	switch (member->state) {
	case MEMBER_ASKING:
		snprintf(line, len, "%-*s  waits for the answer", width, member->name);
		return;
	case MEMBER_ENDED:
		snprintf(line, len, "%-*s  %s%.200s", width, member->name,
		         member->code ? "failed: " : "done",
		         member->code ? text_of(member->result, "message") : "");
		return;
	case MEMBER_WORKING:
	case MEMBER_GOING:
		break;
	}
	if (!member->progress.active) {
		snprintf(line, len, "%-*s  %s", width, member->name,
		         member->chip[0] ? member->chip : "looking for the chip");
		return;
	}
	snprintf(line, len, "%-*s  %-18s %3u%%  %s", width, member->name,
	         progress_label(&member->progress, name, sizeof(name)),
	         progress_percent(&member->progress),
	         progress_speed(&member->progress, speed, sizeof(speed)));
}

static int widest_name(const struct gang *gang)
{
	size_t width = strlen("adapter");

	for (size_t i = 0; i < gang->count; i++)
		if (strlen(gang->members[i].name) > width)
			width = strlen(gang->members[i].name);
	return width > 32 ? 32 : (int)width;
}

/* Where the terminal has too few lines, adapters that have ended are left out first. */
void show_status(struct gang *gang)
{
	struct report *report = &gang->cli->report;
	char text[GANG_MAX][STATUS_MAX];
	const char *lines[GANG_MAX];
	size_t columns, rows, count = 0, working = 0;
	uint64_t now = np_now_us();

	if (!report->terminal || report->json || report->level < 0 ||
	    now - gang->drawn_us < DRAW_EVERY_US)
		return;
	gang->drawn_us = now;
	progress_room(&columns, &rows);
	for (size_t i = 0; i < gang->count; i++)
		working += gang->members[i].state != MEMBER_ENDED;
	for (size_t i = 0; i < gang->count && working && count + 1 < rows; i++) {
		const struct member *member = &gang->members[i];

		if (member->state == MEMBER_ENDED && gang->count >= rows)
			continue;
		say_status(member, widest_name(gang), text[count], sizeof(text[count]));
		lines[count] = text[count];
		count++;
	}
	progress_block(report, lines, count);
}

/* ---- the end ---- */

/* What came of it, in a few words. */
static const char *outcome(const struct member *member)
{
	if (member->code)
		return text_of(member->result, "message");
	if (json_is_true(json_object_get(member->result, "nothing_to_do")))
		return "nothing to do";
	if (json_is_true(json_object_get(member->result, "dry_run")))
		return "planned, nothing done";
	return text_of(member->result, "file")[0] ? text_of(member->result, "file") : "done";
}

static void say_row(struct gang *gang, const struct member *member)
{
	report_say(&gang->cli->report, "  %-*s  %4d  %-24.24s  %s", widest_name(gang), member->name,
	           np_code_exit(member->code), member->chip[0] ? member->chip : "-",
	           outcome(member));
}

static json_t *summary_json(const struct member *member)
{
	json_t *object = member->result ? json_deep_copy(member->result) : json_object();

	json_object_del(object, "event");
	json_object_del(object, "command");
	json_object_set_new(object, "adapter", report_text(member->name));
	json_object_set_new(object, "programmer", report_text(member->spec));
	return object;
}

void show_summary(struct gang *gang)
{
	struct report *report = &gang->cli->report;
	json_t *all = json_array();

	progress_clear(report);
	report_say(report, "  %-*s  %4s  %-24s  %s", widest_name(gang), "adapter", "exit", "chip",
	           "result");
	for (size_t i = 0; i < gang->count; i++) {
		say_row(gang, &gang->members[i]);
		json_array_append_new(all, summary_json(&gang->members[i]));
	}
	for (size_t i = 0; i < gang->count; i++)
		if (text_of(gang->members[i].result, "hint")[0])
			report_say(report, "next, for %s: %s", gang->members[i].name,
			           text_of(gang->members[i].result, "hint"));
	report_result(report, "adapters", all);
}
