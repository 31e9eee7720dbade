/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a job tells while it runs: it is kept with the job and handed to the application. */
#include "api/job_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"

void job_outcome_clear(struct api_outcome *outcome)
{
	free(outcome->steps);
	for (size_t i = 0; i < outcome->verdict_count; i++)
		free(outcome->verdicts[i]);
	free(outcome->verdicts);
	memset(outcome, 0, sizeof(*outcome));
	outcome->result.backup = outcome->backup;
	outcome->result.file = outcome->file;
	outcome->result.sha256 = outcome->sha256;
}

/* ---- the plan ---- */

static uint64_t step_ns(const struct plan_step *step, const struct plan_cost *cost)
{
	uint64_t ns = cost->read_ns + (uint64_t)step->len * cost->read_ns_per_byte_x1000 / 1000;

	if (step->level >= 0)
		ns += cost->level[step->level].erase_ns;
	return ns + step->pages * cost->page_ns;
}

static void keep_step(struct api_step *to, const struct plan_step *from,
                      const struct plan_cost *cost, const struct layout *layout)
{
	region_names(layout, (struct np_range){from->start, from->len}, to->regions,
	             sizeof(to->regions));
	to->pub = (struct norprog_step){.start = from->start,
	                                .len = from->len,
	                                .pages = from->pages,
	                                .duration_us = step_ns(from, cost) / 1000,
	                                .regions = to->regions};
	if (from->level >= 0)
		to->pub.erase = cost->level[from->level].size;
}

static void keep_plan(struct api_outcome *outcome, const struct np_event *event)
{
	const struct plan *plan = event->plan;

	free(outcome->steps);
	outcome->steps = calloc(plan->count + 1, sizeof(*outcome->steps));
	outcome->step_count = outcome->steps ? plan->count : 0;
	outcome->no_memory |= !outcome->steps;
	outcome->planned = true;
	outcome->plan = (struct norprog_plan){.nothing_to_do = !plan->count && !plan->erase_bytes,
	                                      .erase_bytes = plan->erase_bytes,
	                                      .program_bytes = plan->program_bytes,
	                                      .duration_us = plan->cost_ns / 1000,
	                                      .steps = outcome->step_count};
	for (size_t i = 0; i < outcome->step_count; i++)
		keep_step(&outcome->steps[i], &plan->steps[i], event->cost, event->layout);
}

const struct norprog_plan *norprog_job_plan_of(const norprog_job *job)
{
	return job && job->outcome.planned ? &job->outcome.plan : NULL;
}

const struct norprog_step *norprog_job_step(const norprog_job *job, size_t index)
{
	return job && index < job->outcome.step_count ? &job->outcome.steps[index].pub : NULL;
}

/* ---- the gates' answers ---- */

static void keep_verdict(struct api_outcome *outcome, const struct np_event *event)
{
	struct api_verdict *one = calloc(1, sizeof(*one)), **more;
	bool lifted = strcmp(event->answer, "overridden") == 0;

	more = one ? np_os_grow(outcome->verdicts, outcome->verdict_count + 1,
	                        sizeof(struct api_verdict *))
	           : NULL;
	if (!more) {
		free(one);
		outcome->no_memory = true;
		return;
	}
	outcome->verdicts = more;
	more[outcome->verdict_count++] = one;
	snprintf(one->gate, sizeof(one->gate), "%s", event->gate);
	snprintf(one->message, sizeof(one->message), "%s", event->text ? event->text : "");
	snprintf(one->hint, sizeof(one->hint), "%s", event->hint ? event->hint : "");
	one->pub = (struct norprog_verdict){.gate = one->gate,
	                                    .message = one->message,
	                                    .hint = one->hint,
	                                    .overridden = lifted};
	if (strcmp(event->answer, "refuse") == 0)
		one->pub.kind = NORPROG_REFUSAL;
	else if (lifted || strcmp(event->answer, "warn") == 0)
		one->pub.kind = NORPROG_WARNING;
	else
		one->pub.kind = NORPROG_PASS;
}

const struct norprog_verdict *norprog_job_verdict(const norprog_job *job, size_t index)
{
	return job && index < job->outcome.verdict_count ? &job->outcome.verdicts[index]->pub
	                                                 : NULL;
}

/* ---- events ---- */

static enum norprog_phase phase_of(enum np_phase phase)
{
	switch (phase) {
	case NP_PHASE_READ:
		return NORPROG_PHASE_READ;
	case NP_PHASE_REREAD:
		return NORPROG_PHASE_REREAD;
	case NP_PHASE_PROBE:
		return NORPROG_PHASE_PROBE;
	case NP_PHASE_BACKUP:
		return NORPROG_PHASE_BACKUP;
	case NP_PHASE_WRITE:
		return NORPROG_PHASE_WRITE;
	case NP_PHASE_VERIFY:
		return NORPROG_PHASE_VERIFY;
	case NP_PHASE_RESTORE_PROTECTION:
		return NORPROG_PHASE_PROTECT;
	}
	return NORPROG_PHASE_OTHER;
}

