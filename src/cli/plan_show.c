/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/plan_show.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "job/selection.h"

#define REREADS_TOLD  4
#define RANGES_TOLD   4
#define TABLE_COLUMNS 80

/* Consecutive steps of one kind within the same regions: one line of the table. */
struct group {
	uint64_t start, end;
	int level;
	size_t steps;
	uint64_t pages, cost_ns;
	char regions[96];
};

static uint64_t step_cost(const struct plan_step *step, const struct plan_cost *cost)
{
	uint64_t ns = cost->read_ns + (uint64_t)step->len * cost->read_ns_per_byte_x1000 / 1000;

	if (step->level >= 0)
		ns += cost->level[step->level].erase_ns;
	return ns + step->pages * cost->page_ns;
}

static void group_begin(struct group *group, const struct plan_step *step,
                        const struct layout *layout)
{
	*group = (struct group){.start = step->start, .end = step->start, .level = step->level};
	region_names(layout, (struct np_range){step->start, step->len}, group->regions,
	             sizeof(group->regions));
}

static bool group_takes(const struct group *group, const struct plan_step *step,
                        const struct layout *layout)
{
	char regions[sizeof(group->regions)];

	region_names(layout, (struct np_range){step->start, step->len}, regions, sizeof(regions));
	return group->end == step->start && group->level == step->level &&
	       strcmp(group->regions, regions) == 0;
}

static const char *action(const struct group *group, const struct plan_cost *cost, char *buf,
                          size_t len)
{
	char size[32];

	if (group->level < 0) {
		snprintf(buf, len, "program only");
		return buf;
	}
	np_format_size(cost->level[group->level].size, size, sizeof(size));
	if (cost->level[group->level].size == group->end - group->start)
		snprintf(buf, len, "erase %s", size);
	else
		snprintf(buf, len, "erase %zu x %s", group->steps, size);
	return buf;
}

/* A row of the table; without the pages where the terminal is narrow. */
static void row_say(struct report *report, const char *address, const char *region,
                    const char *action, const char *pages, const char *time)
{
	size_t columns = report_columns(STDOUT_FILENO);

	if (columns && columns < TABLE_COLUMNS)
		report_say(report, "  %-17s %-9s %-20s %8s", address, region, action, time);
	else
		report_say(report, "  %-22s %-14s %-20s %6s %11s", address, region, action, pages,
		           time);
}

static void row_figures(struct report *report, const char *address, const char *region,
                        const char *action, uint64_t pages, uint64_t ns)
{
	char count[24] = "", time[32];

	if (pages)
		snprintf(count, sizeof(count), "%" PRIu64, pages);
	snprintf(time, sizeof(time), "%.2f s", (double)ns / 1e9);
	row_say(report, address, region, action, count, time);
}

static void group_say(struct report *report, const struct group *group,
                      const struct plan_cost *cost)
{
	char range[48], what[64];

	if (!group->steps)
		return;
	row_figures(report,
	            range_text((struct np_range){group->start, group->end - group->start}, range,
	                       sizeof(range)),
	            group->regions[0] ? group->regions : "-",
	            action(group, cost, what, sizeof(what)), group->pages, group->cost_ns);
}

static uint64_t count_erases(const struct plan *plan)
{
	uint64_t erases = 0;

	for (size_t i = 0; i < plan->count; i++)
		erases += plan->steps[i].level >= 0;
	return erases;
}

/* A chip erase belongs to no step: what the steps do not cost is its cost. */
static void say_chip_erase(struct report *report, const struct plan *plan,
                           const struct plan_cost *cost)
{
	struct np_range all = {0, plan->erase_bytes};
	uint64_t ns = plan->cost_ns;
	char range[48];

	for (size_t i = 0; i < plan->count; i++)
		ns -= step_cost(&plan->steps[i], cost) < ns ? step_cost(&plan->steps[i], cost) : ns;
	row_figures(report, range_text(all, range, sizeof(range)), "-", "erase whole chip", 0, ns);
}

static void show_table(struct report *report, const struct plan *plan, const struct plan_cost *cost,
                       const struct layout *layout)
{
	struct group group = {0};
	uint64_t erases = count_erases(plan);
	bool whole = !erases && plan->erase_bytes;
	char erased[32], total[48];

	row_say(report, "address", "region", "action", "pages", "time");
	if (whole)
		say_chip_erase(report, plan, cost);
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_step *step = &plan->steps[i];

		if (!group.steps || !group_takes(&group, step, layout)) {
			group_say(report, &group, cost);
			group_begin(&group, step, layout);
		}
		group.end = (uint64_t)step->start + step->len;
		group.steps++;
		group.pages += step->pages;
		group.cost_ns += step_cost(step, cost);
	}
	group_say(report, &group, cost);
	erases += whole;
	snprintf(total, sizeof(total), "%" PRIu64 " erase%s, %s", erases, erases == 1 ? "" : "s",
	         np_format_size(plan->erase_bytes, erased, sizeof(erased)));
	row_figures(report, "total", "", total, plan->pages, plan->cost_ns);
}

