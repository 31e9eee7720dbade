/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base/bytes.h"
#include "job/gate/fields.h"
#include "job/gate/gate.h"
#include "job/run.h"

/* A chip-sized buffer in which only the MAC fields are filled. Its other pages are never
 * touched, so they cost no memory. */
static int read_macs(const struct facts *facts, uint8_t *view, struct np_error *err)
{
	const struct layout *layout = facts->guard;
	int ret = 0;

	for (size_t i = 0; i < layout->field_count && !ret; i++) {
		struct np_range range = field_range(&layout->fields[i]);

		if (field_is_mac(&layout->fields[i]) && range.len && range.start < facts->size &&
		    range.len <= facts->size - range.start)
			ret = facts_read(facts, range, view + range.start, err);
	}
	return ret;
}

/* Are all MAC fields written by the job? Then it is the image that has to fit the layout. */
static bool writes_macs(const struct facts *facts)
{
	const struct layout *layout = facts->guard;

	for (size_t i = 0; i < layout->field_count; i++)
		if (field_is_mac(&layout->fields[i]) &&
		    !np_ranges_contain(&facts->intent->selection.todo,
		                       field_range(&layout->fields[i])))
			return false;
	return true;
}

/* Does the image stand in for the chip, which may have lost its MAC? It does where all MACs are
 * written by name and those of the image fit the layout. */
static int image_stands_in(const struct facts *facts, bool *stands_in, struct np_error *err)
{
	struct np_ranges open = {0};
	char ignored[256];
	int ret = intent_unnamed(facts->intent, &facts->guard->unit, &open, err);

	*stands_in =
		!ret && !open.count && facts->intent->image.data && writes_macs(facts) &&
		layout_plausible(facts->guard, facts->want, facts->size, ignored, sizeof(ignored));
	np_ranges_free(&open);
	return ret;
}

static int judge(const struct facts *facts, const char *why, struct verdict *verdict,
                 struct np_error *err)
{
	bool stands_in;
	int ret = image_stands_in(facts, &stands_in, err);

	if (ret)
		return ret;
	if (stands_in)
		return gate_warn(verdict, "%s on the chip; the image has one", why);
	gate_refuse(verdict, NP_E_POLICY, "layout %s does not fit this chip: %s",
	            facts->guard->name, why);
	return gate_hint(verdict,
	                 "another hardware version? choose the layout that fits, or leave --layout "
	                 "out and name raw ranges with --range");
}

/* A layout that was recognised by the whole contents fits; and a blank replacement chip cannot
 * contradict any layout. */
static bool needs_no_look(const struct facts *facts)
{
	bool whole = selection_is_whole(&facts->intent->selection);

	if (!facts->guard || !facts->guard->profile)
		return true;
	return whole && (facts->guard_recognised ||
	                 (!facts->based && bytes_all(facts->have, facts->size, 0xff)));
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	char why[256] = "";
	uint8_t *view;
	int ret;

	if (needs_no_look(facts))
		return 0;
	view = calloc(1, facts->size);
	if (!view)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	run_phase(facts->run, NP_PHASE_PROBE, 0);
	ret = read_macs(facts, view, err);
	run_phase_end(facts->run);
	if (!ret && !layout_plausible(facts->guard, view, facts->size, why, sizeof(why)))
		ret = judge(facts, why, verdict, err);
	free(view);
	return ret;
}

const struct gate gate_layout_fit = {
	.name = "layout-fit",
	.stage = GATE_READ,
	.jobs = GATE_NEW,
	.can_be_overridden = true,
	.lifted_by = "--range (and no --layout)",
	.protects = "Protects this unit's own data: the layout of another hardware version "
		    "would guard the wrong places. Where the layout has a MAC address, the "
		    "chip must have one.",
	.ask = ask,
};
