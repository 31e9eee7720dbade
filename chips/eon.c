/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Eon EN25. Identity and opcodes: flashprog and ufprog; later revisions of one part are known by
 * quad output reads (6Bh) in SFDP. Typical times of EN25Q: data sheet excerpts; the rest
 * unverified. Ranges: ufprog and at least one of flashrom's and Chromium's write protection or the
 * serial flash tables of two set-top box makers' drivers, for the part or its closest sister; else
 * they are left undecoded.
 */
#include "identity.h"

#define SOURCE "flashprog; ufprog; DediProg"

/* BFPT dword 3: the opcode of 1-1-4 reads */
#define QUAD_OUT                           \
	.match = {.want_sfdp = true,       \
	          .bfpt_dword = 3,         \
	          .bfpt_mask = 0xff000000, \
	          .bfpt_value = 0x6b000000}

/* ---- times ---- */

static const struct nor_times en25_old = {
	.page_typ_us = 1500,
	.page_max_us = 5000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 150000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 500000,
	.erase_32k_max_us = 2000000,
	.erase_64k_typ_us = 800000,
	.erase_64k_max_us = 2000000,
	.source = "data sheet (unverified)",
};

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

static const struct nor_times en25q40a = {
	.page_typ_us = 800,
	.page_max_us = 5000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 30000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 100000,
	.erase_32k_max_us = 1000000,
	.erase_64k_typ_us = 200000,
	.erase_64k_max_us = 2000000,
	.source = "typical: EN25Q40A data sheet; largest: unverified",
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

static const struct nor_times en25qh256 = {
	.page_typ_us = 800,
	.page_max_us = 5000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 50000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 200000,
	.erase_32k_max_us = 1000000,
	.erase_64k_typ_us = 400000,
	.erase_64k_max_us = 2000000,
	.chip_typ_ms = 100000,
	.chip_max_ms = 480000,
	.source = "typical: EN25QH256 data sheet; largest: unverified",
};

/* The bit named BP3 acts as T/B. */
static const struct nor_prot bp3_as_tb = {
	.kind = NOR_PROT_EON_BP3,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4)},
	.tb = NOR_BIT(1, 5),
	.srp0 = NOR_BIT(1, 7),
};

/* "Lower 510/512": what stays writable counts in 8K. */
static const struct nor_prot lower_8k = {
	.kind = NOR_PROT_BLOCKS,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4)},
	.unit_kib = 8,
	.inverted = true,
	.srp0 = NOR_BIT(1, 7),
};

/* A quarter and a half. */
static const struct nor_prot bp2_32k = {
	.kind = NOR_PROT_BLOCKS,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3)},
	.unit_kib = 32,
	.srp0 = NOR_BIT(1, 7),
};

/* ---- families ---- */

#define P(part, type, code, kib) \
	ROW(part, "Eon", kib, 0x1c, type, code), .source = SOURCE, .proof = NOR_PROOF_MODEL

#define OTP(len) .otp = NOR_OTP_EON, .otp_regs = 1, .otp_reg_size = (len)

/* 64K blocks only; the boot-block parts EN25B answer alike. */
#define GEN_P                                                                      \
	.erase_set = NOR_ERASE_64K, .uneven = NOR_UNEVEN_BOOT, .times = &en25_old, \
	.sr_write = NOR_SR_ONE, .read_mhz = 33, .fast_mhz = 50, .flags = NOR_F_NO_RESET, V33
#define GEN_F                                                                            \
	.erase_set = NO_32K, .times = &en25_old, .sr_write = NOR_SR_ONE, .read_mhz = 33, \
	.fast_mhz = 75, .flags = NOR_F_NO_RESET
/* Revisions with SFDP 1.0: 32K erase, reset, unique ID. */
#define GEN_A(times_)                                                                          \
	.erase_set = ALL_SIZES, .times = (times_), .sr_write = NOR_SR_ONE, .uid = NOR_UID_EON, \
	.read_mhz = 33, .fast_mhz = 86
