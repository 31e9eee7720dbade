/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Winbond W25. Identity, opcodes, register bits and what tells twins apart: flashprog and ufprog.
 * Times where SFDP has none: data sheets as remembered, hence unverified; chip erase: DediProg.
 */
#include "identity.h"

#define SOURCE "flashprog; ufprog; DediProg"
#define TIMES  "data sheet (unverified); chip erase: DediProg"

/* JESD216 1.0 with or without 4-4-4 reads (BFPT dword 5 bit 4): the F generation brought QPI. */

/* ---- times ---- */

static const struct nor_times w25x = {
	.page_typ_us = 1500,
	.page_max_us = 3000,
	.sr_typ_us = 10000,
	.sr_max_us = 15000,
	.erase_4k_typ_us = 150000,
	.erase_4k_max_us = 500000,
	.erase_64k_typ_us = 1000000,
	.erase_64k_max_us = 2000000,
	.source = TIMES,
};

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

/* BP0-1 and T/B of the smallest W25X. */
static const struct nor_prot bp2_tb = {
	.kind = NOR_PROT_BLOCKS,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3)},
	.tb = NOR_BIT(1, 5),
	.srp0 = NOR_BIT(1, 7),
};

/* ---- generations ---- */

#define P(part, type, code, kib) \
	ROW(part, "Winbond", kib, 0xef, type, code), .source = SOURCE, .proof = NOR_PROOF_MODEL

/* One status register, dual reads at most. */
#define GEN_X                                                                        \
	.erase_set = NO_32K, .times = &w25x, .sr_write = NOR_SR_ONE, .read_mhz = 33, \
	.fast_mhz = 50, .flags = NOR_F_NO_RESET

/* No complement, no security registers, no volatile status write. */
#define GEN_BV                                                                                 \
	.erase_set = ALL_SIZES, .times = &w25q_old, .prot = &nor_prot_sec,                     \
	.sr_write = NOR_SR_TWO_CLEARS, .qe = NOR_BIT(2, 1), .uid = NOR_UID_4B, .read_mhz = 33, \
	.fast_mhz = 80, .flags = NOR_F_NO_RESET

/* 01h with one byte clears SR2; the older of them have no volatile status write. */
#define GEN_CV_NV(times_, mhz)                                                                    \
	.erase_set = ALL_SIZES, .times = (times_), .prot = &nor_prot_sec_cmp,                     \
	.sr_write = NOR_SR_TWO_CLEARS, .qe = NOR_BIT(2, 1), .uid = NOR_UID_4B, SECREG(3, 1, 256), \
	.read_mhz = 33, .fast_mhz = (mhz)
#define GEN_CV(times_, mhz) GEN_CV_NV(times_, mhz), .flags = NOR_F_VOLATILE_SR

/* SR2 by 31h, no individual locks. */
#define GEN_E(times_, mhz)                                                                      \
	.erase_set = ALL_SIZES, .times = (times_), .prot = &nor_prot_sec_cmp,                   \
	.sr_write = NOR_SR_SEPARATE, .qe = NOR_BIT(2, 1), .uid = NOR_UID_4B, SECREG(3, 1, 256), \
	.read_mhz = 33, .fast_mhz = (mhz), .flags = NOR_F_VOLATILE_SR

/* SR3, individual block locks, 98h. */
#define GEN_JV(times_, mhz)                                                                     \
	.erase_set = ALL_SIZES, .times = (times_), .prot = &nor_prot_sec_cmp_wps,               \
	.sr_write = NOR_SR_SEPARATE, .qe = NOR_BIT(2, 1), .uid = NOR_UID_4B, SECREG(3, 1, 256), \
	.read_mhz = 33, .fast_mhz = (mhz), .flags = NOR_F_VOLATILE_SR | NOR_F_GBULK

/* Above 16 MiB. Opcodes with four address bytes exist for 4K and 64K only. */
#define BIG_DIE                                                                            \
	.times = &w25q_new, .prot = &nor_prot_bp4_tb_cmp_wps, .sr_write = NOR_SR_SEPARATE, \
	.qe = NOR_BIT(2, 1), .uid = NOR_UID_4B, .read_mhz = 33, .fast_mhz = 104
