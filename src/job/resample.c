/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When all is written, a few places half a chip away from it are read again: on a part that is
 * smaller than its ID says, writes wrap round and replace what stands there, although each block was
 * right when it was verified. */
#include <inttypes.h>
#include <string.h>

#include "job/run.h"

static bool is_known(const struct exec *x, uint32_t at)
{
	return x->knows_all || np_ranges_contain(x->saved, (struct np_range){at, EXEC_SPOT_LEN});
}

/* The place that this step would overwrite on a chip of half the size, if its contents would show
 * that. */
static bool find_spot(struct exec *x, const struct plan_step *step, bool known)
{
	struct exec_spots *spots = &x->spots;
	uint32_t half = (uint32_t)(x->run->size / 2);

	for (uint32_t i = 0; i + EXEC_SPOT_LEN <= step->len; i += EXEC_SPOT_LEN) {
		uint32_t here = step->start + i, there = here ^ half;
		const uint8_t *will_be = x->want + here;
		const uint8_t *was = known ? x->want + there : x->have + here;

		/* Above a small chip there is only a copy of what is written. */
		if (is_known(x, there) != known || !is_known(x, here) || (!known && there > here) ||
		    memcmp(was, will_be, EXEC_SPOT_LEN) == 0)
			continue;
		memcpy(spots->hold[spots->count], was, EXEC_SPOT_LEN);
		spots->at[spots->count++] = there;
		return true;
	}
	return false;
}

static void choose(struct exec *x, bool known)
{
	size_t stride = x->plan->count / EXEC_SPOTS + 1;

	for (size_t i = 0; i < x->plan->count && x->spots.count < EXEC_SPOTS; i += stride)
		find_spot(x, &x->plan->steps[i], known);
}

int exec_choose_spots(struct exec *x, struct np_error *err)
{
	struct exec_spots *spots = &x->spots;
	size_t known;
	int ret = 0;

	spots->count = 0;
	/* An address with its highest bit flipped is half a chip away only where there are that many. */
	if (x->verify_none || x->run->size & (x->run->size - 1))
		return 0;
	/* What is all read again in the end needs no sample. */
	if (!x->again || !x->again->count)
		choose(x, true);
	known = spots->count;
	if (x->looks_around)
		choose(x, false);
	if (spots->count > known)
		ret = run_step(x->run, err);
	if (!ret && spots->count > known)
		ret = nor_read_spots(x->run->nor, spots->at + known, spots->count - known,
		                     EXEC_SPOT_LEN, spots->hold[known], err);
	return ret;
}

static int written_over(uint64_t addr, struct np_error *err)
{
	np_fail(err, NP_E_VERIFY,
	        "verify: 0x%06" PRIx64
	        " does not hold what it did before another block was written",
	        addr);
	return np_hint(err, "the chip may be smaller than its ID says: read what is printed on it");
}

int exec_check_spots(struct exec *x, struct np_error *err)
{
	const struct exec_spots *spots = &x->spots;
	uint8_t seen[EXEC_SPOTS][EXEC_SPOT_LEN];
	struct np_ranges bad = {0};
	int ret = spots->count ? run_step(x->run, err) : 0;

	if (!ret && spots->count)
		ret = nor_read_spots(x->run->nor, spots->at, spots->count, EXEC_SPOT_LEN, seen[0],
		                     err);
	/* A difference may be a bit that flipped on the line: compare again before it is
	 * reported. */
	for (size_t i = 0; i < spots->count && !ret && !bad.count; i++)
		if (memcmp(seen[i], spots->hold[i], EXEC_SPOT_LEN) != 0)
			ret = run_compare(x->run, spots->at[i], spots->hold[i], EXEC_SPOT_LEN, &bad,
			                  err);
	if (!ret && bad.count)
		ret = written_over(bad.at[0].start, err);
	np_ranges_free(&bad);
	return ret;
}
