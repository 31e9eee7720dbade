/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "job/gate/gate.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	struct np_error why = {0};

	(void)err;
	/* A dry run only reads, and reading is not refused. */
	if ((facts->dry_run && !facts->explain) || !nor_check_supply(facts->chip, &why))
		return 0;
	gate_refuse(verdict, why.code, "%s", why.message);
	return gate_hint(verdict, "%s", why.hint);
}

const struct gate gate_supply = {
	.name = "supply",
	.stage = GATE_ASKED,
	.jobs = GATE_ALL,
	.can_be_overridden = true,
	.lifted_by = "--voltage-ok",
	.protects = "Protects the chip: 3.3 V, which most programmers drive, may destroy a "
		    "part for 1.8 V, most easily while it erases. Asked of every part that is "
		    "not known to take 3.3 V.",
	.ask = ask,
};
