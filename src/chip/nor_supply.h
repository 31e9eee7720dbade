/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a chip may be fed: by the rows that fit it and by its own SFDP. Pure. */
#ifndef NP_CHIP_NOR_SUPPLY_H
#define NP_CHIP_NOR_SUPPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chip/chip.h"
#include "chip/sfdp.h"

enum nor_supply_from { NOR_SUPPLY_UNKNOWN, NOR_SUPPLY_TABLE, NOR_SUPPLY_SFDP };

struct nor_supply {
	enum nor_supply_from from; /* what says it; UNKNOWN: nothing, or the sources differ */
	uint16_t min_mv, max_mv;   /* 0 when it is not known */
	bool suits_3v3;            /* known to take 3.3 V, what nearly all programmers give */
	char why[192];             /* where it is not: a clause, "it is a 1.65-1.95 V part" */
};

/*
 * `rows` are the candidates of an ID whose first byte is `maker_id`; `low_twin` is a row of the
 * same ID that does not take 3.3 V, candidate or not, or NULL; `sfdp` may be NULL. A maker's table
 * in SFDP settles what parts that share the ID leave open, but never makes a part that all rows
 * know as 1.8 V one for 3.3 V.
 */
void nor_supply_find(const struct nor_chip *const *rows, size_t count,
                     const struct nor_chip *low_twin, const struct sfdp *sfdp, uint8_t maker_id,
                     struct nor_supply *supply);

/* "2.7-3.6 V (by its SFDP)", "not known", into buf. Returns `buf`. */
const char *nor_supply_text(const struct nor_supply *supply, char *buf, size_t len);

/* Can a part that takes at most `max_mv` be fed 3.3 V? 0, not known: no. */
bool nor_supply_takes_3v3(uint16_t max_mv);

#endif
