/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time, and sleep that no signal shortens. */
#ifndef NP_BASE_CLOCK_H
#define NP_BASE_CLOCK_H

#include <stdint.h>

/* Microseconds on a clock that only goes forward, from an unknown beginning. */
uint64_t np_now_us(void);

/* Blocks for this long, however many signals arrive meanwhile. */
void np_sleep_us(uint64_t us);

#endif
