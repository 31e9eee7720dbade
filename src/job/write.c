/* SPDX-License-Identifier: GPL-2.0-or-later */
/* write, restore, erase: gates, then what prepare.c decided, with everything on disk before the
 * first erase. */
#include "job/write.h"

#include <inttypes.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "store/journal.h"

/* ---- gates ---- */

static int check_options(const struct job *job, const struct write_options *o, struct np_error *err)
{
	struct np_range end = {nor_info(job->nor)->size, UINT64_MAX - nor_info(job->nor)->size};
	const struct np_ranges *sets[] = {o->select, o->keep};

	for (size_t i = 0; i < 2; i++)
		if (sets[i] && np_ranges_overlap(sets[i], end))
			return np_fail(err, NP_E_RANGE,
			               "a range reaches beyond the chip's %" PRIu64 " bytes",
			               nor_info(job->nor)->size);
	for (size_t i = 0; o->keep && i < o->keep->count; i++)
		if (!o->select || np_ranges_overlap(o->select, o->keep->at[i]))
			return np_fail(err, NP_E_RANGE, "0x%06" PRIx64 " is to be kept and written",
			               o->keep->at[i].start);
	if (o->select && !o->select->count)
		return np_fail(err, NP_E_RANGE, "nothing is selected");
	return 0;
}

/* ---- on disk before the first erase ---- */

/* How often each part of the backup was read; what --base vouched for, never. */
static int note_reads(struct write_job *wj, const struct np_ranges *saved,
                      struct manifest *manifest, struct np_error *err)
{
	struct np_ranges twice = {0};
	int ret = manifest_set_reads(manifest, saved, manifest->passes, err);

	if (!ret && manifest->passes < 2)
		ret = ranges_intersect(&wj->twice, saved, wj->run.size, &twice, err);
	if (!ret && twice.count)
		ret = manifest_set_reads(manifest, &twice, 2, err);
	if (!ret)
		ret = manifest_set_reads(manifest, &manifest->assumed, 0, err);
	np_ranges_free(&twice);
	return ret;
}

static int save_backup(struct write_job *wj, struct journal *journal, struct np_error *err)
{
	const struct write_options *o = wj->options;
	struct job *job = wj->run.job;
	bool all = !o->partial && !wj->based;
	struct manifest manifest;
	char used[NP_PATH_MAX];
	int ret;

	ret = all ? 0 : np_ranges_add_all(&journal->backup_segments, &wj->neighbours, err);
	if (ret)
		return ret;
	if (o->no_backup)
		return journal_save_backup(journal, &wj->run.store, wj->have, err);
	manifest_begin(&manifest, nor_info(job->nor), job->programmer, o->operation);
	manifest.passes = o->passes > 1                                       ? o->passes
	                  : wj->whole_twice || (o->partial && o->passes != 1) ? 2
	                                                                      : 1;
	manifest.disagreements = wj->run.voted;
	if (wj->guard && wj->guard->profile && !wj->by_image)
		memcpy(manifest.profile, wj->guard->name, sizeof(manifest.profile));
	manifest.says_changes = true;
	ret = np_ranges_add_all(&manifest.assumed, &wj->unread, err);
	if (!ret)
		ret = np_ranges_add_all(&manifest.changes, &journal->touched, err);
	if (!ret)
		ret = np_ranges_add_all(&journal->backup_segments,
		                        all ? &wj->known : &journal->touched, err);
	if (!ret)
		ret = note_reads(wj, &journal->backup_segments, &manifest, err);
	if (!ret)
		ret = backup_write(&wj->run.store, o->backup_path, wj->have,
		                   &journal->backup_segments, &manifest, used, err);
	if (!ret && !realpath(used, journal->backup))
		ret = np_fail(err, NP_E_OUTPUT, "%s: the backup is gone", used);
	if (!ret) {
		struct np_event event = {.type = NP_EV_BACKUP,
		                         .phase = NP_PHASE_BACKUP,
		                         .path = journal->backup,
		                         .total = manifest.size};

		memcpy(journal->backup_sha256, manifest.sha256, sizeof(manifest.sha256));
		memcpy(wj->result->backup_path, journal->backup, sizeof(journal->backup));
		if (job->event)
			job->event(job->event_ctx, &event);
	}
	manifest_free(&manifest);
	return ret;
}

/* Parts without a volatile status write stay unprotected if we die now: resume puts it back. */
static int note_protection(struct write_job *wj, struct journal *journal, struct np_error *err)
{
	struct nor_protection protection;
	int ret = run_step(&wj->run, err);

	if (!ret)
		ret = nor_protection_read(wj->run.nor, &protection, err);
	if (!ret && protection.known && protection.range_count == 1)
		journal->protected_range = protection.ranges[0];
	return ret;
}

