/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

#define STARVED_EVERY 8

static uint64_t wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* How long a process has waited for a processor in its life; 0 where the kernel does not tell. */
static uint64_t run_queue_ns(int *fd, const char *path)
{
	unsigned long long ran, waited = 0;
	char text[80];
	ssize_t len;

	if (*fd < 0)
		*fd = open(path, O_RDONLY | O_CLOEXEC);
	len = pread(*fd, text, sizeof(text) - 1, 0);
	if (len <= 0)
		return 0;
	text[len] = 0;
	return sscanf(text, "%llu %llu", &ran, &waited) == 2 ? waited : 0;
}

/* The waits for a processor of client and emulator: on a busy machine these are the machine's
 * doing, not the program's. */
static uint64_t starved_ns(struct emu_clock *clock, int pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	if (clock->client_fd >= 0 && clock->client != pid) {
		close(clock->client_fd);
		clock->client_fd = -1;
	}
	clock->client = pid;
	return run_queue_ns(&clock->client_fd, path) +
	       run_queue_ns(&clock->self_fd, "/proc/self/schedstat");
}

void clock_init(struct emu_clock *clock, bool real, bool count_pauses)
{
	*clock = (struct emu_clock){.real = real,
	                            .count_pauses = count_pauses,
	                            .wall_zero = wall_ns(),
	                            .client_fd = -1,
	                            .self_fd = -1};
}

static void account_pause(struct emu_clock *clock, int pid)
{
	uint64_t gap = wall_ns() - clock->wall_answer, starved;

	if (gap < CLOCK_PAUSE_NS)
		return;
	starved = starved_ns(clock, pid) - clock->starved_ns;
	if (starved >= gap || gap - starved < CLOCK_PAUSE_NS)
		return;
	gap -= starved;
	clock->pauses++;
	clock->paused_ps += gap * PS_PER_NS;
	if (clock->count_pauses)
		clock->now_ps += gap * PS_PER_NS;
}

uint64_t clock_asked(struct emu_clock *clock, int pid, uint64_t cost_ps)
{
	if (clock->real)
		return clock_now(clock);
	if (clock->wall_answer)
		account_pause(clock, pid);
	clock->now_ps += cost_ps;
	return clock->now_ps;
}

void clock_answered(struct emu_clock *clock, int pid)
{
	if (clock->real)
		return;
	/* Asking the kernel costs as much as the rest of an answer. What is some answers old counts a little of
	 * their waits too, far less than what is taken for a pause. */
	if (clock->answers++ % STARVED_EVERY == 0 || clock->client != pid)
		clock->starved_ns = starved_ns(clock, pid);
	clock->wall_answer = wall_ns();
}

void clock_forget(struct emu_clock *clock)
{
	clock->wall_answer = 0;
}

uint64_t clock_now(struct emu_clock *clock)
{
	if (clock->real)
		clock->now_ps = (wall_ns() - clock->wall_zero) * PS_PER_NS;
	return clock->now_ps;
}

void clock_reach(struct emu_clock *clock, uint64_t at_ps)
{
	if (clock->real) {
		uint64_t wall = clock->wall_zero + at_ps / PS_PER_NS;
		struct timespec t = {.tv_sec = (time_t)(wall / 1000000000u),
		                     .tv_nsec = (long)(wall % 1000000000u)};

		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
			;
		clock_now(clock);
	} else if (at_ps > clock->now_ps) {
		clock->now_ps = at_ps;
	}
}
