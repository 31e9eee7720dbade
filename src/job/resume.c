/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resume: read again, plan again against what was saved. Everything it writes comes from disk, not
 * from the chip. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
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

/* The file of the goal is required; the other one only helps to tell what each block is. */
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
	r->file_lost = (undo ? journal_open_target(j, &r->run.store, &r->other, &why)
	                     : open_backup(r, &r->other, &why)) != 0;
	if (r->file_lost)
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
	struct np_walk walk = {&r->journal.touched, JOB_BLOCK, 0, 0};
	struct np_range block;
	int ret = 0;

	while (!ret && np_walk_piece(&walk, &block))
		if (memcmp(r->have + block.start, r->want + block.start, block.len) != 0)
			ret = np_ranges_add(open, block, err);
	return ret;
}

/* Everything is read once; blocks that differ from the goal are read twice, because the
 * judgement rests on them. */
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
	if (!ret)
		ret = run_check_shifted(&r->run, err);
	np_ranges_free(open);
	return ret ? ret : find_open(r, open, err);
}

static int judge_block(struct resume *r, struct np_range piece, struct np_error *err)
{
	const struct np_range *block;
	int ret = segments_read(&r->other, piece.start, r->run.ballots, piece.len, err);

	if (ret || memcmp(r->have + piece.start, r->run.ballots, piece.len) == 0)
		return ret;
	block = journal_block_at(&r->journal, piece.start);
	if (block && (!r->flux.len || block->start == r->flux.start)) {
		r->flux = *block;
	} else if (!r->mismatch) {
		r->mismatch = true;
		r->mismatch_at = piece.start;
	}
	return resume_suspect(r, piece, err);
}

/* Every block must be as it was or as it shall be, except the one that was in flux. Any other is
 * noted, and the gate other-chip judges it. */
static int judge(struct resume *r, const struct np_ranges *open, struct np_error *err)
{
	struct np_walk walk = {open, JOB_BLOCK, 0, 0};
	struct np_range piece;
	int ret = 0;

	while (!ret && np_walk_piece(&walk, &piece))
		ret = judge_block(r, piece, err);
	return ret;
}

/* With one of the two files lost, a block that differs from the other tells nothing: it may be
 * untouched, half-written, or of another chip. The gate lost-file identifies the chip by other
 * means, and each such block is erased before it is programmed. */
static int judge_alone(struct resume *r, const struct np_ranges *open, struct np_error *err)
{
	int ret = np_ranges_add_all(&r->unexplained, open, err);

	return ret ? ret : np_ranges_add_all(&r->suspect, open, err);
}

/* ---- planning ---- */

/* The bits of a half-written block may read differently tomorrow. Plan as if every one were
 * wrong, so that the block is erased whatever it seems to hold. */
static int distrust(struct resume *r, struct np_error *err)
{
	struct np_ranges ours = {0};
	int ret = np_ranges_intersect(&r->suspect, &r->journal.touched, r->run.size, &ours, err);

	for (size_t i = 0; i < ours.count && !ret; i++)
		for (uint64_t at = ours.at[i].start; at < ours.at[i].start + ours.at[i].len; at++)
			r->have[at] = (uint8_t)~r->want[at];
	np_ranges_free(&ours);
	return ret;
}

static bool in_flux(const struct resume *r, const struct plan_step *step)
{
	return np_ranges_overlap(&r->suspect, (struct np_range){step->start, step->len});
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

	ret = distrust(r, err);
	if (ret)
		return ret;
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
	/* All of it has been read by now. */
	np_ranges_free(&j->unread);
	for (size_t i = 0; i < r->suspect.count && !ret; i++)
		ret = journal_add_block(j, r->suspect.at[i], err);
	if (!ret)
		ret = journal_add_blocks(j, &r->plan, err);
	return ret ? ret : journal_save(j, &r->run.store, true, err);
}

