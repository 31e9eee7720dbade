/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resume: read again, plan again against what was saved. Everything it writes comes from disk, not
 * from the chip. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/resume.h"

/* ---- what was saved ---- */

/* The backup may have been moved: from here on it is where it was found. */
static int open_backup(struct resume *r, struct segment_file *file, struct np_error *err)
{
	struct journal *j = &r->journal;
	char found[NP_PATH_MAX] = "", real[PATH_MAX];
	int ret = journal_open_backup(j, &r->run.store, r->run.job->backup, file, found, err);

	if (!ret && found[0] && realpath(found, real))
		snprintf(j->backup, sizeof(j->backup), "%s", real);
	return ret;
}

/* Where to is needed; the other only tells more surely what each block is. */
static int open_files(struct resume *r, struct np_error *err)
{
	struct journal *j = &r->journal;
	struct np_error why = {0};
	bool undo = r->undo;
	int ret;

	segments_close(&r->goal);
	segments_close(&r->other);
	ret = undo ? open_backup(r, &r->goal, err)
	           : journal_open_target(j, &r->run.store, &r->goal, err);
	if (ret)
		return ret;
	r->one_leg = (undo ? journal_open_target(j, &r->run.store, &r->other, &why)
	                   : open_backup(r, &r->other, &why)) != 0;
	if (r->one_leg)
		run_tell(&r->run, NP_EV_WARN, "%s; the job can be %s without it", why.message,
		         undo ? "undone" : "finished");
	return 0;
}

static int load_goal(struct resume *r, struct np_error *err)
{
	const struct np_ranges *touched = &r->journal.touched;
	int ret = 0;

	for (size_t i = 0; i < touched->count && !ret; i++)
		ret = segments_read(&r->goal, touched->at[i].start, r->want + touched->at[i].start,
		                    touched->at[i].len, err);
	return ret;
}

/* ---- what the chip holds ---- */

/* The 4 KiB blocks of `touched` that are not yet what they shall be. */
static int find_open(const struct resume *r, struct np_ranges *open, struct np_error *err)
{
	const struct np_ranges *touched = &r->journal.touched;
	int ret = 0;

	for (size_t i = 0; i < touched->count; i++) {
		uint64_t end = touched->at[i].start + touched->at[i].len;

		for (uint64_t at = touched->at[i].start, n; at < end && !ret; at += n) {
			n = end - at < JOB_BLOCK ? end - at : JOB_BLOCK;
			if (memcmp(r->have + at, r->want + at, n) != 0)
				ret = np_ranges_add(open, (struct np_range){at, n}, err);
		}
	}
	return ret;
}

/* One read of all; what is not as it shall be is read twice, for the judgement hangs on it. */
static int read_touched(struct resume *r, struct np_ranges *open, struct np_error *err)
{
	const struct np_ranges *touched = &r->journal.touched;
	int ret;

	run_phase(&r->run, NP_PHASE_READ, np_ranges_bytes(touched));
	ret = run_read_once(&r->run, touched, r->have, err);
	run_phase_end(&r->run);
	if (!ret)
		ret = find_open(r, open, err);
	if (ret || !open->count)
		return ret;
	run_phase(&r->run, NP_PHASE_REREAD, np_ranges_bytes(open));
	ret = run_read_again(&r->run, open, r->have, 1, err);
	run_phase_end(&r->run);
	if (!ret)
		ret = run_check_stable(&r->run, err);
	np_ranges_free(open);
	return ret ? ret : find_open(r, open, err);
}

static int another_chip(uint64_t addr, struct np_error *err)
{
	np_fail(err, NP_E_POLICY,
	        "0x%06" PRIx64 " holds neither what was saved nor what was to be written: this is "
	        "another chip, or something else wrote to it",
	        addr);
	return np_hint(err,
	               "put the chip on the clip that the job began on, or forget the job with "
	               "`norprog resume --discard`");
}

