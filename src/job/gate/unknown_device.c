/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing tells what device the flash is from, so norprog cannot know where its own data lie. */
#include "base/bytes.h"
#include "device/marks.h"
#include "device/recognise.h"
#include "job/gate/own.h"

static bool is_blank(const struct facts *facts)
{
	return bytes_all(facts->have, facts->size, 0xff) || bytes_all(facts->have, facts->size, 0);
}

/* With a layout that knows unit data the gate unit-data judges. */
static bool is_known(const struct facts *facts)
{
	return facts->guard && facts->guard->profile && facts->guard->unit.count &&
	       !facts->guard_by_image;
}

static int told_by_form(const struct facts *facts, bool *told, struct np_error *err)
{
	struct unit_marks marks;
	int ret = unit_marks_find(facts->have, facts->size, facts->known, &marks, err);

	*told = !ret && unit_marks_tell(&marks);
	unit_marks_free(&marks);
	return ret;
}

static int refuse(const struct facts *facts, struct verdict *verdict)
{
	const struct recognition *found = facts->found;

	gate_refuse(verdict, NP_E_UNIT,
	            "norprog does not know where this chip keeps what only this unit has: %s, and "
	            "%s is not known to be its own",
	            found && found->why[0] ? found->why : "no layout says it",
	            facts->intent->image.data ? "the image" : "what stays");
	return gate_hint(verdict,
	                 "give its layout with -l, or what must stay: --keep START+LEN,...; where "
	                 "nothing must stay: --keep nothing");
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct selection *sel = &facts->intent->selection;
	bool told = false, own = false;
	int ret;

	if (!selection_is_whole(sel) || sel->kept.count || sel->keep_nothing || is_known(facts) ||
	    facts->based || is_blank(facts))
		return 0;
	ret = told_by_form(facts, &told, err);
	if (!ret && !told)
		ret = image_is_own(facts, &own, err);
	return ret || told || own ? ret : refuse(facts, verdict);
}

const struct gate gate_unknown_device = {
	.name = "unknown-device",
	.stage = GATE_READ,
	.jobs = GATE_NEW,
	.can_be_overridden = true,
	.lifted_by = "--keep RANGES, --keep nothing, --layout",
	.protects = "Protects what only this unit has where nothing tells where it lies, no "
		    "name, no device tree, no known form: the whole chip is replaced only if "
		    "the user says what must stay.",
	.ask = ask,
};
