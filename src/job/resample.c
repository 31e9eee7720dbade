/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When all is written, some early blocks are read again: on a part that is smaller than its ID
 * says, later writes wrap round and replace earlier ones, although each block was right when it
 * was verified. */
#include <inttypes.h>
#include <string.h>

#include "job/run.h"

#define SPOTS     64u
#define SPOT_SIZE 16u

/* The place that this step would have overwritten on a chip of half the size, if its contents
 * would show that. */
static bool telling_spot(const struct exec *x, const struct plan_step *step, uint32_t *at)
{
	uint32_t half = (uint32_t)(x->run->size / 2);

	for (uint32_t i = 0; i + SPOT_SIZE <= step->len; i += SPOT_SIZE) {
		*at = (step->start + i) ^ half;
		if (memcmp(x->want + *at, x->want + step->start + i, SPOT_SIZE) != 0)
			return x->knows_all ||
			       np_ranges_contain(x->saved, (struct np_range){*at, SPOT_SIZE});
	}
	return false;
}

static size_t choose(const struct exec *x, uint32_t *spots)
{
	size_t count = 0, stride = x->plan->count / SPOTS + 1;

	for (size_t i = 0; i < x->plan->count && count < SPOTS; i += stride)
		count += telling_spot(x, &x->plan->steps[i], &spots[count]);
	return count;
}

static int written_over(uint64_t addr, struct np_error *err)
{
	np_fail(err, NP_E_VERIFY,
	        "verify: 0x%06" PRIx64
	        " does not hold what it did before another block was written",
	        addr);
	return np_hint(err, "the chip may be smaller than its ID says: read what is printed on it");
}

int exec_resample(struct exec *x, struct np_error *err)
{
	uint32_t spots[SPOTS];
	uint8_t seen[SPOTS][SPOT_SIZE];
	size_t count = choose(x, spots);
	struct np_ranges bad = {0};
	int ret = count ? run_step(x->run, err) : 0;

	if (!ret && count)
		ret = nor_read_spots(x->run->nor, spots, count, SPOT_SIZE, seen[0], err);
	/* A difference may be a bit that flipped on the line: compare again before it is
	 * reported. */
	for (size_t i = 0; i < count && !ret && !bad.count; i++)
		if (memcmp(seen[i], x->want + spots[i], SPOT_SIZE) != 0)
			ret = run_compare(x->run, spots[i], x->want + spots[i], SPOT_SIZE, &bad,
			                  err);
	if (!ret && bad.count)
		ret = written_over(bad.at[0].start, err);
	np_ranges_free(&bad);
	return ret;
}
