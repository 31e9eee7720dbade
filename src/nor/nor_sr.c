/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status registers on the bus: read, and written in the form each part takes. */
#include <string.h>

#include "nor/nor_priv.h"
#include "chip/nor_status.h"

#define AGREE_TRIES  8
#define QER_RESERVED 7

/* Eon shows T/B only in OTP mode. It is left again whatever happens: 05h would go on answering
 * other bits, and 01h would write ones that stay for ever. */
static int read_in_otp_mode(struct nor *nor, uint8_t *value, struct np_error *err)
{
	struct spi_msg enter = nor_cmd_op(NOR_OP_EON_OTP), leave = nor_cmd_op(NOR_OP_WRDI);
	struct np_error second = {0};
	int ret = nor_run(nor, &enter, 1, err), left;

	if (!ret)
		ret = nor_get(nor, NOR_OP_RDSR, value, 1, err);
	left = nor_run(nor, &leave, 1, ret ? &second : err);
	return ret ? ret : left;
}

static int read_reg4(struct nor *nor, uint8_t *value, struct np_error *err)
{
	switch (nor_status_reg4(&nor->chip)) {
	case NOR_REG4_CONFIG:
		return nor_get(nor, NOR_OP_RDSR3, value, 1, err);
	case NOR_REG4_FUNCTION:
		return nor_get(nor, NOR_OP_ISSI_RDFR, value, 1, err);
	case NOR_REG4_EON_OTP:
		return read_in_otp_mode(nor, value, err);
	case NOR_REG4_NONE:
		break;
	}
	return 0;
}

/* The messages that read all registers but a fourth into `sets` sets, at most two. */
static size_t ask_sets(struct nor *nor, uint8_t (*sr)[4], size_t sets,
                       struct spi_msg msgs[NOR_STATUS_MSGS])
{
	static const uint8_t ops[3] = {NOR_OP_RDSR, NOR_OP_RDSR2, NOR_OP_RDSR3};
	size_t regs = nor_status_count(&nor->chip), count = 0;

	memset(sr, 0, sets * sizeof(*sr));
	for (size_t set = 0; set < sets; set++) {
		for (size_t i = 0; i < regs && i < 3; i++) {
			count += nor_die_select(nor, nor->die, &msgs[count]);
			msgs[count++] = nor_cmd_get(ops[i], &sr[set][i], 1);
		}
		if (count && set + 1 < sets)
			msgs[count - 1].pause_us = NOR_APART_US;
	}
	return count;
}

size_t nor_status_ask(struct nor *nor, struct spi_msg msgs[NOR_STATUS_MSGS])
{
	nor->has_sr_ahead = nor_dies(nor) == 1 && nor_status_reg4(&nor->chip) == NOR_REG4_NONE;
	return nor->has_sr_ahead ? ask_sets(nor, nor->sr_ahead, 2, msgs) : 0;
}

/* In as few runs as the fourth register allows. */
static int read_sets(struct nor *nor, uint8_t (*sr)[4], size_t sets, struct np_error *err)
{
	struct spi_msg msgs[NOR_STATUS_MSGS];
	size_t count = ask_sets(nor, sr, sets, msgs);
	int ret = count ? nor_run(nor, msgs, count, err) : 0;

	for (size_t set = 0; set < sets && !ret; set++)
		ret = read_reg4(nor, &sr[set][3], err);
	return ret;
}

/* What is read here is written back with a few bits changed, one-time bits among the rest: a bit
 * flipped on the way would stay for ever. Two reads in a row must agree. */
int nor_status_read_all(struct nor *nor, uint8_t sr[4], struct np_error *err)
{
	const uint8_t passing = NOR_SR_WIP | NOR_SR_WEL;
	uint8_t seen[2][4];
	int ret = 0;

	if (nor->takes_sr_ahead)
		memcpy(seen, nor->sr_ahead, sizeof(seen));
	else
		ret = read_sets(nor, seen, 2, err);
	nor->takes_sr_ahead = false;

	for (unsigned i = 0; i < AGREE_TRIES && !ret; i++) {
		memcpy(sr, seen[0], 4);
		if (((seen[0][0] ^ seen[1][0]) & ~passing) == 0 &&
		    memcmp(seen[0] + 1, seen[1] + 1, 3) == 0)
			return 0;
		memcpy(seen[0], seen[1], 4);
		ret = read_sets(nor, &seen[1], 1, err);
	}
	if (ret)
		return ret;
	np_fail(err, NP_E_UNSTABLE, "the status registers read differently each time");
	return np_hint(err, "bad contact: clean the pins, reseat the clip, shorten the wires");
}

