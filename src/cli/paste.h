/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines in hints, made so that they can be pasted as they stand. */
#ifndef NP_CLI_PASTE_H
#define NP_CLI_PASTE_H

#include <stddef.h>

/* The hint with -p in each `norprog COMMAND ...` in backticks that needs a chip, when a programmer was given
 * (NULL: none, nothing is changed). Into buf, which it returns. */
const char *paste_hint(const char *hint, const char *programmer, char *buf, size_t len);

/* The word as a shell takes it: as it stands, or in quotes. Into buf, which it returns. */
const char *paste_quote(const char *word, char *buf, size_t len);

#endif
