/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Describing a job: what with, where, and how; then planning and running it. */
#include "api/job_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"
#include "job/gate/gate.h"

#define BIT(operation) (1u << (operation))
#define WRITES         (BIT(NORPROG_WRITE) | BIT(NORPROG_RESTORE))
#define CHANGES        (WRITES | BIT(NORPROG_ERASE))
#define RESUMES        (BIT(NORPROG_RESUME) | BIT(NORPROG_UNDO))
#define BYTES_MAX      ((size_t)1 << 30)

/* Which operations have a setting, and whether it is a switch. */
static const struct {
	unsigned operations;
	bool is_switch;
} settings[API_SETTINGS] = {
	[NORPROG_JOB_AT] = {BIT(NORPROG_WRITE) | BIT(NORPROG_VERIFY), false},
	[NORPROG_JOB_FIELD] = {WRITES, false},
	[NORPROG_JOB_OUTPUT] = {BIT(NORPROG_READ), false},
	[NORPROG_JOB_BACKUP] = {CHANGES | RESUMES, false},
	[NORPROG_JOB_BASE] = {CHANGES, false},
	[NORPROG_JOB_PASSES] = {CHANGES | BIT(NORPROG_READ), false},
	[NORPROG_JOB_STRIP] = {BIT(NORPROG_WRITE), true},
	[NORPROG_JOB_VERIFY_ALL] = {CHANGES, true},
	[NORPROG_JOB_NO_VERIFY] = {CHANGES, true},
	[NORPROG_JOB_NO_BACKUP] = {CHANGES, true},
	[NORPROG_JOB_CHIP_ERASE] = {CHANGES, true},
	[NORPROG_JOB_BOOT_LAST] = {WRITES, true},
	[NORPROG_JOB_PART] = {BIT(NORPROG_WRITE) | BIT(NORPROG_VERIFY), false},
};

/* ---- making and freeing ---- */

static int make(norprog *np, enum norprog_operation operation, norprog_job **out)
{
	norprog_job *job;

	if (!out)
		return api_null(np, "job");
	if ((int)operation < 0 || operation > NORPROG_DISCARD)
		return np_fail(&np->err, NORPROG_E_USAGE, "there is no operation %d",
		               (int)operation);
	job = calloc(1, sizeof(*job));
	if (!job)
		return np_fail(&np->err, NORPROG_E_MEMORY, "out of memory");
	job->np = np;
	job->operation = operation;
	job_outcome_clear(&job->outcome);
	*out = job;
	return 0;
}

int norprog_job_new(norprog *np, enum norprog_operation operation, norprog_job **job)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (job)
		*job = NULL;
	return ret ? ret : api_leave(np, &scope, make(np, operation, job));
}

static void free_words(struct api_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->at[i]);
	free(words->at);
}

void norprog_job_free(norprog_job *job)
{
	if (!job || job->running)
		return;
	free(job->path);
	free(job->bytes);
	free_words(&job->only);
	free_words(&job->keep);
	free_words(&job->fields);
	for (size_t i = 0; i < API_SETTINGS; i++)
		free(job->settings[i]);
	job_outcome_clear(&job->outcome);
	free(job);
}

/* ---- describing ---- */

static int check_operation(norprog_job *job, unsigned operations, const char *what)
{
	if (operations & BIT(job->operation))
		return 0;
	return np_fail(&job->np->err, NORPROG_E_USAGE, "%s is not for this kind of job", what);
}

static int set_file(norprog_job *job, const char *path)
{
	int ret = check_operation(job, WRITES | BIT(NORPROG_VERIFY), "a file");

	if (!ret && !path)
		ret = api_null(job->np, "path");
	if (!ret)
		ret = api_copy_text(job->np, &job->path, path);
	if (ret)
		return ret;
	free(job->bytes);
	job->bytes = NULL;
	return 0;
}

int norprog_job_file(norprog_job *job, const char *path)
{
	struct api_scope scope;
	int ret = job ? api_enter(job->np, &scope) : NORPROG_E_USAGE;

	return ret ? ret : api_leave(job->np, &scope, set_file(job, path));
}

static int set_bytes(norprog_job *job, const void *data, size_t len)
{
	int ret = check_operation(job, WRITES | BIT(NORPROG_VERIFY), "an image");
	uint8_t *copy;

	if (ret)
		return ret;
	if (!data)
		return api_null(job->np, "data");
	if (!len || len > BYTES_MAX)
		return np_fail(&job->np->err, NORPROG_E_USAGE, "%zu bytes are no image", len);
	copy = malloc(len);
	if (!copy)
		return np_fail(&job->np->err, NORPROG_E_MEMORY, "out of memory");
	memcpy(copy, data, len);
	free(job->bytes);
	free(job->path);
	job->path = NULL;
	job->bytes = copy;
	job->len = len;
	return 0;
}

int norprog_job_bytes(norprog_job *job, const void *data, size_t len)
{
	struct api_scope scope;
	int ret = job ? api_enter(job->np, &scope) : NORPROG_E_USAGE;

	return ret ? ret : api_leave(job->np, &scope, set_bytes(job, data, len));
}

static int add_word(norprog_job *job, struct api_words *words, const char *word)
{
	char **more, *copy;

	if (!word || !word[0])
		return np_fail(&job->np->err, NORPROG_E_USAGE, "an empty name");
	copy = strdup(word);
	more = copy ? np_os_grow(words->at, words->count + 1, sizeof(*more)) : NULL;
	if (!more) {
		free(copy);
		return np_fail(&job->np->err, NORPROG_E_MEMORY, "out of memory");
	}
	words->at = more;
	more[words->count++] = copy;
	return 0;
}

