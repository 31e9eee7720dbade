/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/suspect.h"

#include <math.h>
#include <string.h>

#include "base/bytes.h"

#define LEAST_BYTES  65536
#define LEAST_VALUES 96 /* of the 128 that a stuck bit leaves; text has fewer */
#define SHIFT_MAX    8
#define SHIFT_PROOF  32 /* bytes that must agree behind the place, */
#define SHIFT_VALUES 8  /* of so many kinds */

/* A value that makes up more than this share of all bytes is filling (FFh, 00h), not contents. */
#define FILLING_SHARE 8

static size_t count_values(const size_t counts[256], size_t len)
{
	size_t values = 0;

	/* Each value of mixed contents comes about len / 256 times; a sixteenth of that will do. */
	for (size_t i = 0; i < 256; i++)
		values += counts[i] > len / 4096;
	return values;
}

/* Two sets of counters: equal bytes in a row would wait for each other's count. */
static void count(const uint8_t *data, size_t len, size_t counts[256])
{
	size_t odd[256] = {0};

	memset(counts, 0, 256 * sizeof(*counts));
	for (size_t i = 0; i + 1 < len; i += 2) {
		counts[data[i]]++;
		odd[data[i + 1]]++;
	}
	if (len % 2)
		counts[data[len - 1]]++;
	for (size_t i = 0; i < 256; i++)
		counts[i] += odd[i];
}

void image_stuck_bits(const uint8_t *data, size_t len, uint8_t *ones, uint8_t *zeros)
{
	size_t counts[256], told = 0;
	uint8_t all = 0xff, any = 0;

	count(data, len, counts);
	*ones = *zeros = 0;
	/* Filling says nothing of a bit that it has as the rest has not. */
	for (size_t i = 0; i < 256; i++) {
		if (!counts[i])
			continue;
		told += counts[i] <= len / FILLING_SHARE ? counts[i] : 0;
		all &= (uint8_t)i;
		any |= (uint8_t)i;
	}
	if (told < LEAST_BYTES || count_values(counts, told) < LEAST_VALUES)
		return;
	*ones = all;
	*zeros = (uint8_t)~any;
}

/* Blank flash with a flipped bit here and there, moved by some bytes, is soon like another such. */
static bool telling(const uint8_t *bytes)
{
	unsigned values = 0;

	for (size_t i = 0; i < SHIFT_PROOF; i++)
		values += !memchr(bytes, bytes[i], i);
	return values >= SHIFT_VALUES;
}

int image_shift(const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t at = 0;

	while (at < len && a[at] == b[at])
		at++;
	/* A table of alike entries equals itself when moved by one of them: what goes on where it was
	 * behind the difference was not moved. */
	if (at + SHIFT_MAX + SHIFT_PROOF > len ||
	    memcmp(a + at + SHIFT_MAX, b + at + SHIFT_MAX, SHIFT_PROOF) == 0)
		return 0;
	for (size_t by = 1; by <= SHIFT_MAX && at + by + SHIFT_PROOF <= len; by++) {
		if (telling(b + at) && memcmp(a + at + by, b + at, SHIFT_PROOF) == 0)
			return (int)by;
		if (telling(a + at) && memcmp(a + at, b + at + by, SHIFT_PROOF) == 0)
			return -(int)by;
	}
	return 0;
}

/* ---- address lines ---- */

#define LINE_LEAST 64
#define LINE_PROOF 4096 /* bytes of contents that must have a copy, filling not counted */

/* Does each piece of `step` bytes equal its neighbour, and is there something in them? */
static bool line_is_lost(const uint8_t *data, uint64_t len, uint64_t step)
{
	uint64_t proof = 0;

	for (uint64_t at = 0; at + 2 * step <= len; at += 2 * step)
		if (memcmp(data + at, data + at + step, step) != 0)
			return false;
	for (uint64_t at = 0; at + 2 * step <= len && proof < LINE_PROOF; at += 2 * step)
		for (uint64_t i = 0; i < step && proof < LINE_PROOF; i += LINE_LEAST)
			proof += bytes_alike(data + at + i, LINE_LEAST) ? 0 : LINE_LEAST;
	return proof >= LINE_PROOF;
}

uint64_t image_address_line(const uint8_t *data, uint64_t len)
{
	for (uint64_t step = LINE_LEAST; step <= len / 2; step *= 2)
		if (len % (2 * step) == 0 && line_is_lost(data, len, step))
			return step;
	return 0;
}

/* ---- bursts of zeros ---- */

#define BURST_LEN   64u
#define BURST_MOST  (256u << 10)
#define BURST_COUNT 16u

struct beat {
	uint64_t start, distance;
	unsigned count;
};

static void burst_seen(struct beat *beat, uint64_t start)
{
	uint64_t distance = start - beat->start, slack = beat->distance / 16;
	bool like = distance + slack >= beat->distance && distance <= beat->distance + slack;

	beat->count = like ? beat->count + 1 : 1;
	if (!like)
		beat->distance = distance;
	beat->start = start;
}

bool image_zero_bursts(const uint8_t *data, size_t len)
{
	struct beat beat = {0};
	uint64_t run = 0;

	for (uint64_t at = 0; at <= len; at++) {
		if (at < len && data[at] == 0) {
			run++;
			continue;
		}
		if (!run && at < len) {
			const uint8_t *next = memchr(data + at, 0, len - at);

			at = next ? (uint64_t)(next - data) - 1 : len;
			continue;
		}
		if (run >= BURST_LEN && run < BURST_MOST && (at % 16 || (at - run) % 16))
			burst_seen(&beat, at - run);
		if (beat.count >= BURST_COUNT)
			return true;
		run = 0;
	}
	return false;
}

unsigned image_entropy(const uint8_t *data, size_t len)
{
	size_t counts[256];
	double bits = 0;

	count(data, len, counts);
	for (size_t i = 0; i < 256; i++)
		if (counts[i])
			bits -= (double)counts[i] / (double)len *
			        log2((double)counts[i] / (double)len);
	return (unsigned)(bits * 1000 + 0.5);
}
