/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spansion/Cypress S25FL and S25FS. Identity with extension bytes: U-Boot and ufprog; opcodes:
 * flashprog. 4K parameter sectors of the hybrid S25FL are not used: D8h erases them along with
 * their 64K. That of the S25FS-S does not, and erases what a register says: nor_uneven.c.
 */
#include "table.h"

#define SOURCE "flashprog; ufprog; U-Boot"
#define TIMES  "data sheet (unverified); chip erase limit: DediProg"

/* ---- times ---- */

static const struct nor_times fl_a = {
	.page_typ_us = 1500,
	.page_max_us = 3000,
	.sr_typ_us = 60000,
	.sr_max_us = 2000000,
	.erase_64k_typ_us = 500000,
	.erase_64k_max_us = 3000000,
	.erase_256k_typ_us = 2000000,
	.erase_256k_max_us = 8000000,
	.source = TIMES,
};

static const struct nor_times fl_s = {
	.page_typ_us = 340,
	.page_max_us = 3000,
	.sr_typ_us = 140000,
	.sr_max_us = 2000000,
	.erase_64k_typ_us = 130000,
	.erase_64k_max_us = 2600000,
	.erase_256k_typ_us = 520000,
	.erase_256k_max_us = 2600000,
	.source = TIMES,
};

static const struct nor_times fl_k = {
	.page_typ_us = 700,
	.page_max_us = 3000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 60000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 190000,
	.erase_32k_max_us = 1600000,
	.erase_64k_typ_us = 500000,
	.erase_64k_max_us = 2000000,
	.source = TIMES,
};

/* ---- protection ---- */

/* TBPROT sits in the configuration register (35h) and is one-time. */
static const struct nor_prot bp_tb_once = {
	.kind = NOR_PROT_WINBOND,
	BP_3,
	.tb = NOR_BIT(2, 5),
	.tb_otp = true,
	.srp0 = NOR_BIT(1, 7),
	.srp1 = NOR_BIT(2, 0),
};

/* ---- families ---- */

#define SIZE(kib) .size = ((kib)*1024U)
#define MADE      .maker = "Spansion", .source = SOURCE, .proof = NOR_PROOF_MODEL, V33
#define FS6(part, b1, b2, b3, kib)                                                    \
	.name = (part), .id = {0x01, b1, b2, 0x4d, b3, 0x81}, .id_len = 6, SIZE(kib), \
	.maker = "Spansion", .source = "Linux; U-Boot; flashrom; ufprog", .proof = NOR_PROOF_MODEL
#define P3(part, b1, b2, kib) .name = (part), .id = {0x01, b1, b2}, .id_len = 3, SIZE(kib), MADE
#define P4(part, b1, b2, b3, kib) \
	.name = (part), .id = {0x01, b1, b2, b3}, .id_len = 4, SIZE(kib), MADE
#define P5(part, b1, b2, b3, b4, kib) \
	.name = (part), .id = {0x01, b1, b2, b3, b4}, .id_len = 5, SIZE(kib), MADE
#define P6(part, b1, b2, b3, b4, kib) \
	.name = (part), .id = {0x01, b1, b2, b3, b4, 0x80}, .id_len = 6, SIZE(kib), MADE

#define GEN_A(prot_)                                                                         \
	.erase_set = NOR_ERASE_64K, .times = &fl_a, .prot = (prot_), .sr_write = NOR_SR_ONE, \
	.read_mhz = 33, .fast_mhz = 50, .flags = NOR_F_NO_RESET
#define GEN_P(set)                                                                       \
	.erase_set = (set), .times = &fl_a, .prot = &bp_tb_once, .sr_write = NOR_SR_TWO, \
	.qe = NOR_BIT(2, 1), .read_mhz = 40, .fast_mhz = 104, .flags = NOR_F_CLSR | NOR_F_NO_RESET
