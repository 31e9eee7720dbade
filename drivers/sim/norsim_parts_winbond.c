/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Winbond parts of the model. The differences that matter to a programmer: on the older ones a
 * one-byte 01h clears SR2; the newer ones have SR3 and 31h/11h; only the JV tells its times in
 * SFDP.
 */
#include "sim/norsim_part.h"

#define COMMON                                                                            \
	(NF_ERASE_4K | NF_ERASE_32K | NF_ERASE_64K | NF_CHIP_60 | NF_SR2_35 | NF_UID_4B | \
	 NF_SECREGS | NF_SLEEP | NF_RESET | NF_REMS | NF_VOLATILE_50)
#define WITH_SR3   (COMMON | NF_SR3_15 | NF_WRITE_31 | NF_BLOCK_LOCKS)
#define WITH_4BYTE (WITH_SR3 | NF_4BYTE_MODE | NF_EXT_ADDR | NF_READ4)
#define SECURITY   .uid_len = 8, .otp_regs = 3, .otp_first = 1, .otp_size = 256
#define TWO_BYTES  .wr01 = {NR_SR1, NR_SR2}, .wr01_count = 2

/* clang-format off */
#define SR1    [NR_SR1] = {0x00, 0xFC, 0x00}
#define SR2    [NR_SR2] = {0x00, 0x7B, 0x38}
#define SR2_QE [NR_SR2] = {0x02, 0x7B, 0x38} /* the -IQ order option leaves the factory with QE set */
#define SR3    [NR_SR3] = {0x60, 0xE4, 0x00}
#define SR3_ADP_TOO [NR_SR3] = {0x60, 0xE6, 0x00}
/* clang-format on */

