/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that one process at a time may hold. A file has two locks: LIFE while the
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
#include "base/os.h"

#define TRIES  100 /* for the gate, and for files that go while they are opened */
#define TRY_US 5000

/* 0 taken, EBUSY another holds it, EAGAIN try again, else an errno. */
static int take_life(int fd)
{
	struct stat st;
	int error;

	if (fstat(fd, &st) != 0)
		return errno;
	if (!S_ISREG(st.st_mode) || !io_is_ours(&st))
		return EPERM;
	error = np_os_lock(fd, NP_OS_LIFE) == 0 ? 0 : errno == EAGAIN ? EBUSY : 0;
	/* Its holder may have removed it since it was opened: then the name is another file's. */
	if (fstat(fd, &st) != 0)
		return errno;
	return st.st_nlink ? error : EAGAIN;
}

static int take_once(int fd)
{
	int error;

	if (np_os_lock(fd, NP_OS_GATE) != 0)
		return errno == EAGAIN ? EAGAIN : 0;
	error = take_life(fd);
	np_os_unlock(fd, NP_OS_GATE);
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
	int fd = np_io_dir_fd(dir, name);
	bool alive;

	if (fd < 0)
		return false;
	alive = np_os_is_locked(fd);
	close(fd);
	return alive;
}