#define GEN_BIG BIG_DIE, SECREG(3, 1, 256)
#define GEN_256                                                  \
	GEN_BIG, .erase_set = NO_32K, .addr4 = NOR_ADDR4_NATIVE, \
		 .flags = NOR_F_VOLATILE_SR | NOR_F_GBULK
#define GEN_STACK                                                \
	GEN_BIG, .erase_set = NO_32K, .addr4 = NOR_ADDR4_NATIVE, \
		 .flags = NOR_F_VOLATILE_SR | NOR_F_GBULK | NOR_F_DIE_STATUS, .die = 64U << 20

/* Dies that C2h selects, each with all of its own; SFDP is that of one. */
#define STACK(bytes) .die = (bytes), .flags = NOR_F_VOLATILE_SR | NOR_F_DIE_SELECT | NOR_F_BAD_SFDP
#define OF_256       BIG_DIE, .erase_set = NO_32K, .addr4 = NOR_ADDR4_NATIVE, STACK(32U << 20)
#define OF_128                                                                               \
	.erase_set = ALL_SIZES, .times = &w25q_new, .prot = &nor_prot_sec_cmp_wps,           \
	.sr_write = NOR_SR_SEPARATE, .qe = NOR_BIT(2, 1), .uid = NOR_UID_4B, .read_mhz = 33, \
	.fast_mhz = 104, STACK(16U << 20)

