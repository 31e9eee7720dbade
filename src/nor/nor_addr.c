/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Beyond 16 MiB: native 4-byte opcodes where the part has them, else a mode or a bank register, put
 * back as it was found.
 *
 * A chip may forget its mode and bank: when its supply sags on a bad clip it comes up with
 * three address bytes and bank 0, and the next erase would hit a block that no plan named. No look
 * at the chip beforehand can exclude that. So nothing relies on what was set earlier: an erase and
 * each page carry the message that sets it, right in front of their write enable and in the same
 * queue. A chip that resets between the two is deaf until the command is over, and one that resets
 * behind the write enable has lost its latch.
 */
#include "nor/nor_priv.h"

#define BANK_TRIES 3

static bool banked(const struct nor *nor)
{
	return nor->chip.addr4 == NOR_ADDR4_BANK || nor->chip.addr4 == NOR_ADDR4_BRWR;
}

static bool needs_latch(const struct nor *nor)
{
	return nor->chip.addr4 == NOR_ADDR4_BANK || nor->chip.addr4 == NOR_ADDR4_ENTER_WE ||
	       nor->native4;
}

static struct spi_msg bank_message(const struct nor *nor, uint8_t bank)
{
	uint8_t op = nor->chip.addr4 == NOR_ADDR4_BANK ? NOR_OP_WREAR : NOR_OP_SPANSION_BRWR;

	return nor_cmd_set(op, &bank, 1);
}

/* The message, between write enable and write disable where the part wants one: not every part
 * clears the latch after it. */
static int send_latched(struct nor *nor, struct spi_msg msg, struct np_error *err)
{
	struct spi_msg msgs[3] = {nor_cmd_op(NOR_OP_WREN), msg, nor_cmd_op(NOR_OP_WRDI)};

	return needs_latch(nor) ? nor_run(nor, msgs, 3, err) : nor_run(nor, &msg, 1, err);
}

size_t nor_addr_select(const struct nor *nor, uint64_t addr, struct spi_msg msgs[NOR_ADDR_MSGS])
{
	size_t count = nor_die_of(nor, addr, msgs);

	if (!nor->forgets)
		return count;
	if (needs_latch(nor))
		msgs[count++] = nor_cmd_op(NOR_OP_WREN);
	msgs[count++] = banked(nor) ? bank_message(nor, (uint8_t)(addr / NOR_BANK_SIZE))
	                            : nor_cmd_op(NOR_OP_EN4B);
	return count;
}

uint32_t nor_addr_wire(const struct nor *nor, uint64_t addr)
{
	return (uint32_t)(nor->chip.flags & NOR_F_DIE_SELECT ? addr % nor->chip.die : addr);
}

int nor_addr_set(struct nor *nor, uint64_t addr, struct np_error *err)
{
	struct spi_msg msgs[NOR_ADDR_MSGS];
	size_t count;

	if (!nor->forgets)
		return 0;
	count = nor_addr_select(nor, addr, msgs);
	return send_latched(nor, msgs[count - 1], err);
}

/* ---- setting up and putting back ---- */

static bool mode_readable(const struct nor *nor)
{
	return nor->chip.addr4_bit != NOR_NO_BIT || nor->chip.flags & NOR_F_FSR;
}

static int find_mode(struct nor *nor, bool *on, struct np_error *err)
{
	uint8_t bit = nor->chip.addr4_bit, sr[4];
	int ret;

	if (bit == NOR_NO_BIT) {
		ret = nor_get(nor, NOR_OP_MICRON_RDFSR, sr, 1, err);
		*on = !ret && sr[0] & NOR_FSR_4BYTE;
		return ret;
	}
	ret = nor_status_read_all(nor, sr, err);
	*on = !ret && sr[(bit >> 4) - 1] >> (bit & 7) & 1;
	return ret;
}

static int not_taken(const char *what, struct np_error *err)
{
	np_fail(err, NP_E_UNKNOWN_CHIP,
	        "the chip did not take %s: addresses beyond 16 MiB are not sure", what);
	return np_hint(err, "another part answers with this ID: describe yours in a file "
	                    "(doc/CHIPS.md) and pass that with --chips FILE");
}

static int enter_mode(struct nor *nor, struct np_error *err)
{
	bool readable = mode_readable(nor), on = false;
	int ret = readable ? find_mode(nor, &on, err) : 0;

	if (ret)
		return ret;
	nor->addr_len = 4;
	nor->forgets = true;
	nor->entered4 = !on;
	ret = nor_addr_set(nor, 0, err);
	if (!ret && readable)
		ret = find_mode(nor, &on, err);
	return !ret && readable && !on ? not_taken("4-byte addresses", err) : ret;
}

/* The top bank, written and read back. */
static int try_bank(struct nor *nor, struct np_error *err)
{
	uint8_t op = nor->chip.addr4 == NOR_ADDR4_BANK ? NOR_OP_RDEAR : NOR_OP_SPANSION_BRRD;
	uint8_t top = (uint8_t)((nor->info.size - 1) / NOR_BANK_SIZE), is = 0;
	bool taken = false;
	int ret = 0;

	nor->forgets = true;
	for (unsigned i = 0; i < BANK_TRIES && !taken && !ret; i++) {
		ret = nor_addr_set(nor, nor->info.size - 1, err);
		if (!ret)
			ret = nor_get(nor, op, &is, 1, err);
		taken = is == top;
	}
	return !ret && !taken ? not_taken("a bank of addresses", err) : ret;
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
	if (nor_die_size(nor) <= NOR_BANK_SIZE && nor->chip.addr4 != NOR_ADDR4_ALWAYS)
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
		return try_bank(nor, err);
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

/* At the end of a bank, and in a stack of a die, reads begin again at its start. */
size_t nor_addr_span(const struct nor *nor, uint64_t addr, size_t len)
{
	uint64_t unit = nor->forgets && banked(nor) ? NOR_BANK_SIZE : nor->chip.die;
	uint64_t left = unit ? unit - addr % unit : len;

	return left < len ? (size_t)left : len;
}

int nor_addr_mode(struct nor *nor, uint64_t addr, struct spi_msg msgs[NOR_ADDR_MSGS], size_t *count,
                  struct np_error *err)
{
	uint8_t flags = 0;
	int ret = 0;

	*count = nor_addr_select(nor, addr, msgs);
	if (!nor->native4)
		return 0;
	if (nor->chip.flags & NOR_F_FSR && !nor->entered4)
		ret = nor_get(nor, NOR_OP_MICRON_RDFSR, &flags, 1, err);
	nor->entered4 |= !(flags & NOR_FSR_4BYTE);
	msgs[0] = nor_cmd_op(NOR_OP_WREN);
	msgs[1] = nor_cmd_op(NOR_OP_EN4B);
	*count = 2;
	return ret;
}

int nor_addr_restore(struct nor *nor, struct np_error *err)
{
	struct spi_msg bank0[2] = {nor_cmd_op(NOR_OP_WREN),
	                           nor_cmd_set(NOR_OP_WREAR, (const uint8_t[]){0}, 1)};
	int ret = nor_dies_leave(nor, err);

	if (!ret && nor->forgets && banked(nor))
		ret = send_latched(nor, bank_message(nor, 0), err);
	nor->forgets = false;
	if (!nor->entered4)
		return ret;
	nor->entered4 = false;
	ret = send_latched(nor, nor_cmd_op(NOR_OP_EX4B), err);
	if (!ret && (nor->chip.flags & NOR_F_EAR_ON_EXIT))
		ret = nor_run(nor, bank0, 2, err);
	return ret;
}
