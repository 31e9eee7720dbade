/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device/gbe.h"

#include <string.h>

#include "base/bytes.h"

#define SUM_AT    0x7e
#define SUM_WORDS 0x40
#define COVERED   (2 * SUM_WORDS) /* bytes */
#define SUM       0xbaba

static uint16_t sum_words(const uint8_t *copy, size_t words)
{
	uint16_t sum = 0;

	for (size_t i = 0; i < words; i++)
		sum = (uint16_t)(sum + le16(copy + 2 * i));
	return sum;
}

/* The words that the sum covers; what is behind them may be anything. */
static bool is_blank(const uint8_t *copy)
{
	return bytes_all(copy, COVERED, 0xff) || bytes_all(copy, COVERED, 0);
}

static bool is_valid(const uint8_t *copy)
{
	return sum_words(copy, SUM_WORDS) == SUM;
}

static const uint8_t *best_copy(const uint8_t *gbe, size_t len)
{
	const uint8_t *best = NULL;

	for (size_t at = 0; at + GBE_COPY_LEN <= len; at += GBE_COPY_LEN) {
		if (!is_blank(gbe + at) && is_valid(gbe + at))
			return gbe + at;
		if (!best && !is_blank(gbe + at))
			best = gbe + at;
	}
	return best;
}

const char *gbe_read_mac(const uint8_t *gbe, size_t len, uint8_t mac[IDNUM_MAC_LEN])
{
	const uint8_t *best = best_copy(gbe, len);

	memset(mac, 0xff, IDNUM_MAC_LEN);
	if (!best)
		return "blank";
	memcpy(mac, best, IDNUM_MAC_LEN);
	if (!is_valid(best))
		return "checksum wrong";
	for (size_t at = 0; at + GBE_COPY_LEN <= len; at += GBE_COPY_LEN)
		if (is_valid(gbe + at) && memcmp(gbe + at, best, IDNUM_MAC_LEN) != 0)
			return "the two copies hold different addresses";
	return NULL;
}

bool gbe_has_valid_copy(const uint8_t *gbe, size_t len)
{
	const uint8_t *best = best_copy(gbe, len);

	return best && is_valid(best);
}

bool gbe_write_mac(uint8_t *gbe, size_t len, const uint8_t mac[IDNUM_MAC_LEN])
{
	const uint8_t *best = best_copy(gbe, len);
	bool written = false;

	for (size_t at = 0; at + GBE_COPY_LEN <= len; at += GBE_COPY_LEN) {
		uint8_t *copy = gbe + at;
		uint16_t sum;

		if (is_blank(copy))
			continue;
		/* A right sum over damaged settings would make the controller take them. */
		if (copy != best && is_valid(best) && !is_valid(copy))
			memcpy(copy, best, COVERED);
		memcpy(copy, mac, IDNUM_MAC_LEN);
		sum = (uint16_t)(SUM - sum_words(copy, SUM_WORDS - 1));
		copy[SUM_AT] = (uint8_t)sum;
		copy[SUM_AT + 1] = (uint8_t)(sum >> 8);
		written = true;
	}
	return written;
}
