/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Beyond 16 MiB: native 4-byte opcodes where the part has them, else a mode or a bank register, put
 * back as it was found. */
#include "nor/nor_priv.h"
#include "nor/nor_status.h"

#define BANK_SIZE     (UINT32_C(1) << 24)
#define BANK_IN_DOUBT (UINT32_MAX - 1)

static int mode_run(struct nor *nor, uint8_t op, bool write_enable, struct np_error *err)
{
	struct spi_msg msg;
	int ret = 0;

	if (write_enable) {
		msg = nor_cmd_op(NOR_OP_WREN);
		ret = nor_run(nor, &msg, 1, err);
	}
	if (!ret) {
		msg = nor_cmd_op(op);
		ret = nor_run(nor, &msg, 1, err);
	}
	/* Not every part uses the latch up for this. */
	if (!ret && write_enable) {
		msg = nor_cmd_op(NOR_OP_WRDI);
		ret = nor_run(nor, &msg, 1, err);
	}
	return ret;
}

static int set_register(struct nor *nor, uint8_t op, uint8_t value, bool write_enable,
                        struct np_error *err)
{
	struct spi_msg msg;
	int ret = 0;

	if (write_enable) {
		msg = nor_cmd_op(NOR_OP_WREN);
		ret = nor_run(nor, &msg, 1, err);
	}
	if (ret)
		return ret;
	msg = nor_cmd_set(op, &value, 1);
	return nor_run(nor, &msg, 1, err);
}

static int find_mode(struct nor *nor, struct np_error *err)
{
	uint8_t sr[4];
	uint8_t bit = nor->chip.addr4_bit;
	int ret;

	nor->was4 = false;
	if (bit == NOR_NO_BIT)
		return 0;
	ret = nor_status_read_all(nor, sr, err);
	if (!ret)
		nor->was4 = sr[(bit >> 4) - 1] >> (bit & 7) & 1;
	return ret;
}

static int enter_mode(struct nor *nor, struct np_error *err)
{
	int ret = find_mode(nor, err);

	nor->addr_len = 4;
	if (ret || nor->was4)
		return ret;
	nor->entered4 = true;
	return mode_run(nor, NOR_OP_EN4B, nor->chip.addr4 == NOR_ADDR4_ENTER_WE, err);
}

/* With native opcodes, an erase size that lacks one cannot be used: its 3-byte opcode would depend
 * on the mode. */
static void drop_erases_without_op4(struct nor *nor)
{
	size_t kept = 0;

	for (size_t i = 0; i < nor->info.erase_count; i++)
		if (nor->info.erase[i].op4)
			nor->info.erase[kept++] = nor->info.erase[i];
	nor->info.erase_count = kept;
}

int nor_addr_setup(struct nor *nor, struct np_error *err)
{
	nor->addr_len = 3;
	if (nor->info.size <= BANK_SIZE && nor->chip.addr4 != NOR_ADDR4_ALWAYS)
		return 0;
	switch (nor->chip.addr4) {
	case NOR_ADDR4_NATIVE:
		nor->native4 = true;
		nor->addr_len = 4;
		drop_erases_without_op4(nor);
		return 0;
	case NOR_ADDR4_ENTER:
	case NOR_ADDR4_ENTER_WE:
		return enter_mode(nor, err);
	case NOR_ADDR4_BANK:
	case NOR_ADDR4_BRWR:
		nor->bank = UINT32_MAX;
		return 0;
	case NOR_ADDR4_ALWAYS:
		nor->addr_len = 4;
		return 0;
	case NOR_ADDR4_NONE:
		break;
	}
	np_fail(err, NP_E_UNKNOWN_CHIP,
	        "the chip has %llu bytes but no known way to reach beyond 16 MiB",
	        (unsigned long long)nor->info.size);
	return np_hint(err, "name the part with --chip if you know it");
}

static bool banked(const struct nor *nor)
{
	return nor->info.size > BANK_SIZE &&
	       (nor->chip.addr4 == NOR_ADDR4_BANK || nor->chip.addr4 == NOR_ADDR4_BRWR);
}

static int set_bank(struct nor *nor, uint32_t bank, struct np_error *err)
{
	bool ear = nor->chip.addr4 == NOR_ADDR4_BANK;

	return set_register(nor, ear ? NOR_OP_WREAR : NOR_OP_SPANSION_BRWR, (uint8_t)bank, ear,
	                    err);
}

int nor_addr_bank(struct nor *nor, uint64_t addr, struct np_error *err)
{
	uint32_t bank = (uint32_t)(addr / BANK_SIZE);
	int ret;

	if (!banked(nor) || nor->bank == bank)
		return 0;
	/* A write that failed leaves it unknown: the next access sets it anew. */
	nor->bank = BANK_IN_DOUBT;
	ret = set_bank(nor, bank, err);
	if (!ret)
		nor->bank = bank;
	return ret;
}

size_t nor_addr_span(const struct nor *nor, uint64_t addr, size_t len)
{
	uint64_t left = BANK_SIZE - addr % BANK_SIZE;

	return banked(nor) && left < len ? (size_t)left : len;
}

int nor_addr_restore(struct nor *nor, struct np_error *err)
{
	bool write_enable = nor->chip.addr4 == NOR_ADDR4_ENTER_WE;
	int ret = 0;

	if (banked(nor) && nor->bank != 0 && nor->bank != UINT32_MAX)
		ret = set_bank(nor, 0, err);
	if (!nor->entered4)
		return ret;
	nor->entered4 = false;
	ret = mode_run(nor, NOR_OP_EX4B, write_enable, err);
	if (!ret && (nor->chip.flags & NOR_F_EAR_ON_EXIT))
		ret = set_register(nor, NOR_OP_WREAR, 0, true, err);
	return ret;
}
