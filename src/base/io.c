/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/stop.h"

#define LOOK_UP_MS 100 /* for a stop request, while a pipe is empty */

/* Under sudo what we create belongs to the invoking user, or the next run without sudo could not go
 * on. */
static void give_to_invoker(int fd)
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");

	if (geteuid() != 0 || !uid || !gid)
		return;
	if (fchown(fd, (uid_t)strtoul(uid, NULL, 10), (gid_t)strtoul(gid, NULL, 10)) != 0)
		return; /* a file system without owners: nothing to give */
}

static int open_parent(const char *path)
{
	char dir[NP_PATH_MAX];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash)
		snprintf(dir, sizeof(dir), ".");
	else if (slash == dir)
		slash[1] = '\0';
	else
		*slash = '\0';
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int sync_parent(const char *path)
{
	int fd = open_parent(path), ret;

	if (fd < 0)
		return -1;
	ret = fsync(fd);
	if (ret && (errno == EINVAL || errno == ENOTSUP))
		ret = 0; /* a file system that cannot sync folders */
	close(fd);
	return ret;
}

static int write_failed(const char *path, int error, struct np_error *err)
{
	np_fail(err, NP_E_OUTPUT, "%s: %s", path, strerror(error));
	if (error == ENOSPC || error == EDQUOT || error == EFBIG)
		np_hint(err, "make room there, or choose a folder with more space");
	else if (error == EACCES || error == EPERM || error == EROFS || error == ENOENT)
		np_hint(err, "choose a folder that exists and that you may write");
	return NP_E_OUTPUT;
}

static int name_taken(const char *path, struct np_error *err)
{
	np_fail(err, NP_E_OUTPUT, "%s exists and is not overwritten", path);
	np_hint(err, "choose another name, or move the old file away");
	return NP_E_OUTPUT;
}

/* A pipe whose writer is slower than we are. False when the user stops it. */
static bool wait_for_more(int fd)
{
	struct pollfd in = {.fd = fd, .events = POLLIN};

	while (!np_stop_level())
		if (poll(&in, 1, LOOK_UP_MS) > 0)
			return true;
	return false;
}

static int read_some(int fd, uint8_t *buf, size_t len, size_t *got)
{
	int error = EAGAIN;

	*got = 0;
	while (error == EAGAIN || error == EINTR) {
		ssize_t n = read(fd, buf, len);

		error = n < 0 ? errno : 0;
		*got = n > 0 ? (size_t)n : 0;
		if ((error == EAGAIN || error == EINTR) && !wait_for_more(fd))
			return EINTR;
	}
	return error;
}

static int read_all(int fd, size_t max, uint8_t **data, size_t *len)
{
	struct stat st;
	uint8_t *buf;
	size_t room, got = 0, n = 1;
	int error = 0;

	if (fstat(fd, &st) != 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > max)
		return EFBIG;
	room = S_ISREG(st.st_mode) ? (size_t)st.st_size : max;
	buf = malloc(room + 1);
	if (!buf)
		return ENOMEM;
	for (; n && got <= room && !error; got += n)
		error = read_some(fd, buf + got, room + 1 - got, &n);
	if (error || got > room) {
		free(buf);
		return error ? error : EFBIG;
	}
	buf[got] = '\0';
	*data = buf;
	*len = got;
	return 0;
}

int np_io_read(const char *path, size_t max, uint8_t **data, size_t *len, struct np_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error;

	if (fd < 0)
		return np_fail(err, NP_E_INPUT, "%s: %s", path, strerror(errno));
	error = read_all(fd, max, data, len);
	close(fd);
	if (!error)
		return 0;
	if (error == ENOMEM)
		return np_fail(err, NP_E_MEMORY, "%s: out of memory", path);
	if (error == EINTR)
		return np_fail(err, NP_E_INTERRUPTED, "%s: stopped on request", path);
	if (error == EFBIG)
		return np_fail(err, NP_E_INPUT, "%s: longer than %zu bytes", path, max);
	return np_fail(err, NP_E_INPUT, "%s: %s", path, strerror(error));
}

static int make_dir(const char *path)
{
	int fd;

	if (mkdir(path, 0777) != 0)
		return errno == EEXIST ? 0 : errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		give_to_invoker(fd);
		close(fd);
	}
	return 0;
}

int np_io_mkdirs(const char *path, struct np_error *err)
{
	char part[NP_PATH_MAX];
	struct stat st;
	int error = 0;

	if ((size_t)snprintf(part, sizeof(part), "%s", path) >= sizeof(part))
		return write_failed(path, ENAMETOOLONG, err);
	for (char *at = part + 1; part[0] && *at && !error; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		error = make_dir(part);
		*at = '/';
	}
	if (!error)
		error = make_dir(part);
	if (!error && (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)))
		error = ENOTDIR;
	return error ? write_failed(path, error, err) : 0;
}

static int not_a_file(const char *path, mode_t type, struct np_error *err)
{
	const char *kind = S_ISDIR(type)    ? "folder"
	                   : S_ISFIFO(type) ? "pipe"
	                   : S_ISSOCK(type) ? "socket"
	                                    : "device";

	np_fail(err, NP_E_OUTPUT, "%s is a %s, and what is written here is a file with a name",
	        path, kind);
	np_hint(err, "give a file name");
	return NP_E_OUTPUT;
}

