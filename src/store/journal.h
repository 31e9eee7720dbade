/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal: what an unfinished job leaves behind so that it can be finished or undone.
 * STATE_DIR/jobs/KEY.json is the record; KEY.N.target holds the bytes the job is to reach, the
 * backup those it found, both for every block the job may touch. The record appears last and goes
 * first, so while it exists both are on disk.
 *
 * KEY is the JEDEC ID and the unique ID; for a chip without one, the JEDEC ID and the programmer.
 * .KEY.lock is held while a job lives, from before anything is written under that name. So a record
 * whose lock is free is an interrupted job's, and one whose lock is held is being worked on: on
 * another chip of the same name, since two jobs cannot have one programmer. A job that finds its
 * name held takes a name of its own, under which journal_each_other() finds it.
 */
#ifndef NP_STORE_JOURNAL_H
#define NP_STORE_JOURNAL_H

#include "store/backup.h"
#include "plan/plan.h"
#include "store/state.h"

#define FINGERPRINT_LEN  64u
#define FINGERPRINTS_MAX 1024u

/* FINGERPRINT_LEN bytes outside the store, by which a chip without unique ID is known again. */
struct fingerprint {
	uint64_t start;
	uint32_t crc; /* np_crc32() of what they held */
};

/* What a record is made of, for what of a damaged one is lost. */
enum journal_part {
	JOURNAL_WORDS = 1,
	JOURNAL_UID = 2,
	JOURNAL_TARGET = 4, /* it cannot be finished */
	JOURNAL_BACKUP = 8, /* it cannot be undone, unless the backup is named */
	JOURNAL_BLOCKS = 16,
	JOURNAL_FINGERPRINTS = 32,
	JOURNAL_PROTECTION = 64,
	JOURNAL_BOOT = 128,
};

struct journal {
	char operation[16], chip[128], uid[2 * NOR_UID_MAX + 1], started[32], programmer[256];
	char file[NP_PATH_MAX]; /* what was to be written; "": nothing, or not told */
	char regions[128];      /* where to: "radio,romfile"; "": all of the chip, or not told */
	uint64_t size;          /* of the chip */
	uint64_t sequence;      /* number of the job in its state folder; 0: a record of 0.1.0 */
	unsigned lost;          /* enum journal_part: what was damaged, and is empty here */
	char backup[NP_PATH_MAX], backup_sha256[NP_SHA256_HEX];
	char target[NP_PATH_MAX], target_sha256[NP_SHA256_HEX];
	bool backup_is_ours;              /* --no-backup: ours to delete when the job is closed */
	struct np_ranges backup_segments; /* owned: what the backup file holds */
	struct np_ranges
		touched; /* owned: the blocks the job may touch; the target file holds these */
	struct np_ranges unread; /* owned: of these, what only --base says: the backup holds
	                            what it said */
	struct np_ranges once;   /* owned: of these, what was read a single time before the job */
	struct np_range *blocks; /* owned: of these at most one was in flux at any time */
	size_t block_count;
	struct fingerprint *fingerprints; /* owned; none for a chip with a unique ID */
	size_t fingerprint_count;
	struct np_range boot; /* --boot-last: whose blocks go last; len 0: not asked for */
	struct np_range protected_range; /* block protection found; len 0: none */
};

/* The job in words: "write of new.bin to radio, begun 2026-11-21T03:55:28Z". Returns `text`. */
const char *journal_what(const struct journal *journal, char *text, size_t len);

/* 0 when no interrupted job is open on this chip, else NP_E_JOURNAL, naming it and what can be
 * done. */
int journal_check(struct store *store, struct np_error *err);

/* The same for commands that only report it: true when one is open, and *why says which and what
 * can be done. `state_dir` NULL: the default folder. False also when it cannot be found out. */
bool journal_is_open(const char *state_dir, const char *programmer, const struct nor_info *chip,
                     struct np_error *why);

/*
 * Reserve a name for the record of a new job, before anything of it is written; held until
 * journal_close() or store_close(). Where a living job holds the chip's own name, which then is
 * another chip's, the name is not in use. Takes the job's number. Errors:
 * NP_E_JOURNAL (an interrupted job has the name), NP_E_OUTPUT, NP_E_BUSY, NP_E_MEMORY.
 */
int journal_reserve(struct store *store, struct np_error *err);

/* Take over the open record of this chip, so that no other process works on it. NP_E_INPUT: there
 * is none. NP_E_JOURNAL: a living job has it. */
int journal_take(struct store *store, struct np_error *err);

