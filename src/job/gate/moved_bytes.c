/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "job/gate/gate.h"
#include "store/manifest.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;
	const struct selection *sel = &facts->intent->selection;
	struct manifest manifest = {0};
	char range[48];
	int ret = 0;

	(void)err;
	if (!image->path || !image->len || sel->placed ||
	    image->len != np_ranges_bytes(&sel->only) || image->len == facts->size)
		return 0;
	if (manifest_load(image->path, &manifest, NULL) == 0 && manifest.segment_count &&
	    manifest.segments[0].start != sel->only.at[0].start)
		ret = gate_warn(verdict, "%s.json says that these bytes come from %s", image->path,
		                range_text((struct np_range){manifest.segments[0].start,
		                                             manifest.segments[0].len},
		                           range, sizeof(range)));
	manifest_free(&manifest);
	return ret;
}

const struct gate gate_moved_bytes = {
	.name = "moved-bytes",
	.stage = GATE_ASKED,
	.jobs = GATE_IMAGE | GATE_VERIFY,
	.protects = "Warns of bytes in another place: the manifest beside the file says that "
		    "they come from another address than the one they are written to.",
	.ask = ask,
};
