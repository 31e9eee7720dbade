/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spansion/Cypress S25FL. Identity with extension bytes: U-Boot; opcodes: flashprog; register bits:
 * ufprog. 4K parameter sectors of the hybrid parts are not used: D8h erases them along with their
 * 64K.
 */
#include "nor/chip.h"

#define SOURCE "flashprog; ufprog; U-Boot"
#define TIMES  "data sheet (unverified); chip erase limit: DediProg"
#define KIB    1024U

/* ---- times ----------------------------------------------------------------------------------- */

static const struct nor_times fl_s = {
	.page_typ_us = 340,
	.page_max_us = 3000,
	.sr_typ_us = 140000,
	.sr_max_us = 2000000,
	.erase_64k_typ_us = 130000,
	.erase_64k_max_us = 2600000,
	.erase_256k_typ_us = 520000,
	.erase_256k_max_us = 2600000,
	.chip_typ_ms = 33000,
	.chip_max_ms = 400000,
	.source = TIMES,
};

/* ---- protection ------------------------------------------------------------------------------ */

/* TBPROT sits in the configuration register (35h) and is one-time. */
static const struct nor_prot bp_tb_once = {
	.kind = NOR_PROT_WINBOND,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4)},
	.tb = NOR_BIT(2, 5),
	.tb_otp = true,
	.srp0 = NOR_BIT(1, 7),
	.srp1 = NOR_BIT(2, 0),
};

/* ---- parts ----------------------------------------------------------------------------------- */

#define PART(part, b1, b2, ext, kind, kib)                                                     \
	.name = part, .maker = "Spansion", .id = {0x01, b1, b2, 0x4d, ext, kind}, .id_len = 6, \
	.size = (kib)*KIB, .source = SOURCE, .vcc_min_mv = 2700, .vcc_max_mv = 3600
#define GEN_FL_S                                                                          \
	.times = &fl_s, .prot = &bp_tb_once, .sr_write = NOR_SR_TWO, .qe = NOR_BIT(2, 1), \
	.otp = NOR_OTP_SPANSION, .otp_regs = 1, .otp_reg_size = 1024, .read_mhz = 40,     \
	.fast_mhz = 104, .flags = NOR_F_CLSR | NOR_F_ECC | NOR_F_NO_RESET

static const struct nor_chip rows[] = {
	{PART("S25FL128Sxxxxxx1", 0x20, 0x18, 0x00, 0x80, 16384), .erase_set = NOR_ERASE_256K,
         GEN_FL_S, .note = "order option with uniform 256K sectors"},
	{PART("S25FL128Sxxxxxx0", 0x20, 0x18, 0x01, 0x80, 16384), .erase_set = NOR_ERASE_64K,
         GEN_FL_S, .note = "order option with 64K sectors and 4K parameter sectors"},
	{PART("S25FL127S", 0x20, 0x18, 0x01, 0x80, 16384), .erase_set = NOR_ERASE_64K, GEN_FL_S},
};

const struct nor_chip_table chips_spansion = {rows, sizeof(rows) / sizeof(rows[0])};