static int save_all(struct write_job *wj, struct journal *journal, struct np_error *err)
{
	int ret;

	run_phase(&wj->run, NP_PHASE_BACKUP, 0);
	journal_begin(journal, &wj->run.store, wj->options->operation);
	journal->boot = wj->boot;
	/* Chips without a unique ID share a name: another program may have begun meanwhile. */
	ret = journal_reserve(&wj->run.store, err);
	if (!ret)
		ret = note_protection(wj, journal, err);
	if (!ret)
		ret = write_touched(wj, &journal->touched, err);
	if (!ret)
		ret = np_ranges_add_all(&journal->unread, &wj->unread, err);
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

/* The digest of the target, for who asked; where the journal's file is all of it, that one was
 * computed already. The chip waits meanwhile: a pass over 8 MiB takes 30 ms and more. */
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

/* All is written: what else is to be looked at? */
static int verify_more(struct write_job *wj, struct exec *exec, struct np_error *err)
{
	const struct write_options *o = wj->options;
	struct np_ranges again = {0};
	int ret = 0;

	/* A line that may turn one command into another may have hit what was right already. */
	if (o->verify_all || wj->chip_erase)
		ret = np_ranges_add_all(&again, &wj->known, err);
	else if (!run_line_is_safe(&wj->run))
		ret = write_touched(wj, &again, err);
	if (!ret)
		ret = np_ranges_remove_all(&again, &wj->neighbours, err);
	if (!ret && again.count)
		ret = exec_verify(exec, &again, err);
	np_ranges_free(&again);
	/* The blocks of the plan were verified one by one: there is nothing to resume. */
	exec->finished = !ret || (ret == NP_E_INTERRUPTED && !wj->chip_erase);
	if (!ret)
		ret = write_check_neighbours(wj, err);
	if (!ret && o->verify_all)
		ret = write_verify_outside(wj, err);
	if (ret == NP_E_INTERRUPTED && exec->finished)
		np_fail(err, ret, "stopped on request while verifying: all is written");
	return ret;
}

static int execute(struct write_job *wj, const struct journal *journal, bool *begun, bool *finished,
                   struct np_error *err)
{
	const struct write_options *o = wj->options;
	struct exec exec = {.run = &wj->run,
	                    .plan = &wj->plan,
	                    .cost = &wj->cost,
	                    .have = wj->have,
	                    .want = wj->want,
	                    .saved = &journal->touched,
	                    .unread = &wj->unread,
	                    .chip_erase = wj->chip_erase,
	                    .verify_none = o->verify_none,
	                    .result = wj->result};
	int ret = exec_run(&exec, err);

	if (!ret && !o->verify_none)
		ret = verify_more(wj, &exec, err);
	*begun = exec.begun;
	*finished = exec.finished;
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
	uint64_t changed = 0;

	for (size_t i = 0; i < wj->known.count; i++) {
		uint64_t start = wj->known.at[i].start, end = start + wj->known.at[i].len;

		for (uint64_t at = start, n; at < end; at += n) {
			n = end - at < JOB_BLOCK ? end - at : JOB_BLOCK;
			changed += differing(wj->have + at, wj->want + at, n);
		}
	}
	return changed;
}

static void show_plan(struct write_job *wj)
{
	struct job *job = wj->run.job;
	/* A profile that only the image speaks for names nothing on this chip. */
	struct np_event event = {.type = NP_EV_PLAN,
	                         .plan = &wj->plan,
	                         .cost = &wj->cost,
	                         .layout = job->layout || wj->by_image ? job->layout : wj->guard};

	if (wj->chip_erase)
		run_tell(&wj->run, NP_EV_NOTE,
		         "the whole chip is erased at once: all of it is in flux until the end");
	if (job->event)
		job->event(job->event_ctx, &event);
}

static int run(struct write_job *wj, struct np_error *err)
{
	struct job *job = wj->run.job;
	int ret = orphan_check(&wj->run, err);

	if (!ret)
		ret = write_prepare(wj, err);
	if (ret)
		return ret;
	wj->result->nothing_to_do = !wj->plan.count && !wj->chip_erase;
	if (wj->result->nothing_to_do || wj->options->dry_run)
		hash_target(wj, NULL);
	if (wj->result->nothing_to_do)
		return wj->options->verify_all && !wj->options->dry_run
		               ? write_verify_outside(wj, err)
		               : 0;
	wj->result->changed_bytes = count_changes(wj);
	show_plan(wj);
	if (wj->options->dry_run)
		return 0;
	if (job->confirm)
		ret = job->confirm(job->confirm_ctx, &wj->plan, err);
	return ret ? ret : do_plan(wj, err);
}

/* What is known before the read: a whole chip is kept whole, and at most that much is written. With
 * --base only the blocks that change are kept. */
static struct store_need job_need(const struct job *job, const struct write_options *o)
{
	uint64_t size = nor_info(job->nor)->size;
	uint64_t most = o->select ? np_ranges_bytes(o->select) : size;

	return (struct store_need){.backup = o->partial || o->base ? most : size, .target = most};
}

int job_write(struct job *job, const struct write_options *options, struct write_result *result,
              struct np_error *err)
{
	struct store store = job_store(job);
	struct write_job wj = {.options = options, .result = result};
	struct store_need need;
	int ret;

	memset(result, 0, sizeof(*result));
	if (!options->dry_run)
		store_tidy(&store);
	ret = job_check_chip(job, options->voltage_ok || options->dry_run, err);
	if (!ret)
		ret = check_options(job, options, err);
	if (!ret)
		ret = journal_check(&store, err);
	if (!ret && !options->dry_run) {
		need = job_need(job, options);
		ret = store_check(&store, !options->no_backup, options->backup_path, &need, err);
	}
	store_close(&store);
	if (!ret)
		ret = run_open(&wj.run, job, JOB_CHUNK, err);
	if (ret)
		return ret;
	exec_cost(job->nor, &wj.cost);
	ret = run(&wj, err);
	if (ret == NP_E_INTERRUPTED && !wj.begun)
		np_fail(err, ret, "stopped on request before the first erase: nothing was changed");
	result->duration_us = run_now_us() - wj.run.started_us;
	write_job_free(&wj);
	return ret;
}