/* Fill what the chip and the job say; the rest is zero. */
void journal_begin(struct journal *journal, const struct store *store, const char *operation);

/* The list of blocks of which one may be in flux: the steps of `plan`, or the whole chip. Added to
 * those there are; nested ones count once. Errors: NP_E_MEMORY. */
int journal_add_blocks(struct journal *journal, const struct plan *plan, struct np_error *err);
int journal_add_block(struct journal *journal, struct np_range block, struct np_error *err);

/* Save the blocks of `image` under `touched`: the target, and the backup for --no-backup. The name
 * is reserved. */
int journal_save_target(struct journal *journal, struct store *store, const uint8_t *image,
                        struct np_error *err);
int journal_save_backup(struct journal *journal, struct store *store, const uint8_t *image,
                        struct np_error *err);

/* backup_write() of the blocks under `backup_segments`, and remember where it is and what it holds. */
int journal_keep_backup(struct journal *journal, struct store *store, const char *path,
                        const uint8_t *image, struct manifest *manifest, struct np_error *err);

/* Write the record, on disk and synced when this returns. `again`: replace the open one. */
int journal_save(const struct journal *journal, struct store *store, bool again,
                 struct np_error *err);

/*
 * Load the open record. Of a damaged one as much as there is: `lost` says what is not. NP_E_INPUT:
 * there is none, or nothing can be made of it, and the hint says what can be done all the same.
 * NP_E_POLICY: it is of a chip of another size. Free also after a failure.
 */
int journal_load(struct journal *journal, struct store *store, struct np_error *err);

/* The text of a record. Free also after a failure. Errors: NP_E_INPUT, NP_E_MEMORY. */
int journal_parse(struct journal *journal, const char *text, size_t len, struct np_error *err);

/* What is lost, in words: "what was to be written, the block protection". Returns `text`. */
const char *journal_lost(const struct journal *journal, char *text, size_t len);

/*
 * Forget the job whose name is reserved: the record first, then the files that were made for it,
 * those of `journal` (may be NULL) as well as those the record names, and give the name back. The
 * backup stays unless it is temporary. Without a reservation nothing is done, because the files may
 * be another job's. A failure leaves the record, or the files, as they are. Errors: NP_E_OUTPUT.
 */
int journal_close(struct store *store, const struct journal *journal, struct np_error *err);

/* ---- one leg or both (journal_open.c) ---- */

/* Open what the job was to write. Finishing needs this alone. NP_E_INPUT says what can still be
 * done. */
int journal_open_target(const struct journal *journal, struct store *store,
                        struct segment_file *file, struct np_error *err);

/*
 * Open what was there before. Undoing needs this alone. Looked for as `named` (may be NULL: the
 * path the user gave), where the record says, and by its digest among all of the state folder.
 * `path` (may be NULL) receives where it was found. NP_E_INPUT says what can still be done.
 */
int journal_open_backup(const struct journal *journal, struct store *store, const char *named,
                        struct segment_file *file, char path[NP_PATH_MAX], struct np_error *err);

/* Hint at what can be done with the files that are still there, and at nothing else. Returns
 * err->code. */
int journal_hint(const struct journal *journal, struct store *store, struct np_error *err);

/*
 * Make a record anew from a backup that its job kept, for when nothing can be made of the one there
 * is: `named`, or (NULL) the last of this very chip in the state folder. It can be undone, not
 * finished: all but the backup is lost. NP_E_INPUT: no backup tells what its job was to change, or
 * it is another chip's.
 */
int journal_rebuild(struct journal *journal, struct store *store, const char *named,
                    struct np_error *err);

/* ---- records under other names ---- */

/* Is an interrupted job open under this chip's own name? */
bool journal_exists(struct store *store);

/* Call fn with the stem (the name without ".json") of each interrupted record of this type of chip
 * that is not under this chip's own name, and would be if a unique ID had been read there and here.
 */
int journal_each_other(struct store *store,
                       int (*fn)(void *ctx, const char *stem, struct np_error *err), void *ctx,
                       struct np_error *err);

/* As journal_load(), by stem. */
int journal_load_stem(struct journal *journal, struct store *store, const char *stem,
                      struct np_error *err);

/* Put a record loaded by stem under this chip's name. Its files stay where they are until
 * journal_close(). NP_E_JOURNAL: a living job has one of the two names. */
int journal_adopt(const struct journal *journal, struct store *store, const char *stem,
                  struct np_error *err);

/* The listed block that holds addr, or NULL. */
const struct np_range *journal_block_at(const struct journal *journal, uint64_t addr);

void journal_free(struct journal *journal);

#endif
