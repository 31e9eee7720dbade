/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "job/gate/gate.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	(void)err;
	/* A chip without known erase commands is refused by erase-unknown. */
	if (!facts->chip->size_overridden || !facts->chip->known)
		return 0;
	gate_refuse(verdict, NP_E_POLICY,
	            "a chip whose size was overridden is read, never changed");
	return gate_hint(verdict, "leave the size out, so that the chip's own size is used");
}

const struct gate gate_size_override = {
	.name = "size-override",
	.stage = GATE_ASKED,
	.jobs = GATE_ALL,
	.ends = true,
	.protects = "Protects the whole chip: with a wrong --size addresses wrap round, and "
		    "an erase hits another place than the one that was saved.",
	.ask = ask,
};
