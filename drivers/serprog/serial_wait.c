/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serprog/serial_wait.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "base/clock.h"
#include "base/os.h"

uint64_t serial_now_us(void *self)
{
	(void)self;
	return np_now_us();
}

void serial_sleep_us(void *self, uint32_t us)
{
	(void)self;
	np_sleep_us(us);
}

short serial_wait(int fd, short events, uint32_t wait_us)
{
	uint64_t now = np_now_us(), end = now + wait_us, left;
	struct pollfd line = {fd, events, 0};
	int ready;

	/* With a signal waiting, np_os_poll() is interrupted even when it has no time left to wait. */
	do {
		struct timespec wait;

		left = end > now ? end - now : 0;
		wait = (struct timespec){(time_t)(left / 1000000), (long)(left % 1000000 * 1000)};
		ready = np_os_poll(&line, 1, &wait, NULL);
		now = np_now_us();
	} while (ready < 0 && errno == EINTR && left);
	if (ready < 0)
		return left ? POLLERR : 0;
	return ready ? line.revents : 0;
}
