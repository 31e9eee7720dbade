/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PMC Pm25 and the ISSI parts under its continuation code 7Fh 9Dh. Identity and opcodes: flashprog
 * and ufprog. 4K is erased by D7h, which all of them know; 20h is not in the LV parts. BP3 of the
 * LQ parts acts as T/B: ufprog, and for Pm25LQ032C the serial flash tables of two set-top box
 * makers' drivers; the others' ranges have one source, or none, and are left undecoded.
 */
#include "identity.h"

#define SOURCE "flashprog; ufprog"

static const struct nor_times pm25 = {
	.page_typ_us = 2000,
	.page_max_us = 5000,
	.sr_typ_us = 10000,
	.sr_max_us = 100000,
	.erase_4k_typ_us = 60000,
	.erase_4k_max_us = 300000,
	.erase_64k_typ_us = 500000,
	.erase_64k_max_us = 1000000,
	.source = "data sheet (unverified)",
};

#define P(part, code, kib)                                                                        \
	ROW(part, "PMC", kib, 0x7f, 0x9d, code), .source = SOURCE, .times = &pm25,                \
						 .sr_write = NOR_SR_ONE, .flags = NOR_F_NO_RESET, \
						 .read_mhz = 20, .proof = NOR_PROOF_MODEL

#define GEN_LV \
	.erase_set = NOR_ERASE_4K_D7 | NOR_ERASE_64K, .prot = &nor_prot_bp3_odd, .fast_mhz = 33, V33
#define GEN_LQ                                                                  \
	.erase_set = NOR_ERASE_4K_D7 | NOR_ERASE_64K, .prot = &nor_prot_bp3_tb, \
	.qe = NOR_BIT(1, 6), .fast_mhz = 104, V23

static const struct nor_chip rows[] = {
	{P("Pm25LV010A", 0x7c, 128), .erase_set = NOR_ERASE_4K_D7, .prot = &nor_prot_bp3_odd,
         .fast_mhz = 33, V33},
	{P("Pm25LD020/Pm25LD020C/IS25LD020", 0x22, 256), GEN_LV},
	{P("Pm25LV040/Pm25LD040/Pm25LD040C/IS25LD040", 0x7e, 512), GEN_LV},
	{P("Pm25LV080B", 0x13, 1024), GEN_LV},
	{P("Pm25LV016B", 0x14, 2048), GEN_LV},
	{P("Pm25LQ020", 0x42, 256), GEN_LQ},
	{P("Pm25LQ040", 0x43, 512), GEN_LQ},
	{P("Pm25LQ080/IS25LQ080C", 0x44, 1024), GEN_LQ},
	{P("Pm25LQ016", 0x45, 2048), GEN_LQ},
	{P("Pm25LQ032C/IS25LQ032C", 0x46, 4096), GEN_LQ},

	/* more, of which identity is known */
	{BY_ID("PMC", "Pm25LD512/Pm25LD512C/IS25LD512/IS25CD512", 0x7f, 0x9d, 0x20, 64, 2700, 3600),
         ONE_REGISTER(NOR_ERASE_4K_D7)},
	{BY_ID("PMC", "Pm25LD010/Pm25LD010C/IS25LD010/IS25CD010", 0x7f, 0x9d, 0x21, 128, 2700,
               3600),
         ONE_REGISTER(NOR_ERASE_4K_D7)},
	{BY_ID("PMC", "Pm25LV512A", 0x7f, 0x9d, 0x7b, 64, 2700, 3600),
         ONE_REGISTER(NOR_ERASE_4K_D7)},
	{BY_ID("PMC", "Pm25LV020", 0x7f, 0x9d, 0x7d, 256, 2700, 3600),
         ONE_REGISTER(NOR_ERASE_4K_D7)},
};

const struct nor_chip_table chips_pmc = {rows, sizeof(rows) / sizeof(rows[0])};
