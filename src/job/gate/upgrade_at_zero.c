/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <inttypes.h>

#include "job/gate/gate.h"

/* Kinds of files that never stand at a flash's first address, because the processor would
 * execute them as code. */
static bool no_boot_code(enum image_kind kind)
{
	switch (kind) {
	case IMAGE_VENDOR_UPGRADE:
	case IMAGE_VENDOR_UPGRADE_BOOT:
	case IMAGE_OPENWRT_SYSUPGRADE:
	case IMAGE_OPENWRT_FACTORY:
	case IMAGE_KERNEL:
	case IMAGE_ROOTFS:
		return true;
	default:
		return false;
	}
}

static bool goes_to_zero(const struct selection *sel)
{
	return selection_is_whole(sel) || (sel->placed && !sel->only.at[0].start);
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;

	(void)err;
	if (!image->identified || !no_boot_code(image->is.kind) ||
	    !goes_to_zero(&facts->intent->selection))
		return 0;
	gate_refuse(verdict, NP_E_POLICY,
	            "%s is firmware (%s), not a full flash dump: at address 0 it would "
	            "replace the boot loader",
	            image->path ? image->path : "the image", image->is.text);
	if (image->is.has_place && image->is.strip)
		return gate_hint(verdict,
		                 "it belongs at 0x%06" PRIx64
		                 " without what is in front: --at 0x%06" PRIx64 " --strip",
		                 image->is.place, image->is.place);
	if (image->is.has_place)
		return gate_hint(verdict, "it belongs at 0x%06" PRIx64 ": --at 0x%06" PRIx64,
		                 image->is.place, image->is.place);
	return gate_hint(verdict,
	                 "say where it belongs: --at ADDR, or --at firmware with --layout; to "
	                 "write it at 0 all the same: --only 0x0+LEN");
}

const struct gate gate_upgrade_at_zero = {
	.name = "upgrade-at-zero",
	.stage = GATE_ASKED,
	.jobs = GATE_WRITE,
	.can_be_overridden = true,
	.lifted_by = "--only 0x0+LEN",
	.protects = "Protects the boot loader: an upgrade file, a kernel or a file system at "
		    "address 0 leaves the processor no code to start from.",
	.ask = ask,
};