#define GEN_Q(times_, mhz)                                                              \
	.erase_set = NO_32K, .times = (times_), .sr_write = NOR_SR_ONE, .read_mhz = 50, \
	.fast_mhz = (mhz), .flags = NOR_F_NO_RESET
#define GEN_QH(times_)                                                                      \
	.erase_set = NO_32K, .times = (times_), .sr_write = NOR_SR_ONE, .uid = NOR_UID_EON, \
	.read_mhz = 50, .fast_mhz = 104
#define GEN_QH_ALL(times_)                                                                     \
	.erase_set = ALL_SIZES, .times = (times_), .sr_write = NOR_SR_ONE, .uid = NOR_UID_EON, \
	.read_mhz = 50, .fast_mhz = 104
#define GEN_QH_QUAD(times_) GEN_QH_ALL(times_), .flags = NOR_F_VOLATILE_SR
/* Registers as Winbond has them. */
#define GEN_QE(mhz, otp_len)                                                         \
	.erase_set = ALL_SIZES, .times = &en25qh, .prot = &nor_prot_sec_cmp,         \
	.sr_write = NOR_SR_SEPARATE, .qe = NOR_BIT(2, 1), .otp = NOR_OTP_SECREG_TOP, \
	.otp_regs = 3, .otp_first = 1, .otp_reg_size = (otp_len), .read_mhz = 33,    \
	.fast_mhz = (mhz), .flags = NOR_F_VOLATILE_SR

/* BP0-2: all but 1/64 ... 1/2 at the top; with T/B set, that much at the top. */
static const struct nor_prot ratio_turned = {
	.kind = NOR_PROT_WINBOND, BP_3, .tb = NOR_BIT(1, 5), .inverted = true, .turned = true, SRP};

