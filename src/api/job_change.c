/* SPDX-License-Identifier: GPL-2.0-or-later */
/* write, restore, erase and resume: from the public description to the intent that the gates judge. */
#include "api/job_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

static int confirm(void *ctx, const struct plan *plan, struct np_error *err)
{
	norprog_job *job = ctx;
	char text[256], erase[32], program[32];
	int ret;

	if (plan)
		snprintf(text, sizeof(text), "Erase %s and program %s of %s?",
		         np_format_size(plan->erase_bytes, erase, sizeof(erase)),
		         np_format_size(plan->program_bytes, program, sizeof(program)),
		         job->np->chip.name);
	else
		snprintf(text, sizeof(text), "Forget the unfinished job on %s?",
		         job->np->chip.name);
	ret = api_ask(job->np, text, job);
	if (ret)
		*err = job->np->err;
	return ret;
}

struct job job_wire(norprog_job *job)
{
	struct job wired = api_job(job->np);

	wired.event = job_event;
	wired.event_ctx = job;
	wired.confirm = confirm;
	wired.confirm_ctx = job;
	if (job->operation == NORPROG_RESUME || job->operation == NORPROG_UNDO)
		wired.backup = job->settings[NORPROG_JOB_BACKUP];
	return wired;
}

/* ---- what is selected ---- */

static bool names_regions(const struct api_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (selection_is_name(words->at[i]))
			return true;
	return false;
}

/* Only a layout can place the names of regions and fields. */
static bool needs_layout(const norprog_job *job)
{
	const char *at = job->settings[NORPROG_JOB_AT];
	uint64_t ignored;

	return names_regions(&job->only) || names_regions(&job->keep) || job->fields.count ||
	       (at && !np_parse_size(at, &ignored));
}

static int find_layout(norprog_job *job)
{
	norprog *np = job->np;
	int ret;

	if (np->in_force || !needs_layout(job))
		return 0;
	ret = api_recognise(np);
	if (ret || np->in_force)
		return ret;
	np_fail(&np->err, NORPROG_E_RANGE, "names of regions need a layout, and none is in force");
	return np_hint(&np->err,
	               "the device was not recognised (%s): set NORPROG_LAYOUT, or use "
	               "addresses START+LEN",
	               np->device.why);
}

int job_select(norprog_job *job, struct selection *sel)
{
	norprog *np = job->np;
	uint64_t size = nor_info(np->nor)->size;
	const struct layout *layout;
	int ret = find_layout(job);

	layout = np->in_force ? &np->in_force->layout : NULL;
	for (size_t i = 0; i < job->only.count && !ret; i++)
		ret = selection_add(sel, layout, job->only.at[i], size, &np->err);
	for (size_t i = 0; i < job->keep.count && !ret; i++)
		ret = selection_keep(sel, layout, job->keep.at[i], size, &np->err);
	return ret;
}

/* ---- the image ---- */

/* Where it comes to lie. `len` is what is left of the file. */
static int place(norprog_job *job, struct intent *intent, uint64_t len)
{
	norprog *np = job->np;
	const char *at = job->settings[NORPROG_JOB_AT];
	const struct layout *layout = np->in_force ? &np->in_force->layout : NULL;

	if (!at)
		return 0;
	return selection_place(&intent->selection, layout, at, len, nor_info(np->nor)->size,
	                       &np->err);
}

/* "2/2:8M+4M" */
static int take_part(norprog_job *job, struct intent *intent)
{
	const char *text = job->settings[NORPROG_JOB_PART];
	const char *split = text ? strchr(text, ':') : NULL;
	char part[24];

	if (!text)
		return 0;
	if (job->only.count || job->settings[NORPROG_JOB_AT])
		return np_fail(&job->np->err, NORPROG_E_USAGE,
		               "a part of an image fills the whole chip: it is not selected or "
		               "placed");
	if (!split || (size_t)(split - text) >= sizeof(part))
		return np_fail(&job->np->err, NORPROG_E_USAGE, "'%s' is no part, as 1/2:8M+4M is",
		               text);
	snprintf(part, sizeof(part), "%.*s", (int)(split - text), text);
	return intent_take_part(intent, part, split + 1, &job->np->err);
}

static int load_file(norprog_job *job, struct intent *intent)
{
	struct job wired = job_wire(job);
	struct np_error *err = &job->np->err;
	int ret;

	if (intent->operation == INTENT_WRITE)
		ret = intent_look_at(intent, job->path, job_on(job, NORPROG_JOB_STRIP), err);
	else
		ret = intent_open_file(intent, job->path, err);
	if (!ret)
		ret = take_part(job, intent);
	if (!ret)
		ret = place(job, intent, intent_image_bytes(&intent->image));
	return ret ? ret : intent_load(intent, &wired, job->path, err);
}

static int load_bytes(norprog_job *job, struct intent *intent)
{
	struct job wired = job_wire(job);
	int ret = place(job, intent, job->len);

	return ret ? ret : intent_take(intent, &wired, job->bytes, job->len, &job->np->err);
}

