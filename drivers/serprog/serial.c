/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A serial port. */
#include "serprog/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "serprog/serial_wait.h"
#include "serprog/tty.h"

#define WRITE_US 5000000u

struct tty {
	int fd;
	char path[80];
};

int tty_gone(const char *path, struct np_error *err)
{
	np_fail(err, NP_E_GONE, "%s went away", path);
	return np_hint(err, "check the USB cable, then run `norprog list`");
}

static int tty_write(void *self, const uint8_t *data, size_t len, struct np_error *err)
{
	struct tty *tty = self;

	while (len) {
		ssize_t n = write(tty->fd, data, len);

		if (n > 0) {
			data += n;
			len -= n;
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return tty_gone(tty->path, err);
		if (!serial_wait(tty->fd, POLLOUT, WRITE_US))
			return np_fail(err, NP_E_TIMEOUT, "%s does not take what is sent",
			               tty->path);
	}
	return 0;
}

static int tty_read(void *self, uint8_t *buf, size_t len, uint32_t wait_us, size_t *got,
                    struct np_error *err)
{
	struct tty *tty = self;
	short events;
	ssize_t n;

	*got = 0;
	events = serial_wait(tty->fd, POLLIN, wait_us);
	if (!events)
		return 0;
	if (!(events & POLLIN))
		return tty_gone(tty->path, err);
	n = read(tty->fd, buf, len);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return tty_gone(tty->path, err);
	*got = n > 0 ? (size_t)n : 0;
	return 0;
}

static int tty_set_baud(void *self, uint32_t baud, struct np_error *err)
{
	struct tty *tty = self;

	return tty_rate(tty->fd, tty->path, baud, err);
}

static void tty_close(void *self)
{
	struct tty *tty = self;

	ioctl(tty->fd, TIOCNXCL);
	close(tty->fd);
	free(tty);
}

static const struct serial_ops tty_ops = {
	.write = tty_write,
	.read = tty_read,
	.set_baud = tty_set_baud,
	.now_us = serial_now_us,
	.sleep_us = serial_sleep_us,
	.close = tty_close,
};

static int cannot_open(const char *path, struct np_error *err)
{
	switch (errno) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		np_fail(err, NP_E_NO_PROGRAMMER, "there is no %s", path);
		return np_hint(err, "`norprog list` shows the serial ports that are there");
	case EACCES:
	case EPERM:
		np_fail(err, NP_E_ACCESS, "%s may not be opened by this user", path);
		return np_hint(
			err, "`sudo usermod -aG dialout $USER` (uucp on Arch), then log in again");
	case EBUSY:
		np_fail(err, NP_E_BUSY, "%s is in use by another program", path);
		return np_hint(
			err,
			"`fuser -v %s` names it; ModemManager probes new ports for some seconds",
			path);
	}
	return np_fail(err, NP_E_NO_PROGRAMMER, "%s: %s", path, strerror(errno));
}

static int claim(struct tty *tty, struct np_error *err)
{
	if (!isatty(tty->fd))
		return np_fail(err, NP_E_USAGE, "%s is not a serial port", tty->path);
	if (flock(tty->fd, LOCK_EX | LOCK_NB) || ioctl(tty->fd, TIOCEXCL)) {
		errno = EBUSY;
		return cannot_open(tty->path, err);
	}
	tty_low_latency(tty->fd);
	return tty_set_baud(tty, 115200, err);
}

int serial_open_tty(const char *path, struct serial *serial, struct np_error *err)
{
	struct tty *tty = calloc(1, sizeof(*tty));
	int ret;

	if (!tty)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	snprintf(tty->path, sizeof(tty->path), "%s", path);
	tty->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (tty->fd < 0) {
		ret = cannot_open(path, err);
		free(tty);
		return ret;
	}
	ret = claim(tty, err);
	if (ret) {
		close(tty->fd);
		free(tty);
		return ret;
	}
	serial->ops = &tty_ops;
	serial->self = tty;
	serial->latency_us = 1000;
	serial->slack_us = 400000;
	snprintf(serial->name, sizeof(serial->name), "%s", path);
	return 0;
}
