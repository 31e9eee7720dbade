/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The emulation's clock. Virtual: it moves only by what the model says a thing costs, and by the
 * client's own pauses (a program that sleeps between polls must not get its sleep for nothing).
 * Real: it is the wall clock.
 */
#ifndef NP_EMU_CLOCK_H
#define NP_EMU_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct emu_clock {
	bool real;
	bool count_pauses;
	uint64_t now_ps;      /* virtual time; in real mode the last reading */
	uint64_t paused_ps;   /* the part of now_ps that was the client's pauses */
	uint64_t pauses;      /* how many */
	uint64_t wall_zero;   /* CLOCK_MONOTONIC nanoseconds */
	uint64_t wall_answer; /* when the client last got an answer; 0: it has asked nothing yet */
	uint64_t
		starved_ns; /* run-queue waits of client and emulator, as of that answer or some before it */
	uint64_t answers;
	int client, client_fd, self_fd; /* whose, and where they are read */
};

/* A wall gap from this on is a pause of the client, below it is the harness at work. */
#define CLOCK_PAUSE_NS 300000u

void clock_init(struct emu_clock *clock, bool real, bool count_pauses);

/* The client (process `pid`) asked something: account its pause, then `cost_ps` of host time
 * (virtual only). Returns now. */
uint64_t clock_asked(struct emu_clock *clock, int pid, uint64_t cost_ps);

/* The client got its answer. */
void clock_answered(struct emu_clock *clock, int pid);

/* Nobody is connected: what passes now is nobody's pause. */
void clock_forget(struct emu_clock *clock);

/* Now; never goes back. */
uint64_t clock_now(struct emu_clock *clock);

/* Virtual: the time is now `at_ps`, if that is later. Real: sleep until then. */
void clock_reach(struct emu_clock *clock, uint64_t at_ps);

#endif
