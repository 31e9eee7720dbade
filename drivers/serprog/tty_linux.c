/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's termios2 takes any rate; libc's termios knows only the classic ones, so this file speaks to
 * the kernel directly. */
#include "serprog/tty.h"

#include <asm/termbits.h>
#include <dirent.h>
#include <errno.h>
#include <linux/serial.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "serprog/serial.h"

int tty_rate(int fd, const char *path, uint32_t baud, struct np_error *err)
{
	struct termios2 tio;

	if (ioctl(fd, TCGETS2, &tio))
		return tty_gone(path, err);
	tio.c_iflag = tio.c_oflag = tio.c_lflag = 0;
	tio.c_cflag = CS8 | CREAD | CLOCAL | BOTHER | BOTHER << IBSHIFT;
	tio.c_ispeed = tio.c_ospeed = baud;
	tio.c_cc[VMIN] = 0;
	tio.c_cc[VTIME] = 0;
	if (ioctl(fd, TCSETSF2, &tio))
		return np_fail(err, NP_E_UNSUPPORTED, "%s cannot be set to %u baud: %s", path, baud,
		               strerror(errno));
	return 0;
}

void tty_low_latency(int fd)
{
	struct serial_struct settings;

	if (ioctl(fd, TIOCGSERIAL, &settings))
		return;
	settings.flags |= ASYNC_LOW_LATENCY;
	ioctl(fd, TIOCSSERIAL, &settings);
}

static void read_line(const char *dir, const char *file, char *buf, size_t len)
{
	char path[512];
	FILE *in;

	buf[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s", dir, file);
	in = fopen(path, "re");
	if (!in)
		return;
	if (!fgets(buf, (int)len, in))
		buf[0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	fclose(in);
}

/* The USB device is the interface's parent: one step up for ttyACM, two for ttyUSB. */
static void describe(const char *node, struct spi_found *found)
{
	char dir[384];
	bool acm = strncmp(node, "ttyACM", 6) == 0;

	snprintf(dir, sizeof(dir), "/sys/class/tty/%s/device/%s", node, acm ? ".." : "../..");
	read_line(dir, "product", found->product, sizeof(found->product));
	read_line(dir, "serial", found->serial, sizeof(found->serial));
	snprintf(found->bound, sizeof(found->bound), "%s", acm ? "cdc_acm" : "usb-serial");
}

static void tell(const char *node, spi_found_fn *fn, void *ctx)
{
	struct spi_found found = {.driver = "serprog"};

	snprintf(found.where, sizeof(found.where), "/dev/%.100s", node);
	snprintf(found.spec, sizeof(found.spec), "serprog:dev=/dev/%.100s", node);
	describe(node, &found);
	found.may_open = access(found.where, R_OK | W_OK) == 0;
	if (!found.may_open)
		snprintf(found.note, sizeof(found.note),
		         "not yours to open: `sudo usermod -aG dialout $USER`, then log in again");
	fn(ctx, &found);
}

int serial_list(spi_found_fn *fn, void *ctx, struct np_error *err)
{
	DIR *dir = opendir("/sys/class/tty");
	struct dirent *entry;

	(void)err;
	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, "ttyACM", 6) == 0 ||
		    strncmp(entry->d_name, "ttyUSB", 6) == 0)
			tell(entry->d_name, fn, ctx);
	closedir(dir);
	return 0;
}
