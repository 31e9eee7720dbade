/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Erasing everything at once: for `erase` of a whole chip where that is faster, or when the user
 * insists. */
#include <stdlib.h>

#include "base/bytes.h"
#include "job/write.h"

static uint64_t chip_erase_ns(const struct write_job *wj)
{
	const struct nor_chip *chip = nor_info(wj->run.nor)->chip;

	return chip && chip->times ? (uint64_t)chip->times->chip_typ_ms * 1000000 : 0;
}

static bool wanted(const struct write_job *wj)
{
	const struct intent *intent = wj->intent;
	bool everything = !wj->partial && !intent->selection.keep.count;
	uint64_t ns = chip_erase_ns(wj);

	if (wj->options->chip_erase)
		return true;
	return !intent->image.data && everything && !wj->based && ns && ns < wj->plan.cost_ns &&
	       bytes_all(wj->want, wj->run.size, 0xff);
}

static uint32_t pages_in(const struct write_job *wj, uint64_t start, uint32_t len)
{
	uint32_t pages = 0;

	for (uint64_t at = start; at < start + len; at += wj->cost.page)
		pages += !bytes_all(wj->want + at, wj->cost.page, 0xff);
	return pages;
}

static void add_block(struct write_job *wj, struct plan *plan, uint64_t start, uint32_t len)
{
	uint32_t pages = pages_in(wj, start, len);

	if (!pages)
		return;
	plan->steps[plan->count++] = (struct plan_step){
		.start = (uint32_t)start, .len = len, .level = -1, .pages = pages};
	plan->program_only++;
	plan->pages += pages;
	plan->cost_ns += pages * wj->cost.page_ns + wj->cost.read_ns +
	                 len * wj->cost.read_ns_per_byte_x1000 / 1000;
}

int write_plan_chip_erase(struct write_job *wj, struct np_error *err)
{
	uint32_t block = wj->cost.level[wj->cost.levels - 1].size;
	struct plan plan = {0};

	if (!wj->chip_erase && !wanted(wj))
		return 0;
	plan.steps = calloc(wj->run.size / block + 1, sizeof(*plan.steps));
	if (!plan.steps)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	for (uint64_t at = 0; at < wj->run.size; at += block)
		add_block(wj, &plan, at, block);
	plan.erase_bytes = wj->run.size;
	plan.program_bytes = (uint64_t)plan.pages * wj->cost.page;
	plan.cost_ns += chip_erase_ns(wj);
	plan_free(&wj->plan);
	wj->plan = plan;
	wj->chip_erase = true;
	return 0;
}
