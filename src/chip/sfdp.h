/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JESD216 parameter tables: bytes in, facts out. Pure; every length and pointer is bounded, and a
 * table that contradicts itself is refused with the reason.
 */
#ifndef NP_CHIP_SFDP_H
#define NP_CHIP_SFDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "chip/chip.h"

#define SFDP_BFPT_MAX 24 /* dwords kept */

struct sfdp {
	uint8_t major, minor; /* of the SFDP header */
	uint8_t bfpt_major, bfpt_minor;
	uint32_t bfpt[SFDP_BFPT_MAX];
	size_t bfpt_len;                         /* dwords */
	uint64_t size;                           /* bytes */
	uint32_t page;                           /* 256 when the table does not say */
	bool has_times;                          /* JESD216A and later */
	struct nor_erase erase[NOR_ERASE_TYPES]; /* smallest first; times 0 when !has_times */
	size_t erase_count;
	uint32_t page_typ_us, page_max_us;
	uint32_t chip_typ_ms, chip_max_ms;
	bool has_qer; /* JESD216A and later */
	uint8_t qer;  /* quad enable requirement, 0..7 */
	bool addr4_only, addr4_native, addr4_enter, addr4_enter_we, addr4_bank, addr4_brwr;
	bool volatile_sr, volatile_sr_50h;
	bool soft_reset;     /* 66h + 99h */
	bool has_sector_map; /* uneven erase map (FF81h): told, not used for erasing */
	/* The maker's own table, where it is of the usual form: whose, and the supply. 0: none */
	uint8_t maker_id;
	uint16_t vcc_min_mv, vcc_max_mv;
};

/*
 * What of the SFDP space the parser still needs: start by passing got = 0 (data may be NULL).
 * Returns the bytes needed in total (up to 4096) as far as the headers in data[0..got) tell; equal
 * to or less than `got` when nothing more is needed; 0 when there is no SFDP signature.
 */
size_t sfdp_needed(const uint8_t *data, size_t got);

/* Where the last table ends that the headers in data[0..got) name, known to the parser or not; at
 * most 4096. 0 when there is no SFDP signature or the headers are not all there. */
size_t sfdp_extent(const uint8_t *data, size_t got);

/* Parse. Errors: NP_E_UNSUPPORTED (no SFDP, or refused: the message says why). */
int sfdp_parse(const uint8_t *data, size_t len, struct sfdp *sfdp, struct np_error *err);

/* Human-readable dump, several lines, into buf; for detect -v. */
void sfdp_describe(const struct sfdp *sfdp, char *buf, size_t len);

#endif
