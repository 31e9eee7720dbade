/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Macronix MX25/MX66. Identity, opcodes, QE and OTP kind: flashprog and ufprog. T/B sits in the
 * configuration register and is one-time. Ranges: ufprog and at least one of flashrom's and
 * Chromium's write protection, the serial flash tables of two set-top box makers' drivers, or a
 * data sheet's table, for the part or its closest sister. Where they contradict each other the
 * ranges are left undecoded.
 */
#include "identity.h"

#define SOURCE "flashprog; ufprog; DediProg"
#define TIMES  "data sheet (unverified)"

/* BFPT dword 1 bit 21: 1-4-4 reads, which the parts with QE have. */
#define READS_144 .want_sfdp = true, .bfpt_dword = 1, .bfpt_mask = 1 << 21
#define SFDP_QUAD .match = {READS_144, .bfpt_value = 1 << 21}
#define SFDP_DUAL .match = {READS_144}
/* BFPT dword 5 bit 4: 4-4-4 reads, which came with the F revisions. */

/* ---- times ---- */

static const struct nor_times mx25_old = {
	.page_typ_us = 1400,
	.page_max_us = 5000,
	.sr_typ_us = 40000,
	.sr_max_us = 100000,
	.erase_4k_typ_us = 60000,
	.erase_4k_max_us = 300000,
	.erase_64k_typ_us = 700000,
	.erase_64k_max_us = 2000000,
	.source = TIMES,
};

static const struct nor_times mx25_quad = {
	.page_typ_us = 500,
	.page_max_us = 3000,
	.sr_typ_us = 40000,
	.sr_max_us = 100000,
	.erase_4k_typ_us = 43000,
	.erase_4k_max_us = 200000,
	.erase_32k_typ_us = 190000,
	.erase_32k_max_us = 1000000,
	.erase_64k_typ_us = 340000,
	.erase_64k_max_us = 2000000,
	.source = TIMES,
};

static const struct nor_times mx25r = {
	.page_typ_us = 896,
	.page_max_us = 10000,
	.sr_typ_us = 40000,
	.sr_max_us = 100000,
	.erase_4k_typ_us = 48000,
	.erase_4k_max_us = 384000,
	.erase_32k_typ_us = 240000,
	.erase_32k_max_us = 1920000,
	.erase_64k_typ_us = 480000,
	.erase_64k_max_us = 3840000,
	.source = "SFDP of the MX25R6435F as printed by Zephyr",
};

static const struct nor_prot bp4_tb_once = {
	.kind = NOR_PROT_BLOCKS,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5)},
	.tb = NOR_BIT(4, 3),
	.reg4 = NOR_REG4_CONFIG,
	.tb_otp = true,
	.srp0 = NOR_BIT(1, 7),
};

/* ---- families ---- */

#define P(part, type, code, kib) \
	ROW(part, "Macronix", kib, 0xc2, type, code), .source = SOURCE, .proof = NOR_PROOF_MODEL

#define V25      .vcc_min_mv = 2350, .vcc_max_mv = 3600
#define OTP(len) .otp = NOR_OTP_MXIC, .otp_regs = 1, .otp_reg_size = (len)

/* One status register, nothing else. */
#define GEN_OLD(prot_, mhz)                                                               \
	.erase_set = NO_32K, .times = &mx25_old, .prot = (prot_), .sr_write = NOR_SR_ONE, \
	.read_mhz = 33, .fast_mhz = (mhz), .flags = NOR_F_NO_RESET
/* The first of a size, whose 20h erases 64K by one source and 4K by another. Parts that came after
 * share its ID, and by this row all of them are driven by D8h alone. */
#define GEN_FIRST(prot_)                                                                         \
	.erase_set = NOR_ERASE_64K, .times = &mx25_old, .prot = (prot_), .sr_write = NOR_SR_ONE, \
	.read_mhz = 33, .fast_mhz = 50, .flags = NOR_F_NO_RESET,                                 \
	.note = "20h erases 64K on some, so only D8h is used; --chip names a later part"
