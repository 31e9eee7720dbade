/* SPDX-License-Identifier: GPL-2.0-or-later */
/* write, restore, erase: ask the gates, carry out what prepare.c decided, and put everything on
 * disk before the first erase. */
#include "job/write.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "store/journal.h"

/* ---- on disk before the first erase ---- */

/* What the job is for: which file, and which regions of the chip. */
static void say_purpose(const struct write_job *wj, struct journal *journal)
{
	const struct selection *sel = &wj->intent->selection;
	const struct layout *given = wj->run.job->layout;
	const struct layout *layout = given || wj->by_image ? given : wj->guard;
	const char *path = wj->intent->image.path;
	char text[sizeof(journal->regions)], *whole = path ? realpath(path, NULL) : NULL;

	if (path)
		manifest_text(journal->file, sizeof(journal->file), whole ? whole : path);
	free(whole);
	if (selection_is_whole(sel))
		return;
	if (!regions_text(layout, &sel->only, text, sizeof(text))[0])
		ranges_list(&sel->only, text, sizeof(text));
	manifest_text(journal->regions, sizeof(journal->regions), text);
}

static int save_backup(struct write_job *wj, struct journal *journal, struct np_error *err)
{
	const struct write_options *o = wj->options;
	struct job *job = wj->run.job;
	bool all = !wj->partial && !wj->based;
	struct manifest manifest;
	int ret;

	ret = all ? 0 : np_ranges_add_all(&journal->backup_segments, &wj->neighbours, err);
	if (ret)
		return ret;
	if (o->no_backup)
		return journal_save_backup(journal, &wj->run.store, wj->have, err);
	manifest_begin(&manifest, nor_info(job->nor), job->programmer, intent_called(wj->intent));
	manifest.passes = o->passes > 1                                        ? o->passes
	                  : wj->whole_twice || (wj->partial && o->passes != 1) ? 2
	                                                                       : 1;
	manifest.disagreements = wj->run.voted;
	manifest_note_status(&manifest, nor_info(job->nor), &wj->before);
	if (wj->guard && wj->guard->profile && wj->guard->device[0] && !wj->by_image)
		memcpy(manifest.profile, wj->guard->name, sizeof(manifest.profile));
	manifest.says_changes = true;
	manifest.contents.shifted = wj->run.shifted;
	memcpy(manifest.file, journal->file, sizeof(manifest.file));
	memcpy(manifest.regions, journal->regions, sizeof(manifest.regions));
	ret = np_ranges_add_all(&manifest.assumed, &wj->unread, err);
	if (!ret)
		ret = np_ranges_add_all(&manifest.changes, &journal->touched, err);
	if (!ret)
		ret = np_ranges_add_all(&journal->backup_segments,
		                        all ? &wj->known : &journal->touched, err);
	if (!ret)
		ret = run_note_reads(&wj->run, &journal->backup_segments, &wj->twice, &manifest,
		                     err);
	if (!ret && all)
		manifest.contents = *run_contents(&wj->run, wj->have, &journal->backup_segments);
	wj->run.ahead = NULL; /* it ends here */
	if (!ret)
		ret = journal_keep_backup(journal, &wj->run.store, o->backup_path, wj->have,
		                          &manifest, err);
	if (!ret) {
		memcpy(wj->result->backup_path, journal->backup, sizeof(journal->backup));
		run_emit(&wj->run, &(struct np_event){.type = NP_EV_BACKUP,
		                                      .path = journal->backup,
		                                      .total = manifest.size});
	}
	manifest_free(&manifest);
	return ret;
}

/* Parts without a volatile status write stay unprotected if the program is killed now; resume
 * puts the protection back. */
static int note_protection(struct write_job *wj, struct journal *journal, struct np_error *err)
{
	struct nor_protection *before = &wj->before;
	int ret = run_step(&wj->run, err);

	if (!ret)
		ret = nor_protection_read(wj->run.nor, before, err);
	if (!ret && before->known && before->range_count == 1)
		journal->protected_range = before->ranges[0];
	return ret;
}

