/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/gate/findings.h"
#include "job/resume.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	struct np_ranges once = {0};
	char size[32], list[256];
	int ret;

	if (facts->resume)
		ret = np_ranges_add_all(&once, &facts->resume->journal.once, err);
	else
		ret = findings_that_change(facts, TRUST_ONE_READ, &once, err);
	if (!ret && once.count)
		gate_warn(verdict,
		          "%s of what is put back rest on one read, and a bit that flipped on the "
		          "way would not have been seen: %s",
		          np_format_size(np_ranges_bytes(&once), size, sizeof(size)),
		          ranges_list(&once, list, sizeof(list)));
	np_ranges_free(&once);
	return ret;
}

const struct gate gate_one_read = {
	.name = "one-read",
	.stage = GATE_READ,
	.jobs = GATE_IMAGE | GATE_UNDO,
	.protects = "Warns that a restore may be inexact: the dump was read only once, so a "
		    "bit that flipped on the line would be in it unnoticed.",
	.ask = ask,
};
