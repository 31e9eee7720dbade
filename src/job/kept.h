/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What norprog keeps in the state folder: the backups, newest first, each with the device and the
 * MAC it is of; and the jobs that were not finished. No chip is needed. Nothing here is removed but
 * by kept_remove(), and that only after kept_choose().
 */
#ifndef NP_JOB_KEPT_H
#define NP_JOB_KEPT_H

#include "base/idnum.h"
#include "nor/nor.h"
#include "store/manifest.h"

struct shelf;

/* Why a backup stays, or goes. */
enum kept_fate {
	KEPT_STAYS,    /* among the newest of its chip, or nothing newer holds all of the chip */
	KEPT_NEEDED,   /* an unfinished job may want it back */
	KEPT_NAMELESS, /* nothing tells which chip it is of: it may be that chip's only one */
	KEPT_DAMAGED,  /* it is not what its manifest says, and counts for nothing */
	KEPT_MAY_GO,
};

struct kept {
	const char *path, *name; /* the name is in backups/; owned by the list, as the manifest */
	const struct manifest *manifest;
	char device[160];         /* "TP-Link Archer MR200 v1"; "" when not recognised */
	char mac[IDNUM_MAC_TEXT]; /* "" when not known */
	bool needed;              /* an unfinished job names it */
	enum kept_fate fate;      /* by kept_choose() */
};

struct kept_list {
	struct kept *at; /* owned; newest first */
	size_t count;
	size_t damaged; /* manifests that cannot be read, and are not in the list */
	struct shelf *shelf;
};

/* Fill the list. A state folder that is not there yet holds nothing. Errors: NP_E_OUTPUT (the
 * folder is not to be trusted), NP_E_MEMORY. Free in any case. */
int kept_load(const char *state_dir, struct kept_list *list, struct np_error *err);
void kept_free(struct kept_list *list);

/* The one that `word` names: its number from 1, its path, its file name, or a part of that which no
 * other has. NP_E_INPUT: none, or several. */
int kept_find(const struct kept_list *list, const char *word, const struct kept **one,
              struct np_error *err);

/* Is the file what its manifest says? Reads it. NP_E_INPUT: it is missing, or its length or SHA-256
 * differs. */
int kept_verify(const struct kept *one, struct np_error *err);

/*
 * Decide for each whether it may go when the newest `keep` (at least 1) of each chip stay. Chips
 * are told apart by their unique ID, else by the MAC in the backup; what tells neither stays. The
 * newest that holds all of a chip stays, and what an unfinished job needs. What is kept is read and
 * must be sound: others do not count. NP_E_POLICY: the record of an unfinished job is damaged, so
 * it is not known what it needs. NP_E_MEMORY.
 */
int kept_choose(struct kept_list *list, const char *state_dir, size_t keep, struct np_error *err);

/* Remove those that may go; *removed and *bytes count them. Errors: NP_E_OUTPUT, NP_E_BUSY. */
int kept_remove(const struct kept_list *list, const char *state_dir, size_t *removed,
                uint64_t *bytes, struct np_error *err);

/* Copy file and manifest to `path`, when it is sound. Errors: NP_E_INPUT, NP_E_OUTPUT. */
int kept_export(const struct kept *one, const char *path, enum np_io_mode mode,
                struct np_error *err);

/* ---- unfinished jobs ---- */

struct kept_job {
	char operation[16], chip[128], uid[2 * NOR_UID_MAX + 1], programmer[256], started[32];
	char file[NP_PATH_MAX], regions[128];
	char backup[NP_PATH_MAX], backup_sha256[NP_SHA256_HEX];
	uint64_t chip_size;
	bool damaged; /* the record cannot be read: all else is empty */
	bool alive;   /* a running norprog works on it */
};

/* Call fn with each until it returns non-zero, which is returned. Errors: NP_E_OUTPUT. */
int kept_jobs(const char *state_dir,
              int (*fn)(void *ctx, const struct kept_job *job, struct np_error *err), void *ctx,
              struct np_error *err);

#endif
