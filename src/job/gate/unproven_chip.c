/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "job/gate/gate.h"
#include "job/resume.h"

static int hint(const struct journal *journal, struct verdict *verdict)
{
	return gate_hint(
		verdict,
		"put the chip on the clip that the job began on; where this is the one, "
		"--override unproven-chip saves what it holds in the block at work and goes "
		"on%s%.200s",
		journal->backup_is_ours ? "" : "; the job's backup: ",
		journal->backup_is_ours ? "" : journal->backup);
}

static int refuse_different(const struct journal *journal, uint64_t addr, struct verdict *verdict)
{
	gate_refuse(
		verdict, NP_E_POLICY,
		"0x%06" PRIx64
		" does not hold what it held when the job began, and the chip has no unique ID: "
		"this is another chip, or the device ran in between",
		addr);
	return hint(journal, verdict);
}

static int judge_unproven(const struct journal *journal, uint64_t addr, struct verdict *verdict)
{
	/* A refusal would leave only `--discard`, and with it the only copy of the block in flux
	 * would be lost. */
	if (journal->backup_is_ours)
		return gate_warn(
			verdict,
			"this chip has no unique ID and nothing on it tells it from another of its "
			"type: be sure that it is the one the job began on");
	gate_refuse(
		verdict, NP_E_POLICY,
		"this chip has no unique ID and nothing on it tells it from another of its type: "
		"the block at 0x%06" PRIx64 " may be another chip's",
		addr);
	return hint(journal, verdict);
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct resume *r = facts->resume;
	struct match match;
	int ret;

	if (facts->chip->uid_len)
		return 0;
	ret = resume_match_chip(r, facts->run, &match, err);
	if (ret)
		return ret;
	if (match.differs)
		return refuse_different(&r->journal, match.addr, verdict);
	return match.same || !r->flux.len ? 0 : judge_unproven(&r->journal, r->flux.start, verdict);
}

const struct gate gate_unproven_chip = {
	.name = "unproven-chip",
	.stage = GATE_READ,
	.jobs = GATE_RESUME,
	.can_be_overridden = true,
	.protects = "Protects another chip of the same type from being resumed on, where no "
		    "unique ID tells them apart: what lies outside the job must be as it was, "
		    "and at least one place that tells chips apart must match, before a "
		    "half-written block is erased.",
	.ask = ask,
};