/* Done before the first erase; where the adapter compares by itself it takes next to no time. */
static void say_reread(struct report *report, const struct np_event *event)
{
	char size[32];

	if (event->reread)
		row_figures(report, np_format_size(event->reread, size, sizeof(size)), "",
		            "read twice", 0, event->reread_ns);
}

const char *session_chip_name(const struct session *session, char *buf, size_t len)
{
	const struct nor_chip *chip = session->info->chip;
	const char *maker = chip && chip->maker ? chip->maker : "";

	snprintf(buf, len, "%s%s%s", maker, maker[0] ? " " : "", session->info->name);
	return buf;
}

/* "plan: write new.bin to Winbond W25Q64FV (8 MiB)" */
static void say_head(const struct session *session, const struct np_proposal *p)
{
	const struct cli *cli = session->cli;
	char chip[192], size[32];

	session_chip_name(session, chip, sizeof(chip));
	np_format_size(session->info->size, size, sizeof(size));
	if (p->file)
		report_say(&session->cli->report, "plan: %s %s to %s (%s)", cli->command->name,
		           p->file, chip, size);
	else
		report_say(&session->cli->report, "plan: %s %s (%s)", cli->command->name, chip,
		           size);
}

/* "config,radio (0x7d0000-0x7dffff, ...)" */
static const char *set_words(const struct layout *layout, const struct np_ranges *set, char *buf,
                             size_t len)
{
	char names[128], range[48];
	size_t n;

	regions_text(layout, set, names, sizeof(names));
	n = (size_t)snprintf(buf, len, "%s%s", names, names[0] ? " (" : "");
	for (size_t i = 0; i < set->count && i < RANGES_TOLD && n < len; i++)
		n += (size_t)snprintf(buf + n, len - n, "%s%s", i ? ", " : "",
		                      range_text(set->at[i], range, sizeof(range)));
	if (n < len)
		snprintf(buf + n, len - n, "%s%s", set->count > RANGES_TOLD ? ", ..." : "",
		         names[0] ? ")" : "");
	return buf;
}

static void say_kept(struct report *report, const struct np_proposal *p,
                     const struct layout *layout)
{
	char kept[512], only[512];
	bool set = p->set && p->set->count;

	if (set)
		report_say(report, "  set     %s", set_words(layout, p->set, kept, sizeof(kept)));
	if (p->kept && p->kept->count)
		report_say(report, "  kept    %s%s%s",
		           set_words(layout, p->kept, kept, sizeof(kept)),
		           p->only ? "; all but " : "",
		           p->only ? set_words(layout, p->only, only, sizeof(only)) : "");
	else if (p->only)
		report_say(report, "  kept    all but %s",
		           set_words(layout, p->only, only, sizeof(only)));
	else
		report_say(report, "  kept    nothing%s of what is on the chip now",
		           set ? " else" : "");
}

static void say_whole_time(struct report *report, const struct np_event *event)
{
	const struct np_proposal *p = event->proposal;
	/* A dry run has not read again yet. */
	uint64_t more_us = (p->rest_ns + (p->to_read_again ? event->reread_ns : 0)) / 1000;
	char all[32], done[32];

	report_say(report, "  time    about %s in all; %s of it are over",
	           np_format_duration(p->spent_us + more_us, all, sizeof(all)),
	           np_format_duration(p->spent_us, done, sizeof(done)));
}

static json_t *step_json(const struct plan_step *step, const struct plan_cost *cost,
                         const struct layout *layout)
{
	char regions[256];

	region_names(layout, (struct np_range){step->start, step->len}, regions, sizeof(regions));
	return json_pack("{s:I, s:I, s:I, s:I, s:f, s:o}", "addr", (json_int_t)step->start, "len",
	                 (json_int_t)step->len, "erase",
	                 (json_int_t)(step->level < 0 ? 0 : cost->level[step->level].size), "pages",
	                 (json_int_t)step->pages, "cost_s", (double)step_cost(step, cost) / 1e9,
	                 "regions", report_text(regions));
}

static json_t *ranges_json(const struct np_ranges *set)
{
	json_t *list = json_array();

	for (size_t i = 0; set && i < set->count; i++)
		json_array_append_new(list,
		                      json_pack("{s:I, s:I}", "start", (json_int_t)set->at[i].start,
		                                "len", (json_int_t)set->at[i].len));
	return list;
}