static const struct nor_chip rows[] = {
	/* W25X */
	{P("W25X05/W25X05CL", 0x30, 0x10, 64), GEN_X, .prot = &nor_prot_bp2, V33},
	{P("W25X10/W25X10CL", 0x30, 0x11, 128), GEN_X, .prot = &bp2_tb, V33},
	{P("W25X20/W25X20CL", 0x30, 0x12, 256), GEN_X, .prot = &bp2_tb, V33},
	{P("W25X40/W25X40CL", 0x30, 0x13, 512), GEN_X, .prot = &nor_prot_bp3_tb, V33},
	{P("W25X80", 0x30, 0x14, 1024), GEN_X, .prot = &nor_prot_bp3_tb, V33},
	{P("W25X16", 0x30, 0x15, 2048), GEN_X, .prot = &nor_prot_bp3_tb, V33},
	{P("W25X32", 0x30, 0x16, 4096), GEN_X, .prot = &nor_prot_bp3_tb, V33},
	{P("W25X64", 0x30, 0x17, 8192), GEN_X, .prot = &nor_prot_ratio_tb, V33},

	/* up to 1 MiB */
	{P("W25Q10EW", 0x60, 0x11, 128), GEN_CV(&w25q_new, 104), V18},
	{P("W25Q20CL", 0x40, 0x12, 256), GEN_CV(&w25q_old, 80), V33},
	{P("W25Q20BW", 0x50, 0x12, 256), GEN_CV(&w25q_old, 80), V18},
	{P("W25Q20EW", 0x60, 0x12, 256), GEN_CV(&w25q_new, 104), V18},
	{P("W25Q40V/W25Q40BV/W25Q40CL", 0x40, 0x13, 512), GEN_CV(&w25q_old, 50), V33},
	{P("W25Q40BW", 0x50, 0x13, 512), GEN_CV(&w25q_old, 80), V18},
	{P("W25Q40EW", 0x60, 0x13, 512), GEN_CV(&w25q_new, 104), V18},
	{P("W25Q80V/W25Q80BV/W25Q80DV", 0x40, 0x14, 1024), GEN_CV(&w25q_old, 80), V33},
	{P("W25Q80BW", 0x50, 0x14, 1024), GEN_CV(&w25q_old, 80), V18},
	{P("W25Q80EW", 0x60, 0x14, 1024), GEN_CV(&w25q_new, 104), V18},

	/* 2 MiB */
	{P("W25Q16V/W25Q16BV/W25Q16CL/W25Q16CV/W25Q16DV/S25FL016K", 0x40, 0x15, 2048),
         GEN_CV_NV(&w25q_old, 50), V33},
	{P("W25Q16JV", 0x40, 0x15, 2048), GEN_E(&w25q_new, 104), V33, NOR_SFDP_A_UP},
	{P("W25Q16DW", 0x60, 0x15, 2048), GEN_CV(&w25q_new, 80), V18},
	{P("W25Q16FW", 0x60, 0x15, 2048), GEN_JV(&w25q_new, 80), V18, NOR_SFDP_A},
	{P("W25Q16JW", 0x60, 0x15, 2048), GEN_JV(&w25q_new, 104), V18, NOR_SFDP_B_UP},
	{P("W25Q16JV-M", 0x70, 0x15, 2048), GEN_JV(&w25q_new, 104), V33},
	{P("W25Q16JW-M", 0x80, 0x15, 2048), GEN_JV(&w25q_new, 104), V18},

	/* 4 MiB */
	{P("W25Q32V/W25Q32BV/W25Q32CV/W25Q32DV/S25FL032K", 0x40, 0x16, 4096), GEN_CV(&w25q_old, 80),
         V33},
	{P("W25Q32FV", 0x40, 0x16, 4096), GEN_JV(&w25q_new, 80), V33, SFDP_QPI},
	{P("W25Q32JV", 0x40, 0x16, 4096), GEN_JV(&w25q_new, 104), V33, NOR_SFDP_A_UP},
	{P("W25Q32BW/W25Q32CW/W25Q32DW", 0x60, 0x16, 4096), GEN_CV(&w25q_new, 104), V18},
	{P("W25Q32FW", 0x60, 0x16, 4096), GEN_JV(&w25q_new, 104), V18, NOR_SFDP_A},
	{P("W25Q32JW", 0x60, 0x16, 4096), GEN_JV(&w25q_new, 104), V18, NOR_SFDP_B_UP},
	{P("W25Q32JV-M", 0x70, 0x16, 4096), GEN_JV(&w25q_new, 104), V33},
	{P("W25Q32JW-M", 0x80, 0x16, 4096), GEN_JV(&w25q_new, 104), V18},

	/* 8 MiB */
	{P("W25Q64BV", 0x40, 0x17, 8192), GEN_BV, V33},
	{P("W25Q64CV/S25FL064K", 0x40, 0x17, 8192), GEN_CV(&w25q_old, 80), V33, SFDP_NO_QPI},
	{P("W25Q64FV", 0x40, 0x17, 8192), GEN_CV(&w25q64, 80), V33, SFDP_QPI,
         .note = "01h with one byte clears SR2 (QE, CMP, lock bits)"},
	{P("W25Q64JV", 0x40, 0x17, 8192), GEN_JV(&w25q64, 104), V33, NOR_SFDP_A_UP},
	{P("W25Q64DW", 0x60, 0x17, 8192), GEN_CV(&w25q_new, 104), V18},
	{P("W25Q64FW", 0x60, 0x17, 8192), GEN_JV(&w25q_new, 104), V18, NOR_SFDP_A},
	{P("W25Q64JW", 0x60, 0x17, 8192), GEN_JV(&w25q_new, 104), V18, NOR_SFDP_B_UP},
	{P("W25Q64JV-M", 0x70, 0x17, 8192), GEN_JV(&w25q64, 104), V33},
	{P("W25Q64JW-M", 0x80, 0x17, 8192), GEN_JV(&w25q_new, 104), V18},

	/* 16 MiB */
	{P("W25Q128BV", 0x40, 0x18, 16384), GEN_CV(&w25q_old, 104), V33},
	{P("W25Q128FV", 0x40, 0x18, 16384), GEN_JV(&w25q_new, 104), V33, SFDP_QPI},
	{P("W25Q128JV", 0x40, 0x18, 16384), GEN_JV(&w25q_new, 104), V33, NOR_SFDP_A_UP},
	{P("W25Q128DW", 0x60, 0x18, 16384), GEN_CV(&w25q_new, 104), V18},
	{P("W25Q128FW", 0x60, 0x18, 16384), GEN_JV(&w25q_new, 104), V18, NOR_SFDP_A},
	{P("W25Q128JW", 0x60, 0x18, 16384), GEN_JV(&w25q_new, 104), V18, NOR_SFDP_B_UP},
	{P("W25Q128JV-M", 0x70, 0x18, 16384), GEN_JV(&w25q_new, 104), V33},
	{P("W25Q128JW-M", 0x80, 0x18, 16384), GEN_JV(&w25q_new, 104), V18},

	/* 32 MiB and more */
	{P("W25Q256BV/W25Q256FV", 0x40, 0x19, 32768), GEN_BIG, .erase_set = ALL_SIZES,
         .addr4 = NOR_ADDR4_ENTER_WE, .addr4_bit = NOR_BIT(3, 0), V33,
         .flags = NOR_F_VOLATILE_SR | NOR_F_GBULK | NOR_F_EAR_ON_EXIT,
         .note = "leaving 4-byte mode sets the extended address register: it is set back to 0"},
	{P("W25Q256JV", 0x40, 0x19, 32768), GEN_256, V33, NOR_SFDP_A_UP},
	{P("W25Q256JW", 0x60, 0x19, 32768), GEN_256, V18},
	{P("W25Q256JV-M", 0x70, 0x19, 32768), GEN_256, V33},
	{P("W25Q256JW-M", 0x80, 0x19, 32768), GEN_256, V18},
	{P("W25M121AW", 0x61, 0x18, 16384), GEN_JV(&w25q_new, 104), V18,
         .note = "a NAND die shares the package: it is not saved"},
	{P("W25M256JV", 0x41, 0x18, 32768), OF_128, V33},
	{P("W25M512JV", 0x71, 0x19, 65536), OF_256, V33},
	{P("W25M512JW", 0x61, 0x19, 65536), OF_256, V18},
	{P("W25Q512JV", 0x40, 0x20, 65536), GEN_256, V33},
	{P("W25Q512NW", 0x60, 0x20, 65536), GEN_256, V18},
	{P("W25Q512JV-M", 0x70, 0x20, 65536), GEN_256, V33},
	{P("W25Q512NW-M", 0x80, 0x20, 65536), GEN_256, V18},
	{P("W25Q01JV", 0x40, 0x21, 131072), GEN_STACK, V33},
	{P("W25Q01NW", 0x60, 0x21, 131072), GEN_STACK, V18},
	{P("W25Q01JV-M", 0x70, 0x21, 131072), GEN_STACK, V33},
	{P("W25Q01NW-M", 0x80, 0x21, 131072), GEN_STACK, V18},
	{P("W25Q02JV-M", 0x70, 0x22, 262144), GEN_STACK, V33},
	{P("W25Q02NW-M", 0x80, 0x22, 262144), GEN_STACK, V18},

	/* more, of which identity is known */
	{BY_ID("Winbond", "W25P80", 0xef, 0x20, 0x14, 1024, 2700, 3600),
         ONE_REGISTER(NOR_ERASE_64K)},
	{BY_ID("Winbond", "W25P16", 0xef, 0x20, 0x15, 2048, 2700, 3600),
         ONE_REGISTER(NOR_ERASE_64K)},
	{BY_ID("Winbond", "W25P32", 0xef, 0x20, 0x16, 4096, 2700, 3600),
         ONE_REGISTER(NOR_ERASE_64K)},
	{BY_ID("Winbond", "W25Q05CL", 0xef, 0x40, 0x10, 64, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Winbond", "W25Q10CL", 0xef, 0x40, 0x11, 128, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Winbond", "W77Q64JV", 0xef, 0x4a, 0x17, 8192, 2700, 3600),
         SEPARATE_REGISTERS(ALL_SIZES)},
	{BY_ID("Winbond", "W77Q128JV", 0xef, 0x4a, 0x18, 16384, 2700, 3600),
         SEPARATE_REGISTERS(ALL_SIZES)},
	{BY_ID("Winbond", "W77Q64JW", 0xef, 0x8a, 0x17, 8192, 1650, 2000),
         SEPARATE_REGISTERS(ALL_SIZES)},
	{BY_ID("Winbond", "W77Q128JW", 0xef, 0x8a, 0x18, 16384, 1650, 2000),
         SEPARATE_REGISTERS(ALL_SIZES)},
	{BY_ID("Winbond", "W77Q25NWS", 0xef, 0x8a, 0x19, 32768, 1650, 2000), ABOVE_16M},
	{BY_ID("Winbond", "W77Q51NWD", 0xef, 0x8a, 0x1a, 65536, 1650, 2000), ABOVE_16M},
	{BY_ID("Winbond", "W25H512NW", 0xef, 0xa0, 0x20, 65536, 1650, 2000), ABOVE_16M},
	{P("W25H01NW", 0xa0, 0x21, 131072), GEN_STACK, V18},
	{P("W25H02NW", 0xa0, 0x22, 262144), GEN_STACK, V18},
	{P("W25H02JV", 0x90, 0x22, 262144), GEN_STACK, V33},
};

const struct nor_chip_table chips_winbond = {rows, sizeof(rows) / sizeof(rows[0])};
