/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device profiles compiled in from layouts/ (the table is generated). */
#ifndef NP_LAYOUT_BUILTIN_H
#define NP_LAYOUT_BUILTIN_H

#include <stddef.h>

struct layout_builtin {
	const char *name;            /* file name without .ini; NULL ends the table */
	const unsigned char *packed; /* the file, by gzip */
	size_t packed_len, len;      /* of it, and of the file itself */
};

extern const struct layout_builtin layout_builtins[];

/* Their names alone, NULL-terminated, in the same order. */
extern const char *const layout_builtin_list[];

#endif