/* On a line that protects nothing: what was saved but is not the job's to change. */
static int load_neighbours(struct resume *r, struct np_error *err)
{
	const struct segment_file *backup = r->undo ? &r->goal : &r->other;
	struct np_ranges *neighbours = &r->neighbours;
	int ret;

	if (run_line_is_safe(&r->run) || backup->fd < 0)
		return 0;
	ret = np_ranges_add_all(neighbours, &r->journal.backup_segments, err);
	if (!ret)
		ret = np_ranges_remove_all(neighbours, &r->journal.touched, err);
	for (size_t i = 0; i < neighbours->count && !ret; i++)
		ret = segments_read(backup, neighbours->at[i].start,
		                    r->have + neighbours->at[i].start, neighbours->at[i].len, err);
	return ret;
}

static struct exec exec_of(struct resume *r, struct write_result *result)
{
	return (struct exec){.run = &r->run,
	                     .plan = &r->plan,
	                     .cost = &r->cost,
	                     .have = r->have,
	                     .want = r->want,
	                     .saved = &r->journal.touched,
	                     .protect = r->journal.protected_range,
	                     .neighbours = &r->neighbours,
	                     .backup = r->journal.backup_is_ours ? NULL : r->journal.backup,
	                     .proposal = {.file = r->undo              ? r->journal.backup
	                                          : r->journal.file[0] ? r->journal.file
	                                                               : NULL,
	                                  .backup = r->journal.backup,
	                                  .only = &r->journal.touched},
	                     .result = result};
}

/* Only tell what would be done. */
static int explain(struct resume *r, struct write_result *result, struct np_error *err)
{
	struct exec exec = exec_of(r, result);

	return r->plan.count ? exec_propose(&exec, r->run.job->layout, false, err) : 0;
}

/* When the blocks of the job are right, the journal is no longer needed. */
static int execute(struct resume *r, struct write_result *result, struct np_error *err)
{
	struct exec exec = exec_of(r, result);
	struct np_error second = {0};
	int ret = load_neighbours(r, err), closed;

	/* A stray command may have hit what was right already. */
	if (r->plan.count && !run_line_is_safe(&r->run))
		exec.again = &r->journal.touched;
	if (!ret && r->plan.count)
		ret = exec_propose(&exec, r->run.job->layout, true, err);
	if (!ret && r->plan.count)
		ret = renew_journal(r, err);
	if (!ret)
		ret = exec_run(&exec, err);
	if (!exec.finished || (ret && ret != NP_E_VERIFY))
		return ret;
	closed = journal_close(&r->run.store, NULL, ret ? &second : err);
	if (!r->undo && strcmp(r->journal.operation, "clone") == 0)
		run_tell(&r->run, NP_EV_WARN,
		         "the contents are finished, the status registers (quad enable, driver "
		         "strength) were not set: norprog clone %s sets them, and writes nothing "
		         "else",
		         r->journal.file[0] ? r->journal.file : "BACKUP");
	return ret ? ret : closed;
}

/* ---- judging ---- */

static int ask(struct resume *r, enum gate_stage stage, struct np_error *err)
{
	struct facts facts = {
		.job_bit = r->undo ? GATE_UNDO : GATE_FINISH,
		.run = &r->run,
		.job = r->run.job,
		.chip = nor_info(r->run.nor),
		.size = r->run.size,
		.overrides = &r->options->overrides,
		.dry_run = r->options->explain,
		.explain = r->options->explain,
		.have = r->have,
		.want = r->want,
		.known = &r->journal.touched,
		.plan = stage == GATE_PLANNED ? &r->plan : NULL,
		.resume = r,
	};

	return gates_ask(&facts, stage, r->options->explain, &r->refusal, err);
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
	if (!ret && r->file_lost)
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
	return ret ? ret : judge(r, open, err);
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
		ret = ask(r, GATE_READ, err);
	if (!ret)
		ret = resume_save_unexplained(r, err);
	if (!ret)
		ret = make_plan(r, err);
	if (!ret)
		ret = ask(r, GATE_PLANNED, err);
	if (ret)
		return ret;
	memcpy(result->target_sha256, r->undo ? r->journal.backup_sha256 : r->journal.target_sha256,
	       sizeof(result->target_sha256));
	if (!r->journal.backup_is_ours)
		memcpy(result->backup_path, r->journal.backup, sizeof(r->journal.backup));
	result->nothing_to_do = !r->plan.count;
	return r->options->explain ? explain(r, result, err) : execute(r, result, err);
}

