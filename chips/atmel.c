/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Atmel/Adesto AT25 and AT26. Identity and opcodes: flashprog and ufprog. DF, DL and AT26 parts
 * lock by sectors, power up locked, and are opened by writing zeros to the status register; SF and
 * later have Winbond's registers.
 */
#include "identity.h"

#define SOURCE "flashprog; ufprog; DediProg"

static const struct nor_times at25 = {
	.page_typ_us = 1000,
	.page_max_us = 5000,
	.sr_typ_us = 10000,
	.sr_max_us = 30000,
	.erase_4k_typ_us = 50000,
	.erase_4k_max_us = 300000,
	.erase_32k_typ_us = 250000,
	.erase_32k_max_us = 600000,
	.erase_64k_typ_us = 450000,
	.erase_64k_max_us = 1200000,
	.source = "data sheet (unverified); chip erase: DediProg",
};

/* Global protect and unprotect write bits 2..5; bit 7 (SPRL) locks them. */
static const struct nor_prot sectors = {
	.kind = NOR_PROT_SECTORS,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5)},
	.srp0 = NOR_BIT(1, 7),
};

#define P(part, type, code, kib)                                                             \
	ROW(part, "Atmel", kib, 0x1f, type, code), .source = SOURCE, .erase_set = ALL_SIZES, \
						   .times = &at25, .read_mhz = 33,           \
						   .proof = NOR_PROOF_MODEL

#define V25    .vcc_min_mv = 2500, .vcc_max_mv = 3600
#define GEN_DF .prot = &sectors, .sr_write = NOR_SR_ONE, .fast_mhz = 66, .flags = NOR_F_NO_RESET
#define GEN_SF                                                                         \
	.prot = &nor_prot_sec_cmp, .sr_write = NOR_SR_TWO_CLEARS, .qe = NOR_BIT(2, 1), \
	.fast_mhz = 70, .flags = NOR_F_VOLATILE_SR
#define GEN_NEW                                                                      \
	.prot = &nor_prot_sec_cmp, .sr_write = NOR_SR_SEPARATE, .qe = NOR_BIT(2, 1), \
	.fast_mhz = 85, .flags = NOR_F_VOLATILE_SR

