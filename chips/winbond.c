/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Winbond W25Q/W25X. Identity, opcodes and register bits: flashprog and ufprog agree unless noted.
 * Times without SFDP: data sheets as remembered, hence unverified; chip erase: DediProg.
 */
#include "nor/chip.h"

#define SOURCE "flashprog; ufprog; DediProg"
#define TIMES  "data sheet (unverified); chip erase: DediProg"
#define KIB    1024U

#define ALL_SIZES   (NOR_ERASE_4K | NOR_ERASE_32K | NOR_ERASE_64K)
#define NO_32K      (NOR_ERASE_4K | NOR_ERASE_64K)
#define SFDP_1_0    .match = {.want_sfdp = true, .sfdp_minor_max = 4}
#define SFDP_A      .match = {.sfdp_minor_min = 5, .sfdp_minor_max = 5}
#define SFDP_B_UP   .match = {.sfdp_minor_min = 6}
#define SFDP_A_UP   .match = {.sfdp_minor_min = 5}
#define SFDP_QPI    .match = {.sfdp_minor_max = 4, QPI_BIT, .bfpt_value = 1 << 4}
#define SFDP_NO_QPI .match = {.sfdp_minor_max = 4, QPI_BIT}
#define QPI_BIT     .want_sfdp = true, .bfpt_dword = 5, .bfpt_mask = 1 << 4 /* 4-4-4 reads */

/* ---- times ----------------------------------------------------------------------------------- */

static const struct nor_times w25q_old = {
	.page_typ_us = 700,
	.page_max_us = 3000,
	.sr_typ_us = 10000,
	.sr_max_us = 15000,
	.erase_4k_typ_us = 45000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 120000,
	.erase_32k_max_us = 800000,
	.erase_64k_typ_us = 150000,
	.erase_64k_max_us = 1000000,
	.source = TIMES,
};

static const struct nor_times w25q_new = {
	.page_typ_us = 700,
	.page_max_us = 3000,
	.sr_typ_us = 10000,
	.sr_max_us = 15000,
	.erase_4k_typ_us = 45000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 120000,
	.erase_32k_max_us = 1600000,
	.erase_64k_typ_us = 150000,
	.erase_64k_max_us = 2000000,
	.source = TIMES,
};

static const struct nor_times w25q64 = {
	.page_typ_us = 700,
	.page_max_us = 3000,
	.sr_typ_us = 10000,
	.sr_max_us = 15000,
	.erase_4k_typ_us = 45000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 120000,
	.erase_32k_max_us = 1600000,
	.erase_64k_typ_us = 150000,
	.erase_64k_max_us = 2000000,
	.chip_typ_ms = 20000,
	.chip_max_ms = 100000,
	.source = TIMES,
};

/* ---- protection ------------------------------------------------------------------------------ */

#define BP_3   .bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4)}
#define BP_4   .bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5)}
#define SRP_01 .srp0 = NOR_BIT(1, 7), .srp1 = NOR_BIT(2, 0)

static const struct nor_prot bp_sec = {
	.kind = NOR_PROT_WINBOND,
	BP_3,
	.tb = NOR_BIT(1, 5),
	.sec = NOR_BIT(1, 6),
	SRP_01,
};

static const struct nor_prot bp_sec_cmp = {
	.kind = NOR_PROT_WINBOND,
	BP_3,
	.tb = NOR_BIT(1, 5),
	.sec = NOR_BIT(1, 6),
	.cmp = NOR_BIT(2, 6),
	SRP_01,
};

static const struct nor_prot bp_sec_cmp_wps = {
	.kind = NOR_PROT_WINBOND,
	BP_3,
	.tb = NOR_BIT(1, 5),
	.sec = NOR_BIT(1, 6),
	.cmp = NOR_BIT(2, 6),
	SRP_01,
	.wps = NOR_BIT(3, 2),
};

static const struct nor_prot bp4_cmp_wps = {
	.kind = NOR_PROT_BLOCKS,
	BP_4,
	.tb = NOR_BIT(1, 6),
	.cmp = NOR_BIT(2, 6),
	SRP_01,
	.wps = NOR_BIT(3, 2),
};

