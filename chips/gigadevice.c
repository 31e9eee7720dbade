/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GigaDevice GD25/GD55. Identity, opcodes and register bits: flashprog and ufprog. B revisions have
 * no SFDP; SR2 is the second byte of 01h in them and in small parts, and has 31h from 32 Mbit C on.
 */
#include "identity.h"

#define SOURCE "flashprog; ufprog; DediProg"
#define TIMES  "data sheet (unverified); chip erase: DediProg"

/* ---- times ---- */

static const struct nor_times gd25q = {
	.page_typ_us = 600,
	.page_max_us = 2400,
	.sr_typ_us = 10000,
	.sr_max_us = 30000,
	.erase_4k_typ_us = 50000,
	.erase_4k_max_us = 400000,
	.erase_32k_typ_us = 160000,
	.erase_32k_max_us = 800000,
	.erase_64k_typ_us = 220000,
	.erase_64k_max_us = 1200000,
	.source = TIMES,
};

static const struct nor_times gd25lq = {
	.page_typ_us = 600,
	.page_max_us = 2400,
	.sr_typ_us = 10000,
	.sr_max_us = 30000,
	.erase_4k_typ_us = 75000,
	.erase_4k_max_us = 500000,
	.erase_32k_typ_us = 300000,
	.erase_32k_max_us = 800000,
	.erase_64k_typ_us = 420000,
	.erase_64k_max_us = 1200000,
	.source = TIMES,
};

/* Above 16 MiB: BP0-3, TB in bit 6, the lock-down bit in SR2 bit 6. */
/* Whether bit 5 is BP3 or T/B is not agreed on; CMP is. */
static const struct nor_prot bp4_cmp_odd = {
	.kind = NOR_PROT_NONE,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5)},
	.cmp = NOR_BIT(2, 6),
	.srp0 = NOR_BIT(1, 7),
};

static const struct nor_prot bp4_tb_srl = {
	.kind = NOR_PROT_BLOCKS,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5)},
	.tb = NOR_BIT(1, 6),
	.srp0 = NOR_BIT(1, 7),
	.srp1 = NOR_BIT(2, 6),
};

/* CMP in SR3 (flashrom, on hardware; flashprog). */
static const struct nor_prot bp4_tb_cmp_sr3 = {
	.kind = NOR_PROT_BLOCKS,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5)},
	.tb = NOR_BIT(1, 6),
	.cmp = NOR_BIT(3, 3),
	.srp0 = NOR_BIT(1, 7),
	.srp1 = NOR_BIT(2, 6),
};

/* The 64 KiB part knows no D8h. */
static const struct nor_erase no_d8[NOR_ERASE_TYPES] = {
	{.size = 4096, .op = 0x20},
	{.size = 32768, .op = 0x52},
};

/* ---- generations ---- */

#define P(part, type, code, kib)                                                                  \
	ROW(part, "GigaDevice", kib, 0xc8, type, code), .source = SOURCE, .erase_set = ALL_SIZES, \
							.proof = NOR_PROOF_MODEL

/* No SFDP; the first of them without CMP. */
#define GEN_B(prot_)                                                                          \
	.times = &gd25q, .prot = (prot_), .sr_write = NOR_SR_TWO_CLEARS, .qe = NOR_BIT(2, 1), \
	.read_mhz = 33, .fast_mhz = 80, .flags = NOR_F_NO_RESET
/* SR2 with 01h. */
#define GEN_C_SMALL(times_, mhz)                                                     \
	.times = (times_), .prot = &nor_prot_sec_cmp, .sr_write = NOR_SR_TWO_CLEARS, \
	.qe = NOR_BIT(2, 1), .uid = NOR_UID_GD16, .read_mhz = 33, .fast_mhz = (mhz), \
	.flags = NOR_F_VOLATILE_SR
/* SR2 with 31h. */
#define GEN_C(prot_, mhz)                                                                   \
	.times = &gd25q, .prot = (prot_), .sr_write = NOR_SR_SEPARATE, .qe = NOR_BIT(2, 1), \
	.uid = NOR_UID_GD16, .read_mhz = 33, .fast_mhz = (mhz), .flags = NOR_F_VOLATILE_SR
