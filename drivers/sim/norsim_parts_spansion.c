/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spansion parts of the model: failures hold BUSY until they are cleared. */
#include "sim/norsim_part.h"

#define FL_S (NF_CHIP_60 | NF_SPANSION | NF_DEVICE_ID | NF_REMS | NF_READ4 | NF_WRITE4 | NF_OTP_4B)

/* clang-format off */
#define SR1_FL [NR_SR1] = {0x00, 0x9C, 0x00}
#define CR_FL  [NR_CR]  = {0x00, 0xEF, 0x2C}
/* clang-format on */

static const struct norsim_prot prot_fl = {
	.bp = {2, 3, 4},
	.bp_count = 3,
	.all_from = 7,
	.tb_reg = NR_CR,
	.tb_mask = 0x20,
	.srp_mask = 0x80,
};

static const struct norsim_times times_fl64k = {340, 140000, 130, 0, 130, 0, 33000};
static const struct norsim_times times_fl256k = {250, 140000, 0, 0, 0, 520, 33000};

/* 32 sectors of 4 KiB at the bottom, 64 KiB above. */
static const struct norsim_part s25fl128s = {
	.name = "S25FL128S",
	.id = {0x01, 0x20, 0x18, 0x4D, 0x01, 0x80},
	.id_len = 6,
	.device_id = 0x17,
	.size = 16 << 20,
	.page = 256,
	.features = FL_S | NF_ERASE_4K | NF_ERASE_4K_LOW | NF_ERASE_64K,
	.regs = {SR1_FL, CR_FL},
	.wr01 = {NR_SR1, NR_CR},
	.wr01_count = 2,
	.prot = &prot_fl,
	.times = &times_fl64k,
	.otp_size = 1024,
};

/* The same ID at first sight; sectors of 256 KiB and pages of 512 bytes. */
static const struct norsim_part s25fl128s_256k = {
	.name = "S25FL128S-256K",
	.id = {0x01, 0x20, 0x18, 0x4D, 0x00, 0x80},
	.id_len = 6,
	.device_id = 0x17,
	.size = 16 << 20,
	.page = 512,
	.features = FL_S | NF_ERASE_256K,
	.regs = {SR1_FL, CR_FL},
	.wr01 = {NR_SR1, NR_CR},
	.wr01_count = 2,
	.prot = &prot_fl,
	.times = &times_fl256k,
	.otp_size = 1024,
};

const struct norsim_part *const norsim_spansion[] = {&s25fl128s, &s25fl128s_256k, NULL};
