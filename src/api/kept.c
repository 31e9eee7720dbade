/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the state folder holds: backups, and jobs that were not finished. */
#include "api/api_priv.h"

#include <strings.h>

#include "job/kept.h"

/* ---- backups ---- */

static void tell_backup(const norprog *np, const struct kept *from, norprog_backup_fn *fn,
                        void *ctx)
{
	const struct manifest *m = from->manifest;
	struct norprog_backup one = {.path = from->path,
	                             .operation = m->operation,
	                             .chip = m->chip,
	                             .unique_id = m->uid,
	                             .profile = m->profile,
	                             .date = m->date,
	                             .chip_size = m->chip_size,
	                             .size = m->size,
	                             .sha256 = m->sha256,
	                             .whole = m->size == m->chip_size,
	                             .passes = m->passes,
	                             .device = from->device,
	                             .mac = from->mac,
	                             .file = m->file,
	                             .regions = m->regions,
	                             .needed = from->needed};

	one.this_chip = np->detected && m->uid[0] && strcasecmp(m->uid, np->chip.unique_id) == 0 &&
	                strcasecmp(m->jedec_id, np->chip.jedec_id) == 0;
	fn(ctx, &one);
}

static int backups(norprog *np, norprog_backup_fn *fn, void *ctx)
{
	struct kept_list list = {0};
	int ret = api_need_state(np);

	if (!ret)
		ret = kept_load(np->state_dir, &list, &np->err);
	for (size_t i = 0; i < list.count && !ret; i++)
		tell_backup(np, &list.at[i], fn, ctx);
	kept_free(&list);
	return ret;
}

int norprog_backups(norprog *np, norprog_backup_fn *fn, void *ctx)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	return api_leave(np, &scope, fn ? backups(np, fn, ctx) : api_null(np, "fn"));
}

static int verify(norprog *np, const char *path)
{
	struct kept_list list = {0};
	const struct kept *one;
	int ret = api_need_state(np);

	if (!ret)
		ret = kept_load(np->state_dir, &list, &np->err);
	if (!ret)
		ret = kept_find(&list, path, &one, &np->err);
	if (!ret)
		ret = kept_verify(one, &np->err);
	kept_free(&list);
	return ret;
}

int norprog_backup_verify(norprog *np, const char *path)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	return api_leave(np, &scope, path ? verify(np, path) : api_null(np, "path"));
}

static int prune(norprog *np, unsigned keep, int dry_run, norprog_backup_fn *fn, void *ctx)
{
	struct kept_list list = {0};
	uint64_t bytes;
	size_t removed;
	int ret = keep ? api_need_state(np)
	               : np_fail(&np->err, NORPROG_E_USAGE, "one backup of a chip stays at least");

	if (!ret)
		ret = kept_load(np->state_dir, &list, &np->err);
	if (!ret)
		ret = kept_choose(&list, np->state_dir, keep, &np->err);
	for (size_t i = 0; i < list.count && !ret && fn; i++)
		if (list.at[i].fate == KEPT_MAY_GO)
			tell_backup(np, &list.at[i], fn, ctx);
	if (!ret && !dry_run)
		ret = kept_remove(&list, np->state_dir, &removed, &bytes, &np->err);
	kept_free(&list);
	return ret;
}

int norprog_backups_prune(norprog *np, unsigned keep, int dry_run, norprog_backup_fn *fn, void *ctx)
{
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	return ret ? ret : api_leave(np, &scope, prune(np, keep, dry_run, fn, ctx));
}

/* ---- unfinished jobs ---- */

struct teller {
	norprog_unfinished_fn *fn;
	void *ctx;
};

static int tell_unfinished(void *ctx, const struct kept_job *job, struct np_error *err)
{
	const struct teller *teller = ctx;
	struct norprog_unfinished one = {.operation = job->operation,
	                                 .chip = job->chip,
	                                 .unique_id = job->uid,
	                                 .programmer = job->programmer,
	                                 .started = job->started,
	                                 .backup = job->backup,
	                                 .chip_size = job->chip_size,
	                                 .damaged = job->damaged,
	                                 .file = job->file,
	                                 .regions = job->regions};

	(void)err;
	teller->fn(teller->ctx, &one);
	return 0;
}

int norprog_unfinished_jobs(norprog *np, norprog_unfinished_fn *fn, void *ctx)
{
	struct teller teller = {fn, ctx};
	struct api_scope scope;
	int ret = api_enter(np, &scope);

	if (ret)
		return ret;
	ret = fn ? api_need_state(np) : api_null(np, "fn");
	if (!ret)
		ret = kept_jobs(np->state_dir, tell_unfinished, &teller, &np->err);
	return api_leave(np, &scope, ret);
}
