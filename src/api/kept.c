/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the state folder holds: backups, and jobs that were not finished. */
#include "api/api_priv.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/json.h"
#include "store/manifest.h"

int api_need_state(norprog *np)
{
	if (np->state_dir[0])
		return 0;
	np_fail(&np->err, NORPROG_E_OUTPUT, "there is no state folder to keep backups in");
	return np_hint(&np->err, "set NORPROG_STATE_FOLDER to a folder that can be written");
}

static bool ends_with(const char *name, const char *ending)
{
	size_t len = strlen(name), n = strlen(ending);

	return len > n && strcmp(name + len - n, ending) == 0;
}

/* Call fn with STATE_DIR/FOLDER/NAME for each NAME with this ending. A folder that is not there yet
 * holds nothing. */
static int each_file(norprog *np, const char *folder, const char *ending,
                     int (*fn)(norprog *np, const char *path, void *ctx), void *ctx)
{
	char path[NP_PATH_MAX];
	const struct dirent *entry;
	DIR *dir;
	int ret = 0;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", np->state_dir, folder) >= sizeof(path))
		return np_fail(&np->err, NORPROG_E_OUTPUT,
		               "the path of the state folder is too long");
	dir = opendir(path);
	if (!dir && errno != ENOENT)
		return np_fail(&np->err, NORPROG_E_OUTPUT, "%s: %s", path, strerror(errno));
	while (dir && !ret && (entry = readdir(dir)) != NULL)
		if (ends_with(entry->d_name, ending) &&
		    (size_t)snprintf(path, sizeof(path), "%s/%s/%s", np->state_dir, folder,
		                     entry->d_name) < sizeof(path))
			ret = fn(np, path, ctx);
	if (dir)
		closedir(dir);
	return ret;
}

/* ---- backups ---- */

struct shelf {
	struct backup {
		char path[NP_PATH_MAX];
		struct manifest manifest;
	} * *at; /* owned */
	size_t count;
};

static int put_on_shelf(norprog *np, const char *path, void *ctx)
{
	struct shelf *shelf = ctx;
	struct np_error why = {0};
	struct backup **more, *one = calloc(1, sizeof(*one));

	more = one ? reallocarray(shelf->at, shelf->count + 1, sizeof(struct backup *)) : NULL;
	if (!more) {
		free(one);
		return np_fail(&np->err, NORPROG_E_MEMORY, "out of memory");
	}
	shelf->at = more;
	snprintf(one->path, sizeof(one->path), "%.*s", (int)(strlen(path) - strlen(".json")), path);
	if (manifest_load(one->path, &one->manifest, &why)) {
		np_log(NP_LOG_WARN, "%s", why.message);
		manifest_free(&one->manifest);
		free(one);
		return 0;
	}
	shelf->at[shelf->count++] = one;
	return 0;
}

static int newest_first(const void *a, const void *b)
{
	const struct backup *x = *(const struct backup *const *)a;
	const struct backup *y = *(const struct backup *const *)b;
	int order = strcmp(y->manifest.date, x->manifest.date);

	return order ? order : strcmp(y->path, x->path);
}

static void tell_backup(const norprog *np, const struct backup *from, norprog_backup_fn *fn,
                        void *ctx)
{
	const struct manifest *m = &from->manifest;
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
	                             .passes = m->passes};

	one.this_chip = np->detected && m->uid[0] && strcasecmp(m->uid, np->chip.unique_id) == 0 &&
	                strcasecmp(m->jedec_id, np->chip.jedec_id) == 0;
	fn(ctx, &one);
}

static int backups(norprog *np, norprog_backup_fn *fn, void *ctx)
{
	struct shelf shelf = {0};
	int ret = api_need_state(np);

	if (!ret)
		ret = each_file(np, "backups", ".bin.json", put_on_shelf, &shelf);
	if (shelf.count)
		qsort(shelf.at, shelf.count, sizeof(struct backup *), newest_first);
	for (size_t i = 0; i < shelf.count; i++) {
		if (!ret)
			tell_backup(np, shelf.at[i], fn, ctx);
		manifest_free(&shelf.at[i]->manifest);
		free(shelf.at[i]);
	}
	free(shelf.at);
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

/* ---- unfinished jobs ---- */

struct teller {
	norprog_unfinished_fn *fn;
	void *ctx;
};

static int tell_unfinished(norprog *np, const char *path, void *ctx)
{
	static const char *const keys[] = {"operation",  "chip",    "uid",
	                                   "programmer", "started", "backup"};
	const struct teller *teller = ctx;
	char texts[6][NP_PATH_MAX] = {{0}};
	struct norprog_unfinished one = {.operation = texts[0],
	                                 .chip = texts[1],
	                                 .unique_id = texts[2],
	                                 .programmer = texts[3],
	                                 .started = texts[4],
	                                 .backup = texts[5]};
	struct np_error why = {0};
	json_t *root = NULL;
	uint64_t size = 0;

	one.damaged = json_open(path, &root, &why) != 0;
	for (size_t i = 0; i < 6 && !one.damaged; i++)
		one.damaged = json_get_text(root, keys[i], texts[i], NP_PATH_MAX, &why) != 0;
	if (!one.damaged)
		one.damaged = json_get_number(root, "chip_size", &size, &why) != 0;
	one.chip_size = size;
	if (one.damaged)
		np_log(NP_LOG_WARN, "%s: %s", path, why.message);
	json_decref(root);
	teller->fn(teller->ctx, &one);
	(void)np;
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
		ret = each_file(np, "jobs", ".json", tell_unfinished, &teller);
	return api_leave(np, &scope, ret);
}
