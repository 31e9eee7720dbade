/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tables that have never heard of a part: SFDP says all (4K 48 ms, 64K 208 ms, times 10 at
 * most; page 512 us times 8; chip 16 s; no QE) or nothing at all. */
#include "sim/norsim_part.h"

/* clang-format off */
#define SR1 [NR_SR1] = {0x00, 0xFC, 0x00}
/* clang-format on */

static const struct norsim_prot prot_plain = {
	.bp = {2, 3, 4},
	.bp_count = 3,
	.all_from = 7,
	.tb_reg = -1,
	.srp_mask = 0x80,
};

static const struct norsim_times times_test = {512, 5000, 48, 0, 208, 0, 16000};

static const uint32_t bfpt_test[16] = {0xFFF120E5, 0x01FFFFFF, 0x6B08EB44, 0xBB423B08,
                                       0xFFFFFFEE, 0x0000FFFF, 0x0000FFFF, 0xD810200C,
                                       0x00000000, 0x00016224, 0xC314E783, 0x80000000,
                                       0x00000000, 0x5CD5A207, 0xFF000000, 0x00001088};
static const struct norsim_sfdp sfdp_test = {
	.minor = 6, .dwords = 16, .bfpt_at = 0x60, .bfpt = bfpt_test};

static const struct norsim_part test_sfdp = {
	.name = "TEST-SFDP",
	.id = {0x7A, 0x5F, 0x16},
	.id_len = 3,
	.size = 4 << 20,
	.page = 256,
	.features = NF_ERASE_4K | NF_ERASE_64K | NF_SLEEP | NF_RESET,
	.regs = {SR1},
	.wr01 = {NR_SR1},
	.wr01_count = 1,
	.prot = &prot_plain,
	.times = &times_test,
	.sfdp = &sfdp_test,
};

static const struct norsim_part test_nosfdp = {
	.name = "TEST-NOSFDP",
	.id = {0x7A, 0x5F, 0x15},
	.id_len = 3,
	.size = 2 << 20,
	.page = 256,
	.features = NF_ERASE_4K | NF_ERASE_64K,
	.regs = {SR1},
	.wr01 = {NR_SR1},
	.wr01_count = 1,
	.prot = &prot_plain,
	.times = &times_test,
};

const struct norsim_part *const norsim_invented[] = {&test_sfdp, &test_nosfdp, NULL};
