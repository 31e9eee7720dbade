/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A block in one run of the bus: for programmers a long round trip away, which wait for the chip and
 * compute CRCs by themselves. */
#include <inttypes.h>

#include "base/stop.h"
#include "nor/nor_priv.h"

#define ERASE_MSGS 3

bool nor_can_rewrite(const struct nor *nor)
{
	const uint32_t odd = NOR_F_BYTE_PROGRAM | NOR_F_AAI_WORD | NOR_F_FSR | NOR_F_CLSR |
	                     NOR_F_DIE_SELECT | NOR_F_DIE_STATUS;

	return nor_is_far(nor) && nor->caps->until && nor->caps->crc && !nor->forgets &&
	       !(nor->chip.flags & odd) && nor->chip.uneven == 0 &&
	       nor->caps->max_queue >= NOR_QUEUE && nor->caps->max_rx >= NOR_CRC_MOST;
}

static struct spi_msg wait_message(const struct nor *nor, uint32_t limit_us, uint8_t *status)
{
	return nor_cmd_until(nor->ready_op, nor->ready_mask, nor->ready_value, limit_us, status);
}

static size_t add_erase(struct nor *nor, const struct nor_rewrite *job, struct spi_msg *msgs,
                        uint8_t *status)
{
	const struct nor_erase *erase = &nor->info.erase[job->level];

	msgs[0] = nor_cmd_op(NOR_OP_WREN);
	msgs[1] = nor_cmd_addr(nor->native4 ? erase->op4 : erase->op, (uint32_t)job->addr,
	                       nor->addr_len, 0);
	msgs[2] = wait_message(nor, nor->erase_busy[job->level].max_us, status);
	return ERASE_MSGS;
}

static size_t add_pages(struct nor *nor, const struct nor_rewrite *job, struct spi_msg *msgs)
{
	for (size_t i = 0; i < job->count; i++, msgs += 3) {
		const struct nor_piece *piece = &job->pieces[i];

		msgs[0] = nor_cmd_op(NOR_OP_WREN);
		msgs[1] = nor_cmd_addr(nor->native4 ? NOR_OP_PP4 : NOR_OP_PP, piece->addr,
		                       nor->addr_len, 0);
		msgs[1].tx = piece->data;
		msgs[1].tx_len = piece->len;
		nor->tails[i] = 0;
		msgs[2] = wait_message(nor, nor->page_busy.max_us, &nor->tails[i]);
	}
	return 3 * job->count;
}

struct rewriting {
	const struct nor_rewrite *job;
	size_t erase_msgs;
};

/* The second stop request ends at the end of the page. */
static int watch(void *ctx, size_t msg, size_t bytes)
{
	const struct rewriting *w = ctx;
	size_t pages = msg < w->erase_msgs ? 0 : (msg - w->erase_msgs) / 3;

	(void)bytes;
	if (pages > w->job->count)
		pages = w->job->count;
	if (w->job->progress && w->job->progress(w->job->ctx, pages))
		return 1;
	return np_stop_level() >= 2;
}

static int check(const struct nor *nor, const struct nor_rewrite *job, struct np_error *err)
{
	int ret = 0;

	if (!nor_can_rewrite(nor) || job->count > NOR_TRAIN_PAGES ||
	    job->look_count > NOR_LOOKS_MOST)
		return np_fail(err, NP_E_UNSUPPORTED, "this block cannot be rewritten in one run");
	if (job->level >= 0 && ((size_t)job->level >= nor->info.erase_count ||
	                        job->addr % nor->info.erase[job->level].size))
		return np_fail(err, NP_E_RANGE,
		               "no erase block of this chip starts at 0x%06" PRIx64, job->addr);
	if (job->level >= 0)
		ret = nor_check_change(nor, job->addr, nor->info.erase[job->level].size, err);
	for (size_t i = 0; i < job->count && !ret; i++)
		ret = nor_check_piece(nor, &job->pieces[i], err);
	for (size_t i = 0; i < job->look_count && !ret; i++)
		ret = job->looks[i].len > NOR_CRC_MOST
		              ? np_fail(err, NP_E_RANGE, "a CRC of more than 64 KiB")
		              : nor_check_range(nor, job->looks[i].start, job->looks[i].len, err);
	return ret;
}

static void explain(const struct nor *nor, const struct nor_rewrite *job, int ret,
                    const struct nor_rewritten *done, uint8_t status, struct np_error *err)
{
	if (ret == NP_E_TIMEOUT && !done->erased && job->level >= 0)
		nor_busy_too_long(&nor->erase_busy[job->level], status, err);
	else if (ret == NP_E_TIMEOUT)
		nor_busy_too_long(&nor->page_busy, nor->tails[done->pages], err);
	if (!done->erased && job->level >= 0)
		np_context(err, "erase at 0x%06" PRIx64, job->addr);
	else if (done->pages < job->count)
		np_context(err, "program page 0x%06" PRIx32, job->pieces[done->pages].addr);
}

int nor_rewrite(struct nor *nor, const struct nor_rewrite *job, struct nor_rewritten *done,
                struct np_error *err)
{
	struct rewriting w = {.job = job};
	uint8_t status = 0;
	size_t count = 0, pages, msgs_done = 0;
	int ret = check(nor, job, err);

	*done = (struct nor_rewritten){0};
	if (ret)
		return ret;
	if (job->level >= 0)
		count = w.erase_msgs = add_erase(nor, job, nor->queue, &status);
	count += pages = add_pages(nor, job, nor->queue + count);
	for (size_t i = 0; i < job->look_count; i++, count++) {
		nor->queue[count] = nor_read_message(nor, job->looks[i].start);
		nor->queue[count].flags = SPI_MSG_CRC;
		nor->queue[count].rx_len = job->looks[i].len;
	}
	ret = count ? spi_run(nor->bus, nor->queue, count, &msgs_done, watch, &w, err) : 0;
	done->erased = w.erase_msgs && msgs_done >= w.erase_msgs;
	if (msgs_done > w.erase_msgs)
		done->pages = (msgs_done - w.erase_msgs) / 3;
	if (done->pages > job->count)
		done->pages = job->count;
	for (size_t i = 0; i < job->look_count && !ret; i++)
		done->crc[i] = nor->queue[w.erase_msgs + pages + i].crc;
	if (ret)
		explain(nor, job, ret, done, status, err);
	if (ret == NP_E_INTERRUPTED)
		nor_settle_after_stop(nor);
	return ret;
}
