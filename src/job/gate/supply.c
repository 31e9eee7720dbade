/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "job/gate/gate.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	(void)err;
	/* A dry run only reads, and that is not refused at any supply. */
	if (!facts->chip->low_voltage || (facts->dry_run && !facts->explain))
		return 0;
	gate_refuse(verdict, NP_E_VOLTAGE, "%s is a 1.8 V part", facts->chip->name);
	return gate_hint(verdict, "use a level adapter, then say so with --voltage-ok");
}

const struct gate gate_supply = {
	.name = "supply",
	.stage = GATE_ASKED,
	.jobs = GATE_ALL,
	.can_be_overridden = true,
	.lifted_by = "--voltage-ok",
	.protects = "The chip itself: a part for 1.8 V may die of the 3.3 V that most "
		    "programmers drive, and soonest while it erases.",
	.ask = ask,
};
