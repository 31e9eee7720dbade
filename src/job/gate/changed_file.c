/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/gate/findings.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct trust_finding *whole, *piece;
	const char *path = NULL;
	int ret;

	piece = findings_first(facts, TRUST_SEGMENT, &path, &ret, err);
	whole = ret || piece ? NULL : findings_first(facts, TRUST_FILE, &path, &ret, err);
	if (ret || (!piece && !whole))
		return ret;
	/* The bytes that were asked for have their checksum; another part of the file was
	 * changed. */
	if (whole && facts->intent->image.by_address && facts->intent->image.len != facts->size &&
	    facts->intent->image.len)
		return gate_warn(verdict, "%s was changed after its manifest was written: %s", path,
		                 whole->text);
	gate_refuse(verdict, NP_E_POLICY, "%s was changed after its manifest was written: %s", path,
	            piece ? piece->text : whole->text);
	return gate_hint(
		verdict,
		"take another copy; where the change is meant, say --override changed-file");
}

const struct gate gate_changed_file = {
	.name = "changed-file",
	.stage = GATE_ASKED,
	.jobs = GATE_IMAGE,
	.can_be_overridden = true,
	.protects = "Protects what a backup promises: a dump that was changed after its "
		    "manifest was written is not what the chip held.",
	.ask = ask,
};