#define BIG_DIE(prot_, times_, mhz)                                                           \
	.times = (times_), .prot = (prot_), .sr_write = NOR_SR_SEPARATE, .qe = NOR_BIT(2, 1), \
	.addr4 = NOR_ADDR4_NATIVE, .uid = NOR_UID_GD16, .read_mhz = 33, .fast_mhz = (mhz)
#define GEN_BIG_AS(...)      BIG_DIE(__VA_ARGS__), .flags = NOR_F_VOLATILE_SR
#define GEN_BIG(times_, mhz) GEN_BIG_AS(&bp4_tb_srl, times_, mhz)

/* 256 Mbit, 1.8 V */
#define LQ256(prot_)                                                                            \
	SECREG(2, 2, 1024), .times = &gd25lq, .prot = (prot_), .sr_write = NOR_SR_TWO_CLEARS,   \
			    .qe = NOR_BIT(2, 1), .addr4 = NOR_ADDR4_ENTER, .uid = NOR_UID_GD16, \
			    .read_mhz = 33, .fast_mhz = 104, .flags = NOR_F_VOLATILE_SR, V18_20

static const struct nor_chip rows[] = {
	/* up to 1 MiB */
	{P("GD25Q512", 0x40, 0x10, 64), GEN_B(&nor_prot_sec), .erase = no_d8, V33},
	{P("GD25Q10", 0x40, 0x11, 128), GEN_B(&nor_prot_sec), V33},
	{P("GD25Q20/GD25Q20B", 0x40, 0x12, 256), GEN_B(&nor_prot_sec_cmp), V33},
	{P("GD25Q20C", 0x40, 0x12, 256), SECREG(1, 0, 1024), GEN_C_SMALL(&gd25q, 104), V33,
         NOR_SFDP_1_0},
	{P("GD25Q20E", 0x40, 0x12, 256), GEN_C_SMALL(&gd25q, 104), SECREG(2, 0, 1024), V33,
         NOR_SFDP_A_UP},
	{P("GD25Q40/GD25Q40B", 0x40, 0x13, 512), GEN_B(&nor_prot_sec_cmp), V33},
	{P("GD25Q40C/GD25B40C", 0x40, 0x13, 512), SECREG(1, 0, 1024), GEN_C_SMALL(&gd25q, 104), V33,
         NOR_SFDP_1_0},
	{P("GD25Q40E", 0x40, 0x13, 512), GEN_C_SMALL(&gd25q, 104), SECREG(2, 0, 1024), V33,
         NOR_SFDP_A_UP},
	{P("GD25Q80", 0x40, 0x14, 1024), GEN_B(&nor_prot_sec), V33},
	{P("GD25Q80B", 0x40, 0x14, 1024), SECREG(1, 0, 1024), GEN_B(&nor_prot_sec_cmp), V33},
	{P("GD25Q80C", 0x40, 0x14, 1024), SECREG(1, 0, 1024), GEN_C_SMALL(&gd25q, 104), V33,
         NOR_SFDP_1_0},
	{P("GD25Q80E", 0x40, 0x14, 1024), GEN_C_SMALL(&gd25q, 104), SECREG(2, 0, 1024), V33,
         NOR_SFDP_A_UP},

	/* 2 MiB */
	{P("GD25Q16/GD25Q16B", 0x40, 0x15, 2048), SECREG(1, 0, 1024), GEN_B(&nor_prot_sec_cmp),
         V33},
	{P("GD25Q16C/GD25B16C", 0x40, 0x15, 2048), SECREG(1, 0, 1024), GEN_C_SMALL(&gd25q, 104),
         V33, NOR_SFDP_1_0},
	{P("GD25Q16E/GD25B16E", 0x40, 0x15, 2048), GEN_C_SMALL(&gd25q, 104), SECREG(2, 0, 1024),
         V33, NOR_SFDP_A_UP},

	/* 4 MiB */
	{P("GD25Q32/GD25Q32B", 0x40, 0x16, 4096), SECREG(1, 0, 1024), GEN_B(&nor_prot_sec_cmp), V33,
         NOR_NO_SFDP},
	{P("GD25Q32C/GD25B32C", 0x40, 0x16, 4096), GEN_C(&nor_prot_sec_cmp, 104),
         SECREG(3, 1, 1024), V33, NOR_SFDP_1_0},
	{P("GD25Q32E/GD25B32E", 0x40, 0x16, 4096), GEN_C(&nor_prot_sec_cmp, 104),
         SECREG(3, 1, 1024), V33, NOR_SFDP_A_UP},

	/* 8 MiB */
	{P("GD25Q64/GD25Q64B/GD25B64B", 0x40, 0x17, 8192), SECREG(1, 0, 1024),
         GEN_B(&nor_prot_sec_cmp), V33, NOR_NO_SFDP},
	{P("GD25Q64C/GD25B64C", 0x40, 0x17, 8192), GEN_C(&nor_prot_sec_cmp, 104),
         SECREG(3, 1, 1024), V33, NOR_SFDP_1_0},
	{P("GD25Q64E/GD25B64E", 0x40, 0x17, 8192), GEN_C(&nor_prot_sec_cmp, 104),
         SECREG(3, 1, 1024), V33, NOR_SFDP_A_UP},

	/* 16 MiB */
	{P("GD25Q128B/GD25B128B", 0x40, 0x18, 16384), SECREG(1, 0, 1024), GEN_B(&nor_prot_sec_cmp),
         V33, NOR_NO_SFDP},
	{P("GD25Q128C/GD25B128C", 0x40, 0x18, 16384), GEN_C(&nor_prot_sec_cmp_wps, 104),
         SECREG(3, 1, 512), V33, NOR_SFDP_1_0, .note = "reads only up to 50 MHz on some boards"},
	{P("GD25Q127C/GD25B127D", 0x40, 0x18, 16384), GEN_C(&nor_prot_sec_cmp_wps, 104),
         SECREG(3, 1, 512), V33, NOR_SFDP_1_0},
	{P("GD25Q128E/GD25B128E/GD25R128E/GD25Q128H/GD25B128H", 0x40, 0x18, 16384),
         GEN_C(&nor_prot_sec_cmp, 104), SECREG(3, 1, 1024), V33, NOR_SFDP_A_UP},

	/* 32 MiB and more */
	{P("GD25Q256C", 0x40, 0x19, 32768), .times = &gd25q, .prot = &nor_prot_bp4_odd,
         .sr_write = NOR_SR_ONE, .qe = NOR_BIT(1, 6), .addr4 = NOR_ADDR4_NATIVE, .uid = NOR_UID_4B,
         .read_mhz = 33, .fast_mhz = 70, V33, NOR_NO_SFDP},
	{P("GD25Q256D/GD25B256D/GD25R256D/GD25Q257D/GD25B257D", 0x40, 0x19, 32768),
         GEN_BIG(&gd25q, 104), V33, NOR_ANY_SFDP},
	/* Two GD25Q256D that C2h selects, with the ID and the SFDP of one. */
	{P("GD25S512MD", 0x40, 0x19, 65536), BIG_DIE(&bp4_tb_srl, &gd25q, 104), V33,
         .die = 32U << 20, .flags = NOR_F_VOLATILE_SR | NOR_F_DIE_SELECT | NOR_F_BAD_SFDP,
         .match = {.want_dies = true}},
	{P("GD25Q256E/GD25B256E/GD25R256E", 0x40, 0x19, 32768), GEN_BIG(&gd25q, 104), V33,
         NOR_ANY_SFDP},
	{P("GD25B512MF/GD25R512MF", 0x40, 0x1a, 65536), GEN_BIG_AS(&bp4_tb_cmp_sr3, &gd25q, 133),
         V33},
	{P("GD55B512ME", 0x40, 0x1a, 65536), GEN_BIG(&gd25q, 133), V33},
	{P("GD55F512MF", 0x43, 0x1a, 65536), GEN_BIG(&gd25q, 133), V33},

	/* 2.3 V and up */
	{P("GD25VQ20C/GD25VE20C", 0x42, 0x12, 256), SECREG(1, 0, 1024), GEN_C_SMALL(&gd25q, 104),
         V23},
	{P("GD25VQ80C", 0x42, 0x14, 1024), SECREG(1, 0, 1024), GEN_C_SMALL(&gd25q, 104), V23},
	{P("GD25VQ16C/GD25VE16C", 0x42, 0x15, 2048), SECREG(1, 0, 1024), GEN_C_SMALL(&gd25q, 104),
         V23},
	{P("GD25VQ32C/GD25VE32C", 0x42, 0x16, 4096), GEN_C(&nor_prot_sec_cmp, 104),
         SECREG(3, 1, 1024), V23},
	{P("GD25VQ64C/GD25VE64C", 0x42, 0x17, 8192), GEN_C(&nor_prot_sec_cmp, 104),
         SECREG(3, 1, 1024), V23},
	{P("GD25VQ127C", 0x42, 0x18, 16384), GEN_C(&nor_prot_sec_cmp, 104), SECREG(3, 1, 1024),
         V23},

	/* 1.65 V to 3.6 V */
	{P("GD25WQ20E", 0x65, 0x12, 256), GEN_C_SMALL(&gd25lq, 60), SECREG(2, 0, 1024), VWIDE},
	{P("GD25WQ40E", 0x65, 0x13, 512), GEN_C_SMALL(&gd25lq, 60), SECREG(2, 0, 1024), VWIDE},
	{P("GD25WQ80E", 0x65, 0x14, 1024), GEN_C_SMALL(&gd25lq, 60), SECREG(2, 0, 1024), VWIDE},
	{P("GD25WQ16E", 0x65, 0x15, 2048), GEN_C_SMALL(&gd25lq, 60), SECREG(2, 0, 1024), VWIDE},
	{P("GD25WQ32E", 0x65, 0x16, 4096), GEN_C(&nor_prot_sec_cmp, 60), SECREG(3, 1, 1024), VWIDE},
	{P("GD25WQ64E", 0x65, 0x17, 8192), GEN_C(&nor_prot_sec_cmp, 60), SECREG(3, 1, 1024), VWIDE},
	{P("GD25WQ128E", 0x65, 0x18, 16384), GEN_C(&nor_prot_sec_cmp, 60), SECREG(3, 1, 1024),
         VWIDE},
	{P("GD25WB256E/GD25WQ256E/GD25WR256E", 0x65, 0x19, 32768), GEN_BIG(&gd25lq, 60), VWIDE},
	{P("GD55WB512ME", 0x65, 0x1a, 65536), GEN_BIG(&gd25lq, 90), VWIDE},

	/* 1.8 V */
	{P("GD25LE05C", 0x60, 0x10, 64), GEN_C_SMALL(&gd25lq, 90), SECREG(3, 1, 512), V18_20,
         NOR_ANY_SFDP},
	{P("GD25LE10C", 0x60, 0x11, 128), GEN_C_SMALL(&gd25lq, 90), SECREG(3, 1, 512), V18_20,
         NOR_ANY_SFDP},
	{P("GD25LE20C/GD25LE20E", 0x60, 0x12, 256), GEN_C_SMALL(&gd25lq, 90), SECREG(3, 1, 512),
         V18_20, NOR_ANY_SFDP},
	{P("GD25LE40C/GD25LE40E", 0x60, 0x13, 512), GEN_C_SMALL(&gd25lq, 90), SECREG(3, 1, 512),
         V18_20, NOR_ANY_SFDP},
	{P("GD25LQ80/GD25LE80C/GD25LE80E", 0x60, 0x14, 1024), SECREG(3, 1, 512),
         GEN_C_SMALL(&gd25lq, 90), V18_20},
	{P("GD25LQ16/GD25LB16C/GD25LE16C", 0x60, 0x15, 2048), GEN_C_SMALL(&gd25lq, 90),
         SECREG(3, 1, 512), V18_20},
	{P("GD25LB16E", 0x60, 0x15, 2048), GEN_C_SMALL(&gd25lq, 133), SECREG(3, 1, 1024), V18_20,
         NOR_SFDP_A_UP},
	{P("GD25LQ32/GD25LB32D/GD25LE32D", 0x60, 0x16, 4096), GEN_C_SMALL(&gd25lq, 80),
         SECREG(3, 1, 1024), V18_20},
	{P("GD25LB32E", 0x60, 0x16, 4096), GEN_C_SMALL(&gd25lq, 133), SECREG(3, 1, 1024), V18_20,
         NOR_SFDP_A_UP},
	{P("GD25LQ64/GD25LQ64B/GD25LQ64C/GD25LB64C/GD25LE64C", 0x60, 0x17, 8192),
         GEN_C_SMALL(&gd25lq, 104), SECREG(3, 1, 1024), V18_20},
	{P("GD25LB64E", 0x60, 0x17, 8192), GEN_C_SMALL(&gd25lq, 133), SECREG(3, 1, 1024), V18_20,
         NOR_SFDP_A_UP},
	{P("GD25LQ128C/GD25LQ128D/GD25LB128D/GD25LE128D", 0x60, 0x18, 16384),
         GEN_C_SMALL(&gd25lq, 104), SECREG(3, 1, 1024), V18_20},
	{P("GD25LQ128E/GD25LB128E/GD25LE128E", 0x60, 0x18, 16384), GEN_C_SMALL(&gd25lq, 120),
         SECREG(3, 1, 1024), V18_20, NOR_SFDP_A_UP},
	{P("GD25LQ256D/GD25LE256D/GD25LB256D", 0x60, 0x19, 32768), LQ256(&bp4_cmp_odd),
         NOR_SFDP_1_0},
	/* Protection: flashrom, flashprog and BES's flash driver for GD25LQ255E; flashprog, ufprog
         * and BES's for GD25LE255E. */
	{P("GD25LQ255E", 0x60, 0x19, 32768), LQ256(&nor_prot_sec_cmp), NOR_SFDP_B_UP},
	{P("GD25LE255E", 0x60, 0x19, 32768), LQ256(&nor_prot_bp4_tb), NOR_SFDP_B_UP},
	{P("GD25LF80E", 0x63, 0x14, 1024), GEN_C_SMALL(&gd25lq, 133), SECREG(3, 1, 1024), V18_20},
	{P("GD25LF16E", 0x63, 0x15, 2048), GEN_C_SMALL(&gd25lq, 133), SECREG(3, 1, 1024), V18_20},
	{P("GD25LF32E", 0x63, 0x16, 4096), GEN_C_SMALL(&gd25lq, 133), SECREG(3, 1, 1024), V18_20},
	{P("GD25LF64E", 0x63, 0x17, 8192), GEN_C_SMALL(&gd25lq, 133), SECREG(3, 1, 1024), V18_20},
	{P("GD25LF128E", 0x63, 0x18, 16384), GEN_C_SMALL(&gd25lq, 166), SECREG(3, 1, 1024), V18_20},

	/* more, of which identity is known */
	{BY_ID("GigaDevice", "GD25F40", 0xc8, 0x20, 0x13, 512, 2700, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("GigaDevice", "GD25F80", 0xc8, 0x20, 0x14, 1024, 2700, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("GigaDevice", "GD25D40", 0xc8, 0x30, 0x13, 512, 2700, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("GigaDevice", "GD25D80", 0xc8, 0x30, 0x14, 1024, 2700, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("GigaDevice", "GD25T80", 0xc8, 0x31, 0x14, 1024, 2700, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("GigaDevice", "GD55B01GF", 0xc8, 0x40, 0x1b, 131072, 2700, 3600), ABOVE_16M},
	{BY_ID("GigaDevice", "GD55B02GF", 0xc8, 0x40, 0x1c, 262144, 2700, 3600), ABOVE_16M},
	{BY_ID("GigaDevice", "GD25Q512MC", 0xc8, 0x40, 0x20, 65536, 2700, 3600),
         ABOVE_16M_ONE(&nor_prot_bp4_odd), .qe = NOR_BIT(1, 6)},
	{P("GD25VQ40C/GD25VE40C/GD25VQ41B", 0x42, 0x13, 512), SECREG(1, 0, 1024),
         GEN_C_SMALL(&gd25q, 104), V23},
	{BY_ID("GigaDevice", "GD25F64F", 0xc8, 0x43, 0x17, 8192, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("GigaDevice", "GD25F128F", 0xc8, 0x43, 0x18, 16384, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("GigaDevice", "GD25F256F", 0xc8, 0x43, 0x19, 32768, 2700, 3600),
         ABOVE_16M_AS(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD25T512ME", 0xc8, 0x46, 0x1a, 65536, 2700, 3600),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD55T01GE", 0xc8, 0x46, 0x1b, 131072, 2700, 3600),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD55T02GE", 0xc8, 0x46, 0x1c, 262144, 2700, 3600),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD25B512ME/GD25R512ME", 0xc8, 0x47, 0x1a, 65536, 2700, 3600),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD55B01GE", 0xc8, 0x47, 0x1b, 131072, 2700, 3600),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD55B02GE", 0xc8, 0x47, 0x1c, 262144, 2700, 3600),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD25LB512MF/GD25LR512MF", 0xc8, 0x60, 0x1a, 65536, 1650, 2000),
         ABOVE_16M_AS(&nor_prot_bp4_tb_cmp)},
	{BY_ID("GigaDevice", "GD55LB01GF", 0xc8, 0x60, 0x1b, 131072, 1650, 2000), ABOVE_16M},
	{BY_ID("GigaDevice", "GD55LB02GF", 0xc8, 0x60, 0x1c, 262144, 1650, 2000), ABOVE_16M},
	{BY_ID("GigaDevice", "GD25LF256F/GD25LF255E", 0xc8, 0x63, 0x19, 32768, 1650, 2000),
         ABOVE_16M_AS(&nor_prot_bp4_tb_cmp)},
	{BY_ID("GigaDevice", "GD25LF512MF", 0xc8, 0x63, 0x1a, 65536, 1650, 2000),
         ABOVE_16M_AS(&nor_prot_bp4_tb_cmp)},
	{BY_ID("GigaDevice", "GD25WD05C", 0xc8, 0x64, 0x10, 64, 1650, 3600),
         ONE_REGISTER(ALL_SIZES)},
	{BY_ID("GigaDevice", "GD25WD10C", 0xc8, 0x64, 0x11, 128, 1650, 3600),
         ONE_REGISTER(ALL_SIZES)},
	{BY_ID("GigaDevice", "GD25WD20C/GD25WD20E", 0xc8, 0x64, 0x12, 256, 1650, 3600),
         ONE_REGISTER(ALL_SIZES)},
	{BY_ID("GigaDevice", "GD25WD40C/GD25WD40E", 0xc8, 0x64, 0x13, 512, 1650, 3600),
         ONE_REGISTER(ALL_SIZES)},
	{BY_ID("GigaDevice", "GD25WD80C/GD25WD80E", 0xc8, 0x64, 0x14, 1024, 1650, 3600),
         ONE_REGISTER(ALL_SIZES)},
	{BY_ID("GigaDevice", "GD25LT256E", 0xc8, 0x66, 0x19, 32768, 1650, 2000),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD25LT512ME", 0xc8, 0x66, 0x1a, 65536, 1650, 2000),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD55LT01GE", 0xc8, 0x66, 0x1b, 131072, 1650, 2000),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD55LT02GE", 0xc8, 0x66, 0x1c, 262144, 1650, 2000),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD25LB256E/GD25LR256E", 0xc8, 0x67, 0x19, 32768, 1650, 2000),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD25LB512ME/GD25LR512ME", 0xc8, 0x67, 0x1a, 65536, 1650, 2000),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD55LB01GE", 0xc8, 0x67, 0x1b, 131072, 1650, 2000),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
	{BY_ID("GigaDevice", "GD55LB02GE", 0xc8, 0x67, 0x1c, 262144, 1650, 2000),
         ABOVE_16M_ONE(&nor_prot_bp4_tb)},
};

const struct nor_chip_table chips_gigadevice = {rows, sizeof(rows) / sizeof(rows[0])};
