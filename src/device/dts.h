/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device tree sources: compiled by dtc where it is installed. */
#ifndef NP_DEVICE_DTS_H
#define NP_DEVICE_DTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Compile the file at `path` into a malloc()ed tree of at most `max` bytes. Waits for dtc, at most ten
 * seconds. Errors: NP_E_INPUT: there is no dtc (the hint says how to go on), or it does not take the
 * file, with the first line of what it says; NP_E_MEMORY. */
int dts_compile(const char *path, size_t max, uint8_t **tree, size_t *len, struct np_error *err);

#endif
