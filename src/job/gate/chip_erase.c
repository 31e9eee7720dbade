/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "job/gate/gate.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct selection *sel = &facts->intent->selection;

	(void)err;
	if (!facts->options->chip_erase || selection_is_whole(sel))
		return 0;
	gate_refuse(verdict, NP_E_USAGE,
	            "--chip-erase erases everything, but only a part is selected");
	return gate_hint(verdict, "leave --chip-erase out, or --only and --range");
}

const struct gate gate_chip_erase = {
	.name = "chip-erase",
	.stage = GATE_ASKED,
	.jobs = GATE_NEW,
	.protects = "Protects what was not selected: --chip-erase erases everything at once, "
		    "and a power cut in the middle would lose all of it.",
	.ask = ask,
};
