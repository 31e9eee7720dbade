/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock: start at the fastest that adapter and chip allow, prove it, step down until it holds.
 * Proof is 64 equal IDs, and pages all over the chip that read the same as at a clock eight times
 * slower.
 */
#include <string.h>

#include "base/log.h"
#include "nor/nor_priv.h"

#define PROOF_IDS    64
#define PROOF_PAGES  8
#define PROOF_BYTES  256
#define SLOW_DIVIDER 8
#define SLOW_MAX_HZ  4000000
#define LOWEST_HZ    100000

static int read_pages(struct nor *nor, uint8_t (*pages)[PROOF_BYTES], struct np_error *err)
{
	uint64_t stride = nor->info.size / PROOF_PAGES;
	uint32_t addrs[PROOF_PAGES];
	int ret = 0;

	/* Off the start of each eighth: the first bytes of a block are often blank or a header. */
	for (uint64_t i = 0; i < PROOF_PAGES; i++)
		addrs[i] = (uint32_t)(i * stride + stride / 16 * (i % 4));
	if (nor->caps->max_rx >= PROOF_BYTES)
		return nor_read_spots(nor, addrs, PROOF_PAGES, PROOF_BYTES, pages[0], err);
	for (size_t i = 0; i < PROOF_PAGES && !ret; i++)
		ret = nor_read(nor, addrs[i], pages[i], PROOF_BYTES, NULL, NULL, err);
	return ret;
}

static int holds(struct nor *nor, uint8_t (*truth)[PROOF_BYTES], bool *ok, struct np_error *err)
{
	uint8_t pages[PROOF_PAGES][PROOF_BYTES];
	struct spi_msg uid[NOR_UID_MSGS];
	size_t agreed, count = nor_is_far(nor) ? nor_uid_ask(nor, uid, nor->uid_ahead) : 0;
	int ret = nor_id_repeat_with(nor, PROOF_IDS, &agreed, uid, count, err);

	if (ret)
		return ret;
	nor->info.id_reads += PROOF_IDS;
	nor->info.id_agreed += (uint32_t)agreed;
	*ok = agreed == PROOF_IDS;
	nor->has_uid_ahead = *ok && count;
	if (!*ok || !truth)
		return 0;
	ret = read_pages(nor, pages, err);
	*ok = !ret && memcmp(pages, truth, sizeof(pages)) == 0;
	return ret;
}

static uint32_t limit_hz(const struct nor *nor)
{
	uint32_t chip_mhz = nor->chip.fast_mhz ? nor->chip.fast_mhz : 50;

	return nor->caps->hz_max < chip_mhz * 1000000 ? nor->caps->hz_max : chip_mhz * 1000000;
}

static uint32_t slow_hz(const struct nor *nor, uint32_t hz)
{
	uint32_t slow = hz / SLOW_DIVIDER;

	if (slow > SLOW_MAX_HZ)
		slow = SLOW_MAX_HZ;
	return slow < nor->caps->hz_min ? nor->caps->hz_min : slow;
}

static int unstable(struct nor *nor, struct np_error *err)
{
	np_fail(err, NP_E_UNSTABLE, "reads disagree even at %u kHz", nor->caps->hz / 1000);
	return np_hint(err, "bad contact: clean the pins, reseat the clip, shorten the wires");
}

/* What `hz` is to be measured by: it may be that only a clock far below SLOW_MAX_HZ reads right. */
static int read_truth(struct nor *nor, uint32_t hz, uint8_t (*truth)[PROOF_BYTES],
                      struct np_error *err)
{
	int ret = spi_set_hz(nor->bus, slow_hz(nor, hz), err);

	if (!ret)
		ret = read_pages(nor, truth, err);
	return ret ? ret : spi_set_hz(nor->bus, hz, err);
}

static int step_down(struct nor *nor, struct np_error *err)
{
	uint8_t truth[PROOF_PAGES][PROOF_BYTES];
	uint32_t hz = limit_hz(nor), last = UINT32_MAX;
	bool ok = false;
	int ret = 0;

	while (!ret && !ok) {
		ret = read_truth(nor, hz, truth, err);
		hz = nor->caps->hz;
		if (!ret && hz >= last)
			return unstable(nor, err);
		if (last == UINT32_MAX)
			nor->info.hz_tried = hz;
		if (!ret)
			ret = holds(nor, truth, &ok, err);
		if (ret || ok)
			break;
		np_log(NP_LOG_INFO, "reads disagree at %u kHz: halving the clock", hz / 1000);
		if (hz / 2 < LOWEST_HZ || hz / 2 < nor->caps->hz_min)
			return unstable(nor, err);
		last = hz;
		hz /= 2;
	}
	return ret;
}

int nor_clock_settle(struct nor *nor, struct np_error *err)
{
	bool ok, fixed = nor->caps->hz_min >= nor->caps->hz_max || nor->info.hz;
	int ret;

	nor->info.hz_tried = nor->caps->hz;
	if (fixed) {
		ret = holds(nor, NULL, &ok, err);
		if (!ret && !ok)
			ret = unstable(nor, err);
	} else {
		ret = step_down(nor, err);
	}
	nor->info.hz = nor->caps->hz;
	return ret;
}
