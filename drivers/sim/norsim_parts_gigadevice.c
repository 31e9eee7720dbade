/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GigaDevice parts of the model. */
#include "sim/norsim_part.h"

#define GD                                                                                \
	(NF_ERASE_4K | NF_ERASE_32K | NF_ERASE_64K | NF_CHIP_60 | NF_SR2_35 | NF_SR3_15 | \
	 NF_WRITE_31 | NF_VOLATILE_50 | NF_UID_4B | NF_SECREGS | NF_SLEEP | NF_RESET | NF_REMS)

/* clang-format off */
#define SR1 [NR_SR1] = {0x00, 0xFC, 0x00}
#define SR2 [NR_SR2] = {0x00, 0x7B, 0x38}
#define SR3 [NR_SR3] = {0x20, 0xE0, 0x00}
/* clang-format on */

/* GigaDevice calls TB and SEC BP3 and BP4. */
static const struct norsim_prot prot_gd = {
	.bp = {2, 3, 4},
	.bp_count = 3,
	.all_from = 7,
	.tb_reg = NR_SR1,
	.tb_mask = 0x20,
	.sec_mask = 0x40,
	.cmp_mask = 0x40,
	.srp_mask = 0x80,
	.lock_mask = 0x01,
};

static const struct norsim_times times_gd64 = {600, 5000, 50, 150, 200, 0, 25000};
static const struct norsim_times times_gd128 = {600, 5000, 50, 180, 250, 0, 60000};

static const uint32_t bfpt_64[9] = {0xFFF120E5, 0x03FFFFFF, 0x6B08EB44, 0xBB423B08, 0xFFFFFFEE,
                                    0x0000FFFF, 0x0000FFFF, 0x520F200C, 0x0000D810};
static const uint32_t bfpt_128[9] = {0xFFF120E5, 0x07FFFFFF, 0x6B08EB44, 0xBB423B08, 0xFFFFFFEE,
                                     0x0000FFFF, 0x0000FFFF, 0x520F200C, 0x0000D810};

static const struct norsim_sfdp sfdp_64 = {.dwords = 9, .bfpt_at = 0x30, .bfpt = bfpt_64};
static const struct norsim_sfdp sfdp_128 = {.dwords = 9, .bfpt_at = 0x30, .bfpt = bfpt_128};

static const struct norsim_part gd25q64c = {
	.name = "GD25Q64C",
	.id = {0xC8, 0x40, 0x17},
	.id_len = 3,
	.device_id = 0x16,
	.size = 8 << 20,
	.page = 256,
	.features = GD,
	.regs = {SR1, SR2, SR3},
	.wr01 = {NR_SR1},
	.wr01_count = 1,
	.prot = &prot_gd,
	.times = &times_gd64,
	.sfdp = &sfdp_64,
	.uid_len = 16,
	.otp_regs = 3,
	.otp_first = 1,
	.otp_size = 1024,
};

static const struct norsim_part gd25q128c = {
	.name = "GD25Q128C",
	.id = {0xC8, 0x40, 0x18},
	.id_len = 3,
	.device_id = 0x17,
	.size = 16 << 20,
	.page = 256,
	.features = GD,
	.regs = {SR1, SR2, SR3},
	.wr01 = {NR_SR1},
	.wr01_count = 1,
	.prot = &prot_gd,
	.times = &times_gd128,
	.sfdp = &sfdp_128,
	.uid_len = 16,
	.otp_regs = 3,
	.otp_first = 1,
	.otp_size = 512,
};

const struct norsim_part *const norsim_gigadevice[] = {&gd25q64c, &gd25q128c, NULL};
