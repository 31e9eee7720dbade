/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "base/units.h"
#include "nor/nor_priv.h"

static int erase_step(struct nor *nor, const struct nor_erase_step *step, struct nor_busy *busy,
                      struct np_error *err)
{
	struct spi_msg msgs[NOR_ADDR_MSGS + 2];
	size_t count = nor_addr_select(nor, step->addr, msgs);
	int ret;

	msgs[count++] = nor_cmd_op(NOR_OP_WREN);
	msgs[count++] = nor_cmd_addr(step->op, nor_addr_wire(nor, step->addr), nor->addr_len, 0);
	ret = nor_run_busy(nor, msgs, count, busy, err);
	return nor_check_errors(nor, ret, "erase", err);
}

int nor_erase(struct nor *nor, uint64_t addr, size_t level, struct np_error *err)
{
	const struct nor_erase *erase = &nor->info.erase[level];
	struct nor_erase_step steps[NOR_ERASE_STEPS];
	char size[32];
	size_t count;
	int ret;

	if (level >= nor->info.erase_count || addr % erase->size)
		return np_fail(err, NP_E_RANGE,
		               "no erase block of this chip starts at 0x%06" PRIx64, addr);
	ret = nor_check_change(nor, addr, erase->size, err);
	if (ret)
		return ret;
	count = nor_uneven_steps(nor, erase, (uint32_t)addr, steps);
	for (size_t i = 0; i < count && !ret; i++)
		ret = erase_step(nor, &steps[i], &nor->erase_busy[level], err);
	if (ret)
		np_context(err, "erase %s at 0x%06" PRIx64,
		           np_format_size(erase->size, size, sizeof(size)), addr);
	return ret;
}

/* C7h erases only the die that is selected. */
static int erase_at_once(struct nor *nor, struct np_error *err)
{
	struct nor_busy busy = nor->chip_busy;
	int ret = 0;

	busy.typ_us /= nor_dies(nor);
	for (unsigned die = 0; die < nor_dies(nor) && !ret; die++) {
		struct spi_msg msgs[3];
		size_t count = nor_die_select(nor, die, msgs);

		msgs[count++] = nor_cmd_op(NOR_OP_WREN);
		msgs[count++] = nor_cmd_op(NOR_OP_CHIP_ERASE);
		ret = nor_run_busy(nor, msgs, count, &busy, err);
	}
	if (!ret)
		ret = nor_wait_dies(nor, &nor->chip_busy, err);
	return nor_check_errors(nor, ret, "chip erase", err);
}

/* It has no opcode that takes four address bytes whatever the mode. */
static int erase_die(struct nor *nor, uint32_t addr, struct nor_busy *busy, struct np_error *err)
{
	struct spi_msg msgs[NOR_ADDR_MSGS + 2];
	size_t count;
	int ret = nor_addr_mode(nor, addr, msgs, &count, err);

	if (ret)
		return ret;
	msgs[count++] = nor_cmd_op(NOR_OP_WREN);
	msgs[count++] = nor_cmd_addr(NOR_OP_DIE_ERASE, addr, nor->addr_len, 0);
	ret = nor_run_busy(nor, msgs, count, busy, err);
	return nor_check_errors(nor, ret, "die erase", err);
}

static int erase_dies(struct nor *nor, struct np_error *err)
{
	struct nor_busy busy = nor->chip_busy;
	struct np_error second = {0};
	int ret = 0, left = 0;

	busy.typ_us /= nor->chip.size / nor->chip.die;
	for (uint32_t addr = 0; addr < nor->chip.size && !ret; addr += nor->chip.die)
		ret = erase_die(nor, addr, &busy, err);
	if (nor->native4)
		left = nor_addr_restore(nor, ret ? &second : err);
	return ret ? ret : left;
}

int nor_erase_chip(struct nor *nor, struct np_error *err)
{
	int ret = nor_check_change(nor, 0, nor->info.size, err);

	if (ret)
		return ret;
	ret = nor->chip.flags & NOR_F_DIE_ERASE ? erase_dies(nor, err) : erase_at_once(nor, err);
	if (ret)
		np_context(err, "erase the whole chip");
	return ret;
}

uint64_t nor_cost_erase_ns(const struct nor *nor, size_t level)
{
	const struct spi_caps *caps = nor->caps;

	return (uint64_t)nor->info.erase[level].typ_us * 1000 + 2 * (uint64_t)caps->msg_ns +
	       6 * (uint64_t)caps->byte_ns + 2 * (uint64_t)caps->trip_us * 1000;
}
