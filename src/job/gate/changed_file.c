/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "job/gate/gate.h"
#include "store/manifest.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;
	struct manifest manifest = {0};
	int ret = 0;

	(void)err;
	if (!image->sha256[0])
		return 0;
	if (manifest_load(image->path, &manifest, NULL) == 0 && manifest.size == facts->size &&
	    strcmp(image->sha256, manifest.sha256) != 0)
		ret = gate_warn(verdict,
		                "%s was changed after %s.json was written (its SHA-256 differs)",
		                image->path, image->path);
	manifest_free(&manifest);
	return ret;
}

const struct gate gate_changed_file = {
	.name = "changed-file",
	.stage = GATE_ASKED,
	.jobs = GATE_RESTORE,
	.protects = "A backup's promise: a dump that was changed after its manifest was "
		    "written is not what the chip held.",
	.ask = ask,
};