/* ---- generations ----------------------------------------------------------------------------- */

#define PART(part, type, code, kib)                                              \
	.name = part, .maker = "Winbond", .id = {0xef, type, code}, .id_len = 3, \
	.size = (kib)*KIB, .source = SOURCE
#define V33    .vcc_min_mv = 2700, .vcc_max_mv = 3600
#define V18    .vcc_min_mv = 1650, .vcc_max_mv = 1950
#define SECREG .otp = NOR_OTP_SECREG, .otp_regs = 3, .otp_first = 1, .otp_reg_size = 256

/* No complement, no security registers, no volatile status write. */
#define GEN_BV                                                                                 \
	.erase_set = ALL_SIZES, .times = &w25q_old, .prot = &bp_sec,                           \
	.sr_write = NOR_SR_TWO_CLEARS, .qe = NOR_BIT(2, 1), .uid = NOR_UID_4B, .read_mhz = 33, \
	.fast_mhz = 80, .flags = NOR_F_NO_RESET

/* 01h with one byte clears SR2. */
#define GEN_CV(times_)                                                                 \
	.erase_set = ALL_SIZES, .times = times_, .prot = &bp_sec_cmp,                  \
	.sr_write = NOR_SR_TWO_CLEARS, .qe = NOR_BIT(2, 1), .uid = NOR_UID_4B, SECREG, \
	.read_mhz = 33, .flags = NOR_F_VOLATILE_SR

/* SR3, individual block locks, 98h. */
#define GEN_JV(times_)                                                               \
	.erase_set = ALL_SIZES, .times = times_, .prot = &bp_sec_cmp_wps,            \
	.sr_write = NOR_SR_SEPARATE, .qe = NOR_BIT(2, 1), .uid = NOR_UID_4B, SECREG, \
	.read_mhz = 33, .flags = NOR_F_VOLATILE_SR | NOR_F_GBULK

/* Above 16 MiB; opcodes with four address bytes exist for 4K and 64K only. */
#define GEN_256                                                                \
	.times = &w25q_new, .prot = &bp4_cmp_wps, .sr_write = NOR_SR_SEPARATE, \
	.qe = NOR_BIT(2, 1), .uid = NOR_UID_4B, SECREG, .read_mhz = 33

