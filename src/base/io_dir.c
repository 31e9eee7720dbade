/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private folders: opened once, without following what others may have put in the way. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/io_priv.h"
#include "base/log.h"
#include "base/os.h"

static int refuse(const char *path, const char *why, struct np_error *err)
{
	np_fail(err, NP_E_OUTPUT, "%s %s", path, why);
	np_hint(err, "make it a folder of your own, or set XDG_STATE_HOME to another one");
	return NP_E_OUTPUT;
}

/* ---- opening ---- */

static bool is_empty(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	unsigned count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	else if (copy >= 0)
		close(copy);
	return count == 2;
}

/* A new folder is given away only while it is what was made: ours, and empty. Somebody who owns the
 * folder above may have put another one in its place. */
static void settle_new(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && is_empty(fd) && fchmod(fd, 0700) == 0)
		io_give_to_invoker(fd);
	close(fd);
}

static int open_folder(int at, const char *name, int flags)
{
	return openat(at, name, flags | O_DIRECTORY | O_CLOEXEC);
}

static bool only_root_writes(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static bool is_own(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && io_is_ours(&st);
}

/* May a link in the path be followed? Without sudo it cannot make us do more than our user may
 * do anyway, and the folder at its end must be our own. As root we would lend root's rights to
 * whoever made the link. */
static int follow(int at, const char *name)
{
	int fd = np_os_open_way(at, name, 0);
	struct stat st;

	if (fd < 0 || geteuid() != 0 || only_root_writes(at))
		return fd;
	if (fstat(fd, &st) == 0 && st.st_uid != 0 && is_own(fd))
		return fd;
	close(fd);
	errno = ELOOP;
	return -1;
}

/* One folder of the way. */
static int enter(int at, const char *name, bool create)
{
	int fd = np_os_open_way(at, name, O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT && create) {
		if (mkdirat(at, name, 0700) == 0)
			settle_new(at, name);
		else if (errno != EEXIST)
			return -1;
		fd = np_os_open_way(at, name, O_NOFOLLOW);
	}
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return follow(at, name);
	return fd;
}

/* The folder above the last part of `path`, of which *last is set. */
static int walk(const char *path, bool create, char part[NP_PATH_MAX], const char **last)
{
	int at = np_os_open_way(AT_FDCWD, path[0] == '/' ? "/" : ".", 0), next;
	char *save = NULL, *word, *after;

	snprintf(part, NP_PATH_MAX, "%s", path);
	word = strtok_r(part, "/", &save);
	for (; at >= 0 && word && (after = strtok_r(NULL, "/", &save)); word = after) {
		next = enter(at, word, create);
		close(at);
		at = next;
	}
	*last = word ? word : ".";
	return at;
}

/* The folder itself: no link, ours, and closed to other users. */
static int check_folder(int fd, const char *path, struct np_error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return io_write_failed(path, errno, err);
	if (!io_is_ours(&st))
		return refuse(path, "belongs to somebody else", err);
	/* chmod() by the owner or root fails only on file systems that keep no modes. */
	if ((st.st_mode & 077) && fchmod(fd, 0700) != 0 && (st.st_mode & 022))
		np_log(NP_LOG_WARN,
		       "%s may be written by others, and its file system cannot say "
		       "otherwise",
		       path);
	return 0;
}

static int open_last(struct np_io_dir *dir, int at, const char *name, bool create)
{
	if (!io_may(dir, "open", name))
		return -1;
	dir->fd = open_folder(at, name, O_RDONLY | O_NOFOLLOW);
	if (dir->fd >= 0 || errno != ENOENT || !create)
		return dir->fd;
	if (!io_may(dir, "mkdir", name))
		return -1;
	if (mkdirat(at, name, 0700) == 0)
		settle_new(at, name);
	else if (errno != EEXIST)
		return -1;
	dir->fd = open_folder(at, name, O_RDONLY | O_NOFOLLOW);
	return dir->fd;
}

static int open_at(struct np_io_dir *dir, int at, const char *name, const char *path, bool create,
                   struct np_error *err)
{
	int ret;

	if (at < 0 || open_last(dir, at, name, create) < 0) {
		if (errno == ENOENT && !create)
			return 0;
		if (errno == ELOOP || errno == ENOTDIR)
			return refuse(path,
			              "is a link or no folder, and norprog follows none there",
			              err);
		return io_write_failed(path, errno, err);
	}
	ret = check_folder(dir->fd, path, err);
	if (!ret)
		dir->path = strdup(path);
	if (!ret && !dir->path)
		ret = np_fail(err, NP_E_MEMORY, "out of memory");
	if (ret)
		close(dir->fd);
	return ret;
}

int np_io_dir_open(struct np_io_dir *dir, const char *path, bool create,
                   const struct np_io_hook *hook, struct np_error *err)
{
	char part[NP_PATH_MAX];
	const char *last;
	int at, ret;

	*dir = (struct np_io_dir){.hook = hook};
	if (strlen(path) >= sizeof(part))
		return io_write_failed(path, ENAMETOOLONG, err);
	at = walk(path, create, part, &last);
	ret = open_at(dir, at, last, path, create, err);
	if (at >= 0)
		close(at);
	return ret;
}

int np_io_dir_below(struct np_io_dir *dir, const struct np_io_dir *parent, const char *name,
                    bool create, struct np_error *err)
{
	char path[NP_PATH_MAX];

	*dir = (struct np_io_dir){.hook = parent->hook};
	if (!parent->path)
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", parent->path, name) >= sizeof(path))
		return io_write_failed(parent->path, ENAMETOOLONG, err);
	return open_at(dir, parent->fd, name, path, create, err);
}

void np_io_dir_close(struct np_io_dir *dir)
{
	if (dir->path)
		close(dir->fd);
	free(dir->path);
	dir->path = NULL;
}

/* ---- what is in it ---- */

int np_io_dir_each(const struct np_io_dir *dir,
                   int (*fn)(void *ctx, const char *name, struct np_error *err), void *ctx,
                   struct np_error *err)
{
	const struct dirent *entry;
	int fd = -1, ret = 0;
	DIR *list;

	if (!dir->path)
		return 0;
	if (io_may(dir, "readdir", "."))
		fd = open_folder(dir->fd, ".", O_RDONLY);
	list = fd < 0 ? NULL : fdopendir(fd);
	if (!list) {
		ret = np_fail_file(err, dir->path, errno);
		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (!ret && (entry = readdir(list)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			ret = fn(ctx, entry->d_name, err);
	closedir(list);
	return ret;
}

bool np_io_dir_has(const struct np_io_dir *dir, const char *name)
{
	struct stat st;

	return dir->path && io_may(dir, "stat", name) &&
	       fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int np_io_dir_fd(const struct np_io_dir *dir, const char *name)
{
	struct stat st;
	int fd = -1, error = 0;

	errno = ENOENT;
	if (dir->path && io_may(dir, "open", name))
		fd = openat(dir->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0)
		error = errno;
	else if (!S_ISREG(st.st_mode))
		error = EINVAL;
	if (!error)
		return fd;
	close(fd);
	return -error;
}

int np_io_dir_read(const struct np_io_dir *dir, const char *name, size_t max, uint8_t **data,
                   size_t *len, struct np_error *err)
{
	char path[NP_PATH_MAX + NP_NAME_MAX];
	int fd = np_io_dir_fd(dir, name), error;

	snprintf(path, sizeof(path), "%s/%s", dir->path ? dir->path : "", name);
	if (fd < 0)
		return io_read_failed(path, max, -fd, err);
	error = io_may(dir, "read", name) ? io_read_all(fd, max, data, len) : errno;
	close(fd);
	return error ? io_read_failed(path, max, error, err) : 0;
}

int np_io_dir_remove(const struct np_io_dir *dir, const char *name, struct np_error *err)
{
	char path[NP_PATH_MAX + NP_NAME_MAX];

	if (!dir->path)
		return 0;
	if (io_may(dir, "unlink", name) && unlinkat(dir->fd, name, 0) == 0 && io_sync_dir(dir) == 0)
		return 0;
	if (errno == ENOENT)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", dir->path, name);
	return io_write_failed(path, errno, err);
}

/* ---- room ---- */

static int check_room(int fd, const char *path, uint64_t need, struct np_error *err)
{
	struct statvfs fs;

	/* Some file systems say that they have no blocks at all, which tells nothing. */
	if (fstatvfs(fd, &fs) != 0 || !fs.f_blocks || !fs.f_frsize ||
	    fs.f_bavail >= need / fs.f_frsize + 1)
		return 0;
	np_fail(err, NP_E_OUTPUT, "%s: %llu KiB are needed there, and %llu are free", path,
	        (unsigned long long)(need >> 10),
	        (unsigned long long)(fs.f_bavail * fs.f_frsize >> 10));
	np_hint(err, "make room there, or choose a folder with more space");
	return NP_E_OUTPUT;
}

int np_io_dir_room(const struct np_io_dir *dir, uint64_t need, struct np_error *err)
{
	if (!dir->path)
		return 0;
	if (!io_may(dir, "statvfs", "."))
		return io_write_failed(dir->path, errno, err);
	return check_room(dir->fd, dir->path, need, err);
}

int np_io_room(const char *path, uint64_t need, struct np_error *err)
{
	const char *name;
	int fd = io_open_parent(path, &name), ret;

	if (fd < 0)
		return 0;
	ret = check_room(fd, path, need, err);
	close(fd);
	return ret;
}

bool np_io_same_disk(const struct np_io_dir *dir, const char *path)
{
	const char *name;
	int fd = io_open_parent(path, &name);
	struct stat a, b;
	bool same = fd >= 0 && dir->path && fstat(fd, &a) == 0 && fstat(dir->fd, &b) == 0 &&
	            a.st_dev == b.st_dev;

	if (fd >= 0)
		close(fd);
	return same;
}
