/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which chip is connected. On a clip one read of the JEDEC ID proves nothing, and many equal ones
 * do. Reads that differ, or no answer, are reported with their likely cause.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "nor/nor_priv.h"

#define FIRST_READS       8
#define ID_BATCH          16
#define WAKE_US           50    /* tRES1 is 3..30 us in the makers' data sheets */
#define RESET_US          100   /* tRST is about 30 us */
#define POWER_UP_US       10000 /* per try; four tries cover a slow supply */
#define FOUND_BUSY_MAX_US 60000000

enum answer { ANSWER_GOOD, ANSWER_FF, ANSWER_00, ANSWER_MIXED };

struct sample {
	uint8_t id[NOR_ID_MAX];
	size_t reads, agreed;
	size_t whole;     /* of those that agreed: alike in all NOR_ID_MAX bytes */
	uint8_t other[3]; /* one that disagreed */
};

static int read_batch(struct nor *nor, uint8_t (*ids)[NOR_ID_MAX], size_t count,
                      struct np_error *err)
{
	struct spi_msg msgs[ID_BATCH];
	size_t room = nor->caps->max_queue < ID_BATCH ? nor->caps->max_queue : ID_BATCH;
	int ret = 0;

	for (size_t at = 0; at < count && !ret; at += room) {
		size_t n = count - at < room ? count - at : room;

		for (size_t i = 0; i < n; i++)
			msgs[i] = nor_cmd_get(NOR_OP_RDID, ids[at + i], NOR_ID_MAX);
		ret = nor_run(nor, msgs, n, err);
	}
	return ret;
}

static size_t count_equal(uint8_t (*ids)[NOR_ID_MAX], size_t count, const uint8_t *id, size_t len)
{
	size_t equal = 0;

	for (size_t i = 0; i < count; i++)
		equal += memcmp(ids[i], id, len) == 0;
	return equal;
}

/* Find the most frequent of the reads, and one that differs from it. The bytes behind the first
 * three are voted on as well, because they choose the row and name the journal. */
static int take_sample(struct nor *nor, struct sample *sample, struct np_error *err)
{
	uint8_t ids[FIRST_READS][NOR_ID_MAX];
	int ret = read_batch(nor, ids, FIRST_READS, err);

	memset(sample, 0, sizeof(*sample));
	if (ret)
		return ret;
	sample->reads = FIRST_READS;
	for (size_t i = 0; i < FIRST_READS; i++) {
		size_t equal = count_equal(ids, FIRST_READS, ids[i], 3);
		size_t whole = count_equal(ids, FIRST_READS, ids[i], NOR_ID_MAX);

		if (equal > sample->agreed || (equal == sample->agreed && whole > sample->whole)) {
			sample->agreed = equal;
			sample->whole = whole;
			memcpy(sample->id, ids[i], NOR_ID_MAX);
		}
	}
	for (size_t i = 0; i < FIRST_READS; i++)
		if (memcmp(ids[i], sample->id, 3) != 0)
			memcpy(sample->other, ids[i], 3);
	return 0;
}

static bool all(const uint8_t *bytes, size_t len, uint8_t value)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

static enum answer judge(const struct sample *sample)
{
	if (sample->agreed < sample->reads)
		return ANSWER_MIXED;
	if (all(sample->id, 3, 0xff))
		return ANSWER_FF;
	if (all(sample->id, 3, 0x00))
		return ANSWER_00;
	return ANSWER_GOOD;
}

/* An erase that was begun before (by a killed program or a reset SoC) is left to finish: an ID read
 * now would be ignored and a reset would leave the block half erased. */
static int wait_out(struct nor *nor, struct np_error *err)
{
	struct nor_busy busy = {.typ_us = 100000, .max_us = FOUND_BUSY_MAX_US, .found = true};
	uint8_t sr[4];
	int ret = 0;

	for (size_t i = 0; i < sizeof(sr) && !ret; i++)
		ret = nor_get(nor, NOR_OP_RDSR, &sr[i], 1, err);
	if (ret || sr[0] == 0xff || !(sr[0] & NOR_SR_WIP) || !all(sr, sizeof(sr), sr[0]))
		return ret;
	np_log(NP_LOG_WARN,
	       "the chip is busy with something begun earlier (status %02Xh): waiting for it, at most "
	       "%u s",
	       sr[0], FOUND_BUSY_MAX_US / 1000000);
	nor->info.was_busy = true;
	return nor_wait_ready(nor, &busy, NULL, err);
}

static int pause_for(struct nor *nor, uint8_t op, uint32_t pause_us, struct np_error *err)
{
	struct spi_msg msg = nor_cmd_op(op);

	msg.pause_us = pause_us;
	return nor_run(nor, &msg, 1, err);
}

/* What may help a chip that gave no ID, mildest first. */
static int help(struct nor *nor, unsigned attempt, struct np_error *err)
{
	int ret;

	/* 04h does no harm, and an SST25 that was left in auto increment accepts little else. */
	if (attempt < 4)
		return pause_for(nor, NOR_OP_WRDI, POWER_UP_US, err);
	if (attempt == 4) {
		nor->info.woken = true;
		return pause_for(nor, NOR_OP_WAKE, WAKE_US, err);
	}
	nor->info.reset = true;
	ret = pause_for(nor, NOR_OP_EXIT_QPI, 0, err);
	if (!ret)
		ret = pause_for(nor, NOR_OP_RESET_ENABLE, 0, err);
	if (!ret)
		ret = pause_for(nor, NOR_OP_RESET, RESET_US, err);
	if (!ret)
		ret = pause_for(nor, NOR_OP_WAKE, WAKE_US, err);
	return ret;
}

