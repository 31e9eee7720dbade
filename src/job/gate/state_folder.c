/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "job/gate/gate.h"
#include "job/run.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct write_options *o = facts->options;
	struct store store = job_store(facts->job);
	struct np_error why = {0};

	(void)err;
	if (facts->dry_run)
		return 0;
	return gate_refuse_as(
		verdict, store_check(&store, o && !o->no_backup, o ? o->backup_path : NULL, &why),
		&why);
}

const struct gate gate_state_folder = {
	.name = "state-folder",
	.stage = GATE_ASKED,
	.jobs = GATE_ALL,
	.protects = "The way back: backup, target and journal must reach the disk before the "
		    "first erase, and that is found out before anybody waits for a read.",
	.ask = ask,
};
