/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/gate/findings.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct trust_finding *found;
	const char *path = NULL;
	int ret;

	found = findings_first(facts, TRUST_SUSPICIOUS, &path, &ret, err);
	if (ret || !found)
		return ret;
	gate_refuse(verdict, NP_E_POLICY, "%s, by its manifest: %s", path, found->text);
	return gate_hint(verdict,
	                 "take another dump; where the chip really held that, say --override "
	                 "suspicious-file");
}

const struct gate gate_suspicious_file = {
	.name = "suspicious-file",
	.stage = GATE_ASKED,
	.jobs = GATE_IMAGE,
	.can_be_overridden = true,
	.protects = "Protects what the chip holds from a dump that a bad contact made: all of "
		    "one byte, the same half twice, bursts of zeros.",
	.ask = ask,
};
