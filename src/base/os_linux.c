/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By Linux's own calls; the newest of them is older than 5.0. */
#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <unistd.h>

int np_os_pipe(int fds[2])
{
	return pipe2(fds, O_CLOEXEC);
}

int np_os_poll(struct pollfd *fds, size_t count, const struct timespec *wait, const sigset_t *mask)
{
	return ppoll(fds, count, wait, mask);
}

int np_os_sleep_until(const struct timespec *at)
{
	return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, at, NULL);
}

void np_os_die_with_parent(int signal)
{
	prctl(PR_SET_PDEATHSIG, signal);
}

int np_os_socket(int family, bool blocks)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | (blocks ? 0 : SOCK_NONBLOCK), 0);
}

int np_os_accept(int fd, struct sockaddr *peer, socklen_t *len)
{
	return accept4(fd, peer, len, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

ssize_t np_os_send(int fd, const void *data, size_t len)
{
	return send(fd, data, len, MSG_NOSIGNAL);
}

void np_os_watch_peer(int fd, int seconds)
{
	int one = 1, second = 1, probes = seconds - 1, ms = seconds * 1000;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &second, sizeof(second));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &second, sizeof(second));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
}

int np_os_open_way(int at, const char *name, int flags)
{
	return openat(at, name, O_PATH | flags | O_DIRECTORY | O_CLOEXEC);
}

bool np_os_is_remote(int fd)
{
	static const unsigned long types[] = {
		0x6969 /* NFS */,      0x517b /* SMB */,      0xff534d42 /* CIFS */,
		0xfe534d42 /* SMB2 */, 0x01021997 /* 9P */,   0x65735546 /* FUSE */,
		0x5346414f /* AFS */,  0x73757245 /* Coda */,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return true;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (((unsigned long)fs.f_type & 0xffffffff) == types[i])
			return true;
	return false;
}

int np_os_sync(int fd)
{
	return fsync(fd);
}

void np_os_sync_soon(int fd)
{
	/* A hint: whether it is on the medium is np_os_sync()'s to say. */
	(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int np_os_nameless(void)
{
	return memfd_create("norprog", MFD_CLOEXEC);
}

static struct flock one_byte(enum np_os_lock which, short type)
{
	return (struct flock){
		.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)which, .l_len = 1};
}

int np_os_lock(int fd, enum np_os_lock which)
{
	struct flock lock = one_byte(which, F_WRLCK);
	int ret = fcntl(fd, F_OFD_SETLK, &lock);

	if (ret && errno == EACCES)
		errno = EAGAIN;
	return ret;
}

void np_os_unlock(int fd, enum np_os_lock which)
{
	struct flock lock = one_byte(which, F_UNLCK);

	fcntl(fd, F_OFD_SETLK, &lock);
}

bool np_os_is_locked(int fd)
{
	struct flock lock = one_byte(NP_OS_LIFE, F_WRLCK);

	/* A write lock can be asked about through a descriptor that only reads. */
	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

int np_os_compare_places(const char *a, const char *b)
{
	return strverscmp(a, b);
}
