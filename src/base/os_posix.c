/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By what POSIX, FreeBSD and macOS have. */
#include "base/os.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/param.h>
#include <sys/mount.h>
#include <sys/select.h>
#include <unistd.h>
#ifdef __FreeBSD__
#include <sys/procctl.h>
#endif

#include "base/clock.h"

#define PARENT_US 200000 /* between two looks whether it lives */
#define LOOKS     5      /* tries for a lock that somebody only looks at */
#define LOOK_US   2000

static int keep_private(int fd)
{
	if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int set_nonblocking(int fd)
{
	int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);

	if (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int np_os_pipe(int fds[2])
{
	if (pipe(fds))
		return -1;
	for (int i = 0; i < 2; i++)
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
	return 0;
}

/* select() calls a line that hung up ready to be read. */
static void add_hang_up(struct pollfd *fd)
{
	struct pollfd now = {.fd = fd->fd, .events = fd->events};

	if (fd->revents && poll(&now, 1, 0) > 0)
		fd->revents |= now.revents & (POLLHUP | POLLERR);
}

/* macOS has no poll that takes a mask, but its pselect() does. */
int np_os_poll(struct pollfd *fds, size_t count, const struct timespec *wait, const sigset_t *mask)
{
	fd_set in, out;
	int most = -1, ready, shown = 0;

	FD_ZERO(&in);
	FD_ZERO(&out);
	for (size_t i = 0; i < count; i++) {
		fds[i].revents = 0;
		if (fds[i].fd >= (int)FD_SETSIZE) {
			errno = EINVAL;
			return -1;
		}
		if (fds[i].fd < 0)
			continue;
		if (fds[i].events & POLLIN)
			FD_SET(fds[i].fd, &in);
		if (fds[i].events & POLLOUT)
			FD_SET(fds[i].fd, &out);
		most = fds[i].fd > most ? fds[i].fd : most;
	}
	ready = pselect(most + 1, &in, &out, NULL, wait, mask);
	if (ready <= 0)
		return ready;
	for (size_t i = 0; i < count; i++) {
		if (fds[i].fd < 0)
			continue;
		if (FD_ISSET(fds[i].fd, &in))
			fds[i].revents |= POLLIN;
		if (FD_ISSET(fds[i].fd, &out))
			fds[i].revents |= POLLOUT;
		add_hang_up(&fds[i]);
		shown += fds[i].revents != 0;
	}
	return shown;
}

int np_os_sleep_until(const struct timespec *at)
{
	struct timespec left;

	clock_gettime(CLOCK_MONOTONIC, &left);
	left.tv_sec = at->tv_sec - left.tv_sec;
	left.tv_nsec = at->tv_nsec - left.tv_nsec;
	if (left.tv_nsec < 0) {
		left.tv_sec--;
		left.tv_nsec += 1000000000;
	}
	return left.tv_sec >= 0 && nanosleep(&left, NULL) ? errno : 0;
}

#ifdef __FreeBSD__
void np_os_die_with_parent(int signal)
{
	procctl(P_PID, 0, PROC_PDEATHSIG_CTL, &signal);
}
#else
struct vigil {
	pid_t parent;
	int signal;
};

static void *watch_parent(void *ctx)
{
	struct vigil vigil = *(struct vigil *)ctx;

	free(ctx);
	while (getppid() == vigil.parent)
		np_sleep_us(PARENT_US);
	kill(getpid(), vigil.signal);
	return NULL;
}

/* The thread that watches has all signals blocked, so that they are delivered to the threads
 * that expect them. */
void np_os_die_with_parent(int signal)
{
	struct vigil *vigil = malloc(sizeof(*vigil));
	sigset_t all, before;
	pthread_t thread;

	if (!vigil)
		return;
	*vigil = (struct vigil){getppid(), signal};
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, watch_parent, vigil) == 0)
		pthread_detach(thread);
	else
		free(vigil);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}
#endif

int np_os_socket(int family, bool blocks)
{
	int fd = keep_private(socket(family, SOCK_STREAM, 0));

	return blocks ? fd : set_nonblocking(fd);
}

int np_os_accept(int fd, struct sockaddr *peer, socklen_t *len)
{
	return set_nonblocking(keep_private(accept(fd, peer, len)));
}

/* The SIGPIPE of this send is held back and taken away. One that was pending before is not ours
 * and stays. */
