/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Eon EN25. Identity and opcodes: flashprog and ufprog; the A revisions add 32K erase and are known
 * by quad output reads (6Bh) in SFDP. Typical times of EN25Q: data sheet excerpts; the rest
 * unverified.
 */
#include "nor/chip.h"

#define SOURCE "flashprog; ufprog; DediProg"
#define KIB    1024U

#define ALL_SIZES (NOR_ERASE_4K | NOR_ERASE_32K | NOR_ERASE_64K)
#define NO_32K    (NOR_ERASE_4K | NOR_ERASE_64K)
/* BFPT dword 3, opcode of the 1-1-4 fast read */
#define QUAD_OUT                           \
	.match = {.want_sfdp = true,       \
	          .bfpt_dword = 3,         \
	          .bfpt_mask = 0xff000000, \
	          .bfpt_value = 0x6b000000}

/* ---- times ----------------------------------------------------------------------------------- */

static const struct nor_times en25q64 = {
	.page_typ_us = 1300,
	.page_max_us = 5000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 90000,
	.erase_4k_max_us = 400000,
	.erase_64k_typ_us = 500000,
	.erase_64k_max_us = 2000000,
	.chip_typ_ms = 30000,
	.chip_max_ms = 160000,
	.source = "typical: EN25Q64 data sheet; largest: unverified, DediProg",
};

static const struct nor_times en25q128 = {
	.page_typ_us = 800,
	.page_max_us = 5000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 50000,
	.erase_4k_max_us = 400000,
	.erase_64k_typ_us = 200000,
	.erase_64k_max_us = 2000000,
	.chip_typ_ms = 45000,
	.chip_max_ms = 400000,
	.source = "typical: EN25Q128 data sheet; largest: unverified, DediProg",
};

static const struct nor_times en25qh = {
	.page_typ_us = 800,
	.page_max_us = 5000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 50000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 200000,
	.erase_32k_max_us = 1000000,
	.erase_64k_typ_us = 300000,
	.erase_64k_max_us = 2000000,
	.source = "data sheet (unverified)",
};

static const struct nor_times en25qh128a = {
	.page_typ_us = 500,
	.page_max_us = 3000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 40000,
	.erase_4k_max_us = 300000,
	.erase_32k_typ_us = 200000,
	.erase_32k_max_us = 1000000,
	.erase_64k_typ_us = 300000,
	.erase_64k_max_us = 2000000,
	.chip_typ_ms = 60000,
	.chip_max_ms = 400000,
	.source = "data sheet (unverified); chip erase: DediProg",
};

/* ---- protection ------------------------------------------------------------------------------ */

#define BP_3 .bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4)}
#define BP_4 .bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5)}

/* "Lower 127/128": the value counts the 64K blocks that stay writable. */
static const struct nor_prot bp_lower = {
	.kind = NOR_PROT_BLOCKS,
	BP_3,
	.tb = NOR_BIT(1, 5),
	.inverted = true,
	.srp0 = NOR_BIT(1, 7),
};

static const struct nor_prot bp_blocks = {
	.kind = NOR_PROT_BLOCKS,
	BP_3,
	.tb = NOR_BIT(1, 5),
	.srp0 = NOR_BIT(1, 7),
};

static const struct nor_prot bp3_ratio = {
	.kind = NOR_PROT_EON_BP3,
	BP_3,
	.tb = NOR_BIT(1, 5),
	.srp0 = NOR_BIT(1, 7),
};

/* Which end the ranges count from is set in OTP mode, where nothing here looks. */
static const struct nor_prot bp4_hidden = {
	.kind = NOR_PROT_NONE,
	BP_4,
	.srp0 = NOR_BIT(1, 7),
};

/* ---- parts ----------------------------------------------------------------------------------- */

#define PART(part, type, code, kib)                                                             \
	.name = part, .maker = "Eon", .id = {0x1c, type, code}, .id_len = 3, .size = (kib)*KIB, \
	.source = SOURCE, .vcc_min_mv = 2700, .vcc_max_mv = 3600, .sr_write = NOR_SR_ONE,       \
	.otp = NOR_OTP_EON, .otp_regs = 1, .otp_reg_size = 512

static const struct nor_chip rows[] = {
	{PART("EN25Q64", 0x30, 0x17, 8192), .erase_set = NO_32K, .times = &en25q64,
         .prot = &bp_lower, .read_mhz = 50, .fast_mhz = 100, .flags = NOR_F_NO_RESET},
	{PART("EN25Q128", 0x30, 0x18, 16384), .erase_set = NO_32K, .times = &en25q128,
         .prot = &bp_lower, .read_mhz = 50, .fast_mhz = 104, .flags = NOR_F_NO_RESET},

	{PART("EN25QH64", 0x70, 0x17, 8192), .erase_set = NO_32K, .times = &en25qh,
         .prot = &bp_blocks, .uid = NOR_UID_EON, .read_mhz = 50, .fast_mhz = 104},
	{PART("EN25QH64A", 0x70, 0x17, 8192), .erase_set = ALL_SIZES, .times = &en25qh,
         .prot = &bp4_hidden, .uid = NOR_UID_EON, .read_mhz = 50, .fast_mhz = 104,
         .flags = NOR_F_VOLATILE_SR, QUAD_OUT},
	{PART("EN25QH128", 0x70, 0x18, 16384), .erase_set = NO_32K, .times = &en25qh128a,
         .prot = &bp_blocks, .uid = NOR_UID_EON, .read_mhz = 50, .fast_mhz = 104},
	{PART("EN25QH128A", 0x70, 0x18, 16384), .erase_set = ALL_SIZES, .times = &en25qh128a,
         .prot = &bp3_ratio, .uid = NOR_UID_EON, .read_mhz = 50, .fast_mhz = 104,
         .flags = NOR_F_VOLATILE_SR, QUAD_OUT,
         .note = "bit 6 locks the boot block and is kept; in OTP mode the status register has "
                 "other bits"},
};

const struct nor_chip_table chips_eon = {rows, sizeof(rows) / sizeof(rows[0])};
