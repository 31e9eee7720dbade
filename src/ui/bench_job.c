/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The job: described, planned, run, and seen. */
#include "ui/bench_priv.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ui/show.h"

#define TOLD_MAX 64
#define TELL_US  16000 /* progress is told 60 times a second, however often it is reported */

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* ---- showing ---- */

static json_t *shown(json_t *value)
{
	return value ? json_incref(value) : json_null();
}

static const char *operation(const struct ui_bench *bench)
{
	if (bench->looking)
		return "look";
	return bench->job ? ui_order_name(bench->order.operation) : "";
}

void ui_job_publish(struct ui_bench *bench)
{
	json_int_t number = strcmp(bench->stage, "planned") == 0 ? bench->plans : 0;

	ui_hub_put(bench->hub, UI_JOB,
	           json_pack("{s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "stage", bench->stage,
	                     "op", operation(bench), "number", number, "order",
	                     shown(bench->order.json), "plan", shown(bench->plan), "verdicts",
	                     shown(bench->verdicts), "result", shown(bench->result), "error",
	                     shown(bench->error), "told", shown(bench->told)));
}

static void forget(json_t **value)
{
	json_decref(*value);
	*value = NULL;
}

static void forget_outcome(struct ui_bench *bench)
{
	forget(&bench->plan);
	forget(&bench->verdicts);
	forget(&bench->result);
	forget(&bench->error);
	forget(&bench->told);
	bench->told = json_array();
	bench->looking = false;
}

static void keep_outcome(struct ui_bench *bench)
{
	forget(&bench->plan);
	forget(&bench->verdicts);
	bench->plan = ui_show_plan(bench->job);
	bench->verdicts = ui_show_verdicts(bench->job);
}

static void set_stage(struct ui_bench *bench, const char *stage)
{
	bench->stage = stage;
	ui_job_publish(bench);
}

static void fail(struct ui_bench *bench, json_t *error)
{
	forget(&bench->error);
	bench->error = error ? error : ui_show_error(norprog_error(bench->np));
	set_stage(bench, "failed");
}

void ui_job_clear(struct ui_bench *bench)
{
	norprog_job_free(bench->job);
	bench->job = NULL;
	forget_outcome(bench);
	if (bench->detected)
		ui_hub_map(bench->hub, norprog_chip(bench->np)->size);
	ui_hub_put(bench->hub, UI_PROGRESS, NULL);
	set_stage(bench, "idle");
}

/* ---- describing ---- */

typedef int add_fn(norprog_job *job, const char *what);

static int add_words(norprog_job *job, const struct ui_words *words, add_fn *add)
{
	int ret = 0;

	for (size_t i = 0; i < words->count && !ret; i++)
		ret = add(job, words->at[i]);
	return ret;
}

static int set_field(norprog_job *job, const char *assignment)
{
	return norprog_job_set(job, NORPROG_JOB_FIELD, assignment);
}

static bool takes_image(enum norprog_operation operation)
{
	return operation == NORPROG_WRITE || operation == NORPROG_RESTORE ||
	       operation == NORPROG_VERIFY;
}

/* *error: set where the failure is not the handle's. */
static int describe(struct ui_bench *bench, json_t **error)
{
	const struct ui_order *order = &bench->order;
	int ret = norprog_job_new(bench->np, order->operation, &bench->job);

	if (!ret && takes_image(order->operation))
		ret = ui_desk_supply(bench->desk, order, bench->job, error);
	if (!ret)
		ret = add_words(bench->job, &order->only, norprog_job_only);
	if (!ret)
		ret = add_words(bench->job, &order->keep, norprog_job_keep);
	if (!ret)
		ret = add_words(bench->job, &order->set, set_field);
	if (!ret)
		ret = add_words(bench->job, &order->override, norprog_job_override);
	if (!ret && order->at)
		ret = norprog_job_set(bench->job, NORPROG_JOB_AT, order->at);
	return ret;
}

/* ---- running ---- */

static void paint_plan(struct ui_bench *bench)
{
	const struct norprog_step *step;

	for (size_t i = 0; (step = norprog_job_step(bench->job, i)); i++)
		ui_hub_paint(bench->hub, step->start, step->len, UI_CELL_PLANNED);
}

/* A block that was not finished is neither what it was nor what it is to be. */
static void paint_unfinished(struct ui_bench *bench)
{
	ui_hub_repaint(bench->hub, UI_CELL_ERASE, UI_CELL_UNSTABLE);
	ui_hub_repaint(bench->hub, UI_CELL_PROGRAM, UI_CELL_UNSTABLE);
	ui_hub_repaint(bench->hub, UI_CELL_VERIFY, UI_CELL_UNSTABLE);
}

