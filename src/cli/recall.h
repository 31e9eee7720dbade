/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a backup of this very chip knows need not be read from it to recognise the device. */
#ifndef NP_CLI_RECALL_H
#define NP_CLI_RECALL_H

#include "cli/session.h"
#include "base/ranges.h"

/*
 * Where reading `places` would take long, fill the chip-sized `image` there from the last whole
 * backup of this chip, known by its unique ID, and take out of `places` what need not be read any
 * more. No such backup: nothing is done. The job still checks on the chip that the profile's MAC is
 * one. Errors: NP_E_MEMORY, NP_E_INPUT.
 */
int recall_places(struct session *session, struct np_ranges *places, uint8_t *image,
                  struct np_error *err);

#endif
