/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puya P25Q and PY25. Identity, opcodes and register bits: flashprog. Page erase (81h) is left
 * alone. */
#include "identity.h"

#define SOURCE "flashprog; DediProg"

static const struct nor_times p25q = {
	.page_typ_us = 2000,
	.page_max_us = 3000,
	.sr_typ_us = 8000,
	.sr_max_us = 12000,
	.erase_4k_typ_us = 12000,
	.erase_4k_max_us = 30000,
	.erase_32k_typ_us = 12000,
	.erase_32k_max_us = 30000,
	.erase_64k_typ_us = 12000,
	.erase_64k_max_us = 30000,
	.source = "data sheet (unverified)",
};

static const struct nor_times py25 = {
	.page_typ_us = 500,
	.page_max_us = 3000,
	.sr_typ_us = 10000,
	.sr_max_us = 30000,
	.erase_4k_typ_us = 50000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 120000,
	.erase_32k_max_us = 1600000,
	.erase_64k_typ_us = 200000,
	.erase_64k_max_us = 2000000,
	.source = "data sheet (unverified); chip erase: DediProg",
};

#define P(part, type, code, kib)                                                            \
	ROW(part, "Puya", kib, 0x85, type, code), .source = SOURCE, .erase_set = ALL_SIZES, \
						  .qe = NOR_BIT(2, 1), .read_mhz = 33,      \
						  .fast_mhz = 85, .proof = NOR_PROOF_MODEL

/* The H and the SH parts of up to 16 Mbit are not told apart: 01h with two bytes serves both, and
 * only the SH have an SR3. */
#define GEN_OLD .times = &p25q, .sr_write = NOR_SR_TWO_CLEARS, .flags = NOR_F_VOLATILE_SR
#define GEN_H   GEN_OLD, .prot = &nor_prot_sec_cmp, V23
#define GEN_SH  GEN_OLD, .prot = &nor_prot_sec_cmp_wps, V23
#define GEN_SL  GEN_OLD, .prot = &nor_prot_sec_cmp_wps, V18_20
#define GEN_NEW                                                                     \
	.times = &p25q, .prot = &nor_prot_sec_cmp_wps, .sr_write = NOR_SR_SEPARATE, \
	.flags = NOR_F_VOLATILE_SR
#define GEN_PY                                                                      \
	.times = &py25, .prot = &nor_prot_sec_cmp_wps, .sr_write = NOR_SR_SEPARATE, \
	.flags = NOR_F_VOLATILE_SR
#define GEN_PY_BIG                                                                     \
	.times = &py25, .prot = &nor_prot_bp4_tb_cmp_wps, .sr_write = NOR_SR_SEPARATE, \
	.addr4 = NOR_ADDR4_NATIVE, .flags = NOR_F_VOLATILE_SR, V33

static const struct nor_chip rows[] = {
	/* The L parts take 1.8 V and answer alike. */
	{P("P25Q40H", 0x60, 0x13, 512), GEN_H},
	{P("P25Q40SH", 0x60, 0x13, 512), GEN_SH},
	{P("P25Q40L/P25Q40SL", 0x60, 0x13, 512), GEN_SL},
	{P("P25Q80H", 0x60, 0x14, 1024), GEN_H},
	{P("P25Q80SH", 0x60, 0x14, 1024), GEN_SH},
	{P("P25Q80L/P25Q80SL", 0x60, 0x14, 1024), GEN_SL},
	{P("P25Q16H", 0x60, 0x15, 2048), GEN_H},
	{P("P25Q16SH", 0x60, 0x15, 2048), GEN_SH},
	{P("P25Q16L/P25Q16SL", 0x60, 0x15, 2048), GEN_SL},
	{P("P25Q32H/P25Q32SH", 0x60, 0x16, 4096), GEN_NEW, V23},
	{P("P25Q32L/P25Q32SL", 0x60, 0x16, 4096), GEN_NEW, V18_20},
	{P("P25Q64H/P25Q64SH", 0x60, 0x17, 8192), GEN_NEW, V23},
	{P("P25Q64L/P25Q64SL", 0x60, 0x17, 8192), GEN_NEW, V18_20},
	{P("P25Q128H", 0x60, 0x18, 16384), GEN_NEW, V23},
	{P("P25Q128L/P25Q128LE", 0x60, 0x18, 16384), GEN_NEW, V18_20},

	{P("PY25Q16HB", 0x20, 0x15, 2048), GEN_PY, V23},
	{P("PY25Q32HB", 0x20, 0x16, 4096), GEN_PY, V23},
	{P("PY25Q64HA", 0x20, 0x17, 8192), GEN_PY, V33},
	{P("PY25Q128HA", 0x20, 0x18, 16384), GEN_PY, V33},
	{P("PY25Q256HB", 0x20, 0x19, 32768), GEN_PY_BIG},
	{P("PY25F64HA", 0x23, 0x17, 8192), GEN_PY, V33},
	{P("PY25F128HA/PY25R128HA", 0x23, 0x18, 16384), GEN_PY, V33},
	{P("PY25F256HB", 0x23, 0x19, 32768), GEN_PY_BIG},
	{P("PY25F512HB", 0x23, 0x1a, 65536), GEN_PY_BIG},

	/* more, of which identity is known */
	{BY_ID("Puya", "PY25Q40HB", 0x85, 0x20, 0x13, 512, 2300, 3600),
         SEPARATE_REGISTERS(ALL_SIZES)},
	{BY_ID("Puya", "PY25Q80HB", 0x85, 0x20, 0x14, 1024, 2300, 3600),
         SEPARATE_REGISTERS(ALL_SIZES)},
	{BY_ID("Puya", "PY25Q512HB", 0x85, 0x20, 0x1a, 65536, 2700, 3600), ABOVE_16M},
	{BY_ID("Puya", "PY25Q01GHB", 0x85, 0x20, 0x1b, 131072, 2700, 3600), ABOVE_16M},
	{BY_ID("Puya", "P25Q06H", 0x85, 0x40, 0x10, 64, 2300, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Puya", "P25Q11H", 0x85, 0x40, 0x11, 128, 2300, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Puya", "P25Q21H", 0x85, 0x40, 0x12, 256, 2300, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Puya", "P25Q05H/P25D05H", 0x85, 0x60, 0x10, 64, 2300, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Puya", "P25Q05L", 0x85, 0x60, 0x10, 64, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Puya", "P25Q10H/P25D10H", 0x85, 0x60, 0x11, 128, 2300, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Puya", "P25Q10L", 0x85, 0x60, 0x11, 128, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Puya", "P25Q20H/P25D20H", 0x85, 0x60, 0x12, 256, 2300, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Puya", "P25Q20L", 0x85, 0x60, 0x12, 256, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
};

const struct nor_chip_table chips_puya = {rows, sizeof(rows) / sizeof(rows[0])};
