/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "image/suspect.h"
#include "job/gate/gate.h"

/* Judged only where the whole chip was read and is to be written, because its backup is then the
 * only copy. */
static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	uint8_t ones, zeros;

	(void)err;
	if (facts->based || !facts_know(facts, (struct np_range){0, facts->size}) ||
	    !selection_is_whole(&facts->intent->selection))
		return 0;
	image_stuck_bits(facts->have, facts->size, &ones, &zeros);
	if (!ones && !zeros)
		return 0;
	gate_refuse(verdict, NP_E_UNSTABLE,
	            "what the chip holds was read badly: in every byte the bits %02X are ones and "
	            "the bits %02X zeros",
	            ones, zeros);
	return gate_hint(verdict, "`norprog doctor` looks at the wires; if the chip really holds "
	                          "that, --override bad-read");
}

const struct gate gate_bad_read = {
	.name = "bad-read",
	.stage = GATE_READ,
	.jobs = GATE_NEW,
	.can_be_overridden = true,
	.protects = "The backup: contents with a bit that never changes were read through a bad "
		    "line, and what is erased then is lost.",
	.ask = ask,
};
