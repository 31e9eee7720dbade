/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Protection schemes that several makers share. Bits and ranges: flashprog and ufprog agree on
 * each. */
#include "table.h"

#define SRP_01 SRP, .srp1 = NOR_BIT(2, 0)
#define TB_SEC .tb = NOR_BIT(1, 5), .sec = NOR_BIT(1, 6)
#define CMP    .cmp = NOR_BIT(2, 6)
#define WPS    .wps = NOR_BIT(3, 2)

const struct nor_prot nor_prot_bp2 = {.kind = NOR_PROT_BLOCKS, BP_2, SRP};
const struct nor_prot nor_prot_bp3 = {.kind = NOR_PROT_BLOCKS, BP_3, SRP};
const struct nor_prot nor_prot_bp3_tb = {.kind = NOR_PROT_BLOCKS, BP_3, .tb = NOR_BIT(1, 5), SRP};
const struct nor_prot nor_prot_ratio = {.kind = NOR_PROT_WINBOND, BP_3, SRP};
const struct nor_prot nor_prot_ratio_tb = {
	.kind = NOR_PROT_WINBOND, BP_3, .tb = NOR_BIT(1, 5), SRP};

const struct nor_prot nor_prot_sec = {.kind = NOR_PROT_WINBOND, BP_3, TB_SEC, SRP_01};
const struct nor_prot nor_prot_sec_cmp = {.kind = NOR_PROT_WINBOND, BP_3, TB_SEC, CMP, SRP_01};
const struct nor_prot nor_prot_sec_cmp_wps = {
	.kind = NOR_PROT_WINBOND, BP_3, TB_SEC, CMP, SRP_01, WPS};

const struct nor_prot nor_prot_bp4 = {.kind = NOR_PROT_BLOCKS, BP_4, SRP};
const struct nor_prot nor_prot_bp4_128k = {.kind = NOR_PROT_BLOCKS, BP_4, .unit_kib = 128, SRP};
const struct nor_prot nor_prot_bp4_mirrored = {
	.kind = NOR_PROT_BLOCKS, BP_4, .shape = NOR_PROT_MIRRORED, SRP};
const struct nor_prot nor_prot_ratio_mirrored = {
	.kind = NOR_PROT_WINBOND, BP_4, .shape = NOR_PROT_MIRRORED, SRP};

const struct nor_prot nor_prot_bp4_growing = {.kind = NOR_PROT_BLOCKS,
                                              BP_4,
                                              .shape = NOR_PROT_GROWING,
                                              .tb = NOR_BIT(4, 3),
                                              .reg4 = NOR_REG4_EON_OTP,
                                              .tb_otp = true,
                                              SRP};
const struct nor_prot nor_prot_bp4_tbs = {.kind = NOR_PROT_BLOCKS,
                                          BP_4,
                                          .tb = NOR_BIT(4, 1),
                                          .reg4 = NOR_REG4_FUNCTION,
                                          .tb_otp = true,
                                          SRP};

const struct nor_prot nor_prot_bp4_tb = {.kind = NOR_PROT_BLOCKS, BP_4, .tb = NOR_BIT(1, 6), SRP};
const struct nor_prot nor_prot_bp4_tb_cmp = {
	.kind = NOR_PROT_BLOCKS, BP_4, .tb = NOR_BIT(1, 6), CMP, SRP_01};
const struct nor_prot nor_prot_bp4_tb_cmp_wps = {
	.kind = NOR_PROT_BLOCKS, BP_4, .tb = NOR_BIT(1, 6), CMP, SRP_01, WPS};

const struct nor_prot nor_prot_bp3_agreed = {
	.kind = NOR_PROT_BLOCKS, BP_3, .contested = NOR_BIT(1, 5), SRP};

const struct nor_prot nor_prot_lower = {
	.kind = NOR_PROT_BLOCKS, BP_3, .tb = NOR_BIT(1, 5), .inverted = true, SRP};

const struct nor_prot nor_prot_sec_odd = {
	.kind = NOR_PROT_NONE,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5), NOR_BIT(1, 6)},
	CMP,
	SRP_01,
};

const struct nor_prot nor_prot_bp3_odd = {.kind = NOR_PROT_NONE, BP_3, SRP};
const struct nor_prot nor_prot_bp4_odd = {.kind = NOR_PROT_NONE, BP_4, SRP};

const struct nor_times nor_times_usual = {
	.page_typ_us = 700,
	.page_max_us = 5000,
	.sr_typ_us = 10000,
	.sr_max_us = 50000,
	.erase_4k_typ_us = 60000,
	.erase_4k_max_us = 500000,
	.erase_32k_typ_us = 150000,
	.erase_32k_max_us = 2000000,
	.erase_64k_typ_us = 250000,
	.erase_64k_max_us = 3000000,
	.source = "middle of common data sheets",
};
