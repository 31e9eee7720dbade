/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Micron N25Q and MT25Q. Identity and opcodes: flashprog and ufprog; MT25Q is known by SFDP from
 * JESD216B on. The fourth BP bit sits above T/B.
 */
#include "nor/chip.h"

#define SOURCE "flashprog; ufprog; DediProg"
#define TIMES  "data sheet (unverified); chip erase: DediProg"
#define KIB    1024U

#define ALL_SIZES (NOR_ERASE_4K | NOR_ERASE_32K | NOR_ERASE_64K)
#define NO_32K    (NOR_ERASE_4K | NOR_ERASE_64K)
#define SFDP_A_UP .match = {.sfdp_minor_min = 5}

/* ---- times ----------------------------------------------------------------------------------- */

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

/* ---- protection ------------------------------------------------------------------------------ */

static const struct nor_prot bp4_tb = {
	.kind = NOR_PROT_BLOCKS,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 6)},
	.tb = NOR_BIT(1, 5),
	.srp0 = NOR_BIT(1, 7),
};

/* ---- parts ----------------------------------------------------------------------------------- */

#define PART(part, type, code, kib)                                                                \
	.name = part, .maker = "Micron", .id = {0x20, type, code}, .id_len = 3, .size = (kib)*KIB, \
	.source = SOURCE, .sr_write = NOR_SR_ONE, .prot = &bp4_tb, .otp = NOR_OTP_MICRON,          \
	.otp_regs = 1, .otp_reg_size = 64, .flags = NOR_F_FSR
#define V33   .vcc_min_mv = 2700, .vcc_max_mv = 3600
#define N25Q  .erase_set = NO_32K, .times = &n25q, .read_mhz = 50, .fast_mhz = 108
#define MT25Q .erase_set = ALL_SIZES, .times = &mt25q, .read_mhz = 50, .fast_mhz = 133

static const struct nor_chip rows[] = {
	{PART("N25Q128A13", 0xba, 0x18, 16384), N25Q, V33},
	{PART("MT25QL128AB", 0xba, 0x18, 16384), MT25Q, V33, SFDP_A_UP},
};

const struct nor_chip_table chips_micron = {rows, sizeof(rows) / sizeof(rows[0])};
