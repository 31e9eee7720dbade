/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files, read. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io_priv.h"
#include "base/stop.h"

#define LOOK_UP_MS 100 /* for a stop request, while a pipe is empty */

/* Wait for the writer of a pipe that is empty just now. False when a stop was asked for. */
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

int io_read_all(int fd, size_t max, uint8_t **data, size_t *len)
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

int io_read_failed(const char *path, size_t max, int error, struct np_error *err)
{
	if (error == ENOMEM)
		return np_fail(err, NP_E_MEMORY, "%s: out of memory", path);
	if (error == EINTR)
		return np_fail(err, NP_E_INTERRUPTED, "%s: stopped on request", path);
	if (error == EFBIG)
		return np_fail(err, NP_E_INPUT, "%s: longer than %zu bytes", path, max);
	return np_fail_file(err, path, error);
}

int np_io_read(const char *path, size_t max, uint8_t **data, size_t *len, struct np_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error;

	if (fd < 0)
		return io_read_failed(path, max, errno, err);
	error = io_read_all(fd, max, data, len);
	close(fd);
	return error ? io_read_failed(path, max, error, err) : 0;
}