/* The name to rename to. A rename over a link would replace the link and one over /dev/null the
 * device: the first is followed, the second refused. */
static int settle_name(struct np_io_out *out, const char *path, struct np_error *err)
{
	struct stat st;
	char *real;

	if ((size_t)snprintf(out->path, sizeof(out->path), "%s", path) >= sizeof(out->path))
		return write_failed(path, ENAMETOOLONG, err);
	if (out->mode == NP_IO_NEW)
		return np_io_exists(path) ? name_taken(path, err) : 0;
	if (stat(path, &st) != 0)
		return 0;
	if (!S_ISREG(st.st_mode))
		return not_a_file(path, st.st_mode, err);
	real = realpath(path, NULL);
	if (!real)
		return write_failed(path, errno, err);
	snprintf(out->path, sizeof(out->path), "%s", real);
	free(real);
	return 0;
}

/* A part of the same name that nobody writes any more. */
static void sweep_beside(const char *path)
{
	char dir[NP_PATH_MAX];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash) {
		np_io_sweep(".", path);
		return;
	}
	*slash = '\0';
	np_io_sweep(slash == dir ? "/" : dir, path + (slash - dir) + 1);
}

/* False when somebody tidying up got hold of the new file first: it is gone, or will be. */
static bool lock_part(int fd)
{
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		return false;
	return fstat(fd, &st) != 0 || st.st_nlink > 0;
}

static int open_part(struct np_io_out *out)
{
	for (unsigned n = 0; n < 100; n++) {
		int fd;

		snprintf(out->temp, sizeof(out->temp), "%s.part-%ld-%u", out->path, (long)getpid(),
		         n);
		fd = open(out->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST)
			return -1;
		if (fd >= 0 && lock_part(fd))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	errno = EEXIST;
	return -1;
}

int np_io_create(struct np_io_out *out, const char *path, enum np_io_mode mode,
                 struct np_error *err)
{
	int ret;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	out->mode = mode;
	ret = settle_name(out, path, err);
	if (ret)
		return ret;
	sweep_beside(out->path);
	out->fd = open_part(out);
	if (out->fd < 0)
		return write_failed(path, errno, err);
	give_to_invoker(out->fd);
	out->digest = true;
	np_sha256_begin(&out->sha);
	return 0;
}

int np_io_write(struct np_io_out *out, const void *data, size_t len, struct np_error *err)
{
	const uint8_t *at = data;
	ssize_t n;

	for (size_t left = len; left; left -= (size_t)n, at += n) {
		n = write(out->fd, at, left);
		if (n < 0 && errno == EINTR) {
			n = 0;
			continue;
		}
		if (n <= 0)
			return write_failed(out->path, n < 0 ? errno : ENOSPC, err);
	}
	if (out->digest)
		np_sha256_add(&out->sha, data, len);
	out->len += len;
	return 0;
}

/* link() is the one call that names a file only if the name is free. Where a file system has no
 * links the name is reserved first, so that still nobody's file is replaced. */
static int name_new(const char *temp, const char *path)
{
	int fd;

	if (link(temp, path) == 0) {
		unlink(temp);
		return 0;
	}
	if (errno == EEXIST)
		return EEXIST;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return errno;
	close(fd);
	return rename(temp, path) == 0 ? 0 : errno;
}

int np_io_commit(struct np_io_out *out, char hex[NP_SHA256_HEX], struct np_error *err)
{
	int error = 0, fd = out->fd;
	/* Holds the lock until the part has its name. */
	int lock = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP)
		error = errno;
	out->fd = -1;
	if (close(fd) != 0 && !error)
		error = errno;
	if (!error && out->mode == NP_IO_NEW)
		error = name_new(out->temp, out->path);
	else if (!error && rename(out->temp, out->path) != 0)
		error = errno;
	if (lock >= 0)
		close(lock);
	if (error) {
		unlink(out->temp);
		return error == EEXIST ? name_taken(out->path, err)
		                       : write_failed(out->path, error, err);
	}
	if (sync_parent(out->path) != 0)
		return write_failed(out->path, errno, err);
	if (hex)
		np_sha256_end(&out->sha, hex);
	return 0;
}

void np_io_abort(struct np_io_out *out)
{
	if (out->fd < 0)
		return;
	close(out->fd);
	out->fd = -1;
	unlink(out->temp);
}

int np_io_save(const char *path, const void *data, size_t len, enum np_io_mode mode,
               struct np_error *err)
{
	struct np_io_out out;
	int ret = np_io_create(&out, path, mode, err);

	if (!ret)
		ret = np_io_write(&out, data, len, err);
	if (!ret)
		ret = np_io_commit(&out, NULL, err);
	np_io_abort(&out);
	return ret;
}

int np_io_remove(const char *path, struct np_error *err)
{
	if (unlink(path) != 0) {
		if (errno == ENOENT)
			return 0;
		return write_failed(path, errno, err);
	}
	return sync_parent(path) != 0 ? write_failed(path, errno, err) : 0;
}

bool np_io_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}
