/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "device/field.h"
#include "job/gate/fields.h"
#include "job/gate/gate.h"

static int refuse(const struct facts *facts, const struct unit_value *value,
                  struct verdict *verdict)
{
	const struct layout_field *field = value->field;
	const struct layout_region *region = layout_at(facts->guard, field->start);
	bool cal = field->type == FIELD_CAL, named = region && region->unit;
	char keep[LAYOUT_NAME_MAX];

	if (named)
		snprintf(keep, sizeof(keep), "%s", region->name);
	else
		snprintf(keep, sizeof(keep), "0x%06" PRIx64 "+%" PRIu64, field->start, field->len);
	gate_refuse(verdict, NP_E_UNIT, "%s at 0x%06" PRIx64 " would be no %s: %s", field->name,
	            field->start, unit_type_name(field->type), value->flaw);
	if (facts->intent->selection.placed)
		return gate_hint(verdict, "is it the right place? To write it all the same: "
		                          "--override flawed-value");
	return gate_hint(verdict,
	                 "--keep %s keeps what is there; %s%s%sto write it all the same, name the "
	                 "bytes: --range 0x%06" PRIx64 "+%" PRIu64,
	                 keep, cal ? "" : "--set ", cal ? "" : field->name,
	                 cal ? "" : "=... gives the right one; ",
	                 named ? region->start : field->start, named ? region->len : field->len);
}

/* Ranges of just unit data, by their addresses, are meant as they are. */
static bool named_bytes(const struct facts *facts, const struct layout_field *field)
{
	const struct selection *sel = &facts->intent->selection;

	if (sel->placed || !parts_all_addresses(&sel->parts))
		return false;
	for (size_t i = 0; i < sel->todo.count; i++) {
		struct np_ranges one = {&sel->todo.at[i], 1, 1};

		if (np_ranges_contain(&facts->guard->unit, one.at[0]) &&
		    np_ranges_contain(&one, field_range(field)))
			return true;
	}
	return false;
}

/* Where the chip's own value is gone, or fails the same check so that the profile may be wrong about
 * the place, a warning will do. */
static int judge(const struct facts *facts, const struct unit_value *value, struct verdict *verdict)
{
	struct unit_value own;

	unit_field_read(value->field, facts->have, facts->size, &own);
	if (own.state == UNIT_GOOD)
		return refuse(facts, value, verdict);
	return gate_warn(verdict, "%s of the image is no known %s: %s", value->field->name,
	                 unit_type_name(value->field->type), value->flaw);
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct layout *layout = facts->guard;

	(void)err;
	if (!layout || !layout->profile || !facts->intent->image.data)
		return 0;
	for (size_t i = 0; i < layout->field_count && verdict->answer != GATE_REFUSE; i++) {
		const struct layout_field *field = &layout->fields[i];
		struct unit_value value;

		if (field_has_check(field) && field_changes(facts, field) &&
		    unit_field_read(field, facts->want, facts->size, &value) &&
		    value.state == UNIT_DOUBTFUL && !named_bytes(facts, field))
			judge(facts, &value, verdict);
	}
	return 0;
}

const struct gate gate_flawed_value = {
	.name = "flawed-value",
	.stage = GATE_READ,
	.jobs = GATE_IMAGE,
	.can_be_overridden = true,
	.lifted_by = "--range START+LEN, --keep, --set FIELD=VALUE",
	.protects = "Protects a good value of this unit: one that fails the check of its kind "
		    "(calibration without its chip's number, a PIN with a wrong digit) never "
		    "replaces one that passes.",
	.ask = ask,
};