static int judge_block(struct resume *r, uint64_t addr, size_t len, struct np_error *err)
{
	const struct np_range *block;
	int ret = segments_read(&r->other, addr, r->run.ballots, len, err);

	if (ret || memcmp(r->have + addr, r->run.ballots, len) == 0)
		return ret;
	block = journal_block_at(&r->journal, addr);
	if (!block || (r->flux.len && block->start != r->flux.start))
		return another_chip(addr, err);
	r->flux = *block;
	return 0;
}

static int unknown_chip(const char *why, struct np_error *err)
{
	np_fail(err, NP_E_POLICY, "with one of the job's two files lost, %s", why);
	return np_hint(err,
	               "find the other file: `norprog resume --backup FILE` names a backup that "
	               "was moved");
}

/*
 * With one of the two files lost a block that is not as it shall be says nothing: neither whose it
 * is nor whether it was in work. So the chip must be known by something else, and every such block
 * is erased whatever it seems to hold.
 */
static int judge_alone(struct resume *r, const struct np_ranges *open, struct np_error *err)
{
	const struct nor_info *info = nor_info(r->run.nor);
	struct match said = {0};
	int ret = 0;

	if (np_ranges_bytes(&r->journal.unread))
		return unknown_chip("nobody knows what was in blocks that only --base vouched for",
		                    err);
	if (!info->uid_len || !r->journal.uid[0]) {
		ret = run_match_fingerprints(&r->run, &r->journal, &said, err);
		if (!ret && (said.denied || !said.alike))
			ret = unknown_chip("nothing tells that this is the chip it began on", err);
	}
	for (size_t i = 0; i < open->count && !ret; i++)
		for (uint64_t at = open->at[i].start; at < open->at[i].start + open->at[i].len;
		     at++)
			r->have[at] = (uint8_t)~r->want[at];
	return ret;
}

/* Every block is what it was or what it shall be, except at most one that was in run. */
static int judge(struct resume *r, const struct np_ranges *open, struct np_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < open->count; i++) {
		uint64_t end = open->at[i].start + open->at[i].len;

		for (uint64_t at = open->at[i].start, n; at < end && !ret; at += n) {
			n = (at / JOB_BLOCK + 1) * JOB_BLOCK - at;
			n = end - at < n ? end - at : n;
			ret = judge_block(r, at, n, err);
		}
	}
	return ret;
}

/* ---- planning ---- */

/* The bits of a block that was in flux may read one way today and another tomorrow: plan as if each
 * of them were wrong, so that the block is erased whatever it seems to hold. */
static void distrust_flux(struct resume *r)
{
	for (uint64_t at = r->flux.start; at < r->flux.start + r->flux.len; at++)
		if (np_ranges_contain(&r->journal.touched, (struct np_range){at, 1}))
			r->have[at] = (uint8_t)~r->want[at];
}

static bool in_flux(const struct resume *r, const struct plan_step *step)
{
	return r->flux.len && step->start < r->flux.start + r->flux.len &&
	       r->flux.start < (uint64_t)step->start + step->len;
}

/* The block in flux comes first, so that there is never a second one; the others keep their order.
 */
static int flux_first(struct resume *r, struct np_error *err)
{
	struct plan_step *sorted = calloc(r->plan.count + 1, sizeof(*sorted));
	size_t n = 0;

	if (!sorted)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < r->plan.count; i++)
			if (in_flux(r, &r->plan.steps[i]) == (pass == 0))
				sorted[n++] = r->plan.steps[i];
	free(r->plan.steps);
	r->plan.steps = sorted;
	return 0;
}

static int make_plan(struct resume *r, struct np_error *err)
{
	int ret;

	distrust_flux(r);
	ret = plan_make(r->have, r->want, r->run.size, &r->journal.touched, &r->cost,
	                r->journal.boot.len ? &r->journal.boot : NULL, &r->plan, err);
	return ret ? ret : flux_first(r, err);
}

/* ---- doing ---- */

