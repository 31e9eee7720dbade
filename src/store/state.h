/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state folder: DIR/backups, DIR/jobs and DIR/adapters, the counter that numbers what is put
 * there, and what names the records in it. */
#ifndef NP_STORE_STATE_H
#define NP_STORE_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/io.h"
#include "nor/nor.h"

#define STORE_ID_LEN  17  /* of a state folder: hex, with the NUL */
#define STORE_KEY_MAX 128 /* name of a record */

/*
 * One job's view of the state folder. The first four are the caller's, who zeroes the rest and ends
 * with store_close(). Folders are opened at the first use and stay open, so that a job sees one and
 * the same folder from its beginning to its end.
 */
struct store {
	const char *dir;        /* backups/ and jobs/ live below; created on need */
	const char *programmer; /* names the records of a chip without a unique ID; may be NULL */
	const struct nor_info *chip;
	const struct np_io_hook *hook; /* for tests; NULL */

	struct np_io_dir root, backups, jobs, adapters;
	struct np_io_lock reserved; /* the name of this job's record, while it is held */
	char key[STORE_KEY_MAX];    /* that name; "": the chip's own */
	uint64_t sequence;          /* number of this job; 0: none yet */
	bool sequence_unused;       /* no backup carries it yet */
	char next[NP_PATH_MAX];     /* path of the backup that is made next; "": not chosen yet */
	char id[STORE_ID_LEN];      /* of the state folder */
	struct backup_begun *begun; /* owned; the backup that is being made (backup.h), or NULL */
	struct ahead *ahead;        /* owned; writes it while it is read, or NULL */
};

/* The default state folder: $XDG_STATE_HOME/norprog, else ~/.local/state/norprog; under sudo the
 * invoking user's home. Into buf. NP_E_OUTPUT when no home can be found. */
int store_default_dir(char *buf, size_t len, struct np_error *err);

/* The user's home folder (under sudo the invoking user's); NULL when there is none to be found. */
const char *store_home(void);

/* Open (and with `create` make) DIR/backups or DIR/jobs. Without `create` a missing one stays
 * closed. Errors: NP_E_OUTPUT (a link, somebody else's, not to be written). */
int store_open_backups(struct store *store, bool create, struct np_error *err);
int store_open_jobs(struct store *store, bool create, struct np_error *err);

/* Open DIR/adapters, and make it if it is missing. Errors as above. */
int store_open_adapters(struct store *store, struct np_error *err);

/* Let go of the reservation and the folders. Removes nothing of the job's. */
void store_close(struct store *store);

/* Remove what killed runs left in the state folder: files half written, and files of jobs that have
 * no record. Never what belongs to a living or an interrupted job. */
void store_tidy(struct store *store);

/* Bytes that a job will keep, as far as they are known before the read. */
struct store_need {
	uint64_t backup, target;
};

/* Can what goes to disk before the first erase be written, and is there room for it? Asked before
 * the read, so that the user does not wait for one that cannot be kept. `backup_path` NULL: in the
 * state folder; `need` NULL: nothing is known. NP_E_OUTPUT. */
int store_check(struct store *store, bool keep_backup, const char *backup_path,
                const struct store_need *need, struct np_error *err);

/* ---- the counter (counter.c) ---- */

/*
 * The next number of this state folder: what has a higher one was made later, whatever the clock
 * says. A clock that went back since the last number is told as a warning in the log. Waits at most
 * ten seconds for another process that is taking one. Fills store->id. Errors: NP_E_OUTPUT,
 * NP_E_BUSY, NP_E_MEMORY.
 */
int store_next(struct store *store, uint64_t *number, struct np_error *err);

/* The last number given, 0 when there is none; fills store->id. Creates nothing. */
uint64_t store_last(struct store *store);

/* Hold the whole folder, for what must not happen twice at a time. Waits as store_next(). */
int store_lock(struct store *store, struct np_io_lock *lock, struct np_error *err);

#endif
