/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SFDP as parts of one ID differ in it. */
#ifndef NP_TEST_TWINS_H
#define NP_TEST_TWINS_H

#include "chip/sfdp.h"

/* Of this minor revision and size, with the usual three erases. */
struct sfdp sfdp_of(uint8_t minor, uint64_t size);

/* The same, with another dword of the basic table; they count from 1. */
struct sfdp sfdp_with(struct sfdp sfdp, unsigned number, uint32_t value);

#endif