ssize_t np_os_send(int fd, const void *data, size_t len)
{
	sigset_t pipe_only, before, waiting;
	bool other;
	ssize_t n;
	int error, taken;

	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
	sigpending(&waiting);
	other = sigismember(&waiting, SIGPIPE) == 1;
	n = send(fd, data, len, 0);
	error = errno;
	if (n < 0 && error == EPIPE && !other) {
		sigpending(&waiting);
		if (sigismember(&waiting, SIGPIPE) == 1)
			sigwait(&pipe_only, &taken);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return n;
}

/* How long data may stay unanswered; keepalive alone does not watch a connection that owes an answer. */
static void bound_unanswered(int fd, int seconds)
{
#if defined(TCP_RXT_CONNDROPTIME) /* macOS: seconds */
	setsockopt(fd, IPPROTO_TCP, TCP_RXT_CONNDROPTIME, &seconds, sizeof(seconds));
#elif defined(TCP_MAXUNACKTIME) /* FreeBSD 14: seconds */
	setsockopt(fd, IPPROTO_TCP, TCP_MAXUNACKTIME, &seconds, sizeof(seconds));
#elif defined(TCP_USER_TIMEOUT) /* RFC 5482's name: milliseconds */
	int ms = seconds * 1000;

	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
#else
	(void)fd;
	(void)seconds;
#endif
}

void np_os_watch_peer(int fd, int seconds)
{
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
#if defined(TCP_KEEPIDLE)
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &one, sizeof(one));
#elif defined(TCP_KEEPALIVE)
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPALIVE, &one, sizeof(one));
#endif
#if defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)
	int probes = seconds - 1;

	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
#endif
	bound_unanswered(fd, seconds);
}

#ifdef O_SEARCH
#define LOOK_UP O_SEARCH
#else
#define LOOK_UP O_RDONLY
#endif

int np_os_open_way(int at, const char *name, int flags)
{
	int fd = openat(at, name, LOOK_UP | flags | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == EMLINK) /* FreeBSD's word for a link */
		errno = ELOOP;
	return fd;
}

bool np_os_is_remote(int fd)
{
#ifdef MNT_LOCAL
	struct statfs fs;

	return fstatfs(fd, &fs) != 0 || !(fs.f_flags & MNT_LOCAL);
#else
	/* The plain system is built on Linux only to try it (OS_PLAIN=1), and never installed. */
	(void)fd;
	return false;
#endif
}

int np_os_sync(int fd)
{
#ifdef F_FULLFSYNC /* macOS: fsync() leaves it in the drive's memory */
	if (fcntl(fd, F_FULLFSYNC) == 0)
		return 0;
#endif
	return fsync(fd);
}

void np_os_sync_soon(int fd)
{
	(void)fd; /* no such call */
}

int np_os_nameless(void)
{
	const char *folder = getenv("TMPDIR");
	char path[256];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/norprog-XXXXXX",
	                     folder && *folder ? folder : "/tmp") >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkstemp(path);
	if (fd >= 0)
		unlink(path);
	return keep_private(fd);
}

/* There is one lock a file here: LIFE. Who looks whether it is held takes it as a shared lock
 * for a moment, and who wants it waits for that. */
int np_os_lock(int fd, enum np_os_lock which)
{
	int ret = -1;

	if (which == NP_OS_GATE)
		return 0;
	for (int i = 0; i < LOOKS && ret; i++) {
		if (i)
			np_sleep_us(LOOK_US);
		ret = flock(fd, LOCK_EX | LOCK_NB);
		if (ret && errno != EWOULDBLOCK)
			return ret;
	}
	if (ret)
		errno = EAGAIN;
	return ret;
}

void np_os_unlock(int fd, enum np_os_lock which)
{
	if (which == NP_OS_LIFE)
		flock(fd, LOCK_UN);
}

bool np_os_is_locked(int fd)
{
	if (flock(fd, LOCK_SH | LOCK_NB) != 0)
		return errno == EWOULDBLOCK;
	flock(fd, LOCK_UN);
	return false;
}

int np_os_compare_places(const char *a, const char *b)
{
	while (*a && *b) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			char *end_a, *end_b;
			unsigned long x = strtoul(a, &end_a, 10), y = strtoul(b, &end_b, 10);

			if (x != y)
				return x < y ? -1 : 1;
			a = end_a;
			b = end_b;
		} else if (*a == *b) {
			a++;
			b++;
		} else {
			break;
		}
	}
	return (unsigned char)*a - (unsigned char)*b;
}