/* QE, but no 32K erase. */
#define GEN_QE_NO_32K(prot_, mhz)                                                          \
	.erase_set = NO_32K, .times = &mx25_quad, .prot = (prot_), .sr_write = NOR_SR_ONE, \
	.qe = NOR_BIT(1, 6), .read_mhz = 33, .fast_mhz = (mhz), .flags = NOR_F_NO_RESET
/* QE, ranges of its own, no T/B. */
#define GEN_QE(prot_, mhz)                                                                    \
	.erase_set = ALL_SIZES, .times = &mx25_quad, .prot = (prot_), .sr_write = NOR_SR_ONE, \
	.qe = NOR_BIT(1, 6), .read_mhz = 33, .fast_mhz = (mhz)
/* QE, configuration register with the one-time T/B. */
#define GEN_CR_AS(prot_, mhz)                                                                  \
	.erase_set = ALL_SIZES, .times = &mx25_quad, .prot = (prot_), .sr_write = NOR_SR_MXIC, \
	.qe = NOR_BIT(1, 6), .read_mhz = 33, .fast_mhz = (mhz)
#define GEN_CR(mhz) GEN_CR_AS(&bp4_tb_once, mhz)
/* Low power: two configuration bytes, the first as above; a one-byte write keeps both. */
#define GEN_R                                                                                  \
	.erase_set = ALL_SIZES, .times = &mx25r, .prot = &bp4_tb_once, .sr_write = NOR_SR_ONE, \
	.qe = NOR_BIT(1, 6), OTP(512), .read_mhz = 20, .fast_mhz = 33

