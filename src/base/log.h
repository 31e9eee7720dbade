/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: what the layers below the command want to say while they work. One sink, set by the
 * command; without a sink nothing is kept. Levels follow -v and -vv. A thread may have a sink of its
 * own instead, because each handle of the library has one.
 */
#ifndef NP_BASE_LOG_H
#define NP_BASE_LOG_H

enum np_log_level {
	NP_LOG_WARN = 0,  /* always shown: the user should act or at least know */
	NP_LOG_INFO = 1,  /* shown by -v */
	NP_LOG_DEBUG = 2, /* shown by -vv */
};

typedef void np_log_fn(void *ctx, enum np_log_level level, const char *line);

/* Set the sink (NULL: none). Not thread-safe; called once at start. `ctx` stays the caller's. */
void np_log_set_sink(np_log_fn *fn, void *ctx);

/* Where one thread's lines go; fn NULL: nowhere. */
struct np_log_sink {
	np_log_fn *fn;
	void *ctx;
};

/* From now on this thread's lines go to `sink` (NULL: to the common one). Returns what it was, to be
 * put back. `sink` stays the caller's and must live until then. */
const struct np_log_sink *np_log_bind(const struct np_log_sink *sink);

/* One line, no newline, printf style; cut at 1023 bytes. */
void np_log(enum np_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
