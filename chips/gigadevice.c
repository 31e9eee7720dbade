/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GigaDevice GD25. Identity, opcodes and register bits: flashprog and ufprog. B revisions have no
 * SFDP and take SR2 only as the second byte of 01h; C and later from 32 Mbit up write it with 31h.
 */
#include "nor/chip.h"

#define SOURCE "flashprog; ufprog; DediProg"
#define TIMES  "data sheet (unverified); chip erase: DediProg"
#define KIB    1024U

#define ALL_SIZES (NOR_ERASE_4K | NOR_ERASE_32K | NOR_ERASE_64K)
#define NO_SFDP   .match = {.want_no_sfdp = true}
#define SFDP_1_0  .match = {.want_sfdp = true, .sfdp_minor_max = 4}
#define SFDP_A_UP .match = {.sfdp_minor_min = 5}

/* ---- times ----------------------------------------------------------------------------------- */

static const struct nor_times gd25q = {
	.page_typ_us = 600,
	.page_max_us = 2400,
	.sr_typ_us = 10000,
	.sr_max_us = 30000,
	.erase_4k_typ_us = 50000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 160000,
	.erase_32k_max_us = 800000,
	.erase_64k_typ_us = 220000,
	.erase_64k_max_us = 1200000,
	.source = TIMES,
};

/* ---- protection ------------------------------------------------------------------------------ */

#define BP_SEC_CMP                                                                              \
	.kind = NOR_PROT_WINBOND, .bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4)},          \
	.tb = NOR_BIT(1, 5), .sec = NOR_BIT(1, 6), .cmp = NOR_BIT(2, 6), .srp0 = NOR_BIT(1, 7), \
	.srp1 = NOR_BIT(2, 0)

static const struct nor_prot bp_sec_cmp = {BP_SEC_CMP};
static const struct nor_prot bp_sec_cmp_wps = {BP_SEC_CMP, .wps = NOR_BIT(3, 2)};

/* ---- parts ----------------------------------------------------------------------------------- */

#define PART(part, type, code, kib)                                                 \
	.name = part, .maker = "GigaDevice", .id = {0xc8, type, code}, .id_len = 3, \
	.size = (kib)*KIB, .source = SOURCE, .erase_set = ALL_SIZES
#define V33         .vcc_min_mv = 2700, .vcc_max_mv = 3600
#define SECREG(len) .otp = NOR_OTP_SECREG, .otp_regs = 3, .otp_first = 1, .otp_reg_size = len

#define GEN_B                                                                                     \
	.times = &gd25q, .prot = &bp_sec_cmp, .sr_write = NOR_SR_TWO_CLEARS, .qe = NOR_BIT(2, 1), \
	.read_mhz = 33, .fast_mhz = 80, .flags = NOR_F_NO_RESET
#define GEN_C(prot_)                                                                      \
	.times = &gd25q, .prot = prot_, .sr_write = NOR_SR_SEPARATE, .qe = NOR_BIT(2, 1), \
	.uid = NOR_UID_GD16, .read_mhz = 33, .fast_mhz = 104, .flags = NOR_F_VOLATILE_SR

static const struct nor_chip rows[] = {
	/* 8 MiB */
	{PART("GD25Q64/GD25Q64B/GD25B64B", 0x40, 0x17, 8192), GEN_B, V33, NO_SFDP},
	{PART("GD25Q64C/GD25B64C", 0x40, 0x17, 8192), GEN_C(&bp_sec_cmp), SECREG(1024), V33,
         SFDP_1_0},
	{PART("GD25Q64E/GD25B64E", 0x40, 0x17, 8192), GEN_C(&bp_sec_cmp), SECREG(1024), V33,
         SFDP_A_UP},

	/* 16 MiB */
	{PART("GD25Q128B/GD25B128B", 0x40, 0x18, 16384), GEN_B, V33, NO_SFDP},
	{PART("GD25Q128C/GD25B128C", 0x40, 0x18, 16384), GEN_C(&bp_sec_cmp_wps), SECREG(512), V33,
         SFDP_1_0, .note = "reads only up to 50 MHz on some boards"},
	{PART("GD25Q127C/GD25B127D", 0x40, 0x18, 16384), GEN_C(&bp_sec_cmp), SECREG(512), V33,
         SFDP_1_0},
	{PART("GD25Q128E/GD25B128E", 0x40, 0x18, 16384), GEN_C(&bp_sec_cmp), SECREG(1024), V33,
         SFDP_A_UP},
};

const struct nor_chip_table chips_gigadevice = {rows, sizeof(rows) / sizeof(rows[0])};
