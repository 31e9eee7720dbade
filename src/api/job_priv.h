/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job as the public describes it, and what came of it. */
#ifndef NP_API_JOB_PRIV_H
#define NP_API_JOB_PRIV_H

#include "api/api_priv.h"
#include "base/io.h"
#include "job/intent.h"

#define API_SETTINGS (NORPROG_JOB_BOOT_LAST + 1)

struct api_words {
	char **at; /* owned, and each of them */
	size_t count;
};

struct api_step {
	struct norprog_step pub;
	char regions[128];
};

struct api_verdict {
	struct norprog_verdict pub;
	char gate[64], message[sizeof(((struct np_error *)0)->message)];
	char hint[sizeof(((struct np_error *)0)->hint)];
};

/* What was found out while the job was planned or run. */
struct api_outcome {
	bool planned;
	struct norprog_plan plan;
	struct api_step *steps; /* owned */
	size_t step_count;
	struct api_verdict **verdicts; /* owned, and each of them: the public keeps pointers */
	size_t verdict_count;
	bool no_memory; /* something of it could not be kept */
	struct norprog_result result;
	char backup[NP_PATH_MAX], file[NP_PATH_MAX], sha256[NP_SHA256_HEX];
};

struct norprog_job {
	norprog *np;
	enum norprog_operation operation;
	char *path;     /* owned; NULL: no file */
	uint8_t *bytes; /* owned; NULL: none */
	size_t len;     /* of bytes */
	struct api_words only, keep, fields;
	char *settings[API_SETTINGS]; /* owned; NULL: not set, or a switch that is off */
	struct overrides overrides;
	struct api_outcome outcome;
	atomic_bool running; /* being planned or run */
};

/* Is a switch on? */
static inline bool job_on(const norprog_job *job, enum norprog_setting setting)
{
	return job->settings[setting] != NULL;
}

/* NORPROG_JOB_PASSES; 0: not set. */
static inline unsigned job_passes(const norprog_job *job)
{
	const char *text = job->settings[NORPROG_JOB_PASSES];

	return text ? (unsigned)(text[0] - '0') : 0;
}

/* Forget what came of it before. */
void job_outcome_clear(struct api_outcome *outcome);

/* np_event_fn; ctx is the norprog_job. Keeps plan and verdicts, then tells the public. */
void job_event(void *ctx, const struct np_event *event);

/* Keep what a write or resume says of itself. */
void job_keep_result(norprog_job *job, const struct write_result *from);

/* What is selected and kept, as ranges; recognises the device first where only that can place the
 * names. Errors: NORPROG_E_RANGE, NORPROG_E_MEMORY, bus errors. */
int job_select(norprog_job *job, struct selection *sel);

/* The image into the intent, whose selection was named; and where it is put. Errors: as
 * intent_load(). */
int job_load_image(norprog_job *job, struct intent *intent);

/* The operations. `explain`: only plan, and ask every gate. */
int job_do_read(norprog_job *job);
int job_do_verify(norprog_job *job);
int job_do_change(norprog_job *job, bool explain);
int job_do_resume(norprog_job *job, bool explain);

/* The internal job, wired to this one. */
struct job job_wire(norprog_job *job);

#endif
