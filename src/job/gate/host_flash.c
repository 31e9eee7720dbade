/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/gate/gate.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const char *own = spi_host_own(nor_bus(facts->job->nor));

	(void)err;
	/* A dry run only reads. */
	if (!own || (facts->dry_run && !facts->explain))
		return 0;
	gate_refuse(verdict, NP_E_POLICY, "%s is %s", spi_name(nor_bus(facts->job->nor)), own);
	return gate_hint(verdict, "choose the programmer that the clip hangs on: `norprog list`");
}

const struct gate gate_host_flash = {
	.name = "host-flash",
	.stage = GATE_ASKED,
	.jobs = GATE_NEW | GATE_RESUME,
	.protects = "Protects the flash that this computer itself boots from, where it is on "
		    "a bus that looks like a programmer.",
	.ask = ask,
};
