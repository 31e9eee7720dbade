/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/stop.h"

#include <signal.h>

static volatile sig_atomic_t level;
static _Thread_local struct np_stop *bound;

void np_stop_request(void)
{
	if (level < 2)
		level++;
}

int np_stop_level(void)
{
	int own = bound ? atomic_load(&bound->level) : 0;

	return own > level ? own : level;
}

void np_stop_clear(void)
{
	level = 0;
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

	while (now < 2 && !atomic_compare_exchange_weak(&stop->level, &now, now + 1))
		;
}

void np_stop_forget(struct np_stop *stop)
{
	atomic_store(&stop->level, 0);
}
