/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resume after --base: bytes that were never read before the job was cut off. The backup holds
 * what the base file holds there, which may be wrong. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "job/resume.h"

/* Is every bit as in the base or as in the target? Then it is a half-programmed page of the job,
 * and nothing would be lost. */
static bool is_between(const uint8_t *have, const uint8_t *base, const uint8_t *target, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((target[i] & ~have[i]) | (have[i] & ~base[i]))
			return false;
	return true;
}

/* Judges the unread bytes of one block. *between receives whether it may be the block that was
 * in flux. */
static int judge_piece(struct resume *r, struct np_range piece, const struct np_range **between,
                       struct np_ranges *found, struct np_error *err)
{
	const uint8_t *have = r->have + piece.start, *want = r->want + piece.start;
	const uint8_t *other = r->run.ballots;
	const struct np_range *block = journal_block_at(&r->journal, piece.start);
	int ret = segments_read(&r->other, piece.start, r->run.ballots, piece.len, err);

	if (ret || memcmp(have, want, piece.len) == 0 || memcmp(have, other, piece.len) == 0)
		return ret;
	if ((!*between || *between == block) &&
	    is_between(have, r->undo ? want : other, r->undo ? other : want, piece.len)) {
		*between = block;
		return 0;
	}
	return np_ranges_add(found, piece, err);
}

static int find_unexplained(struct resume *r, const struct np_ranges *open, struct np_ranges *found,
                            struct np_error *err)
{
	const struct np_range *between = NULL;
	struct np_ranges unread = {0};
	struct np_walk walk = {&unread, JOB_BLOCK, 0, 0};
	struct np_range piece;
	int ret = np_ranges_intersect(open, &r->journal.unread, r->run.size, &unread, err);

	while (!ret && np_walk_piece(&walk, &piece))
		ret = judge_piece(r, piece, &between, found, err);
	np_ranges_free(&unread);
	return ret;
}

/* The journal's backup as it would have been had `found` been read in time. */
static int compose(struct resume *r, const struct np_ranges *found, uint8_t *image,
                   struct np_error *err)
{
	const struct np_ranges *saved = &r->journal.backup_segments;
	const struct segment_file *backup = r->undo ? &r->goal : &r->other;
	int ret = 0;

	for (size_t i = 0; i < saved->count && !ret; i++)
		ret = segments_read(backup, saved->at[i].start, image + saved->at[i].start,
		                    saved->at[i].len, err);
	for (size_t i = 0; i < found->count && !ret; i++)
		memcpy(image + found->at[i].start, r->have + found->at[i].start, found->at[i].len);
	return ret;
}

static int save(struct resume *r, const struct np_ranges *found, const uint8_t *image,
                struct np_error *err)
{
	struct journal *j = &r->journal;
	struct manifest manifest;
	int ret;

	manifest_begin(&manifest, nor_info(r->run.nor), r->run.job->programmer, j->operation);
	manifest.passes = 1;
	manifest.says_changes = true;
	ret = np_ranges_add_all(&manifest.changes, &j->touched, err);
	if (!ret)
		ret = np_ranges_add_all(&manifest.assumed, &j->unread, err);
	if (!ret)
		ret = np_ranges_remove_all(&manifest.assumed, found, err);
	/* What was saved before was read at least once; what was found just now twice. */
	if (!ret)
		ret = manifest_set_reads(&manifest, &j->backup_segments, 1, err);
	if (!ret)
		ret = manifest_set_reads(&manifest, &manifest.assumed, 0, err);
	if (!ret)
		ret = manifest_set_reads(&manifest, found, 2, err);
	if (!ret)
		ret = journal_keep_backup(j, &r->run.store, NULL, image, &manifest, err);
	if (!ret) {
		j->backup_is_ours = false;
		ret = np_ranges_remove_all(&j->unread, found, err);
	}
	manifest_free(&manifest);
	return ret ? ret : journal_save(j, &r->run.store, true, err);
}

int resume_learn_unread(struct resume *r, struct np_ranges *open, bool *learnt,
                        struct np_error *err)
{
	struct np_ranges found = {0};
	uint8_t *image = NULL;
	int ret = find_unexplained(r, open, &found, err);

	*learnt = !ret && found.count && !r->options->explain;
	if (!ret && found.count && r->options->explain)
		ret = np_ranges_remove_all(open, &found, err);
	if (*learnt) {
		image = calloc(1, r->run.size);
		ret = image ? compose(r, &found, image, err)
		            : np_fail(err, NP_E_MEMORY, "out of memory");
		if (!ret)
			ret = save(r, &found, image, err);
		if (!ret)
			run_tell(&r->run, NP_EV_WARN,
			         "at 0x%06" PRIx64
			         " the chip holds something else than the file of "
			         "--base, and it was never read before: it is saved now, in %.300s",
			         found.at[0].start, r->journal.backup);
	}
	free(image);
	np_ranges_free(&found);
	return ret;
}