static const struct nor_chip rows[] = {
	{P("AT25DF021", 0x43, 0x00, 256), GEN_DF, V33},
	{P("AT25DF021A", 0x43, 0x01, 256), GEN_DF, VWIDE},
	{P("AT25DF041A", 0x44, 0x01, 512), GEN_DF, V33},
	{P("AT25DF041B", 0x44, 0x02, 512), GEN_DF, VWIDE},
	{P("AT25DF081A/AT26DF081A", 0x45, 0x01, 1024), GEN_DF, V33},
	{P("AT25DF081/AT25DL081", 0x45, 0x02, 1024), GEN_DF, V18},
	{P("AT26DF161", 0x46, 0x00, 2048), GEN_DF, V33},
	{P("AT26DF161A", 0x46, 0x01, 2048), GEN_DF, V33},
	{P("AT25DF161", 0x46, 0x02, 2048), GEN_DF, V33},
	{P("AT25DL161", 0x46, 0x03, 2048), GEN_DF, V18},
	{P("AT25DF321/AT26DF321", 0x47, 0x00, 4096), GEN_DF, V33},
	{P("AT25DF321A", 0x47, 0x01, 4096), GEN_DF, V33},
	{P("AT25DF641/AT25DF641A", 0x48, 0x00, 8192), GEN_DF, V33},

	{P("AT25SF041", 0x84, 0x01, 512), GEN_SF, V25},
	{P("AT25SF041B", 0x84, 0x01, 512), GEN_NEW, V25, NOR_SFDP_A_UP},
	{P("AT25SF081", 0x85, 0x01, 1024), GEN_SF, V25},
	{P("AT25SF081B", 0x85, 0x01, 1024), GEN_NEW, V25, NOR_SFDP_A_UP},
	{P("AT25SF161", 0x86, 0x01, 2048), GEN_SF, V25},
	{P("AT25SF161B", 0x86, 0x01, 2048), GEN_NEW, V25, NOR_SFDP_A_UP},
	{P("AT25SF321", 0x87, 0x01, 4096), GEN_SF, V25},
	{P("AT25SF321B", 0x87, 0x01, 4096), GEN_NEW, V25, NOR_SFDP_A_UP},
	{P("AT25SF641B/AT25QF641B", 0x88, 0x01, 8192), GEN_NEW, V33},
	{P("AT25SF128A/AT25QF128A", 0x89, 0x01, 16384), GEN_NEW, V33},
	{P("AT25SL641/AT25QL641", 0x43, 0x17, 8192), GEN_NEW, V18},
	{P("AT25SL128A/AT25QL128A", 0x42, 0x18, 16384), GEN_NEW, V18},
	{P("AT25SF641", 0x32, 0x17, 8192), GEN_NEW, V33},

	/* more, of which identity is known */
	{BY_ID("Atmel", "AT26F004", 0x1f, 0x04, 0x00, 512, 2700, 3600), ONE_REGISTER(ALL_SIZES)},
	{BY_ID("Atmel", "AT25EU0011A", 0x1f, 0x10, 0x01, 128, 1650, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Atmel", "AT25EU0021A", 0x1f, 0x11, 0x01, 256, 1650, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Atmel", "AT25EU0041A", 0x1f, 0x14, 0x01, 512, 1650, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Atmel", "AT25DF011/AT25DN011/AT25XE011", 0x1f, 0x42, 0x00, 128, 1650, 3600),
         ONE_REGISTER(NOR_ERASE_4K | NOR_ERASE_32K)},
	{BY_ID("Atmel", "AT25SL321/AT25QL321", 0x1f, 0x42, 0x16, 4096, 1650, 2000),
         SEPARATE_REGISTERS(ALL_SIZES)},
	{BY_ID("Atmel", "AT25FF041A", 0x1f, 0x44, 0x08, 512, 1650, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Atmel", "AT25XE041D", 0x1f, 0x44, 0x0c, 512, 1650, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Atmel", "AT25FF081A", 0x1f, 0x45, 0x08, 1024, 1650, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Atmel", "AT25XE081D", 0x1f, 0x45, 0x0c, 1024, 1650, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Atmel", "AT25FF161A", 0x1f, 0x46, 0x08, 2048, 1650, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Atmel", "AT25XE161D", 0x1f, 0x46, 0x0c, 2048, 1650, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Atmel", "AT25FF321A", 0x1f, 0x47, 0x08, 4096, 1650, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Atmel", "AT25XE321D", 0x1f, 0x47, 0x0c, 4096, 1650, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Atmel", "AT25F512B", 0x1f, 0x65, 0x00, 64, 2700, 3600),
         ONE_REGISTER(NOR_ERASE_4K | NOR_ERASE_32K)},
	{BY_ID("Atmel", "AT25DF512C/AT25DN512C/AT25XE512C", 0x1f, 0x65, 0x01, 64, 1650, 3600),
         ONE_REGISTER(NOR_ERASE_4K | NOR_ERASE_32K)},
	{BY_ID("Atmel", "AT25FS010", 0x1f, 0x66, 0x01, 128, 2700, 3600),
         ONE_REGISTER(NOR_ERASE_4K | NOR_ERASE_32K)},
	{BY_ID("Atmel", "AT25FS040", 0x1f, 0x66, 0x04, 512, 2700, 3600), ONE_REGISTER(NO_32K)},
	{P("AT25DQ161", 0x86, 0x00, 2048), GEN_DF, V33},
	{P("AT25DQ321", 0x87, 0x00, 4096), GEN_DF, V33},
};

const struct nor_chip_table chips_atmel = {rows, sizeof(rows) / sizeof(rows[0])};
