/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress: a bar with rate and ETA on a terminal, plain lines elsewhere, events with --json. */
#include "cli/report.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/units.h"

#define BAR_EVERY_US  100000
#define LINE_EVERY_US 10000000
#define JSON_EVERY_US 250000
#define PACE_MOST     20. /* so much slower or faster than expected is no measure of the rest */
#define TAIL_COLUMNS  46

#define MAP_ROW          64 /* cells; half of them on a narrow terminal */
#define MAP_ROWS         16
#define MAP_LABEL        16 /* columns that a row needs beside its cells */
#define MAP_LINES_AROUND 6  /* of the terminal: bar, legend, and what was said last */
#define MAP_LINES_LEAST  10

/* "read", "write": what --json calls a phase. */
static const char *progress_phase_name(enum np_phase phase)
{
	switch (phase) {
	case NP_PHASE_READ:
		return "read";
	case NP_PHASE_REREAD:
		return "reread";
	case NP_PHASE_PROBE:
		return "probe";
	case NP_PHASE_BACKUP:
		return "backup";
	case NP_PHASE_WRITE:
		return "write";
	case NP_PHASE_VERIFY:
		return "verify";
	case NP_PHASE_RESTORE_PROTECTION:
		return "protection";
	}
	return "work";
}

/* The same for people. */
static const char *phase_words(enum np_phase phase)
{
	switch (phase) {
	case NP_PHASE_READ:
		return "reading chip";
	case NP_PHASE_REREAD:
		return "reading again";
	case NP_PHASE_PROBE:
		return "checking the read";
	default:
		return progress_phase_name(phase);
	}
}

const char *progress_label(const struct progress *p, char *buf, size_t len)
{
	if (p->passes > 1)
		snprintf(buf, len, "%s %u/%u", phase_words(p->phase), p->pass, p->passes);
	else
		snprintf(buf, len, "%s", phase_words(p->phase));
	return buf;
}

static const char *rate(const struct progress *p, uint64_t now, char *buf, size_t len)
{
	double seconds = (double)(now - p->begun_us) / 1e6;
	double per_second = seconds > 0 ? (double)p->done / seconds : 0;

	if (per_second >= 1 << 20)
		snprintf(buf, len, "%.1f MiB/s", per_second / (1 << 20));
	else
		snprintf(buf, len, "%.1f KiB/s", per_second / (1 << 10));
	return buf;
}

/* What comes after the phase takes more or less than expected as the phase itself does. */
static double after_us(const struct progress *p, double spent_us)
{
	double expected_us = (double)p->phase_ns / 1e3 * (double)p->done / (double)p->total;
	double pace = expected_us > 0 ? spent_us / expected_us : 1;

	if (pace < 1 / PACE_MOST || pace > PACE_MOST)
		pace = 1;
	return (double)p->after_ns / 1e3 * pace;
}

/* Of the whole job, as far as it is known. */
static const char *eta(const struct progress *p, uint64_t now, char *buf, size_t len)
{
	double spent = (double)(now - p->begun_us);
	char left[32];

	if (!p->done || p->done > p->total)
		return "";
	np_format_duration((uint64_t)(spent * (double)(p->total - p->done) / (double)p->done +
	                              after_us(p, spent)),
	                   left, sizeof(left));
	if (p->to_plan)
		snprintf(buf, len, "  %s to the plan", left);
	else
		snprintf(buf, len, "  ETA %s", left);
	return buf;
}

unsigned progress_percent(const struct progress *p)
{
	if (!p->total || p->done >= p->total)
		return 100;
	return (unsigned)(p->done * 100 / p->total);
}

/* ---- the map ---- */

