/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unit data that is recognised by its form, on devices without a profile. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "device/loss.h"
#include "device/recognise.h"
#include "job/gate/own.h"

#define RANGES_MAX 8 /* in the command that is offered */
#define SHOWN      4 /* places that the message names; the hint has all of them */

/* Is a layout with unit data in force, and does it describe this chip? */
static bool described(const struct facts *facts)
{
	return facts->guard && facts->guard->profile && facts->guard->unit.count &&
	       !facts->guard_by_image;
}

/* Leave out what the layout knows: firmware regions hold no unit data, and unit regions are
 * guarded by the gate unit-data. */
static int find_firmware(const struct facts *facts, struct np_ranges *firmware,
                         struct np_error *err)
{
	const struct layout *guard = facts->guard;
	int ret = 0;

	if (!described(facts))
		return 0;
	for (size_t i = 0; i < guard->region_count && !ret; i++)
		if (recognise_is_firmware(&guard->regions[i]))
			ret = np_ranges_add(
				firmware,
				(struct np_range){guard->regions[i].start, guard->regions[i].len},
				err);
	for (size_t i = 0; i < guard->group_count && !ret; i++)
		if (recognise_is_firmware(&guard->groups[i]))
			ret = np_ranges_add(
				firmware,
				(struct np_range){guard->groups[i].start, guard->groups[i].len},
				err);
	if (!ret)
		ret = np_ranges_remove_all(firmware, &guard->unit, err);
	return ret;
}

/* Does `range` hold only what would be lost, and blanks? Then whoever named the range means it. */
static int holds_nothing_else(const struct facts *facts, struct np_range range,
                              const struct np_ranges *losses, bool *only, struct np_error *err)
{
	struct np_ranges rest = {0};
	int ret = np_ranges_add(&rest, range, err);

	if (!ret)
		ret = np_ranges_remove_all(&rest, losses, err);
	*only = !ret;
	for (size_t i = 0; i < rest.count && *only; i++) {
		const uint8_t *p = facts->have + rest.at[i].start;

		*only = facts_know(facts, rest.at[i]) &&
		        (bytes_all(p, rest.at[i].len, 0xff) || bytes_all(p, rest.at[i].len, 0));
	}
	np_ranges_free(&rest);
	return ret;
}

/* "radio" names unit data by its name, and so do addresses of nothing else. */
static int drop_named(const struct facts *facts, const struct np_ranges *losses,
                      struct np_ranges *open, struct np_error *err)
{
	const struct parts *parts = &facts->intent->selection.parts;
	int ret = 0;

	for (size_t i = 0; i < parts->count && !ret; i++) {
		const struct part *part = &parts->at[i];
		bool named = part->how == NAMED_REGION && unit_partition_name(part->name);

		if (part->how == NAMED_ADDRESS)
			ret = holds_nothing_else(facts, part->range, losses, &named, err);
		if (!ret && named)
			ret = np_ranges_remove(open, part->range, err);
	}
	return ret;
}

/* Losses that were not named, and that no other gate refuses. */
static int find_open(const struct facts *facts, const struct unit_losses *losses,
                     struct np_ranges *open, struct np_error *err)
{
	int ret = intent_unnamed(facts->intent, &losses->ranges, open, err);

	if (!ret)
		ret = drop_named(facts, &losses->ranges, open, err);
	if (!ret)
		ret = np_ranges_remove_all(open, &facts->intent->set, err);
	if (!ret && facts->guard && facts->guard->profile)
		ret = np_ranges_remove_all(open, &facts->guard->unit, err);
	return ret;
}

static void list_places(const struct unit_losses *losses, const struct np_ranges *open, char *text,
                        size_t room)
{
	size_t n = 0, shown = 0, more = 0;

	text[0] = '\0';
	for (size_t i = 0; i < losses->count && n < room; i++) {
		if (!np_ranges_overlap(open, losses->at[i].at))
			continue;
		if (shown++ < SHOWN)
			n += (size_t)snprintf(text + n, room - n, "%s0x%06" PRIx64 " (%s)",
			                      n ? ", " : "", losses->at[i].at.start,
			                      losses->at[i].what);
		else
			more++;
	}
	if (more && n < room)
		snprintf(text + n, room - n, " and %zu more", more);
}

/* All places as one value for --keep; when there are too many, neighbouring ones are joined,
 * with what lies between. */
static int round_up(const struct np_ranges *open, struct np_ranges *keep, struct np_error *err)
{
	int ret = np_ranges_add_all(keep, open, err);

	for (uint64_t align = 0x1000; keep->count > RANGES_MAX && align <= 0x100000 && !ret;
	     align *= 16)
		ret = np_ranges_align(keep, align, err);
	return ret;
}

static int refuse(const struct unit_losses *losses, const struct np_ranges *open,
                  struct verdict *verdict, struct np_error *err)
{
	struct np_ranges keep = {0};
	char places[200], ranges[RANGES_MAX * 24];
	int ret = round_up(open, &keep, err);

	if (ret)
		return ret;
	list_places(losses, open, places, sizeof(places));
	ranges_list(&keep, ranges, sizeof(ranges));
	np_ranges_free(&keep);
	gate_refuse(verdict, NP_E_UNIT,
	            "this would replace what looks like data that only this unit has: %s", places);
	return gate_hint(verdict, "--keep %s keeps it; to replace it too: --override unit-form",
	                 ranges);
}

static int judge(const struct facts *facts, const struct unit_losses *losses,
                 struct verdict *verdict, struct np_error *err)
{
	struct np_ranges open = {0};
	bool own = false;
	int ret = find_open(facts, losses, &open, err);

	if (!ret && open.count)
		ret = image_is_own_backup(facts, &own, err);
	if (!ret && open.count && !own)
		ret = refuse(losses, &open, verdict, err);
	np_ranges_free(&open);
	return ret;
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	struct np_ranges firmware = {0};
	struct unit_losses losses = {0};
	struct unit_view view = {.have = facts->have,
	                         .want = facts->want,
	                         .size = facts->size,
	                         .known = facts->known,
	                         .described = described(facts) || facts->guard_by_image,
	                         .firmware = &firmware};
	int ret;

	if (facts->intent->selection.keep_nothing || intent_names_all(facts->intent, facts->size))
		return 0;
	ret = find_firmware(facts, &firmware, err);
	if (!ret)
		ret = unit_losses_find(&view, &losses, err);
	if (!ret)
		ret = judge(facts, &losses, verdict, err);
	unit_losses_free(&losses);
	np_ranges_free(&firmware);
	return ret;
}

const struct gate gate_unit_form = {
	.name = "unit-form",
	.stage = GATE_READ,
	.jobs = GATE_NEW,
	.can_be_overridden = true,
	.lifted_by = "--keep RANGES, --keep nothing",
	.protects = "Protects what only this unit has on devices that norprog has no profile "
		    "of: calibration, addresses and numbers are recognised by their form; "
		    "small differences in blocks that are otherwise alike count as well.",
	.ask = ask,
};
