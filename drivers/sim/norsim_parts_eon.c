/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Eon parts of the model: one status register, and an OTP mode in which its bits mean other things.
 */
#include "sim/norsim_part.h"

#define COMMON \
	(NF_ERASE_4K | NF_ERASE_64K | NF_CHIP_60 | NF_OTP_EON | NF_SLEEP | NF_RESET | NF_REMS)
#define QH       (COMMON | NF_UID_EON)
#define QH_A     (QH | NF_ERASE_32K | NF_VOLATILE_50)
#define ONE_BYTE .wr01 = {NR_SR1}, .wr01_count = 1

/* clang-format off */
#define SR1 [NR_SR1] = {0x00, 0xFC, 0x00}
/* clang-format on */

/* Bit 5 is called BP3 and turns the range to the bottom. */
static const struct norsim_prot prot = {
	.bp = {2, 3, 4},
	.bp_count = 3,
	.all_from = 7,
	.unit_is_64k = true,
	.tb_reg = NR_SR1,
	.tb_mask = 0x20,
	.srp_mask = 0x80,
};

/* EN25Q64: the value counts the blocks that stay writable, "lower 127/128". */
static const struct norsim_prot prot_q64 = {
	.bp = {2, 3, 4},
	.bp_count = 3,
	.all_from = 7,
	.unit_is_64k = true,
	.counts_open = true,
	.tb_reg = NR_SR1,
	.tb_mask = 0x20,
	.srp_mask = 0x80,
};

/* EN25QH128A: parts of the chip, 1/64 to 1/2, not blocks. */
static const struct norsim_prot prot_qh128a = {
	.bp = {2, 3, 4},
	.bp_count = 3,
	.all_from = 7,
	.tb_reg = NR_SR1,
	.tb_mask = 0x20,
	.srp_mask = 0x80,
};

static const struct norsim_times times_q64 = {1300, 10000, 90, 0, 500, 0, 30000};
static const struct norsim_times times_qh64 = {700, 10000, 50, 200, 300, 0, 30000};
static const struct norsim_times times_qh128a = {500, 10000, 40, 200, 300, 0, 60000};

/* The A parts have 6Bh (third dword) and 52h (eighth): the way to tell them apart. */
static const uint32_t bfpt_qh64[9] = {0xFFB120E5, 0x03FFFFFF, 0x0000EB44, 0xBB043B08, 0xFFFFFFFE,
                                      0x0000FFFF, 0xEB44FFFF, 0xD810200C, 0x00000000};
static const uint32_t bfpt_qh64a[9] = {0xFFF120E5, 0x03FFFFFF, 0x6B08EB44, 0xBB043B08, 0xFFFFFFFE,
                                       0x0000FFFF, 0xEB44FFFF, 0x520F200C, 0x0000D810};
static const uint32_t bfpt_qh128a[9] = {0xFFF120E5, 0x07FFFFFF, 0x6B08EB44, 0xBB043B08, 0xFFFFFFFE,
                                        0x0000FFFF, 0xEB44FFFF, 0x520F200C, 0x0000D810};

/* The unique ID takes SFDP addresses 80h to 8Bh, so the table lies below. */
static const struct norsim_sfdp sfdp_qh64 = {.dwords = 9, .bfpt_at = 0x30, .bfpt = bfpt_qh64};
static const struct norsim_sfdp sfdp_qh64a = {.dwords = 9, .bfpt_at = 0x30, .bfpt = bfpt_qh64a};
static const struct norsim_sfdp sfdp_qh128a = {.dwords = 9, .bfpt_at = 0x30, .bfpt = bfpt_qh128a};

static const struct norsim_part en25q64 = {
	.name = "EN25Q64",
	.id = {0x1C, 0x30, 0x17},
	.id_len = 3,
	.device_id = 0x16,
	.size = 8 << 20,
	.page = 256,
	.features = COMMON,
	.regs = {SR1},
	ONE_BYTE,
	.prot = &prot_q64,
	.times = &times_q64,
	.otp_size = 512,
};

static const struct norsim_part en25qh64 = {
	.name = "EN25QH64",
	.id = {0x1C, 0x70, 0x17},
	.id_len = 3,
	.device_id = 0x16,
	.size = 8 << 20,
	.page = 256,
	.features = QH,
	.regs = {SR1},
	ONE_BYTE,
	.prot = &prot,
	.times = &times_qh64,
	.sfdp = &sfdp_qh64,
	.uid_len = 12,
	.otp_size = 512,
};

/* BP0-3: 1/128 to a half from the top, then all but a quarter to all but 1/128, then all. */
#define TOP(bp, of_2_to)                                   \
	{                                                  \
		.value = (bp) << 2, .share = (of_2_to) + 1 \
	}
#define ALL_BUT(bp, of_2_to)                                                             \
	{                                                                                \
		.value = (bp) << 2, .share = (of_2_to) + 1, .bottom = true, .rest = true \
	}

static const struct norsim_ranges ranges_qh64a = {
	.mask = 0x3C,
	.count = 13,
	.list = {TOP(1, 7), TOP(2, 6), TOP(3, 5), TOP(4, 4), TOP(5, 3), TOP(6, 2), TOP(7, 1),
                 ALL_BUT(8, 2), ALL_BUT(9, 3), ALL_BUT(10, 4), ALL_BUT(11, 5), ALL_BUT(12, 6),
                 ALL_BUT(13, 7)}};

static const struct norsim_part en25qh64a = {
	.name = "EN25QH64A",
	.id = {0x1C, 0x70, 0x17},
	.id_len = 3,
	.device_id = 0x16,
	.size = 8 << 20,
	.page = 256,
	.features = QH_A,
	.regs = {SR1},
	ONE_BYTE,
	.prot = &prot,
	.ranges = &ranges_qh64a,
	.times = &times_qh64,
	.sfdp = &sfdp_qh64a,
	.uid_len = 12,
	.otp_size = 512,
};

static const struct norsim_part en25qh128a = {
	.name = "EN25QH128A",
	.id = {0x1C, 0x70, 0x18},
	.id_len = 3,
	.device_id = 0x17,
	.size = 16 << 20,
	.page = 256,
	.features = QH_A,
	.regs = {SR1},
	ONE_BYTE,
	.prot = &prot_qh128a,
	.times = &times_qh128a,
	.sfdp = &sfdp_qh128a,
	.uid_len = 12,
	.otp_size = 512,
};

const struct norsim_part *const norsim_eon[] = {&en25qh128a, &en25q64, &en25qh64, &en25qh64a, NULL};
