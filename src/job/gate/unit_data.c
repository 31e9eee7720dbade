/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "job/gate/own.h"

/* Bytes of this unit that would change although they were not named. Blank ones are no loss;
 * fields that were given a value are meant. */
static int find_changed(const struct facts *facts, struct np_ranges *changed, struct np_error *err)
{
	struct np_ranges open = {0}, unit = {0};
	int ret = intent_unnamed(facts->intent, &facts->guard->unit, &open, err);

	if (!ret)
		ret = np_ranges_remove_all(&open, &facts->intent->set, err);
	if (!ret)
		ret = np_ranges_intersect(&open, facts->known, facts->size, &unit, err);
	for (size_t i = 0; i < unit.count && !ret; i++) {
		struct np_range at = unit.at[i];

		if (memcmp(facts->have + at.start, facts->want + at.start, at.len) != 0 &&
		    !bytes_all(facts->have + at.start, at.len, 0xff))
			ret = np_ranges_add(changed, at, err);
	}
	np_ranges_free(&open);
	np_ranges_free(&unit);
	return ret;
}

/* Does the user have a layout whose names can be given to --only and --keep? */
static bool has_names(const struct facts *facts)
{
	return !facts->guard_by_image && (!facts->job->layout || facts->job->layout->profile);
}

static int refuse(const struct facts *facts, const struct np_ranges *changed,
                  struct verdict *verdict)
{
	char names[256], ranges[256];

	regions_text(facts->guard, changed, names, sizeof(names));
	if (facts->guard_by_image)
		gate_refuse(
			verdict, NP_E_UNIT,
			"the chip is not recognised, the image is a dump of %s: where that "
			"keeps what only one unit has, this chip holds other data: %s (0x%06" PRIx64
			")",
			facts->guard->device, names, changed->at[0].start);
	else
		gate_refuse(verdict, NP_E_UNIT,
		            "this would replace data that only this unit has: %s (0x%06" PRIx64 ")",
		            names, changed->at[0].start);
	if (facts->intent->selection.placed)
		return gate_hint(verdict, "is it the right place? To replace them all the same: "
		                          "--override unit-data");
	if (has_names(facts))
		return gate_hint(verdict,
		                 "--keep unit keeps it; to replace it, name the regions: --only %s",
		                 names[0] ? names : "REGION");
	ranges_list(&facts->guard->unit, ranges, sizeof(ranges));
	return gate_hint(verdict, "--keep %s keeps it; to replace it too: --range 0+%" PRIu64,
	                 ranges, facts->size);
}

/* After another unit's dump was written, the backup of this very chip is the way back. */
static int judge(const struct facts *facts, const struct np_ranges *changed,
                 struct verdict *verdict, struct np_error *err)
{
	bool own = false;
	char names[256];
	int ret = facts->job_bit == GATE_RESTORE ? image_is_own_backup(facts, &own, err) : 0;

	if (ret || !own)
		return ret ? ret : refuse(facts, changed, verdict);
	regions_text(facts->guard, changed, names, sizeof(names));
	return gate_warn(verdict,
	                 "the file is a backup of this very chip, by its unique ID: %s become what "
	                 "they were then",
	                 names);
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	struct np_ranges changed = {0};
	int ret;

	if (!facts->guard || !facts->guard->profile)
		return 0;
	ret = find_changed(facts, &changed, err);
	if (!ret && changed.count)
		ret = judge(facts, &changed, verdict, err);
	np_ranges_free(&changed);
	return ret;
}

const struct gate gate_unit_data = {
	.name = "unit-data",
	.stage = GATE_READ,
	.jobs = GATE_NEW,
	.can_be_overridden = true,
	.lifted_by = "--only REGION, --only unit",
	.protects = "Protects what only this unit has (MAC address, serial number, PIN, "
		    "calibration): the image of another unit, or an erase, would replace it "
		    "for ever.",
	.ask = ask,
};