#define GEN_S(set) FAMILY_S(set, NOR_F_CLSR | NOR_F_ECC | NOR_F_NO_RESET)
#define FAMILY_S(set, flags_)                                                              \
	.erase_set = (set), .times = &fl_s, .prot = &bp_tb_once, .sr_write = NOR_SR_TWO,   \
	.qe = NOR_BIT(2, 1), .otp = NOR_OTP_SPANSION, .otp_regs = 1, .otp_reg_size = 1024, \
	.read_mhz = 40, .fast_mhz = 104, .flags = (flags_)
#define GEN_FS                                                                       \
	FAMILY_S(NOR_ERASE_64K, NOR_F_CLSR | NOR_F_ECC), .uneven = NOR_UNEVEN_S25FS, \
							 .vcc_min_mv = 1700, .vcc_max_mv = 2000
#define GEN_K(prot_)                                                                               \
	.erase_set = NOR_ERASE_4K | NOR_ERASE_64K, .times = &fl_k, .prot = (prot_),                \
	.sr_write = NOR_SR_TWO_CLEARS, .qe = NOR_BIT(2, 1), .uid = NOR_UID_4B,                     \
	.otp = NOR_OTP_SECREG, .otp_regs = 3, .otp_first = 1, .otp_reg_size = 256, .read_mhz = 33, \
	.fast_mhz = 104, .flags = NOR_F_VOLATILE_SR
#define GEN_2K                                                                                \
	.erase_set = NOR_ERASE_4K | NOR_ERASE_64K, .times = &fl_k, .prot = &nor_prot_bp4_odd, \
	.sr_write = NOR_SR_ONE, .read_mhz = 33, .fast_mhz = 65, .flags = NOR_F_NO_RESET
#define GEN_L(prot_)                                                                               \
	.times = &fl_k, .prot = (prot_), .sr_write = NOR_SR_THREE, .qe = NOR_BIT(2, 1),            \
	.otp = NOR_OTP_SECREG, .otp_regs = 4, .otp_first = 0, .otp_reg_size = 256, .read_mhz = 40, \
	.fast_mhz = 108, .flags = NOR_F_VOLATILE_SR
#define HALF_KIB_PAGE .page = 512

