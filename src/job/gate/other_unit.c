/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chip that was replaced is the good reason for such a restore, so it is no refusal. */
#include <strings.h>

#include "job/gate/gate.h"
#include "store/manifest.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;
	struct manifest manifest = {0};
	char uid[sizeof(manifest.uid)];
	int ret = 0;

	(void)err;
	manifest_hex(facts->chip->uid, facts->chip->uid_len, uid);
	if (!image->path || !uid[0])
		return 0;
	if (manifest_load(image->path, &manifest, NULL) == 0 && manifest.uid[0] &&
	    strcasecmp(manifest.uid, uid) != 0)
		ret = gate_warn(
			verdict,
			"%s.json says that it was read from another chip (unique ID %s, this "
			"one has %s)",
			image->path, manifest.uid, uid);
	manifest_free(&manifest);
	return ret;
}

const struct gate gate_other_unit = {
	.name = "other-unit",
	.stage = GATE_ASKED,
	.jobs = GATE_RESTORE | GATE_VERIFY,
	.protects = "This unit's identity: the wrong backup of many would make it a second "
		    "copy of another unit.",
	.ask = ask,
};
