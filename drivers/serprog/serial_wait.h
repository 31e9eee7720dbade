/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting on a line, and the time, for ttys and sockets alike. */
#ifndef NP_DRIVERS_SERPROG_SERIAL_WAIT_H
#define NP_DRIVERS_SERPROG_SERIAL_WAIT_H

#include <stdint.h>

/* Wait until one of `events` (POLLIN, POLLOUT) or an error shows, at most `wait_us` in all: a signal
 * does not shorten the wait, because whoever called would take that for a time-out. Returns what
 * showed, 0 when nothing did. */
short serial_wait(int fd, short events, uint32_t wait_us);

/* A clock that only goes forward; and a sleep that no signal shortens. `self` is not used. */
uint64_t serial_now_us(void *self);
void serial_sleep_us(void *self, uint32_t us);

#endif