/* When the record is damaged, the manifest of its backup is enough to undo the job. */
static int rebuild_record(struct resume *r, struct np_error *err)
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

/* Load the open record of this chip, under its own name or another, and lock it. */
static int load_record(struct resume *r, struct np_error *err)
{
	struct store *store = &r->run.store;
	bool explains = r->options->explain;
	char stem[NP_PATH_MAX] = "";
	int ret = 0;

	if (!journal_exists(store)) {
		ret = orphan_find(&r->run, &r->journal, stem, err);
		if (ret || (stem[0] && explains))
			return ret;
		if (stem[0])
			ret = journal_adopt(&r->journal, store, stem, err);
		journal_free(&r->journal);
	}
	if (!ret && !explains)
		ret = journal_take(store, err);
	if (ret || r->options->mode == RESUME_DISCARD)
		return ret;
	return rebuild_record(r, err);
}

/* Which job this is, for who has forgotten it. */
static void say_job(struct resume *r)
{
	const struct journal *j = &r->journal;
	char what[512];

	run_tell(&r->run, NP_EV_NOTE, "the unfinished job: %s",
	         journal_what(j, what, sizeof(what)));
	if (j->backup[0] && !j->backup_is_ours)
		run_tell(&r->run, NP_EV_NOTE, "what the chip held before: %s", j->backup);
}

/* A record that cannot be read can still be forgotten. */
static int discard(struct resume *r, struct np_error *err)
{
	struct job *job = r->run.job;
	struct np_error why = {0};
	int ret;

	if (journal_load(&r->journal, &r->run.store, &why))
		run_tell(&r->run, NP_EV_NOTE, "the record of the job is lost: %s", why.message);
	else
		say_job(r);
	run_tell(
		&r->run, NP_EV_NOTE,
		"if it is forgotten, the chip stays as it is now, which may be half old, half new");
	ret = job->confirm ? job->confirm(job->confirm_ctx, NULL, err) : 0;
	return ret ? ret : journal_close(&r->run.store, NULL, err);
}

static int resume(struct resume *r, struct write_result *result, struct np_error *err)
{
	int ret = load_record(r, err);

	if (!ret && r->options->mode == RESUME_DISCARD)
		return discard(r, err);
	if (!ret)
		say_job(r);
	if (!ret)
		ret = ask(r, GATE_ASKED, err);
	if (ret)
		return ret;
	exec_cost(r->run.nor, &r->cost);
	ret = finish(r, result, err);
	if (ret == NP_E_INTERRUPTED && err && !err->hint[0]) {
		np_fail(err, ret, "stopped on request: the job is as unfinished as before");
		np_hint(err, "`norprog resume` finishes it");
	}
	return ret;
}

static void free_resume(struct resume *r)
{
	segments_close(&r->goal);
	segments_close(&r->other);
	plan_free(&r->plan);
	np_ranges_free(&r->neighbours);
	np_ranges_free(&r->unexplained);
	np_ranges_free(&r->suspect);
	free(r->have);
	free(r->want);
	journal_free(&r->journal);
	run_close(&r->run);
}

int job_resume(struct job *job, const struct resume_options *options, struct write_result *result,
               struct np_error *err)
{
	struct store store = job_store(job);
	struct resume r = {.goal.fd = -1,
	                   .other.fd = -1,
	                   .options = options,
	                   .undo = options->mode == RESUME_UNDO};
	int ret;

	memset(result, 0, sizeof(*result));
	if (!options->explain)
		store_tidy(&store);
	store_close(&store);
	ret = run_open(&r.run, job, JOB_CHUNK, err);
	if (ret)
		return ret;
	ret = resume(&r, result, err);
	ret = refusal_report(&r.refusal, ret, result, err);
	result->duration_us = np_now_us() - r.run.started_us;
	free_resume(&r);
	return ret;
}
