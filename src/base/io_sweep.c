/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a killed run left half written. */
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io_priv.h"
#include "base/log.h"
#include "base/os.h"

/* NAME.part-PID-N; with `name` only of that file. */
static bool is_part(const char *entry, const char *name)
{
	const char *part = NULL, *at = entry;

	while ((at = strstr(at, ".part-")))
		part = at++;
	if (!part || part == entry)
		return false;
	if (name && (strlen(name) != (size_t)(part - entry) ||
	             strncmp(name, entry, (size_t)(part - entry)) != 0))
		return false;
	part += strlen(".part-");
	at = part + strspn(part, "0123456789");
	return at > part && *at == '-' && at[1] && !at[1 + strspn(at + 1, "0123456789")];
}

/*
 * Whoever writes a part holds its lock, and the kernel lets go of it when he dies: a process number
 * that another file has by now says nothing. The lock is held while the file is removed, so that a
 * writer who has just created it finds out (lock_part()).
 */
static bool remove_left_over(const struct np_io_dir *dir, const char *entry)
{
	int fd = -1;
	struct stat st;
	bool gone = false;

	if (io_may(dir, "open", entry))
		fd = openat(dir->fd, entry, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && io_is_ours(&st) &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0)
		gone = io_may(dir, "unlink", entry) && unlinkat(dir->fd, entry, 0) == 0;
	close(fd);
	return gone;
}

struct sweep {
	const struct np_io_dir *dir;
	const char *name;
	unsigned gone;
};

static int sweep_name(void *ctx, const char *entry, struct np_error *err)
{
	struct sweep *sweep = ctx;

	(void)err;
	if (is_part(entry, sweep->name) && remove_left_over(sweep->dir, entry))
		sweep->gone++;
	return 0;
}

unsigned np_io_dir_sweep(const struct np_io_dir *dir, const char *name)
{
	struct sweep sweep = {dir, name, 0};

	/* On a network file system the writer may be on another machine, whose lock need not be
	 * seen here. */
	if (!dir->path || np_os_is_remote(dir->fd))
		return 0;
	np_io_dir_each(dir, sweep_name, &sweep, NULL);
	if (sweep.gone)
		np_log(NP_LOG_INFO, "%s: %u file%s of a killed run removed", dir->path, sweep.gone,
		       sweep.gone == 1 ? "" : "s");
	return sweep.gone;
}

unsigned np_io_sweep(const char *path, const char *name)
{
	struct np_io_dir dir = {.path = (char *)path,
	                        .fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	unsigned gone;

	if (dir.fd < 0)
		return 0;
	gone = np_io_dir_sweep(&dir, name);
	close(dir.fd);
	return gone;
}
