/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the bench share. All below runs in its thread, with `use` held. */
#ifndef NP_UI_BENCH_PRIV_H
#define NP_UI_BENCH_PRIV_H

#include "ui/bench.h"

#include <pthread.h>

enum ui_task {
	UI_TASK_NONE,
	UI_TASK_OPEN,
	UI_TASK_LAYOUT,
	UI_TASK_ORDER,
	UI_TASK_GO,
	UI_TASK_CLEAR,
	UI_TASK_LOOK,
	UI_TASK_DOCTOR
};

struct ui_bench {
	struct ui_hub *hub;
	struct ui_desk *desk;
	const struct ui_options *options;
	pthread_t thread;

	pthread_mutex_t lock; /* of these: */
	pthread_cond_t woken;
	enum ui_task task;    /* to do */
	char *text;           /* owned, of it: spec of the programmer or layout */
	struct ui_order next; /* owned, of it */
	bool busy;            /* with one: nothing else can be asked for */
	json_int_t number;    /* of the plan that is shown; 0: none */
	bool ending;

	pthread_mutex_t use; /* of the handle and all below */
	norprog *np;
	char *spec; /* owned; NULL: the one attached */
	bool open, detected, contact_lost;
	unsigned agreed;       /* of the last look at the contact */
	json_t *clip_error;    /* owned; NULL: all is well */
	json_t *layout_error;  /* owned; why the layout that was asked for is not in force; NULL */
	struct ui_order order; /* of the job */
	norprog_job *job;      /* NULL: none */
	const char *stage;     /* "idle", "planning", "planned", "running", "done", "failed" */
	json_int_t plans;      /* made so far */
	struct norprog_plan shown;
	bool at_work;    /* the job, not a look at the clip: its events are to be seen */
	bool plan_moved; /* the run would do something else than was shown */
	bool looking;    /* the chip is or was read for comparing: there is no job of the library */
	json_t *plan, *verdicts, *result, *error; /* owned; NULL: none */
	json_t *told;                             /* owned: what the job said, texts */
	uint64_t phase_us, told_us;               /* when the phase began, and was told of */
};

/* What was asked for is done. The bench still looks at the chip again, but the next order may come
 * meanwhile. Without the lock. */
void ui_bench_settle(struct ui_bench *bench);

/* ---- the clip (bench_clip.c) ---- */

/* Open and detect, recognise, publish. */
void ui_clip_look(struct ui_bench *bench);

/* Ask norprog_doctor(), publish what it found, open again. */
void ui_clip_examine(struct ui_bench *bench);

/* Recognise anew what is on the chip, and publish. */
void ui_clip_device(struct ui_bench *bench);

/* Once a second while nothing else is to be done. */
void ui_clip_tick(struct ui_bench *bench);

/* ---- the job (bench_job.c) ---- */

void ui_job_begin(struct ui_bench *bench);
void ui_job_go(struct ui_bench *bench);
void ui_job_clear(struct ui_bench *bench);
void ui_job_look(struct ui_bench *bench);
void ui_job_publish(struct ui_bench *bench);

/* norprog_event_fn, norprog_question_fn; ctx is the bench. */
void ui_job_event(void *ctx, const struct norprog_event *event);
int ui_job_question(void *ctx, const struct norprog_question *question);

#endif
