/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "job/gate/gate.h"
#include "nor/nor.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	struct np_error why = {0};

	(void)err;
	if (!nor_check_size(facts->chip, &why))
		return 0;
	gate_refuse(verdict, why.code, "%s", why.message);
	return gate_hint(verdict, "%s", why.hint);
}

const struct gate gate_size_contradiction = {
	.name = "size-contradiction",
	.stage = GATE_ASKED,
	.jobs = GATE_ALL,
	.ends = true,
	.lifted_by = "--size",
	.protects = "Protects what no backup holds: where the chip's ID, the tables and its "
		    "SFDP say different sizes and nothing on the chip settles which is right, "
		    "a backup may lack half of it.",
	.ask = ask,
};
