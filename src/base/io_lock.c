/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that one process at a time may hold. Two bytes of the file are locked: LIFE while the
 * holder lives, GATE only while a process takes the name. So asking for LIFE never makes another
 * one's attempt fail, and looking (which locks nothing) never sees one who merely tries.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io_priv.h"

#define LIFE   0
#define GATE   1
#define TRIES  100 /* for the gate, and for files that go while they are opened */
#define TRY_US 5000

static int set_lock(int fd, off_t byte, short type)
{
	/* Of the open file, not of the process: two jobs in one process exclude each other too. */
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

	return fcntl(fd, F_OFD_SETLK, &lock);
}

static bool is_taken(int error)
{
	return error == EAGAIN || error == EACCES;
}

/* 0 taken, EBUSY another holds it, EAGAIN try again, else an errno. */
static int take_once(int fd)
{
	struct stat st;
	int error = 0;

	if (set_lock(fd, GATE, F_WRLCK) != 0)
		return is_taken(errno) ? EAGAIN : 0;
	if (fstat(fd, &st) != 0)
		error = errno;
	else if (!st.st_nlink)
		error = EAGAIN;
	else if (!S_ISREG(st.st_mode) || !io_is_ours(&st))
		error = EPERM;
	else if (set_lock(fd, LIFE, F_WRLCK) != 0)
		error = is_taken(errno) ? EBUSY : 0;
	set_lock(fd, GATE, F_UNLCK);
	return error;
}

static int open_lock(const struct np_io_dir *dir, const char *name)
{
	int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, fd = -1;

	if (io_may(dir, "open", name))
		fd = openat(dir->fd, name, flags | O_EXCL, 0600);
	if (fd >= 0)
		io_give_to_invoker(fd);
	else if (errno == EEXIST)
		fd = openat(dir->fd, name, flags & ~O_CREAT);
	return fd;
}

int np_io_lock_take(struct np_io_lock *lock, const struct np_io_dir *dir, const char *name,
                    struct np_error *err)
{
	char path[NP_PATH_MAX + NP_NAME_MAX];
	int error = EAGAIN;

	snprintf(path, sizeof(path), "%s/%s", dir->path, name);
	for (unsigned n = 0; n < TRIES && error == EAGAIN; n++) {
		int fd = open_lock(dir, name);

		error = fd >= 0 ? take_once(fd) : errno == ENOENT ? EAGAIN : errno;
		if (!error) {
			*lock = (struct np_io_lock){.held = true, .fd = fd};
			snprintf(lock->name, sizeof(lock->name), "%s", name);
			return 0;
		}
		if (fd >= 0)
			close(fd);
		if (error == EAGAIN)
			np_sleep_us(TRY_US);
	}
	if (error == EBUSY || error == EAGAIN)
		return np_fail(err, NP_E_BUSY, "%s is held by another process", path);
	return io_write_failed(path, error, err);
}

void np_io_lock_drop(struct np_io_lock *lock, const struct np_io_dir *dir)
{
	if (!lock->held)
		return;
	/* While it is still locked: who opened it meanwhile finds that it has no name any more. */
	if (io_may(dir, "unlink", lock->name))
		unlinkat(dir->fd, lock->name, 0);
	close(lock->fd);
	lock->held = false;
}

bool np_io_lock_alive(const struct np_io_dir *dir, const char *name)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LIFE, .l_len = 1};
	int fd = np_io_dir_fd(dir, name);
	bool alive;

	if (fd < 0)
		return false;
	/* A write lock can be asked about through a descriptor that only reads. */
	alive = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	close(fd);
	return alive;
}
