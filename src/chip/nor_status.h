/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Status registers as facts: protection bits to address ranges and back. Pure. */
#ifndef NP_CHIP_NOR_STATUS_H
#define NP_CHIP_NOR_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/units.h"
#include "chip/chip.h"

/* sr[0] = SR1, sr[1] = SR2, sr[2] = SR3, sr[3] = see enum nor_reg4. */

/* How many of SR1..SR3 a part has (1..3), and what sr[3] is. */
size_t nor_status_count(const struct nor_chip *chip);
enum nor_reg4 nor_status_reg4(const struct nor_chip *chip);

/* The range protected by `sr`; len 0: nothing. False when the scheme is not known (NOR_PROT_NONE
 * with BP bits set). For NOR_PROT_SECTORS, and while WPS selects individual locks, the whole chip
 * is reported as protected when any lock shows or may hold: see nor_status_lock_kind(). With CMP
 * the complement of a middle-less range is always one range. */
bool nor_status_protected(const struct nor_chip *chip, const uint8_t sr[4], struct np_range *range);

/* Locks of single sectors or blocks. */
enum nor_lock_kind {
	NOR_LOCK_NONE,
	NOR_LOCK_BLOCKS, /* Winbond with WPS set: 3Dh reads, 36h closes, 39h opens */
	NOR_LOCK_ATMEL,  /* 3Ch reads */
};

/* Those in force under `sr`; `*some`: they have to be read one by one to know which are closed. */
enum nor_lock_kind nor_status_lock_kind(const struct nor_chip *chip, const uint8_t sr[4],
                                        bool *some);

/* The bits of SR1 that read back as written. */
uint8_t nor_status_readable(const struct nor_chip *chip);

/* What to write so that a chip that read `sr` reads so again. Where only "some" or "all" can be
 * seen (sector locks) and some are locked, all become so. */
void nor_status_again(const struct nor_chip *chip, const uint8_t sr[4], uint8_t to[4]);

/* `to` = `from` with all protection cleared: BP, TB (never a one-time TB), SEC, CMP and WPS bits 0;
 * QE, LB and everything else kept; BUSY, WEL 0. SRP bits are kept. */
void nor_status_clear(const struct nor_chip *chip, const uint8_t from[4], uint8_t to[4]);

/* `to` = `from` changed to protect exactly `range`. False when it cannot be expressed; then
 * *nearest is the smallest expressible range that covers it (len 0: none). */
bool nor_status_encode(const struct nor_chip *chip, const uint8_t from[4], struct np_range range,
                       uint8_t to[4], struct np_range *nearest);

/* SRP0/SRP1 as facts: `srp` (WP# low forbids status writes), `locked` (lock-down until power-up or
 * for ever). */
void nor_status_locks(const struct nor_chip *chip, const uint8_t sr[4], bool *srp, bool *locked);

/* Atmel: while the sector protection registers are locked (SPRL) a status write changes nothing but
 * that lock. True when `sr` is so; then `open` is what to write first. */
bool nor_status_sectors_held(const struct nor_chip *chip, const uint8_t sr[4], uint8_t open[4]);

/* The block protect bits that are set, by name: "BP0 BP2"; "" when none is. Where the row names
 * none, those where they usually are. Returns `buf`. */
const char *nor_status_bits_set(const struct nor_chip *chip, const uint8_t sr[4], char *buf,
                                size_t len);

/* What the bits of `sr` mean to a user who wants to know why a write is refused and what can be
 * done: a line each, several or none, into buf. Returns `buf`. */
const char *nor_status_explain(const struct nor_chip *chip, const uint8_t sr[4], char *buf,
                               size_t len);

#endif
