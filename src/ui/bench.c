/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/bench_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ui/show.h"
#include "ui/wait.h"

#define TICK_MS       1000
#define READ_WAIT_MS  500
#define NS_PER_MS     1000000
#define NS_PER_SECOND 1000000000

/* ---- the thread ---- */

static struct timespec time_in(clockid_t clock, unsigned ms)
{
	struct timespec at;

	clock_gettime(clock, &at);
	at.tv_nsec += (long)(ms % 1000) * NS_PER_MS;
	at.tv_sec += ms / 1000 + at.tv_nsec / NS_PER_SECOND;
	at.tv_nsec %= NS_PER_SECOND;
	return at;
}

/* UI_TASK_NONE: a second has passed. */
static enum ui_task wait_for_task(struct ui_bench *bench)
{
	struct timespec deadline = time_in(UI_WAIT_CLOCK, TICK_MS);
	enum ui_task task;

	while (!bench->task && !bench->ending)
		if (pthread_cond_timedwait(&bench->woken, &bench->lock, &deadline))
			break;
	task = bench->task;
	bench->task = UI_TASK_NONE;
	bench->busy = task != UI_TASK_NONE;
	return task;
}

void ui_bench_settle(struct ui_bench *bench)
{
	pthread_mutex_lock(&bench->lock);
	bench->busy = false;
	pthread_mutex_unlock(&bench->lock);
}

static void set_layout(struct ui_bench *bench, const char *spec)
{
	json_decref(bench->layout_error);
	bench->layout_error = NULL;
	if (norprog_set(bench->np, NORPROG_LAYOUT, spec))
		bench->layout_error = ui_show_error(norprog_error(bench->np));
	ui_clip_device(bench);
}

static void do_task(struct ui_bench *bench, enum ui_task task, char *text)
{
	switch (task) {
	case UI_TASK_NONE:
		ui_clip_tick(bench);
		break;
	case UI_TASK_OPEN:
		if (text) {
			free(bench->spec);
			bench->spec = strdup(text);
		}
		ui_job_clear(bench);
		ui_clip_look(bench);
		break;
	case UI_TASK_LAYOUT:
		ui_job_clear(bench);
		set_layout(bench, text);
		break;
	case UI_TASK_ORDER:
		ui_job_begin(bench);
		break;
	case UI_TASK_GO:
		ui_job_go(bench);
		break;
	case UI_TASK_CLEAR:
		ui_job_clear(bench);
		break;
	case UI_TASK_DOCTOR:
		ui_job_clear(bench);
		ui_clip_examine(bench);
		break;
	case UI_TASK_LOOK:
		ui_job_look(bench);
		break;
	}
}

static void *work(void *ctx)
{
	struct ui_bench *bench = ctx;

	pthread_mutex_lock(&bench->lock);
	while (!bench->ending) {
		enum ui_task task = wait_for_task(bench);
		struct ui_order order = bench->next;
		char *text = bench->text;

		if (bench->ending)
			break;
		bench->text = NULL;
		memset(&bench->next, 0, sizeof(bench->next));
		pthread_mutex_unlock(&bench->lock);
		pthread_mutex_lock(&bench->use);
		if (task == UI_TASK_ORDER) {
			ui_order_free(&bench->order);
			bench->order = order;
		}
		do_task(bench, task, text);
		free(text);
		pthread_mutex_unlock(&bench->use);
		pthread_mutex_lock(&bench->lock);
		bench->busy = false;
	}
	pthread_mutex_unlock(&bench->lock);
	return NULL;
}

/* ---- making and freeing ---- */

static void on_log(void *ctx, enum norprog_log_level level, const char *line)
{
	struct ui_bench *bench = ctx;

	/* Looking at the clip says the same each time. */
	if (level == NORPROG_LOG_WARN || (level == NORPROG_LOG_INFO && bench->at_work))
		ui_hub_note(bench->hub, level, line);
}

static int set_up(struct ui_bench *bench)
{
	const struct ui_options *options = bench->options;
	int ret = norprog_set(bench->np, NORPROG_CHIP, options->chip);

	if (!ret)
		ret = norprog_set(bench->np, NORPROG_CHIPS_FILE, options->chips_file);
	if (!ret)
		ret = norprog_set(bench->np, NORPROG_LAYOUT, options->layout);
	if (!ret)
		ret = norprog_set_log(bench->np, on_log, bench);
	if (!ret)
		ret = norprog_set_events(bench->np, ui_job_event, bench);
	if (!ret)
		ret = norprog_set_question(bench->np, ui_job_question, bench);
	return ret;
}

static void free_bench(struct ui_bench *bench)
{
	ui_job_clear(bench);
	ui_order_free(&bench->order);
	ui_order_free(&bench->next);
	norprog_free(bench->np);
	json_decref(bench->clip_error);
	json_decref(bench->told);
	json_decref(bench->layout_error);
	free(bench->spec);
	free(bench->text);
	pthread_mutex_destroy(&bench->lock);
	pthread_mutex_destroy(&bench->use);
	pthread_cond_destroy(&bench->woken);
	free(bench);
}

