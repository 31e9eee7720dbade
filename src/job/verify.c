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

static int look_closer(struct verify *v, struct np_range piece, bool by_crc, struct np_error *err)
{
	struct np_walk walk = {&(struct np_ranges){&piece, 1, 1}, JOB_BLOCK, 0, 0};
	const uint8_t *want = expected(v, piece.start);
	struct np_range block;
	bool differs = false;
	int ret = by_crc ? run_read(&v->run, piece.start, v->run.chunk, piece.len, err) : 0;
	uint64_t done = v->run.done;

	while (!ret && np_walk_piece(&walk, &block)) {
		size_t at = block.start - piece.start;

		if (memcmp(v->run.chunk + at, want + at, block.len) == 0) {
			run_block(&v->run, NP_BLOCK_SAME, block.start, block.len);
			continue;
		}
		differs = true;
		run_block(&v->run, NP_BLOCK_DIFFERS, block.start, block.len);
		count(v, block.start, v->run.chunk + at, want + at, block.len);
		ret = doubt(v, block.start, v->run.chunk + at, block.len, err);
	}
	/* The far-end CRC differs and the bytes do not: two reads disagree. */
	if (!ret && !differs)
		v->result->unstable = true;
	v->run.done = done;
	return ret;
}

static int compare(struct verify *v, const struct np_ranges *ranges, struct np_error *err)
{
	struct np_range piece;
	struct looks looks;
	bool more = true;
	int ret = 0;

	run_looks_begin(&v->run, &looks, ranges, v->run.chunk_len);
	while (!ret && more) {
		bool equal = true;

		v->run.reading = NP_BLOCK_READ;
		ret = run_looks_next(&v->run, &looks, &piece, &more, err);
		if (!ret && more)
			ret = run_looks_equal(&v->run, &looks, expected(v, piece.start), &equal,
			                      err);
		v->run.reading = NP_BLOCK_NONE;
		if (!ret && more && equal)
			run_block(&v->run, NP_BLOCK_SAME, piece.start, piece.len);
		if (!ret && !equal)
			ret = look_closer(v, piece, looks.by_crc, err);
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

static int ask(struct verify *v, struct intent *intent, struct np_error *err)
{
	struct refusal refusal = {0};
	struct facts facts = {.job_bit = GATE_VERIFY,
	                      .run = &v->run,
	                      .job = v->run.job,
	                      .chip = nor_info(v->run.nor),
	                      .size = v->run.size,
	                      .intent = intent,
	                      .overrides = &intent->overrides};

	return gates_ask(&facts, GATE_ASKED, false, &refusal, err);
}

static int verify(struct verify *v, const struct np_ranges *ranges, struct np_error *err)
{
	int ret;

	if (!v->image) {
		v->blank = malloc(JOB_CHUNK);
		if (!v->blank)
			return np_fail(err, NP_E_MEMORY, "out of memory");
		memset(v->blank, 0xff, JOB_CHUNK);
	}
	run_phase(&v->run, NP_PHASE_VERIFY, np_ranges_bytes(ranges));
	ret = compare(v, ranges, err);
	run_phase_end(&v->run);
	/* A chip that is gone differs from most images, and is equal to a blank one. */
	if (!ret)
		ret = run_alive(&v->run, err);
	return ret ? ret : judge(v->result, v->image != NULL, err);
}

int job_verify(struct job *job, struct intent *intent, struct verify_result *result,
               struct np_error *err)
{
	struct verify v = {.image = intent->image.data, .result = result};
	int ret;

	memset(result, 0, sizeof(*result));
	ret = intent_settle(intent, nor_info(job->nor)->size, err);
	if (!ret)
		ret = run_open(&v.run, job, JOB_CHUNK, err);
	if (ret)
		return ret;
	ret = ask(&v, intent, err);
	if (!ret)
		ret = verify(&v, &intent->selection.todo, err);
	free(v.blank);
	run_close(&v.run);
	return ret;
}
