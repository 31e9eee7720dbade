/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where backups and journals live. */
#include "store/state.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "store/backup.h"

/* Under sudo the invoking user's home: root's would hide the backup from the one who needs it. */
const char *store_home(void)
{
	const char *uid = getenv("SUDO_UID"), *home = getenv("HOME");
	const struct passwd *user = NULL;

	if (uid && geteuid() == 0)
		user = getpwuid((uid_t)strtoul(uid, NULL, 10));
	if (user && user->pw_dir[0] == '/')
		return user->pw_dir;
	if (home && home[0] == '/')
		return home;
	user = getpwuid(geteuid());
	return user && user->pw_dir[0] == '/' ? user->pw_dir : NULL;
}

int store_default_dir(char *buf, size_t len, struct np_error *err)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home;
	int n;

	if (xdg && xdg[0] == '/') {
		n = snprintf(buf, len, "%s/norprog", xdg);
	} else {
		home = store_home();
		if (!home) {
			np_fail(err, NP_E_OUTPUT, "no home folder to keep backups in");
			return np_hint(err, "set XDG_STATE_HOME to a folder you may write");
		}
		n = snprintf(buf, len, "%s/.local/state/norprog", home);
	}
	if (n < 0 || (size_t)n >= len)
		return np_fail(err, NP_E_OUTPUT, "the path of the state folder is too long");
	return 0;
}

/* ---- folders ---- */

static int open_root(struct store *store, bool create, struct np_error *err)
{
	if (store->root.path)
		return 0;
	return np_io_dir_open(&store->root, store->dir, create, store->hook, err);
}

static int open_folder(struct store *store, struct np_io_dir *dir, const char *name, bool create,
                       struct np_error *err)
{
	int ret;

	if (dir->path)
		return 0;
	ret = open_root(store, create, err);
	if (!ret)
		ret = np_io_dir_below(dir, &store->root, name, create, err);
	return ret ? np_context(err, "state folder") : 0;
}

int store_open_backups(struct store *store, bool create, struct np_error *err)
{
	return open_folder(store, &store->backups, "backups", create, err);
}

int store_open_jobs(struct store *store, bool create, struct np_error *err)
{
	return open_folder(store, &store->jobs, "jobs", create, err);
}

int store_open_adapters(struct store *store, struct np_error *err)
{
	return open_folder(store, &store->adapters, "adapters", true, err);
}

void store_close(struct store *store)
{
	backup_drop(store);
	np_io_lock_drop(&store->reserved, &store->jobs);
	np_io_dir_close(&store->adapters);
	np_io_dir_close(&store->jobs);
	np_io_dir_close(&store->backups);
	np_io_dir_close(&store->root);
	store->key[0] = '\0';
}

/* ---- asked before the read ---- */

/* Nothing of that name is left. */
static int try_path(const char *path, struct np_error *err)
{
	struct np_io_out out;
	int ret = np_io_create(&out, path, NP_IO_NEW, err);

	np_io_abort(&out);
	return ret ? np_context(err, "backup") : 0;
}

static int try_folder(const struct np_io_dir *dir, struct np_error *err)
{
	struct np_io_out out;
	int ret = np_io_dir_create(&out, dir, "new", NP_IO_REPLACE, err);

	np_io_abort(&out);
	return ret ? np_context(err, "state folder") : 0;
}

/* The record, two manifests and what a file system needs for itself. */
#define SMALL_FILES (256u << 10)

static int check_room(struct store *store, const char *backup_path, const struct store_need *need,
                      struct np_error *err)
{
	bool apart = backup_path && !np_io_same_disk(&store->jobs, backup_path);
	int ret = np_io_dir_room(&store->jobs,
	                         need->target + SMALL_FILES + (apart ? 0 : need->backup), err);

	if (!ret && apart)
		ret = np_io_room(backup_path, need->backup + SMALL_FILES, err);
	return ret;
}

int store_check(struct store *store, bool keep_backup, const char *backup_path,
                const struct store_need *need, struct np_error *err)
{
	int ret = store_open_jobs(store, true, err);

	if (!ret)
		ret = try_folder(&store->jobs, err);
	if (!ret && keep_backup && !backup_path)
		ret = store_open_backups(store, true, err);
	if (!ret && keep_backup && !backup_path)
		ret = try_folder(&store->backups, err);
	if (ret)
		return np_hint(err, "backup and journal are kept there: make room or let it be "
		                    "written to, or set XDG_STATE_HOME to a folder of your own");
	if (keep_backup && backup_path)
		ret = try_path(backup_path, err);
	return ret || !need ? ret : check_room(store, backup_path, need, err);
}
