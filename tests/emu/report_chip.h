/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a report says of the chip: the same from all emulators. */
#ifndef NP_EMU_REPORT_CHIP_H
#define NP_EMU_REPORT_CHIP_H

#include <jansson.h>
#include <stdint.h>

#include "sim/norsim.h"

void report_put(json_t *object, const char *key, uint64_t value);

/* A new object, the caller's. */
json_t *report_chip(const struct norsim_stats *stats);

#endif