/* Of what the job may touch: what rests on a single read. */
static int note_once(const struct write_job *wj, struct journal *journal, struct np_error *err)
{
	int ret = 0;

	if (wj->options->passes > 1 || wj->based)
		return 0;
	ret = np_ranges_add_all(&journal->once, &journal->touched, err);
	return ret ? ret : np_ranges_remove_all(&journal->once, &wj->twice, err);
}

static int save_all(struct write_job *wj, struct journal *journal, struct np_error *err)
{
	int ret;

	run_phase(&wj->run, NP_PHASE_BACKUP, 0);
	journal_begin(journal, &wj->run.store, intent_called(wj->intent));
	journal->boot = wj->boot;
	say_purpose(wj, journal);
	/* Chips without a unique ID share a name: another program may have begun meanwhile. */
	ret = journal_reserve(&wj->run.store, err);
	if (!ret)
		ret = note_protection(wj, journal, err);
	if (!ret)
		ret = write_touched(wj, &journal->touched, err);
	if (!ret)
		ret = np_ranges_add_all(&journal->unread, &wj->unread, err);
	if (!ret)
		ret = note_once(wj, journal, err);
	if (!ret)
		ret = wj->chip_erase
		              ? journal_add_block(journal, (struct np_range){0, wj->run.size}, err)
		              : journal_add_blocks(journal, &wj->plan, err);
	if (!ret)
		ret = write_take_fingerprints(wj, journal, err);
	if (!ret)
		ret = save_backup(wj, journal, err);
	if (!ret)
		ret = journal_save_target(journal, &wj->run.store, wj->want, err);
	if (!ret)
		ret = journal_save(journal, &wj->run.store, false, err);
	run_phase_end(&wj->run);
	return ret;
}

/* ---- doing ---- */

/* The digest of the target, where the caller asked for it. If the journal's target file covers
 * everything it was computed already, and is taken from there: a pass over 8 MiB takes 30 ms and
 * more, in which the chip would wait. */
static void hash_target(struct write_job *wj, const struct journal *journal)
{
	const struct np_ranges *known = &wj->known;
	struct np_sha256 sha;

	if (journal && journal->touched.count == known->count &&
	    np_ranges_bytes(&journal->touched) == np_ranges_bytes(known)) {
		memcpy(wj->result->target_sha256, journal->target_sha256, NP_SHA256_HEX);
		return;
	}
	if (!wj->options->digest)
		return;
	np_sha256_begin(&sha);
	for (size_t i = 0; i < known->count; i++)
		np_sha256_add(&sha, wj->want + known->at[i].start, known->at[i].len);
	np_sha256_end(&sha, wj->result->target_sha256);
}

/* Ranges that are read once more when all is written. */
static int find_again(const struct write_job *wj, struct np_ranges *again, struct np_error *err)
{
	int ret = 0;

	/* A stray command may have hit blocks that were right already, so they are read again,
	 * too. */
	if (wj->options->verify_all || wj->chip_erase)
		ret = np_ranges_add_all(again, &wj->known, err);
	else if (!run_line_is_safe(&wj->run))
		ret = write_touched(wj, again, err);
	return ret ? ret : np_ranges_remove_all(again, &wj->neighbours, err);
}

static int execute(struct write_job *wj, const struct journal *journal, bool *begun, bool *finished,
                   struct np_error *err)
{
	const struct write_options *o = wj->options;
	struct np_ranges again = {0};
	struct exec exec = {.run = &wj->run,
	                    .plan = &wj->plan,
	                    .cost = &wj->cost,
	                    .have = wj->have,
	                    .want = wj->want,
	                    .saved = &journal->touched,
	                    .unread = &wj->unread,
	                    .twice = &wj->twice,
	                    .chip_erase = wj->chip_erase,
	                    .knows_all = !wj->partial && !wj->based,
	                    .looks_around = wj->partial || wj->based,
	                    .verify_none = o->verify_none,
	                    .again = &again,
	                    .neighbours = &wj->neighbours,
	                    .backup = o->no_backup ? NULL : wj->result->backup_path,
	                    .result = wj->result};
	int ret = find_again(wj, &again, err);

