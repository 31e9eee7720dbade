/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SST (Microchip) and the Sanyo parts it took over. Identity and opcodes: flashprog and ufprog.
 * Most SST25 program by bytes or by words with ADh, and power up locked. SST26 lock every block at
 * power-up and are opened by 98h; the D8h of most erases 8K, 32K or 64K by address (Microchip's
 * data sheets: four blocks of 8K and one of 32K at each end). The others are erased by 20h only.
 */
#include "identity.h"

#define SOURCE "flashprog; ufprog; DediProg"

static const struct nor_times sst25 = {
	.page_typ_us = 10,
	.page_max_us = 20,
	.sr_typ_us = 10,
	.sr_max_us = 1000,
	.erase_4k_typ_us = 18000,
	.erase_4k_max_us = 25000,
	.erase_32k_typ_us = 18000,
	.erase_32k_max_us = 25000,
	.erase_64k_typ_us = 18000,
	.erase_64k_max_us = 25000,
	.chip_typ_ms = 35,
	.chip_max_ms = 50,
	.source = "data sheet (unverified); page times are of a byte or word",
};

static const struct nor_times sst26 = {
	.page_typ_us = 1000,
	.page_max_us = 1500,
	.sr_typ_us = 10000,
	.sr_max_us = 25000,
	.erase_4k_typ_us = 20000,
	.erase_4k_max_us = 25000,
	.erase_64k_typ_us = 20000,
	.erase_64k_max_us = 25000,
	.chip_typ_ms = 35,
	.chip_max_ms = 50,
	.source = "data sheet (unverified)",
};

static const struct nor_times le25 = {
	.page_typ_us = 3000,
	.page_max_us = 5000,
	.sr_typ_us = 5000,
	.sr_max_us = 15000,
	.erase_4k_typ_us = 40000,
	.erase_4k_max_us = 150000,
	.erase_64k_typ_us = 80000,
	.erase_64k_max_us = 250000,
	.source = "data sheet (unverified)",
};

/* Linux locks them by the rule of STM's parts; BP3 is there (data sheet: unverified) and has no
 * say.
 */
static const struct nor_prot bp3_of_4 = {
	.kind = NOR_PROT_BLOCKS,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4)},
	.idle = NOR_BIT(1, 5),
	.srp0 = NOR_BIT(1, 7),
};

/* Which blocks are locked is not in the status register. */
static const struct nor_prot block_locks = {.kind = NOR_PROT_SECTORS};

#define MADE(part, kib) \
	.name = (part), .size = (kib)*1024U, .source = SOURCE, .id_len = 3, .proof = NOR_PROOF_MODEL
#define P(part, type, code, kib)     MADE(part, kib), .maker = "SST", .id = {0xbf, type, code}
#define SANYO(part, type, code, kib) MADE(part, kib), .maker = "SST", .id = {0x62, type, code}

#define GEN_AAI                                                                             \
	.erase_set = ALL_SIZES, .times = &sst25, .prot = &bp3_of_4, .sr_write = NOR_SR_ONE, \
	.page = 1, .read_mhz = 25, .fast_mhz = 50,                                          \
	.flags = NOR_F_BYTE_PROGRAM | NOR_F_AAI_WORD | NOR_F_EWSR | NOR_F_NO_RESET
/* No D8h. */
#define GEN_AAI_SMALL                                                                  \
	.erase_set = NOR_ERASE_4K | NOR_ERASE_32K, .times = &sst25, .prot = &bp3_of_4, \
	.sr_write = NOR_SR_ONE, .page = 1, .read_mhz = 20, .fast_mhz = 33,             \
	.flags = NOR_F_BYTE_PROGRAM | NOR_F_AAI_WORD | NOR_F_EWSR | NOR_F_NO_RESET
#define GEN_26                                                                                    \
	.erase_set = NOR_ERASE_4K, .times = &sst26, .prot = &block_locks, .sr_write = NOR_SR_TWO, \
	.read_mhz = 33, .fast_mhz = 80, .flags = NOR_F_GBULK