void progress_map(struct report *report, uint64_t size)
{
	struct winsize window = {0};
	size_t columns, lines;

	if (!report->terminal || report->json || report->wire || report->level < 0 ||
	    ioctl(STDERR_FILENO, TIOCGWINSZ, &window) != 0)
		return;
	columns = window.ws_col;
	lines = window.ws_row;
	if (columns < MAP_ROW / 2 + MAP_LABEL || lines < MAP_LINES_LEAST)
		return;
	map_begin(&report->map, size, columns < MAP_ROW + MAP_LABEL ? MAP_ROW / 2 : MAP_ROW,
	          lines - MAP_LINES_AROUND < MAP_ROWS ? lines - MAP_LINES_AROUND : MAP_ROWS);
}

/* The cursor ends in the line below. */
static size_t draw_map(struct report *report)
{
	char row[MAP_ROW * 12 + 64];

	if (!report->map.size)
		return 0;
	for (size_t i = 0; i < map_rows(&report->map); i++)
		fprintf(stderr, "%s\033[K\n",
		        map_row(&report->map, i, report->colour, row, sizeof(row)));
	for (size_t i = 0; i < MAP_LEGEND; i++)
		fprintf(stderr, "%.*s\033[K\n", (int)report_columns(STDERR_FILENO) - 1,
		        map_legend(&report->map, i, row, sizeof(row)));
	return map_rows(&report->map) + MAP_LEGEND;
}

void progress_map_leave(struct report *report)
{
	progress_clear(report);
	if (report->map.size)
		draw_map(report);
	report->map.size = 0;
}

/* ---- the bar ---- */

static void to_top(const struct progress *p)
{
	fputc('\r', stderr);
	if (p->block > 1)
		fprintf(stderr, "\033[%zuA", p->block - 1);
}

static void draw_bar(struct report *report, uint64_t now)
{
	struct progress *p = &report->progress;
	char name[32], speed[32], left[48], tail[112], bar[64];
	size_t columns, rows;
	int room, filled;

	progress_room(&columns, &rows);
	progress_label(p, name, sizeof(name));
	snprintf(tail, sizeof(tail), "%3u%%  %s%s", progress_percent(p),
	         rate(p, now, speed, sizeof(speed)), eta(p, now, left, sizeof(left)));
	room = (int)columns - (int)strlen(name) - TAIL_COLUMNS;
	if (room > (int)sizeof(bar) - 1)
		room = sizeof(bar) - 1;
	if (room < 5)
		room = 5;
	filled = (int)progress_percent(p) * room / 100;
	memset(bar, '#', (size_t)filled);
	memset(bar + filled, '-', (size_t)(room - filled));
	bar[room] = '\0';
	to_top(p);
	p->block = draw_map(report) + 1;
	fprintf(stderr, "%s [%s] %.*s\033[K", name, bar,
	        (int)columns - (int)strlen(name) - room - 5, tail);
	fflush(stderr);
	p->drawn = true;
}

void progress_clear(struct report *report)
{
	if (!report->progress.drawn)
		return;
	to_top(&report->progress);
	fputs("\033[J", stderr);
	fflush(stderr);
	report->progress.drawn = false;
	report->progress.block = 0;
}

void progress_room(size_t *columns, size_t *rows)
{
	struct winsize size = {0};

	*columns = 80;
	*rows = 24;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size))
		return;
	if (size.ws_col >= 40)
		*columns = size.ws_col;
	if (size.ws_row)
		*rows = size.ws_row;
}

void progress_block(struct report *report, const char *const *lines, size_t count)
{
	size_t columns, rows;

	progress_room(&columns, &rows);
	progress_clear(report);
	if (!count)
		return;
	fflush(stdout);
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "%s%.*s", i ? "\n" : "", (int)columns - 1, lines[i]);
	fflush(stderr);
	report->progress.drawn = true;
	report->progress.block = count;
}

const char *progress_speed(const struct progress *p, char *buf, size_t len)
{
	uint64_t now = np_now_us();
	char speed[32], left[48];

	snprintf(buf, len, "%s%s", rate(p, now, speed, sizeof(speed)),
	         eta(p, now, left, sizeof(left)));
	return buf;
}

