/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device profiles compiled in from layouts/ (the table is generated). */
#ifndef NP_LAYOUT_BUILTIN_H
#define NP_LAYOUT_BUILTIN_H

struct layout_builtin {
	const char *name; /* file name without .ini; NULL ends the table */
	const char *text; /* the file */
};

extern const struct layout_builtin layout_builtins[];

/* Their names alone, NULL-terminated, in the same order. */
extern const char *const layout_builtin_list[];

#endif
