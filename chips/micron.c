/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Micron (ST, Numonyx) M25P, M25PX, M45PE, N25Q and MT25Q. Identity and opcodes: flashprog and
 * ufprog; MT25Q is known by SFDP from JESD216B on. The fourth BP bit sits above T/B. Stacked parts
 * are erased die by die, and their flag status register has to be polled (data sheets; ufprog).
 */
#include "table.h"

#define SOURCE "flashprog; ufprog; DediProg"
#define TIMES  "data sheet (unverified); chip erase: DediProg"

/* ---- times ---- */

static const struct nor_times m25p = {
	.page_typ_us = 1400,
	.page_max_us = 5000,
	.sr_typ_us = 5000,
	.sr_max_us = 15000,
	.erase_4k_typ_us = 80000,
	.erase_4k_max_us = 150000,
	.erase_32k_typ_us = 600000,
	.erase_32k_max_us = 3000000,
	.erase_64k_typ_us = 1000000,
	.erase_64k_max_us = 3000000,
	.erase_256k_typ_us = 2000000,
	.erase_256k_max_us = 6000000,
	.source = TIMES,
};

static const struct nor_times n25q = {
	.page_typ_us = 500,
	.page_max_us = 5000,
	.sr_typ_us = 1300,
	.sr_max_us = 8000,
	.erase_4k_typ_us = 250000,
	.erase_4k_max_us = 800000,
	.erase_64k_typ_us = 700000,
	.erase_64k_max_us = 3000000,
	.source = TIMES,
};

static const struct nor_times mt25q = {
	.page_typ_us = 120,
	.page_max_us = 1800,
	.sr_typ_us = 1300,
	.sr_max_us = 8000,
	.erase_4k_typ_us = 50000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 100000,
	.erase_32k_max_us = 1000000,
	.erase_64k_typ_us = 150000,
	.erase_64k_max_us = 1000000,
	.source = TIMES,
};

static const struct nor_prot bp4_tb = {
	.kind = NOR_PROT_BLOCKS,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 6)},
	.tb = NOR_BIT(1, 5),
	.srp0 = NOR_BIT(1, 7),
};

/* Quarters, which are its sectors. */
static const struct nor_prot bp2_32k = {
	.kind = NOR_PROT_BLOCKS,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3)},
	.unit_kib = 32,
	.srp0 = NOR_BIT(1, 7),
};

/* The smallest erase 32K with D8h. */
static const struct nor_erase d8_is_32k[NOR_ERASE_TYPES] = {{.size = 32768, .op = 0xd8}};

/* ---- families ---- */

#define P(part, type, code, kib)                                                              \
	ROW(part, "Micron", kib, 0x20, type, code), .source = SOURCE, .sr_write = NOR_SR_ONE, \
						    .proof = NOR_PROOF_MODEL

#define V17 .vcc_min_mv = 1700, .vcc_max_mv = 2000
#define OTP .otp = NOR_OTP_MICRON, .otp_regs = 1, .otp_reg_size = 64

#define M25P(set)                                                           \
	.erase_set = (set), .times = &m25p, .read_mhz = 20, .fast_mhz = 25, \
	.flags = NOR_F_NO_RESET, V33
#define M25PX                                                                     \
	.erase_set = NO_32K, .times = &m25p, OTP, .read_mhz = 33, .fast_mhz = 50, \
	.flags = NOR_F_NO_RESET, V33
#define N25Q                                                                       \
	.erase_set = NO_32K, .times = &n25q, OTP, .read_mhz = 50, .fast_mhz = 108, \
	.flags = NOR_F_FSR
#define N25Q_STACK                                                                 \
	.erase_set = NO_32K, .times = &n25q, OTP, .read_mhz = 50, .fast_mhz = 108, \
	.flags = NOR_F_FSR | NOR_F_DIE_ERASE, .die = 32U << 20
