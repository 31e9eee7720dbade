/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify: compare, and tell a difference in the chip from a difference between two reads. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "job/run.h"

#define DOUBTS_MAX 16u /* differing blocks that are read a second time */

struct verify {
	struct run run;
	const uint8_t *image;
	uint8_t *blank; /* owned; a chunk of FFh, when there is no image */
	struct verify_result *result;
	unsigned doubted;
};

static const uint8_t *expected(const struct verify *v, uint64_t addr)
{
	return v->image ? v->image + addr : v->blank;
}

/* The block read as `first`, which is not what was expected. Does it read the same again? */
static int doubt(struct verify *v, uint64_t addr, const uint8_t *first, size_t len,
                 struct np_error *err)
{
	int ret;

	if (v->doubted >= DOUBTS_MAX)
		return 0;
	v->doubted++;
	ret = run_read(&v->run, addr, v->run.ballots, len, err);
	if (!ret && memcmp(first, v->run.ballots, len) != 0)
		v->result->unstable = true;
	return ret;
}

static void count(struct verify *v, uint64_t addr, const uint8_t *found, const uint8_t *want,
                  size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (found[i] == want[i])
			continue;
		if (!v->result->differing_bytes++) {
			v->result->first = addr + i;
			v->result->chip_byte = found[i];
			v->result->image_byte = want[i];
		}
	}
}

static int look_closer(struct verify *v, uint64_t addr, size_t len, bool by_crc,
                       struct np_error *err)
{
	const uint8_t *want = expected(v, addr);
	bool differs = false;
	int ret = by_crc ? run_read(&v->run, addr, v->run.chunk, len, err) : 0;
	uint64_t done = v->run.done;

	for (size_t at = 0, n; at < len && !ret; at += n) {
		n = len - at < JOB_BLOCK ? len - at : JOB_BLOCK;
		if (memcmp(v->run.chunk + at, want + at, n) == 0)
			continue;
		differs = true;
		count(v, addr + at, v->run.chunk + at, want + at, n);
		ret = doubt(v, addr + at, v->run.chunk + at, n, err);
	}
	/* The CRC said no and the bytes say yes: two reads that disagree. */
	if (!ret && !differs)
		v->result->unstable = true;
	v->run.done = done;
	return ret;
}

static int compare(struct verify *v, struct np_range range, struct np_error *err)
{
	size_t most = run_has_crc(&v->run) ? JOB_CRC : v->run.chunk_len;
	uint64_t end = range.start + range.len;
	int ret = 0;

	for (uint64_t at = range.start, n; at < end && !ret; at += n) {
		bool equal, by_crc;

		n = end - at < most ? end - at : most;
		ret = run_equal(&v->run, at, expected(v, at), n, &equal, &by_crc, err);
		if (!ret && !equal)
			ret = look_closer(v, at, n, by_crc, err);
	}
	return ret;
}

static int judge(const struct verify_result *r, bool image, struct np_error *err)
{
	if (r->unstable) {
		np_fail(err, NP_E_UNSTABLE, "two reads of the same bytes disagree%s",
		        r->differing_bytes ? ", so the difference means nothing" : "");
		return np_hint(
			err, "bad contact: clean the pins, reseat the clip, shorten the wires, or "
			     "try a lower --speed");
	}
	if (!r->differing_bytes)
		return 0;
	return np_fail(err, NP_E_VERIFY,
	               "%" PRIu64 " byte%s differ%s, first at 0x%06" PRIx64 ": chip %02x, %s %02x",
	               r->differing_bytes, r->differing_bytes == 1 ? "" : "s",
	               r->differing_bytes == 1 ? "s" : "", r->first, r->chip_byte,
	               image ? "image" : "blank is", r->image_byte);
}

int job_verify(struct job *job, const uint8_t *image, const struct np_ranges *only,
               struct verify_result *result, struct np_error *err)
{
	struct verify v = {.image = image, .result = result};
	struct np_ranges ranges = {0};
	int ret = run_open(&v.run, job, JOB_CHUNK, err);

	memset(result, 0, sizeof(*result));
	if (ret)
		return ret;
	if (!image) {
		v.blank = malloc(JOB_CHUNK);
		if (!v.blank)
			ret = np_fail(err, NP_E_MEMORY, "out of memory");
		else
			memset(v.blank, 0xff, JOB_CHUNK);
	}
	if (!ret)
		ret = ranges_intersect(only, NULL, v.run.size, &ranges, err);
	run_phase(&v.run, NP_PHASE_VERIFY, np_ranges_bytes(&ranges));
	for (size_t i = 0; i < ranges.count && !ret; i++)
		ret = compare(&v, ranges.at[i], err);
	run_phase_end(&v.run);
	if (!ret && (result->differing_bytes || result->unstable))
		ret = run_alive(&v.run, err);
	if (!ret)
		ret = judge(result, image != NULL, err);
	np_ranges_free(&ranges);
	free(v.blank);
	run_close(&v.run);
	return ret;
}
