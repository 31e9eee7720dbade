/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/report.h"
#include "cli/paste.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define LINE_MAX_BYTES 2048

int report_open(struct report *report, bool json, int level, const char *log_path,
                struct np_error *err)
{
	report->json = json;
	report->level = level;
	report->terminal = isatty(STDERR_FILENO) == 1;
	if (!report->result)
		report->result = json_object();
	if (!report->result)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	if (!log_path)
		return 0;
	report->log = fopen(log_path, "ae");
	if (!report->log) {
		np_fail(err, NP_E_OUTPUT, "log file %s: %s", log_path, strerror(errno));
		return np_hint(err, "name a file in a folder that exists and that you may write");
	}
	return 0;
}

int report_close(struct report *report, struct np_error *err)
{
	bool bad_log = false, bad_out;

	progress_clear(report);
	if (report->log) {
		bad_log = ferror(report->log) != 0;
		bad_log |= fclose(report->log) != 0;
		report->log = NULL;
	}
	json_decref(report->result);
	report->result = NULL;
	errno = 0;
	bad_out = fflush(stdout) != 0;
	report->pipe_shut = bad_out && errno == EPIPE;
	bad_out |= ferror(stdout) != 0;
	if (bad_out)
		return np_fail(err, NP_E_OUTPUT, "standard output could not be written");
	if (bad_log)
		return np_fail(err, NP_E_OUTPUT, "the log file could not be written completely");
	return 0;
}

static void put_json(json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	if (text)
		puts(text);
	free(text);
	fflush(stdout);
}

/* A line of a member for the one that started it, who says whose it is. */
static void wire_line(const char *kind, const char *line)
{
	json_t *object = json_pack("{s:s, s:s, s:o}", "event", "line", "kind", kind, "text",
	                           report_text(line));

	put_json(object);
	json_decref(object);
}

static void log_line(struct report *report, const char *kind, const char *line)
{
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32] = "", clean[4 * LINE_MAX_BYTES];

	if (!report->log)
		return;
	if (gmtime_r(&now, &tm))
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fprintf(report->log, "%s %s: %s\n", stamp, kind,
	        np_text_printable(line, clean, sizeof(clean)));
	fflush(report->log);
}

