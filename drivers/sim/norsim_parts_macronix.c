/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Macronix parts of the model: a configuration register behind SR1, no volatile writes. */
#include "sim/norsim_part.h"

#define MX                                                                                     \
	(NF_ERASE_4K | NF_ERASE_32K | NF_ERASE_64K | NF_CHIP_60 | NF_CONFIG_15 | NF_OTP_MXIC | \
	 NF_SLEEP | NF_RESET | NF_REMS)

/* clang-format off */
#define SR1   [NR_SR1] = {0x00, 0xFC, 0x00}
#define CR_MX [NR_CR]  = {0x07, 0xC7, 0x08} /* the top/bottom bit is one-time */
/* clang-format on */

static const struct norsim_prot prot_mx = {
	.bp = {2, 3, 4, 5},
	.bp_count = 4,
	.all_from = 15,
	.unit_is_64k = true,
	.tb_reg = NR_CR,
	.tb_mask = 0x08,
	.srp_mask = 0x80,
};

static const struct norsim_times times_mx6405d = {1400, 40000, 60, 0, 700, 0, 50000};
static const struct norsim_times times_mx64 = {330, 40000, 25, 140, 250, 0, 20000};
static const struct norsim_times times_mx128 = {500, 40000, 43, 190, 340, 0, 38000};
static const struct norsim_times times_mx256 = {500, 40000, 43, 190, 340, 0, 110000};

static const uint32_t bfpt_128[9] = {0xFFF120E5, 0x07FFFFFF, 0x6B08EB44, 0xBB423B08, 0xFFFFFFFE,
                                     0x0000FFFF, 0xEB44FFFF, 0x520F200C, 0x0000D810};
static const uint32_t bfpt_256[9] = {0xFFF320E5, 0x0FFFFFFF, 0x6B08EB44, 0xBB043B08, 0xFFFFFFFE,
                                     0x0000FFFF, 0xEB44FFFF, 0x520F200C, 0x0000D810};

/* JESD216B: 4K 32 ms, 32K 144 ms, 64K 256 ms, times 10 at most; page 320 us times 6, chip 20 s; QE
 * in SR1. */
static const uint32_t bfpt_mx6433f[16] = {0xFFF120E5, 0x03FFFFFF, 0x6B08EB44, 0xBB043B08,
                                          0xFFFFFFEE, 0x0000FFFF, 0x0000FFFF, 0x520F200C,
                                          0x0000D810, 0x00BD4214, 0xC414E482, 0xC48304E0,
                                          0xB030B030, 0x5CD5A207, 0xFF200000, 0x00001088};

static const struct norsim_sfdp sfdp_128 = {.dwords = 9, .bfpt_at = 0x30, .bfpt = bfpt_128};
static const struct norsim_sfdp sfdp_256 = {.dwords = 9, .bfpt_at = 0x30, .bfpt = bfpt_256};
static const struct norsim_sfdp sfdp_mx6433f = {
	.minor = 6, .dwords = 16, .bfpt_at = 0x30, .bfpt = bfpt_mx6433f};

static const struct norsim_part mx25l6433f = {
	.name = "MX25L6433F",
	.id = {0xC2, 0x20, 0x17},
	.id_len = 3,
	.device_id = 0x16,
	.size = 8 << 20,
	.page = 256,
	.features = MX,
	.regs = {SR1, CR_MX},
	.wr01 = {NR_SR1, NR_CR},
	.wr01_count = 2,
	.prot = &prot_mx,
	.times = &times_mx64,
	.sfdp = &sfdp_mx6433f,
	.otp_size = 512,
};

/* BP0-2: 1/64 to a half from the top, then all; with BP3 all but as much, counted down. */
#define TOP(bp, of_2_to)                                   \
	{                                                  \
		.value = (bp) << 2, .share = (of_2_to) + 1 \
	}
#define BUT(bp, of_2_to)                                                 \
	{                                                                \
		.value = (bp) << 2, .share = (of_2_to) + 1, .rest = true \
	}

static const struct norsim_ranges ranges_mx6405d = {
	.mask = 0x3C,
	.count = 12,
	.list = {TOP(1, 6), TOP(2, 5), TOP(3, 4), TOP(4, 3), TOP(5, 2), TOP(6, 1), BUT(9, 1),
                 BUT(10, 2), BUT(11, 3), BUT(12, 4), BUT(13, 5), BUT(14, 6)}};

/* No SFDP, no 32K erase, no configuration register, no reset. */
static const struct norsim_part mx25l6405d = {
	.name = "MX25L6405D",
	.id = {0xC2, 0x20, 0x17},
	.id_len = 3,
	.device_id = 0x16,
	.size = 8 << 20,
	.page = 256,
	.features = NF_ERASE_4K | NF_ERASE_64K | NF_CHIP_60 | NF_OTP_MXIC | NF_SLEEP | NF_REMS,
	.regs = {[NR_SR1] = {0x00, 0xBC, 0x00}},
	.wr01 = {NR_SR1},
	.wr01_count = 1,
	.ranges = &ranges_mx6405d,
	.times = &times_mx6405d,
	.otp_size = 64,
};

static const struct norsim_part mx25l12835f = {
	.name = "MX25L12835F",
	.id = {0xC2, 0x20, 0x18},
	.id_len = 3,
	.device_id = 0x17,
	.size = 16 << 20,
	.page = 256,
	.features = MX,
	.regs = {SR1, CR_MX},
	.wr01 = {NR_SR1, NR_CR},
	.wr01_count = 2,
	.prot = &prot_mx,
	.times = &times_mx128,
	.sfdp = &sfdp_128,
	.otp_size = 512,
};

static const struct norsim_part mx25l25635f = {
	.name = "MX25L25635F",
	.id = {0xC2, 0x20, 0x19},
	.id_len = 3,
	.device_id = 0x18,
	.size = 32 << 20,
	.page = 256,
	.features = MX | NF_4BYTE_MODE | NF_EXT_ADDR | NF_READ4 | NF_WRITE4 | NF_32K_NATIVE,
	.regs = {SR1, CR_MX},
	.wr01 = {NR_SR1, NR_CR},
	.wr01_count = 2,
	.prot = &prot_mx,
	.times = &times_mx256,
	.sfdp = &sfdp_256,
	.otp_size = 512,
};

const struct norsim_part *const norsim_macronix[] = {&mx25l6433f, &mx25l6405d, &mx25l12835f,
                                                     &mx25l25635f, NULL};