bool progress_phase_of(const char *name, enum np_phase *phase)
{
	for (int i = NP_PHASE_READ; i <= NP_PHASE_RESTORE_PROTECTION; i++)
		if (strcmp(progress_phase_name((enum np_phase)i), name) == 0) {
			*phase = (enum np_phase)i;
			return true;
		}
	return false;
}

static void json_progress(struct report *report)
{
	const struct progress *p = &report->progress;
	json_t *fields;

	if (!report->json && !report->wire)
		return;
	fields = json_pack("{s:s, s:I, s:I}", "phase", progress_phase_name(p->phase), "done",
	                   (json_int_t)p->done, "total", (json_int_t)p->total);
	if (fields && p->passes) {
		json_object_set_new(fields, "pass", json_integer(p->pass));
		json_object_set_new(fields, "passes", json_integer(p->passes));
	}
	report_event(report, "progress", fields);
}

static void tell(struct report *report, uint64_t now)
{
	struct progress *p = &report->progress;
	bool events = report->json || report->wire;
	uint64_t every = events ? JSON_EVERY_US : report->terminal ? BAR_EVERY_US : LINE_EVERY_US;
	char name[32], speed[32], left[48];

	if (now - p->told_us < every)
		return;
	p->told_us = now;
	if (events)
		json_progress(report);
	else if (report->level < 0)
		return;
	else if (report->terminal)
		draw_bar(report, now);
	else
		fprintf(stderr, "%s: %u%%, %s%s\n", progress_label(p, name, sizeof(name)),
		        progress_percent(p), rate(p, now, speed, sizeof(speed)),
		        eta(p, now, left, sizeof(left)));
}

static void tell_stop(struct report *report)
{
	int level = np_stop_level();

	if (level <= report->stop_told)
		return;
	report->stop_told = level;
	if (report->wire) /* the gang says it once for all */
		return;
	if (level == 1)
		report_note(report, "finishing the current block; Ctrl-C again stops sooner");
	else
		report_note(report, "stopping at the end of the page");
}

static void begin(struct report *report, const struct np_event *event)
{
	report->progress = (struct progress){.active = true,
	                                     .drawn = report->progress.drawn,
	                                     .block = report->progress.block,
	                                     .phase_ns = event->phase_ns,
	                                     .after_ns = event->after_ns,
	                                     .to_plan = event->to_plan,
	                                     .phase = event->phase,
	                                     .pass = event->pass,
	                                     .passes = event->passes,
	                                     .total = event->total,
	                                     .begun_us = np_now_us()};
	report->progress.told_us = report->progress.begun_us;
	json_progress(report);
}

static void end(struct report *report)
{
	struct progress *p = &report->progress;
	uint64_t now = np_now_us();
	char name[32], speed[32], size[32], time[32];

	if (!p->active)
		return;
	json_progress(report);
	p->active = false;
	if (report->wire)
		return;
	if (p->done < p->total || !p->total) {
		progress_clear(report);
		return;
	}
	report_note(report, "%s: %s in %s, %s", progress_label(p, name, sizeof(name)),
	            np_format_size(p->total, size, sizeof(size)),
	            np_format_duration(now - p->begun_us, time, sizeof(time)),
	            rate(p, now, speed, sizeof(speed)));
}

void progress_event(struct report *report, const struct np_event *event)
{
	tell_stop(report);
	if (event->type == NP_EV_PHASE) {
		begin(report, event);
		return;
	}
	if (event->type == NP_EV_PHASE_END) {
		end(report);
		return;
	}
	report->progress.done = event->done;
	if (event->total)
		report->progress.total = event->total;
	tell(report, np_now_us());
}

/* "contact [########------------------------]  EF 40 17  16 of 64". */
void progress_contact(struct report *report, const char *bar, const uint8_t id[3], unsigned agreed,
                      unsigned reads)
{
	if (!report->terminal || report->json || report->wire || report->level < 0)
		return;
	fprintf(stderr, "\r\033[Kcontact [%s]  %02X %02X %02X  %u of %u", bar, id[0], id[1], id[2],
	        agreed, reads);
	fflush(stderr);
	report->progress.drawn = true;
}
