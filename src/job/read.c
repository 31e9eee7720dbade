/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading with trust: second reads that compare, and the vote where they disagree. */
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "image/suspect.h"
#include "job/run.h"
#include "store/ahead.h"

#define PROBE_STRIDE (256u << 10)
#define PROBE_PAGE   256u
#define PROBE_PAGES  4u /* per stride */
#define PROBE_TRIES \
	16u /* so many pages are tried to find one that is not blank, which could
			    show a flipped bit */
#define LOWEST_HZ 100000u

int run_read_once(struct run *run, const struct np_ranges *ranges, uint8_t *image,
                  struct np_error *err)
{
	const struct np_range *last;
	int ret = 0;

	if (!run->following)
		ahead_wait(run->ahead);
	run->reading = NP_BLOCK_READ;
	for (size_t i = 0; i + 1 < ranges->count && !ret; i++)
		ret = run_read(run, ranges->at[i].start, image + ranges->at[i].start,
		               ranges->at[i].len, err);
	if (!ret && ranges->count) {
		last = &ranges->at[ranges->count - 1];
		ret = run_read_last(run, last->start, image + last->start, last->len, err);
	}
	run->reading = NP_BLOCK_NONE;
	return ret || ranges->count ? ret : run_alive(run, err);
}

int run_read_followed(struct run *run, const struct np_ranges *ranges, uint8_t *image,
                      struct np_error *err)
{
	int ret;

	run->following = true;
	ret = run_read_once(run, ranges, image, err);
	run->following = false;
	if (!ret)
		ahead_reached(run->ahead, run->size);
	return ret;
}

bool run_lower_clock(struct run *run)
{
	struct spi_bus *bus = nor_bus(run->nor);
	const struct spi_caps *caps = spi_caps(bus);
	uint32_t hz = caps->hz;
	char text[32];

	if (run->clock_lowered || run->job->keep_clock || hz / 2 < caps->hz_min ||
	    hz / 2 < LOWEST_HZ || caps->hz_min == caps->hz_max)
		return false;
	run->clock_lowered = true;
	if (spi_set_hz(bus, hz / 2, NULL) != 0 || spi_caps(bus)->hz >= hz)
		return false;
	run_tell(run, NP_EV_NOTE, "reads disagree: the clock is lowered to %s",
	         np_format_hz(spi_caps(bus)->hz, text, sizeof(text)));
	return true;
}

/* ---- the vote ---- */

/* What one block was read as, and how often. */
struct ballot {
	uint8_t *value[JOB_READS_MAX];
	unsigned votes[JOB_READS_MAX];
	unsigned kinds, total;
};

static void cast(struct ballot *ballot, uint8_t *value, size_t len)
{
	ballot->total++;
	for (unsigned i = 0; i < ballot->kinds; i++) {
		if (memcmp(ballot->value[i], value, len) == 0) {
			ballot->votes[i]++;
			return;
		}
	}
	ballot->value[ballot->kinds] = value;
	ballot->votes[ballot->kinds++] = 1;
}

static const uint8_t *majority(const struct ballot *ballot)
{
	for (unsigned i = 0; i < ballot->kinds; i++)
		if (2 * ballot->votes[i] > ballot->total)
			return ballot->value[i];
	return NULL;
}

/*
 * Two readings of a block disagree: `image`, which stands for `made` equal reads, and `other`. Up
 * to five more reads look for a strict majority, which goes to image.
 */
static int vote(struct run *run, uint64_t addr, uint8_t *image, const uint8_t *other, size_t len,
                unsigned made, struct np_error *err)
{
	struct ballot ballot = {.kinds = 0};
	const uint8_t *winner = NULL;
	uint64_t done = run->done;
	int ret = 0;

	memcpy(run->ballots, image, len);
	cast(&ballot, run->ballots, len);
	ballot.total = ballot.votes[0] = made;
	memcpy(run->ballots + JOB_BLOCK, other, len);
	cast(&ballot, run->ballots + JOB_BLOCK, len);
	for (unsigned i = 2; i < JOB_READS_MAX && !winner && !ret; i++) {
		uint8_t *again = run->ballots + (size_t)i * JOB_BLOCK;

		ret = run_read(run, addr, again, len, err);
		if (ret)
			return ret;
		cast(&ballot, again, len);
		winner = majority(&ballot);
	}
	run->done = done;
	run->voted++;
	np_log(NP_LOG_DEBUG, "block 0x%06" PRIx64 ": %u reads, %u kinds, %s", addr, ballot.total,
	       ballot.kinds, winner ? "majority" : "no majority");
	run_block(run, winner ? NP_BLOCK_VOTED : NP_BLOCK_UNSTABLE, addr, len);
	if (!winner)
		return np_ranges_add(&run->unstable, (struct np_range){addr, len}, err);
	ahead_wait(run->ahead);
	memcpy(image, winner, len);
	return 0;
}

