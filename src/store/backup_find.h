/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the last backup of the whole of a chip among those in the state folder. */
#ifndef NP_STORE_BACKUP_FIND_H
#define NP_STORE_BACKUP_FIND_H

#include "store/backup.h"

struct backup_found {
	char path[NP_PATH_MAX]; /* "": there is none */
	char date[32];
	uint64_t size; /* of the chip */
	bool sure; /* the unique ID says that it is this chip's; else only type (and profile) do */
	struct np_ranges unknown; /* owned: of these it does not say what the chip holds now: later
	                             jobs, and the one it was kept for, were to change them */
	struct np_ranges whole;   /* owned */
	struct segment_file file; /* open unless there is none; refers to `whole` */
};

/*
 * The newest backup of all of this chip in the state folder, or `also` (a dump with its manifest;
 * may be NULL) where that is newer: same JEDEC ID, size and unique ID; for chips without one, no
 * other `profile` (NULL: none in force). Newer by the state folder's counter, and by date only
 * where a file carries no number of this folder. Files that are not what their manifests say are
 * passed over, and so is a state folder that is not to be trusted. The struct must stay where it is
 * while it is used. No backup is no error. Errors: NP_E_MEMORY. Free in any case.
 */
int backup_find(struct store *store, const char *also, const char *profile,
                struct backup_found *found, struct np_error *err);
void backup_found_free(struct backup_found *found);

/* The backup in the state folder whose manifest names this SHA-256, into path. NP_E_INPUT: none. */
int backup_find_digest(struct store *store, const char *sha256, char path[NP_PATH_MAX],
                       struct np_error *err);

/* The last backup that a job kept of this very chip, whole or not. NP_E_INPUT: none. */
int backup_find_last(struct store *store, char path[NP_PATH_MAX], struct np_error *err);

#endif
