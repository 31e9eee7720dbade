/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"

#include <errno.h>
#include <time.h>

#include "base/os.h"

uint64_t np_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Sleep until a point in time. Sleeping again for what was left would never end under signals
 * that come without a pause. */
void np_sleep_us(uint64_t us)
{
	uint64_t end = np_now_us() + us;
	struct timespec until = {(time_t)(end / 1000000), (long)(end % 1000000 * 1000)};

	while (us && np_os_sleep_until(&until) == EINTR)
		;
}
