/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bytes.h"
#include "job/gate/findings.h"

/* A read without contact gives nothing but FFh, or nothing but 00h. */
static bool says_nothing(const struct facts *facts)
{
	const struct intent_image *image = &facts->intent->image;

	return facts->job_bit == GATE_WRITE && image->data &&
	       selection_is_whole(&facts->intent->selection) &&
	       (image->data[0] == 0xff || image->data[0] == 0) &&
	       bytes_all(image->data, (size_t)facts->size, image->data[0]);
}

static int refuse_nothing(const struct facts *facts, struct verdict *verdict)
{
	gate_refuse(verdict, NP_E_POLICY,
	            "%s holds nothing but %02Xh: a read without contact gives that",
	            facts->intent->image.path ? facts->intent->image.path : "the image",
	            facts->intent->image.data[0]);
	return gate_hint(verdict, "take another dump; to make the chip blank: `norprog erase`; to "
	                          "write it all the same: --override suspicious-file");
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct trust_finding *found;
	const char *path = NULL;
	int ret;

	if (says_nothing(facts))
		return refuse_nothing(facts, verdict);
	found = findings_first(facts, TRUST_SUSPICIOUS, &path, &ret, err);
	if (ret || !found)
		return ret;
	gate_refuse(verdict, NP_E_POLICY, "%s, by its manifest: %s", path, found->text);
	return gate_hint(verdict,
	                 "take another dump; where the chip really held that, say --override "
	                 "suspicious-file");
}

const struct gate gate_suspicious_file = {
	.name = "suspicious-file",
	.stage = GATE_ASKED,
	.jobs = GATE_IMAGE,
	.can_be_overridden = true,
	.protects = "Protects what the chip holds from a dump that a bad contact made: all of "
		    "one byte (also without a manifest), the same half twice, bursts of zeros.",
	.ask = ask,
};
