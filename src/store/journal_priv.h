/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the journal share. Not for anyone else. */
#ifndef NP_STORE_JOURNAL_PRIV_H
#define NP_STORE_JOURNAL_PRIV_H

#include <jansson.h>

#include "store/journal.h"

/* The record as JSON, and back; `journal` is all zero before. */
json_t *journal_pack(const struct journal *journal);
int journal_unpack(const json_t *root, struct journal *journal, struct np_error *err);

/* KEY and an ending. */
void journal_name(const char *key, const char *ending, char name[NP_NAME_MAX]);

/* The file whose lock is held while the job of that name lives. */
void journal_lock_name(const char *key, char name[NP_NAME_MAX]);

/* The last part of a path, if it is a file that journals make: NULL for any other. */
const char *journal_file_name(const char *path);

/* Does the name end so? */
bool journal_ends_with(const char *name, const char *ending);

#endif