static const struct nor_chip rows[] = {
	/* EN25P */
	{P("EN25P05/EN25B05/EN25B05T", 0x20, 0x10, 64), GEN_P, .prot = &nor_prot_bp2},
	{P("EN25P10/EN25B10/EN25B10T", 0x20, 0x11, 128), GEN_P, .prot = &bp2_32k},
	{P("EN25P20/EN25B20/EN25B20T", 0x20, 0x12, 256), GEN_P, .prot = &nor_prot_bp2},
	{P("EN25P40/EN25B40/EN25B40T", 0x20, 0x13, 512), GEN_P, .prot = &nor_prot_bp3},
	{P("EN25P80/EN25B80/EN25B80T", 0x20, 0x14, 1024), GEN_P, .prot = &nor_prot_bp3},
	{P("EN25P16/EN25B16/EN25B16T", 0x20, 0x15, 2048), GEN_P, .prot = &nor_prot_bp3},
	{P("EN25P32/EN25B32/EN25B32T", 0x20, 0x16, 4096), GEN_P, .prot = &nor_prot_bp3, OTP(512)},
	{P("EN25P64/EN25B64/EN25B64T", 0x20, 0x17, 8192), GEN_P, .prot = &nor_prot_ratio, OTP(512)},

	/* EN25F; the smallest erase 32K with D8h, which is left alone */
	{P("EN25F05", 0x31, 0x10, 64), OTP(256), .erase_set = NOR_ERASE_4K, .times = &en25_old,
         .prot = &nor_prot_bp3_odd, .sr_write = NOR_SR_ONE, .read_mhz = 33, .fast_mhz = 75,
         .flags = NOR_F_NO_RESET, V33},
	{P("EN25F10", 0x31, 0x11, 128), OTP(256), .erase_set = NOR_ERASE_4K, .times = &en25_old,
         .prot = &nor_prot_bp3_odd, .sr_write = NOR_SR_ONE, .read_mhz = 33, .fast_mhz = 75,
         .flags = NOR_F_NO_RESET, V33},
	{P("EN25F10A", 0x31, 0x11, 128), OTP(512), GEN_A(&en25q40a), .prot = &nor_prot_bp3_tb, V33,
         NOR_ANY_SFDP},
	{P("EN25F20", 0x31, 0x12, 256), GEN_F, .prot = &nor_prot_bp3_odd, OTP(256), V33},
	{P("EN25F20A", 0x31, 0x12, 256), OTP(512), GEN_A(&en25q40a), .prot = &nor_prot_bp3_tb, V33,
         NOR_ANY_SFDP},
	{P("EN25F40", 0x31, 0x13, 512), GEN_F, .prot = &nor_prot_bp3, OTP(256), V33},
	{P("EN25F40A", 0x31, 0x13, 512), GEN_A(&en25q40a), .prot = &nor_prot_bp4_odd, OTP(512), V33,
         NOR_ANY_SFDP},
	{P("EN25F80", 0x31, 0x14, 1024), GEN_F, .prot = &nor_prot_bp3_odd, OTP(256), V33},
	{P("EN25F16", 0x31, 0x15, 2048), GEN_F, .prot = &nor_prot_bp3, OTP(512), V33},
	{P("EN25F32", 0x31, 0x16, 4096), GEN_F, .prot = &nor_prot_lower, V33},
	{P("EN25F64", 0x31, 0x17, 8192), GEN_F, .prot = &nor_prot_bp3_odd, V33},

	/* EN25Q */
	{P("EN25Q40", 0x30, 0x13, 512), GEN_Q(&en25_old, 100), .prot = &lower_8k, OTP(256), V33},
	{P("EN25Q40A", 0x30, 0x13, 512), GEN_A(&en25q40a), .prot = &nor_prot_bp4_odd, OTP(512), V33,
         NOR_ANY_SFDP},
	{P("EN25Q40B", 0x30, 0x13, 512), GEN_A(&en25q40a), .prot = &nor_prot_bp4_odd, OTP(512), V33,
         QUAD_OUT},
	{P("EN25Q80A", 0x30, 0x14, 1024), GEN_Q(&en25_old, 100), .prot = &lower_8k, OTP(256), V33},
	{P("EN25Q80B/EN25Q80C", 0x30, 0x14, 1024), GEN_A(&en25q40a), .prot = &nor_prot_bp4_odd,
         OTP(512), V33, NOR_ANY_SFDP},
	{P("EN25Q16/EN25Q16A", 0x30, 0x15, 2048), GEN_Q(&en25q64, 80), .prot = &nor_prot_lower,
         OTP(128), V33},
	{P("EN25Q32A/EN25Q32B", 0x30, 0x16, 4096), GEN_Q(&en25q64, 80), .prot = &nor_prot_lower,
         OTP(512), V33},
	{P("EN25Q32C", 0x30, 0x16, 4096), GEN_A(&en25qh), .prot = &nor_prot_lower, OTP(512), V33,
         NOR_ANY_SFDP},
	{P("EN25Q32", 0x33, 0x16, 4096), GEN_Q(&en25q64, 100), .prot = &nor_prot_bp3, OTP(512),
         V33},
	{P("EN25Q64", 0x30, 0x17, 8192), GEN_Q(&en25q64, 100), .prot = &nor_prot_lower, OTP(512),
         V33},
	{P("EN25Q128", 0x30, 0x18, 16384), GEN_Q(&en25q128, 104), .prot = &nor_prot_lower, OTP(512),
         V33},

	/* EN25QH */
	{P("EN25QH16/EN25QH16A", 0x70, 0x15, 2048), GEN_QH(&en25qh), .prot = &nor_prot_bp3_tb,
         OTP(512), V33},
	{P("EN25QH16B", 0x70, 0x15, 2048), GEN_QH_QUAD(&en25qh), .prot = &nor_prot_bp4_odd,
         OTP(512), V33, QUAD_OUT},
	{P("EN25QH32/EN25QH32A", 0x70, 0x16, 4096), GEN_QH(&en25qh), .prot = &nor_prot_bp3_tb,
         OTP(512), V33},
	{P("EN25QH32B", 0x70, 0x16, 4096), GEN_QH_QUAD(&en25qh), .prot = &nor_prot_bp4_growing,
         OTP(512), V33, QUAD_OUT},
	{P("EN25QH64", 0x70, 0x17, 8192), GEN_QH(&en25qh), .prot = &nor_prot_bp3_tb, OTP(512), V33},
	{P("EN25QH64A", 0x70, 0x17, 8192), GEN_QH_QUAD(&en25qh), .prot = &nor_prot_bp4_growing,
         OTP(512), V33, QUAD_OUT},
	{P("EN25QH128", 0x70, 0x18, 16384), GEN_QH(&en25qh128a), .prot = &nor_prot_bp3_tb, OTP(512),
         V33},
	{P("EN25QH128A", 0x70, 0x18, 16384), GEN_QH_QUAD(&en25qh128a), .prot = &bp3_as_tb, OTP(512),
         V33, QUAD_OUT,
         .note = "bit 6 locks the boot block and is kept; in OTP mode the status register has "
                 "other bits"},
	{P("EN25QH256", 0x70, 0x19, 32768), GEN_QH(&en25qh256), .prot = &nor_prot_bp4_odd, OTP(512),
         .addr4 = NOR_ADDR4_ENTER, V33},
	{P("EN25QH256A", 0x70, 0x19, 32768), GEN_QH_ALL(&en25qh256), .prot = &nor_prot_bp4_odd,
         OTP(512), .addr4 = NOR_ADDR4_ENTER, V33, NOR_SFDP_B_UP},

	/* EN25QA, EN25QE, EN25QX */
	{P("EN25QA32A", 0x60, 0x16, 4096), GEN_QH_ALL(&en25qh), .prot = &nor_prot_bp3_tb, OTP(512),
         V33},
	{P("EN25QA32B", 0x60, 0x16, 4096), GEN_QH_QUAD(&en25qh), .prot = &nor_prot_bp4_growing,
         OTP(512), V33, QUAD_OUT},
	{P("EN25QA64A", 0x60, 0x17, 8192), GEN_QH_QUAD(&en25qh), .prot = &nor_prot_bp4_growing,
         OTP(512), V33},
	{P("EN25QA128A", 0x60, 0x18, 16384), GEN_QH_QUAD(&en25qh128a), .prot = &bp3_as_tb, OTP(512),
         V33},
	{P("EN25QE16A", 0x41, 0x15, 2048), GEN_QE(104, 1024), .uid = NOR_UID_4B, V33},
	{P("EN25QE32A", 0x41, 0x16, 4096), GEN_QE(104, 1024), .uid = NOR_UID_4B, V33},
	{P("EN25QX64A", 0x71, 0x17, 8192), GEN_QE(104, 512), V33},
	{P("EN25QX128A", 0x71, 0x18, 16384), GEN_QE(104, 512), V33},

	/* 1.8 V */
	{P("EN25S10", 0x38, 0x11, 128), OTP(256), .erase_set = NOR_ERASE_4K, .times = &en25_old,
         .prot = &nor_prot_bp3_odd, .sr_write = NOR_SR_ONE, .read_mhz = 33, .fast_mhz = 75,
         .flags = NOR_F_NO_RESET, V18},
	{P("EN25S10A", 0x38, 0x11, 128), GEN_A(&en25q40a), .prot = &nor_prot_bp3_tb, OTP(512), V18,
         NOR_ANY_SFDP},
	{P("EN25S20", 0x38, 0x12, 256), GEN_F, .prot = &nor_prot_bp3_odd, OTP(256), V18},
	{P("EN25S20A", 0x38, 0x12, 256), GEN_A(&en25q40a), .prot = &nor_prot_bp4_odd, OTP(512), V18,
         NOR_ANY_SFDP},
	{P("EN25S40", 0x38, 0x13, 512), GEN_F, .prot = &nor_prot_bp3_odd, OTP(256), V18},
	{P("EN25S40A", 0x38, 0x13, 512), GEN_A(&en25q40a), .prot = &nor_prot_bp4_odd, OTP(512), V18,
         NOR_ANY_SFDP},
	{P("EN25S80", 0x38, 0x14, 1024), GEN_F, .prot = &nor_prot_bp3, OTP(256), V18},
	{P("EN25S80A/EN25S80B", 0x38, 0x14, 1024), GEN_A(&en25q40a), .prot = &nor_prot_bp4_odd,
         OTP(512), V18, NOR_ANY_SFDP},
	{P("EN25S16", 0x38, 0x15, 2048), .erase_set = NOR_ERASE_4K, .times = &en25qh,
         .prot = &nor_prot_bp4_odd, .sr_write = NOR_SR_ONE, OTP(512), .read_mhz = 33,
         .fast_mhz = 104, V18, .note = "sources disagree on 52h and D8h: only 20h is used"},
	{P("EN25S16A/EN25S16B", 0x38, 0x15, 2048), GEN_A(&en25qh), .prot = &nor_prot_bp4_odd,
         OTP(512), V18, NOR_ANY_SFDP},
	{P("EN25S32", 0x38, 0x16, 4096), GEN_Q(&en25qh, 104), .prot = &nor_prot_lower, OTP(512),
         V18},
	{P("EN25S32A", 0x38, 0x16, 4096), GEN_A(&en25qh), .prot = &nor_prot_bp4_odd, OTP(512), V18,
         NOR_ANY_SFDP},
	{P("EN25S64", 0x38, 0x17, 8192), GEN_Q(&en25qh, 104), .prot = &ratio_turned, OTP(512), V18},
	{P("EN25S64A", 0x38, 0x17, 8192), GEN_A(&en25qh), .prot = &nor_prot_bp4_growing, OTP(512),
         V18, NOR_ANY_SFDP},

	/* more, of which identity is known */
	{BY_ID("Eon", "EN25E10A", 0x1c, 0x42, 0x11, 128, 2700, 3600), ONE_REGISTER(ALL_SIZES)},
	{BY_ID("Eon", "EN25E40A", 0x1c, 0x42, 0x13, 512, 2700, 3600), ONE_REGISTER(ALL_SIZES)},
	{P("EN25SE16A", 0x48, 0x15, 2048), GEN_QE(104, 1024), .uid = NOR_UID_4B, V18},
	{P("EN25SE32A", 0x48, 0x16, 4096), GEN_QE(104, 1024), .uid = NOR_UID_4B, V18},
	{BY_ID("Eon", "EN25T16/EN25T16A", 0x1c, 0x51, 0x15, 2048, 2700, 3600),
         ONE_REGISTER(NO_32K)},
	{P("EN25QW16A", 0x61, 0x15, 2048), GEN_QE(104, 1024), .uid = NOR_UID_4B, .vcc_min_mv = 1650,
         .vcc_max_mv = 3600},
	{P("EN25QW32A", 0x61, 0x16, 4096), GEN_QE(104, 1024), .uid = NOR_UID_4B, .vcc_min_mv = 1650,
         .vcc_max_mv = 3600},
	{BY_ID("Eon", "EN25QX256A", 0x1c, 0x71, 0x19, 32768, 2700, 3600), ABOVE_16M},
	{BY_ID("Eon", "EN35QX512A", 0x1c, 0x71, 0x20, 65536, 2700, 3600), ABOVE_16M},
	{P("EN25SX64A", 0x78, 0x17, 8192), GEN_QE(104, 512), V18},
	{P("EN25SX128A", 0x78, 0x18, 16384), GEN_QE(104, 512), V18},
	{BY_ID("Eon", "EN25SX256A", 0x1c, 0x78, 0x19, 32768, 1650, 2000), ABOVE_16M},
};

const struct nor_chip_table chips_eon = {rows, sizeof(rows) / sizeof(rows[0])};