static void make_locks(struct ui_bench *bench)
{
	pthread_mutex_init(&bench->lock, NULL);
	pthread_mutex_init(&bench->use, NULL);
	ui_wait_make(&bench->woken);
}

int ui_bench_new(const struct ui_options *options, struct ui_hub *hub, struct ui_desk *desk,
                 struct ui_bench **out, struct ui_error *err)
{
	struct ui_bench *bench = calloc(1, sizeof(*bench));
	int ret = bench ? norprog_new(&bench->np) : NORPROG_E_MEMORY;

	if (ret) {
		free(bench);
		snprintf(err->message, sizeof(err->message), "out of memory");
		return ret;
	}
	make_locks(bench);
	bench->hub = hub;
	bench->desk = desk;
	bench->options = options;
	bench->stage = "idle";
	bench->spec = options->programmer ? strdup(options->programmer) : NULL;
	ret = set_up(bench);
	bench->task = UI_TASK_OPEN;
	if (!ret && pthread_create(&bench->thread, NULL, work, bench) == 0) {
		*out = bench;
		return 0;
	}
	snprintf(err->message, sizeof(err->message), "%s",
	         ret ? norprog_error(bench->np)->message : "no thread could be started");
	snprintf(err->hint, sizeof(err->hint), "%s", ret ? norprog_error(bench->np)->hint : "");
	free_bench(bench);
	return ret ? ret : NORPROG_E_FAIL;
}

void ui_bench_free(struct ui_bench *bench)
{
	if (!bench)
		return;
	pthread_mutex_lock(&bench->lock);
	bench->ending = true;
	norprog_stop(bench->np);
	pthread_cond_signal(&bench->woken);
	pthread_mutex_unlock(&bench->lock);
	pthread_join(bench->thread, NULL);
	free_bench(bench);
}

/* ---- things to do ---- */

static int start(struct ui_bench *bench, enum ui_task task, char *text, struct ui_order *order)
{
	int ret = NORPROG_E_BUSY;

	pthread_mutex_lock(&bench->lock);
	if (!bench->task && !bench->busy && !bench->ending) {
		bench->task = task;
		bench->text = text;
		bench->number = 0;
		if (order)
			bench->next = *order;
		norprog_stop_clear(bench->np);
		pthread_cond_signal(&bench->woken);
		ret = 0;
	}
	pthread_mutex_unlock(&bench->lock);
	if (ret) {
		free(text);
		if (order)
			ui_order_free(order);
	}
	return ret;
}

int ui_bench_open(struct ui_bench *bench, const char *spec)
{
	return start(bench, UI_TASK_OPEN, spec ? strdup(spec) : NULL, NULL);
}

int ui_bench_examine(struct ui_bench *bench)
{
	return start(bench, UI_TASK_DOCTOR, NULL, NULL);
}

int ui_bench_layout(struct ui_bench *bench, const char *spec)
{
	return start(bench, UI_TASK_LAYOUT, spec ? strdup(spec) : NULL, NULL);
}

int ui_bench_order(struct ui_bench *bench, struct ui_order *order)
{
	return start(bench, UI_TASK_ORDER, NULL, order);
}

int ui_bench_clear(struct ui_bench *bench)
{
	return start(bench, UI_TASK_CLEAR, NULL, NULL);
}

int ui_bench_look(struct ui_bench *bench)
{
	return start(bench, UI_TASK_LOOK, NULL, NULL);
}

void ui_bench_unshow(struct ui_bench *bench)
{
	pthread_mutex_lock(&bench->lock);
	bench->number = 0;
	pthread_mutex_unlock(&bench->lock);
}

int ui_bench_go(struct ui_bench *bench, json_int_t number)
{
	bool shown;

	pthread_mutex_lock(&bench->lock);
	shown = number && number == bench->number;
	pthread_mutex_unlock(&bench->lock);
	return shown ? start(bench, UI_TASK_GO, NULL, NULL) : NORPROG_E_CONFIRM;
}

void ui_bench_stop(struct ui_bench *bench)
{
	pthread_mutex_lock(&bench->lock);
	if (bench->task || bench->busy)
		norprog_stop(bench->np);
	pthread_mutex_unlock(&bench->lock);
}

int ui_bench_read(struct ui_bench *bench, uint64_t addr, void *buf, size_t *len, json_t **error)
{
	struct timespec deadline = time_in(CLOCK_REALTIME, READ_WAIT_MS);
	const struct norprog_chip *chip;
	int ret = 0;

	if (ui_wait_lock(&bench->use, &deadline))
		return NORPROG_E_BUSY;
	chip = norprog_chip(bench->np);
	if (chip && addr<chip->size && * len> chip->size - addr)
		*len = (size_t)(chip->size - addr);
	else if (chip && addr >= chip->size)
		*len = 0;
	if (*len)
		ret = norprog_read(bench->np, addr, buf, *len, 1);
	if (ret)
		*error = ui_show_error(norprog_error(bench->np));
	pthread_mutex_unlock(&bench->use);
	return ret;
}
