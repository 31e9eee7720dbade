/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nor/nor_told.h"

#include <stdlib.h>

#include "nor/nor_priv.h"

#define PAGE_TYP_US 700     /* where learning begins: most parts take 0.4 to 0.8 ms */
#define PAGE_MAX_US 1000000 /* no part takes so long: a client that is gone holds it no longer */
#define LOOK_SHARE  128     /* looks are this part of the wait so far apart ... */
#define LOOK_MAX_US 5000    /* ... and no further, so that a stop request is heard */
#define LOOK_BYTES  2       /* one flipped bit must not make a busy chip look ready */

struct nor_told {
	struct nor *nor;
	struct nor_told_ready ready; /* that the pages were learned with */
};

int nor_told_open(struct spi_bus *bus, struct nor_told **told, struct np_error *err)
{
	struct nor_told *t = calloc(1, sizeof(*t));
	struct nor *nor = t ? nor_new(bus, err) : NULL;

	if (!nor) {
		free(t);
		return np_fail(err, NP_E_MEMORY, "out of memory");
	}
	nor->once_only = true;
	nor->info.page = NOR_TOLD_PAGE;
	nor->info.size = UINT64_C(1) << 32; /* all that an address reaches */
	t->nor = nor;
	*told = t;
	return 0;
}

void nor_told_close(struct nor_told *told)
{
	if (!told)
		return;
	nor_free(told->nor);
	free(told);
}

static void ask_as(struct nor *nor, const struct nor_told_ready *ready)
{
	nor->ready_op = ready->opcode;
	nor->ready_mask = ready->mask;
	nor->ready_value = ready->value;
}

static int still_busy(const struct nor_told_ready *ready, uint8_t last, struct np_error *err)
{
	return np_fail(err, NP_E_TIMEOUT, "the chip is still busy after %u us (status %02Xh)",
	               ready->limit_us, last);
}

struct watch {
	nor_progress_fn *progress;
	void *ctx;
};

static int watch_until(void *ctx, size_t msg, size_t bytes)
{
	const struct watch *watch = ctx;

	(void)msg;
	(void)bytes;
	return watch->progress ? watch->progress(watch->ctx, 0) : 0;
}

static int wait_until(struct nor *nor, const struct nor_told_ready *ready, struct watch *watch,
                      uint8_t *last, struct np_error *err)
{
	struct spi_msg msg =
		nor_cmd_until(ready->opcode, ready->mask, ready->value, ready->limit_us, last);

	return spi_run(nor->bus, &msg, 1, NULL, watch_until, watch, err);
}

static int look(struct nor *nor, uint32_t pause_us, bool *is_ready, uint8_t *last,
                struct np_error *err)
{
	uint8_t seen[LOOK_BYTES] = {0};
	struct spi_msg msg = nor_cmd_status(nor->ready_op, seen, LOOK_BYTES);
	int ret;

	msg.pause_us = pause_us;
	ret = nor_run(nor, &msg, 1, err);
	*is_ready = !ret && nor_is_ready(nor, seen[0]) && nor_is_ready(nor, seen[1]);
	*last = seen[1];
	return ret;
}

int nor_told_wait(struct nor_told *told, const struct nor_told_ready *ready,
                  nor_progress_fn *progress, void *ctx, uint8_t *last, struct np_error *err)
{
	struct watch watch = {progress, ctx};
	struct nor *nor = told->nor;
	const struct spi_caps *caps = nor->caps;
	uint64_t look_ns = caps->msg_ns + (1 + LOOK_BYTES) * (uint64_t)caps->byte_ns;
	uint64_t spent_ns = 0, limit_ns = (uint64_t)ready->limit_us * 1000;
	bool is_ready = false;
	int ret = 0;

	ask_as(nor, ready);
	if (caps->until)
		return wait_until(nor, ready, &watch, last, err);
	while (!is_ready) {
		uint64_t pause_us = spent_ns / 1000 / LOOK_SHARE;

		pause_us = pause_us < LOOK_MAX_US ? pause_us : LOOK_MAX_US;
		ret = look(nor, (uint32_t)pause_us, &is_ready, last, err);
		spent_ns += look_ns + pause_us * 1000 + (uint64_t)caps->trip_us * 1000;
		if (ret || is_ready)
			return ret;
		if (spent_ns > limit_ns)
			return still_busy(ready, *last, err);
		if (progress && progress(ctx, 0))
			return np_fail(err, NP_E_INTERRUPTED, "stopped on request");
	}
	return 0;
}

/* What was learned of one chip says nothing of another, which is asked in another way. */
static void begin_learning(struct nor_told *told, const struct nor_told_ready *ready)
{
	struct nor *nor = told->nor;
	const struct nor_told_ready *known = &told->ready;

	if (known->opcode == ready->opcode && known->mask == ready->mask &&
	    known->value == ready->value && known->limit_us == ready->limit_us)
		return;
	told->ready = *ready;
	nor->page_busy = (struct nor_busy){
		.typ_us = ready->limit_us < PAGE_TYP_US ? ready->limit_us : PAGE_TYP_US,
		.max_us = ready->limit_us < PAGE_MAX_US ? ready->limit_us : PAGE_MAX_US};
	nor->page_alone = nor->page_busy;
}

int nor_told_program(struct nor_told *told, bool native4, unsigned addr_len,
                     const struct nor_told_ready *ready, const struct nor_piece *pieces,
                     size_t count, size_t *done, uint8_t *last, struct np_error *err)
{
	struct nor *nor = told->nor;
	int ret;

	begin_learning(told, ready);
	ask_as(nor, ready);
	nor->native4 = native4;
	nor->addr_len = addr_len;
	ret = nor_program_trains(nor, pieces, count, done, NULL, NULL, err);
	*last = ready->value;
	if (ret == NP_E_TIMEOUT)
		(void)nor_get(nor, ready->opcode, last, 1, NULL);
	return ret;
}
