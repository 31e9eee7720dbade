/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A user's own chips, described in a text file (doc/CHIPS.md): the facts of struct nor_chip, each
 * checked, with the line where one is wrong. Pure: text in, rows out.
 */
#ifndef NP_CHIP_CHIPFILE_H
#define NP_CHIP_CHIPFILE_H

#include "base/err.h"
#include "chip/chip.h"

#define CHIPFILE_CHIPS 64
#define CHIPFILE_BYTES (256 * 1024) /* of text */

struct chipfile; /* owns the rows and all they point to */

/* Parse `len` bytes of text (`text[len]` need not be NUL); `name` is what messages call the file.
 * Free *file with chipfile_free(). Errors: NP_E_INPUT ("NAME:LINE: what is wrong"), NP_E_MEMORY. */
int chipfile_parse(const char *text, size_t len, const char *name, struct chipfile **file,
                   struct np_error *err);

/* The rows, in the order of the file; for nor_options.extra. NULL and 0 of a NULL file. */
const struct nor_chip *chipfile_rows(const struct chipfile *file);
size_t chipfile_count(const struct chipfile *file);

/* NULL is fine. The rows are gone: close what uses them first. */
void chipfile_free(struct chipfile *file);

#endif