static int add_only(norprog_job *job, const char *what)
{
	int ret = check_operation(job, CHANGES | BIT(NORPROG_READ) | BIT(NORPROG_VERIFY),
	                          "a selection");

	return ret ? ret : add_word(job, &job->only, what);
}

int norprog_job_only(norprog_job *job, const char *what)
{
	struct api_scope scope;
	int ret = job ? api_enter(job->np, &scope) : NORPROG_E_USAGE;

	return ret ? ret : api_leave(job->np, &scope, add_only(job, what));
}

static int add_keep(norprog_job *job, const char *what)
{
	int ret = check_operation(job, CHANGES | BIT(NORPROG_VERIFY), "what is kept");

	return ret ? ret : add_word(job, &job->keep, what);
}

int norprog_job_keep(norprog_job *job, const char *what)
{
	struct api_scope scope;
	int ret = job ? api_enter(job->np, &scope) : NORPROG_E_USAGE;

	return ret ? ret : api_leave(job->np, &scope, add_keep(job, what));
}

static int check_passes(norprog_job *job, const char *value)
{
	if (value && value[0] >= '1' && value[0] <= '5' && !value[1])
		return 0;
	return np_fail(&job->np->err, NORPROG_E_USAGE, "passes are 1 to 5");
}

static int set_switch(norprog_job *job, enum norprog_setting setting, const char *value)
{
	bool on = value && strcmp(value, "1") == 0;

	if (!on && (!value || strcmp(value, "0") != 0))
		return np_fail(&job->np->err, NORPROG_E_USAGE, "a switch is \"1\" or \"0\"");
	return api_copy_text(job->np, &job->settings[setting], on ? value : NULL);
}

static int set(norprog_job *job, enum norprog_setting setting, const char *value)
{
	int ret;

	if ((int)setting <= 0 || (size_t)setting >= API_SETTINGS)
		return np_fail(&job->np->err, NORPROG_E_USAGE, "there is no setting %d",
		               (int)setting);
	ret = check_operation(job, settings[setting].operations, "this setting");
	if (ret)
		return ret;
	if (settings[setting].is_switch)
		return set_switch(job, setting, value);
	if (!value || !value[0])
		return np_fail(&job->np->err, NORPROG_E_USAGE, "an empty value");
	if (setting == NORPROG_JOB_FIELD)
		return add_word(job, &job->fields, value);
	if (setting == NORPROG_JOB_PASSES)
		ret = check_passes(job, value);
	return ret ? ret : api_copy_text(job->np, &job->settings[setting], value);
}

int norprog_job_set(norprog_job *job, enum norprog_setting setting, const char *value)
{
	struct api_scope scope;
	int ret = job ? api_enter(job->np, &scope) : NORPROG_E_USAGE;

	return ret ? ret : api_leave(job->np, &scope, set(job, setting, value));
}

int norprog_job_override(norprog_job *job, const char *gate)
{
	struct api_scope scope;
	int ret = job ? api_enter(job->np, &scope) : NORPROG_E_USAGE;

	if (ret)
		return ret;
	ret = gate ? overrides_add(&job->overrides, gate, &job->np->err)
	           : api_null(job->np, "gate");
	return api_leave(job->np, &scope, ret);
}

/* ---- planning and running ---- */

static int prepare(norprog_job *job)
{
	bool keeps = job->operation == NORPROG_READ ? !job->settings[NORPROG_JOB_OUTPUT]
	                                            : job->operation != NORPROG_VERIFY;
	int ret = api_need_chip(job->np);

	if (!ret && keeps)
		ret = api_need_state(job->np);
	job_outcome_clear(&job->outcome);
	return ret;
}

static int plan(norprog_job *job)
{
	int ret = check_operation(job, CHANGES | RESUMES, "planning");

	if (!ret)
		ret = prepare(job);
	if (!ret)
		ret = CHANGES & BIT(job->operation) ? job_do_change(job, true)
		                                    : job_do_resume(job, true);
	if (!ret && job->outcome.no_memory)
		ret = np_fail(&job->np->err, NORPROG_E_MEMORY, "out of memory for the plan");
	return ret;
}

int norprog_job_plan(norprog_job *job, const struct norprog_plan **out)
{
	struct api_scope scope;
	int ret = job ? api_enter_work(job->np, &scope) : NORPROG_E_USAGE;

	if (out)
		*out = NULL;
	if (ret)
		return ret;
	job->running = true;
	ret = plan(job);
	job->running = false;
	if (!ret && out)
		*out = &job->outcome.plan;
	return api_leave(job->np, &scope, ret);
}

static int run(norprog_job *job)
{
	int ret = prepare(job);

	if (ret)
		return ret;
	if (job->operation == NORPROG_READ)
		return job_do_read(job);
	if (job->operation == NORPROG_VERIFY)
		return job_do_verify(job);
	if (CHANGES & BIT(job->operation))
		ret = job_do_change(job, false);
	else
		ret = job_do_resume(job, false);
	api_layout_doubt(job->np);
	return ret;
}

int norprog_job_run(norprog_job *job, const struct norprog_result **result)
{
	struct api_scope scope;
	int ret = job ? api_enter_work(job->np, &scope) : NORPROG_E_USAGE;

	if (result)
		*result = NULL;
	if (ret)
		return ret;
	job->running = true;
	ret = run(job);
	job->running = false;
	if (result)
		*result = &job->outcome.result;
	return api_leave(job->np, &scope, ret);
}

/* ---- gates ---- */

const struct norprog_gate *norprog_gate(size_t index)
{
	static _Thread_local struct norprog_gate pub;

	for (size_t i = 0; i <= index; i++)
		if (!gate_table[i])
			return NULL;
	pub = (struct norprog_gate){.name = gate_table[index]->name,
	                            .protects = gate_table[index]->protects,
	                            .can_override = gate_table[index]->can_be_overridden};
	return &pub;
}
