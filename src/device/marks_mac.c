/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as six bytes. Alone, six bytes prove nothing; two relatives in two places do, and so
 * does a relative of an address that stands in calibration or in a text. */
#include <stdlib.h>
#include <string.h>

#include "device/marks_priv.h"

#define PREFIX    5   /* bytes that relatives share: vendors count in the last */
#define NEAR      64  /* and not far */
#define SET_APART 8   /* blanks on both sides of an address that nothing else confirms */
#define LONERS    512 /* of these that are compared */
#define HITS      64  /* places where one address is looked for */

static bool related(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, PREFIX) == 0 && abs(a[PREFIX] - b[PREFIX]) <= NEAR;
}

static bool marked(const struct mark_search *s, uint64_t at)
{
	for (size_t i = 0; i < s->marks->count; i++) {
		const struct np_range *range = &s->marks->at[i].at;

		if (at >= range->start && at + IDNUM_MAC_LEN <= range->start + range->len)
			return true;
	}
	return false;
}

static void add(struct mark_search *s, uint64_t at)
{
	char text[IDNUM_MAC_TEXT];

	if (!marked(s, at))
		mark_add(s, MARK_MAC, (struct np_range){at, IDNUM_MAC_LEN}, "MAC %s",
		         idnum_mac_format(s->data + at, text));
}

static void find_relatives(struct mark_search *s, const uint8_t *mac)
{
	const uint8_t *at = s->data, *end = s->data + s->len;

	for (unsigned hits = 0; hits < HITS; hits++) {
		at = memmem(at, (size_t)(end - at), mac, PREFIX);
		if (!at || end - at < IDNUM_MAC_LEN)
			return;
		if (related(at, mac))
			add(s, (uint64_t)(at - s->data));
		at++;
	}
}

/* Small numbers between zeros look like addresses, and have more zeros than those. */
static bool dense(const uint8_t *p)
{
	unsigned zeros = 0;

	for (size_t i = 0; i < IDNUM_MAC_LEN; i++)
		zeros += !p[i] || p[i] == 0xff;
	return zeros <= 2 && (p[1] || p[2]);
}

/* Six bytes that blanks surround. */
static bool loner(const struct mark_search *s, uint64_t at)
{
	const uint8_t *p = s->data + at;

	return p[0] != 0xff && dense(p) && mark_mac_real(p) &&
	       mark_blank(s, (int64_t)at - SET_APART, SET_APART) &&
	       mark_blank(s, (int64_t)at + IDNUM_MAC_LEN, SET_APART);
}

/* From `at`, which is blank, to where other bytes begin. */
static uint64_t blanks_end(const struct mark_search *s, uint64_t at)
{
	uint8_t value = s->data[at];
	uint8_t eight[8];

	memset(eight, value, sizeof(eight));
	while (at + sizeof(eight) <= s->len && memcmp(s->data + at, eight, sizeof(eight)) == 0)
		at += sizeof(eight);
	while (at < s->len && s->data[at] == value)
		at++;
	return at;
}

static size_t find_loners(const struct mark_search *s, uint64_t *places)
{
	size_t count = 0;

	/* Eight blanks in a row hold one of every eight bytes. Where they end is looked, and an
	 * address may begin with two zeros. */
	for (uint64_t blank = 0; blank < s->len && count < LONERS; blank += SET_APART) {
		uint64_t end;

		if (s->data[blank] != 0xff && s->data[blank] != 0)
			continue;
		end = blanks_end(s, blank);
		for (uint64_t at = end > 2 ? end - 2 : 0; at <= end && count < LONERS; at++)
			if (at + IDNUM_MAC_LEN <= s->len && loner(s, at))
				places[count++] = at;
		blank = end - end % SET_APART;
	}
	return count;
}

void mark_macs(struct mark_search *s)
{
	uint64_t *places = malloc(LONERS * sizeof(*places));
	size_t count;

	if (!places) {
		s->failed = true;
		return;
	}
	count = find_loners(s, places);
	for (size_t i = 0; i < s->anchor_count; i++)
		find_relatives(s, s->anchors[i].mac);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++)
			if (k != i && related(s->data + places[i], s->data + places[k])) {
				add(s, places[i]);
				break;
			}
	free(places);
}
