/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chip tables: which part an ID is, by SFDP where parts share one, and merged with SFDP
 * into the row in force. Pure.
 */
#ifndef NP_CHIP_CHIPDB_H
#define NP_CHIP_CHIPDB_H

#include "base/err.h"
#include "chip/chip.h"
#include "chip/sfdp.h"

/* A row by position over all tables, NULL past the end. */
const struct nor_chip *chipdb_at(size_t index);

/* A row by exact name (case-insensitive) among `extra` and the tables, or NULL. Names joined by '/'
 * in a row are each accepted. */
const struct nor_chip *chipdb_by_name(const char *name, const struct nor_chip *extra,
                                      size_t extra_count);

/* The row that a name, another tool's name or a marking fits best (chipdb_names.h), of equals one
 * that answers `id`; exact names win. NULL: none. */
const struct nor_chip *chipdb_by_marking(const char *word, const uint8_t *id, size_t id_len,
                                         const struct nor_chip *extra, size_t extra_count);

/*
 * The rows that `id` (as read by 9Fh, id_len bytes, repetition allowed) and SFDP (NULL: the part
 * has none) fit, best first, into found[]; returns how many, 0 when none. Longer IDs and SFDP
 * matches beat plain 3-byte rows.
 */
size_t chipdb_find(const uint8_t *id, size_t id_len, const struct sfdp *sfdp,
                   const struct nor_chip *extra, size_t extra_count, const struct nor_chip **found,
                   size_t max);

/* A stack of dies that answers with the ID of one, which chipdb_find() never finds, or NULL. */
const struct nor_chip *chipdb_stack(const uint8_t *id, size_t id_len);

/* A row of the tables with this ID that does not take 3.3 V, whatever SFDP says, or NULL. */
const struct nor_chip *chipdb_low_twin(const uint8_t *id, size_t id_len);

/* A row whose ID differs from these three bytes in a bit or two, as a bad contact makes it; only
 * for an ID that no maker's parts begin with. NULL: there is none. */
const struct nor_chip *chipdb_near(const uint8_t *id);

/* A row whose ID these three bytes are when each of their bits came a clock early or late. NULL: there
 * is none. */
const struct nor_chip *chipdb_shifted(const uint8_t *id);

/* What a chip is that answers 9Fh and is no SPI NOR flash ("a DataFlash AT45DB161"), or NULL. */
const char *chipdb_other_kind(const uint8_t *id);

/* The same scheme? */
bool chipdb_prots_equal(const struct nor_prot *a, const struct nor_prot *b);

/*
 * Merge: the row in force from a table row (NULL: unknown chip) and SFDP (NULL: none) into *out,
 * complete: explicit `erase` written to erase[], all times non-zero. The common denominator of
 * `count` candidates. Errors: NP_E_UNKNOWN_CHIP when neither a row nor enough SFDP.
 */
int chipdb_resolve(const struct nor_chip *const *rows, size_t count, const struct sfdp *sfdp,
                   struct nor_chip *out, struct nor_erase erase[NOR_ERASE_TYPES],
                   struct nor_times *times, struct np_error *err);

/* "W25Q64BV/W25Q64CV" of a candidate set, into buf. */
const char *chipdb_names(const struct nor_chip *const *rows, size_t count, char *buf, size_t len);

/* The maker's name of a JEDEC manufacturer byte ("Winbond"), or NULL. */
const char *chipdb_maker(uint8_t id);

#endif