static void tell_reread(struct run *run, uint64_t addr, uint64_t len)
{
	run_block(run, NP_BLOCK_DISAGREED, addr, len);
	run_emit(run,
	         &(struct np_event){
			 .type = NP_EV_REREAD, .addr = addr, .len = len, .text = "reads disagree"});
}

/* Blocks of a chunk whose second reading (`other`, addressed like the chunk) differs. */
static int vote_chunk(struct run *run, uint64_t addr, uint8_t *image, const uint8_t *other,
                      size_t len, unsigned made, struct np_error *err)
{
	struct np_range chunk = {addr, len}, block;
	struct np_walk walk = {&(struct np_ranges){&chunk, 1, 1}, JOB_BLOCK, 0, 0};
	int ret = 0;

	while (!ret && np_walk_piece(&walk, &block)) {
		uint8_t *first = image + block.start;
		const uint8_t *second = other + (block.start - addr);

		if (np_ranges_contain(&run->unstable, block)) {
			run_block(run, NP_BLOCK_UNSTABLE, block.start, block.len);
			continue;
		}
		if (memcmp(first, second, block.len) == 0) {
			run_block(run, NP_BLOCK_AGREED, block.start, block.len);
			continue;
		}
		tell_reread(run, block.start, block.len);
		run->shifted |= image_shift(first, second, block.len) != 0;
		run_lower_clock(run);
		ret = vote(run, block.start, first, second, block.len, made, err);
	}
	return ret;
}

int run_read_again(struct run *run, const struct np_ranges *ranges, uint8_t *image, unsigned made,
                   struct np_error *err)
{
	struct np_range piece;
	struct looks looks;
	bool more = true;
	int ret = 0;

	run_looks_begin(run, &looks, ranges, run->chunk_len);
	while (!ret && more) {
		uint8_t *first;
		bool equal;

		ret = run_looks_next(run, &looks, &piece, &more, err);
		if (ret || !more)
			break;
		first = image + piece.start;
		run->reading = NP_BLOCK_READ_AGAIN;
		ret = run_looks_equal(run, &looks, first, &equal, err);
		run->reading = NP_BLOCK_NONE;
		if (!ret && equal)
			run_block(run, NP_BLOCK_AGREED, piece.start, piece.len);
		if (ret || equal)
			continue;
		if (looks.by_crc)
			ret = run_read(run, piece.start, run->chunk, piece.len, err);
		if (!ret)
			ret = vote_chunk(run, piece.start, image, run->chunk, piece.len, made, err);
	}
	return ret ? ret : run_alive(run, err);
}

int run_check_stable(const struct run *run, struct np_error *err)
{
	const struct np_ranges *bad = &run->unstable;

	if (!bad->count)
		return 0;
	np_fail(err, NP_E_UNSTABLE,
	        "%" PRIu64 " bytes read differently each time, first at 0x%06" PRIx64,
	        np_ranges_bytes(bad), bad->at[0].start);
	return np_hint(err, "bad contact or too fast a clock: clean the pins, reseat the clip, "
	                    "shorten the wires, or try a lower --speed");
}

int run_check_shifted(const struct run *run, struct np_error *err)
{
	if (!run->shifted)
		return 0;
	np_fail(err, NP_E_UNSTABLE,
	        "bytes were lost on the way from the chip, and what followed was shifted: where two "
	        "reads agree, both may be wrong");
	return np_hint(err,
	               "use another USB port, without a hub; shorten the wires, or try a lower "
	               "--speed; `norprog doctor` looks at the wires");
}

/* Never, where it is known only from --base. */
int run_note_reads(const struct run *run, const struct np_ranges *saved,
                   const struct np_ranges *twice, struct manifest *manifest, struct np_error *err)
{
	struct np_ranges more = {0};
	int ret = manifest_set_reads(manifest, saved, manifest->passes, err);

	if (!ret && twice && manifest->passes < 2)
		ret = np_ranges_intersect(twice, saved, run->size, &more, err);
	if (!ret && more.count)
		ret = manifest_set_reads(manifest, &more, 2, err);
	if (!ret)
		ret = manifest_set_reads(manifest, &manifest->assumed, 0, err);
	np_ranges_free(&more);
	return ret;
}

/* ---- the stability probe ---- */

/* The n-th page to look at in a stride: spread, the same every time, and not blank if that can be
 * had. */
