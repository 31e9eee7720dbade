/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/os.h"

static int name_taken(const char *path, struct np_error *err)
{
	np_fail(err, NP_E_OUTPUT, "%s exists and is not overwritten", path);
	np_hint(err, "choose another name, or move the old file away");
	return NP_E_OUTPUT;
}

static int make_dir(const char *path)
{
	int fd;

	if (mkdir(path, 0777) != 0)
		return errno == EEXIST ? 0 : errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		io_give_to_invoker(fd);
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
		return io_write_failed(path, ENAMETOOLONG, err);
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
	return error ? io_write_failed(path, error, err) : 0;
}

/* To the folder above; false where the path names none. */
static bool go_up(char *path)
{
	size_t len = strlen(path);

	while (len && path[len - 1] == '/')
		len--;
	while (len && path[len - 1] != '/')
		len--;
	while (len > 1 && path[len - 1] == '/')
		len--;
	path[len] = '\0';
	return len > 0;
}

size_t np_io_existing(const char *path)
{
	char part[NP_PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	while (!np_io_exists(part) && go_up(part))
		;
	return strlen(part);
}

void np_io_rmdirs(const char *path, size_t existing)
{
	char part[NP_PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	while (strlen(part) > existing && rmdir(part) == 0 && go_up(part))
		;
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

/* ---- the part ---- */

/* False when another norprog that removes left-overs locked the new file first: it is gone, or will
 * be. */
static bool lock_part(int fd)
{
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		return false;
	return fstat(fd, &st) != 0 || st.st_nlink > 0;
}

static int open_part(struct np_io_out *out)
{
	unsigned tries = out->mode == NP_IO_UNIQUE ? 1 : 100;

	for (unsigned n = 0; n < tries; n++) {
		int fd = -1;

		snprintf(out->temp, sizeof(out->temp), "%s.part-%ld-%u", out->name, (long)getpid(),
		         n);
		if (io_may(&out->dir, "open", out->temp))
			fd = openat(out->dir.fd, out->temp,
			            O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			            out->secret ? 0600 : 0666);
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

static bool has_name(const struct np_io_out *out)
{
	struct stat st;

	return fstatat(out->dir.fd, out->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void remove_part(struct np_io_out *out)
{
	if (io_may(&out->dir, "unlink", out->temp))
		unlinkat(out->dir.fd, out->temp, 0);
}

static void let_go(struct np_io_out *out)
{
	if (out->own_dir)
		close(out->dir.fd);
	out->own_dir = false;
}

/* Everything but the folder, which is open. */
static int begin(struct np_io_out *out, struct np_error *err)
{
	bool fresh = out->mode != NP_IO_REPLACE;

	out->taken = fresh && has_name(out);
	if (out->taken)
		return name_taken(out->path, err);
	np_io_dir_sweep(&out->dir, out->name);
	out->fd = open_part(out);
	out->taken = out->fd < 0 && errno == EEXIST;
	if (out->fd < 0)
		return out->taken ? name_taken(out->path, err)
		                  : io_write_failed(out->path, errno, err);
	/* Another writer may have finished this name after we looked whether it is free and
	 * before our part existed. */
	out->taken = fresh && has_name(out);
	if (out->taken) {
		close(out->fd);
		out->fd = -1;
		remove_part(out);
		return name_taken(out->path, err);
	}
	if (out->secret && fchmod(out->fd, 0600) != 0 && errno != EPERM)
		return io_write_failed(out->path, errno, err);
	io_give_to_invoker(out->fd);
	np_sha256_begin(&out->sha);
	return 0;
}

/* The name to rename to. A rename over a link would replace the link and one over /dev/null the
 * device: the first is followed, the second refused. */
static int settle_name(struct np_io_out *out, const char *path, struct np_error *err)
{
	struct stat st;
	char *real;

	if ((size_t)snprintf(out->path, sizeof(out->path), "%s", path) >= sizeof(out->path))
		return io_write_failed(path, ENAMETOOLONG, err);
	if (out->mode == NP_IO_NEW || stat(path, &st) != 0)
		return 0;
	if (!S_ISREG(st.st_mode))
		return not_a_file(path, st.st_mode, err);
	real = realpath(path, NULL);
	if (!real)
		return io_write_failed(path, errno, err);
	snprintf(out->path, sizeof(out->path), "%s", real);
	free(real);
	return 0;
}

static int create_at(struct np_io_out *out, const char *path, enum np_io_mode mode, bool secret,
                     struct np_error *err)
{
	const char *name;
	int ret;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	out->mode = mode;
	out->secret = secret;
	ret = settle_name(out, path, err);
	if (ret)
		return ret;
	out->dir.fd = io_open_parent(out->path, &name);
	if (out->dir.fd < 0)
		return io_write_failed(path, errno, err);
	out->own_dir = true;
	out->dir.path = out->path;
	if ((size_t)snprintf(out->name, sizeof(out->name), "%s", name) >= sizeof(out->name))
		ret = io_write_failed(path, ENAMETOOLONG, err);
	else if (!name[0])
		ret = not_a_file(path, S_IFDIR, err);
	else
		ret = begin(out, err);
	if (ret)
		np_io_abort(out);
	return ret;
}

int np_io_create(struct np_io_out *out, const char *path, enum np_io_mode mode,
                 struct np_error *err)
{
	return create_at(out, path, mode, false, err);
}

int np_io_create_private(struct np_io_out *out, const char *path, enum np_io_mode mode,
                         struct np_error *err)
{
	return create_at(out, path, mode, true, err);
}

int np_io_dir_create(struct np_io_out *out, const struct np_io_dir *dir, const char *name,
                     enum np_io_mode mode, struct np_error *err)
{
	int ret;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	out->mode = mode;
	out->secret = true;
	out->dir = *dir;
	if ((size_t)snprintf(out->path, sizeof(out->path), "%s/%s", dir->path, name) >=
	            sizeof(out->path) ||
	    (size_t)snprintf(out->name, sizeof(out->name), "%s", name) >= sizeof(out->name))
		return io_write_failed(dir->path, ENAMETOOLONG, err);
	ret = begin(out, err);
	if (ret)
		np_io_abort(out);
	return ret;
}

int np_io_write(struct np_io_out *out, const void *data, size_t len, struct np_error *err)
{
	const uint8_t *at = data;
	ssize_t n;

	for (size_t left = len; left; left -= (size_t)n, at += n) {
		n = io_may(&out->dir, "write", out->temp) ? write(out->fd, at, left) : -1;
		if (n < 0 && errno == EINTR) {
			n = 0;
			continue;
		}
		if (n <= 0)
			return io_write_failed(out->path, n < 0 ? errno : ENOSPC, err);
	}
	np_sha256_add(&out->sha, data, len);
	out->len += len;
	return 0;
}

/* Returns an errno. */
static int sync_part(const struct np_io_out *out)
{
	bool synced = io_may(&out->dir, "fsync", out->temp) && np_os_sync(out->fd) == 0;

	return synced || errno == EINVAL || errno == ENOTSUP ? 0 : errno;
}

int np_io_sync(struct np_io_out *out, struct np_error *err)
{
	int error = sync_part(out);

	return error ? io_write_failed(out->path, error, err) : 0;
}

void np_io_sync_soon(const struct np_io_out *out)
{
	np_os_sync_soon(out->fd);
}

bool np_io_holds(const struct np_io_out *out, uint64_t at, const void *data, uint64_t len)
{
	const uint8_t *want = data;
	uint8_t buf[16384];
	ssize_t n;

	for (uint64_t done = 0; done < len; done += (uint64_t)n) {
		size_t most = len - done < sizeof(buf) ? (size_t)(len - done) : sizeof(buf);

		n = pread(out->fd, buf, most, (off_t)(at + done));
		if (n < 0 && errno == EINTR) {
			n = 0;
			continue;
		}
		if (n <= 0 || memcmp(buf, want + done, (size_t)n) != 0)
			return false;
	}
	return true;
}

int np_io_rewind(struct np_io_out *out, struct np_error *err)
{
	close(out->fd);
	out->fd = -1;
	out->len = 0;
	remove_part(out);
	return begin(out, err);
}

static int rename_part(const struct np_io_out *out)
{
	if (!io_may(&out->dir, "rename", out->name))
		return errno;
	return renameat(out->dir.fd, out->temp, out->dir.fd, out->name) == 0 ? 0 : errno;
}

/* link() is the one call that names a file only if the name is free. Where a file system has no
 * links the name is reserved first, so that no file is replaced there either. */
static int name_new(struct np_io_out *out)
{
	int fd, error;

	if (io_may(&out->dir, "link", out->name) &&
	    linkat(out->dir.fd, out->temp, out->dir.fd, out->name, 0) == 0) {
		remove_part(out);
		return 0;
	}
	if (errno == EEXIST)
		return EEXIST;
	fd = openat(out->dir.fd, out->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	            0600);
	if (fd < 0)
		return errno;
	close(fd);
	error = rename_part(out);
	if (error)
		unlinkat(out->dir.fd, out->name, 0);
	return error;
}

/* Returns an errno. */
static int sync_and_name(struct np_io_out *out)
{
	/* Holds the lock until the part has its name. */
	int fd = out->fd, lock = fcntl(fd, F_DUPFD_CLOEXEC, 0), error = sync_part(out);

	out->fd = -1;
	if (close(fd) != 0 && !error)
		error = errno;
	if (!error)
		error = out->mode == NP_IO_REPLACE ? rename_part(out) : name_new(out);
	if (lock >= 0)
		close(lock);
	if (error)
		remove_part(out);
	return error;
}

int np_io_commit(struct np_io_out *out, char hex[NP_SHA256_HEX], struct np_error *err)
{
	int error = sync_and_name(out), ret = 0;

	if (error == EEXIST)
		ret = name_taken(out->path, err);
	else if (error || io_sync_dir(&out->dir) != 0)
		ret = io_write_failed(out->path, error ? error : errno, err);
	let_go(out);
	if (!ret && hex)
		np_sha256_end(&out->sha, hex);
	return ret;
}

void np_io_abort(struct np_io_out *out)
{
	if (out->fd >= 0) {
		close(out->fd);
		out->fd = -1;
		remove_part(out);
	}
	let_go(out);
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
	const char *name;
	struct np_io_dir dir = {.path = (char *)path, .fd = io_open_parent(path, &name)};
	int error = 0;

	if (unlink(path) != 0)
		error = errno == ENOENT ? 0 : errno;
	else if (dir.fd < 0 || io_sync_dir(&dir) != 0)
		error = errno;
	if (dir.fd >= 0)
		close(dir.fd);
	return error ? io_write_failed(path, error, err) : 0;
}

bool np_io_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}