#define GEN_26_EDGES                                                                            \
	.erase_set = NO_32K, .uneven = NOR_UNEVEN_EDGES, .times = &sst26, .prot = &block_locks, \
	.sr_write = NOR_SR_TWO, .read_mhz = 33, .fast_mhz = 80, .flags = NOR_F_GBULK
#define GEN_LE                                                                                  \
	.erase_set = NO_32K, .times = &le25, .prot = &nor_prot_bp3_odd, .sr_write = NOR_SR_ONE, \
	.read_mhz = 20, .fast_mhz = 40, .flags = NOR_F_NO_RESET, V18

static const struct nor_chip rows[] = {
	{P("SST25VF020B/SST25PF020B", 0x25, 0x8c, 256), GEN_AAI, V33},
	{P("SST25VF040B/SST25PF040B", 0x25, 0x8d, 512), GEN_AAI, V33},
	{P("SST25VF080B/SST25PF080B", 0x25, 0x8e, 1024), GEN_AAI, V33},
	{P("SST25VF016B", 0x25, 0x41, 2048), GEN_AAI, V33},
	{P("SST25VF032B", 0x25, 0x4a, 4096), GEN_AAI, V33},
	{P("SST25VF064C", 0x25, 0x4b, 8192), .erase_set = ALL_SIZES, .times = &sst26,
         .prot = &nor_prot_bp4, .sr_write = NOR_SR_ONE, .read_mhz = 33, .fast_mhz = 80,
         .flags = NOR_F_EWSR | NOR_F_NO_RESET, V33},
	{P("SST25WF020", 0x25, 0x03, 256), GEN_AAI, V18},
	{P("SST25WF040", 0x25, 0x04, 512), GEN_AAI, V18},
	{P("SST25WF080", 0x25, 0x05, 1024), GEN_AAI, V18},

	{SANYO("SST25WF020A", 0x16, 0x12, 256), GEN_LE},
	{SANYO("SST25WF040B/LE25FS406", 0x16, 0x13, 512), GEN_LE},
	{SANYO("SST25WF080B/LE25S81", 0x16, 0x14, 1024), GEN_LE},

	{P("SST26VF016", 0x26, 0x01, 2048), GEN_26_EDGES, V33},
	{P("SST26VF032", 0x26, 0x02, 4096), GEN_26_EDGES, V33},
	{P("SST26VF020A", 0x26, 0x12, 256), GEN_26, V33},
	{P("SST26VF040A", 0x26, 0x14, 512), GEN_26, V33},
	{P("SST26VF080A", 0x26, 0x18, 1024), GEN_26, V33},
	{P("SST26VF016B/SST26VF016BA", 0x26, 0x41, 2048), GEN_26_EDGES, V33},
	{P("SST26VF032B/SST26VF032BA", 0x26, 0x42, 4096), GEN_26_EDGES, V33},
	{P("SST26VF064B/SST26VF064BA", 0x26, 0x43, 8192), GEN_26_EDGES, V33},
	{P("SST26WF016B", 0x26, 0x51, 2048), GEN_26, V18},
	{P("SST26WF040B", 0x26, 0x54, 512), GEN_26, V18},
	{P("SST26WF080B", 0x26, 0x58, 1024), GEN_26, V18},

	/* more, of which identity is known */
	{BY_ID("Sanyo", "LE25FU206A/LE25U20AMB", 0x62, 0x06, 0x12, 256, 2300, 3600),
         ONE_REGISTER(NO_32K)},
	{BY_ID("Sanyo", "LE25FU406C/LE25U40CMC/SST25PF040C", 0x62, 0x06, 0x13, 512, 2300, 3600),
         ONE_REGISTER(NO_32K)},
	{P("SST25WF512", 0x25, 0x01, 64), GEN_AAI_SMALL, V18},
	{P("SST25WF010", 0x25, 0x02, 128), GEN_AAI_SMALL, V18},
	{P("SST26WF032", 0x26, 0x22, 4096), GEN_26, V18},
	{P("SST26WF064C", 0x26, 0x53, 8192), GEN_26, V18},
};

const struct nor_chip_table chips_sst = {rows, sizeof(rows) / sizeof(rows[0])};