static const struct nor_chip rows[] = {
	/* A and P */
	{P3("S25FL004A", 0x02, 0x12, 512), GEN_A(&nor_prot_bp3)},
	{P3("S25FL008A", 0x02, 0x13, 1024), GEN_A(&nor_prot_bp3)},
	{P3("S25FL016A", 0x02, 0x14, 2048), GEN_A(&nor_prot_bp3)},
	{P3("S25FL032A", 0x02, 0x15, 4096), GEN_A(&nor_prot_bp3)},
	{P4("S25FL032P", 0x02, 0x15, 0x4d, 4096), GEN_P(NOR_ERASE_64K)},
	{P3("S25FL064A", 0x02, 0x16, 8192), GEN_A(&nor_prot_ratio)},
	{P4("S25FL064P", 0x02, 0x16, 0x4d, 8192), GEN_P(NOR_ERASE_64K)},
	{P5("S25FL128Pxxxxxx1", 0x20, 0x18, 0x03, 0x00, 16384), .erase_set = NOR_ERASE_256K,
         .times = &fl_a, .prot = &nor_prot_ratio, .sr_write = NOR_SR_ONE, .read_mhz = 40,
         .fast_mhz = 104, .flags = NOR_F_NO_RESET},
	{P5("S25FL128Pxxxxxx0", 0x20, 0x18, 0x03, 0x01, 16384), .erase_set = NOR_ERASE_64K,
         .times = &fl_a, .prot = &nor_prot_bp4_128k, .sr_write = NOR_SR_ONE, .read_mhz = 40,
         .fast_mhz = 104, .flags = NOR_F_NO_RESET},
	{P5("S25FL129Pxxxxxx1", 0x20, 0x18, 0x4d, 0x00, 16384), GEN_P(NOR_ERASE_256K)},
	{P5("S25FL129Pxxxxxx0", 0x20, 0x18, 0x4d, 0x01, 16384), GEN_P(NOR_ERASE_64K)},

	/* S: with on-die ECC */
	{P6("S25FL128Sxxxxxx1", 0x20, 0x18, 0x4d, 0x00, 16384), GEN_S(NOR_ERASE_256K),
         HALF_KIB_PAGE, .note = "order option with uniform 256K sectors"},
	{P6("S25FL128Sxxxxxx0", 0x20, 0x18, 0x4d, 0x01, 16384), GEN_S(NOR_ERASE_64K),
         .note = "order option with 64K sectors and 4K parameter sectors"},
	{P6("S25FL127S", 0x20, 0x18, 0x4d, 0x01, 16384), GEN_S(NOR_ERASE_64K)},
	{P6("S25FL256Sxxxxxx1", 0x02, 0x19, 0x4d, 0x00, 32768), GEN_S(NOR_ERASE_256K),
         HALF_KIB_PAGE, .addr4 = NOR_ADDR4_NATIVE},
	{P6("S25FL256Sxxxxxx0", 0x02, 0x19, 0x4d, 0x01, 32768), GEN_S(NOR_ERASE_64K),
         .addr4 = NOR_ADDR4_NATIVE},
	{P6("S25FL512Sxxxxxx1", 0x02, 0x20, 0x4d, 0x00, 65536), GEN_S(NOR_ERASE_256K),
         HALF_KIB_PAGE, .addr4 = NOR_ADDR4_NATIVE},
	{P6("S25FL512S", 0x02, 0x20, 0x00, 0x00, 65536), GEN_S(NOR_ERASE_256K), HALF_KIB_PAGE,
         .addr4 = NOR_ADDR4_NATIVE},

	/* FS-S: 1.8 V, what is erased is a setting */
	{FS6("S25FS064S", 0x02, 0x17, 0x01, 8192), GEN_FS},
	{FS6("S25FS128Sxxxxxx1", 0x20, 0x18, 0x00, 16384), GEN_FS},
	{FS6("S25FS128Sxxxxxx0", 0x20, 0x18, 0x01, 16384), GEN_FS},
	{FS6("S25FS256Sxxxxxx1", 0x02, 0x19, 0x00, 32768), GEN_FS, .addr4 = NOR_ADDR4_NATIVE},
	{FS6("S25FS256Sxxxxxx0", 0x02, 0x19, 0x01, 32768), GEN_FS, .addr4 = NOR_ADDR4_NATIVE},
	{FS6("S25FS512S", 0x02, 0x20, 0x00, 65536), GEN_FS, .addr4 = NOR_ADDR4_NATIVE},

	/* 1-K, 2-K and L */
	{P3("S25FL204K", 0x40, 0x13, 512), GEN_2K},
	{P3("S25FL208K", 0x40, 0x14, 1024), GEN_2K},
	{P3("S25FL216K", 0x40, 0x15, 2048), GEN_2K, NOR_NO_SFDP},
	{P3("S25FL116K", 0x40, 0x15, 2048), GEN_K(&nor_prot_sec_cmp), NOR_ANY_SFDP},
	{P3("S25FL132K", 0x40, 0x16, 4096), GEN_K(&nor_prot_sec_cmp)},
	{P3("S25FL164K", 0x40, 0x17, 8192), GEN_K(&nor_prot_sec_cmp)},
	{P3("S25FL064L", 0x60, 0x17, 8192), GEN_L(&nor_prot_sec_cmp_wps),
         .erase_set = NOR_ERASE_4K | NOR_ERASE_32K | NOR_ERASE_64K},
	{P3("S25FL128L", 0x60, 0x18, 16384), GEN_L(&nor_prot_sec_cmp_wps),
         .erase_set = NOR_ERASE_4K | NOR_ERASE_32K | NOR_ERASE_64K},
	{P3("S25FL256L", 0x60, 0x19, 32768), GEN_L(&nor_prot_bp4_tb_cmp_wps),
         .erase_set = NOR_ERASE_4K | NOR_ERASE_64K, .addr4 = NOR_ADDR4_NATIVE},
};

const struct nor_chip_table chips_spansion = {rows, sizeof(rows) / sizeof(rows[0])};
