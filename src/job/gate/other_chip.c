/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "job/gate/gate.h"
#include "job/resume.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	(void)err;
	if (!facts->resume->strange)
		return 0;
	gate_refuse(
		verdict, NP_E_POLICY,
		"0x%06" PRIx64
		" holds neither what was saved nor what was to be written: this is another chip, "
		"or something else wrote to it",
		facts->resume->stranger);
	return gate_hint(verdict,
	                 "put the chip on the clip that the job began on, or forget the job with "
	                 "`norprog resume --discard`");
}

const struct gate gate_other_chip = {
	.name = "other-chip",
	.stage = GATE_READ,
	.jobs = GATE_RESUME,
	.ends = true,
	.lifted_by = "norprog resume --discard",
	.protects = "Another chip of the same type: each block of an unfinished job must hold "
		    "what was saved or what was to be written, but for the one that was in "
		    "work.",
	.ask = ask,
};
