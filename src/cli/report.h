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
#include "job/event.h"

/* The phase under way, for the bar. */
struct progress {
	bool active; /* a phase has begun and not ended */
	bool drawn;  /* the cursor stands in a bar */
	enum np_phase phase;
	unsigned pass, passes;
	uint64_t total, done;
	uint64_t begun_us, told_us; /* monotonic */
};

struct report {
	bool json;
	bool terminal;  /* stderr is one */
	int level;      /* -1 quiet, 0 usual, 1 -v, 2 -vv */
	FILE *log;      /* NULL: none */
	json_t *result; /* fields of the final event; owned */
	struct progress progress;
	int stop_told;          /* stop level already spoken of */
	uint64_t disagreed;     /* blocks whose reads differed */
	bool concluded;         /* what the command said already is the error and its hint */
	bool pipe_shut;         /* whoever read stdout has gone: nothing is left to say */
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

/* A remark on stderr, silent with -q and with --json. */
void report_note(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A warning on stderr; with --json a "warning" event as well. */
void report_warn(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The error and its hint on stderr. */
void report_error(struct report *report, const struct np_error *err);

/* The log sink (np_log_fn); ctx is the report. */
void report_log(void *ctx, enum np_log_level level, const char *line);

/* A string for report_event() and report_result() from a text of any origin: a path, a name in a
 * file, a message cut in mid-letter. What is not UTF-8, which JSON must be, becomes U+FFFD. */
json_t *report_text(const char *text);

/* One JSON event line, or nothing without --json. Takes over `fields` (an object). */
void report_event(struct report *report, const char *event, json_t *fields);

/* Add a field to the final result event. Takes over `value`. */
void report_result(struct report *report, const char *key, json_t *value);

/* Emit the result event: `ret` 0 or the code of `err`. */
void report_finish(struct report *report, const char *command, int ret, const struct np_error *err);

/* Take the bar away before something else is printed on the terminal. */
void progress_clear(struct report *report);

/* Feed NP_EV_PHASE, NP_EV_PROGRESS and NP_EV_PHASE_END. */
void progress_event(struct report *report, const struct np_event *event);

/* The contact of a clip held by hand: a bar of how many of the ID reads agree. On a terminal only. */
void progress_contact(struct report *report, const uint8_t id[3], unsigned agreed, unsigned reads);

/* Columns of the terminal that `fd` is; 0: it is none, or does not tell. Lines are wrapped at its
 * width; what goes into a pipe or a file is not. */
size_t report_columns(int fd);

/* Bytes as they are on stdout, for a pipe; false when they could not be written. */
bool report_bytes(const uint8_t *bytes, size_t len);

/* "read", "write": what --json calls a phase. */
const char *progress_phase_name(enum np_phase phase);

#endif
