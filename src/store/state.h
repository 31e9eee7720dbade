/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state folder: DIR/backups and DIR/jobs, and what names the records in it. */
#ifndef NP_STORE_STATE_H
#define NP_STORE_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "nor/nor.h"

/* One chip's view of the state folder. Everything stays the caller's. */
struct store {
	const char *dir;        /* backups/ and jobs/ live below; created on need */
	const char *programmer; /* names the records of a chip without a unique ID; may be NULL */
	const struct nor_info *chip;
};

/* The default state folder: $XDG_STATE_HOME/norprog, else ~/.local/state/norprog; under sudo the
 * invoking user's home. Into buf. NP_E_OUTPUT when no home can be found. */
int store_default_dir(char *buf, size_t len, struct np_error *err);

/* Remove what killed runs left half written in the state folder. */
void store_tidy(const struct store *store);

/* Can what goes to disk before the first erase be written? Asked before the read, so that nobody
 * waits for one that cannot be kept. `backup_path` NULL: in the state folder. NP_E_OUTPUT. */
int store_check(const struct store *store, bool keep_backup, const char *backup_path,
                struct np_error *err);

#endif
