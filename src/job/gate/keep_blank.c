/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "base/bytes.h"
#include "job/gate/gate.h"

static bool kept_and_blank(const struct facts *facts, const struct layout_region *region)
{
	struct np_range range = {region->start, region->len};

	return region->unit && np_ranges_contain(&facts->intent->selection.keep, range) &&
	       facts_know(facts, range) && bytes_all(facts->have + range.start, range.len, 0xff);
}

static int refuse(const struct layout_region *region, struct verdict *verdict)
{
	gate_refuse(verdict, NP_E_UNIT, "region %s is blank on this chip: there is nothing to keep",
	            region->name);
	return gate_hint(verdict,
	                 "leave it out of --keep to take the image's, or put it back from an older "
	                 "backup first: norprog restore BACKUP --only %s; to keep it blank: --keep "
	                 "0x%06" PRIx64 "+%" PRIu64,
	                 region->name, region->start, region->len);
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct layout *layout = facts->guard;

	(void)err;
	/* Kept by address, it is kept as it is, blank or not. */
	if (!layout || !layout->profile || parts_all_addresses(&facts->intent->selection.kept))
		return 0;
	for (size_t i = 0; i < layout->region_count; i++)
		if (kept_and_blank(facts, &layout->regions[i]))
			return refuse(&layout->regions[i], verdict);
	return 0;
}

const struct gate gate_keep_blank = {
	.name = "keep-blank",
	.stage = GATE_READ,
	.jobs = GATE_NEW,
	.can_be_overridden = true,
	.lifted_by = "--keep START+LEN",
	.protects = "Protects calibration and identity that are already lost on the chip: a "
		    "job that keeps a blank region ends well but leaves a device without "
		    "radio, while the older backup that has it may get lost.",
	.ask = ask,
};
