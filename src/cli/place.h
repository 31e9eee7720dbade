/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware files have a place on the chip, and most of them it is not address 0. */
#ifndef NP_CLI_PLACE_H
#define NP_CLI_PLACE_H

#include "cli/session.h"

/*
 * Look at the beginning of FILE before anything is read or written: what --strip leaves out goes to
 * session->skip. Refused (NP_E_POLICY): an upgrade file, kernel or file system for address 0 or for
 * the whole chip; a vendor's header or boot loader that does not belong where --at says.
 * NP_E_USAGE: --strip of a file with nothing in front. Errors: NP_E_INPUT, NP_E_MEMORY.
 */
int place_check(struct session *session, const char *path, struct np_error *err);

#endif
