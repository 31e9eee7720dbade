/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fudan FM25Q. Identity, opcodes and register bits: flashprog; chip erase: DediProg. */
#include "identity.h"

#define SOURCE "flashprog; DediProg"

static const struct nor_times fm25q = {
	.page_typ_us = 700,
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

/* CMP and WPS sit elsewhere in the small parts, and CMP in SR1 of the largest. */
static const struct nor_prot bp3_cmp_sr2_4 = {
	.kind = NOR_PROT_WINBOND,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4)},
	.tb = NOR_BIT(1, 5),
	.cmp = NOR_BIT(2, 4),
	.srp0 = NOR_BIT(1, 7),
	.srp1 = NOR_BIT(2, 0),
	.wps = NOR_BIT(2, 5),
};

static const struct nor_prot sec_cmp_sr2_4 = {
	.kind = NOR_PROT_WINBOND,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4)},
	.tb = NOR_BIT(1, 5),
	.sec = NOR_BIT(1, 6),
	.cmp = NOR_BIT(2, 4),
	.srp0 = NOR_BIT(1, 7),
	.srp1 = NOR_BIT(2, 0),
};

static const struct nor_prot bp3_cmp_sr1_6 = {
	.kind = NOR_PROT_WINBOND,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4)},
	.tb = NOR_BIT(1, 5),
	.cmp = NOR_BIT(1, 6),
	.srp0 = NOR_BIT(1, 7),
	.wps = NOR_BIT(3, 2),
};

#define P(part, type, code, kib)                                                                \
	ROW(part, "Fudan", kib, 0xa1, type, code),                                              \
		.source = SOURCE, .erase_set = ALL_SIZES, .times = &fm25q, .qe = NOR_BIT(2, 1), \
		.vcc_min_mv = 2700, .vcc_max_mv = 3600, .read_mhz = 33,                         \
		.flags = NOR_F_VOLATILE_SR, .proof = NOR_PROOF_MODEL

/* One register of four pages, at the bottom of its address space (NationalChip's tables). */

static const struct nor_chip rows[] = {
	{P("FM25Q04", 0x40, 0x13, 512), .prot = &bp3_cmp_sr2_4, .sr_write = NOR_SR_TWO_CLEARS,
         .fast_mhz = 66},
	{P("FM25Q08", 0x40, 0x14, 1024), .prot = &nor_prot_sec_cmp, .sr_write = NOR_SR_TWO_CLEARS,
         SECREG(1, 0, 1024), .uid = NOR_UID_4B, .fast_mhz = 104},
	{P("FM25Q08A", 0x40, 0x14, 1024), .prot = &sec_cmp_sr2_4, .sr_write = NOR_SR_TWO_CLEARS,
         .uid = NOR_UID_4B, .fast_mhz = 104},
	{P("FM25Q16/FM25Q16A/FM25Q16B", 0x40, 0x15, 2048), .prot = &nor_prot_sec_cmp,
         .sr_write = NOR_SR_TWO_CLEARS, SECREG(1, 0, 1024), .uid = NOR_UID_4B, .fast_mhz = 104},
	{P("FM25Q32", 0x40, 0x16, 4096), .prot = &nor_prot_sec_cmp, .sr_write = NOR_SR_TWO_CLEARS,
         SECREG(1, 0, 1024), .uid = NOR_UID_4B, .fast_mhz = 104},
	{P("FM25Q64/FM25Q64A", 0x40, 0x17, 8192), .prot = &nor_prot_sec_cmp,
         .sr_write = NOR_SR_TWO_CLEARS, .fast_mhz = 104},
	{P("FM25Q128/FM25Q128A", 0x40, 0x18, 16384), .prot = &bp3_cmp_sr1_6,
         .sr_write = NOR_SR_SEPARATE, .fast_mhz = 104},

	/* more, of which identity is known */
	{BY_ID("Fudan", "FM25W02", 0xa1, 0x28, 0x12, 256, 1650, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fudan", "FM25W04", 0xa1, 0x28, 0x13, 512, 1650, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fudan", "FM25W16/FM25W16A", 0xa1, 0x28, 0x15, 2048, 1650, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fudan", "FM25W32", 0xa1, 0x28, 0x16, 4096, 1650, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fudan", "FM25W64", 0xa1, 0x28, 0x17, 8192, 1650, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fudan", "FM25W128", 0xa1, 0x28, 0x18, 16384, 1650, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fudan", "FM25F005", 0xa1, 0x31, 0x10, 64, 2700, 3600), ONE_REGISTER(ALL_SIZES)},
	{BY_ID("Fudan", "FM25F01/FM25F01B", 0xa1, 0x31, 0x11, 128, 2700, 3600),
         ONE_REGISTER(ALL_SIZES)},
	{BY_ID("Fudan", "FM25F02/FM25F02A", 0xa1, 0x31, 0x12, 256, 2700, 3600),
         ONE_REGISTER(ALL_SIZES)},
	{BY_ID("Fudan", "FM25F04/FM25F04A", 0xa1, 0x31, 0x13, 512, 2700, 3600),
         ONE_REGISTER(ALL_SIZES)},
	{BY_ID("Fudan", "FM25Q02", 0xa1, 0x40, 0x12, 256, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},
};

const struct nor_chip_table chips_fudan = {rows, sizeof(rows) / sizeof(rows[0])};
