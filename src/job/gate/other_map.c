/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image's flash descriptor divides the flash in another way than the chip's. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "image/pc_map.h"
#include "job/gate/gate.h"
#include "layout/source.h"

/* Read the chip's descriptor where the job has not, but only on a chip whose map is in force. */
static int chip_descriptor(const struct facts *facts, uint8_t *front, bool *has,
                           struct np_error *err)
{
	struct np_range range = {0, PC_DESCRIPTOR};
	int ret;

	*has = false;
	if (!facts_know(facts, range) && !(facts->guard && layout_find(facts->guard, "descriptor")))
		return 0;
	ret = facts_read(facts, range, front, err);
	*has = !ret && pc_has_descriptor(front, PC_DESCRIPTOR);
	return ret;
}

struct moved {
	char names[256]; /* with the descriptor in front, as --only takes them */
	char where[300];
	bool open; /* not all of it is written */
};

static void note(struct moved *moved, const struct layout_region *mine,
                 const struct layout_region *theirs, const struct np_ranges *todo)
{
	size_t n = strlen(moved->names), w = strlen(moved->where);
	const struct layout_region *r = theirs ? theirs : mine;
	char place[64];

	if (!r)
		return;
	moved->open |= !np_ranges_contain(todo, (struct np_range){r->start, r->len});
	if (n < sizeof(moved->names))
		snprintf(moved->names + n, sizeof(moved->names) - n, ",%s", r->name);
	if (mine && theirs)
		snprintf(place, sizeof(place), "0x%06" PRIx64 "+0x%" PRIx64, theirs->start,
		         theirs->len);
	else
		snprintf(place, sizeof(place), "%s", theirs ? "new" : "gone");
	if (w < sizeof(moved->where))
		snprintf(moved->where + w, sizeof(moved->where) - w, "%s%s %s", w ? ", " : "",
		         r->name, place);
}

static bool same_place(const struct layout_region *a, const struct layout_region *b)
{
	return a && b && a->start == b->start && a->len == b->len;
}

static void compare(const struct layout *mine, const struct layout *theirs,
                    const struct np_ranges *todo, struct moved *moved)
{
	for (size_t i = 0; i < theirs->region_count; i++) {
		const struct layout_region *own = layout_find(mine, theirs->regions[i].name);

		if (!same_place(own, &theirs->regions[i]))
			note(moved, own, &theirs->regions[i], todo);
	}
	for (size_t i = 0; i < mine->region_count; i++)
		if (!layout_find(theirs, mine->regions[i].name))
			note(moved, &mine->regions[i], NULL, todo);
}

static int warn(const struct facts *facts, const struct layout *mine, const struct layout *theirs,
                struct verdict *verdict)
{
	const struct np_ranges *todo = &facts->intent->selection.todo;
	struct moved moved = {.names = "descriptor"};

	compare(mine, theirs, todo, &moved);
	if (!moved.where[0])
		return 0;
	if (!moved.open && np_ranges_contain(todo, (struct np_range){0, PC_DESCRIPTOR}))
		return gate_warn(verdict,
		                 "the image divides the flash otherwise than the chip: %s; the map "
		                 "is written with it",
		                 moved.where);
	return gate_warn(
		verdict,
		"the image divides the flash otherwise than the chip: %s; not all of that is "
		"written, and for both to be true it must be: --only %s",
		moved.where, moved.names);
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const uint8_t *image = facts->intent->image.data;
	struct layout mine = {0}, theirs = {0};
	uint8_t front[PC_DESCRIPTOR];
	struct np_error ignored;
	bool has;
	int ret;

	if (!image || facts->intent->image.part > 1 ||
	    !intent_is_whole(facts->intent, facts->size) || !pc_has_descriptor(image, facts->size))
		return 0;
	ret = chip_descriptor(facts, front, &has, err);
	if (ret || !has)
		return ret;
	if (layout_parse_ifd(front, sizeof(front), facts->size, "chip", &mine, &ignored) == 0 &&
	    layout_parse_ifd(image, facts->size, facts->size, "image", &theirs, &ignored) == 0)
		warn(facts, &mine, &theirs, verdict);
	layout_free(&mine);
	layout_free(&theirs);
	return 0;
}

const struct gate gate_other_map = {
	.name = "other-map",
	.stage = GATE_READ,
	.jobs = GATE_IMAGE,
	.protects = "A PC that starts: firmware that moved its regions starts only with the "
		    "descriptor and all the regions that it was made with.",
	.ask = ask,
};
