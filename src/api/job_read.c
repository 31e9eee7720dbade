/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading: to memory, to a file with its manifest, and against an image. */
#include "api/job_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "job/run.h"
#include "store/backup.h"

/* A chip-sized image, NULL and NORPROG_E_MEMORY when there is no memory. Pages of it that are never
 * touched cost nothing. */
static uint8_t *new_image(norprog *np)
{
	uint8_t *image = calloc(1, nor_info(np->nor)->size);

	if (!image)
		np_fail(&np->err, NORPROG_E_MEMORY,
		        "out of memory for an image of %" PRIu64 " bytes", nor_info(np->nor)->size);
	return image;
}

/* ---- to memory ---- */

static int read_range(norprog *np, struct np_range range, uint8_t *buf, unsigned passes)
{
	struct np_ranges only = {&range, 1, 1};
	struct read_options options = {.only = &only, .passes = passes};
	struct read_result result = {0};
	struct job job = api_job(np);
	uint8_t *image = new_image(np);
	int ret;

	if (!image)
		return NORPROG_E_MEMORY;
	ret = job_read(&job, &options, image, &result, &np->err);
	if (!ret || ret == NORPROG_E_UNSTABLE)
		memcpy(buf, image + range.start, range.len);
	read_result_free(&result);
	free(image);
	return ret;
}

static int read_bytes(norprog *np, uint64_t addr, void *buf, size_t len, unsigned passes)
{
	int ret = api_need_chip(np);

	if (ret)
		return ret;
	if (!buf)
		return api_null(np, "buf");
	if (passes < 1 || passes > 5)
		return np_fail(&np->err, NORPROG_E_USAGE, "passes are 1 to 5");
	if (!len || addr > nor_info(np->nor)->size || len > nor_info(np->nor)->size - addr)
		return np_fail(&np->err, NORPROG_E_RANGE,
		               "%zu bytes at 0x%06" PRIx64 " are not within the chip", len, addr);
	return read_range(np, (struct np_range){addr, len}, buf, passes);
}

int norprog_read(norprog *np, uint64_t addr, void *buf, size_t len, unsigned passes)
{
	struct api_scope scope;
	int ret = api_enter_work(np, &scope);

	return ret ? ret : api_leave(np, &scope, read_bytes(np, addr, buf, len, passes));
}

/* ---- to a file ---- */

/* Can FILE.json be made? Checked before the chip is read, as FILE is. */
static int check_manifest(norprog_job *job)
{
	const char *path = job->settings[NORPROG_JOB_OUTPUT];
	char name[NP_PATH_MAX + 8];
	struct np_io_out out = {.fd = -1};
	int ret = 0;

	snprintf(name, sizeof(name), "%s.json", path ? path : "");
	if (path)
		ret = np_io_create(&out, name, NP_IO_NEW, &job->np->err);
	np_io_abort(&out);
	return ret;
}

/* `ending` is added to the name that the job was given. */
static int save(norprog_job *job, struct store *store, const uint8_t *image,
                const struct np_ranges *ranges, const struct read_result *result,
                const char *ending, struct np_error *err)
{
	const char *path = job->settings[NORPROG_JOB_OUTPUT];
	struct api_outcome *outcome = &job->outcome;
	struct manifest manifest = {0};
	struct job wired = api_job(job->np);
	struct nor_protection status;
	struct np_error ignored = {0};
	char name[NP_PATH_MAX];
	int ret;

	if (nor_protection_found(job->np->nor, &status, &ignored))
		status = (struct nor_protection){0};
	ret = job_read_manifest(&wired, nor_info(job->np->nor), result, &status, ranges, &manifest,
	                        err);
	if (path)
		snprintf(name, sizeof(name), "%s%s", path, ending);
	if (!ret)
		ret = backup_write(store, path ? name : NULL, image, ranges, &manifest,
		                   outcome->file, err);
	if (!ret) {
		memcpy(outcome->sha256, manifest.sha256, sizeof(outcome->sha256));
		outcome->result.file_bytes = manifest.size;
	} else {
		outcome->file[0] = '\0';
	}
	manifest_free(&manifest);
	return ret;
}

