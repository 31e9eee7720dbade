/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ISSI IS25. Identity and families: flashprog and ufprog. Ranges: ufprog, with one of the serial
 * flash tables of two set-top box makers' drivers or SiFive's patches to Linux, for the part or its
 * closest sister. Smaller parts take BP3 as T/B; larger ones have a one-time T/B in the function
 * register (48h). Tables of the small E and the M revisions have one source only and are left
 * undecoded, as is IS25WP064, whose T/B one source has in two places. The ECC parts (IS25LE,
 * IS25WE) share the IDs and are not told apart.
 */
#include "identity.h"

#define SOURCE "flashprog; ufprog; DediProg"

static const struct nor_times is25 = {
	.page_typ_us = 200,
	.page_max_us = 1000,
	.sr_typ_us = 2000,
	.sr_max_us = 15000,
	.erase_4k_typ_us = 70000,
	.erase_4k_max_us = 300000,
	.erase_32k_typ_us = 140000,
	.erase_32k_max_us = 500000,
	.erase_64k_typ_us = 200000,
	.erase_64k_max_us = 1000000,
	.source = "data sheet (unverified); typical times near the SFDP of the IS25WP256",
};

#define P(part, type, code, kib)                                                               \
	ROW(part, "ISSI", kib, 0x9d, type, code),                                              \
		.source = SOURCE, .times = &is25, .sr_write = NOR_SR_ONE, .qe = NOR_BIT(1, 6), \
		.erase_set = ALL_SIZES, .proof = NOR_PROOF_MODEL, .otp_regs = 4,               \
		.otp_reg_size = 256

#define LQ                                                                                \
	.otp = NOR_OTP_ISSI_ONCE, .vcc_min_mv = 2300, .vcc_max_mv = 3600, .read_mhz = 33, \
	.fast_mhz = 104
#define LP \
	.otp = NOR_OTP_ISSI, .vcc_min_mv = 2300, .vcc_max_mv = 3600, .read_mhz = 50, .fast_mhz = 133
#define WP \
	.otp = NOR_OTP_ISSI, .vcc_min_mv = 1650, .vcc_max_mv = 1950, .read_mhz = 50, .fast_mhz = 104
#define BIG .addr4 = NOR_ADDR4_NATIVE
/* Stacks: whether a read goes on in the next die is not known, so none does. */
#define DIES .addr4 = NOR_ADDR4_NATIVE, .die = 64U << 20

#define D_NOTE "with BP 9 to 14 the D revision protects less than the whole that is shown"
#define E_NOTE "with BP 10 to 14 the E revision protects less than the whole that is shown"