size_t report_columns(int fd)
{
	struct winsize size = {0};

	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* What a line is called on the wire, and its first word for people with its colour. */
struct sort {
	const char *kind, *prefix, *colour;
};

static const struct sort out_sort = {"out", "", ""}, note_sort = {"note", "", ""},
			 warning_sort = {"warning", "warning: ", "33"},
			 error_sort = {"error", "norprog: ", "31"},
			 hint_sort = {"hint", "hint: ", "36"};

/* Every line leaves through here, so that escape sequences in a file's, chip's or tree's names
 * never reach the terminal, or one that shows the log later. */
static void put_line(FILE *out, const struct sort *sort, bool colour, const char *line,
                     size_t columns)
{
	char clean[4 * LINE_MAX_BYTES], whole[5 * LINE_MAX_BYTES], wrapped[8 * LINE_MAX_BYTES];
	size_t first = strlen(sort->prefix);

	snprintf(whole, sizeof(whole), "%s%s", sort->prefix,
	         np_text_printable(line, clean, sizeof(clean)));
	np_text_wrap(whole, columns, wrapped, sizeof(wrapped));
	if (colour && sort->colour[0])
		fprintf(out, "\033[%sm%s\033[0m%s\n", sort->colour, sort->prefix, wrapped + first);
	else
		fprintf(out, "%s\n", wrapped);
}

static void out_line(struct report *report, const char *line, size_t columns)
{
	log_line(report, "out", line);
	if (report->json)
		return;
	if (report->wire) {
		wire_line(out_sort.kind, line);
		return;
	}
	progress_clear(report);
	put_line(stdout, &out_sort, false, line, columns);
}

/* To stderr, out of the way of the bar. */
static void err_line(struct report *report, const struct sort *sort, const char *line)
{
	if (report->wire) {
		wire_line(sort->kind, line);
		return;
	}
	progress_clear(report);
	fflush(stdout);
	put_line(stderr, sort, report->colour, line, report_columns(STDERR_FILENO));
}

#define FORMAT_LINE(line, format)                            \
	do {                                                 \
		va_list args;                                \
		va_start(args, format);                      \
		vsnprintf(line, sizeof(line), format, args); \
		va_end(args);                                \
	} while (0)

void report_say(struct report *report, const char *format, ...)
{
	char line[LINE_MAX_BYTES];

	FORMAT_LINE(line, format);
	out_line(report, line, report_columns(STDOUT_FILENO));
}

void report_paste(struct report *report, const char *format, ...)
{
	char line[LINE_MAX_BYTES];

	FORMAT_LINE(line, format);
	out_line(report, line, 0);
}

bool report_bytes(const uint8_t *bytes, size_t len)
{
	return fwrite(bytes, 1, len, stdout) == len;
}

void report_note(struct report *report, const char *format, ...)
{
	char line[LINE_MAX_BYTES];

	FORMAT_LINE(line, format);
	log_line(report, "note", line);
	if (report->level >= 0 && !report->json)
		err_line(report, &note_sort, line);
}

void report_warn(struct report *report, const char *format, ...)
{
	char line[LINE_MAX_BYTES];

	FORMAT_LINE(line, format);
	log_line(report, "warning", line);
	err_line(report, &warning_sort, line);
	if (report->wire)
		return;
	report_event(report, "warning", json_pack("{s:o}", "text", report_text(line)));
}

void report_warn_of(struct report *report, const char *adapter, const char *text)
{
	char line[LINE_MAX_BYTES];

	snprintf(line, sizeof(line), "%s: %s", adapter, text);
	log_line(report, "warning", line);
	err_line(report, &warning_sort, line);
	report_event(report, "warning",
	             json_pack("{s:o, s:o}", "adapter", report_text(adapter), "text",
	                       report_text(text)));
}

void report_hint(struct report *report, const char *adapter, const char *text)
{
	char line[LINE_MAX_BYTES];

	snprintf(line, sizeof(line), "%s: %s", adapter, text);
	log_line(report, "hint", line);
	err_line(report, &hint_sort, line);
}

void report_error(struct report *report, const struct np_error *err)
{
	char hint[1024];

	log_line(report, "error", err->message);
	err_line(report, &error_sort, err->message);
	if (!err->hint[0])
		return;
	paste_hint(err->hint, report->programmer, hint, sizeof(hint));
	log_line(report, "hint", hint);
	err_line(report, &hint_sort, hint);
}

void report_log(void *ctx, enum np_log_level level, const char *line)
{
	struct report *report = ctx;

	if (level == NP_LOG_WARN) {
		report_warn(report, "%s", line);
		return;
	}
	log_line(report, level == NP_LOG_INFO ? "info" : "debug", line);
	if (report->level >= (int)level)
		err_line(report, &note_sort, line);
}

/* Bytes of the UTF-8 letter at `text`; 0 when there is none. jansson judges. */
static size_t letter_len(const char *text)
{
	for (size_t n = 1; n <= 4 && n <= strlen(text); n++) {
		json_t *letter = json_stringn(text, n);

		json_decref(letter);
		if (letter)
			return n;
	}
	return 0;
}

json_t *report_text(const char *text)
{
	static const char stand_in[] = "\xef\xbf\xbd";
	json_t *string = json_string(text);
	size_t len = 0;
	char *clean;

	if (string)
		return string;
	clean = malloc(strlen(text) * strlen(stand_in) + 1);
	if (!clean)
		return NULL;
	while (*text) {
		size_t n = letter_len(text);

		memcpy(clean + len, n ? text : stand_in, n ? n : strlen(stand_in));
		len += n ? n : strlen(stand_in);
		text += n ? n : 1;
	}
	string = json_stringn(clean, len);
	free(clean);
	return string;
}

void report_event(struct report *report, const char *event, json_t *fields)
{
	json_t *object;

	if (!report->json && !report->wire) {
		json_decref(fields);
		return;
	}
	object = json_pack("{s:s}", "event", event);
	if (object && fields)
		json_object_update(object, fields);
	put_json(object);
	json_decref(object);
	json_decref(fields);
}

void report_result(struct report *report, const char *key, json_t *value)
{
	json_object_set_new(report->result, key, value);
}

void report_results(struct report *report, json_t *fields)
{
	json_object_update(report->result, fields);
	json_decref(fields);
}

void report_finish(struct report *report, const char *command, int ret, const struct np_error *err)
{
	json_t *fields = json_pack("{s:s, s:b, s:s, s:i}", "command", command, "ok", ret == 0,
	                           "code", np_code_name(ret), "exit", np_code_exit(ret));
	char hint[1024];

	if (!fields)
		return;
	if (ret) {
		json_object_set_new(fields, "message", report_text(err->message));
		if (err->hint[0])
			json_object_set_new(fields, "hint",
			                    report_text(paste_hint(err->hint, report->programmer,
			                                           hint, sizeof(hint))));
	}
	json_object_update(fields, report->result);
	report_event(report, "result", fields);
}
