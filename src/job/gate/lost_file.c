/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/gate/gate.h"
#include "job/resume.h"

static int refuse(struct verdict *verdict, const char *why)
{
	gate_refuse(verdict, NP_E_POLICY, "with one of the job's two files lost, %s", why);
	return gate_hint(verdict,
	                 "find the other file: `norprog resume --backup FILE` names a backup that "
	                 "was moved; where this is the chip, --override lost-file saves what it "
	                 "holds and goes on");
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct resume *r = facts->resume;
	struct match said = {.alike = 0};
	int ret;

	if (!r->one_leg)
		return 0;
	if (np_ranges_bytes(&r->journal.unread))
		return refuse(verdict,
		              "nobody knows what was in blocks that only --base vouched for");
	if (facts->chip->uid_len && r->journal.uid[0])
		return 0;
	ret = run_match_fingerprints(facts->run, &r->journal, &said, err);
	if (!ret && (said.denied || !said.alike))
		ret = refuse(verdict, "nothing tells that this is the chip it began on");
	return ret;
}

const struct gate gate_lost_file = {
	.name = "lost-file",
	.stage = GATE_READ,
	.jobs = GATE_RESUME,
	.can_be_overridden = true,
	.lifted_by = "--backup FILE",
	.protects = "Another chip of the same type, where backup or target of an unfinished job is "
		    "lost: a block that is not as it shall be says nothing then, so something else "
		    "must tell that this is the chip.",
	.ask = ask,
};
