/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words that rows of every maker are written in: each sets some members of struct nor_chip. */
#ifndef NP_CHIPS_TABLE_H
#define NP_CHIPS_TABLE_H

#include "chip/chip.h"

/* Name, maker, size in KiB and the ID as 9Fh answers it. */
#define ROW(part, made_by, kib, id0, id1, id2) \
	.name = (part), .maker = (made_by), .id = {id0, id1, id2}, .id_len = 3, .size = (kib)*1024U

/* What erases. */
#define ALL_SIZES (NOR_ERASE_4K | NOR_ERASE_32K | NOR_ERASE_64K)
#define NO_32K    (NOR_ERASE_4K | NOR_ERASE_64K)

/* Supply. */
#define V33    .vcc_min_mv = 2700, .vcc_max_mv = 3600
#define V23    .vcc_min_mv = 2300, .vcc_max_mv = 3600
#define VWIDE  .vcc_min_mv = 1650, .vcc_max_mv = 3600
#define V18    .vcc_min_mv = 1650, .vcc_max_mv = 1950
#define V18_20 .vcc_min_mv = 1650, .vcc_max_mv = 2000

/* Block protect bits and their kin, where nearly everyone has them. */
#define BP_2 .bp = {NOR_BIT(1, 2), NOR_BIT(1, 3)}
#define BP_3 .bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4)}
#define BP_4 .bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5)}
#define SRP  .srp0 = NOR_BIT(1, 7)

/* Security registers: how many, the number of the first, bytes of each. */
#define SECREG(n, first, len) \
	.otp = NOR_OTP_SECREG, .otp_regs = (n), .otp_first = (first), .otp_reg_size = (len)

/* Twins told apart by JESD216 1.0 with or without 4-4-4 reads (BFPT dword 5 bit 4). */
#define QPI_BIT     .sfdp_minor_max = 4, .want_sfdp = true, .bfpt_dword = 5, .bfpt_mask = 1 << 4
#define SFDP_QPI    .match = {QPI_BIT, .bfpt_value = 1 << 4}
#define SFDP_NO_QPI .match = {QPI_BIT}

#endif
