/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "job/gate/gate.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	struct np_error why = {0};

	(void)err;
	if (facts->chip->erase_count)
		return 0;
	if (!nor_check_writable(facts->chip, &why))
		return gate_refuse(verdict, NP_E_UNSUPPORTED, "no erase command of %s is known",
		                   facts->chip->name);
	gate_refuse(verdict, why.code, "%s", why.message);
	return gate_hint(verdict, "%s", why.hint);
}

const struct gate gate_erase_unknown = {
	.name = "erase-unknown",
	.stage = GATE_ASKED,
	.jobs = GATE_ALL,
	.ends = true,
	.protects = "Protects what the chip holds: where no erase command is known, a page "
		    "that was begun can neither be finished nor put back.",
	.ask = ask,
};
