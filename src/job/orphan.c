/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unfinished jobs under another name. A chip without a unique ID shares its name with others of its
 * type on the same programmer; in another USB port it has another name, and so has a chip whose
 * unique ID could not be read this time. What it holds tells whether such a job is its own: in the
 * blocks of the job, and where these leave it open, in the places outside that the record names.
 */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "job/run.h"
#include "store/journal.h"

/* Reads of a block that is neither: a bit that flips on the line must not make it another chip's. */
#define TRIES JOB_READS_MAX

struct trial {
	struct run *run;
	struct journal journal;
	struct segment_file backup, target;
	struct np_range flux; /* the block that is neither what it was nor what it shall be */
	bool todo, done;      /* blocks are as they were, are as they shall be */
	bool fits;
	const char *stem; /* of the record on trial */
	char *found;      /* receives the stem of the record that is this chip's */
};

/* Which of the two does the block hold? A third is allowed in the one block that was in flux. */
static int try_block(struct trial *t, uint64_t addr, size_t len, struct np_error *err)
{
	uint8_t *old = t->run->ballots, *new = old + JOB_BLOCK;
	struct np_error ignored = {0};
	const struct np_range *block;
	int ret = 0;

	t->fits = segments_read(&t->backup, addr, old, len, &ignored) == 0 &&
	          segments_read(&t->target, addr, new, len, &ignored) == 0;
	if (!t->fits)
		return 0;
	for (unsigned i = 0; i < TRIES && !ret; i++) {
		ret = run_read(t->run, addr, t->run->chunk, len, err);
		if (!ret && memcmp(t->run->chunk, old, len) == 0) {
			t->todo |= memcmp(old, new, len) != 0;
			return 0;
		}
		if (!ret && memcmp(t->run->chunk, new, len) == 0) {
			t->done = true;
			return 0;
		}
	}
	/* A block known only from --base may have held anything before. */
	if (np_ranges_overlap(&t->journal.unread, (struct np_range){addr, len}))
		return ret;
	block = journal_block_at(&t->journal, addr);
	t->fits = block && (!t->flux.len || t->flux.start == block->start);
	if (t->fits)
		t->flux = *block;
	return ret;
}

static int try_blocks(struct trial *t, struct np_error *err)
{
	const struct np_ranges *touched = &t->journal.touched;
	struct np_walk walk = {touched, JOB_BLOCK, 0, 0};
	struct np_range block;
	int ret = 0;

	t->fits = touched->count > 0;
	while (t->fits && !ret && np_walk_piece(&walk, &block))
		ret = try_block(t, block.start, block.len, err);
	return ret;
}

static bool open_files(struct trial *t, struct np_error *err)
{
	const struct journal *j = &t->journal;

	return journal_open_backup(j, &t->run->store, NULL, &t->backup, NULL, err) == 0 &&
	       journal_open_target(j, &t->run->store, &t->target, err) == 0;
}

/* Is it certain by the job's blocks alone? With some blocks written and others still as they
 * were it is. With only one kind, another unit with the firmware of before, or of after, would
 * look the same, and the fingerprint has to decide. */
static bool is_sure(const struct trial *t)
{
	return t->todo && t->done;
}

static void warn_other_chip(struct trial *t, uint64_t addr)
{
	const struct journal *j = &t->journal;

	run_tell(t->run, NP_EV_WARN,
	         "an unfinished %s of %s, begun on %s, is taken for another chip's: this one holds "
	         "something else at 0x%06" PRIx64 "; there `norprog resume` finishes or forgets "
	         "it%s%.200s",
	         j->operation, j->started, j->programmer, addr,
	         j->backup_is_ours ? "" : ", and its backup is ",
	         j->backup_is_ours ? "" : j->backup);
}

static int check_fingerprints(struct trial *t, struct np_error *err)
{
	struct match match;
	int ret = run_match_fingerprints(t->run, &t->journal, &match, err);

	if (!ret && match.differs) {
		t->fits = false;
		warn_other_chip(t, match.addr);
	}
	return ret;
}

static int try_record(void *ctx, const char *stem, struct np_error *err)
{
	struct trial *t = ctx;
	struct np_error why = {0};
	int ret = 0;

	if (t->found[0])
		return 0;
	t->backup.fd = t->target.fd = -1;
	t->flux = (struct np_range){0, 0};
	t->fits = t->todo = t->done = false;
	if (journal_load_stem(&t->journal, &t->run->store, stem, &why) || !open_files(t, &why))
		np_log(NP_LOG_INFO, "an unfinished job is passed over: %s", why.message);
	else
		ret = try_blocks(t, err);
	segments_close(&t->backup);
	segments_close(&t->target);
	t->fits &= t->done || t->flux.len;
	if (!ret && t->fits && !is_sure(t))
		ret = check_fingerprints(t, err);
	if (!ret && t->fits)
		memcpy(t->found, stem, strlen(stem) + 1);
	else
		journal_free(&t->journal);
	return ret;
}

int orphan_find(struct run *run, struct journal *journal, char stem[NP_PATH_MAX],
                struct np_error *err)
{
	struct trial t = {.run = run, .found = stem};
	int ret;

	stem[0] = '\0';
	ret = journal_each_other(&run->store, try_record, &t, err);
	*journal = t.journal;
	return ret;
}
