/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stacks whose dies C2h selects (W25M512JV, GD25S512MD). Each die is a chip of its own: registers,
 * latch, protection, unique ID. A reset silently selects the first one, so no message relies
 * on what was selected earlier: C2h goes in front of each command, in the same queue, and a chip
 * that resets behind it is deaf until the command is over, or has lost its latch.
 *
 * A stack may answer with the ID of one of its dies. Then it is asked: only a stack has a second
 * latch.
 */
#include <string.h>

#include "base/log.h"
#include "chip/chipdb.h"
#include "nor/nor_priv.h"

#define ASK_TRIES 8
#define ID_LEN    4 /* a NAND answers behind a dummy byte */

static bool selects(const struct nor *nor)
{
	return nor->chip.flags & NOR_F_DIE_SELECT;
}

unsigned nor_dies(const struct nor *nor)
{
	return selects(nor) ? nor->chip.size / nor->chip.die : 1;
}

uint64_t nor_die_size(const struct nor *nor)
{
	return selects(nor) ? nor->chip.die : nor->info.size;
}

static struct spi_msg select_message(unsigned die)
{
	uint8_t byte = (uint8_t)die;

	return nor_cmd_set(NOR_OP_WINBOND_DIE, &byte, 1);
}

size_t nor_die_select(const struct nor *nor, unsigned die, struct spi_msg *msg)
{
	if (!selects(nor))
		return 0;
	*msg = select_message(die);
	return 1;
}

size_t nor_die_of(const struct nor *nor, uint64_t addr, struct spi_msg *msg)
{
	return selects(nor) ? nor_die_select(nor, (unsigned)(addr / nor->chip.die), msg) : 0;
}

int nor_die_run(struct nor *nor, struct spi_msg *msg, struct np_error *err)
{
	struct spi_msg msgs[2];
	size_t count = nor_die_select(nor, nor->die, msgs);
	int ret;

	msgs[count] = *msg;
	ret = nor_run(nor, msgs, count + 1, err);
	msg->crc = msgs[count].crc;
	return ret;
}

int nor_dies_leave(struct nor *nor, struct np_error *err)
{
	struct spi_msg msg;

	return nor_die_select(nor, 0, &msg) ? nor_run(nor, &msg, 1, err) : 0;
}

/* ---- is there a second die? ---- */

/* The latch of the second die is set: does the first one show it? A chip that loses its latch to an
 * unknown opcode shows it nowhere. */
static int ask_latches(struct nor *nor, bool *two, struct np_error *err)
{
	uint8_t first = 0, second = 0;
	struct spi_msg msgs[] = {
		select_message(1),       nor_cmd_op(NOR_OP_WREN),
		select_message(0),       nor_cmd_get(NOR_OP_RDSR, &first, 1),
		select_message(1),       nor_cmd_get(NOR_OP_RDSR, &second, 1),
		nor_cmd_op(NOR_OP_WRDI), select_message(0),
		nor_cmd_op(NOR_OP_WRDI),
	};
	int ret = nor_run(nor, msgs, sizeof(msgs) / sizeof(msgs[0]), err);

	*two = !(first & NOR_SR_WEL) && second & NOR_SR_WEL && second != 0xff;
	return ret;
}

/* An answer counts only when two in a row agree. */
static int ask(struct nor *nor, bool *two, struct np_error *err)
{
	bool again = false;
	int ret = ask_latches(nor, two, err);

	for (unsigned i = 0; i < ASK_TRIES && !ret; i++) {
		ret = ask_latches(nor, &again, err);
		if (!ret && again == *two)
			return 0;
		*two = again;
	}
	if (ret)
		return ret;
	np_fail(err, NP_E_UNSTABLE,
	        "the chip says each time differently whether it has a second die");
	return np_hint(err, "bad contact: clean the pins, reseat the clip, shorten the wires");
}

static int one_die_only(const struct nor_chip *row, struct np_error *err)
{
	np_fail(err, NP_E_CHIP_MISMATCH, "%s is a stack of dies, but a second die does not answer",
	        row->name);
	return np_hint(err,
	               "leave --chip out; or another part answers with this ID: describe it in "
	               "a file (doc/CHIPS.md) and pass that with --chips FILE");
}

int nor_dies_settle(struct nor *nor, bool named, struct np_error *err)
{
	struct nor_info *info = &nor->info;
	const struct nor_chip *stack = NULL,
			      *asked = chipdb_stack(info->jedec_id, info->jedec_id_len);
	bool two = false;
	int ret;

	for (size_t i = 0; i < info->candidate_count; i++)
		if (info->candidates[i]->flags & NOR_F_DIE_SELECT)
			stack = info->candidates[i];
	if (!stack && !asked)
		return 0;
	ret = ask(nor, &two, err);
	if (ret || two == (stack != NULL))
		return ret;
	if (!two)
		return one_die_only(stack, err);
	if (named) {
		np_fail(err, NP_E_CHIP_MISMATCH, "this is a stack of two dies (%s), no %s",
		        asked->name, info->candidates[0]->name);
		return np_hint(err, "leave --chip out, or say --chip %s", asked->name);
	}
	info->candidates[0] = asked;
	info->candidate_count = 1;
	return 0;
}

/* ---- a pair with a NAND ---- */

/* W25M161 and its like: a NOR die with the ID of a common part, and behind C2h a NAND. */
static int ask_ids(struct nor *nor, uint8_t second[ID_LEN], uint8_t first[ID_LEN],
                   struct np_error *err)
{
	struct spi_msg msgs[] = {select_message(1), nor_cmd_get(NOR_OP_RDID, second, ID_LEN),
	                         select_message(0), nor_cmd_get(NOR_OP_RDID, first, ID_LEN)};

	return nor_run(nor, msgs, sizeof(msgs) / sizeof(msgs[0]), err);
}

/* W25M packages have memory types of their own (61h). Pairs whose NOR die answers as an ordinary
 * chip are known with 16, 32 and 128 Mbit (W25M161, W25M321, W25M121); no other chip is asked. */
static bool may_be_of_a_pair(const struct nor *nor, bool ask)
{
	const uint8_t *id = nor->info.jedec_id;
	bool size = id[2] == 0x15 || id[2] == 0x16 || id[2] == 0x18;

	return id[0] == NOR_MAKER_WINBOND && size && ((id[1] & 0x0f) == 1 || ask) &&
	       !(nor->chip.flags & NOR_F_DIE_STATUS);
}

int nor_dies_find_nand(struct nor *nor, bool ask, struct np_error *err)
{
	struct nor_info *info = &nor->info;
	uint8_t second[ID_LEN] = {0}, again[ID_LEN] = {0}, first[ID_LEN] = {0};
	const char *kind;
	int ret;

	if (!may_be_of_a_pair(nor, ask))
		return 0;
	ret = ask_ids(nor, second, first, err);
	if (ret || memcmp(second, first, sizeof(first)) == 0)
		return ret;
	ret = ask_ids(nor, again, first, err);
	kind = chipdb_other_kind(second[0] == NOR_MAKER_WINBOND ? second : second + 1);
	if (ret || memcmp(second, again, sizeof(again)) != 0 || !kind)
		return ret;
	info->other_die = kind;
	np_log(NP_LOG_WARN,
	       "the package has a second die that is not saved: %s; norprog drives the NOR die alone",
	       kind);
	return 0;
}
