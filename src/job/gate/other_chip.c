/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "job/gate/gate.h"
#include "job/resume.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct resume *r = facts->resume;
	char size[32];

	(void)err;
	if (!r->mismatch)
		return 0;
	if (resume_is_sure(r))
		return gate_warn(
			verdict,
			"%s, at 0x%06" PRIx64
			" and elsewhere, hold neither what was saved nor what was to be "
			"written; the unique ID says that this is the chip: what they hold "
			"is saved, then the job goes on",
			np_format_size(np_ranges_bytes(&r->unexplained), size, sizeof(size)),
			r->mismatch_at);
	gate_refuse(
		verdict, NP_E_POLICY,
		"0x%06" PRIx64
		" holds neither what was saved nor what was to be written: this is another chip, "
		"or something else wrote to it",
		r->mismatch_at);
	return gate_hint(verdict,
	                 "put the chip on the clip that the job began on; where this is the one, "
	                 "--override other-chip saves what it holds there and goes on");
}

const struct gate gate_other_chip = {
	.name = "other-chip",
	.stage = GATE_READ,
	.jobs = GATE_RESUME,
	.ends = true,
	.can_be_overridden = true,
	.protects = "Protects another chip of the same type from being resumed on: each block "
		    "of the unfinished job must hold what was saved or what was to be "
		    "written, except the one that was in work. Where the unique ID proves the "
		    "chip, what it holds is saved first, with a warning.",
	.ask = ask,
};
