/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the I/O layer stand on: whose a file is, its folder, and what a failure is called. */
#include "base/io_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"

bool io_may(const struct np_io_dir *dir, const char *call, const char *name)
{
	int error = dir->hook ? dir->hook->before(dir->hook->ctx, call, name) : 0;

	if (error)
		errno = error;
	return !error;
}

/* Under sudo: who called it. */
static bool io_invoker(uid_t *uid, gid_t *gid)
{
	const char *user = getenv("SUDO_UID"), *group = getenv("SUDO_GID");

	if (geteuid() != 0 || !user || !group)
		return false;
	*uid = (uid_t)strtoul(user, NULL, 10);
	*gid = (gid_t)strtoul(group, NULL, 10);
	return true;
}

void io_give_to_invoker(int fd)
{
	uid_t uid;
	gid_t gid;

	if (io_invoker(&uid, &gid) && fchown(fd, uid, gid) != 0)
		return; /* a file system without owners: nothing to give */
}

bool io_is_ours(const struct stat *st)
{
	uid_t uid;
	gid_t gid;

	return st->st_uid == geteuid() || (io_invoker(&uid, &gid) && st->st_uid == uid);
}

int io_open_parent(const char *path, const char **name)
{
	char dir[NP_PATH_MAX];
	const char *slash = strrchr(path, '/');

	*name = slash ? slash + 1 : path;
	if (!slash)
		snprintf(dir, sizeof(dir), ".");
	else
		snprintf(dir, sizeof(dir), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int io_sync_dir(const struct np_io_dir *dir)
{
	int ret = io_may(dir, "fsync", ".") ? np_os_sync(dir->fd) : -1;

	return ret && (errno == EINVAL || errno == ENOTSUP) ? 0 : ret;
}

int io_write_failed(const char *path, int error, struct np_error *err)
{
	np_fail(err, NP_E_OUTPUT, "%s: %s", path, strerror(error));
	if (error == ENOSPC || error == EDQUOT || error == EFBIG)
		np_hint(err, "make room there, or choose a folder with more space");
	else if (error == EACCES || error == EPERM || error == EROFS || error == ENOENT)
		np_hint(err, "choose a folder that exists and that you may write");
	return NP_E_OUTPUT;
}
