/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the build packed into the program with gzip: profiles and the files of the page. */
#ifndef NP_BASE_GUNZIP_H
#define NP_BASE_GUNZIP_H

#include <stddef.h>

#include "base/err.h"

/*
 * Unpack the gzip file of `packed_len` bytes at `packed`, which holds exactly `len` bytes, into *out: allocated,
 * the caller's to free, with a NUL behind them that does not count. Does not block.
 * NP_E_MEMORY; NP_E_FAIL: it is no such file, which means that the program was built wrong.
 */
int np_gunzip(const unsigned char *packed, size_t packed_len, size_t len, char **out,
              struct np_error *err);

#endif
