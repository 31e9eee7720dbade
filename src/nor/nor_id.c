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
#define STATUS_READS      4
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

static void ask_ids(struct spi_msg *msgs, uint8_t (*ids)[NOR_ID_MAX], size_t count)
{
	for (size_t i = 0; i < count; i++)
		msgs[i] = nor_cmd_get(NOR_OP_RDID, ids[i], NOR_ID_MAX);
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
static void weigh(struct sample *sample, uint8_t (*ids)[NOR_ID_MAX])
{
	*sample = (struct sample){.reads = FIRST_READS};
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
}

static int take_sample(struct nor *nor, struct sample *sample, struct np_error *err)
{
	uint8_t ids[FIRST_READS][NOR_ID_MAX] = {{0}};
	struct spi_msg msgs[FIRST_READS];
	int ret;

	ask_ids(msgs, ids, FIRST_READS);
	ret = nor_run(nor, msgs, FIRST_READS, err);
	weigh(sample, ids);
	return ret;
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

static bool is_busy(const uint8_t status[STATUS_READS])
{
	return status[0] != 0xff && status[0] & NOR_SR_WIP && all(status, STATUS_READS, status[0]);
}

/* An erase that was begun before (by a killed program or a reset SoC) is left to finish: an ID read
 * now would be ignored and a reset would leave the block half erased. */
static int wait_out(struct nor *nor, uint8_t status, struct np_error *err)
{
	struct nor_busy busy = {.typ_us = 100000, .max_us = FOUND_BUSY_MAX_US, .found = true};

	np_log(NP_LOG_WARN,
	       "the chip is busy with something begun earlier (status %02Xh): waiting for it, at most "
	       "%u s",
	       status, FOUND_BUSY_MAX_US / 1000000);
	nor->info.was_busy = true;
	return nor_wait_ready(nor, &busy, NULL, err);
}

/* Where each round trip is long, all that every chip is asked first goes out in one run: a chip that
 * is busy ignores the ID and SFDP reads, and is asked again. */
static int look_far(struct nor *nor, struct sample *sample, bool *known, uint8_t *status,
                    struct np_error *err)
{
	struct spi_msg msgs[STATUS_READS + FIRST_READS + 2];
	uint8_t ids[FIRST_READS][NOR_ID_MAX] = {{0}};
	size_t count = 0;
	int ret;

	for (; count < STATUS_READS; count++)
		msgs[count] = nor_cmd_get(NOR_OP_RDSR, &status[count], 1);
	ask_ids(&msgs[count], ids, FIRST_READS);
	count += FIRST_READS;
	for (size_t i = 0; i < 2; i++, count++) {
		msgs[count] = nor_cmd_addr(NOR_OP_RDSFDP, 0, 3, 1);
		msgs[count].rx = nor->sfdp_ahead[i];
		msgs[count].rx_len = NOR_SFDP_AHEAD;
		msgs[count].pause_us = i ? 0 : NOR_APART_US;
	}
	ret = nor_run(nor, msgs, count, err);
	weigh(sample, ids);
	*known = nor->has_sfdp_ahead = !ret && !is_busy(status) && judge(sample) == ANSWER_GOOD;
	return ret;
}

static int look_near(struct nor *nor, uint8_t *status, struct np_error *err)
{
	struct spi_msg msgs[STATUS_READS];

	for (size_t i = 0; i < STATUS_READS; i++)
		msgs[i] = nor_cmd_get(NOR_OP_RDSR, &status[i], 1);
	return nor_run(nor, msgs, STATUS_READS, err);
}

/* The first sample, of a chip that is not busy any more. */
static int look_first(struct nor *nor, struct sample *sample, struct np_error *err)
{
	uint8_t status[STATUS_READS] = {0};
	bool known = false;
	int ret = nor_is_far(nor) ? look_far(nor, sample, &known, status, err)
	                          : look_near(nor, status, err);

	if (ret || known)
		return ret;
	if (is_busy(status))
		ret = wait_out(nor, status[0], err);
	return ret ? ret : take_sample(nor, sample, err);
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

const char *nor_or_slower(const struct nor *nor)
{
	return nor->caps->hz > nor->caps->hz_min ? ", or lower the clock with --speed 1M" : "";
}

static int no_answer(const struct nor *nor, const struct sample *sample, enum answer answer,
                     struct np_error *err)
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
		return np_hint(err,
		               "the answers are shifted by a bit: shorten the wires, add a ground "
		               "wire beside CLK (pin 6)%s",
		               nor_or_slower(nor));
	return np_hint(err, "bad contact: clean the pins, reseat the clip, shorten the wires%s",
	               nor_or_slower(nor));
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
	int ret = 0;

	for (unsigned attempt = 0; !ret && attempt < 7; attempt++) {
		ret = attempt ? take_sample(nor, &sample, err) : look_first(nor, &sample, err);
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
	return ret ? ret : no_answer(nor, &sample, answer, err);
}

int nor_id_repeat_with(struct nor *nor, size_t count, size_t *agreed, const struct spi_msg *extra,
                       size_t extra_count, struct np_error *err)
{
	uint8_t ids[NOR_IDS_MOST][NOR_ID_MAX];
	int ret;

	ask_ids(nor->queue, ids, count);
	for (size_t i = 0; i < extra_count; i++)
		nor->queue[count + i] = extra[i];
	ret = nor_run(nor, nor->queue, count + extra_count, err);
	*agreed = ret ? 0 : count_equal(ids, count, nor->info.jedec_id, 3);
	return ret;
}

int nor_id_repeat(struct nor *nor, size_t count, size_t *agreed, struct np_error *err)
{
	int ret = 0;

	*agreed = 0;
	for (size_t at = 0, n, some; at < count && !ret; at += n) {
		n = count - at < NOR_IDS_MOST ? count - at : NOR_IDS_MOST;
		ret = nor_id_repeat_with(nor, n, &some, NULL, 0, err);
		*agreed += some;
	}
	return ret;
}

void nor_present_ask(struct spi_msg msgs[NOR_PRESENT_IDS], uint8_t (*ids)[NOR_ID_MAX])
{
	ask_ids(msgs, ids, NOR_PRESENT_IDS);
}

int nor_present_judge(const struct nor *nor, uint8_t (*ids)[NOR_ID_MAX], struct np_error *err)
{
	size_t agreed = count_equal(ids, NOR_PRESENT_IDS, nor->info.jedec_id, 3);

	if (2 * agreed > NOR_PRESENT_IDS)
		return 0;
	np_fail(err, NP_E_NO_CHIP, "the chip no longer answers with its ID: %zu of %d reads",
	        agreed, NOR_PRESENT_IDS);
	return np_hint(err, "the clip slipped or the supply failed: reseat it and look at 3.3 V");
}

int nor_check_present(struct nor *nor, struct np_error *err)
{
	uint8_t ids[NOR_PRESENT_IDS][NOR_ID_MAX];
	struct spi_msg msgs[NOR_PRESENT_IDS];
	int ret;

	nor_present_ask(msgs, ids);
	ret = nor_run(nor, msgs, NOR_PRESENT_IDS, err);
	return ret ? ret : nor_present_judge(nor, ids, err);
}