static uint32_t id_bits(const uint8_t *id)
{
	return (uint32_t)id[0] << 16 | (uint32_t)id[1] << 8 | id[2];
}

/* The same bits, one clock early or late? */
static bool shifted(const uint8_t *a, const uint8_t *b)
{
	uint32_t x = id_bits(a), y = id_bits(b);

	return (x >> 1) == (y & 0x7fffff) || (y >> 1) == (x & 0x7fffff);
}

static int no_answer(const struct sample *sample, enum answer answer, struct np_error *err)
{
	const uint8_t *a = sample->id, *b = sample->other;

	if (answer == ANSWER_FF) {
		np_fail(err, NP_E_NO_CHIP, "no answer: MISO reads all ones (ID FF FF FF)");
		return np_hint(
			err,
			"the chip has no power, or MISO (pin 2) or CS (pin 1) does not reach it; is "
			"pin 1 of the clip at the dot, HOLD# (pin 7) high, 3.3 V at pin 8?");
	}
	if (answer == ANSWER_00) {
		np_fail(err, NP_E_NO_CHIP, "no answer: MISO reads all zeros (ID 00 00 00)");
		return np_hint(
			err,
			"MISO (pin 2) is shorted to ground or held low by the board's SoC, or the chip "
			"has no power: hold the SoC in reset or power the board otherwise");
	}
	np_fail(err, NP_E_UNSTABLE,
	        "the ID reads disagree: %02X %02X %02X in %zu of %zu, also %02X %02X %02X", a[0],
	        a[1], a[2], sample->agreed, sample->reads, b[0], b[1], b[2]);
	if (shifted(a, b))
		return np_hint(
			err,
			"the answers are shifted by a bit: shorten the wires, add a ground wire, or "
			"lower the clock with --speed 1M");
	return np_hint(
		err,
		"bad contact: clean the pins, reseat the clip, or lower the clock with --speed 1M");
}

static bool can_slow_down(const struct nor *nor)
{
	return nor->caps->hz > 1000000 && nor->caps->hz > nor->caps->hz_min;
}

static void keep_id(struct nor *nor, const struct sample *sample)
{
	struct nor_info *info = &nor->info;

	memcpy(info->jedec_id, sample->id, NOR_ID_MAX);
	info->jedec_id_len = NOR_ID_MAX;
	if (2 * sample->whole <= sample->reads || memcmp(sample->id, sample->id + 3, 3) == 0 ||
	    all(sample->id + 3, 3, 0xff) || all(sample->id + 3, 3, 0x00))
		info->jedec_id_len = 3;
	info->id_reads += (uint32_t)sample->reads;
	info->id_agreed += (uint32_t)sample->agreed;
}

int nor_identify(struct nor *nor, bool fixed_hz, struct np_error *err)
{
	struct sample sample;
	enum answer answer = ANSWER_FF;
	int ret = wait_out(nor, err);

	for (unsigned attempt = 0; !ret && attempt < 7; attempt++) {
		ret = take_sample(nor, &sample, err);
		if (ret)
			return ret;
		answer = judge(&sample);
		while (answer == ANSWER_MIXED && !fixed_hz && can_slow_down(nor)) {
			ret = spi_set_hz(nor->bus, nor->caps->hz / 2, err);
			if (!ret)
				ret = take_sample(nor, &sample, err);
			if (ret)
				return ret;
			answer = judge(&sample);
		}
		if (answer == ANSWER_GOOD) {
			keep_id(nor, &sample);
			return 0;
		}
		if (attempt < 6)
			ret = help(nor, attempt, err);
	}
	return ret ? ret : no_answer(&sample, answer, err);
}

int nor_id_repeat(struct nor *nor, size_t count, size_t *agreed, struct np_error *err)
{
	uint8_t ids[ID_BATCH][NOR_ID_MAX];
	int ret = 0;

	*agreed = 0;
	for (size_t at = 0; at < count && !ret; at += ID_BATCH) {
		size_t n = count - at < ID_BATCH ? count - at : ID_BATCH;

		ret = read_batch(nor, ids, n, err);
		if (!ret)
			*agreed += count_equal(ids, n, nor->info.jedec_id, 3);
	}
	return ret;
}

#define PRESENT_IDS 8

int nor_check_present(struct nor *nor, struct np_error *err)
{
	size_t agreed = 0;
	int ret = nor_id_repeat(nor, PRESENT_IDS, &agreed, err);

	if (ret || 2 * agreed > PRESENT_IDS)
		return ret;
	np_fail(err, NP_E_NO_CHIP, "the chip no longer answers with its ID: %zu of %d reads",
	        agreed, PRESENT_IDS);
	return np_hint(err, "the clip slipped or the supply failed: reseat it and look at 3.3 V");
}
