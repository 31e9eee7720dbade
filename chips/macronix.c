/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Macronix MX25. Identity, opcodes, QE and OTP kind: flashprog and ufprog. 05D and 06E parts have
 * no 32K erase (52h erases 64K on some), no QE and range tables that differ from part to part, so
 * that protection is lifted but not decoded. T/B sits in the configuration register and is
 * one-time.
 */
#include "nor/chip.h"

#define SOURCE "flashprog; ufprog; DediProg"
#define TIMES  "data sheet (unverified); chip erase limit: DediProg"
#define KIB    1024U

#define ALL_SIZES (NOR_ERASE_4K | NOR_ERASE_32K | NOR_ERASE_64K)
#define NO_32K    (NOR_ERASE_4K | NOR_ERASE_64K)
#define NO_SFDP   .match = {.want_no_sfdp = true}
/* Quad reads 1-4-4 or 1-1-4 in BFPT dword 1: the parts with QE and 32K erase */
#define SFDP_QUAD \
	.match = {.want_sfdp = true, .bfpt_dword = 1, .bfpt_mask = 1 << 21, .bfpt_value = 1 << 21}
#define SFDP_A_UP .match = {.sfdp_minor_min = 5}
/* BFPT dword 5 bit 4: 4-4-4 reads, which came with the F revisions */
#define SFDP_QPI    .match = {.sfdp_minor_max = 4, QPI_BIT, .bfpt_value = 1 << 4}
#define SFDP_NO_QPI .match = {.sfdp_minor_max = 4, QPI_BIT}
#define QPI_BIT     .want_sfdp = true, .bfpt_dword = 5, .bfpt_mask = 1 << 4
#define SFDP_DUAL   .match = {.want_sfdp = true, .bfpt_dword = 1, .bfpt_mask = 1 << 21}

/* ---- times ----------------------------------------------------------------------------------- */

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

/* ---- protection ------------------------------------------------------------------------------ */

#define BP_4 .bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5)}

static const struct nor_prot bp4_odd = {
	.kind = NOR_PROT_NONE,
	BP_4,
	.srp0 = NOR_BIT(1, 7),
};

static const struct nor_prot bp4_tb_once = {
	.kind = NOR_PROT_BLOCKS,
	BP_4,
	.tb = NOR_BIT(4, 3),
	.tb_otp = true,
	.srp0 = NOR_BIT(1, 7),
};

/* ---- parts ----------------------------------------------------------------------------------- */

#define PART(part, type, code, kib)                                               \
	.name = part, .maker = "Macronix", .id = {0xc2, type, code}, .id_len = 3, \
	.size = (kib)*KIB, .source = SOURCE, .vcc_min_mv = 2700, .vcc_max_mv = 3600
#define OTP(len) .otp = NOR_OTP_MXIC, .otp_regs = 1, .otp_reg_size = len

/* One status register, nothing else. */
#define GEN_OLD                                                                            \
	.erase_set = NO_32K, .times = &mx25_old, .prot = &bp4_odd, .sr_write = NOR_SR_ONE, \
	.read_mhz = 33, .flags = NOR_F_NO_RESET
/* QE, configuration register with the one-time T/B. */
#define GEN_QUAD                                                           \
	.erase_set = ALL_SIZES, .times = &mx25_quad, .prot = &bp4_tb_once, \
	.sr_write = NOR_SR_MXIC, .qe = NOR_BIT(1, 6), .read_mhz = 33

/* QE, but ranges of their own and no T/B. */
#define GEN_QUAD_OLD                                                                           \
	.erase_set = ALL_SIZES, .times = &mx25_quad, .prot = &bp4_odd, .sr_write = NOR_SR_ONE, \
	.qe = NOR_BIT(1, 6), .read_mhz = 33, .flags = NOR_F_NO_RESET

static const struct nor_chip rows[] = {
	/* 8 MiB */
	{PART("MX25L6405D/MX25L6408D", 0x20, 0x17, 8192), GEN_OLD, OTP(64), .fast_mhz = 50, NO_SFDP,
         .note = "the plain MX25L6405 of 2005 erases 64K with 20h: not supported"},
	{PART("MX25L6406E/MX25L6408E", 0x20, 0x17, 8192), GEN_OLD, OTP(64), .fast_mhz = 86,
         SFDP_DUAL},
	{PART("MX25L6436E/MX25L6445E/MX25L6465E", 0x20, 0x17, 8192), GEN_QUAD_OLD, OTP(512),
         .fast_mhz = 80, SFDP_QUAD},
	{PART("MX25L6433F/MX25L6435E/MX25L6436F/MX25L6473E/MX25L6473F", 0x20, 0x17, 8192), GEN_QUAD,
         OTP(512), .fast_mhz = 80, SFDP_QUAD},

	/* 16 MiB */
	{PART("MX25L12805D/MX25L12835E", 0x20, 0x18, 16384), GEN_OLD, OTP(64), .fast_mhz = 50,
         NO_SFDP},
	{PART("MX25L12836E/MX25L12845E/MX25L12865E", 0x20, 0x18, 16384), GEN_QUAD_OLD, OTP(512),
         .fast_mhz = 104, SFDP_NO_QPI},
	{PART("MX25L12835F/MX25L12839F/MX25L12873F", 0x20, 0x18, 16384), GEN_QUAD, OTP(512),
         .fast_mhz = 104, SFDP_QPI},
	{PART("MX25L12833F/MX25L12845G/MX25L12850F/MX25L12872F", 0x20, 0x18, 16384), GEN_QUAD,
         OTP(512), .fast_mhz = 104, SFDP_A_UP},

	/* 32 MiB */
	{PART("MX25L25635E/MX25L25735E", 0x20, 0x19, 32768), GEN_QUAD_OLD, OTP(512), .fast_mhz = 80,
         .addr4 = NOR_ADDR4_ENTER},
	{PART("MX25L25635F/MX25L25639F", 0x20, 0x19, 32768), GEN_QUAD, OTP(512), .fast_mhz = 104,
         .addr4 = NOR_ADDR4_NATIVE, SFDP_QPI},
	{PART("MX25L25633F/MX25L25645G", 0x20, 0x19, 32768), GEN_QUAD, OTP(512), .fast_mhz = 104,
         .addr4 = NOR_ADDR4_NATIVE, SFDP_A_UP},
};

const struct nor_chip_table chips_macronix = {rows, sizeof(rows) / sizeof(rows[0])};
