/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/gate/gate.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;

	(void)err;
	if (!image->identified || image->is.kind != IMAGE_SWAPPED)
		return 0;
	gate_refuse(verdict, NP_E_POLICY, "%s is a %s: no board reads it so",
	            image->path ? image->path : "the image", image->is.text);
	return gate_hint(verdict, "make it right: %s", image->is.mend);
}

const struct gate gate_swapped_dump = {
	.name = "swapped-dump",
	.stage = GATE_ASKED,
	.jobs = GATE_IMAGE,
	.can_be_overridden = true,
	.protects = "Protects the firmware from a dump in another order: some tools swap "
		    "bytes or invert bits, and no board starts from such a dump before it is "
		    "put right.",
	.ask = ask,
};
