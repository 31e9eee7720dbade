/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where backups and journals live. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "plan/job_work.h"

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

int job_default_state_dir(char *buf, size_t len, struct np_error *err)
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

void job_tidy(const struct job *job)
{
	static const char *const folders[] = {"backups", "jobs"};
	char path[NP_PATH_MAX];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", job->state_dir, folders[i]) <
		    sizeof(path))
			np_io_sweep(path, NULL);
}
