/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/units.h"
#include "job/gate/gate.h"
#include "nor/nor.h"

/* Judged only where the whole chip was read, because samples could miss the difference. */
static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	char size[32];
	uint64_t len, again;

	(void)err;
	if (facts->based || !facts_know(facts, (struct np_range){0, facts->size}) ||
	    facts->size & (facts->size - 1))
		return 0;
	len = nor_image_repeats(facts->have, facts->size);
	if (!len || len == facts->size)
		return 0;
	/* An image that repeats in the same way would be right on such a chip, too. */
	again = nor_image_repeats(facts->want, facts->size);
	if (again && again <= len)
		return 0;
	np_format_size(len, size, sizeof(size));
	gate_refuse(verdict, NP_E_POLICY,
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
	.protects =
		"What lies below: a chip sold as twice its size answers above with a copy, and an "
		"erase there hits the original.",
	.ask = ask,
};
