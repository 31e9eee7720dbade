/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where backups and journals live. */
#include "store/state.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

/* Under sudo the invoking user's home: root's would hide the backup from the one who needs it. */
static const char *find_home(void)
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
		home = find_home();
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

void store_tidy(const struct store *store)
{
	static const char *const folders[] = {"backups", "jobs"};
	char path[NP_PATH_MAX];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", store->dir, folders[i]) <
		    sizeof(path))
			np_io_sweep(path, NULL);
}

/* Nothing of that name is left. */
static int try_name(const char *path, enum np_io_mode mode, struct np_error *err)
{
	struct np_io_out out;
	int ret = np_io_create(&out, path, mode, err);

	np_io_abort(&out);
	return ret;
}

static int try_folder(const struct store *store, const char *folder, struct np_error *err)
{
	char path[NP_PATH_MAX];
	int ret;

	if ((size_t)snprintf(path, sizeof(path) - 8, "%s/%s", store->dir, folder) >=
	    sizeof(path) - 8)
		return np_fail(err, NP_E_OUTPUT, "%s: the path is too long", store->dir);
	ret = np_io_mkdirs(path, err);
	if (!ret)
		ret = try_name(strcat(path, "/new"), NP_IO_REPLACE, err);
	if (!ret)
		return 0;
	np_context(err, "state folder");
	return np_hint(err, "backup and journal are kept there: make room or let it be written "
	                    "to, or set XDG_STATE_HOME to a folder you may write");
}

int store_check(const struct store *store, bool keep_backup, const char *backup_path,
                struct np_error *err)
{
	int ret = try_folder(store, "jobs", err);

	if (ret || !keep_backup)
		return ret;
	if (!backup_path)
		return try_folder(store, "backups", err);
	ret = try_name(backup_path, NP_IO_NEW, err);
	return ret ? np_context(err, "backup") : 0;
}
