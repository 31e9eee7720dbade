/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing the chip with what it should hold: the one place that reads again what differs, because
 * only a second reading tells a failed write from bad contact. */
#include <inttypes.h>
#include <string.h>

#include "job/run.h"

/* At most so many differing blocks of a range are compared byte by byte; beyond that whole
 * pieces of JOB_CRC count as different. */
#define CLOSE_LOOKS 64u

/* When the chip stopped answering during the read, the bytes mean nothing: report the contact,
 * not a difference. */
static int unstable(struct run *run, uint64_t addr, struct np_error *err)
{
	int ret = run_alive(run, err);

	if (ret)
		return ret;
	np_fail(err, NP_E_UNSTABLE, "verify 0x%06" PRIx64 ": two reads of the same bytes disagree",
	        addr);
	return np_hint(err,
	               "bad contact: clean the pins, reseat the clip, shorten the wires, or try a "
	               "lower --speed");
}

/* While writing the block is told as in work until it is done. */
static void tell(struct run *run, enum np_block block, struct np_range at)
{
	if (!run->writing)
		run_block(run, block, at.start, at.len);
}

/* The bytes in run->chunk differ from `want`. Find the blocks that differ, and read each again
 * to see whether it differs the same way. */
static int look_closer(struct run *run, struct np_range piece, const uint8_t *want,
                       struct np_ranges *bad, struct np_error *err)
{
	struct np_walk walk = {&(struct np_ranges){&piece, 1, 1}, JOB_BLOCK, 0, 0};
	struct np_range block;
	bool differs = false;
	int ret = 0;

	while (!ret && np_walk_piece(&walk, &block)) {
		size_t at = block.start - piece.start;
		const uint8_t *first = run->chunk + at;

		if (memcmp(first, want + at, block.len) == 0) {
			tell(run, NP_BLOCK_SAME, block);
			continue;
		}
		differs = true;
		tell(run, NP_BLOCK_DIFFERS, block);
		ret = run_read(run, block.start, run->ballots, block.len, err);
		if (!ret && memcmp(first, run->ballots, block.len) != 0)
			return unstable(run, block.start, err);
		if (!ret)
			ret = np_ranges_add(bad, block, err);
	}
	/* The far-end CRC differs and the bytes do not: two reads disagree. */
	return ret || differs ? ret : unstable(run, piece.start, err);
}

static int compare_piece(struct run *run, const struct looks *looks, struct np_range piece,
                         const uint8_t *want, struct np_ranges *bad, struct np_error *err)
{
	uint64_t end;
	bool equal;
	int ret;

	run->reading = run->writing ? NP_BLOCK_NONE : NP_BLOCK_READ;
	ret = run_looks_equal(run, looks, want, &equal, err);
	run->reading = NP_BLOCK_NONE;
	if (!ret && equal)
		tell(run, NP_BLOCK_SAME, piece);
	if (ret || equal)
		return ret;
	end = run->done + (looks->by_crc ? piece.len : 0);
	if (looks->by_crc && np_ranges_bytes(bad) >= CLOSE_LOOKS * JOB_BLOCK)
		ret = np_ranges_add(bad, piece, err);
	else if (looks->by_crc)
		ret = run_read(run, piece.start, run->chunk, piece.len, err);
	if (!ret && !np_ranges_contain(bad, piece))
		ret = look_closer(run, piece, want, bad, err);
	/* Second reads are not counted in the phase's total; while writing, the total counts
	 * blocks, not bytes read. */
	if (!run->writing)
		run_progress(run, piece.start + piece.len, end);
	return ret;
}

int run_compare(struct run *run, uint64_t addr, const uint8_t *want, size_t len,
                struct np_ranges *bad, struct np_error *err)
{
	struct np_range all = {addr, len}, piece;
	const struct np_ranges one = {&all, 1, 1};
	struct looks looks;
	bool more = true;
	int ret = 0;

	run_looks_begin(run, &looks, &one, run->chunk_len);
	while (!ret && more && len) {
		ret = run_looks_next(run, &looks, &piece, &more, err);
		if (!ret && more)
			ret = compare_piece(run, &looks, piece, want + (piece.start - addr), bad,
			                    err);
	}
	return ret;
}
