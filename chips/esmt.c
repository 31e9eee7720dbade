/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ESMT F25. Identity and opcodes: flashprog and ufprog. The oldest program by words with ADh.
 * Ranges of F25L32PA and F25L32QA: serial flash tables of two set-top box makers' drivers; the
 * latter contradict what ufprog has for all QA parts, so those of the others are left undecoded.
 */
#include "identity.h"

#define SOURCE "flashprog; ufprog"

static const struct nor_times f25 = {
	.page_typ_us = 1500,
	.page_max_us = 5000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 90000,
	.erase_4k_max_us = 300000,
	.erase_32k_typ_us = 500000,
	.erase_32k_max_us = 2000000,
	.erase_64k_typ_us = 1000000,
	.erase_64k_max_us = 2000000,
	.source = "data sheet (unverified)",
};

/* Of a word. */
static const struct nor_times f25_words = {
	.page_typ_us = 10,
	.page_max_us = 50,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 90000,
	.erase_4k_max_us = 300000,
	.erase_64k_typ_us = 1000000,
	.erase_64k_max_us = 2000000,
	.source = "data sheet (unverified)",
};

#define P(part, type, code, kib)                                                            \
	ROW(part, "ESMT", kib, 0x8c, type, code), .source = SOURCE, .sr_write = NOR_SR_ONE, \
						  .read_mhz = 33, .fast_mhz = 50,           \
						  .proof = NOR_PROOF_MODEL

#define GEN_AAI                                                                         \
	.times = &f25_words, .erase_set = NO_32K, .prot = &nor_prot_bp3_odd, .page = 1, \
	.flags = NOR_F_BYTE_PROGRAM | NOR_F_AAI_WORD | NOR_F_EWSR | NOR_F_NO_RESET, V33
#define GEN_PA \
	.times = &f25, .erase_set = NO_32K, .prot = &nor_prot_bp3_tb, .flags = NOR_F_NO_RESET, V33
#define GEN_QA(prot_)                                                                \
	.times = &f25, .erase_set = ALL_SIZES, .prot = (prot_), .qe = NOR_BIT(1, 6), \
	.flags = NOR_F_NO_RESET, V33

#define F25L016_NOTE                                                                          \
	"F25L016A and F25L16PA answer alike: single bytes, which both know, are programmed; " \
	"with --chip each has its own commands"

static const struct nor_chip rows[] = {
	{P("F25L05PA", 0x30, 0x10, 64), GEN_PA},
	{P("F25L01PA", 0x30, 0x11, 128), GEN_PA},
	{P("F25L02PA", 0x30, 0x12, 256), GEN_PA},
	{P("F25L04PA", 0x30, 0x13, 512), GEN_PA},
	{P("F25L004A", 0x20, 0x13, 512), GEN_AAI},
	{P("F25L008A", 0x20, 0x14, 1024), GEN_AAI,
         .note = "F25L08PA answers the same ID: single bytes, which both know, are programmed; "
                 "with --chip each has its own commands"},
	{P("F25L08PA", 0x20, 0x14, 1024), GEN_PA,
         .note = "F25L008A answers the same ID: single bytes, which both know, are programmed; "
                 "with --chip each has its own commands"},
	{P("F25L016A", 0x20, 0x15, 2048), GEN_AAI},
	{P("F25L32PA", 0x20, 0x16, 4096), .times = &f25, .erase_set = NO_32K, .prot = &nor_prot_bp3,
         .flags = NOR_F_EWSR | NOR_F_NO_RESET, V33},
	{P("F25L08QA", 0x40, 0x14, 1024), GEN_QA(&nor_prot_bp3_agreed)},
	{P("F25L16QA", 0x40, 0x15, 2048), GEN_QA(&nor_prot_bp3_agreed)},
	{P("F25L32QA", 0x41, 0x16, 4096), GEN_QA(&nor_prot_bp4_mirrored)},
	{P("F25L64QA", 0x41, 0x17, 8192), GEN_QA(&nor_prot_bp3_agreed)},

	/* more, of which identity is known */
	{P("F25L016A(Bottom)", 0x21, 0x15, 2048), GEN_AAI, .note = F25L016_NOTE},
	{P("F25L16PA", 0x21, 0x15, 2048), GEN_PA, .note = F25L016_NOTE},
	{BY_ID("ESMT", "F25L64PA", 0x8c, 0x21, 0x17, 8192, 2700, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("ESMT", "F25D08QA", 0x8c, 0x25, 0x34, 1024, 1650, 2000), ONE_REGISTER(ALL_SIZES),
         .qe = NOR_BIT(1, 6)},
	{BY_ID("ESMT", "F25D64QA", 0x8c, 0x25, 0x37, 8192, 1650, 2000), ONE_REGISTER(ALL_SIZES),
         .qe = NOR_BIT(1, 6)},
};

const struct nor_chip_table chips_esmt = {rows, sizeof(rows) / sizeof(rows[0])};
