/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal: what an unfinished job leaves behind so that it can be finished or undone.
 * STATE_DIR/jobs/KEY.json is the record; KEY.target holds the bytes the job is to reach, the backup
 * those it found, both for every block the job may touch. The record appears last and goes first,
 * so while it exists both are on disk. KEY is the JEDEC ID and the unique ID; for a chip without
 * one, the JEDEC ID and the programmer.
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

struct journal {
	char operation[16], chip[128], uid[2 * NOR_UID_MAX + 1], started[32], programmer[256];
	uint64_t size; /* of the chip */
	char backup[NP_PATH_MAX], backup_sha256[NP_SHA256_HEX];
	char target[NP_PATH_MAX], target_sha256[NP_SHA256_HEX];
	bool backup_is_ours;              /* --no-backup: ours to delete when the job is closed */
	struct np_ranges backup_segments; /* owned: what the backup file holds */
	struct np_ranges
		touched; /* owned: the blocks the job may touch; the target file holds these */
	struct np_ranges unread; /* owned: of these, what --base alone vouched for: the backup holds
	                            what it said */
	struct np_range *blocks; /* owned: of these at most one was in flux at any time */
	size_t block_count;
	struct fingerprint *fingerprints; /* owned; none for a chip with a unique ID */
	size_t fingerprint_count;
	struct np_range boot; /* --boot-last: whose blocks go last; len 0: not asked for */
	struct np_range protected_range; /* block protection found; len 0: none */
};

/* 0 when no job is open on this chip, else NP_E_JOURNAL, naming it and `norprog resume`. */
int journal_check(const struct store *store, struct np_error *err);

/* Fill what the chip and the job say; the rest is zero. */
void journal_begin(struct journal *journal, const struct store *store, const char *operation);

/* The list of blocks of which one may be in flux: the steps of `plan`, or the whole chip. Added to
 * those there are; nested ones count once. Errors: NP_E_MEMORY. */
int journal_add_blocks(struct journal *journal, const struct plan *plan, struct np_error *err);
int journal_add_block(struct journal *journal, struct np_range block, struct np_error *err);

/* Save the blocks of `image` under `touched`: as KEY.target, and KEY.backup for --no-backup. */
int journal_save_target(struct journal *journal, const struct store *store, const uint8_t *image,
                        struct np_error *err);
int journal_save_backup(struct journal *journal, const struct store *store, const uint8_t *image,
                        struct np_error *err);

/* Write the record, on disk and synced when this returns. `again`: replace the open one. */
int journal_save(const struct journal *journal, const struct store *store, bool again,
                 struct np_error *err);

/* Load the open record. NP_E_INPUT: none, or damaged. Free also after a failure. */
int journal_load(struct journal *journal, const struct store *store, struct np_error *err);

/* Forget: the record first, then the files that are ours. The backup stays unless
 * backup_is_ours. */
int journal_close(const struct store *store, struct np_error *err);

/* ---- records under other names ---- */

bool journal_exists(const struct store *store);

/* Call fn with the stem (the path without ".json") of each open record of this type of chip that is
 * not under this chip's own name, and would be if a unique ID had been read there and here. */
int journal_each_other(const struct store *store,
                       int (*fn)(void *ctx, const char *stem, struct np_error *err), void *ctx,
                       struct np_error *err);

/* As journal_load(), by stem. */
int journal_load_stem(struct journal *journal, const char *stem, uint64_t chip_size,
                      struct np_error *err);

/* Put a record loaded by stem under this chip's name. Its files stay where they are until
 * journal_close(). */
int journal_adopt(const struct journal *journal, const struct store *store, const char *stem,
                  struct np_error *err);

/* The listed block that holds addr, or NULL. */
const struct np_range *journal_block_at(const struct journal *journal, uint64_t addr);

void journal_free(struct journal *journal);

#endif
