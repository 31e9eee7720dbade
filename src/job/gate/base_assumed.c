/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/gate/gate.h"
#include "job/resume.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	uint64_t bytes = np_ranges_bytes(&facts->resume->journal.unread);
	char size[32];

	(void)err;
	if (!bytes)
		return 0;
	return gate_warn(verdict,
	                 "%s were never read before the job: what is put back there is what --base "
	                 "said",
	                 np_format_size(bytes, size, sizeof(size)));
}

const struct gate gate_base_assumed = {
	.name = "base-assumed",
	.stage = GATE_READ,
	.jobs = GATE_UNDO,
	.protects = "Warns that an undo may be inexact: where nothing was read before the "
		    "job, the backup holds what the file given with --base holds.",
	.ask = ask,
};
