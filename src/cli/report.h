/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything the command says goes through here: results to stdout (text or JSON Lines), all else
 * to stderr and, with --log, to a file. Knows about the progress bar, so that lines never land in
 * it.
 */
#ifndef NP_CLI_REPORT_H
#define NP_CLI_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "base/err.h"
#include "base/log.h"
#include "cli/map.h"
#include "job/event.h"

/* The phase under way, for the bar. */
struct progress {
	bool active;  /* a phase has begun and not ended */
	bool drawn;   /* the cursor stands in a bar */
	size_t block; /* or at the end of so many lines: of a map and its bar, of a gang */
	enum np_phase phase;
	unsigned pass, passes;
	uint64_t total, done;
	uint64_t begun_us, told_us;  /* monotonic */
	uint64_t phase_ns, after_ns; /* as in the event */
	bool to_plan;
};

struct report {
	bool json;
	bool wire;      /* a member of a gang: lines too go out as events, to who started it */
	bool terminal;  /* stderr is one */
	bool colour;    /* for the first words of warnings and errors */
	int level;      /* -1 quiet, 0 usual, 1 -v, 2 -vv */
	FILE *log;      /* NULL: none */
	json_t *result; /* fields of the final event; owned */
	struct progress progress;
	struct map map;         /* of the flash; size 0: none is drawn */
	int stop_told;          /* stop level already spoken of */
	uint64_t disagreed;     /* blocks whose reads differed */
	bool concluded;         /* what the command said already is the error and its hint */
	bool pipe_shut;         /* the reader of stdout has closed it: print no more */
	const char *programmer; /* -p as given; NULL: none */
};

/* Start; `log_path` may be NULL. Error: NP_E_OUTPUT. */
int report_open(struct report *report, bool json, int level, const char *log_path,
                struct np_error *err);

/* Flush and free. NP_E_OUTPUT when stdout or the log could not be written. */
int report_close(struct report *report, struct np_error *err);

/* A line of the command's answer on stdout; nothing with --json. */
void report_say(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same of a line that ends in a command to paste: it is not wrapped. */
void report_paste(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A remark on stderr, silent with -q and with --json. */
void report_note(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A warning on stderr; with --json a "warning" event as well. */
void report_warn(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The error and its hint on stderr. */
void report_error(struct report *report, const struct np_error *err);

/* Both for one of several adapters, whose name goes in front; with --json also in the event. */
void report_warn_of(struct report *report, const char *adapter, const char *text);
void report_hint(struct report *report, const char *adapter, const char *text);

/* The log sink (np_log_fn); ctx is the report. */
void report_log(void *ctx, enum np_log_level level, const char *line);

/* A string for report_event() and report_result() from a text of any origin: a path, a name in a
 * file, a message cut in mid-letter. What is not UTF-8, which JSON must be, becomes U+FFFD. */
json_t *report_text(const char *text);

/* One JSON event line, or nothing without --json. Takes over `fields` (an object). */
void report_event(struct report *report, const char *event, json_t *fields);

/* Add a field to the final result event, or all of an object's. Takes over `value`, `fields`. */
void report_result(struct report *report, const char *key, json_t *value);
void report_results(struct report *report, json_t *fields);

/* Emit the result event: `ret` 0 or the code of `err`. */
void report_finish(struct report *report, const char *command, int ret, const struct np_error *err);

/* Take the bar away before something else is printed on the terminal. */
void progress_clear(struct report *report);

/* Draw these lines at the bottom of the terminal, in place of those drawn before. */
void progress_block(struct report *report, const char *const *lines, size_t count);

/* Columns and rows of the terminal; 80 and 24 where nobody knows. */
void progress_room(size_t *columns, size_t *rows);

/* "1.2 MiB/s  ETA 3 s" and the like of a phase under way, and what it is called. */
const char *progress_speed(const struct progress *p, char *buf, size_t len);
const char *progress_label(const struct progress *p, char *buf, size_t len);
unsigned progress_percent(const struct progress *p);

/* The phase that --json calls so; false: none. */
bool progress_phase_of(const char *name, enum np_phase *phase);

/* Feed NP_EV_PHASE, NP_EV_PROGRESS and NP_EV_PHASE_END. */
void progress_event(struct report *report, const struct np_event *event);

/* Draw a map of a flash of `size` bytes above the bar from now on, if the terminal has room for it. */
void progress_map(struct report *report, uint64_t size);

/* The map as it is, to stay: where a job ended that did not succeed. */
void progress_map_leave(struct report *report);

/* The contact of a clip held by hand: how it was during the last second (`bar`), the ID as it is read
 * now, and how many of its reads agree. On a terminal only. */
void progress_contact(struct report *report, const char *bar, const uint8_t id[3], unsigned agreed,
                      unsigned reads);

/* Columns of the terminal that `fd` is; 0: it is none, or does not tell. Lines are wrapped at its
 * width; what goes into a pipe or a file is not. */
size_t report_columns(int fd);

/* Bytes as they are on stdout, for a pipe; false when they could not be written. */
bool report_bytes(const uint8_t *bytes, size_t len);

#endif
