/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boya BY25. Identity, opcodes and register bits: flashprog; chip erase: DediProg. */
#include "identity.h"

#define SOURCE "flashprog; DediProg"

static const struct nor_times by25 = {
	.page_typ_us = 600,
	.page_max_us = 3000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 60000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 150000,
	.erase_32k_max_us = 1600000,
	.erase_64k_typ_us = 250000,
	.erase_64k_max_us = 2000000,
	.source = "data sheet (unverified); chip erase: DediProg",
};

#define P(part, type, code, kib)                                                              \
	ROW(part, "Boya", kib, 0x68, type, code),                                             \
		.source = SOURCE, .erase_set = ALL_SIZES, .times = &by25, .vcc_min_mv = 2700, \
		.vcc_max_mv = 3600, .read_mhz = 33, .proof = NOR_PROOF_MODEL

#define GEN_D \
	.prot = &nor_prot_bp3_odd, .sr_write = NOR_SR_ONE, .fast_mhz = 80, .flags = NOR_F_NO_RESET
#define GEN_Q                                                                        \
	.prot = &nor_prot_sec_cmp, .sr_write = NOR_SR_SEPARATE, .qe = NOR_BIT(2, 1), \
	.fast_mhz = 104, .flags = NOR_F_VOLATILE_SR

static const struct nor_chip rows[] = {
	{P("BY25D05AS", 0x40, 0x10, 64), GEN_D},
	{P("BY25D10AS", 0x40, 0x11, 128), GEN_D},
	{P("BY25D20AS", 0x40, 0x12, 256), GEN_D},
	{P("BY25D40AS/BY25D40ES", 0x40, 0x13, 512), GEN_D},
	{P("BY25D80AS/BY25Q80BS/BY25Q80ES", 0x40, 0x14, 1024), GEN_D},
	{P("BY25D16AS/BY25Q16BS/BY25Q16ES", 0x40, 0x15, 2048), GEN_D},
	{P("BY25Q32BS/BY25Q32CS/BY25Q32ES", 0x40, 0x16, 4096), GEN_Q},
	{P("BY25Q64AS/BY25Q64ES", 0x40, 0x17, 8192), GEN_Q},
	{P("BY25Q128AS/BY25Q128ES", 0x40, 0x18, 16384), GEN_Q},
	{P("BY25Q128FS", 0x41, 0x18, 16384), GEN_Q},

	/* more, of which identity is known */
	{BY_ID("Boya", "BY25Q40BL", 0x68, 0x10, 0x13, 512, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Boya", "BY25Q40AW", 0x68, 0x10, 0x13, 512, 1650, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Boya", "BY25Q16BL", 0x68, 0x10, 0x15, 2048, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Boya", "BY25Q16AW", 0x68, 0x10, 0x15, 2048, 1650, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Boya", "BY25Q256ES", 0x68, 0x40, 0x19, 32768, 2700, 3600), ABOVE_16M},
	{BY_ID("Boya", "BY25Q256FS", 0x68, 0x49, 0x19, 32768, 2700, 3600), ABOVE_16M},
	{BY_ID("Boya", "BY25Q40AL", 0x68, 0x60, 0x13, 512, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Boya", "BY25Q32AL", 0x68, 0x60, 0x16, 4096, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Boya", "BY25Q64AL", 0x68, 0x60, 0x17, 8192, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Boya", "BY25Q128EL", 0x68, 0x60, 0x18, 16384, 1650, 2000),
         TWO_REGISTERS(ALL_SIZES)},
};

const struct nor_chip_table chips_boya = {rows, sizeof(rows) / sizeof(rows[0])};