static const struct norsim_prot prot = {
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

/* Below 32 Mbit the unit stays 64 KiB. */
static const struct norsim_prot prot_16 = {
	.bp = {2, 3, 4},
	.bp_count = 3,
	.all_from = 7,
	.unit_is_64k = true,
	.tb_reg = NR_SR1,
	.tb_mask = 0x20,
	.sec_mask = 0x40,
	.cmp_mask = 0x40,
	.srp_mask = 0x80,
	.lock_mask = 0x01,
};

static const struct norsim_prot prot_256 = {
	.bp = {2, 3, 4, 5},
	.bp_count = 4,
	.all_from = 10,
	.unit_is_64k = true,
	.tb_reg = NR_SR1,
	.tb_mask = 0x40,
	.cmp_mask = 0x40,
	.srp_mask = 0x80,
	.lock_mask = 0x01,
};

static const struct norsim_times times_16 = {700, 10000, 30, 120, 150, 0, 5000};
static const struct norsim_times times_32 = {700, 10000, 45, 120, 150, 0, 10000};
static const struct norsim_times times_64 = {700, 10000, 45, 120, 150, 0, 20000};
static const struct norsim_times times_128fv = {700, 10000, 100, 120, 150, 0, 40000};
static const struct norsim_times times_128jv = {700, 10000, 45, 120, 150, 0, 40000};
static const struct norsim_times times_256 = {700, 10000, 45, 120, 150, 0, 80000};

/* JESD216, nine dwords at 80h: no times. */
static const uint32_t bfpt_16[9] = {0xFFF120E5, 0x00FFFFFF, 0x6B08EB44, 0xBB423B08, 0xFFFFFFEE,
                                    0x0000FFFF, 0x0000FFFF, 0x520F200C, 0x0000D810};
static const uint32_t bfpt_32[9] = {0xFFF120E5, 0x01FFFFFF, 0x6B08EB44, 0xBB423B08, 0xFFFFFFFE,
                                    0x0000FFFF, 0xEB40FFFF, 0x520F200C, 0x0000D810};
static const uint32_t bfpt_64[9] = {0xFFF120E5, 0x03FFFFFF, 0x6B08EB44, 0xBB423B08, 0xFFFFFFFE,
                                    0x0000FFFF, 0xEB40FFFF, 0x520F200C, 0x0000D810};
static const uint32_t bfpt_128[9] = {0xFFF120E5, 0x07FFFFFF, 0x6B08EB44, 0xBB423B08, 0xFFFFFFFE,
                                     0x0000FFFF, 0xEB40FFFF, 0x520F200C, 0x0000D810};
static const uint32_t bfpt_256[9] = {0xFFF320E5, 0x0FFFFFFF, 0x6B08EB44, 0xBB423B08, 0xFFFFFFFE,
                                     0x0000FFFF, 0xEB40FFFF, 0x520F200C, 0x0000D810};

/*
 * JESD216A, sixteen dwords. The tenth: 4K 48 ms, 32K 128 ms, 64K 160 ms, times 14 at most; the
 * eleventh: page 704 us times 6, chip 20, 40 or 80 s; the fifteenth: QE in SR2, a one-byte 01h
 * keeps it.
 */
#define JV_TAIL 0xBB0A44EC, 0x757A757A, 0x5CD5A207, 0xFF400000

static const uint32_t bfpt_64jv[16] = {0xFFF920E5, 0x03FFFFFF, 0x6B08EB44, 0xBB423B08, 0xFFFFFFFE,
                                       0x0000FFFF, 0xEB40FFFF, 0x520F200C, 0x0000D810, 0x00A53A26,
                                       0xC414EA82, JV_TAIL,    0x00001088};
static const uint32_t bfpt_128jv[16] = {0xFFF920E5, 0x07FFFFFF, 0x6B08EB44, 0xBB423B08, 0xFFFFFFFE,
                                        0x0000FFFF, 0xEB40FFFF, 0x520F200C, 0x0000D810, 0x00A53A26,
                                        0xC914EA82, JV_TAIL,    0x00001088};
static const uint32_t bfpt_256jv[16] = {0xFFFB20E5, 0x0FFFFFFF, 0x6B08EB44, 0xBB423B08, 0xFFFFFFFE,
                                        0x0000FFFF, 0xEB40FFFF, 0x520F200C, 0x0000D810, 0x00A53A26,
                                        0xD314EA82, JV_TAIL,    0x25015088};

static const struct norsim_sfdp sfdp_16 = {.dwords = 9, .bfpt_at = 0x80, .bfpt = bfpt_16};
static const struct norsim_sfdp sfdp_32 = {.dwords = 9, .bfpt_at = 0x80, .bfpt = bfpt_32};
static const struct norsim_sfdp sfdp_64 = {.dwords = 9, .bfpt_at = 0x80, .bfpt = bfpt_64};
static const struct norsim_sfdp sfdp_128 = {.dwords = 9, .bfpt_at = 0x80, .bfpt = bfpt_128};
static const struct norsim_sfdp sfdp_256 = {.dwords = 9, .bfpt_at = 0x80, .bfpt = bfpt_256};
static const struct norsim_sfdp sfdp_64jv = {
	.minor = 5, .dwords = 16, .bfpt_at = 0x80, .bfpt = bfpt_64jv};
static const struct norsim_sfdp sfdp_128jv = {
	.minor = 5, .dwords = 16, .bfpt_at = 0x80, .bfpt = bfpt_128jv};
/* Four-byte opcodes: 13h 0Ch and their kin, 12h 34h, 21h and DCh. */
static const struct norsim_sfdp sfdp_256jv = {.minor = 5,
                                              .dwords = 16,
                                              .bfpt_at = 0x80,
                                              .bfpt = bfpt_256jv,
                                              .addr4_at = 0xD0,
                                              .addr4 = {0x00000AFF, 0xFFDCFF21}};

static const struct norsim_part w25q16 = {
	.name = "W25Q16",
	.id = {0xEF, 0x40, 0x15},
	.id_len = 3,
	.device_id = 0x14,
	.size = 2 << 20,
	.page = 256,
	.features = COMMON,
	.regs = {SR1, SR2},
	TWO_BYTES,
	.wr01_short_clears = true,
	.prot = &prot_16,
	.times = &times_16,
	.sfdp = &sfdp_16,
	SECURITY,
};

static const struct norsim_part w25q32fv = {
	.name = "W25Q32FV",
	.id = {0xEF, 0x40, 0x16},
	.id_len = 3,
	.device_id = 0x15,
	.size = 4 << 20,
	.page = 256,
	.features = WITH_SR3,
	.regs = {SR1, SR2, SR3},
	TWO_BYTES,
	.prot = &prot,
	.times = &times_32,
	.sfdp = &sfdp_32,
	SECURITY,
};

static const struct norsim_part w25q64fv = {
	.name = "W25Q64FV",
	.id = {0xEF, 0x40, 0x17},
	.id_len = 3,
	.device_id = 0x16,
	.size = 8 << 20,
	.page = 256,
	.features = COMMON,
	.regs = {SR1, SR2},
	TWO_BYTES,
	.wr01_short_clears = true,
	.prot = &prot,
	.times = &times_64,
	.sfdp = &sfdp_64,
	SECURITY,
};

/* 1.8 V. */
static const struct norsim_part w25q64fw = {
	.name = "W25Q64FW",
	.id = {0xEF, 0x60, 0x17},
	.id_len = 3,
	.device_id = 0x16,
	.size = 8 << 20,
	.page = 256,
	.features = WITH_SR3,
	.regs = {SR1, SR2, SR3},
	TWO_BYTES,
	.prot = &prot,
	.times = &times_64,
	.sfdp = &sfdp_64jv,
	SECURITY,
};

static const struct norsim_part w25q64jv = {
	.name = "W25Q64JV",
	.id = {0xEF, 0x40, 0x17},
	.id_len = 3,
	.device_id = 0x16,
	.size = 8 << 20,
	.page = 256,
	.features = WITH_SR3,
	.regs = {SR1, SR2_QE, SR3},
	TWO_BYTES,
	.prot = &prot,
	.times = &times_64,
	.sfdp = &sfdp_64jv,
	SECURITY,
};

static const struct norsim_part w25q128fv = {
	.name = "W25Q128FV",
	.id = {0xEF, 0x40, 0x18},
	.id_len = 3,
	.device_id = 0x17,
	.size = 16 << 20,
	.page = 256,
	.features = WITH_SR3,
	.regs = {SR1, SR2, SR3},
	TWO_BYTES,
	.prot = &prot,
	.times = &times_128fv,
	.sfdp = &sfdp_128,
	SECURITY,
};

static const struct norsim_part w25q128jv = {
	.name = "W25Q128JV",
	.id = {0xEF, 0x40, 0x18},
	.id_len = 3,
	.device_id = 0x17,
	.size = 16 << 20,
	.page = 256,
	.features = WITH_SR3,
	.regs = {SR1, SR2_QE, SR3},
	TWO_BYTES,
	.prot = &prot,
	.times = &times_128jv,
	.sfdp = &sfdp_128jv,
	SECURITY,
};

/* Reads with four-byte opcodes, but programs and erases only in the mode; E9h leaves a trap behind.
 */
static const struct norsim_part w25q256fv = {
	.name = "W25Q256FV",
	.id = {0xEF, 0x40, 0x19},
	.id_len = 3,
	.device_id = 0x18,
	.size = 32 << 20,
	.page = 256,
	.features = WITH_4BYTE | NF_4BYTE_WE | NF_EXT_ADDR_ON_EXIT,
	.regs = {SR1, SR2, SR3_ADP_TOO},
	TWO_BYTES,
	.prot = &prot_256,
	.times = &times_256,
	.sfdp = &sfdp_256,
	SECURITY,
};

static const struct norsim_part w25q256jv = {
	.name = "W25Q256JV",
	.id = {0xEF, 0x40, 0x19},
	.id_len = 3,
	.device_id = 0x18,
	.size = 32 << 20,
	.page = 256,
	.features = WITH_4BYTE | NF_WRITE4,
	.regs = {SR1, SR2_QE, SR3_ADP_TOO},
	TWO_BYTES,
	.prot = &prot_256,
	.times = &times_256,
	.sfdp = &sfdp_256jv,
	SECURITY,
};

const struct norsim_part *const norsim_winbond[] = {
	&w25q64fv,  &w25q64jv, &w25q128fv, &w25q128jv, &w25q256fv,
	&w25q256jv, &w25q32fv, &w25q16,    &w25q64fw,  NULL,
};
