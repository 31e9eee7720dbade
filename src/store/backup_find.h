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
 * The newest backup of all of this chip in STATE_DIR/backups, or `also` (a dump with its manifest;
 * may be NULL) where that is newer: same JEDEC ID, size and unique ID; for chips without one, no
 * other `profile` (NULL: none in force). Files that are not what their manifests say are passed
 * over. The struct must stay where it is while it is used. No backup is no error. Errors:
 * NP_E_MEMORY. Free in any case.
 */
int backup_find(const char *state_dir, const char *also, const struct nor_info *info,
                const char *profile, struct backup_found *found, struct np_error *err);
void backup_found_free(struct backup_found *found);

#endif
