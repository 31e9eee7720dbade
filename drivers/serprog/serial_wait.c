/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serprog/serial_wait.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

uint64_t serial_now_us(void *self)
{
	struct timespec now;

	(void)self;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000;
}

void serial_sleep_us(void *self, uint32_t us)
{
	struct timespec time = {us / 1000000, us % 1000000 * 1000};

	(void)self;
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time) == EINTR)
		;
}

short serial_wait(int fd, short events, uint32_t wait_us)
{
	uint64_t now = serial_now_us(NULL), end = now + wait_us;
	struct pollfd line = {fd, events, 0};
	int ready;

	do {
		uint64_t left = end > now ? end - now : 0;
		struct timespec wait = {(time_t)(left / 1000000), (long)(left % 1000000 * 1000)};

		ready = ppoll(&line, 1, &wait, NULL);
		now = serial_now_us(NULL);
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return POLLERR;
	return ready ? line.revents : 0;
}
