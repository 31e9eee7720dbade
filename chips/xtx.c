/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XTX XT25. Identity, opcodes and register bits: flashprog and ufprog; F revisions are known by
 * SFDP B. */
#include "identity.h"

#define SOURCE "flashprog; ufprog; DediProg"

static const struct nor_times xt25 = {
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

#define P(part, type, code, kib)                                                                   \
	ROW(part, "XTX", kib, 0x0b, type, code), .source = SOURCE, .times = &xt25, .read_mhz = 33, \
						 .proof = NOR_PROOF_MODEL

#define GEN_ONE(prot_) \
	.prot = (prot_), .sr_write = NOR_SR_ONE, .fast_mhz = 108, .flags = NOR_F_VOLATILE_SR
#define GEN_B                                                                             \
	.erase_set = ALL_SIZES, .prot = &nor_prot_sec_cmp, .sr_write = NOR_SR_TWO_CLEARS, \
	.qe = NOR_BIT(2, 1), .fast_mhz = 104, .flags = NOR_F_VOLATILE_SR
#define GEN_F                                                                           \
	.erase_set = ALL_SIZES, .prot = &nor_prot_sec_cmp, .sr_write = NOR_SR_SEPARATE, \
	.qe = NOR_BIT(2, 1), .fast_mhz = 104, .flags = NOR_F_VOLATILE_SR

static const struct nor_chip rows[] = {
	{P("XT25F02E", 0x40, 0x12, 256), .erase_set = NO_32K, GEN_ONE(&nor_prot_bp3_odd), V33},
	{P("XT25F04B", 0x40, 0x13, 512), .erase_set = NO_32K, GEN_ONE(&nor_prot_bp3), V33},
	{P("XT25F04D", 0x40, 0x13, 512), .erase_set = ALL_SIZES, GEN_ONE(&nor_prot_bp3_odd), V33,
         NOR_ANY_SFDP},
	{P("XT25F08B", 0x40, 0x14, 1024), SECREG(1, 0, 1024), .erase_set = ALL_SIZES,
         .prot = &nor_prot_bp4_odd, .sr_write = NOR_SR_TWO_CLEARS, .qe = NOR_BIT(2, 1),
         .fast_mhz = 108, .flags = NOR_F_VOLATILE_SR, V33},
	{P("XT25F16B", 0x40, 0x15, 2048), SECREG(1, 0, 1024), GEN_B, V33},
	{P("XT25F16F", 0x40, 0x15, 2048), GEN_F, V33, NOR_SFDP_B_UP},
	{P("XT25F32B", 0x40, 0x16, 4096), SECREG(1, 0, 1024), GEN_B, V33},
	{P("XT25F32F", 0x40, 0x16, 4096), SECREG(2, 2, 256), GEN_F, V33, NOR_SFDP_B_UP},
	{P("XT25F64B", 0x40, 0x17, 8192), SECREG(1, 0, 1024), GEN_B, V33},
	{P("XT25F64F", 0x40, 0x17, 8192), SECREG(3, 1, 256), GEN_F, V33, NOR_SFDP_B_UP},
	{P("XT25F128B", 0x40, 0x18, 16384), SECREG(1, 0, 1024), GEN_B, V33},
	{P("XT25F128F/XT25BF128F", 0x40, 0x18, 16384), SECREG(3, 1, 256), GEN_F, V33,
         NOR_SFDP_B_UP},
	{P("XT25F256B", 0x40, 0x19, 32768), SECREG(2, 1, 256), .erase_set = ALL_SIZES,
         .prot = &nor_prot_bp4_tb, .sr_write = NOR_SR_SEPARATE, .qe = NOR_BIT(2, 1),
         .addr4 = NOR_ADDR4_ENTER_WE, .fast_mhz = 120, .flags = NOR_F_VOLATILE_SR, V33},

	/* more, of which identity is known */
	{BY_ID("XTX", "XT25W02E", 0x0b, 0x60, 0x12, 256, 1650, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("XTX", "XT25Q02B", 0x0b, 0x60, 0x12, 256, 1650, 2000), ONE_REGISTER(NO_32K)},
	{BY_ID("XTX", "XT25W04D", 0x0b, 0x60, 0x13, 512, 1650, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("XTX", "XT25Q04B", 0x0b, 0x60, 0x13, 512, 1650, 2000), ONE_REGISTER(NO_32K)},
	{BY_ID("XTX", "XT25Q08B/XT25Q08D", 0x0b, 0x60, 0x14, 1024, 1650, 2000),
         SEPARATE_REGISTERS(ALL_SIZES)},
	{BY_ID("XTX", "XT25Q16C/XT25Q16D", 0x0b, 0x60, 0x15, 2048, 1650, 2000),
         SEPARATE_REGISTERS(ALL_SIZES)},
	{BY_ID("XTX", "XT25Q32B", 0x0b, 0x60, 0x16, 4096, 1650, 2000),
         SEPARATE_REGISTERS(ALL_SIZES)},
	{BY_ID("XTX", "XT25Q64B/XT25Q64D", 0x0b, 0x60, 0x17, 8192, 1650, 2000),
         SEPARATE_REGISTERS(ALL_SIZES)},
	{BY_ID("XTX", "XT25Q128D", 0x0b, 0x60, 0x18, 16384, 1650, 2000),
         SEPARATE_REGISTERS(ALL_SIZES)},
	{BY_ID("XTX", "XT25Q256", 0x0b, 0x60, 0x19, 32768, 1650, 2000), ABOVE_16M},
	{BY_ID("XTX", "XT25Q512F", 0x0b, 0x60, 0x1a, 65536, 1650, 2000), ABOVE_16M},
	{BY_ID("XTX", "XT25W512B", 0x0b, 0x65, 0x1a, 65536, 1650, 3600), ABOVE_16M},
	{BY_ID("XTX", "XT25W01GB", 0x0b, 0x65, 0x1b, 131072, 1650, 3600), ABOVE_16M},
};

const struct nor_chip_table chips_xtx = {rows, sizeof(rows) / sizeof(rows[0])};
