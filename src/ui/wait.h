/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for another thread until a point in time. On macOS a condition can only wait by the
 * time of day, and a mutex cannot be waited for with a limit. */
#ifndef NP_UI_WAIT_H
#define NP_UI_WAIT_H

#include <errno.h>
#include <pthread.h>
#include <time.h>

#ifdef __APPLE__
#define UI_WAIT_CLOCK CLOCK_REALTIME
#else
#define UI_WAIT_CLOCK CLOCK_MONOTONIC
#endif

/* A condition whose deadlines are of UI_WAIT_CLOCK. */
static inline void ui_wait_make(pthread_cond_t *condition)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
#ifndef __APPLE__
	pthread_condattr_setclock(&attr, UI_WAIT_CLOCK);
#endif
	pthread_cond_init(condition, &attr);
	pthread_condattr_destroy(&attr);
}

/* Like pthread_mutex_lock() until `deadline` of CLOCK_REALTIME: ETIMEDOUT. */
static inline int ui_wait_lock(pthread_mutex_t *mutex, const struct timespec *deadline)
{
#ifdef __APPLE__
	struct timespec now, pause = {0, 10000000};

	while (pthread_mutex_trylock(mutex)) {
		clock_gettime(CLOCK_REALTIME, &now);
		if (now.tv_sec > deadline->tv_sec ||
		    (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec))
			return ETIMEDOUT;
		nanosleep(&pause, NULL);
	}
	return 0;
#else
	return pthread_mutex_timedlock(mutex, deadline);
#endif
}

#endif
