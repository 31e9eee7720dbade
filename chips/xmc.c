/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XMC XM25, under Micron's maker byte. Identity and register bits: flashprog and ufprog; the A and
 * B parts of 64 and 128 Mbit: their data sheets, flashrom and HiSilicon's tables. The A parts are
 * Eon's design, the B parts ISSI's.
 */
#include "identity.h"

#define SOURCE "flashprog; ufprog; DediProg"

static const struct nor_times xm25 = {
	.page_typ_us = 500,
	.page_max_us = 3000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 50000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 150000,
	.erase_32k_max_us = 1600000,
	.erase_64k_typ_us = 280000,
	.erase_64k_max_us = 2000000,
	.source = "data sheet (unverified); chip erase: DediProg",
};

/* No SRP1 in the small B parts. */
static const struct nor_prot sec_cmp_no_srp1 = {
	.kind = NOR_PROT_WINBOND,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4)},
	.tb = NOR_BIT(1, 5),
	.sec = NOR_BIT(1, 6),
	.cmp = NOR_BIT(2, 6),
	.srp0 = NOR_BIT(1, 7),
};

#define P(part, type, code, kib) \
	ROW(part, "XMC", kib, 0x20, type, code), .source = SOURCE, .times = &xm25

#define GEN(prot_, mhz)                                                                            \
	.erase_set = ALL_SIZES, .prot = (prot_), .sr_write = NOR_SR_SEPARATE, .qe = NOR_BIT(2, 1), \
	SECREG(3, 1, 256), .read_mhz = 33, .fast_mhz = (mhz), .flags = NOR_F_VOLATILE_SR,          \
	.proof = NOR_PROOF_MODEL
#define GEN_BIG                                                                            \
	.erase_set = NO_32K, .prot = &nor_prot_bp4_tb_cmp, .sr_write = NOR_SR_SEPARATE,    \
	.qe = NOR_BIT(2, 1), SECREG(3, 1, 256), .addr4 = NOR_ADDR4_NATIVE, .read_mhz = 33, \
	.fast_mhz = 133, .flags = NOR_F_VOLATILE_SR, .proof = NOR_PROOF_MODEL
/* As EN25QH64A: one status register without QE. */
#define GEN_A(prot_)                                                                         \
	.erase_set = ALL_SIZES, .prot = (prot_), .sr_write = NOR_SR_ONE, .otp = NOR_OTP_EON, \
	.otp_regs = 1, .otp_reg_size = 512, .read_mhz = 50, .fast_mhz = 104,                 \
	.flags = NOR_F_VOLATILE_SR, .proof = NOR_PROOF_MODEL
/* As IS25LP064: T/B in the function register. */
#define GEN_B                                                                         \
	.erase_set = ALL_SIZES, .prot = &nor_prot_bp4_tbs, .sr_write = NOR_SR_ONE,    \
	.qe = NOR_BIT(1, 6), .otp = NOR_OTP_ISSI, .otp_regs = 4, .otp_reg_size = 256, \
	.uid = NOR_UID_GD16, .read_mhz = 50, .fast_mhz = 104, .proof = NOR_PROOF_MODEL

