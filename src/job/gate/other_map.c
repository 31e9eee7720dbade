/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image's flash descriptor or FMAP divides the flash in another way than the chip's. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/pc_map.h"
#include "job/gate/gate.h"
#include "layout/source.h"

#define FMAP_MOST 0x4000u /* 256 areas and their header */

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
	const char *map; /* the region that the map itself is in */
	char names[256]; /* with the descriptor in front, as --only takes them */
	char where[300];
	bool open; /* not all of it is written */
	bool many; /* more than there is room for */
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
	if (n + strlen(r->name) + 2 > sizeof(moved->names) ||
	    w + strlen(r->name) + 40 > sizeof(moved->where)) {
		moved->many = true;
		return;
	}
	if (strcmp(moved->map, r->name) != 0)
		snprintf(moved->names + n, sizeof(moved->names) - n, ",%s", r->name);
	if (mine && theirs)
		snprintf(place, sizeof(place), "0x%06" PRIx64 "+0x%" PRIx64, theirs->start,
		         theirs->len);
	else
		snprintf(place, sizeof(place), "%s", theirs ? "new" : "gone");
	snprintf(moved->where + w, sizeof(moved->where) - w, "%s%s %s", w ? ", " : "", r->name,
	         place);
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

/* `map`: the region that the map itself is in. */
static int warn(const struct facts *facts, const struct layout *mine, const struct layout *theirs,
                const char *map, struct verdict *verdict)
{
	const struct np_ranges *todo = &facts->intent->selection.todo;
	const struct layout_region *own = layout_find(theirs, map);
	struct moved moved = {.map = map};

	snprintf(moved.names, sizeof(moved.names), "%s", map);
	compare(mine, theirs, todo, &moved);
	if (!moved.where[0])
		return 0;
	if (!moved.open && own && np_ranges_contain(todo, (struct np_range){own->start, own->len}))
		return gate_warn(verdict,
		                 "the image divides the flash otherwise than the chip: %s%s; the "
		                 "map is written with it",
		                 moved.where, moved.many ? " and more" : "");
	if (moved.many)
		return gate_warn(verdict,
		                 "the image divides the flash otherwise than the chip: %s and "
		                 "more; not all of that is written, and for all to be true it "
		                 "must be: write the whole image, without --only",
		                 moved.where);
	return gate_warn(
		verdict,
		"the image divides the flash otherwise than the chip: %s; not all of that is "
		"written, and for both to be true it must be: --only %s",
		moved.where, moved.names);
}

static int ask_descriptor(const struct facts *facts, const uint8_t *image, struct verdict *verdict,
                          struct np_error *err)
{
	struct layout mine = {0}, theirs = {0};
	uint8_t front[PC_DESCRIPTOR];
	struct np_error ignored;
	bool has;
	int ret;

	if (!pc_has_descriptor(image, facts->size))
		return 0;
	ret = chip_descriptor(facts, front, &has, err);
	if (ret || !has)
		return ret;
	if (layout_parse_ifd(front, sizeof(front), facts->size, "chip", &mine, &ignored) == 0 &&
	    layout_parse_ifd(image, facts->size, facts->size, "image", &theirs, &ignored) == 0)
		warn(facts, &mine, &theirs, "descriptor", verdict);
	layout_free(&mine);
	layout_free(&theirs);
	return 0;
}

/* ---- FMAP ---- */

static int read_fmap(const struct facts *facts, const struct layout_region *where, uint8_t *buf,
                     struct layout *mine, bool *has, struct np_error *err)
{
	uint64_t len = where->len < FMAP_MOST ? where->len : FMAP_MOST;
	int ret = facts_read(facts, (struct np_range){where->start, len}, buf, err);
	size_t total = ret ? 0 : pc_fmap_len(buf, len, 0);
	struct np_error ignored;

	*has = total && layout_parse_fmap(buf, total, facts->size, "chip", mine, &ignored) == 0;
	return ret;
}

/* In all of the chip where that is known, else where the map in force says that it lies. */
static int chip_fmap(const struct facts *facts, struct layout *mine, bool *has,
                     struct np_error *err)
{
	const struct layout_region *where = facts->guard ? layout_find(facts->guard, "FMAP") : NULL;
	uint8_t *buf;
	int ret;

	*has = facts_know(facts, (struct np_range){0, facts->size}) &&
	       pc_fmap_find(facts->have, facts->size, "chip", mine);
	if (*has || !where || where->start + where->len > facts->size)
		return 0;
	buf = malloc(FMAP_MOST);
	if (!buf)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	ret = read_fmap(facts, where, buf, mine, has, err);
	free(buf);
	return ret;
}

static int ask_fmap(const struct facts *facts, const uint8_t *image, struct verdict *verdict,
                    struct np_error *err)
{
	struct layout mine = {0}, theirs = {0};
	bool has;
	int ret;

	if (!pc_fmap_find(image, facts->size, "image", &theirs))
		return 0;
	ret = chip_fmap(facts, &mine, &has, err);
	if (!ret && has)
		warn(facts, &mine, &theirs, "FMAP", verdict);
	if (has)
		layout_free(&mine);
	layout_free(&theirs);
	return ret;
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const uint8_t *image = facts->intent->image.data;
	int ret;

	if (!image || facts->intent->image.part > 1 || !intent_is_whole(facts->intent, facts->size))
		return 0;
	ret = ask_descriptor(facts, image, verdict, err);
	return ret ? ret : ask_fmap(facts, image, verdict, err);
}

const struct gate gate_other_map = {
	.name = "other-map",
	.stage = GATE_READ,
	.jobs = GATE_IMAGE,
	.protects = "Warns where the new firmware of a PC divides the flash in another way: "
		    "it starts only if its map and all its regions are written together.",
	.ask = ask,
};
