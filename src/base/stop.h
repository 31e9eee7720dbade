/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stop request: the one flag that signal handlers write. Level 1 (first Ctrl-C) ends after the
 * erase block in work is erased, programmed and verified; level 2 (second) at the end of the page.
 */
#ifndef NP_BASE_STOP_H
#define NP_BASE_STOP_H

/* Raise the level by one, at most to 2. Async-signal-safe. */
void np_stop_request(void);

/* 0 none, 1 after this erase block, 2 after this page. */
int np_stop_level(void);

/* Forget requests (tests, and between commands of one process). */
void np_stop_clear(void);

#endif
