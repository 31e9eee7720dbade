/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A replaced chip is a good reason for such a restore; the override is how the user says so. */
#include <stdio.h>

#include "base/units.h"
#include "job/gate/findings.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct trust_finding *found;
	char uid[2 * NOR_UID_MAX + 1], text[400];
	const char *path = NULL;
	int ret;

	found = findings_first(facts, TRUST_OTHER_UNIT, &path, &ret, err);
	if (ret || !found)
		return ret;
	np_format_hex(facts->chip->uid, facts->chip->uid_len, uid);
	snprintf(text, sizeof(text), "%s, and this is another chip (%s)", found->text, uid);
	return findings_judge(facts, verdict, path, text);
}

const struct gate gate_other_unit = {
	.name = "other-unit",
	.stage = GATE_ASKED,
	.jobs = GATE_IMAGE | GATE_VERIFY,
	.can_be_overridden = true,
	.protects = "Protects this unit's identity: the backup of another unit, taken by "
		    "mistake, would make a second copy of that one.",
	.ask = ask,
};
