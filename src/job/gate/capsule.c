/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job/gate/gate.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;
	const char *path = image->path ? image->path : "the image";
	char size[32];

	(void)err;
	if (!image->identified || image->is.kind != IMAGE_CAPSULE)
		return 0;
	if (image->is.truncated)
		gate_warn(verdict, "%s is cut short: its header says it should be longer", path);
	if (image->stripped)
		return 0;
	gate_refuse(verdict, NP_E_POLICY,
	            "%s begins with %s of header (%s) that are no part of a flash", path,
	            np_format_size(image->is.strip, size, sizeof(size)), image->is.text);
	return gate_hint(verdict, "--strip leaves it out");
}

const struct gate gate_capsule = {
	.name = "capsule",
	.stage = GATE_ASKED,
	.jobs = GATE_WRITE,
	.can_be_overridden = true,
	.ends = true,
	.lifted_by = "--strip",
	.protects = "Protects a PC's firmware: a vendor's download has a header for the "
		    "update program in front, and written with it all of the image lies too "
		    "high.",
	.ask = ask,
};
