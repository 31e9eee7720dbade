/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/stop.h"

#include <signal.h>

static volatile sig_atomic_t level;

void np_stop_request(void)
{
	if (level < 2)
		level++;
}

int np_stop_level(void)
{
	return level;
}

void np_stop_clear(void)
{
	level = 0;
}