/* The record names the blocks of this plan before the first of them is touched. */
static int renew_journal(struct resume *r, struct np_error *err)
{
	struct journal *j = &r->journal;
	int ret = 0;

	j->block_count = 0;
	/* By now all of it was read. */
	np_ranges_free(&j->unread);
	if (r->flux.len)
		ret = journal_add_block(j, r->flux, err);
	if (!ret)
		ret = journal_add_blocks(j, &r->plan, err);
	return ret ? ret : journal_save(j, &r->run.store, true, err);
}

/* A part that cannot lift its protection for a while only was left bare when the job was cut off.
 */
static int protect_again(struct resume *r, struct np_error *err)
{
	const struct np_range *range = &r->journal.protected_range;
	struct nor_protection now;
	int ret;

	if (!range->len)
		return 0;
	ret = nor_protection_read(r->run.nor, &now, err);
	if (ret || !now.known || now.range_count)
		return ret;
	run_tell(&r->run, NP_EV_NOTE,
	         "the block protection found before the job is put back: 0x%06" PRIx64
	         "+0x%" PRIx64,
	         range->start, range->len);
	return nor_protection_set(r->run.nor, *range, err);
}

static int execute(struct resume *r, struct write_result *result, struct np_error *err)
{
	struct exec exec = {.run = &r->run,
	                    .plan = &r->plan,
	                    .cost = &r->cost,
	                    .have = r->have,
	                    .want = r->want,
	                    .saved = &r->journal.touched,
	                    .result = result};
	struct job *job = r->run.job;
	struct np_event event = {
		.type = NP_EV_PLAN, .plan = &r->plan, .cost = &r->cost, .layout = job->layout};
	int ret = 0;

	if (job->event)
		job->event(job->event_ctx, &event);
	if (job->confirm)
		ret = job->confirm(job->confirm_ctx, &r->plan, err);
	if (!ret)
		ret = renew_journal(r, err);
	if (!ret)
		ret = exec_run(&exec, err);
	/* A stray command may have hit what was right already. */
	if (!ret && !run_line_is_safe(&r->run))
		ret = exec_verify(&exec, &r->journal.touched, err);
	return ret;
}

/* On a line that protects nothing: what was saved but is not the job's to change. */
static int check_neighbours(struct resume *r, struct write_result *result, struct np_error *err)
{
	const struct segment_file *backup = r->undo ? &r->goal : &r->other;
	struct np_ranges neighbours = {0}, bad = {0};
	int ret;

	if (backup->fd < 0)
		return 0;
	ret = np_ranges_add_all(&neighbours, &r->journal.backup_segments, err);

	if (!ret)
		ret = np_ranges_remove_all(&neighbours, &r->journal.touched, err);
	run_phase(&r->run, NP_PHASE_VERIFY, np_ranges_bytes(&neighbours));
	for (size_t i = 0; i < neighbours.count && !ret; i++) {
		const struct np_range *range = &neighbours.at[i];

		ret = segments_read(backup, range->start, r->want + range->start, range->len, err);
		if (!ret)
			ret = run_compare(&r->run, range->start, r->want + range->start, range->len,
			                  &bad, err);
	}
	run_phase_end(&r->run);
	if (!ret)
		ret = run_alive(&r->run, err);
	if (!ret && bad.count)
		ret = run_tell_stray(&r->run, r->want, &bad,
		                     r->journal.backup_is_ours ? NULL : r->journal.backup, err);
	if (!ret)
		result->neighbour_bytes = np_ranges_bytes(&neighbours);
	np_ranges_free(&neighbours);
	np_ranges_free(&bad);
	return ret;
}

/* The journal has nothing more to give when the blocks of the job are right. */
static int close_job(struct resume *r, struct write_result *result, struct np_error *err)
{
	struct np_error second = {0};
	int ret = 0, closed;

	if (!run_line_is_safe(&r->run))
		ret = check_neighbours(r, result, err);
	if (ret && ret != NP_E_VERIFY)
		return ret;
	closed = journal_close(&r->run.store, NULL, ret ? &second : err);
	return ret ? ret : closed;
}

