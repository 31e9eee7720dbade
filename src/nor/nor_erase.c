/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "base/units.h"
#include "nor/nor_priv.h"

int nor_erase(struct nor *nor, uint64_t addr, size_t level, struct np_error *err)
{
	const struct nor_erase *erase = &nor->info.erase[level];
	char size[32];
	struct spi_msg msgs[NOR_ADDR_MSGS + 2];
	size_t count;
	int ret;

	if (level >= nor->info.erase_count || addr % erase->size)
		return np_fail(err, NP_E_RANGE,
		               "no erase block of this chip starts at 0x%06" PRIx64, addr);
	ret = nor_check_change(nor, addr, erase->size, err);
	if (ret)
		return ret;
	count = nor_addr_select(nor, addr, msgs);
	msgs[count++] = nor_cmd_op(NOR_OP_WREN);
	msgs[count++] = nor_cmd_addr(nor->native4 ? erase->op4 : erase->op, (uint32_t)addr,
	                             nor->addr_len, 0);
	ret = nor_run_busy(nor, msgs, count, &nor->erase_busy[level], err);
	ret = nor_check_errors(nor, ret, "erase", err);
	if (ret)
		np_context(err, "erase %s at 0x%06" PRIx64,
		           np_format_size(erase->size, size, sizeof(size)), addr);
	return ret;
}

int nor_erase_chip(struct nor *nor, struct np_error *err)
{
	struct spi_msg msgs[2] = {nor_cmd_op(NOR_OP_WREN), nor_cmd_op(NOR_OP_CHIP_ERASE)};
	int ret = nor_check_change(nor, 0, nor->info.size, err);

	if (ret)
		return ret;
	ret = nor_run_busy(nor, msgs, 2, &nor->chip_busy, err);
	ret = nor_check_errors(nor, ret, "chip erase", err);
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
