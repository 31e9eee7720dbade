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
	struct match match = {.same = 0};
	int ret;

	if (!r->file_lost)
		return 0;
	if (np_ranges_bytes(&r->journal.unread))
		return refuse(
			verdict,
			"there are blocks that were never read before, whose contents the job took from --base");
	if (facts->chip->uid_len && r->journal.uid[0])
		return 0;
	ret = run_match_fingerprints(facts->run, &r->journal, &match, err);
	if (!ret && (match.differs || !match.same))
		ret = refuse(verdict, "nothing tells that this is the chip it began on");
	return ret;
}

const struct gate gate_lost_file = {
	.name = "lost-file",
	.stage = GATE_READ,
	.jobs = GATE_RESUME,
	.can_be_overridden = true,
	.lifted_by = "--backup FILE",
	.protects = "Protects another chip of the same type from being resumed on. Where "
		    "backup or target of the unfinished job is lost, its blocks no longer "
		    "tell the chip, so the unique ID or bytes outside the job must.",
	.ask = ask,
};