static const struct nor_chip rows[] = {
	/* 2 MiB */
	{PART("W25Q16V/W25Q16BV/W25Q16CL/W25Q16CV/W25Q16DV", 0x40, 0x15, 2048), GEN_CV(&w25q_old),
         .fast_mhz = 50, V33},
	{PART("W25Q16JV", 0x40, 0x15, 2048), GEN_JV(&w25q_new), .fast_mhz = 104, V33, SFDP_A_UP},
	{PART("W25Q16DW", 0x60, 0x15, 2048), GEN_CV(&w25q_new), .fast_mhz = 80, V18},
	{PART("W25Q16FW/W25Q16JW", 0x60, 0x15, 2048), GEN_JV(&w25q_new), .fast_mhz = 80, V18,
         SFDP_A_UP},
	{PART("W25Q16JV-M", 0x70, 0x15, 2048), GEN_JV(&w25q_new), .fast_mhz = 104, V33},

	/* 4 MiB */
	{PART("W25Q32BV/W25Q32CV/W25Q32DV", 0x40, 0x16, 4096), GEN_CV(&w25q_old), .fast_mhz = 80,
         V33},
	{PART("W25Q32FV", 0x40, 0x16, 4096), GEN_JV(&w25q_new), .fast_mhz = 80, V33, SFDP_QPI},
	{PART("W25Q32JV", 0x40, 0x16, 4096), GEN_JV(&w25q_new), .fast_mhz = 104, V33, SFDP_A_UP},
	{PART("W25Q32DW", 0x60, 0x16, 4096), GEN_CV(&w25q_new), .fast_mhz = 104, V18},
	{PART("W25Q32FW", 0x60, 0x16, 4096), GEN_JV(&w25q_new), .fast_mhz = 104, V18, SFDP_A},
	{PART("W25Q32JW", 0x60, 0x16, 4096), GEN_JV(&w25q_new), .fast_mhz = 104, V18, SFDP_B_UP},
	{PART("W25Q32JV-M", 0x70, 0x16, 4096), GEN_JV(&w25q_new), .fast_mhz = 104, V33},

	/* 8 MiB */
	{PART("W25Q64BV", 0x40, 0x17, 8192), GEN_BV, V33},
	{PART("W25Q64CV", 0x40, 0x17, 8192), GEN_CV(&w25q_old), .fast_mhz = 80, V33, SFDP_NO_QPI},
	{PART("W25Q64FV", 0x40, 0x17, 8192), GEN_CV(&w25q64), .fast_mhz = 80, V33, SFDP_QPI,
         .note = "01h with one byte clears SR2 (QE, CMP, lock bits)"},
	{PART("W25Q64JV", 0x40, 0x17, 8192), GEN_JV(&w25q64), .fast_mhz = 104, V33, SFDP_A_UP},
	{PART("W25Q64DW", 0x60, 0x17, 8192), GEN_CV(&w25q_new), .fast_mhz = 104, V18},
	{PART("W25Q64FW", 0x60, 0x17, 8192), GEN_JV(&w25q_new), .fast_mhz = 104, V18, SFDP_A},
	{PART("W25Q64JW", 0x60, 0x17, 8192), GEN_JV(&w25q_new), .fast_mhz = 104, V18, SFDP_B_UP},
	{PART("W25Q64JV-M", 0x70, 0x17, 8192), GEN_JV(&w25q64), .fast_mhz = 104, V33},

	/* 16 MiB */
	{PART("W25Q128BV", 0x40, 0x18, 16384), GEN_CV(&w25q_old), .fast_mhz = 104, V33},
	{PART("W25Q128FV", 0x40, 0x18, 16384), GEN_JV(&w25q_new), .fast_mhz = 104, V33, SFDP_QPI},
	{PART("W25Q128JV", 0x40, 0x18, 16384), GEN_JV(&w25q_new), .fast_mhz = 104, V33, SFDP_A_UP},
	{PART("W25Q128DW", 0x60, 0x18, 16384), GEN_CV(&w25q_new), .fast_mhz = 104, V18},
	{PART("W25Q128FW", 0x60, 0x18, 16384), GEN_JV(&w25q_new), .fast_mhz = 104, V18, SFDP_A},
	{PART("W25Q128JW", 0x60, 0x18, 16384), GEN_JV(&w25q_new), .fast_mhz = 104, V18, SFDP_B_UP},
	{PART("W25Q128JV-M", 0x70, 0x18, 16384), GEN_JV(&w25q_new), .fast_mhz = 104, V33},

	/* 32 MiB */
	{PART("W25Q256BV/W25Q256FV", 0x40, 0x19, 32768), GEN_256, .erase_set = ALL_SIZES,
         .addr4 = NOR_ADDR4_ENTER_WE, .fast_mhz = 104, V33,
         .flags = NOR_F_VOLATILE_SR | NOR_F_GBULK | NOR_F_EAR_ON_EXIT,
         .note = "leaving 4-byte mode sets the extended address register: it is set back to 0"},
	{PART("W25Q256JV", 0x40, 0x19, 32768), GEN_256, .erase_set = NO_32K,
         .addr4 = NOR_ADDR4_NATIVE, .fast_mhz = 104, V33, SFDP_A_UP,
         .flags = NOR_F_VOLATILE_SR | NOR_F_GBULK},
	{PART("W25Q256JV-M", 0x70, 0x19, 32768), GEN_256, .erase_set = NO_32K,
         .addr4 = NOR_ADDR4_NATIVE, .fast_mhz = 104, V33, .flags = NOR_F_VOLATILE_SR | NOR_F_GBULK},
};

const struct nor_chip_table chips_winbond = {rows, sizeof(rows) / sizeof(rows[0])};