static const struct nor_chip rows[] = {
	/* up to 1 MiB */
	{P("MX25L512/MX25L512C/MX25V512/MX25V512C/MX25V512E", 0x20, 0x10, 64),
         GEN_OLD(&nor_prot_bp2, 50), V33, NOR_NO_SFDP},
	{P("MX25L512E", 0x20, 0x10, 64), GEN_OLD(&nor_prot_bp2, 80), V33, NOR_ANY_SFDP},
	{P("MX25L1005/MX25L1005C/MX25V1006E", 0x20, 0x11, 128), GEN_OLD(&nor_prot_bp2, 50), V33,
         NOR_NO_SFDP},
	{P("MX25L1006E/MX25L1026E", 0x20, 0x11, 128), GEN_OLD(&nor_prot_bp2, 80), V33,
         NOR_ANY_SFDP},
	{P("MX25L2005/MX25L2005C", 0x20, 0x12, 256), GEN_OLD(&nor_prot_bp2, 50), V33, NOR_NO_SFDP},
	{P("MX25L2006E/MX25L2026E/MX25V2006E", 0x20, 0x12, 256), GEN_OLD(&nor_prot_bp3_odd, 75),
         V33, NOR_ANY_SFDP},
	{P("MX25L4005/MX25L4005A/MX25L4005C", 0x20, 0x13, 512), GEN_OLD(&nor_prot_bp3, 50), V33,
         NOR_NO_SFDP},
	{P("MX25L4006E/MX25L4026E/MX25V4006E", 0x20, 0x13, 512), GEN_OLD(&nor_prot_bp3, 75), V33,
         NOR_ANY_SFDP},
	{P("MX25L8005/MX25V8005", 0x20, 0x14, 1024), GEN_OLD(&nor_prot_bp3, 50), V33, NOR_NO_SFDP},
	{P("MX25L8035E/MX25L8036E", 0x20, 0x14, 1024), GEN_QE_NO_32K(&nor_prot_bp3_agreed, 50),
         OTP(512), V33, NOR_NO_SFDP},
	{P("MX25L8006E/MX25L8008E/MX25V8006E", 0x20, 0x14, 1024), GEN_OLD(&nor_prot_bp3, 75),
         OTP(64), V33, SFDP_DUAL},
	{P("MX25L8073E", 0x20, 0x14, 1024), GEN_QE_NO_32K(&nor_prot_bp3_agreed, 108), OTP(512), V33,
         SFDP_QUAD},

	/* 2 MiB */
	{P("MX25L1605", 0x20, 0x15, 2048), GEN_FIRST(&nor_prot_bp3), V33, NOR_NO_SFDP},
	{P("MX25L1605A", 0x20, 0x15, 2048), GEN_OLD(&nor_prot_bp3, 66), V33, NOR_NO_SFDP},
	{P("MX25L1605D/MX25L1608D/MX25L1608E", 0x20, 0x15, 2048),
         GEN_OLD(&nor_prot_bp4_mirrored, 66), V33, NOR_NO_SFDP},
	{P("MX25L1606E", 0x20, 0x15, 2048), GEN_OLD(&nor_prot_bp4_mirrored, 86), OTP(64), V33,
         NOR_ANY_SFDP},
	{P("MX25L1633E/MX25L1635D/MX25L1636D", 0x24, 0x15, 2048),
         GEN_QE_NO_32K(&nor_prot_bp3_agreed, 66), OTP(64), V33},
	{P("MX25L1673E/MX25L1675E", 0x24, 0x15, 2048), GEN_QE_NO_32K(&nor_prot_bp3_agreed, 104),
         OTP(64), V33, NOR_ANY_SFDP},
	{P("MX25L1635E/MX25L1636E", 0x25, 0x15, 2048), GEN_QE_NO_32K(&nor_prot_bp3_agreed, 108),
         OTP(512), V33},

	/* 4 MiB */
	{P("MX25L3205/MX25L3205A", 0x20, 0x16, 4096), GEN_FIRST(&nor_prot_bp3), V33, NOR_NO_SFDP},
	{P("MX25L3205D/MX25L3208D/MX25L3208E", 0x20, 0x16, 4096),
         GEN_OLD(&nor_prot_bp4_mirrored, 50), OTP(64), V33, NOR_NO_SFDP},
	{P("MX25L3206E", 0x20, 0x16, 4096), GEN_OLD(&nor_prot_bp4_mirrored, 86), OTP(64), V33,
         SFDP_DUAL},
	{P("MX25L3236F", 0x20, 0x16, 4096), GEN_QE(&nor_prot_bp4_odd, 104), OTP(512), V33,
         SFDP_QUAD},
	{P("MX25L3233F/MX25L3235E/MX25L3273E/MX25L3273F", 0x20, 0x16, 4096), GEN_CR(104), OTP(512),
         V33, SFDP_QUAD},
	{P("MX25L3225D/MX25L3235D/MX25L3236D/MX25L3237D", 0x5e, 0x16, 4096),
         GEN_QE_NO_32K(&nor_prot_bp4_mirrored, 66), OTP(512), V33},

	/* 8 MiB */
	{P("MX25L6405", 0x20, 0x17, 8192), GEN_FIRST(&nor_prot_bp4), V33, NOR_NO_SFDP},
	{P("MX25L6405D/MX25L6408D/MX25L6408E", 0x20, 0x17, 8192),
         GEN_OLD(&nor_prot_ratio_mirrored, 50), OTP(64), V33, NOR_NO_SFDP},
	{P("MX25L6406E", 0x20, 0x17, 8192), GEN_OLD(&nor_prot_ratio_mirrored, 86), OTP(64), V33,
         SFDP_DUAL},
	{P("MX25L6436E/MX25L6436F/MX25L6445E/MX25L6465E", 0x20, 0x17, 8192),
         GEN_QE(&nor_prot_bp4_128k, 80), OTP(512), V33, SFDP_QUAD,
         .note = "the one-time T/B of MX25L6436F is not read: where it is set, ranges count from the bottom"},
	{P("MX25L6433F/MX25L6435E/MX25L6473E/MX25L6473F", 0x20, 0x17, 8192), GEN_CR(80), OTP(512),
         V33, SFDP_QUAD},
	{P("MX25L6455E", 0x26, 0x17, 8192), GEN_QE(&nor_prot_bp4_odd, 104), OTP(512), V33},
	{P("MX77L6450F", 0x75, 0x17, 8192), GEN_CR(104), OTP(512), V33},
	{P("MX25L6495F", 0x95, 0x17, 8192), GEN_CR(104), OTP(512), V33},

	/* 16 MiB */
	{P("MX25L12805D", 0x20, 0x18, 16384), GEN_OLD(&nor_prot_bp4, 50), OTP(64), V33,
         NOR_NO_SFDP},
	{P("MX25L12835E", 0x20, 0x18, 16384), GEN_OLD(&nor_prot_bp4_128k, 50), OTP(64), V33,
         NOR_NO_SFDP},
	{P("MX25L12836E/MX25L12845E/MX25L12865E", 0x20, 0x18, 16384),
         GEN_QE(&nor_prot_bp4_128k, 104), OTP(512), V33, SFDP_NO_QPI},
	{P("MX25L12835F/MX25L12839F/MX25L12873F", 0x20, 0x18, 16384), GEN_CR(104), OTP(512), V33,
         SFDP_QPI,
         .note = "MX25L12839F, by one source, counts from 8 MiB on as the older parts do"},
	{P("MX25L12833F/MX25L12845G/MX25L12850F/MX25L12872F", 0x20, 0x18, 16384), GEN_CR(104),
         OTP(512), V33, NOR_SFDP_A_UP},
	{P("MX25L12855E/MX25L12855F", 0x26, 0x18, 16384), GEN_QE(&nor_prot_bp4_odd, 104), OTP(512),
         V33},
	{P("MX77L12850F", 0x75, 0x18, 16384), GEN_CR(104), OTP(512), V33},

	/* 32 MiB and more */
	{P("MX25L25635E", 0x20, 0x19, 32768), GEN_QE(&nor_prot_bp4_odd, 80), OTP(512),
         .addr4 = NOR_ADDR4_ENTER, V33},
	{P("MX25L25635F/MX25L25639F", 0x20, 0x19, 32768), GEN_CR(104), OTP(512),
         .addr4 = NOR_ADDR4_NATIVE, V33, SFDP_QPI},
	{P("MX25L25633F/MX25L25645G", 0x20, 0x19, 32768), GEN_CR(104), OTP(512),
         .addr4 = NOR_ADDR4_NATIVE, V33, NOR_SFDP_A_UP},
	{P("MX25L25655E", 0x26, 0x19, 32768), GEN_QE(&nor_prot_bp4_odd, 104), OTP(512),
         .addr4 = NOR_ADDR4_ENTER, V33},
	{P("MX25L25655F", 0x26, 0x19, 32768), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE, V33,
         NOR_ANY_SFDP},
	{P("MX66L51235F", 0x20, 0x1a, 65536), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE,
         V33},
	{P("MX25L51237G/MX25L51245G/MX25L51245J", 0x20, 0x1a, 65536), GEN_CR(104), OTP(512),
         .addr4 = NOR_ADDR4_NATIVE, V33, NOR_SFDP_A_UP},
	{P("MX66L1G45G/MX66L1G45J", 0x20, 0x1b, 131072), GEN_CR(104), OTP(512),
         .addr4 = NOR_ADDR4_NATIVE, V33},
	{P("MX66L2G45G/MX66L2G45J", 0x20, 0x1c, 262144), GEN_CR(104), OTP(512),
         .addr4 = NOR_ADDR4_NATIVE, V33},

	/* 2.35 V and up */
	{P("MX25V512F", 0x23, 0x10, 64), GEN_CR(80), OTP(512), V25},
	{P("MX25V1035F", 0x23, 0x11, 128), GEN_CR(80), OTP(512), V25},
	{P("MX25V2035F", 0x23, 0x12, 256), GEN_CR(80), OTP(512), V25},
	{P("MX25V4035F", 0x23, 0x13, 512), GEN_CR(80), OTP(512), V25},
	{P("MX25V8035F", 0x23, 0x14, 1024), GEN_CR(80), OTP(512), V25},
	{P("MX25V1635F", 0x23, 0x15, 2048), GEN_CR_AS(&nor_prot_bp4_odd, 80), OTP(512), V25},

	/* low power, 1.65 V to 3.6 V */
	{P("MX25R512F", 0x28, 0x10, 64), GEN_R, VWIDE},
	{P("MX25R1035F", 0x28, 0x11, 128), GEN_R, VWIDE},
	{P("MX25R2035F", 0x28, 0x12, 256), GEN_R, VWIDE},
	{P("MX25R4035F", 0x28, 0x13, 512), GEN_R, VWIDE},
	{P("MX25R8035F", 0x28, 0x14, 1024), GEN_R, VWIDE},
	{P("MX25R1635F", 0x28, 0x15, 2048), GEN_R, VWIDE},
	{P("MX25R3235F", 0x28, 0x16, 4096), GEN_R, VWIDE},
	{P("MX25R6435F", 0x28, 0x17, 8192), GEN_R, VWIDE},

	/* 1.8 V */
	{P("MX25U2033E", 0x25, 0x32, 256), GEN_QE(&nor_prot_bp4_odd, 80), OTP(512), V18_20},
	{P("MX25U2035F/MX25U20356", 0x25, 0x32, 256), GEN_CR(104), OTP(512), V18_20, NOR_SFDP_A_UP},
	{P("MX25U4032E/MX25U4033E", 0x25, 0x33, 512), GEN_QE(&nor_prot_bp3_agreed, 40), OTP(512),
         V18_20, NOR_SFDP_1_0},
	{P("MX25U4035", 0x25, 0x33, 512), GEN_QE(&nor_prot_bp3_agreed, 40), OTP(64), V18_20,
         NOR_NO_SFDP},
	{P("MX25U4035F/MX25U40356", 0x25, 0x33, 512), GEN_CR(104), OTP(512), V18_20, NOR_SFDP_A_UP},
	{P("MX25U8032E/MX25U8033E/MX25U8035E", 0x25, 0x34, 1024), GEN_QE(&nor_prot_bp3_agreed, 40),
         OTP(512), V18_20, NOR_SFDP_1_0},
	{P("MX25U8035", 0x25, 0x34, 1024), GEN_QE(&nor_prot_bp3_agreed, 40), OTP(64), V18_20,
         NOR_NO_SFDP},
	{P("MX25U8035F/MX25U80356", 0x25, 0x34, 1024), GEN_CR(104), OTP(512), V18_20,
         NOR_SFDP_A_UP},
	{P("MX25U1635E/MX25U1635F", 0x25, 0x35, 2048), GEN_QE(&nor_prot_bp4_mirrored, 104),
         OTP(512), V18_20},
	{P("MX25U1632F/MX25U1633F", 0x25, 0x35, 2048), GEN_CR(80), OTP(512), V18_20, NOR_SFDP_A_UP},
	{P("MX25U3273F", 0x25, 0x36, 4096), GEN_CR(80), OTP(512), V18_20, SFDP_NO_QPI},
	{P("MX25U3235E/MX25U3235F", 0x25, 0x36, 4096), GEN_QE(&nor_prot_bp4_mirrored, 80), OTP(512),
         V18_20, SFDP_QPI},
	/* 3.3 V parts that answer as the 1.8 V ones do */
	{P("MX25L3239E", 0x25, 0x36, 4096), GEN_QE(&nor_prot_bp4_mirrored, 80), OTP(512), V33},
	{P("MX25L6439E", 0x25, 0x37, 8192), GEN_QE(&nor_prot_bp4_mirrored, 80), OTP(512), V33},
	{P("MX25U3232F", 0x25, 0x36, 4096), GEN_CR(104), OTP(512), V18_20, NOR_SFDP_A_UP},
	{P("MX25U6435E/MX25U6435F/MX25U6473F", 0x25, 0x37, 8192),
         GEN_QE(&nor_prot_bp4_mirrored, 104), OTP(512), V18_20},
	{P("MX25U6432F/MX25U6433F/MX25U6472F", 0x25, 0x37, 8192), GEN_CR(80), OTP(512), V18_20,
         NOR_SFDP_A_UP},
	{P("MX25U12835F/MX25U12873F", 0x25, 0x38, 16384), GEN_CR(104), OTP(512), V18_20},
	{P("MX25U12832F/MX25U12843G", 0x25, 0x38, 16384), GEN_CR(104), OTP(512), V18_20,
         NOR_SFDP_A_UP},
	{P("MX25U25635F", 0x25, 0x39, 32768), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE,
         V18_20},
	{P("MX25U25643G/MX25U25645G", 0x25, 0x39, 32768), GEN_CR(104), OTP(512),
         .addr4 = NOR_ADDR4_NATIVE, V18_20, NOR_SFDP_A_UP},
	{P("MX25U51245G", 0x25, 0x3a, 65536), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE,
         V18_20},
	{P("MX66U1G45G", 0x25, 0x3b, 131072), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE,
         V18_20},
	{P("MX66U2G45G", 0x25, 0x3c, 262144), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE,
         V18_20},

	/* more, of which identity is known */
	{BY_ID("Macronix", "MX25L5121E", 0xc2, 0x22, 0x10, 64, 2700, 3600),
         ONE_REGISTER(NOR_ERASE_4K), .page = 32},
	{BY_ID("Macronix", "MX25L1021E", 0xc2, 0x22, 0x11, 128, 2700, 3600), ONE_REGISTER(NO_32K),
         .page = 32},
	{BY_ID("Macronix", "MX25U5121E", 0xc2, 0x25, 0x30, 64, 1650, 2000),
         ONE_REGISTER(NOR_ERASE_4K), .page = 32, .qe = NOR_BIT(1, 6)},
	{BY_ID("Macronix", "MX25U1021E/MX25U1001E", 0xc2, 0x25, 0x31, 128, 1650, 2000),
         ONE_REGISTER(NO_32K), .page = 32, .qe = NOR_BIT(1, 6)},
	{BY_ID("Macronix", "MX25V4035", 0xc2, 0x25, 0x53, 512, 2350, 3600), ONE_REGISTER(ALL_SIZES),
         .qe = NOR_BIT(1, 6)},
	{BY_ID("Macronix", "MX25V8035", 0xc2, 0x25, 0x54, 1024, 2350, 3600),
         ONE_REGISTER(ALL_SIZES), .qe = NOR_BIT(1, 6)},
	{BY_ID("Macronix", "MX25L1655D", 0xc2, 0x26, 0x15, 2048, 2700, 3600), ONE_REGISTER(NO_32K),
         .qe = NOR_BIT(1, 6)},
	{P("MX66L1G55G", 0x26, 0x1b, 131072), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE,
         V33},
	{P("MX77L25650F", 0x75, 0x19, 32768), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE,
         V33},
	{P("MX77U25650F", 0x75, 0x39, 32768), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE,
         V18_20},
	{P("MX77U51250F", 0x75, 0x3a, 65536), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE,
         V18_20},
	{P("MX25U25645G-54", 0x95, 0x39, 32768), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE,
         V18_20},
	{P("MX25U51245G-54", 0x95, 0x3a, 65536), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE,
         V18_20},
	{P("MX66U1G45G-54", 0x95, 0x3b, 131072), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE,
         V18_20},
	{P("MX66U2G45G-54", 0x95, 0x3c, 262144), GEN_CR(104), OTP(512), .addr4 = NOR_ADDR4_NATIVE,
         V18_20},
	{BY_ID("Macronix", "MX25L3255D/MX25L3255E", 0xc2, 0x9e, 0x16, 4096, 2700, 3600),
         ONE_REGISTER(ALL_SIZES), .qe = NOR_BIT(1, 6)},
};

const struct nor_chip_table chips_macronix = {rows, sizeof(rows) / sizeof(rows[0])};