/* False for events that the public header does not have. */
static bool type_of(enum np_event_type from, enum norprog_event_type *to)
{
	static const enum norprog_event_type types[] = {
		[NP_EV_PHASE] = NORPROG_EV_PHASE,         [NP_EV_PROGRESS] = NORPROG_EV_PROGRESS,
		[NP_EV_PHASE_END] = NORPROG_EV_PHASE_END, [NP_EV_PLAN] = NORPROG_EV_PLAN,
		[NP_EV_BACKUP] = NORPROG_EV_BACKUP,       [NP_EV_STEP] = NORPROG_EV_STEP,
		[NP_EV_REREAD] = NORPROG_EV_REREAD,       [NP_EV_NOTE] = NORPROG_EV_NOTE,
		[NP_EV_WARN] = NORPROG_EV_WARN,           [NP_EV_BLOCK] = NORPROG_EV_BLOCK,
	};

	if (from == NP_EV_GATE || (size_t)from >= sizeof(types) / sizeof(types[0]))
		return false;
	*to = types[from];
	return true;
}

static enum norprog_block block_of(enum np_block block)
{
	static const enum norprog_block blocks[] = {
		[NP_BLOCK_NONE] = NORPROG_BLOCK_NONE,
		[NP_BLOCK_READ] = NORPROG_BLOCK_READ,
		[NP_BLOCK_READ_AGAIN] = NORPROG_BLOCK_READ_AGAIN,
		[NP_BLOCK_AGREED] = NORPROG_BLOCK_AGREED,
		[NP_BLOCK_DISAGREED] = NORPROG_BLOCK_DISAGREED,
		[NP_BLOCK_VOTED] = NORPROG_BLOCK_VOTED,
		[NP_BLOCK_UNSTABLE] = NORPROG_BLOCK_UNSTABLE,
		[NP_BLOCK_ERASING] = NORPROG_BLOCK_ERASING,
		[NP_BLOCK_PROGRAMMING] = NORPROG_BLOCK_PROGRAMMING,
		[NP_BLOCK_VERIFYING] = NORPROG_BLOCK_VERIFYING,
		[NP_BLOCK_WRITTEN] = NORPROG_BLOCK_WRITTEN,
		[NP_BLOCK_SAME] = NORPROG_BLOCK_SAME,
		[NP_BLOCK_DIFFERS] = NORPROG_BLOCK_DIFFERS,
	};

	return blocks[block];
}

void api_event(void *ctx, const struct np_event *event)
{
	norprog *np = ctx;
	const char *text = event->path ? event->path : event->text;
	struct norprog_event pub = {.phase = phase_of(event->phase),
	                            .done = event->done,
	                            .total = event->total,
	                            .addr = event->addr,
	                            .len = event->len,
	                            .index = event->index,
	                            .pass = event->pass,
	                            .passes = event->passes,
	                            .text = text ? text : "",
	                            .block = block_of(event->block)};

	if (np->event_fn && type_of(event->type, &pub.type))
		np->event_fn(np->event_ctx, &pub);
}

void job_event(void *ctx, const struct np_event *event)
{
	norprog_job *job = ctx;

	if (event->type == NP_EV_PLAN)
		keep_plan(&job->outcome, event);
	else if (event->type == NP_EV_GATE)
		keep_verdict(&job->outcome, event);
	api_event(job->np, event);
}

/* ---- the result ---- */

void job_keep_result(norprog_job *job, const struct write_result *from)
{
	struct api_outcome *outcome = &job->outcome;
	struct norprog_result *to = &outcome->result;

	to->nothing_to_do = from->nothing_to_do;
	to->changed_bytes = from->changed_bytes;
	to->erased_bytes = from->erased_bytes;
	to->programmed_bytes = from->programmed_bytes;
	to->verified_bytes = from->verified_bytes;
	to->retried_blocks = from->retried_blocks;
	to->duration_us = from->duration_us;
	snprintf(outcome->backup, sizeof(outcome->backup), "%s", from->backup_path);
	outcome->plan.nothing_to_do |= from->nothing_to_do;
	outcome->plan.changed_bytes = from->changed_bytes;
	outcome->planned |= from->nothing_to_do;
	if (from->gate)
		snprintf(job->np->gate, sizeof(job->np->gate), "%s", from->gate);
}
