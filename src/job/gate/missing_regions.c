/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A part of a PC's flash in a file as long as the whole chip: other tools fill the rest with FFh, some
 * with zeros, when they are told to read "BIOS only". */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "image/pc_map.h"
#include "job/gate/gate.h"
#include "layout/source.h"

/* Has the image nothing in this region, where the chip holds something? */
struct region_state {
	bool written, blank, lost;
};

static bool is_empty(const uint8_t *bytes, uint64_t len)
{
	return bytes_all(bytes, len, 0xff) || bytes_all(bytes, len, 0);
}

static struct region_state look(const struct facts *facts, const struct layout_region *region,
                                const struct np_ranges *todo)
{
	struct region_state state = {.blank = true};

	for (size_t i = 0; i < todo->count; i++) {
		uint64_t start = todo->at[i].start, end = start + todo->at[i].len;

		start = start > region->start ? start : region->start;
		end = end < region->start + region->len ? end : region->start + region->len;
		if (start >= end)
			continue;
		state.written = true;
		state.blank &= is_empty(facts->want + start, end - start);
		state.lost |= !is_empty(facts->have + start, end - start);
	}
	return state;
}

struct sorted {
	char held[256], blank[256]; /* names, for --only and for the message */
	bool lost;                  /* a region without unit data (unit data have a gate of their
				       own) */
};

static void add_name(char *list, size_t room, const char *name)
{
	size_t n = strlen(list);

	if (n + 1 < room)
		snprintf(list + n, room - n, "%s%s", n ? "," : "", name);
}

static void sort(const struct facts *facts, const struct layout *map, bool has_descriptor,
                 const struct np_ranges *todo, struct sorted *sorted)
{
	for (size_t i = 0; i < map->region_count; i++) {
		const struct layout_region *region = &map->regions[i];
		struct region_state state = look(facts, region, todo);

		if (!state.written)
			continue;
		if (state.blank && state.lost)
			add_name(sorted->blank, sizeof(sorted->blank), region->name);
		/* What only this unit has is never proposed: naming it would be consent. */
		else if (!state.blank && !region->unit && (has_descriptor || region->start))
			add_name(sorted->held, sizeof(sorted->held), region->name);
		sorted->lost |= state.blank && state.lost && !region->unit;
	}
}

static int refuse(const struct facts *facts, const struct layout *map, bool has_descriptor,
                  struct verdict *verdict)
{
	const struct np_ranges *todo = &facts->intent->selection.todo;
	bool replaced =
		np_ranges_contain(todo, (struct np_range){0, PC_DESCRIPTOR}) && !has_descriptor;
	struct sorted sorted = {.lost = false};

	sort(facts, map, has_descriptor, todo, &sorted);
	if (!replaced && !sorted.lost)
		return 0;
	if (replaced)
		gate_refuse(verdict, NP_E_UNIT,
		            "the chip has a flash descriptor, by which its board starts; the image "
		            "has none%s%s",
		            sorted.blank[0] ? ", and is blank where the chip holds " : "",
		            sorted.blank);
	else
		gate_refuse(verdict, NP_E_UNIT,
		            "the image is blank where the chip holds %s: it is a part of a flash, "
		            "not a whole one",
		            sorted.blank);
	if (sorted.held[0] && selection_is_whole(&facts->intent->selection))
		return gate_hint(verdict, "to write what is in it: --only %s", sorted.held);
	return gate_hint(verdict, "find a dump of this board; what must stay is kept by --keep");
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	struct np_range front = {0, PC_DESCRIPTOR};
	struct layout map;
	struct np_error ignored;

	(void)err;
	/* Of an image in several chips, `wrong-part` looks at the descriptor. */
	if (facts->intent->image.part > 1 || !facts->intent->image.data ||
	    intent_names_all(facts->intent, facts->size) ||
	    (parts_all_addresses(&facts->intent->selection.parts) &&
	     !facts->intent->selection.placed) ||
	    facts->size < PC_DESCRIPTOR || !np_ranges_contain(facts->known, front) ||
	    !pc_has_descriptor(facts->have, facts->size) ||
	    layout_parse_ifd(facts->have, facts->size, facts->size, "the chip", &map, &ignored))
		return 0;
	refuse(facts, &map, pc_has_descriptor(facts->want, facts->size), verdict);
	layout_free(&map);
	return 0;
}

const struct gate gate_missing_regions = {
	.name = "missing-regions",
	.stage = GATE_READ,
	.jobs = GATE_IMAGE,
	.can_be_overridden = true,
	.lifted_by = "--only REGION, --keep, --range",
	.protects = "Protects the flash descriptor and the management engine of a PC: a file "
		    "of the BIOS region alone, filled up with FFh to the chip's length, would "
		    "erase them.",
	.ask = ask,
};
