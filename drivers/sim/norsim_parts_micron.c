/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Micron parts of the model: a flag status register, and BP3 apart from the others. */
#include "sim/norsim_part.h"

/* clang-format off */
#define SR1 [NR_SR1] = {0x00, 0xFC, 0x00}
/* clang-format on */

static const struct norsim_prot prot_n25q = {
	.bp = {2, 3, 4, 6},
	.bp_count = 4,
	.all_from = 15,
	.unit_is_64k = true,
	.tb_reg = NR_SR1,
	.tb_mask = 0x20,
	.srp_mask = 0x80,
};

static const struct norsim_times times_n25q = {500, 1300, 250, 0, 700, 0, 170000};

static const uint32_t bfpt_n25q[9] = {0xFFF120E5, 0x07FFFFFF, 0x6B27EB29, 0xBB273B27, 0xFFFFFFFF,
                                      0xBB27FFFF, 0xEB29FFFF, 0xD810200C, 0x00000000};
static const struct norsim_sfdp sfdp_n25q = {.dwords = 9, .bfpt_at = 0x30, .bfpt = bfpt_n25q};

static const struct norsim_part n25q128 = {
	.name = "N25Q128",
	.id = {0x20, 0xBA, 0x18, 0x10, 0x00, 0x00},
	.id_len = 6,
	.size = 16 << 20,
	.page = 256,
	.features = NF_ERASE_4K | NF_ERASE_64K | NF_FLAG_STATUS | NF_OTP_4B | NF_RESET,
	.regs = {SR1},
	.wr01 = {NR_SR1},
	.wr01_count = 1,
	.prot = &prot_n25q,
	.times = &times_n25q,
	.sfdp = &sfdp_n25q,
	.otp_size = 64,
};

const struct norsim_part *const norsim_micron[] = {&n25q128, NULL};
