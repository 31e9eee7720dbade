/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By POSIX's termios. FreeBSD and macOS write a rate as its number and take what the port can do; others
 * have a name for each of the classic ones. */
#include "serprog/tty.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "serprog/serial.h"

static bool speed_of(uint32_t baud, speed_t *speed)
{
#if B9600 == 9600
	*speed = baud;
	return true;
#else
	static const struct {
		uint32_t baud;
		speed_t speed;
	} classic[] = {
		{9600, B9600},       {19200, B19200},     {38400, B38400},     {57600, B57600},
		{115200, B115200},   {230400, B230400},
#ifdef B4000000
		{460800, B460800},   {500000, B500000},   {576000, B576000},   {921600, B921600},
		{1000000, B1000000}, {1152000, B1152000}, {1500000, B1500000}, {2000000, B2000000},
		{2500000, B2500000}, {3000000, B3000000}, {3500000, B3500000}, {4000000, B4000000},
#endif
	};

	for (size_t i = 0; i < sizeof(classic) / sizeof(classic[0]); i++) {
		*speed = classic[i].speed;
		if (classic[i].baud == baud)
			return true;
	}
	return false;
#endif
}

static int refuse(const char *path, uint32_t baud, const char *why, struct np_error *err)
{
	np_fail(err, NP_E_UNSUPPORTED, "%s cannot be set to %u baud: %s", path, baud, why);
	return np_hint(err, "choose a usual rate: baud=115200, or 230400 where the board has it");
}

int tty_rate(int fd, const char *path, uint32_t baud, struct np_error *err)
{
	struct termios tio;
	speed_t speed;

	if (tcgetattr(fd, &tio))
		return tty_gone(path, err);
	if (!speed_of(baud, &speed))
		return refuse(path, baud, "this system knows no such rate", err);
	tio.c_iflag = tio.c_oflag = tio.c_lflag = 0;
	tio.c_cflag = CS8 | CREAD | CLOCAL;
	tio.c_cc[VMIN] = 0;
	tio.c_cc[VTIME] = 0;
	if (cfsetispeed(&tio, speed) || cfsetospeed(&tio, speed) || tcsetattr(fd, TCSAFLUSH, &tio))
		return refuse(path, baud, strerror(errno), err);
	/* tcsetattr() is content when any of the settings could be made. */
	if (tcgetattr(fd, &tio) || cfgetospeed(&tio) != speed)
		return refuse(path, baud, "it keeps another rate", err);
	return 0;
}

void tty_low_latency(int fd)
{
	(void)fd;
}

/* FreeBSD's and macOS's names for USB adapters, and Linux's, where this is only tried. */
static bool is_adapter(const char *node)
{
	static const char *const heads[] = {"cuaU", "cu.usb", "ttyACM", "ttyUSB"};
	const char *dot = strrchr(node, '.');

	/* cuaU0.init and cuaU0.lock hold settings. */
	if (strncmp(node, "cuaU", 4) == 0 && dot)
		return false;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (strncmp(node, heads[i], strlen(heads[i])) == 0)
			return true;
	return false;
}

int serial_list(spi_found_fn *fn, void *ctx, struct np_error *err)
{
	DIR *dir = opendir("/dev");
	const struct dirent *entry;

	(void)err;
	while (dir && (entry = readdir(dir))) {
		struct spi_found found = {.driver = "serprog"};

		if (!is_adapter(entry->d_name))
			continue;
		snprintf(found.where, sizeof(found.where), "/dev/%.100s", entry->d_name);
		snprintf(found.spec, sizeof(found.spec), "serprog:dev=/dev/%.100s", entry->d_name);
		found.may_open = access(found.where, R_OK | W_OK) == 0;
		if (!found.may_open)
			snprintf(found.note, sizeof(found.note),
			         "not yours to open: become a member of its group (`ls -l %.100s`)",
			         found.where);
		fn(ctx, &found);
	}
	if (dir)
		closedir(dir);
	return 0;
}
