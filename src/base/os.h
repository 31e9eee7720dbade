/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one system has and another does not: os_linux.c has it by the system's own calls, os_posix.c by those
 * that FreeBSD and macOS have too. The Makefile takes the first where its calls are found; OS_PLAIN=1
 * takes the second on Linux, to try it. Errors are an errno in `errno` and -1, unless said otherwise.
 */
#ifndef NP_BASE_OS_H
#define NP_BASE_OS_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

/* ---- processes and time ---- */

/* A pipe whose ends no program that is started inherits. */
int np_os_pipe(int fds[2]);

/* Wait like poll(), at most `wait` (NULL: as long as it takes), with the signals of `mask` blocked only
 * meanwhile (NULL: as they are). Taking over the mask and waiting are one step, so that no signal
 * is slept over. EINTR after a signal. */
int np_os_poll(struct pollfd *fds, size_t count, const struct timespec *wait, const sigset_t *mask);

/* Sleep until a point of CLOCK_MONOTONIC; 0 or an errno (EINTR after a signal). */
int np_os_sleep_until(const struct timespec *at);

/* In a child: `signal` is sent to it when its parent dies. */
void np_os_die_with_parent(int signal);

/* ---- sockets ---- */

/* A stream socket that no program that is started inherits, and that does not block where wanted. */
int np_os_socket(int family, bool blocks);

/* The next connection; it does not block, and nobody inherits it. */
int np_os_accept(int fd, struct sockaddr *peer, socklen_t *len);

/* Like send(), without SIGPIPE when the other end is gone: EPIPE. */
ssize_t np_os_send(int fd, const void *data, size_t len);

/* Notice within `seconds` that the other end's computer is gone, while nothing or something is owed. */
void np_os_watch_peer(int fd, int seconds);

/* ---- files ---- */

/* Open a folder to look things up in it, which needs no right to list it. `flags`: O_NOFOLLOW or 0.
 * ELOOP or ENOTDIR when that forbade a link. */
int np_os_open_way(int at, const char *name, int flags);

/* Is this folder's file system on another machine, or not to be told? Locks need not be seen there. */
bool np_os_is_remote(int fd);

/* What was written is on the medium. */
int np_os_sync(int fd);

/* Begin to write that, where the system can be asked to, and do not wait. */
void np_os_sync_soon(int fd);

/* When the file was written. */
struct timespec np_os_written(const struct stat *st);

/* A new file without a name, gone when it is closed. */
int np_os_nameless(void);

/* Two locks of an open file, not of the process: two jobs in one process exclude each other too. They end
 * with np_os_unlock() and with the last descriptor of the open file. GATE may be no lock at all
 * where the system has one a file. */
enum np_os_lock { NP_OS_LIFE, NP_OS_GATE };

/* Takes it at once, or EAGAIN when another has it. `fd` is open for writing. */
int np_os_lock(int fd, enum np_os_lock which);
void np_os_unlock(int fd, enum np_os_lock which);

/* Does another hold LIFE? `fd` may be open for reading only. */
bool np_os_is_locked(int fd);

/* ---- what C libraries lack ---- */

/* Up to 256 bytes from the system's random numbers. */
int np_os_random(void *bytes, size_t len);

/* Like realloc() to `count` pieces of `size`; NULL also when the product is too large. */
void *np_os_grow(void *at, size_t count, size_t size);

/* Like strcmp(), but numbers in the texts by their value: "1-2" before "1-10". */
int np_os_compare_places(const char *a, const char *b);

/* The environment that programs are started with. */
char **np_os_environ(void);

#endif
