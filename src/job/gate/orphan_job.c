/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "job/gate/gate.h"
#include "job/run.h"
#include "store/journal.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	struct journal journal;
	char stem[NP_PATH_MAX];
	int ret = orphan_find(facts->run, &journal, stem, err);

	if (!ret && stem[0]) {
		gate_refuse(verdict, NP_E_JOURNAL,
		            "an unfinished %s of %s is open on this %s, begun on %s",
		            journal.operation, journal.started, facts->chip->name,
		            journal.programmer);
		gate_hint(
			verdict,
			"`norprog resume` finishes it here, `norprog resume --undo` puts the backup "
			"back; if the job is another chip's, finish it on that one first");
	}
	journal_free(&journal);
	return ret;
}

const struct gate gate_orphan_job = {
	.name = "orphan-job",
	.stage = GATE_ASKED,
	.jobs = GATE_NEW,
	.lifted_by = "norprog resume",
	.protects = "Protects what an interrupted job left under another name. A chip without "
		    "a unique ID is named after the programmer's port, so in another port its "
		    "record is found by what the chip holds.",
	.ask = ask,
};