/* What is saved, what the chip holds, and what follows for each block. */
static int look(struct resume *r, struct np_ranges *open, struct np_error *err)
{
	bool learnt = false;
	int ret = open_files(r, err);

	if (!ret)
		ret = load_goal(r, err);
	if (!ret)
		ret = read_touched(r, open, err);
	if (!ret && r->one_leg)
		return judge_alone(r, open, err);
	if (!ret)
		ret = resume_learn_unread(r, open, &learnt, err);
	if (!ret && learnt)
		ret = open_files(r, err);
	if (!ret && learnt)
		ret = load_goal(r, err);
	if (!ret && learnt) {
		np_ranges_free(open);
		ret = find_open(r, open, err);
	}
	if (!ret)
		ret = judge(r, open, err);
	return ret ? ret : resume_check_fingerprints(r, err);
}

static int finish(struct resume *r, struct write_result *result, struct np_error *err)
{
	struct np_ranges open = {0};
	int ret;

	r->have = calloc(1, r->run.size);
	r->want = calloc(1, r->run.size);
	if (!r->have || !r->want)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	ret = look(r, &open, err);
	result->changed_bytes = np_ranges_bytes(&open);
	np_ranges_free(&open);
	if (!ret)
		ret = make_plan(r, err);
	if (ret)
		return ret;
	memcpy(result->target_sha256, r->undo ? r->journal.backup_sha256 : r->journal.target_sha256,
	       sizeof(result->target_sha256));
	if (!r->journal.backup_is_ours)
		memcpy(result->backup_path, r->journal.backup, sizeof(r->journal.backup));
	result->nothing_to_do = !r->plan.count;
	if (r->plan.count)
		ret = execute(r, result, err);
	if (!ret)
		ret = protect_again(r, err);
	return ret ? ret : close_job(r, result, err);
}

static int discard(struct job *job, struct np_error *err)
{
	struct store store = job_store(job);
	int ret = journal_take(&store, err);

	if (!ret)
		ret = journal_close(&store, NULL, err);
	store_close(&store);
	return ret;
}

/* A record that nothing can be made of: what its backup says is enough to undo the job. */
static int load_record(struct resume *r, struct np_error *err)
{
	struct np_error why = {0};
	int ret = journal_load(&r->journal, &r->run.store, err);

	if (ret != NP_E_INPUT || !r->undo)
		return ret;
	journal_free(&r->journal);
	ret = journal_rebuild(&r->journal, &r->run.store, r->run.job->backup, &why);
	if (!ret)
		run_tell(&r->run, NP_EV_WARN,
		         "the record of the job is lost; %.300s says what the job was to change, "
		         "and what is put back",
		         r->journal.backup);
	return ret ? NP_E_INPUT : 0;
}

int job_resume(struct job *job, enum resume_mode mode, struct write_result *result,
               struct np_error *err)
{
	struct store store = job_store(job);
	struct resume r = {.goal.fd = -1, .other.fd = -1, .undo = mode == RESUME_UNDO};
	int ret;

	memset(result, 0, sizeof(*result));
	store_tidy(&store);
	store_close(&store);
	ret = orphan_adopt(job, err);
	if (ret)
		return ret;
	if (mode == RESUME_DISCARD)
		return discard(job, err);
	ret = run_open(&r.run, job, JOB_CHUNK, err);
	if (ret)
		return ret;
	ret = journal_take(&r.run.store, err);
	if (!ret)
		ret = load_record(&r, err);
	if (!ret)
		ret = job_check_chip(job, job->voltage_ok, err);
	if (!ret)
		ret = store_check(&r.run.store, false, NULL, NULL, err);
	if (!ret) {
		exec_cost(job->nor, &r.cost);
		ret = finish(&r, result, err);
		if (ret == NP_E_INTERRUPTED && err && !err->hint[0]) {
			np_fail(err, ret, "stopped on request: the job is as unfinished as before");
			np_hint(err, "`norprog resume` finishes it");
		}
		result->duration_us = run_now_us() - r.run.started_us;
	}
	segments_close(&r.goal);
	segments_close(&r.other);
	plan_free(&r.plan);
	free(r.have);
	free(r.want);
	journal_free(&r.journal);
	run_close(&r.run);
	return ret;
}
