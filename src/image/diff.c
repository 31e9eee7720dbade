/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "base/idnum.h"

#define ISLAND_GAP 64
#define BLOCK      4096

/* ---- which islands are this unit's own ---- */

static bool by_layout(struct image_island *island, const struct layout *layout)
{
	struct np_range range = {island->start, island->len};

	for (size_t i = 0; i < layout->field_count; i++) {
		const struct layout_field *field = &layout->fields[i];

		if (field->start < range.start + range.len &&
		    range.start < field->start + field->len) {
			snprintf(island->guess, sizeof(island->guess), "%.60s", field->name);
			return true;
		}
	}
	if (!np_ranges_overlap(&layout->unit, range))
		return false;
	snprintf(island->guess, sizeof(island->guess), "unit region");
	return true;
}

static bool filler(uint8_t byte)
{
	return byte == 0xff || byte == 0;
}

static bool all_text(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isprint(p[i]))
			return false;
	return true;
}

/* Six bytes that are an address on both sides and stand alone among blanks or zeros. */
static bool like_mac(const uint8_t *a, const uint8_t *b, size_t len,
                     const struct image_island *island)
{
	uint64_t end = island->start + island->len;

	if (island->len > IDNUM_MAC_LEN)
		return false;
	for (uint64_t at = end >= IDNUM_MAC_LEN ? end - IDNUM_MAC_LEN : 0; at <= island->start;
	     at++) {
		if (at < 2 || at + IDNUM_MAC_LEN + 2 > len || idnum_mac_flaw(a + at) ||
		    idnum_mac_flaw(b + at) || all_text(a + at, IDNUM_MAC_LEN))
			continue;
		if (filler(a[at - 1]) && filler(a[at - 2]) && filler(a[at + 6]) &&
		    filler(a[at + 7]))
			return true;
	}
	return false;
}

static bool all_digits(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isdigit(p[i]))
			return false;
	return true;
}

static void guess(const uint8_t *a, const uint8_t *b, size_t len, const struct layout *layout,
                  struct image_island *island)
{
	const uint8_t *pa = a + island->start, *pb = b + island->start;

	if (layout && by_layout(island, layout)) {
		island->unit = true;
	} else if (like_mac(a, b, len, island)) {
		island->unit = true;
		snprintf(island->guess, sizeof(island->guess), "MAC address");
	} else if (island->len >= 4 && island->len <= 20 && all_digits(pa, island->len) &&
	           all_digits(pb, island->len)) {
		island->unit = true;
		snprintf(island->guess, sizeof(island->guess), "%llu digits",
		         (unsigned long long)island->len);
	}
}

/* ---- islands ---- */

struct differ {
	const uint8_t *a, *b;
	size_t len, room;
	const struct layout *layout;
	struct image_diff *diff;
	struct image_island open; /* len 0: none */
};

static int close_island(struct differ *d, struct np_error *err)
{
	struct image_diff *diff = d->diff;

	if (!d->open.len)
		return 0;
	if (diff->count == IMAGE_ISLANDS_MAX) {
		diff->more = true;
		return 0;
	}
	if (diff->count == d->room) {
		size_t room = d->room ? d->room * 2 : 32;
		struct image_island *at = realloc(diff->islands, room * sizeof(*at));

		if (!at)
			return np_fail(err, NP_E_MEMORY, "out of memory for differences");
		diff->islands = at;
		d->room = room;
	}
	guess(d->a, d->b, d->len, d->layout, &d->open);
	diff->islands[diff->count++] = d->open;
	d->open = (struct image_island){0};
	return 0;
}

static int differs_at(struct differ *d, size_t at, struct np_error *err)
{
	struct image_diff *diff = d->diff;
	int rc = 0;

	if (!diff->bytes++)
		diff->first = at;
	if (d->open.len && at - (d->open.start + d->open.len) >= ISLAND_GAP)
		rc = close_island(d, err);
	if (!d->open.len || diff->more)
		d->open = (struct image_island){.start = at};
	d->open.len = at - d->open.start + 1;
	d->open.bytes++;
	return rc;
}

int image_diff(const uint8_t *a, const uint8_t *b, size_t len, const struct layout *layout,
               struct image_diff *diff, struct np_error *err)
{
	struct differ d = {.a = a, .b = b, .len = len, .layout = layout, .diff = diff};
	int rc = 0;

	*diff = (struct image_diff){0};
	for (size_t block = 0; block < len && !rc; block += BLOCK) {
		size_t n = len - block < BLOCK ? len - block : BLOCK;

		if (memcmp(a + block, b + block, n) == 0)
			continue;
		for (size_t i = block; i < block + n && !rc; i++)
			if (a[i] != b[i])
				rc = differs_at(&d, i, err);
	}
	if (!rc)
		rc = close_island(&d, err);
	if (rc)
		image_diff_free(diff);
	return rc;
}

void image_diff_free(struct image_diff *diff)
{
	free(diff->islands);
	*diff = (struct image_diff){0};
}

uint64_t image_differing(const uint8_t *a, const uint8_t *b, struct np_range range)
{
	uint64_t bytes = 0;

	for (uint64_t at = range.start; at < range.start + range.len; at++)
		bytes += a[at] != b[at];
	return bytes;
}