/* To Macronix and ISSI 35h says to take commands on four wires from now on; their QE is in SR1. */
static bool reads_sr2(const uint8_t *id)
{
	return id[0] != 0xc2 && id[0] != 0x9d;
}

/* A part that is not in the tables and whose SFDP is silent about QE: what 35h answers may be an
 * SR2, which one byte to 01h could clear, and QE with it. Nothing set: nothing to lose. All ones:
 * no SR2. */
int nor_status_setup(struct nor *nor, struct np_error *err)
{
	bool told = nor->sfdp.has_qer && nor->sfdp.qer != QER_RESERVED;
	uint8_t sr2 = 0, again = 0;
	int ret;

	if (nor->info.candidate_count || told || !reads_sr2(nor->info.jedec_id))
		return 0;
	ret = nor_get(nor, NOR_OP_RDSR2, &sr2, 1, err);
	if (!ret)
		ret = nor_get(nor, NOR_OP_RDSR2, &again, 1, err);
	if (!ret && (sr2 | again) && (sr2 & again) != 0xff)
		nor->chip.sr_write = NOR_SR_TWO_CLEARS;
	return ret;
}

static int write_one(struct nor *nor, uint8_t op, const uint8_t *bytes, size_t len,
                     bool is_volatile, struct np_error *err)
{
	bool ewsr = is_volatile || (nor->chip.flags & NOR_F_EWSR);
	struct spi_msg msgs[3];
	size_t count = nor_die_select(nor, nor->die, msgs);
	int ret;

	msgs[count++] = nor_cmd_op(ewsr ? NOR_OP_VSRWEN : NOR_OP_WREN);
	msgs[count++] = nor_cmd_set(op, bytes, len);
	ret = nor_run_busy(nor, msgs, count, &nor->sr_busy, err);

	return ret ? ret : nor_wait_dies(nor, &nor->sr_busy, err);
}

static int write_separate(struct nor *nor, const uint8_t from[4], const uint8_t to[4],
                          bool is_volatile, struct np_error *err)
{
	static const uint8_t ops[3] = {NOR_OP_WRSR, NOR_OP_WRSR2, NOR_OP_WRSR3};
	int ret = 0;

	for (size_t i = 0; i < nor_status_count(&nor->chip) && i < 3 && !ret; i++)
		if (i == 0 ? (from[0] ^ to[0]) & ~(NOR_SR_WIP | NOR_SR_WEL) : from[i] != to[i])
			ret = write_one(nor, ops[i], &to[i], 1, is_volatile, err);
	return ret;
}

/* SR2 is never all ones: these come from a line that is not driven, because there is no such
 * register, or none that 35h reads. Written back, it would set one-time bits where there is one
 * after all. */
static bool has_sr2(const uint8_t from[4])
{
	return from[1] != 0xff;
}

/* 01h takes as many registers as differ, and at least two: one alone may clear SR2. */
static int write_joined(struct nor *nor, const uint8_t from[4], const uint8_t to[4],
                        bool is_volatile, struct np_error *err)
{
	bool third = nor_status_count(&nor->chip) > 2 && from[2] != to[2];
	bool at_once = third && nor->chip.sr_write == NOR_SR_THREE && has_sr2(from);
	size_t len = !has_sr2(from) ? 1 : at_once ? 3 : 2;
	int ret = write_one(nor, NOR_OP_WRSR, to, len, is_volatile, err);

	if (!ret && third && !at_once)
		ret = write_one(nor, NOR_OP_WRSR3, &to[2], 1, is_volatile, err);
	return ret;
}

int nor_status_write(struct nor *nor, const uint8_t from[4], const uint8_t to[4], bool is_volatile,
                     struct np_error *err)
{
	uint8_t bytes[2] = {to[0], to[3]};

	switch (nor->chip.sr_write) {
	case NOR_SR_ONE:
		return write_one(nor, NOR_OP_WRSR, bytes, 1, is_volatile, err);
	case NOR_SR_TWO_CLEARS:
	case NOR_SR_TWO:
	case NOR_SR_THREE:
		return write_joined(nor, from, to, is_volatile, err);
	case NOR_SR_MXIC:
		return write_one(nor, NOR_OP_WRSR, bytes, from[3] != to[3] ? 2 : 1, is_volatile,
		                 err);
	case NOR_SR_SEPARATE:
		break;
	}
	return write_separate(nor, from, to, is_volatile, err);
}
