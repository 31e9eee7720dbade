/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "device/field.h"
#include "job/gate/fields.h"
#include "job/gate/gate.h"

static int refuse(const struct unit_value *value, struct verdict *verdict)
{
	gate_refuse(verdict, NP_E_UNIT,
	            "%s at 0x%06" PRIx64 " would become %s: the image was censored",
	            value->field->name, value->field->start, value->flaw);
	return gate_hint(verdict,
	                 "--keep unit keeps this unit's own; --set %s=... gives the right one",
	                 value->field->name);
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct layout *layout = facts->guard;
	struct unit_value value;

	(void)err;
	if (!layout || !layout->profile)
		return 0;
	for (size_t i = 0; i < layout->field_count; i++)
		if (field_changes(facts, &layout->fields[i]) &&
		    unit_field_read(&layout->fields[i], facts->want, facts->size, &value) &&
		    value.state == UNIT_PLACEHOLDER)
			return refuse(&value, verdict);
	return 0;
}

const struct gate gate_placeholder = {
	.name = "placeholder",
	.stage = GATE_READ,
	.jobs = GATE_IMAGE,
	.can_be_overridden = true,
	.lifted_by = "--keep unit, --set FIELD=VALUE",
	.protects = "Protects this unit's identity: whoever publishes a dump often overwrites "
		    "MAC and IMEI with placeholders, and two devices that have the same ones "
		    "disturb each other.",
	.ask = ask,
};
