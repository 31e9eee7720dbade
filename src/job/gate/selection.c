/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <inttypes.h>

#include "job/gate/gate.h"

/* Does anything of the set lie behind the chip's end? */
static bool beyond(const struct facts *facts, const struct np_ranges *set)
{
	return np_ranges_overlap(set, (struct np_range){facts->size, UINT64_MAX - facts->size});
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent *intent = facts->intent;
	const struct selection *sel = &intent->selection;
	const struct np_ranges *covers = &intent->image.covers;

	(void)err;
	if (beyond(facts, &sel->only) || beyond(facts, &sel->keep) || beyond(facts, &sel->todo))
		return gate_refuse(verdict, NP_E_RANGE,
		                   "a range reaches beyond the chip's %" PRIu64 " bytes",
		                   facts->size);
	if (!intent->image.data && facts->job_bit & GATE_IMAGE)
		return gate_refuse(verdict, NP_E_INPUT, "there is no image to %s",
		                   intent_operation_name(intent->operation));
	for (size_t i = 0; covers->count && i < sel->todo.count; i++)
		if (!np_ranges_contain(covers, sel->todo.at[i]))
			return gate_refuse(verdict, NP_E_RANGE,
			                   "the image does not hold all of 0x%06" PRIx64
			                   "+%" PRIu64,
			                   sel->todo.at[i].start, sel->todo.at[i].len);
	return 0;
}

const struct gate gate_selection = {
	.name = "selection",
	.stage = GATE_ASKED,
	.jobs = GATE_NEW | GATE_VERIFY,
	.ends = true,
	.protects = "Protects what the image says nothing about: the selection must lie "
		    "within the chip and within what the image holds.",
	.ask = ask,
};
