/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "device/recognise.h"
#include "job/gate/gate.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct recognition *found = facts->found;

	(void)err;
	if (!found)
		return 0;
	if (found->name[0] && !recognise_certain(found))
		return gate_warn(verdict,
		                 "this could be %s or %s; name it with --layout so that its MAC "
		                 "and calibration are protected",
		                 found->name, found->also[0]);
	return 0;
}

const struct gate gate_ambiguous_device = {
	.name = "ambiguous-device",
	.stage = GATE_READ,
	.jobs = GATE_NEW,
	.lifted_by = "--layout",
	.protects = "Warns where the contents fit several devices that divide the flash in "
		    "different ways: norprog cannot tell then which regions hold this unit's "
		    "own data.",
	.ask = ask,
};
