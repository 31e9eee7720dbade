/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/gate/findings.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct trust_finding *found;
	const char *path = NULL;
	int ret;

	found = findings_first(facts, TRUST_OTHER_CHIP, &path, &ret, err);
	return ret || !found ? ret : findings_judge(facts, verdict, path, found->text);
}

const struct gate gate_other_type = {
	.name = "other-type",
	.stage = GATE_ASKED,
	.jobs = GATE_IMAGE,
	.can_be_overridden = true,
	.protects = "Protects the board: a dump of a chip of another type comes from another "
		    "board, unless the chip was replaced.",
	.ask = ask,
};