static void show_json(struct report *report, const struct np_event *event)
{
	const struct np_proposal *p = event->proposal;
	const struct plan *plan = event->plan;
	json_t *steps = json_array();

	for (size_t i = 0; i < plan->count; i++)
		json_array_append_new(steps,
		                      step_json(&plan->steps[i], event->cost, event->layout));
	report_event(report, "plan",
	             json_pack("{s:o*, s:o*, s:o, s:f, s:f, s:I, s:f, s:I, s:I, s:I, s:o}", "file",
	                       p->file ? report_text(p->file) : NULL, "backup",
	                       p->backup ? report_text(p->backup) : NULL, "kept",
	                       ranges_json(p->kept), "rest_s", (double)p->rest_ns / 1e9, "cost_s",
	                       (double)plan->cost_ns / 1e9, "reread_bytes",
	                       (json_int_t)event->reread, "reread_s",
	                       (double)event->reread_ns / 1e9, "erase_bytes",
	                       (json_int_t)plan->erase_bytes, "program_bytes",
	                       (json_int_t)plan->program_bytes, "pages", (json_int_t)plan->pages,
	                       "steps", steps));
}

static void tell_plan(struct session *session, const struct np_event *event)
{
	struct report *report = &session->cli->report;
	const struct np_proposal *p = event->proposal;

	if (report->json) {
		show_json(report, event);
		return;
	}
	say_head(session, p);
	say_kept(report, p, event->layout);
	if (p->backup)
		report_say(report, "  backup  %s", p->backup);
	else
		report_say(report, "  backup  none is kept once the job is done");
	show_table(report, event->plan, event->cost, event->layout);
	say_reread(report, event);
	say_whole_time(report, event);
}

static void tell_backup(struct session *session, const char *path)
{
	report_say(&session->cli->report, "backup: %s", path);
	report_event(&session->cli->report, "backup",
	             json_pack("{s:o}", "path", report_text(path)));
}

static void tell_reread(struct session *session, const struct np_event *event)
{
	struct report *report = &session->cli->report;

	/* Four places show the kind of it; thousands would bury what comes after. */
	if (report->level > 0 || report->disagreed < REREADS_TOLD)
		report_note(report, "reads disagree at 0x%06" PRIx64 " (%" PRIu64 " bytes)",
		            event->addr, event->len);
	else if (report->disagreed == REREADS_TOLD)
		report_note(report, "reads disagree at more places, which are counted (-v lists "
		                    "them)");
	report->disagreed++;
	report_event(report, "reread",
	             json_pack("{s:I, s:I}", "addr", (json_int_t)event->addr, "len",
	                       (json_int_t)event->len));
}

static void tell_step(struct session *session, const struct np_event *event)
{
	struct report *report = &session->cli->report;
	char range[48];

	if (report->level > 0)
		report_note(report, "step %zu of %" PRIu64 ": %s done", event->index + 1,
		            event->total,
		            range_text((struct np_range){event->addr, event->len}, range,
		                       sizeof(range)));
	report_event(report, "step",
	             json_pack("{s:I, s:I, s:I, s:I}", "index", (json_int_t)event->index, "total",
	                       (json_int_t)event->total, "addr", (json_int_t)event->addr, "len",
	                       (json_int_t)event->len));
}

/* With --explain: a line a gate. */
static void tell_gate(struct session *session, const struct np_event *event)
{
	struct report *report = &session->cli->report;

	if (!session->cli->opt.explain)
		return;
	if (event->text[0])
		report_say(report, "%-19s%-12s%s", event->gate, event->answer, event->text);
	else
		report_say(report, "%-19s%s", event->gate, event->answer);
	report_event(report, "gate",
	             json_pack("{s:s, s:s, s:o, s:o}", "gate", event->gate, "verdict",
	                       event->answer, "text", report_text(event->text), "hint",
	                       report_text(event->hint)));
}

void session_event(void *ctx, const struct np_event *event)
{
	struct session *session = ctx;
	struct report *report = &session->cli->report;

	map_event(&report->map, event);
	switch (event->type) {
	case NP_EV_PHASE:
	case NP_EV_PROGRESS:
	case NP_EV_PHASE_END:
		progress_event(report, event);
		break;
	case NP_EV_PLAN:
		tell_plan(session, event);
		break;
	case NP_EV_BACKUP:
		tell_backup(session, event->path);
		break;
	case NP_EV_STEP:
		tell_step(session, event);
		break;
	case NP_EV_REREAD:
		tell_reread(session, event);
		break;
	case NP_EV_NOTE:
		report_note(report, "%s", event->text);
		report_event(report, "note", json_pack("{s:o}", "text", report_text(event->text)));
		break;
	case NP_EV_WARN:
		report_warn(report, "%s", event->text);
		break;
	case NP_EV_GATE:
		tell_gate(session, event);
		break;
	case NP_EV_BLOCK:
		break;
	}
}
