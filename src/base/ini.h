/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of the user's with [sections] and key = value, read strictly: inih splits the lines, and
 * what it would cut, join or skip silently is refused here (long lines and section names, indented
 * lines, bytes that are no text, empty sections, keys before the first section). Pure.
 */
#ifndef NP_BASE_INI_H
#define NP_BASE_INI_H

#include <stdbool.h>
#include <stddef.h>

#define NP_INI_LINE 190 /* bytes; inih would cut a longer one */

/* Who takes what was read. All return 0, or an error of theirs, which ends the reading. */
struct np_ini_user {
	int (*begin)(void *ctx, const char *section); /* called with its first key */
	int (*key)(void *ctx, const char *name, const char *value);
	int (*end)(void *ctx); /* the open section is complete */
	/* The form of a line is wrong: say `what` (and `value`, which may be NULL), return an
	 * error. Line 0: not known which. */
	int (*fail)(void *ctx, unsigned line, const char *what, const char *value);
};

/* A text being read. The caller sets the first three; the lines may be looked at in the calls. */
struct np_ini {
	const char *text;
	size_t len;
	const struct np_ini_user *user;

	unsigned line;         /* the one in hand, from 1 */
	unsigned section_line; /* of the latest [section]; 0: none */
	unsigned open_line;    /* of the section whose keys are being taken; 0: none */

	void *ctx;
	size_t at;
	int result;
};

/* Read all of it. Returns 0, or what the user's functions returned. */
int np_ini_read(struct np_ini *ini, void *ctx);

#endif
