/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/suspect.h"

#include <stdbool.h>
#include <string.h>

#define LEAST_BYTES  65536
#define LEAST_VALUES 96 /* of the 128 that a stuck bit leaves; text has fewer */
#define SHIFT_MAX    8
#define SHIFT_PROOF  32 /* bytes that must agree behind the place, and not be all alike */

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

void image_stuck_bits(const uint8_t *data, size_t len, uint8_t *ones, uint8_t *zeros)
{
	size_t counts[256] = {0}, told = 0;
	uint8_t all = 0xff, any = 0;

	*ones = *zeros = 0;
	for (size_t i = 0; i < len; i++)
		counts[data[i]]++;
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

static bool telling(const uint8_t *bytes)
{
	for (size_t i = 1; i < SHIFT_PROOF; i++)
		if (bytes[i] != bytes[0])
			return true;
	return false;
}

int image_shift(const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t at = 0;

	while (at < len && a[at] == b[at])
		at++;
	for (size_t by = 1; by <= SHIFT_MAX && at + by + SHIFT_PROOF <= len; by++) {
		if (telling(b + at) && memcmp(a + at + by, b + at, SHIFT_PROOF) == 0)
			return (int)by;
		if (telling(a + at) && memcmp(a + at, b + at + by, SHIFT_PROOF) == 0)
			return -(int)by;
	}
	return 0;
}
