/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "job/gate/gate.h"
#include "job/run.h"
#include "store/journal.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	struct np_error why = {0};

	(void)err;
	return gate_refuse_as(verdict, journal_check(&facts->run->store, &why), &why);
}

const struct gate gate_unfinished_job = {
	.name = "unfinished-job",
	.stage = GATE_ASKED,
	.jobs = GATE_NEW,
	.lifted_by = "norprog resume",
	.protects = "Protects what an interrupted job left: a new job on a half-erased chip "
		    "would take blank bytes for what it has to keep.",
	.ask = ask,
};