static void run(struct ui_bench *bench)
{
	const struct norprog_result *result = NULL;
	int ret;

	bench->plan_moved = false;
	set_stage(bench, "running");
	bench->at_work = true;
	ret = norprog_job_run(bench->job, &result);
	bench->at_work = false;
	bench->result = ui_show_result(result);
	/* The gates' words of the run matter where one of them refused. */
	if (ret)
		keep_outcome(bench);
	paint_unfinished(bench);
	ui_hub_put(bench->hub, UI_PROGRESS, NULL);
	if (ret && bench->plan_moved)
		fail(bench,
		     json_pack("{s:s, s:s, s:s, s:s}", "code", "confirm", "message",
		               "the chip changed since the plan was shown: nothing was written",
		               "hint", "look at the new plan", "gate", ""));
	else if (ret)
		fail(bench, NULL);
	else
		set_stage(bench, "done");
	ui_bench_settle(bench);
	ui_clip_device(bench);
}

/* A plan can be made and yet be refused: then it is shown with what refuses it, and has no number. */
static bool is_refused(const norprog_job *job)
{
	const struct norprog_verdict *one;

	for (size_t i = 0; (one = norprog_job_verdict(job, i)); i++)
		if (one->kind == NORPROG_REFUSAL)
			return true;
	return false;
}

static void plan(struct ui_bench *bench)
{
	const struct norprog_plan *made = NULL;
	int ret;

	set_stage(bench, "planning");
	bench->at_work = true;
	ret = norprog_job_plan(bench->job, &made);
	bench->at_work = false;
	keep_outcome(bench);
	ui_hub_map(bench->hub, norprog_chip(bench->np) ? norprog_chip(bench->np)->size : 0);
	ui_hub_put(bench->hub, UI_PROGRESS, NULL);
	if (ret || !made || is_refused(bench->job)) {
		fail(bench, ret ? NULL : json_null());
		return;
	}
	bench->shown = *made;
	paint_plan(bench);
	bench->plans++;
	bench->stage = "planned";
	pthread_mutex_lock(&bench->lock);
	bench->number = bench->plans;
	pthread_mutex_unlock(&bench->lock);
	ui_job_publish(bench);
}

void ui_job_begin(struct ui_bench *bench)
{
	json_t *error = NULL;

	norprog_job_free(bench->job);
	bench->job = NULL;
	forget_outcome(bench);
	if (norprog_chip(bench->np))
		ui_hub_map(bench->hub, norprog_chip(bench->np)->size);
	if (describe(bench, &error))
		fail(bench, error);
	else if (ui_order_needs_plan(&bench->order))
		plan(bench);
	else
		run(bench);
}

void ui_job_go(struct ui_bench *bench)
{
	forget(&bench->result);
	forget(&bench->error);
	run(bench);
}

/* ---- reading for comparing ---- */

static int read_all(struct ui_bench *bench, size_t size, json_t **error)
{
	const norprog_layout *layout = norprog_layout_in_force(bench->np);
	const struct norprog_layout_info *info = norprog_layout_info(layout);
	uint8_t *bytes = malloc(size);
	int ret = NORPROG_E_MEMORY;

	if (!bytes)
		return ret;
	bench->at_work = true;
	ret = norprog_read(bench->np, 0, bytes, size, 2);
	bench->at_work = false;
	if (!ret)
		ret = ui_desk_take_chip(bench->desk, norprog_chip(bench->np)->name,
		                        info && info->profile ? info->name : NULL, bytes, size,
		                        error);
	free(bytes);
	return ret;
}

void ui_job_look(struct ui_bench *bench)
{
	const struct norprog_chip *chip = norprog_chip(bench->np);
	json_t *error = NULL;
	int ret = NORPROG_E_NO_CHIP;

	norprog_job_free(bench->job);
	bench->job = NULL;
	forget_outcome(bench);
	bench->looking = true;
	if (chip) {
		ui_hub_map(bench->hub, chip->size);
		set_stage(bench, "running");
		ret = read_all(bench, (size_t)chip->size, &error);
		ui_hub_put(bench->hub, UI_PROGRESS, NULL);
	}
	if (ret == NORPROG_E_NO_CHIP || ret == NORPROG_E_MEMORY)
		error = json_pack("{s:s, s:s, s:s, s:s}", "code", norprog_code_name(ret), "message",
		                  norprog_code_text(ret), "hint", "", "gate", "");
	if (ret)
		fail(bench, error);
	else
		set_stage(bench, "done");
}

