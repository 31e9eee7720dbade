/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "job/gate/gate.h"

/* A region may begin with a packed kernel; then the file is exactly as long as the region. */
static bool is_a_part(const struct facts *facts)
{
	const struct selection *sel = &facts->intent->selection;

	return !selection_is_whole(sel) && !sel->placed && !facts->intent->image.misfit;
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;
	const char *path = image->path ? image->path : "FILE";
	char command[300];

	(void)err;
	if (image->wrap.kind != WRAP_PACKED || is_a_part(facts))
		return 0;
	snprintf(command, sizeof(command), image->wrap.unpack ? image->wrap.unpack : "%s", path);
	gate_refuse(verdict, NP_E_POLICY, "%s is packed, no flash image: %s%s%s", path,
	            image->wrap.name, image->wrap.holds[0] ? " of " : "", image->wrap.holds);
	return gate_hint(verdict, "unpack it first: %s%s", command,
	                 strchr(image->wrap.holds, ',') ? ", and take the file that is the image"
	                                                : "");
}

const struct gate gate_packed_file = {
	.name = "packed-file",
	.stage = GATE_ASKED,
	.jobs = GATE_IMAGE | GATE_VERIFY,
	.can_be_overridden = true,
	.ends = true,
	.protects = "Protects the firmware from an archive that was not unpacked: no board "
		    "starts from one.",
	.ask = ask,
};