static void keep_quality(norprog_job *job, const struct read_result *from)
{
	struct norprog_result *to = &job->outcome.result;

	to->passes = from->passes;
	to->disagreed_blocks = from->disagreed_blocks;
	to->all_ff = from->contents.all_ff;
	to->all_00 = from->contents.all_00;
	to->equal_halves = from->contents.equal_halves;
	to->zero_bursts = from->contents.zero_bursts;
	to->address_line = from->contents.address_line;
	to->stuck_bits = from->contents.stuck_bits;
	to->shifted = from->contents.shifted;
}

/* What has no majority is kept under a name that is not taken for a backup, and only where a name
 * was given. */
static int keep_read(norprog_job *job, struct store *store, const uint8_t *image,
                     const struct np_ranges *ranges, const struct read_result *result, int ret)
{
	struct np_error second = {0}, first = job->np->err;

	keep_quality(job, result);
	if (!ret)
		return save(job, store, image, ranges, result, "", &job->np->err);
	if (ret != NORPROG_E_UNSTABLE || !job->settings[NORPROG_JOB_OUTPUT])
		return ret;
	if (save(job, store, image, ranges, result, ".unstable", &second))
		np_log(NP_LOG_WARN, "what was read is not kept: %s", second.message);
	job->np->err = first;
	return ret;
}

static int read_selected(norprog_job *job, const struct selection *sel)
{
	unsigned passes = job_passes(job);
	struct read_options options = {.only = selection_is_whole(sel) ? NULL : &sel->only,
	                               .passes = passes ? passes : 2};
	struct read_result result = {0};
	struct job wired = job_wire(job);
	struct store store = job_store(&wired);
	uint8_t *image = new_image(job->np);
	uint64_t started = np_now_us();
	int ret;

	if (!image)
		return NORPROG_E_MEMORY;
	ret = backup_begin(&store, job->settings[NORPROG_JOB_OUTPUT], image, &sel->only,
	                   &job->np->err);
	options.ahead = store.ahead;
	if (!ret)
		ret = job_read(&wired, &options, image, &result, &job->np->err);
	ret = keep_read(job, &store, image, &sel->only, &result, ret);
	store_close(&store);
	job->outcome.result.duration_us = np_now_us() - started;
	read_result_free(&result);
	free(image);
	return ret;
}

int job_do_read(norprog_job *job)
{
	struct selection sel = {0};
	int ret = check_manifest(job);

	if (!ret)
		ret = job_select(job, &sel);
	if (!ret)
		ret = selection_settle(&sel, nor_info(job->np->nor)->size, &job->np->err);
	if (!ret)
		ret = read_selected(job, &sel);
	selection_free(&sel);
	return ret;
}

/* ---- against an image ---- */

static void keep_verify(norprog_job *job, const struct verify_result *from)
{
	struct norprog_result *to = &job->outcome.result;

	to->differing_bytes = from->differing_bytes;
	to->first = from->first;
	to->chip_byte = from->chip_byte;
	to->image_byte = from->image_byte;
}

int job_do_verify(norprog_job *job)
{
	struct intent intent = {.operation = INTENT_VERIFY};
	struct verify_result result = {0};
	struct job wired;
	int ret = job_select(job, &intent.selection);

	if (!ret && (job->path || job->bytes))
		ret = job_load_image(job, &intent);
	wired = job_wire(job); /* the layout may have been recognised just now */
	if (!ret) {
		ret = job_verify(&wired, &intent, &result, &job->np->err);
		keep_verify(job, &result);
	}
	if (!ret)
		job->outcome.result.verified_bytes = np_ranges_bytes(&intent.selection.todo);
	intent_free(&intent);
	return ret;
}
