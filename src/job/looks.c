/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing piece by piece what chip and image hold. Where the far end computes CRCs they are asked
 * for many pieces at a time, so that a long round trip is made once and not for each. */
#include <string.h>

#include "base/hash.h"
#include "base/stop.h"
#include "job/run.h"

void run_looks_begin(const struct run *run, struct looks *looks, const struct np_ranges *ranges,
                     size_t most)
{
	*looks = (struct looks){.by_crc = run_has_crc(run)};
	looks->walk.set = ranges;
	looks->walk.size = looks->by_crc && most > JOB_CRC ? JOB_CRC : most;
}

struct watch {
	struct run *run;
	uint64_t before, addr;
};

static int watch_crcs(void *ctx, uint64_t done)
{
	const struct watch *watch = ctx;

	if (!watch->run->writing)
		run_progress(watch->run, watch->addr + done, watch->before + done);
	return np_stop_level() >= (watch->run->writing ? 2 : 1);
}

static int ask_crcs(struct run *run, struct looks *looks, struct np_error *err)
{
	struct watch watch = {run, run->done, looks->at[0].start};
	int ret = run_step(run, err);

	if (!ret)
		ret = nor_crc_list(run->nor, looks->at, looks->count, looks->crc, watch_crcs,
		                   &watch, err);
	return ret;
}

int run_looks_next(struct run *run, struct looks *looks, struct np_range *piece, bool *more,
                   struct np_error *err)
{
	size_t most = looks->by_crc ? LOOKS_MOST : 1;
	int ret = 0;

	if (looks->next == looks->count) {
		looks->next = looks->count = 0;
		while (looks->count < most && np_walk_piece(&looks->walk, &looks->at[looks->count]))
			looks->count++;
		if (looks->count && looks->by_crc)
			ret = ask_crcs(run, looks, err);
	}
	*more = !ret && looks->next < looks->count;
	if (*more)
		*piece = looks->at[looks->next++];
	return ret;
}

int run_looks_equal(struct run *run, const struct looks *looks, const uint8_t *want, bool *equal,
                    struct np_error *err)
{
	const struct np_range *piece = &looks->at[looks->next - 1];
	int ret;

	if (looks->by_crc) {
		*equal = looks->crc[looks->next - 1] == np_crc32(0, want, piece->len);
		/* It will be read, and counted then. */
		if (!*equal && !run->writing)
			run->done -= run->done < piece->len ? run->done : piece->len;
		return 0;
	}
	ret = run_read(run, piece->start, run->chunk, piece->len, err);
	*equal = !ret && memcmp(run->chunk, want, piece->len) == 0;
	return ret;
}
