/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was read, judged as a read: see image/suspect.h for the signs. */
#include <string.h>

#include "base/bytes.h"
#include "image/suspect.h"
#include "job/run.h"

#define PIECE_LEAST (256u << 10)

static bool all_are(const uint8_t *image, const struct np_ranges *ranges, uint8_t value)
{
	for (size_t i = 0; i < ranges->count; i++)
		if (!bytes_all(image + ranges->at[i].start, ranges->at[i].len, value))
			return false;
	return ranges->count > 0;
}

/* Signs that only one piece, read at a stretch, can show. */
static void look_at_piece(struct manifest_contents *c, const uint8_t *piece, size_t len)
{
	c->equal_halves = len % 2 == 0 && memcmp(piece, piece + len / 2, len / 2) == 0;
	c->mirror = image_address_line(piece, len);
	if (c->mirror == len / 2)
		c->mirror = 0; /* is told as equal halves */
	c->address_line = c->mirror > 0;
	image_stuck_bits(piece, len, &c->stuck_ones, &c->stuck_zeros);
	c->stuck_bits = c->stuck_ones || c->stuck_zeros;
	c->entropy = image_entropy(piece, len);
}

void contents_look(struct manifest_contents *c, const uint8_t *image,
                   const struct np_ranges *ranges)
{
	c->all_ff = all_are(image, ranges, 0xff);
	c->all_00 = all_are(image, ranges, 0x00);
	if (c->all_ff || c->all_00)
		return;
	/* A small piece may well be two copies of something. */
	if (ranges->count == 1 && ranges->at[0].len >= PIECE_LEAST)
		look_at_piece(c, image + ranges->at[0].start, ranges->at[0].len);
	for (size_t i = 0; i < ranges->count; i++)
		c->zero_bursts |= image_zero_bursts(image + ranges->at[i].start, ranges->at[i].len);
}

const struct manifest_contents *run_contents(struct run *run, const uint8_t *image,
                                             const struct np_ranges *ranges)
{
	bool whole = ranges->count == 1 && ranges->at[0].len == run->size;

	/* A vote may have changed what is in the image. */
	if (!whole || !run->looked || run->looked_voted != run->voted) {
		run->contents = (struct manifest_contents){0};
		contents_look(&run->contents, image, ranges);
	}
	run->looked = whole;
	run->looked_voted = run->voted;
	run->contents.shifted = run->shifted;
	return &run->contents;
}
