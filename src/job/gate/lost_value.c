/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A field that is kept although it is blank, in a region that is not all blank. */
#include <inttypes.h>
#include <string.h>

#include "device/field.h"
#include "job/gate/fields.h"
#include "job/gate/gate.h"

/* Is the field blank on the chip, while the image has a value? */
static bool is_lost(const struct facts *facts, const struct layout_field *field)
{
	struct unit_value own, other;

	return field_has_check(field) &&
	       np_ranges_contain(&facts->intent->selection.keep, field_range(field)) &&
	       facts_know(facts, field_range(field)) &&
	       unit_field_read(field, facts->have, facts->size, &own) &&
	       own.state == UNIT_DOUBTFUL && strcmp(own.flaw, "blank") == 0 &&
	       unit_field_read(field, facts->intent->image.data, facts->size, &other) &&
	       other.state == UNIT_GOOD;
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct layout *layout = facts->guard;

	(void)err;
	if (!layout || !layout->profile || !intent_is_whole(facts->intent, facts->size))
		return 0;
	for (size_t i = 0; i < layout->field_count; i++)
		if (is_lost(facts, &layout->fields[i]))
			gate_warn(
				verdict,
				"%s at 0x%06" PRIx64
				" is kept, and it is blank on this chip: an older backup may have it",
				layout->fields[i].name, layout->fields[i].start);
	return 0;
}

const struct gate gate_lost_value = {
	.name = "lost-value",
	.stage = GATE_READ,
	.jobs = GATE_IMAGE,
	.protects = "Warns of a value of this unit that is already lost on the chip: to keep "
		    "it keeps a blank, while an older backup may still have it.",
	.ask = ask,
};
