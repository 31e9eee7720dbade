/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/gate/findings.h"

static int refuse(const struct facts *facts, enum trust_kind kind, const char *text,
                  struct verdict *verdict, struct np_error *err)
{
	struct np_ranges where = {0};
	char size[32], list[256];
	int ret = findings_that_change(facts, kind, &where, err);

	if (!ret && where.count) {
		ranges_list(&where, list, sizeof(list));
		gate_refuse(verdict, NP_E_POLICY,
		            "by the file's manifest, of what would be written %s (%s) %s",
		            np_format_size(np_ranges_bytes(&where), size, sizeof(size)), list,
		            text);
		gate_hint(verdict, "leave it out with --keep, or say --override unsure-bytes");
	}
	np_ranges_free(&where);
	return ret;
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	int ret = refuse(facts, TRUST_UNSTABLE, "were read differently each time", verdict, err);

	if (ret || verdict->answer == GATE_REFUSE)
		return ret;
	return refuse(facts, TRUST_ASSUMED, "were never read: they are what --base said", verdict,
	              err);
}

const struct gate gate_unsure_bytes = {
	.name = "unsure-bytes",
	.stage = GATE_READ,
	.jobs = GATE_IMAGE,
	.can_be_overridden = true,
	.protects = "Protects what the chip holds from bytes of a dump that were not read "
		    "with certainty: its manifest says that their reads never agreed, or that "
		    "they were never read.",
	.ask = ask,
};
