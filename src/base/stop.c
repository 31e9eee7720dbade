/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/stop.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

/* Written by a signal's handler in one thread and read by others. */
static struct np_stop all;
static _Thread_local struct np_stop *bound;

int np_stop_request(void)
{
	np_stop_ask(&all);
	return atomic_load(&all.level);
}

static const int asking[] = {SIGINT, SIGTERM, SIGHUP};
#define ASKING (sizeof(asking) / sizeof(asking[0]))

/* At the highest level further signals are ignored: if they came faster than they can be
 * handled, no time would be left for the work that is to end. */
static void on_signal(int number)
{
	int saved = errno;

	(void)number;
	if (np_stop_request() >= NP_STOP_MOST)
		for (size_t i = 0; i < ASKING; i++)
			signal(asking[i], SIG_IGN);
	errno = saved;
}

void np_stop_catch(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ASKING; i++)
		if (sigaction(asking[i], NULL, &before) != 0 || before.sa_handler != SIG_IGN)
			sigaction(asking[i], &action, NULL);
}

int np_stop_level(void)
{
	int own = bound ? atomic_load(&bound->level) : 0, level = atomic_load(&all.level);

	return own > level ? own : level;
}

void np_stop_clear(void)
{
	np_stop_forget(&all);
}

struct np_stop *np_stop_bind(struct np_stop *stop)
{
	struct np_stop *before = bound;

	bound = stop;
	return before;
}

void np_stop_ask(struct np_stop *stop)
{
	int now = atomic_load(&stop->level);

	while (now < NP_STOP_MOST && !atomic_compare_exchange_weak(&stop->level, &now, now + 1))
		;
}

void np_stop_forget(struct np_stop *stop)
{
	atomic_store(&stop->level, 0);
}
