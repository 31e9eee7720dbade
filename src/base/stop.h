/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stop request: the one flag that signal handlers write. A thread may obey a flag of its own
 * beside it, because the handles of the library are stopped one by one. Level 1 (first Ctrl-C) ends after the
 * erase block in work is erased, programmed and verified; level 2 (second) at the end of the page.
 */
#ifndef NP_BASE_STOP_H
#define NP_BASE_STOP_H

#include <stdatomic.h>

#define NP_STOP_MOST 2 /* the highest level: asking again asks for nothing more */

/* A request to one thread's work, from any other thread or a signal handler. Zero-initialise. */
struct np_stop {
	atomic_int level;
};

/* From now on this thread obeys `stop` too (NULL: only the common flag). Returns what it was, to be
 * put back. `stop` stays the caller's and must live until then. */
struct np_stop *np_stop_bind(struct np_stop *stop);

/* Raise the level of one by one, at most to NP_STOP_MOST; forget its requests. Async-signal-safe. */
void np_stop_ask(struct np_stop *stop);
void np_stop_forget(struct np_stop *stop);

/* Raise the common level by one, at most to NP_STOP_MOST. Returns what it is now. Async-signal-safe. */
int np_stop_request(void);

/* From now on SIGINT, SIGTERM and SIGHUP raise the common level, and are ignored when it is the highest.
 * One that was ignored when the program was started (nohup, a shell's background job) stays ignored.
 */
void np_stop_catch(void);

/* What this thread has to obey: 0 none, 1 after this erase block, 2 after this page. */
int np_stop_level(void);

/* Forget common requests (tests, and between commands of one process). */
void np_stop_clear(void);

#endif