int job_load_image(norprog_job *job, struct intent *intent)
{
	struct np_error *err = &job->np->err;

	if (job_on(job, NORPROG_JOB_STRIP) && (!job->settings[NORPROG_JOB_AT] || !job->path)) {
		np_fail(err, NORPROG_E_USAGE, "what is left of a file belongs somewhere");
		return np_hint(err, "NORPROG_JOB_STRIP needs a file and NORPROG_JOB_AT");
	}
	if (job->settings[NORPROG_JOB_PART] && !job->path)
		return np_fail(err, NORPROG_E_USAGE, "NORPROG_JOB_PART needs a file");
	if (job->path)
		return load_file(job, intent);
	if (job->bytes)
		return load_bytes(job, intent);
	np_fail(err, NORPROG_E_USAGE, "there is no image to work with");
	return np_hint(err, "give one by norprog_job_file() or norprog_job_bytes()");
}

/* A full dump says nothing about what to put back; a folder and a partial backup do. */
static int check_restore(norprog_job *job)
{
	struct np_error *err = &job->np->err;
	char manifest[NP_PATH_MAX];
	uint64_t len = 0;
	int ret;

	if (job->operation != NORPROG_RESTORE || job->only.count)
		return 0;
	ret = job->path ? intent_check_file(job->path, &len, err) : 0;
	if (ret)
		return ret;
	if (job->path && (!len || ((size_t)snprintf(manifest, sizeof(manifest), "%s.json",
	                                            job->path) < sizeof(manifest) &&
	                           np_io_exists(manifest))))
		return 0;
	np_fail(err, NORPROG_E_USAGE, "restore: nothing says which regions are to be put back");
	return np_hint(err, "name them by norprog_job_only(); NORPROG_WRITE puts back the whole "
	                    "chip");
}

/* ---- how ---- */

/* Chip-sized contents to sample; NULL when none are known. The caller frees. */
static int load_base(norprog_job *job, uint8_t **base)
{
	const char *path = job->settings[NORPROG_JOB_BASE];
	uint64_t size = nor_info(job->np->nor)->size;
	struct np_error *err = &job->np->err;
	size_t len = 0;
	int ret;

	if (!path)
		return 0;
	if (strcmp(path, "blank") == 0) {
		*base = malloc(size);
		if (!*base)
			return np_fail(err, NORPROG_E_MEMORY, "out of memory");
		memset(*base, 0xff, size);
		return 0;
	}
	ret = np_io_read(path, size, base, &len, err);
	if (!ret && len != size)
		ret = np_fail(err, NORPROG_E_SIZE, "%s is no dump of the whole chip", path);
	return ret;
}

static struct write_options options_of(const norprog_job *job, bool explain, const uint8_t *base)
{
	return (struct write_options){.dry_run = explain,
	                              .explain = explain,
	                              .no_backup = job_on(job, NORPROG_JOB_NO_BACKUP),
	                              .backup_path = job->settings[NORPROG_JOB_BACKUP],
	                              .base = base,
	                              .verify_none = job_on(job, NORPROG_JOB_NO_VERIFY),
	                              .verify_all = job_on(job, NORPROG_JOB_VERIFY_ALL),
	                              .passes = job_passes(job),
	                              .chip_erase = job_on(job, NORPROG_JOB_CHIP_ERASE),
	                              .boot_last = job_on(job, NORPROG_JOB_BOOT_LAST)};
}

static int write_intent(norprog_job *job, struct intent *intent, bool explain)
{
	struct write_result *result = calloc(1, sizeof(*result));
	struct job wired = job_wire(job);
	struct write_options options;
	uint8_t *base = NULL;
	int ret = result ? load_base(job, &base)
	                 : np_fail(&job->np->err, NORPROG_E_MEMORY, "out of memory");

	if (!ret) {
		options = options_of(job, explain, base);
		ret = job_write(&wired, intent, &options, result, &job->np->err);
		job_keep_result(job, result);
	}
	free(base);
	free(result);
	return ret;
}

static enum intent_operation operation_of(const norprog_job *job)
{
	switch (job->operation) {
	case NORPROG_RESTORE:
		return INTENT_RESTORE;
	case NORPROG_ERASE:
		return INTENT_ERASE;
	default:
		return INTENT_WRITE;
	}
}

int job_do_change(norprog_job *job, bool explain)
{
	struct intent intent = {.operation = operation_of(job), .overrides = job->overrides};
	struct job wired;
	int ret = check_restore(job);

	if (!ret)
		ret = job_select(job, &intent.selection);
	if (!ret && job->operation != NORPROG_ERASE)
		ret = job_load_image(job, &intent);
	wired = job_wire(job); /* the layout may have been recognised just now */
	for (size_t i = 0; i < job->fields.count && !ret; i++)
		ret = intent_set_field(&intent, &wired, job->fields.at[i], &job->np->err);
	if (!ret)
		ret = write_intent(job, &intent, explain);
	intent_free(&intent);
	return ret;
}

/* ---- resume ---- */

int job_do_resume(norprog_job *job, bool explain)
{
	struct resume_options options = {.mode = job->operation == NORPROG_UNDO ? RESUME_UNDO
	                                         : job->operation == NORPROG_DISCARD
	                                                 ? RESUME_DISCARD
	                                                 : RESUME_FINISH,
	                                 .explain = explain,
	                                 .overrides = job->overrides};
	struct write_result *result = calloc(1, sizeof(*result));
	struct job wired = job_wire(job);
	int ret;

	if (!result)
		return np_fail(&job->np->err, NORPROG_E_MEMORY, "out of memory");
	ret = job_resume(&wired, &options, result, &job->np->err);
	job_keep_result(job, result);
	free(result);
	return ret;
}