#define MT25Q                                                                          \
	.erase_set = ALL_SIZES, .times = &mt25q, OTP, .read_mhz = 50, .fast_mhz = 133, \
	.flags = NOR_F_FSR
#define MT25Q_STACK                                                                    \
	.erase_set = ALL_SIZES, .times = &mt25q, OTP, .read_mhz = 50, .fast_mhz = 133, \
	.flags = NOR_F_FSR | NOR_F_DIE_ERASE, .die = 64U << 20
#define BY_MODE   .addr4 = NOR_ADDR4_ENTER_WE, .prot = &bp4_tb
#define BY_OPCODE .addr4 = NOR_ADDR4_NATIVE, .prot = &bp4_tb

static const struct nor_chip rows[] = {
	/* M25P */
	{P("M25P05A", 0x20, 0x10, 64), M25P(0), .erase = d8_is_32k, .prot = &nor_prot_bp2},
	{P("M25P10A", 0x20, 0x11, 128), M25P(0), .erase = d8_is_32k, .prot = &bp2_32k},
	{P("M25P20", 0x20, 0x12, 256), M25P(NOR_ERASE_64K), .prot = &nor_prot_bp2},
	{P("M25P40", 0x20, 0x13, 512), M25P(NOR_ERASE_64K), .prot = &nor_prot_bp3},
	{P("M25P80", 0x20, 0x14, 1024), M25P(NOR_ERASE_64K), .prot = &nor_prot_bp3},
	{P("M25P16", 0x20, 0x15, 2048), M25P(NOR_ERASE_64K), .prot = &nor_prot_bp3},
	{P("M25P32", 0x20, 0x16, 4096), M25P(NOR_ERASE_64K), .prot = &nor_prot_bp3},
	{P("M25P64", 0x20, 0x17, 8192), M25P(NOR_ERASE_64K), .prot = &nor_prot_ratio},
	{P("M25P128", 0x20, 0x18, 16384), M25P(NOR_ERASE_256K), .prot = &nor_prot_ratio},

	/* M25PX */
	{P("M25PX80", 0x71, 0x14, 1024), M25PX, .prot = &nor_prot_bp3_tb},
	{P("M25PX16", 0x71, 0x15, 2048), M25PX, .prot = &nor_prot_bp3_tb},
	{P("M25PX32", 0x71, 0x16, 4096), M25PX, .prot = &nor_prot_bp3_tb},
	{P("M25PX32-S0", 0x73, 0x16, 4096), M25PX, .prot = &nor_prot_bp3_tb},
	{P("M25PX32-S1", 0x63, 0x16, 4096), M25PX, .prot = &nor_prot_bp3_tb},
	{P("M25PX64", 0x71, 0x17, 8192), M25PX, .prot = &nor_prot_ratio_tb},

	/* M45PE: page erase is left alone; XMC's XM25QH..B answer the same IDs and have SFDP */
	{P("M45PE10", 0x40, 0x11, 128), M25P(NOR_ERASE_64K), .prot = &nor_prot_bp3_odd,
         NOR_NO_SFDP},
	{P("M45PE20", 0x40, 0x12, 256), M25P(NOR_ERASE_64K), .prot = &nor_prot_bp3_odd,
         NOR_NO_SFDP},
	{P("M45PE40", 0x40, 0x13, 512), M25P(NOR_ERASE_64K), .prot = &nor_prot_bp3_odd,
         NOR_NO_SFDP},
	{P("M45PE80", 0x40, 0x14, 1024), M25P(NOR_ERASE_64K), .prot = &nor_prot_bp3_odd,
         NOR_NO_SFDP},
	{P("M45PE16", 0x40, 0x15, 2048), M25P(NOR_ERASE_64K), .prot = &nor_prot_bp3_odd,
         NOR_NO_SFDP},

	/* N25Q */
	{P("N25Q016A13", 0xba, 0x15, 2048), N25Q, .prot = &nor_prot_bp3_tb, V33},
	{P("N25Q016A11", 0xbb, 0x15, 2048), N25Q, .prot = &nor_prot_bp3_tb, V17},
	{P("N25Q032A13", 0xba, 0x16, 4096), N25Q, .prot = &nor_prot_bp3_tb, V33},
	{P("N25Q032A11", 0xbb, 0x16, 4096), N25Q, .prot = &nor_prot_bp3_tb, V17},
	{P("N25Q064A13", 0xba, 0x17, 8192), N25Q, .prot = &bp4_tb, V33},
	{P("N25Q064A11", 0xbb, 0x17, 8192), N25Q, .prot = &bp4_tb, V17},
	{P("N25Q128A13", 0xba, 0x18, 16384), N25Q, .prot = &bp4_tb, V33},
	{P("N25Q128A11", 0xbb, 0x18, 16384), N25Q, .prot = &bp4_tb, V17},
	{P("N25Q256A13", 0xba, 0x19, 32768), N25Q, BY_MODE, V33},
	{P("N25Q256A11", 0xbb, 0x19, 32768), N25Q, BY_MODE, V17},
	{P("N25Q512A13", 0xba, 0x20, 65536), N25Q_STACK, BY_MODE, V33},
	{P("N25Q512A11", 0xbb, 0x20, 65536), N25Q_STACK, BY_MODE, V17},
	{P("N25Q00AA13", 0xba, 0x21, 131072), N25Q_STACK, BY_MODE, V33},
	{P("N25Q00AA11", 0xbb, 0x21, 131072), N25Q_STACK, BY_MODE, V17},

	/* MT25Q */
	{P("MT25QL128AB", 0xba, 0x18, 16384), MT25Q, .prot = &bp4_tb, V33, NOR_SFDP_A_UP},
	{P("MT25QU128AB", 0xbb, 0x18, 16384), MT25Q, .prot = &bp4_tb, V17, NOR_SFDP_A_UP},
	{P("MT25QL256AB", 0xba, 0x19, 32768), MT25Q, BY_OPCODE, V33, NOR_SFDP_A_UP},
	{P("MT25QU256AB", 0xbb, 0x19, 32768), MT25Q, BY_OPCODE, V17, NOR_SFDP_A_UP},
	{P("MT25QL512AB", 0xba, 0x20, 65536), MT25Q, BY_OPCODE, V33, NOR_SFDP_A_UP},
	{P("MT25QU512AB", 0xbb, 0x20, 65536), MT25Q, BY_OPCODE, V17, NOR_SFDP_A_UP},
	{P("MT25QL01GBB", 0xba, 0x21, 131072), MT25Q_STACK, BY_OPCODE, V33, NOR_SFDP_A_UP},
	{P("MT25QU01GBB", 0xbb, 0x21, 131072), MT25Q_STACK, BY_OPCODE, V17, NOR_SFDP_A_UP},
	{P("MT25QL02GCB", 0xba, 0x22, 262144), MT25Q_STACK, BY_OPCODE, V33},
	{P("MT25QU02GCB", 0xbb, 0x22, 262144), MT25Q_STACK, BY_OPCODE, V17},

	{P("M25PE10", 0x80, 0x11, 128), M25P(NO_32K), .prot = &nor_prot_bp2},
	{P("M25PE20", 0x80, 0x12, 256), M25P(NO_32K), .prot = &nor_prot_bp2},
	{P("M25PE40", 0x80, 0x13, 512), M25P(NO_32K), .prot = &nor_prot_bp3},
	{P("M25PE80", 0x80, 0x14, 1024), M25P(NO_32K), .prot = &nor_prot_bp3},
	{P("M25PE16", 0x80, 0x15, 2048), M25P(NO_32K), .prot = &nor_prot_bp3},
};

const struct nor_chip_table chips_micron = {rows, sizeof(rows) / sizeof(rows[0])};
