/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of a serial port that systems do each in their way: tty_linux.c, tty_posix.c. The latter also have
 * serial_list() of serial.h. */
#ifndef NP_DRIVERS_SERPROG_TTY_H
#define NP_DRIVERS_SERPROG_TTY_H

#include <stdint.h>

#include "base/err.h"

/* Raw, 8 bits, no parity, at `baud`; what was received so far is thrown away. NP_E_GONE,
 * NP_E_UNSUPPORTED when the port or the system has no such rate. `path` is for the message. */
int tty_rate(int fd, const char *path, uint32_t baud, struct np_error *err);

/* FTDI adapters hold small answers back for 16 ms unless told otherwise; others refuse the call. */
void tty_low_latency(int fd);

/* Fails with NP_E_GONE. */
int tty_gone(const char *path, struct np_error *err);

#endif
