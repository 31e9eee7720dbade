/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "job/gate/gate.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;
	char size[32];

	(void)err;
	if (!image->identified || !image->is.strip || image->stripped ||
	    image->is.kind == IMAGE_CAPSULE || !facts->intent->selection.placed)
		return 0;
	gate_refuse(verdict, NP_E_POLICY,
	            "%s begins with %s of vendor header and boot loader, which do not belong there",
	            image->path ? image->path : "the image",
	            np_format_size(image->is.strip, size, sizeof(size)));
	return gate_hint(verdict, "--strip leaves them out");
}

const struct gate gate_header_in_front = {
	.name = "header-in-front",
	.stage = GATE_ASKED,
	.jobs = GATE_WRITE,
	.can_be_overridden = true,
	.lifted_by = "--strip",
	.protects = "Protects the firmware: with a vendor's header and boot loader still in "
		    "front, all of it lies too high and does not start.",
	.ask = ask,
};
