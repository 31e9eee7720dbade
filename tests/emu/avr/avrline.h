/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulated board as the serprog driver's line, in one process and in simulated time throughout:
 * the host takes no time, an answer takes the board's latency, and every figure repeats to the last
 * digit. */
#ifndef AVRLINE_H
#define AVRLINE_H

#include "avrdev.h"
#include "serprog/serial.h"

/* Make a line of a board; closing the line leaves the board. */
void avrline_open(struct avrdev *dev, struct serial *serial);

#endif
