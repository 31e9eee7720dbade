/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fingerprints for chips without a unique ID: checksums of small places outside the job, noted
 * when it begins. A later resume compares them to find out whether the same chip is on the clip. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "job/resume.h"
#include "job/write.h"

#define LEN     FINGERPRINT_LEN
#define STRIDES 64u         /* places spread over the chip */
#define TAIL    (64u << 10) /* where most devices keep what is their own, looked at more closely */
#define CLOSE   (4u << 10)  /* the distance there */
#define FIELDS  128u        /* of the profile, at most */
#define READS   3u          /* of a place that differs: it may be a bit that flipped on the line */
#define MOST    (STRIDES + TAIL / CLOSE + FIELDS)

struct places {
	uint32_t at[MOST];
	size_t count;
};

static void add_place(struct places *places, const struct np_ranges *touched, uint64_t addr)
{
	uint32_t at = (uint32_t)(addr / LEN * LEN);

	if (places->count < MOST && !np_ranges_overlap(touched, (struct np_range){at, LEN}))
		places->at[places->count++] = at;
}

static int ascending(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void drop_twins(struct places *places)
{
	size_t n = 0;

	qsort(places->at, places->count, sizeof(places->at[0]), ascending);
	for (size_t i = 0; i < places->count; i++)
		if (!n || places->at[n - 1] != places->at[i])
			places->at[n++] = places->at[i];
	places->count = n;
}

/* The profile's fields are what two units of one device differ in. */
static void choose(struct places *places, const struct write_job *wj,
                   const struct np_ranges *touched)
{
	uint64_t size = wj->run.size;

	for (size_t i = 0; wj->guard && i < wj->guard->field_count && i < FIELDS; i++)
		if (wj->guard->fields[i].start < size)
			add_place(places, touched, wj->guard->fields[i].start);
	for (uint64_t i = 0; i < STRIDES; i++)
		add_place(places, touched, size / STRIDES * i);
	for (uint64_t at = size > TAIL ? size - TAIL : 0; at < size; at += CLOSE)
		add_place(places, touched, at);
	drop_twins(places);
}

static int read_places(struct run *run, const struct places *places, uint8_t *buf,
                       struct np_error *err)
{
	int ret = places->count ? run_step(run, err) : 0;

	return ret || !places->count
	               ? ret
	               : nor_read_spots(run->nor, places->at, places->count, LEN, buf, err);
}

int write_take_fingerprints(struct write_job *wj, struct journal *journal, struct np_error *err)
{
	struct places places = {.count = 0};
	uint8_t first[MOST][LEN], second[MOST][LEN];
	int ret;

	if (nor_info(wj->run.nor)->uid_len)
		return 0;
	choose(&places, wj, &journal->touched);
	ret = read_places(&wj->run, &places, first[0], err);
	if (!ret)
		ret = read_places(&wj->run, &places, second[0], err);
	if (ret || !places.count)
		return ret;
	journal->fingerprints = calloc(places.count, sizeof(*journal->fingerprints));
	if (!journal->fingerprints)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	for (size_t i = 0; i < places.count; i++)
		/* A place that reads differently each time would make the chip look like another
		 * one later. */
		if (memcmp(first[i], second[i], LEN) == 0)
			journal->fingerprints[journal->fingerprint_count++] =
				(struct fingerprint){places.at[i], np_crc32(0, first[i], LEN)};
	return run_alive(&wj->run, err);
}

/* ---- comparing them ---- */

/* Is the place as it was? One that is blank, or all of one byte, is the same on many chips, so
 * its match proves nothing and is not counted. */
static int compare_place(struct run *run, const struct fingerprint *fingerprint, uint8_t *seen,
                         struct match *match, struct np_error *err)
{
	int ret = 0;

	for (unsigned i = 1; i < READS && !ret && np_crc32(0, seen, LEN) != fingerprint->crc; i++)
		ret = run_read(run, fingerprint->start, seen, LEN, err);
	if (ret)
		return ret;
	if (np_crc32(0, seen, LEN) == fingerprint->crc) {
		match->same += !bytes_all(seen, LEN, seen[0]);
	} else if (!match->differs) {
		match->differs = true;
		match->addr = fingerprint->start;
	}
	return 0;
}

int run_match_fingerprints(struct run *run, const struct journal *journal, struct match *match,
                           struct np_error *err)
{
	struct places places = {.count = 0};
	uint8_t seen[MOST][LEN];
	int ret;

	*match = (struct match){.same = 0};
	for (size_t i = 0; i < journal->fingerprint_count && i < MOST; i++)
		places.at[places.count++] = (uint32_t)journal->fingerprints[i].start;
	ret = read_places(run, &places, seen[0], err);
	for (size_t i = 0; i < places.count && !ret && !match->differs; i++)
		ret = compare_place(run, &journal->fingerprints[i], seen[i], match, err);
	return ret ? ret : run_alive(run, err);
}

/* How many blocks of the job hold what was saved or what was to be written, and thus point to
 * this chip. The block in flux and bytes known only from --base are left out. */
static unsigned count_blocks(const struct resume *r)
{
	struct np_walk walk = {&r->journal.touched, JOB_BLOCK, 0, 0};
	struct np_range block;
	unsigned blocks = 0;

	while (np_walk_piece(&walk, &block)) {
		const uint8_t *have = r->have + block.start;

		blocks += !np_ranges_overlap(&r->suspect, block) &&
		          !np_ranges_overlap(&r->journal.unread, block) &&
		          !bytes_all(have, block.len, have[0]);
	}
	return blocks;
}

int resume_match_chip(const struct resume *r, struct run *run, struct match *match,
                      struct np_error *err)
{
	int ret = run_match_fingerprints(run, &r->journal, match, err);

	match->same += ret ? 0 : count_blocks(r);
	return ret;
}
