/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What killed runs left in the state folder. A target is as large as what it replaces, and one
 * without a record is of no use; but a record may name the files of another name (it was adopted),
 * and a living job writes its files before its record. */
#include <stdlib.h>
#include <string.h>

#include "base/os.h"
#include "store/journal_priv.h"
#include "store/json.h"

struct names {
	char (*at)[NP_NAME_MAX]; /* owned */
	size_t count;
};

static int add(struct names *names, const char *name, struct np_error *err)
{
	char(*at)[NP_NAME_MAX] = np_os_grow(names->at, names->count + 1, NP_NAME_MAX);

	if (!at)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	names->at = at;
	strcpy(at[names->count++], name);
	return 0;
}

static bool has(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->at[i], name) == 0)
			return true;
	return false;
}

static int list_name(void *ctx, const char *name, struct np_error *err)
{
	return strlen(name) < NP_NAME_MAX ? add(ctx, name, err) : 0;
}

/* Of "KEY.N.target", "KEY.N.backup" and ".KEY.lock": KEY. False for any other, those of 0.1.0 among
 * them ("KEY.target"), whose writer holds no lock. */
static bool key_of(const char *file, char key[STORE_KEY_MAX])
{
	bool hidden = file[0] == '.';
	const char *name = file + hidden, *dot = strchr(name, '.');
	size_t len = dot ? (size_t)(dot - name) : 0, digits;

	if (!len || len >= STORE_KEY_MAX)
		return false;
	memcpy(key, name, len);
	key[len] = '\0';
	if (hidden)
		return strcmp(dot, ".lock") == 0;
	digits = strspn(dot + 1, "0123456789-");
	return digits && (strcmp(dot + 1 + digits, ".target") == 0 ||
	                  strcmp(dot + 1 + digits, ".backup") == 0);
}

static bool has_record(const struct store *store, const char *key)
{
	char name[NP_NAME_MAX];

	journal_name(key, ".json", name);
	return np_io_dir_has(&store->jobs, name);
}

static int add_file(struct names *used, const json_t *root, const char *key, struct np_error *err)
{
	const char *path = json_string_value(json_object_get(root, key));
	const char *name = path ? journal_file_name(path) : NULL;

	return name ? add(used, name, err) : 0;
}

/* The files that records name. Fails when one of them cannot be read, because then it is not
 * known. */
static int list_used(struct store *store, const struct names *all, struct names *used,
                     struct np_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < all->count && !ret; i++) {
		json_t *root = NULL;

		if (!journal_ends_with(all->at[i], ".json"))
			continue;
		ret = json_open_in(&store->jobs, all->at[i], &root, err);
		/* Closed since the list was made. */
		if (ret && !np_io_dir_has(&store->jobs, all->at[i]))
			ret = 0;
		else if (!ret)
			ret = add_file(used, root, "target", err);
		if (root && !ret)
			ret = add_file(used, root, "backup", err);
		json_decref(root);
	}
	return ret;
}

/* While the name is held, no job begins under it. */
static void remove_left_over(struct store *store, const char *key, const char *name)
{
	struct np_io_lock lock = {.held = false};
	char lock_name[NP_NAME_MAX];

	journal_lock_name(key, lock_name);
	if (np_io_lock_take(&lock, &store->jobs, lock_name, NULL) != 0)
		return;
	if (!has_record(store, key) && strcmp(name, lock_name) != 0)
		np_io_dir_remove(&store->jobs, name, NULL);
	np_io_lock_drop(&lock, &store->jobs);
}

static void tidy_jobs(struct store *store)
{
	struct names candidates = {0}, all = {0}, used = {0};
	char key[STORE_KEY_MAX];
	int ret = np_io_dir_each(&store->jobs, list_name, &candidates, NULL);
	size_t n = 0;

	for (size_t i = 0; i < candidates.count; i++)
		if (key_of(candidates.at[i], key) && !has_record(store, key))
			memmove(candidates.at[n++], candidates.at[i], NP_NAME_MAX);
	candidates.count = n;
	/* After the look for records of these names: one that was adopted meanwhile is seen under
	 * its new name. */
	if (!ret && n)
		ret = np_io_dir_each(&store->jobs, list_name, &all, NULL);
	if (!ret && n)
		ret = list_used(store, &all, &used, NULL);
	for (size_t i = 0; i < n && !ret; i++)
		if (key_of(candidates.at[i], key) && !has(&used, candidates.at[i]))
			remove_left_over(store, key, candidates.at[i]);
	free(candidates.at);
	free(all.at);
	free(used.at);
}

void store_tidy(struct store *store)
{
	struct np_io_lock lock = {.held = false};

	if (store_open_backups(store, false, NULL) || store_open_jobs(store, false, NULL))
		return;
	np_io_dir_sweep(&store->backups, NULL);
	np_io_dir_sweep(&store->jobs, NULL);
	/* No record changes its name meanwhile, see journal_adopt(). The work does not wait for a
	 * lock that is taken. */
	if (!store->jobs.path || np_io_lock_take(&lock, &store->root, "lock", NULL) != 0)
		return;
	tidy_jobs(store);
	np_io_lock_drop(&lock, &store->root);
}
