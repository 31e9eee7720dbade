/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts. Figures: the makers' data sheets as quoted by public programmers' tables; typical
 * times are the data sheets' typical ones.
 */
#include "norsim_part.h"

#include <string.h>

#include "norsim.h"

#define ERASE_ALL (NF_ERASE_4K | NF_ERASE_32K | NF_ERASE_64K | NF_CHIP_60)
#define WINBOND_COMMON \
	(ERASE_ALL | NF_SR2_35 | NF_UID_4B | NF_SECREGS | NF_SLEEP | NF_RESET | NF_REMS)
#define SR1_ALL                  \
	{                        \
		0x00, 0xFC, 0x00 \
	}
#define SR2_WINBOND              \
	{                        \
		0x00, 0x7B, 0x38 \
	}

static const struct norsim_prot prot_winbond = {
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

/* Bit 5 is called BP3 and turns the range to the bottom. */
static const struct norsim_prot prot_eon = {
	.bp = {2, 3, 4},
	.bp_count = 3,
	.all_from = 7,
	.unit_is_64k = true,
	.tb_reg = NR_SR1,
	.tb_mask = 0x20,
	.srp_mask = 0x80,
};

static const struct norsim_times times_w25q64fv = {700, 10000, 45, 120, 150, 0, 20000};
static const struct norsim_times times_en25qh128a = {500, 10000, 40, 200, 300, 0, 60000};

static const uint32_t bfpt_w25q64fv[9] = {0xFFF120E5, 0x03FFFFFF, 0x6B08EB44,
                                          0xBB423B08, 0xFFFFFFFE, 0x0000FFFF,
                                          0xEB40FFFF, 0x520F200C, 0x0000D810};
static const struct norsim_sfdp sfdp_w25q64fv = {0, 9, 0x80, bfpt_w25q64fv, 0, {0, 0}};

static const uint32_t bfpt_en25qh128a[9] = {0xFFF120E5, 0x07FFFFFF, 0x6B08EB44,
                                            0xBB043B08, 0xFFFFFFFE, 0x0000FFFF,
                                            0xEB44FFFF, 0x520F200C, 0x0000D810};
static const struct norsim_sfdp sfdp_en25qh128a = {0, 9, 0x30, bfpt_en25qh128a, 0, {0, 0}};

static const struct norsim_part w25q64fv = {
	.name = "W25Q64FV",
	.id = {0xEF, 0x40, 0x17},
	.id_len = 3,
	.device_id = 0x16,
	.size = 8 << 20,
	.page = 256,
	.features = WINBOND_COMMON | NF_VOLATILE_50,
	.regs = {SR1_ALL, SR2_WINBOND},
	.wr01 = {NR_SR1, NR_SR2},
	.wr01_count = 2,
	.wr01_short_clears = true,
	.prot = &prot_winbond,
	.times = &times_w25q64fv,
	.sfdp = &sfdp_w25q64fv,
	.uid_len = 8,
	.otp_regs = 3,
	.otp_first = 1,
	.otp_size = 256,
};

static const struct norsim_part en25qh128a = {
	.name = "EN25QH128A",
	.id = {0x1C, 0x70, 0x18},
	.id_len = 3,
	.device_id = 0x17,
	.size = 16 << 20,
	.page = 256,
	.features = ERASE_ALL | NF_VOLATILE_50 | NF_UID_EON | NF_OTP_EON | NF_SLEEP | NF_RESET |
                    NF_REMS,
	.regs = {SR1_ALL},
	.wr01 = {NR_SR1},
	.wr01_count = 1,
	.prot = &prot_eon,
	.times = &times_en25qh128a,
	.sfdp = &sfdp_en25qh128a,
	.uid_len = 12,
	.otp_size = 512,
};

static const struct norsim_part *const table[] = {&w25q64fv, &en25qh128a, NULL};

static const char *const names[] = {"W25Q64FV", "EN25QH128A", NULL};

const struct norsim_part *norsim_part_find(const char *name)
{
	for (size_t i = 0; table[i]; i++)
		if (strcmp(table[i]->name, name) == 0)
			return table[i];
	return NULL;
}

const char *const *norsim_parts(void)
{
	return names;
}
