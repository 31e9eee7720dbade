/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts without a page buffer (SST25VF): one byte a write enable, or words by auto address
 * increment (ADh), which goes on until 04h. A word takes 10 us at the most, less than any round
 * trip, so each is given its maximum as a pause and hundreds go down the wire in one queue; one
 * status read at the end proves the last.
 */
#include "base/stop.h"
#include "nor/nor_priv.h"

#define OP_AAI_WORD 0xad

struct words {
	struct nor *nor;
	size_t used, room;
	uint32_t pause_us; /* behind a byte or word */
	bool in_aai;       /* the last message sent was ADh: the chip waits for more or for 04h */
};

static int flush(struct words *words, struct np_error *err)
{
	int ret = 0;

	if (words->used)
		ret = nor_run(words->nor, words->nor->queue, words->used, err);
	words->used = 0;
	return ret;
}

static int put(struct words *words, struct spi_msg msg, uint32_t pause_us, struct np_error *err)
{
	int ret = words->used == words->room ? flush(words, err) : 0;

	msg.pause_us = pause_us;
	words->nor->queue[words->used++] = msg;
	return ret;
}

static int end_aai(struct words *words, struct np_error *err)
{
	if (!words->in_aai)
		return 0;
	words->in_aai = false;
	return put(words, nor_cmd_op(NOR_OP_WRDI), 0, err);
}

static int put_byte(struct words *words, uint32_t addr, uint8_t byte, struct np_error *err)
{
	struct spi_msg msg = nor_cmd_addr(NOR_OP_PP, addr, words->nor->addr_len, 0);
	int ret = end_aai(words, err);

	if (byte == 0xff)
		return ret;
	msg.cmd[msg.cmd_len++] = byte;
	if (!ret)
		ret = put(words, nor_cmd_op(NOR_OP_WREN), 0, err);
	if (!ret)
		ret = put(words, msg, words->pause_us, err);
	return ret;
}

static int put_word(struct words *words, uint32_t addr, const uint8_t *word, struct np_error *err)
{
	struct spi_msg msg;
	int ret = 0;

	if (words->in_aai) {
		msg = nor_cmd_op(OP_AAI_WORD);
	} else {
		ret = put(words, nor_cmd_op(NOR_OP_WREN), 0, err);
		msg = nor_cmd_addr(OP_AAI_WORD, addr, words->nor->addr_len, 0);
	}
	msg.cmd[msg.cmd_len++] = word[0];
	msg.cmd[msg.cmd_len++] = word[1];
	words->in_aai = true;
	return ret ? ret : put(words, msg, words->pause_us, err);
}

static int put_piece(struct words *words, const struct nor_piece *piece, struct np_error *err)
{
	bool aai = words->nor->chip.flags & NOR_F_AAI_WORD;
	uint32_t at = 0;
	int ret = 0;

	while (!ret && at < piece->len) {
		bool word = aai && (piece->addr + at) % 2 == 0 && at + 1 < piece->len;

		ret = word ? put_word(words, piece->addr + at, piece->data + at, err)
		           : put_byte(words, piece->addr + at, piece->data[at], err);
		at += word ? 2 : 1;
	}
	return ret ? ret : end_aai(words, err);
}

/* The data sheet's maximum: the limit of waits is far above it, and would be waited out here. */
static uint32_t word_us(const struct nor *nor)
{
	uint32_t most = 0;

	for (size_t i = 0; i < nor->info.candidate_count; i++) {
		const struct nor_times *times = nor->info.candidates[i]->times;

		if (!times || !times->page_max_us)
			return nor->page_busy.max_us;
		most = times->page_max_us > most ? times->page_max_us : most;
	}
	return most ? most : nor->page_busy.max_us;
}

int nor_program_bytes(struct nor *nor, const struct nor_piece *pieces, size_t count, size_t *done,
                      nor_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct words words = {.nor = nor, .room = NOR_QUEUE, .pause_us = word_us(nor)};
	int ret = 0;

	if (words.room > nor->caps->max_queue)
		words.room = nor->caps->max_queue;
	for (*done = 0; !ret && *done < count; (*done)++) {
		ret = put_piece(&words, &pieces[*done], err);
		if (!ret)
			ret = flush(&words, err);
		if (!ret && ((progress && progress(ctx, *done)) || np_stop_level() >= 2))
			ret = np_fail(err, NP_E_INTERRUPTED, "stopped on request");
	}
	return ret ? ret : nor_wait_ready(nor, &nor->page_alone, NULL, err);
}
