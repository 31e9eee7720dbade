/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "job/gate/gate.h"
#include "job/run.h"

/* The room that backup and target will need, as far as it is known before the read: for a whole
 * chip its size twice; with --base only the blocks that change. */
static struct store_need need(const struct facts *facts)
{
	const struct selection *sel = &facts->intent->selection;
	uint64_t most = np_ranges_bytes(&sel->todo);
	bool whole = selection_is_whole(sel) && !facts->options->base;

	return (struct store_need){.backup = whole ? facts->size : most, .target = most};
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct write_options *o = facts->options;
	struct store *store = &facts->run->store;
	struct store_need bytes;
	struct np_error why = {0};

	(void)err;
	if (facts->dry_run)
		return 0;
	if (!o)
		return gate_refuse_as(verdict, store_check(store, false, NULL, NULL, &why), &why);
	bytes = need(facts);
	return gate_refuse_as(
		verdict, store_check(store, !o->no_backup, o->backup_path, &bytes, &why), &why);
}

const struct gate gate_state_folder = {
	.name = "state-folder",
	.stage = GATE_ASKED,
	.jobs = GATE_ALL,
	.protects = "Protects the way back: backup, target and journal must reach the disk "
		    "before the first erase, and whether they can is found out before the "
		    "chip is read.",
	.ask = ask,
};
