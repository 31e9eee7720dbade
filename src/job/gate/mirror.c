/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/units.h"
#include "job/gate/gate.h"
#include "job/run.h"
#include "nor/nor.h"

#define PIECE  4096u
#define PIECES 16u

/* Samples could miss a difference: what is about to be written over is compared as well. */
static int is_copied(const struct facts *facts, uint64_t len, bool *copied, struct np_error *err)
{
	struct np_walk walk = {facts->known, PIECE, 0, 0};
	uint8_t below[PIECE];
	struct np_range piece;
	unsigned looked_at = 0;
	int ret = 0;

	*copied = true;
	while (!ret && *copied && looked_at < PIECES && np_walk_piece(&walk, &piece)) {
		if (piece.start < len || !np_ranges_overlap(&facts->intent->selection.todo, piece))
			continue;
		ret = run_read(facts->run, piece.start % len, below, piece.len, err);
		*copied = memcmp(below, facts->have + piece.start, piece.len) == 0;
		looked_at++;
	}
	return ret;
}

static bool reaches_beyond(const struct np_ranges *ranges, uint64_t len)
{
	const struct np_range *last = ranges->count ? &ranges->at[ranges->count - 1] : NULL;

	return last && last->start + last->len > len;
}

/* Where only a part was read. Below what there is, a smaller chip is written as it should be. */
static int sample(const struct facts *facts, uint64_t *len, struct np_error *err)
{
	const struct np_ranges *todo = &facts->intent->selection.todo;
	bool copied = true;
	int ret = nor_repeats(facts->run->nor, len, err);

	if (ret || !*len || *len == facts->size)
		return ret;
	if (reaches_beyond(todo, *len) && !facts->based)
		ret = is_copied(facts, *len, &copied, err);
	if (!reaches_beyond(todo, *len) || !copied)
		*len = 0;
	return ret;
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	bool whole = facts_know(facts, (struct np_range){0, facts->size});
	char size[32];
	uint64_t len, again;
	int ret = 0;

	if (facts->size & (facts->size - 1))
		return 0;
	if (whole && !facts->based)
		len = nor_image_repeats(facts->have, facts->size);
	else
		ret = sample(facts, &len, err);
	if (ret || !len || len == facts->size)
		return ret;
	/* An image that repeats in the same way would be right on such a chip, too. */
	again = whole ? nor_image_repeats(facts->want, facts->size) : 0;
	if (again && again <= len)
		return 0;
	np_format_size(len, size, sizeof(size));
	gate_refuse(verdict, NP_E_UNSTABLE,
	            "what the chip holds repeats after %s: it may hold no more than that", size);
	return gate_hint(
		verdict,
		"look at the marking; two equal images on a chip of the full size look the "
		"same: then --override mirror");
}

const struct gate gate_mirror = {
	.name = "mirror",
	.stage = GATE_READ,
	.jobs = GATE_NEW,
	.can_be_overridden = true,
	.protects = "Protects the lower half: a chip that is smaller than it says answers "
		    "behind its end with a copy of what lies below, and an erase there hits "
		    "the original.",
	.ask = ask,
};