static const struct nor_chip rows[] = {
	{P("IS25LQ512B/IS25LP512E", 0x40, 0x10, 64), LQ, .prot = &nor_prot_bp3_tb},
	{P("IS25LQ010B", 0x40, 0x11, 128), LQ, .prot = &nor_prot_bp3_tb, NOR_SFDP_A},
	{P("IS25LP010E", 0x40, 0x11, 128), LQ, .prot = &nor_prot_bp4_odd, NOR_SFDP_B_UP},
	{P("IS25LQ020B", 0x40, 0x12, 256), LQ, .prot = &nor_prot_bp3_tb, NOR_SFDP_A},
	{P("IS25LP020E", 0x40, 0x12, 256), LQ, .prot = &nor_prot_bp4_odd, NOR_SFDP_B_UP},
	{P("IS25LQ040B/IS25LP040E", 0x40, 0x13, 512), LQ, .prot = &nor_prot_bp4_odd},
	{P("IS25LQ080B", 0x40, 0x14, 1024), LQ, .prot = &nor_prot_bp3_tb},
	{P("IS25LQ016B", 0x40, 0x15, 2048), LQ, .prot = &nor_prot_bp3_tb},
	{P("IS25LQ032B", 0x40, 0x16, 4096), LQ, .prot = &nor_prot_bp3_tb},

	{P("IS25LP080D", 0x60, 0x14, 1024), LP, .prot = &nor_prot_bp3_tb},
	{P("IS25LP016D", 0x60, 0x15, 2048), LP, .prot = &nor_prot_bp3_tb},
	{P("IS25LP032", 0x60, 0x16, 4096), LP, .prot = &nor_prot_bp4_tbs, NOR_SFDP_A},
	{P("IS25LP032D", 0x60, 0x16, 4096), LP, .prot = &nor_prot_bp3_tb, NOR_SFDP_B_UP},
	{P("IS25LP064/IS25LP064A/IS25LP064B/IS25LP064D", 0x60, 0x17, 8192), LP,
         .prot = &nor_prot_bp4_tbs},
	{P("IS25LP128/IS25LP128A/IS25LP128D/IS25LP128F", 0x60, 0x18, 16384), LP,
         .prot = &nor_prot_bp4_tbs, .note = D_NOTE},
	{P("IS25LP256/IS25LP256D/IS25LP256E", 0x60, 0x19, 32768), LP, BIG,
         .prot = &nor_prot_bp4_tbs, .note = E_NOTE},
	{P("IS25LP512M", 0x60, 0x1a, 65536), LP, BIG, .prot = &nor_prot_bp4_odd},
	{P("IS25LP01G", 0x60, 0x1b, 131072), LP, DIES, .prot = &nor_prot_bp4_odd},
	{P("IS25LP02GG", 0x60, 0x22, 262144), LP, DIES, .prot = &nor_prot_bp4_odd},

	{P("IS25WP512E", 0x70, 0x10, 64), WP, .prot = &nor_prot_bp3_tb},
	{P("IS25WP010E", 0x70, 0x11, 128), WP, .prot = &nor_prot_bp4_odd},
	{P("IS25WP020/IS25WP020D/IS25WP020E", 0x70, 0x12, 256), WP, .prot = &nor_prot_bp4_odd},
	{P("IS25WP040/IS25WP040D/IS25WP040E", 0x70, 0x13, 512), WP, .prot = &nor_prot_bp4_odd},
	{P("IS25WP080/IS25WP080D", 0x70, 0x14, 1024), WP, .prot = &nor_prot_bp3_tb},
	{P("IS25WP016/IS25WP016D", 0x70, 0x15, 2048), WP, .prot = &nor_prot_bp3_tb},
	{P("IS25WP032/IS25WP032A", 0x70, 0x16, 4096), WP, .prot = &nor_prot_bp4_tbs, NOR_SFDP_A},
	{P("IS25WP032D", 0x70, 0x16, 4096), WP, .prot = &nor_prot_bp3_tb, NOR_SFDP_B_UP},
	{P("IS25WP064/IS25WP064A", 0x70, 0x17, 8192), WP, .prot = &nor_prot_bp4_odd, NOR_SFDP_A},
	{P("IS25WP064D", 0x70, 0x17, 8192), WP, .prot = &nor_prot_bp4_tbs, NOR_SFDP_B_UP},
	{P("IS25WP128/IS25WP128A/IS25WP128D/IS25WP128F", 0x70, 0x18, 16384), WP,
         .prot = &nor_prot_bp4_tbs, .note = D_NOTE},
	{P("IS25WP256/IS25WP256D/IS25WP256E", 0x70, 0x19, 32768), WP, BIG,
         .prot = &nor_prot_bp4_tbs, .note = E_NOTE},
	{P("IS25WP512M", 0x70, 0x1a, 65536), WP, BIG, .prot = &nor_prot_bp4_odd},
	{P("IS25WP01G", 0x70, 0x1b, 131072), WP, DIES, .prot = &nor_prot_bp4_odd},
	{P("IS25WP02GG", 0x70, 0x22, 262144), WP, DIES, .prot = &nor_prot_bp4_odd},

	/* more, of which identity is known */
	{BY_ID("ISSI", "IS25WQ020", 0x9d, 0x11, 0x52, 256, 1650, 2000),
         ONE_REGISTER_AS(ALL_SIZES, &nor_prot_bp3_tb), .qe = NOR_BIT(1, 6)},
	{BY_ID("ISSI", "IS25WQ040", 0x9d, 0x12, 0x53, 512, 1650, 2000),
         ONE_REGISTER_AS(ALL_SIZES, &nor_prot_bp3_tb), .qe = NOR_BIT(1, 6)},
	{BY_ID("ISSI", "IS25LQ016/IS25LQ016C", 0x9d, 0x14, 0x45, 2048, 2300, 3600),
         ONE_REGISTER_AS(ALL_SIZES, &nor_prot_bp3_tb), .qe = NOR_BIT(1, 6)},
	{BY_ID("ISSI", "IS25WQ080", 0x7f, 0x9d, 0x54, 1024, 1650, 2000),
         ONE_REGISTER_AS(ALL_SIZES, &nor_prot_bp3_tb), .qe = NOR_BIT(1, 6)},
	{BY_ID("ISSI", "IS25LQ020C", 0x9d, 0x11, 0x42, 256, 2300, 3600),
         ONE_REGISTER_AS(ALL_SIZES, &nor_prot_bp3_tb), .qe = NOR_BIT(1, 6)},
	{BY_ID("ISSI", "IS25LQ040C", 0x9d, 0x12, 0x43, 512, 2300, 3600),
         ONE_REGISTER_AS(ALL_SIZES, &nor_prot_bp3_tb), .qe = NOR_BIT(1, 6)},
	{BY_ID("ISSI", "IS25LP512MG/IS25LP512MJ", 0x9d, 0x60, 0x20, 65536, 2300, 3600),
         ABOVE_16M_ONE(&nor_prot_bp4_odd), .qe = NOR_BIT(1, 6)},
	{BY_ID("ISSI", "IS25WP512MG/IS25WP512MJ", 0x9d, 0x70, 0x20, 65536, 1650, 2000),
         ABOVE_16M_ONE(&nor_prot_bp4_odd), .qe = NOR_BIT(1, 6)},
	{BY_ID("ISSI", "IS25WP01GG/IS25WP01GJ", 0x9d, 0x70, 0x21, 131072, 1650, 2000),
         ABOVE_16M_ONE(&nor_prot_bp4_odd), .qe = NOR_BIT(1, 6), .die = 64U << 20},
	{BY_ID("ISSI", "IS25WJ128F", 0x9d, 0x71, 0x18, 16384, 1650, 2000), ONE_REGISTER(ALL_SIZES),
         .qe = NOR_BIT(1, 6)},
};

const struct nor_chip_table chips_issi = {rows, sizeof(rows) / sizeof(rows[0])};
