/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <strings.h>

#include "device/load.h"
#include "device/recognise.h"
#include "job/gate/own.h"

/* Does the chip itself show that it is of the device the layout describes? */
static bool says_itself(const struct facts *facts)
{
	struct recognition found;
	struct np_error ignored;

	if (facts->found)
		found = *facts->found;
	else if (recognise_dump(facts->have, facts->size, &found, &ignored))
		return false;
	return !found.ambiguous && strcmp(found.name, facts->guard->name) == 0;
}

/* Hardware versions of one device may divide the flash alike and still not start each other's
 * firmware. Where chip and image both show their version, the versions must be equal, not just
 * the map. */
static bool told_apart(const struct facts *facts, const struct layout *other)
{
	const struct layout *mine = facts->guard;
	const uint8_t *image = facts->intent->image.data;
	char why[256];

	if (!selection_is_whole(&facts->intent->selection) || facts->based)
		return false;
	if (says_itself(facts))
		return true;
	return recognise_score(mine, facts->have, facts->size, why, sizeof(why)) >
	               recognise_score(other, facts->have, facts->size, why, sizeof(why)) &&
	       recognise_score(other, image, facts->size, why, sizeof(why)) >
	               recognise_score(mine, image, facts->size, why, sizeof(why));
}

static int refuse(const struct facts *facts, const struct layout *other, struct verdict *verdict)
{
	struct np_range all = {0, facts->size};
	struct np_ranges whole = {&all, 1, 1};
	const struct selection *sel = &facts->intent->selection;
	char ranges[256];

	gate_refuse(verdict, NP_E_POLICY, "the image is a dump of %s, this is %s%s", other->device,
	            facts->guard->device,
	            facts->guard_recognised ? " by what its chip holds" : " by its layout");
	ranges_list(selection_is_whole(sel) ? &whole : &sel->todo, ranges, sizeof(ranges));
	return gate_hint(verdict,
	                 "find a dump of this device; to write this one all the same, name the "
	                 "range: --range %s",
	                 ranges);
}

/* After another unit's dump was written, the backup of this very chip is the way back. */
static int judge(const struct facts *facts, const struct layout *other, struct verdict *verdict,
                 struct np_error *err)
{
	bool own = false;
	int ret = facts->job_bit == GATE_RESTORE ? image_is_own_backup(facts, &own, err) : 0;

	if (ret || !own)
		return ret ? ret : refuse(facts, other, verdict);
	return gate_warn(
		verdict,
		"the file is a dump of %s and a backup of this very chip, by its unique ID: "
		"what the chip holds now is of %s",
		other->device, facts->guard->device);
}

/* Is one of the names in a sysupgrade's metadata this device's, or of one that is divided alike? */
static bool takes(const struct facts *facts, const struct openwrt_devices *devices, bool *alike)
{
	bool same = false;

	for (size_t i = 0; i < devices->count && !same; i++) {
		struct np_error ignored;
		struct layout other;
		bool found;

		same = strcasecmp(devices->at[i], facts->guard->name) == 0;
		if (same || layout_load_device(devices->at[i], &other, &found, &ignored) || !found)
			continue;
		same = strcmp(other.name, facts->guard->name) == 0;
		*alike |= recognise_same_map(&other, facts->guard);
		layout_free(&other);
	}
	return same;
}

/* OpenWrt itself refuses a sysupgrade that is not for the device it runs on. Names change from
 * release to release, so that one whose map is the same may be this very device. */
static int ask_metadata(const struct facts *facts, struct verdict *verdict)
{
	const struct openwrt_devices *devices = &facts->intent->image.is.devices;
	bool alike = devices->more;

	if (!devices->count || takes(facts, devices, &alike))
		return 0;
	if (alike || facts->guard_by_image || (facts->found && facts->found->ambiguous))
		return gate_warn(verdict, "the file is OpenWrt for %s%s, this is %s",
		                 devices->at[0], devices->count > 1 ? " and others" : "",
		                 facts->guard->device);
	gate_refuse(verdict, NP_E_POLICY, "the file is OpenWrt for %s, this is %s%s",
	            devices->at[0], facts->guard->device,
	            facts->guard_recognised ? " by what its chip holds" : " by its layout");
	return gate_hint(verdict, "take the file that is made for this device, or "
	                          "--override other-device");
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct recognition *found = facts->image_found;
	struct layout other;
	int ret;

	if (facts->guard && facts->guard->profile && facts->guard->device[0]) {
		ret = ask_metadata(facts, verdict);
		if (ret || verdict->answer != GATE_PASS)
			return ret;
	}
	/* A map that was found in the chip names no device. */
	if (!found || !facts->guard || !facts->guard->profile || facts->guard_by_image ||
	    !facts->guard->device[0])
		return 0;
	if (!found->name[0])
		return gate_warn(verdict, "this is %s, the image no dump of it: %s",
		                 facts->guard->device, found->why);
	if (found->ambiguous || strcmp(found->name, facts->guard->name) == 0)
		return 0;
	ret = recognise_load(found, facts->intent->image.data, facts->size, &other, err);
	if (ret)
		return ret;
	if (!recognise_same_map(&other, facts->guard) || told_apart(facts, &other))
		ret = judge(facts, &other, verdict, err);
	layout_free(&other);
	return ret;
}

const struct gate gate_other_device = {
	.name = "other-device",
	.stage = GATE_READ,
	.jobs = GATE_IMAGE,
	.can_be_overridden = true,
	.lifted_by = "--range",
	.protects = "Protects the board from firmware of another device, or of a hardware "
		    "version that it does not start.",
	.ask = ask,
};
