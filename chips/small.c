/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makers with a few parts each: AMIC (flashrom), Zbit (one of them in flashrom), Zetta (flashprog).
 */
#include "table.h"

static const struct nor_times common = {
	.page_typ_us = 1000,
	.page_max_us = 5000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 80000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 200000,
	.erase_32k_max_us = 1600000,
	.erase_64k_typ_us = 400000,
	.erase_64k_max_us = 2000000,
	.source = "middle of the family (unverified)",
};

#define P(part, made_by, maker_id, type, code, kib, from)                                  \
	ROW(part, made_by, kib, maker_id, type, code), .source = (from), .times = &common, \
						       .read_mhz = 33, .fast_mhz = 50

#define AMIC(part, type, code, kib, prot_)                                                        \
	P(part, "AMIC", 0x37, type, code, kib, "flashrom"),                                       \
		.erase_set = NO_32K, .sr_write = NOR_SR_ONE, .prot = (prot_), .vcc_min_mv = 2700, \
		.vcc_max_mv = 3600, .flags = NOR_F_NO_RESET, ON_MODEL
#define ZB_FROM "NationalChip and Ingenic tables"
#define ZBIT(part, type, code, kib, from)                                                        \
	.name = (part), .maker = "Zbit", .id = {0x5e, type, code}, .id_len = 3,                  \
	.size = (kib)*1024U, .source = (from), .times = &common, .read_mhz = 33, .fast_mhz = 50, \
	.erase_set = ALL_SIZES, .sr_write = NOR_SR_SEPARATE, .qe = NOR_BIT(2, 1),                \
	.prot = &nor_prot_sec_cmp, .flags = NOR_F_VOLATILE_SR, V33, ON_MODEL
/* The D parts, and the 64 from B on, tell JESD216E or later. */
#define ZB_OTP(bytes) .otp = NOR_OTP_SECREG, .otp_regs = 3, .otp_first = 1, .otp_reg_size = (bytes)
#define ZB_OLD        ZB_OTP(256), .uid = NOR_UID_4B
#define ZB_NEW        ZB_OTP(1024), .uid = NOR_UID_GD16, .match = {.sfdp_minor_min = 8}
#define ON_MODEL      .proof = NOR_PROOF_MODEL

static const struct nor_chip rows[] = {
	{AMIC("A25L512", 0x30, 0x10, 64, &nor_prot_bp3_odd)},
	{AMIC("A25L010", 0x30, 0x11, 128, &nor_prot_bp3_odd)},
	{AMIC("A25L020", 0x30, 0x12, 256, &nor_prot_bp3_odd)},
	{AMIC("A25L040", 0x30, 0x13, 512, &nor_prot_bp3)},
	{AMIC("A25L080", 0x30, 0x14, 1024, &nor_prot_bp3_odd)},
	{AMIC("A25L016", 0x30, 0x15, 2048, &nor_prot_bp3_odd)},

	{ZBIT("ZB25VQ16", 0x40, 0x15, 2048, "flashrom; " ZB_FROM), ZB_OLD},
	{ZBIT("ZB25VQ16A", 0x60, 0x15, 2048, ZB_FROM), ZB_OLD},
	{ZBIT("ZB25VQ32/ZB25VQ32B", 0x40, 0x16, 4096, ZB_FROM), ZB_OLD},
	{ZBIT("ZB25VQ32D", 0x40, 0x16, 4096, ZB_FROM), ZB_NEW},
	{ZBIT("ZB25VQ64/ZB25VQ64A", 0x40, 0x17, 8192, ZB_FROM), ZB_OLD},
	{ZBIT("ZB25VQ64B/ZB25VQ64C/ZB25VQ64D", 0x40, 0x17, 8192, ZB_FROM), ZB_NEW},
	{ZBIT("ZB25VQ128A", 0x40, 0x18, 16384, ZB_FROM), ZB_OLD},
	{ZBIT("ZB25VQ128D", 0x40, 0x18, 16384, ZB_FROM), ZB_NEW},

	{P("ZD25D20", "Zetta", 0xba, 0x20, 0x12, 256, "flashprog"), .erase_set = ALL_SIZES,
         .sr_write = NOR_SR_ONE, .prot = &nor_prot_bp3_odd, .flags = NOR_F_NO_RESET, V33, ON_MODEL},
	{P("ZD25D40", "Zetta", 0xba, 0x20, 0x13, 512, "flashprog"), .erase_set = ALL_SIZES,
         .sr_write = NOR_SR_ONE, .prot = &nor_prot_bp3_odd, .flags = NOR_F_NO_RESET, V33, ON_MODEL},
	/* Under Winbond's ID, with the SFDP of a 2 MiB part (Linux drives it by its ID alone). */
	{.name = "ZD25Q128C",
         .maker = "Zetta",
         .id = {0xef, 0x40, 0x18},
         .id_len = 3,
         .size = 16384 * 1024U,
         .source = "Linux",
         .times = &common,
         .erase_set = ALL_SIZES,
         .sr_write = NOR_SR_TWO_CLEARS,
         .qe = NOR_BIT(2, 1),
         .prot = &nor_prot_sec_cmp,
         .read_mhz = 33,
         .fast_mhz = 50,
         V33,
         .flags = NOR_F_BAD_SFDP,
         .match = {.want_sfdp = true,
                   .bfpt_dword = 2,
                   .bfpt_mask = 0xffffffff,
                   .bfpt_value = 0x00ffffff},
         .note = "its SFDP says 2 MiB, which is not true: 16 MiB",
         ON_MODEL},
	{P("ZD25LQ64", "Zetta", 0xba, 0x43, 0x17, 8192, "flashprog"), .erase_set = ALL_SIZES,
         .sr_write = NOR_SR_TWO_CLEARS, .qe = NOR_BIT(2, 1), .prot = &nor_prot_sec_cmp, V18,
         ON_MODEL},
	{P("ZD25LQ128", "Zetta", 0xba, 0x42, 0x18, 16384, "flashprog"), .erase_set = ALL_SIZES,
         .sr_write = NOR_SR_TWO_CLEARS, .qe = NOR_BIT(2, 1), .prot = &nor_prot_sec_cmp, V18,
         ON_MODEL},
};

const struct nor_chip_table chips_small = {rows, sizeof(rows) / sizeof(rows[0])};
