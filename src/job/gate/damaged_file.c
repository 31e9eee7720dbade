/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "job/gate/gate.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;
	const char *name = image->path ? image->path : "the image";

	(void)err;
	if (!image->identified ||
	    (image->is.kind != IMAGE_VENDOR_UPGRADE && image->is.kind != IMAGE_VENDOR_UPGRADE_BOOT))
		return 0;
	if (image->is.truncated)
		return gate_warn(verdict, "%s is cut short: its header says it should be longer",
		                 name);
	if (image->is.damaged)
		return gate_warn(verdict, "%s is damaged: its checksum is wrong", name);
	return 0;
}

const struct gate gate_damaged_file = {
	.name = "damaged-file",
	.stage = GATE_ASKED,
	.jobs = GATE_WRITE,
	.protects = "A board that starts: a download that broke off or was damaged says so by "
		    "its own length and sums.",
	.ask = ask,
};