static uint64_t probe_page(const uint8_t *image, uint64_t start, uint64_t pages, unsigned n)
{
	uint64_t addr = start;
	uint32_t random = (uint32_t)(start >> 8) * 2654435761u + n * 40503u + 1;

	for (unsigned i = 0; i < PROBE_TRIES; i++) {
		random = random * 1664525u + 1013904223u;
		addr = start + (random >> 8) % pages * PROBE_PAGE;
		if (!bytes_all(image + addr, PROBE_PAGE, image[addr]))
			break;
	}
	return addr;
}

int run_probe(struct run *run, const uint8_t *image, bool *agrees, struct np_error *err)
{
	uint64_t strides = (run->size + PROBE_STRIDE - 1) / PROBE_STRIDE;
	uint8_t page[PROBE_PAGE];
	int ret = 0;

	*agrees = true;
	run_phase(run, NP_PHASE_PROBE, strides * PROBE_PAGES * PROBE_PAGE);
	for (uint64_t i = 0; i < strides * PROBE_PAGES && !ret && *agrees; i++) {
		uint64_t start = i / PROBE_PAGES * PROBE_STRIDE;
		uint64_t left = run->size - start;
		uint64_t pages = (left < PROBE_STRIDE ? left : PROBE_STRIDE) / PROBE_PAGE;
		uint64_t addr = probe_page(image, start, pages, (unsigned)(i % PROBE_PAGES));

		ret = run_read(run, addr, page, PROBE_PAGE, err);
		if (!ret && memcmp(page, image + addr, PROBE_PAGE) != 0) {
			*agrees = false;
			tell_reread(run, addr, PROBE_PAGE);
		}
	}
	run_phase_end(run);
	return ret ? ret : run_alive(run, err);
}

/* ---- the read job ---- */

static int read_passes(struct run *run, const struct np_ranges *ranges, unsigned passes,
                       uint8_t *image, struct np_error *err)
{
	int ret = 0;

	run->rest_ns = passes * nor_cost_read_ns(run->nor, np_ranges_bytes(ranges));
	for (unsigned pass = 1; pass <= passes && !ret; pass++) {
		run->pass = pass;
		run->passes = passes;
		run_phase(run, NP_PHASE_READ, np_ranges_bytes(ranges));
		if (pass == 1)
			ret = run_read_followed(run, ranges, image, err);
		else
			ret = run_read_again(run, ranges, image, pass - 1, err);
		run_phase_end(run);
		ahead_sync(run->ahead);
	}
	return ret;
}

int job_read(struct job *job, const struct read_options *options, uint8_t *image,
             struct read_result *result, struct np_error *err)
{
	unsigned passes = options->passes ? options->passes : 1;
	struct np_ranges ranges = {0};
	struct run run;
	uint64_t size = nor_info(job->nor)->size;
	int ret;

	memset(result, 0, sizeof(*result));
	/* The second pass of a whole read is one message again, so its buffer is as large. */
	ret = run_open(&run, job, passes > 1 ? size : JOB_BLOCK, err);
	if (ret)
		return ret;
	run.ahead = options->ahead;
	ret = np_ranges_intersect(options->only, NULL, size, &ranges, err);
	if (!ret)
		ret = read_passes(&run, &ranges, passes, image, err);
	if (!ret) {
		result->passes = passes;
		result->disagreed_blocks = run.voted;
		result->contents.shifted = run.shifted;
		contents_look(&result->contents, image, &ranges);
		ret = run_check_stable(&run, err);
		if (!ret)
			ret = run_check_shifted(&run, err);
		result->unstable = run.unstable;
		run.unstable = (struct np_ranges){0};
	}
	np_ranges_free(&ranges);
	run_close(&run);
	return ret;
}

int job_read_manifest(const struct job *job, const struct nor_info *info,
                      const struct read_result *result, const struct nor_protection *status,
                      const struct np_ranges *ranges, struct manifest *manifest,
                      struct np_error *err)
{
	const struct layout *layout = job->layout;
	int ret;

	manifest_begin(manifest, info, job->programmer, "read");
	manifest_note_status(manifest, info, status);
	if (layout && layout->profile)
		memcpy(manifest->profile, layout->name, sizeof(manifest->profile));
	manifest->passes = result->passes;
	manifest->disagreements = result->disagreed_blocks;
	manifest->contents = result->contents;
	ret = manifest_set_reads(manifest, ranges, result->passes, err);
	return ret ? ret : np_ranges_add_all(&manifest->unstable, &result->unstable, err);
}

void read_result_free(struct read_result *result)
{
	np_ranges_free(&result->unstable);
}