	if (!ret)
		ret = exec_run(&exec, err);
	if (!ret && o->verify_all)
		ret = write_verify_outside(wj, err);
	if (ret == NP_E_INTERRUPTED && exec.finished)
		np_fail(err, ret, "stopped on request while verifying: all is written");
	*begun = exec.begun;
	*finished = exec.finished;
	np_ranges_free(&again);
	return ret;
}

/* The journal is closed at once if nothing was changed, else when every step is done: then also if
 * only putting the protection back failed. */
static int do_plan(struct write_job *wj, struct np_error *err)
{
	struct journal journal = {0};
	struct np_error second = {0};
	bool begun = false, finished = false;
	int ret = save_all(wj, &journal, err), closed = 0;

	if (!ret) {
		hash_target(wj, &journal);
		ret = execute(wj, &journal, &begun, &finished, err);
	}
	if (!wj->run.dead && (!begun || finished))
		closed = journal_close(&wj->run.store, &journal, ret ? &second : err);
	wj->begun = begun;
	journal_free(&journal);
	return ret ? ret : closed;
}

static uint64_t differing(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint64_t count = 0;

	if (memcmp(a, b, len) == 0)
		return 0;
	for (size_t i = 0; i < len; i++)
		count += a[i] != b[i];
	return count;
}

static uint64_t count_changes(const struct write_job *wj)
{
	struct np_walk walk = {&wj->known, JOB_BLOCK, 0, 0};
	struct np_range block;
	uint64_t changed = 0;

	while (np_walk_piece(&walk, &block))
		changed += differing(wj->have + block.start, wj->want + block.start, block.len);
	return changed;
}

/* What is read a second time, or was, before the first erase. */
static int count_reread(struct write_job *wj, uint64_t *bytes, struct np_error *err)
{
	struct np_ranges touched = {0}, again = {0};
	int ret = write_touched(wj, &touched, err);

	if (!ret && wj->dry_run && !wj->based && wj->options->passes != 1 && !write_reads_blank(wj))
		ret = np_ranges_add_all(&again, &touched, err);
	else if (!ret)
		ret = np_ranges_intersect(&wj->twice, &touched, wj->run.size, &again, err);
	*bytes = np_ranges_bytes(&again);
	np_ranges_free(&touched);
	np_ranges_free(&again);
	return ret;
}

/* What stays because somebody said so, or because it is this unit's own. */
static int find_kept(const struct write_job *wj, struct np_ranges *kept, struct np_error *err)
{
	const struct selection *sel = &wj->intent->selection;
	int ret = np_ranges_add_all(kept, &sel->keep, err);

	if (!ret && wj->guard)
		ret = np_ranges_add_all(kept, &wj->guard->unit, err);
	return ret ? ret : np_ranges_remove_all(kept, &sel->todo, err);
}

/* The name that the backup is going to have. */
static const char *backup_name(struct write_job *wj)
{
	if (wj->options->no_backup)
		return NULL;
	if (wj->options->backup_path)
		return wj->options->backup_path;
	return backup_next(&wj->run.store);
}

static void tell_risks(struct write_job *wj)
{
	if (wj->chip_erase)
		run_tell(
			&wj->run, NP_EV_NOTE,
			"the whole chip is erased at once: all of it is half-written until the end");
	if (wj->options->passes == 1)
		run_tell(&wj->run, NP_EV_NOTE,
		         "--passes 1: the backup rests on one read; a bit that flipped on the way "
		         "would not be seen");
	if (write_reads_blank(wj))
		run_tell(
			&wj->run, NP_EV_NOTE,
			"the chip is blank: all of it was read once, and places all over it again");
}

