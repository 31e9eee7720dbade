/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>

#include "job/gate/gate.h"
#include "job/run.h"

/* What speaks against the read, half a sentence into `text`; false: nothing does. Equal halves are the
 * gate `mirror`'s. */
static bool betrays(const struct manifest_contents *c, char *text, size_t len)
{
	char distance[32];

	if (c->stuck_bits)
		snprintf(text, len, "in every byte the bits %02X are ones and the bits %02X zeros",
		         c->stuck_ones, c->stuck_zeros);
	else if (c->all_00)
		snprintf(text, len, "every byte is 00");
	else if (c->address_line)
		snprintf(text, len, "the same stands twice, %s apart: an address line is lost",
		         np_format_size(c->mirror, distance, sizeof(distance)));
	else if (c->zero_bursts)
		snprintf(text, len, "zeros at a steady beat: the supply breaks down");
	else if (c->shifted)
		snprintf(text, len, "bytes were lost on the way, so that the rest was shifted");
	else
		return false;
	return true;
}

/* Judged only where the whole chip was read and is to be written, because its backup is then the
 * only copy. A blank chip is no bad sign: the commonest chip to be written whole is a new one. */
static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	struct np_range whole = {0, facts->size};
	char text[128];

	(void)err;
	if (facts->based || !facts_know(facts, whole) ||
	    !selection_is_whole(&facts->intent->selection))
		return 0;
	if (!betrays(run_contents(facts->run, facts->have, &(struct np_ranges){&whole, 1, 1}), text,
	             sizeof(text)))
		return 0;
	gate_refuse(verdict, NP_E_UNSTABLE, "what the chip holds was read badly: %s", text);
	return gate_hint(verdict, "`norprog doctor` looks at the wires; if the chip really holds "
	                          "that, --override bad-read");
}

const struct gate gate_bad_read = {
	.name = "bad-read",
	.stage = GATE_READ,
	.jobs = GATE_NEW,
	.can_be_overridden = true,
	.protects = "Protects what a bad backup would lose: a bit or an address line that "
		    "never changes, bursts of zeros or lost bytes are signs that the chip was "
		    "read through a bad line.",
	.ask = ask,
};
