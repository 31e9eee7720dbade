/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a write job looks at, what is to stand there in the end, and the plan that leads to it. */
#include <stdlib.h>
#include <string.h>

#include "job/write.h"

/* ---- what to look at ---- */

/* When half of a larger erase block is part of the job, reading the rest of it lets the planner
 * erase it as a whole. */
static int widen(struct write_job *wj, uint32_t size, struct np_error *err)
{
	struct np_walk walk = {&wj->known, size, 0, 0};
	struct np_ranges add = {0}, ours = {0};
	struct np_range block;
	int ret = 0;

	while (!ret && np_walk_block(&walk, &block)) {
		ret = np_ranges_intersect(&wj->known, &(struct np_ranges){&block, 1, 1},
		                          wj->run.size, &ours, err);
		if (!ret && 2 * np_ranges_bytes(&ours) >= size)
			ret = np_ranges_add(&add, block, err);
		np_ranges_free(&ours);
	}
	if (!ret)
		ret = np_ranges_add_all(&wj->known, &add, err);
	np_ranges_free(&add);
	return ret;
}

int write_scope(struct write_job *wj, struct np_error *err)
{
	int ret;

	if (!wj->partial)
		return np_ranges_add(&wj->known, (struct np_range){0, wj->run.size}, err);
	ret = np_ranges_add_all(&wj->known, &wj->intent->selection.todo, err);
	if (!ret)
		ret = np_ranges_align(&wj->known, wj->cost.level[0].size, err);
	for (uint32_t k = 1; k < wj->cost.levels && !ret; k++)
		ret = widen(wj, wj->cost.level[k].size, err);
	return ret;
}

/* ---- the target ---- */

static void compose_range(struct write_job *wj, struct np_range range)
{
	uint8_t *at = wj->composed + range.start;

	if (wj->intent->image.data)
		memcpy(at, wj->intent->image.data + range.start, range.len);
	else
		memset(at, 0xff, range.len);
}

static int compose(struct write_job *wj, struct np_error *err)
{
	const struct np_ranges *todo = &wj->intent->selection.todo;
	const uint8_t *image = wj->intent->image.data;

	if (!wj->partial && image && np_ranges_contain(todo, (struct np_range){0, wj->run.size})) {
		wj->want = image;
		return 0;
	}
	if (!wj->composed)
		wj->composed = calloc(1, wj->run.size);
	if (!wj->composed)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	for (size_t i = 0; i < wj->known.count; i++)
		memcpy(wj->composed + wj->known.at[i].start, wj->have + wj->known.at[i].start,
		       wj->known.at[i].len);
	for (size_t i = 0; i < todo->count; i++)
		compose_range(wj, todo->at[i]);
	wj->want = wj->composed;
	return 0;
}

static int boot_range(struct write_job *wj, struct np_error *err)
{
	const struct layout *layout = wj->run.job->layout;

	for (size_t i = 0; layout && i < layout->region_count; i++) {
		if (layout->regions[i].boot) {
			wj->boot =
				(struct np_range){layout->regions[i].start, layout->regions[i].len};
			return 0;
		}
	}
	np_fail(err, NP_E_USAGE, "the boot loader's place is unknown");
	return np_hint(err, "--boot-last needs --layout with a region marked as boot");
}

int write_make_plan(struct write_job *wj, struct np_error *err)
{
	int ret = compose(wj, err);

	if (!ret && wj->options->boot_last)
		ret = boot_range(wj, err);
	if (ret)
		return ret;
	plan_free(&wj->plan);
	return plan_make(wj->have, wj->want, wj->run.size, wj->partial ? &wj->known : NULL,
	                 &wj->cost, wj->options->boot_last ? &wj->boot : NULL, &wj->plan, err);
}

int write_touched(const struct write_job *wj, struct np_ranges *out, struct np_error *err)
{
	struct np_ranges blocks = {0};
	int ret = 0;

	if (wj->chip_erase)
		return np_ranges_add(out, (struct np_range){0, wj->run.size}, err);
	for (size_t i = 0; i < wj->plan.count && !ret; i++)
		ret = np_ranges_add(
			&blocks, (struct np_range){wj->plan.steps[i].start, wj->plan.steps[i].len},
			err);
	if (!ret)
		ret = np_ranges_intersect(&blocks, &wj->known, wj->run.size, out, err);
	np_ranges_free(&blocks);
	return ret;
}

/* ---- this unit's own ---- */

/* Kept and unit data, which no base file can know. */
int write_own_data(const struct write_job *wj, struct np_ranges *out, struct np_error *err)
{
	int ret = np_ranges_intersect(&wj->intent->selection.keep, &wj->known, wj->run.size, out,
	                              err);

	if (!ret && wj->guard)
		ret = np_ranges_intersect(&wj->guard->unit, &wj->known, wj->run.size, out, err);
	return ret;
}

int write_read_own(struct write_job *wj, struct np_error *err)
{
	struct np_ranges own = {0};
	int ret = write_own_data(wj, &own, err);

	if (!ret)
		ret = np_ranges_remove_all(&own, &wj->read, err);
	if (!ret)
		ret = write_read_more(wj, &own, err);
	np_ranges_free(&own);
	return ret ? ret : write_make_plan(wj, err);
}