static int propose(struct write_job *wj, struct np_error *err)
{
	const struct layout *given = wj->run.job->layout;
	struct selection *sel = &wj->intent->selection;
	struct np_ranges kept = {0}, again = {0};
	struct exec exec = {.run = &wj->run,
	                    .plan = &wj->plan,
	                    .cost = &wj->cost,
	                    .again = &again,
	                    .neighbours = &wj->neighbours,
	                    .verify_none = wj->options->verify_none,
	                    .proposal = {.file = wj->intent->image.path,
	                                 .backup = backup_name(wj),
	                                 .kept = &kept,
	                                 .set = &wj->intent->set,
	                                 .to_read_again = wj->dry_run,
	                                 .only = selection_is_whole(sel) ? NULL : &sel->only}};
	int ret = count_reread(wj, &exec.reread, err);

	if (!ret)
		ret = find_again(wj, &again, err);
	if (!ret)
		ret = find_kept(wj, &kept, err);
	if (!ret) {
		tell_risks(wj);
		/* The region names of a profile that fits only the image would be wrong on this
		 * chip. */
		ret = exec_propose(&exec, given || wj->by_image ? given : wj->guard, !wj->dry_run,
		                   err);
	}
	np_ranges_free(&kept);
	np_ranges_free(&again);
	return ret;
}

static int run(struct write_job *wj, struct np_error *err)
{
	int ret = intent_identify(wj->intent, wj->run.size, err);

	/* A file of another length may be a part that the chip's map has a name for. */
	if (!ret && wj->intent->image.misfit)
		ret = write_guard_early(wj, err);
	if (!ret)
		ret = write_ask(wj, GATE_ASKED, err);

	if (!ret)
		ret = write_prepare(wj, err);
	if (ret)
		return ret;
	wj->result->nothing_to_do = !wj->plan.count && !wj->chip_erase;
	if (wj->result->nothing_to_do || wj->dry_run)
		hash_target(wj, NULL);
	if (wj->result->nothing_to_do)
		return wj->options->verify_all && !wj->dry_run ? write_verify_outside(wj, err) : 0;
	wj->result->changed_bytes = count_changes(wj);
	ret = propose(wj, err);
	return ret || wj->dry_run ? ret : do_plan(wj, err);
}

int refusal_report(const struct refusal *refusal, int ret, struct write_result *result,
                   struct np_error *err)
{
	if (!refusal->gate)
		return ret;
	result->gate = refusal->gate->name;
	if (err)
		*err = refusal->why;
	return refusal->why.code;
}

int job_write(struct job *job, struct intent *intent, const struct write_options *options,
              struct write_result *result, struct np_error *err)
{
	struct store store = job_store(job);
	struct write_job wj = {.intent = intent,
	                       .options = options,
	                       .result = result,
	                       .dry_run = options->dry_run || options->explain};
	uint64_t size = nor_info(job->nor)->size;
	int ret;

	memset(result, 0, sizeof(*result));
	if (!wj.dry_run)
		store_tidy(&store);
	store_close(&store);
	ret = intent_settle(intent, size, err);
	if (!ret)
		ret = run_open(&wj.run, job, JOB_CHUNK, err);
	if (ret)
		return ret;
	wj.run.to_plan = true;
	wj.partial = !selection_is_whole(&intent->selection);
	exec_cost(job->nor, &wj.cost);
	ret = run(&wj, err);
	if (ret == NP_E_INTERRUPTED && !wj.begun)
		np_fail(err, ret, "stopped on request before the first erase: nothing was changed");
	ret = refusal_report(&wj.refusal, ret, result, err);
	result->duration_us = np_now_us() - wj.run.started_us;
	write_job_free(&wj);
	return ret;
}