static const struct nor_chip rows[] = {
	{P("XM25QH10B", 0x40, 0x11, 128), GEN(&sec_cmp_no_srp1, 104), V33, NOR_ANY_SFDP},
	{P("XM25QH20B", 0x40, 0x12, 256), GEN(&sec_cmp_no_srp1, 104), V33, NOR_ANY_SFDP},
	{P("XM25QH40B", 0x40, 0x13, 512), GEN(&sec_cmp_no_srp1, 104), V33, NOR_ANY_SFDP},
	{P("XM25QH80B", 0x40, 0x14, 1024), GEN(&sec_cmp_no_srp1, 104), V33, NOR_ANY_SFDP},
	{P("XM25QH16B/XM25QH16C/XM25QH16D", 0x40, 0x15, 2048), GEN(&nor_prot_sec_cmp, 104), V33,
         NOR_ANY_SFDP},
	{P("XM25QH32B/XM25QE32C/XM25QH32C/XM25QH32D", 0x40, 0x16, 4096),
         GEN(&nor_prot_sec_cmp, 104), V33},
	{P("XM25QH64C/XM25QH64D", 0x40, 0x17, 8192), GEN(&nor_prot_sec_cmp, 133), V33},
	{P("XM25QH128C/XM25QH128D", 0x40, 0x18, 16384), GEN(&nor_prot_sec_cmp, 133), V33},
	{P("XM25QH256C/XM25QH256D", 0x40, 0x19, 32768), GEN_BIG, V33},
	{P("XM25QH512C/XM25QH512D", 0x40, 0x20, 65536), GEN_BIG, V33},
	{P("XM25QH64A", 0x70, 0x17, 8192), GEN_A(&nor_prot_bp4_growing), V33},
	{P("XM25QH128A", 0x70, 0x18, 16384), GEN_A(&nor_prot_ratio_tb), V33},
	{P("XM25QH64B", 0x60, 0x17, 8192), GEN_B, V23},
	{P("XM25QH128B", 0x60, 0x18, 16384), GEN_B, V23},

	{P("XM25QU41B", 0x50, 0x13, 512), GEN(&sec_cmp_no_srp1, 104), V18},
	{P("XM25QU80B", 0x50, 0x14, 1024), GEN(&sec_cmp_no_srp1, 104), V18},
	{P("XM25QU16B", 0x50, 0x15, 2048), GEN(&sec_cmp_no_srp1, 104), V18},
	{P("XM25QU16C", 0x50, 0x15, 2048), GEN(&nor_prot_sec_cmp, 108), V18, NOR_SFDP_A_UP},
	{P("XM25QU32C/XM25LU32C", 0x50, 0x16, 4096), GEN(&nor_prot_sec_cmp, 108), V18},
	{P("XM25QU64C/XM25LU64C", 0x41, 0x17, 8192), GEN(&nor_prot_sec_cmp, 133), V18},
	{P("XM25QU128C/XM25LU128C", 0x41, 0x18, 16384), GEN(&nor_prot_sec_cmp, 133), V18},
	{P("XM25QU256C", 0x41, 0x19, 32768), GEN_BIG, V18},
	{P("XM25QU512C", 0x41, 0x20, 65536), GEN_BIG, V18},

	{P("XM25QW16C", 0x42, 0x15, 2048), GEN(&nor_prot_sec_cmp, 108), VWIDE},
	{P("XM25QW32C", 0x42, 0x16, 4096), GEN(&nor_prot_sec_cmp, 108), VWIDE},
	{P("XM25QW64C", 0x42, 0x17, 8192), GEN(&nor_prot_sec_cmp, 133), VWIDE},
	{P("XM25QW128C", 0x42, 0x18, 16384), GEN(&nor_prot_sec_cmp, 133), VWIDE},
	{P("XM25QW256C", 0x42, 0x19, 32768), GEN_BIG, VWIDE},

	/* more, of which identity is known */
	{BY_ID("XMC", "XM25QH01D", 0x20, 0x40, 0x21, 131072, 2700, 3600), ABOVE_16M},
	{BY_ID("XMC", "XM25QW512C", 0x20, 0x42, 0x20, 65536, 1650, 3600), ABOVE_16M},
	{BY_ID("XMC", "XM25RH128C", 0x20, 0x43, 0x18, 16384, 2300, 3600),
         WITH_SR2_AS(ALL_SIZES, NOR_SR_SEPARATE, &nor_prot_sec_cmp)},
	{BY_ID("XMC", "XM25RU256C", 0x20, 0x44, 0x19, 32768, 1650, 2000),
         ABOVE_16M_AS(&nor_prot_bp4_tb_cmp)},
	{BY_ID("XMC", "XM25QH256B", 0x20, 0x60, 0x19, 32768, 2700, 3600),
         ABOVE_16M_ONE(&nor_prot_bp4_odd), .qe = NOR_BIT(1, 6)},
	{BY_ID("XMC", "XM25QH32A", 0x20, 0x70, 0x16, 4096, 2700, 3600), ONE_REGISTER(ALL_SIZES)},
	{BY_ID("XMC", "XM25QU256B", 0x20, 0x70, 0x19, 32768, 1650, 2000),
         ABOVE_16M_ONE(&nor_prot_bp4_odd), .qe = NOR_BIT(1, 6)},
};

const struct nor_chip_table chips_xmc = {rows, sizeof(rows) / sizeof(rows[0])};