/* The user said yes to the plan that the page showed. If the plan has become another one since,
 * that yes does not count. */
int ui_job_question(void *ctx, const struct norprog_question *question)
{
	struct ui_bench *bench = ctx;
	const struct norprog_plan *now = norprog_job_plan_of(question->job);

	bench->plan_moved = !now || now->erase_bytes != bench->shown.erase_bytes ||
	                    now->program_bytes != bench->shown.program_bytes ||
	                    now->steps != bench->shown.steps;
	return !bench->plan_moved;
}

/* ---- events ---- */

static const char *phase_name(enum norprog_phase phase)
{
	static const char *const names[] = {"read",  "reread", "probe",   "backup",
	                                    "write", "verify", "protect", "other"};

	return names[phase <= NORPROG_PHASE_OTHER ? phase : NORPROG_PHASE_OTHER];
}

static void tell_progress(struct ui_bench *bench, const struct norprog_event *event)
{
	bench->told_us = now_us();
	ui_hub_put(bench->hub, UI_PROGRESS,
	           json_pack("{s:s, s:I, s:I, s:I, s:i, s:i, s:I}", "phase",
	                     phase_name(event->phase), "done", (json_int_t)event->done, "total",
	                     (json_int_t)event->total, "addr", (json_int_t)event->addr, "pass",
	                     event->pass, "passes", event->passes, "us",
	                     (json_int_t)(bench->told_us - bench->phase_us)));
}

static void paint_block(struct ui_bench *bench, const struct norprog_event *event)
{
	static const char colours[] = {
		[NORPROG_BLOCK_NONE] = UI_CELL_NONE,
		[NORPROG_BLOCK_READ] = UI_CELL_READ,
		[NORPROG_BLOCK_READ_AGAIN] = UI_CELL_AGAIN,
		[NORPROG_BLOCK_AGREED] = UI_CELL_AGREED,
		[NORPROG_BLOCK_DISAGREED] = UI_CELL_DISAGREED,
		[NORPROG_BLOCK_VOTED] = UI_CELL_VOTED,
		[NORPROG_BLOCK_UNSTABLE] = UI_CELL_UNSTABLE,
		[NORPROG_BLOCK_ERASING] = UI_CELL_ERASE,
		[NORPROG_BLOCK_PROGRAMMING] = UI_CELL_PROGRAM,
		[NORPROG_BLOCK_VERIFYING] = UI_CELL_VERIFY,
		[NORPROG_BLOCK_WRITTEN] = UI_CELL_WRITTEN,
		[NORPROG_BLOCK_SAME] = UI_CELL_SAME,
		[NORPROG_BLOCK_DIFFERS] = UI_CELL_DIFFERS,
	};

	if (event->block > NORPROG_BLOCK_NONE && (size_t)event->block < sizeof(colours))
		ui_hub_paint(bench->hub, event->addr, event->len, colours[event->block]);
}

static void begin_phase(struct ui_bench *bench, const struct norprog_event *event)
{
	bench->phase_us = now_us();
	if (event->phase == NORPROG_PHASE_WRITE) {
		ui_hub_map(bench->hub, norprog_chip(bench->np)->size);
		keep_outcome(bench);
		paint_plan(bench);
	}
	tell_progress(bench, event);
}

/* To the messages, and to the job: what it does with this unit's values is told here. */
static void note(struct ui_bench *bench, enum norprog_log_level level, const char *text)
{
	ui_hub_note(bench->hub, level, text);
	if (json_array_size(bench->told) < TOLD_MAX)
		json_array_append_new(bench->told, ui_text(text));
}

void ui_job_event(void *ctx, const struct norprog_event *event)
{
	struct ui_bench *bench = ctx;

	if (!bench->at_work)
		return;
	switch (event->type) {
	case NORPROG_EV_PHASE:
		begin_phase(bench, event);
		break;
	case NORPROG_EV_PROGRESS:
		if (now_us() - bench->told_us >= TELL_US)
			tell_progress(bench, event);
		break;
	case NORPROG_EV_PHASE_END:
		tell_progress(bench, event);
		break;
	case NORPROG_EV_BLOCK:
		paint_block(bench, event);
		break;
	case NORPROG_EV_NOTE:
	case NORPROG_EV_BACKUP:
		note(bench, NORPROG_LOG_INFO, event->text);
		break;
	case NORPROG_EV_WARN:
		note(bench, NORPROG_LOG_WARN, event->text);
		break;
	default:
		break;
	}
}
