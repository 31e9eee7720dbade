/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/map.h"

/* A region longer than this is not kept as a whole for a few bytes in it. */
#define REGION_MAX ((uint64_t)2 << 20)

#define CUT_DOUBT "the device tree tells more places of unit data than were looked at"

struct facts *facts_begin(const char *name, struct layout *layout, struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);
	struct facts *facts = build ? calloc(1, sizeof(*facts)) : NULL;

	if (facts) {
		facts->build = build;
	} else if (build) {
		free(build);
		np_fail(err, NP_E_MEMORY, "%s: out of memory", name);
	}
	return facts;
}

int facts_part(struct facts *facts, const char *label, size_t label_len, uint64_t start,
               uint64_t len, struct np_error *err)
{
	struct layout_build *build = facts->build;
	/* Without a length it takes the rest of the flash. */
	bool rest = !len && start < LAYOUT_SIZE_MAX;
	int rc = layout_map_add(build, label, label_len, start,
	                        rest ? LAYOUT_SIZE_MAX - start : len, err);

	if (!rc)
		build->regions[build->region_count - 1].open_end = rest;
	return rc;
}

/* ---- cells ---- */

static bool is_mac_len(uint64_t len)
{
	return len == 6 || len == 12 || len == 17;
}

void facts_cell(struct facts *facts, const struct facts_cell *told, size_t *index)
{
	struct facts_cell copy = *told, *cell = &copy;

	/* Two boards' trees read a MAC at the beginning of a whole calibration. */
	if (copy.kind == FACTS_MAC && !is_mac_len(copy.len))
		copy.kind = FACTS_CAL;
	for (size_t i = 0; i < facts->cell_count; i++) {
		struct facts_cell *known = &facts->cells[i];

		if (known->start == cell->start && known->len == cell->len &&
		    known->kind == cell->kind) {
			*index = i;
			return;
		}
	}
	*index = FACTS_CELLS;
	if (facts->cell_count == FACTS_CELLS) {
		snprintf(facts->build->layout.doubt, sizeof(facts->build->layout.doubt), "%s",
		         CUT_DOUBT);
		return;
	}
	*index = facts->cell_count;
	facts->cells[facts->cell_count++] = *cell;
}

void facts_use(struct facts *facts, const char *user, size_t user_len, size_t cell, int offset)
{
	struct facts_use *use = &facts->uses[facts->use_count];
	size_t n = 0;

	if (facts->use_count == FACTS_USES || cell >= facts->cell_count)
		return;
	for (; n < user_len && n < sizeof(use->name) - 8 && user[n]; n++) {
		char c = user[n];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		             (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';

		use->name[n] = plain ? c : '-';
	}
	use->name[n] = '\0';
	use->cell = cell;
	use->offset = offset;
	for (size_t i = 0; i < facts->use_count; i++)
		if (facts->uses[i].cell == cell && facts->uses[i].offset == offset &&
		    strcmp(facts->uses[i].name, use->name) == 0)
			return;
	facts->use_count++;
}

void facts_stock(struct facts *facts, const char *name, size_t name_len, uint64_t start,
                 uint64_t len)
{
	struct facts_stock *stock = &facts->stock[facts->stock_count];

	if (facts->stock_count == FACTS_STOCK || !len)
		return;
	facts->stock_count++;
	snprintf(stock->name, sizeof(stock->name), "%.*s", (int)name_len, name);
	stock->start = start;
	stock->len = len;
}

/* ---- the layout ---- */

static bool goes_first(const struct facts_cell *a, const struct facts_cell *b)
{
	if (a->start != b->start)
		return a->start < b->start;
	return a->len != b->len ? a->len < b->len : a->kind < b->kind;
}

/* The number that a cell has among those of its kind, by address: names do not depend on the order
 * in which a tree tells them. */
static unsigned rank_of(const struct facts *facts, size_t cell)
{
	unsigned rank = 1;

	for (size_t i = 0; i < facts->cell_count; i++)
		rank += facts->cells[i].kind == facts->cells[cell].kind &&
		        goes_first(&facts->cells[i], &facts->cells[cell]);
	return rank;
}

static void field_name(char name[LAYOUT_NAME_MAX], enum facts_kind kind, unsigned rank)
{
	const char *stem = kind == FACTS_MAC ? "mac" : "cal";

	if (rank == 1)
		snprintf(name, LAYOUT_NAME_MAX, "%s", stem);
	else
		snprintf(name, LAYOUT_NAME_MAX, "%s-%u", stem, rank);
}

/* The innermost region that holds all of a cell. */
static struct layout_region *region_of(struct layout_build *build, const struct facts_cell *cell)
{
	struct layout_region *best = NULL;

	for (size_t i = 0; i < build->region_count; i++) {
		struct layout_region *r = &build->regions[i];

		if (cell->start >= r->start && cell->len <= r->len &&
		    cell->start - r->start <= r->len - cell->len && (!best || r->len < best->len))
			best = r;
	}
	return best;
}

static enum layout_field_type field_type_of(const struct facts_cell *cell)
{
	if (cell->kind == FACTS_CAL)
		return FIELD_CAL;
	if (cell->len == 6)
		return FIELD_MAC;
	return FIELD_MAC_TEXT;
}

static void note(struct layout_region *region, const char *what)
{
	size_t n = strlen(region->holds);

	if (strstr(region->holds, what))
		return;
	snprintf(region->holds + n, sizeof(region->holds) - n, "%s%s", n ? ", " : "", what);
}

static bool holds_another(const struct layout_build *build, const struct layout_region *region)
{
	for (size_t i = 0; i < build->region_count; i++) {
		const struct layout_region *r = &build->regions[i];

		if (r != region && r->start >= region->start &&
		    r->start + r->len <= region->start + region->len)
			return true;
	}
	return false;
}

/* A boot loader or a firmware that holds a few bytes of this unit's is kept by these bytes alone,
 * because it is what an update replaces. */
static bool keeps_whole(const struct layout_build *build, const struct layout_region *region)
{
	return !facts_is_boot(region->name) && !facts_is_firmware(region->name) &&
	       region->len <= REGION_MAX && !holds_another(build, region);
}

static void place_cell(struct facts *facts, size_t index)
{
	struct layout_build *build = facts->build;
	struct facts_cell *cell = &facts->cells[index];
	struct layout_region *region = region_of(build, cell);
	struct layout_field *field = &build->fields[build->field_count];
	bool whole;

	/* A cell outside every partition has no region by whose name it could be kept. */
	if (!region || cell->kind == FACTS_NONE)
		return;
	whole = keeps_whole(build, region);
	note(region, cell->kind == FACTS_CAL ? "Wi-Fi calibration" : "MAC address");
	region->unit |= whole;
	if (cell->kind == FACTS_ENV) {
		region->unit |= !holds_another(build, region);
		return;
	}
	cell->field = rank_of(facts, index);
	field_name(field->name, cell->kind, cell->field);
	field->type = field_type_of(cell);
	field->start = cell->start;
	field->len = cell->len;
	field->unit = !whole;
	build->field_count++;
}

static bool derived_taken(const struct layout_build *build, const char *name)
{
	for (size_t i = 0; i < build->derived_count; i++)
		if (strcmp(build->derived[i].name, name) == 0)
			return true;
	return false;
}

static void place_use(struct facts *facts, const struct facts_use *use)
{
	struct layout_build *build = facts->build;
	const struct facts_cell *cell = &facts->cells[use->cell];
	struct layout_derived *derived = &build->derived[build->derived_count];
	unsigned n = 2;

	if (cell->kind != FACTS_MAC || !cell->field || build->derived_count == LAYOUT_MAX)
		return;
	snprintf(derived->name, sizeof(derived->name), "%s", use->name);
	while (derived_taken(build, derived->name) && n < 1000)
		snprintf(derived->name, sizeof(derived->name), "%.50s-%u", use->name, n++);
	field_name(derived->field, FACTS_MAC, cell->field);
	derived->offset = use->offset;
	build->derived_count++;
}

/* By address, so that the fields stand in one order whoever told them. */
static void sort_fields(struct layout_build *build)
{
	for (size_t i = 1; i < build->field_count; i++) {
		struct layout_field field = build->fields[i];
		size_t at = i;

		for (; at && (build->fields[at - 1].start > field.start ||
		              (build->fields[at - 1].start == field.start &&
		               build->fields[at - 1].len > field.len));
		     at--)
			build->fields[at] = build->fields[at - 1];
		build->fields[at] = field;
	}
}

/* Set what the regions' names tell. The first boot loader is the one that the processor starts. */
static void name_regions(struct layout_build *build)
{
	struct layout_region *boot = NULL;

	for (size_t i = 0; i < build->region_count; i++) {
		struct layout_region *r = &build->regions[i];
		bool loader = facts_is_boot(r->name);

		if (loader && (!boot || r->start < boot->start))
			boot = r;
		if (!r->unit && facts_is_unit_name(r->name) && keeps_whole(build, r)) {
			r->unit = true;
			note(r, "this unit's data, by its name");
		}
		if (loader)
			note(r, "boot loader");
		else if (facts_is_firmware(r->name))
			note(r, "firmware");
	}
	if (boot)
		boot->boot = true;
}

static bool use_goes_first(const struct facts *facts, const struct facts_use *a,
                           const struct facts_use *b)
{
	const struct facts_cell *at = &facts->cells[a->cell], *bt = &facts->cells[b->cell];

	if (at->start != bt->start)
		return at->start < bt->start;
	if (a->offset != b->offset)
		return a->offset < b->offset;
	return strcmp(a->name, b->name) < 0;
}

static void sort_uses(struct facts *facts)
{
	for (size_t i = 1; i < facts->use_count; i++) {
		struct facts_use use = facts->uses[i];
		size_t at = i;

		for (; at && use_goes_first(facts, &use, &facts->uses[at - 1]); at--)
			facts->uses[at] = facts->uses[at - 1];
		facts->uses[at] = use;
	}
}

/* Cells in the order of their addresses: the order in a tree says nothing. */
static void place_cells(struct facts *facts)
{
	size_t order[FACTS_CELLS];

	for (size_t i = 0; i < facts->cell_count; i++) {
		size_t at = i;

		for (; at && goes_first(&facts->cells[i], &facts->cells[order[at - 1]]); at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	for (size_t i = 0; i < facts->cell_count; i++)
		place_cell(facts, order[i]);
}

/* Some boards' partitions run over the beginning of the next one. What begins later has the bytes
 * that both claim. */
static void part_overlaps(struct layout_build *build)
{
	for (size_t i = 0; i < build->region_count; i++) {
		for (size_t j = 0; j < build->region_count; j++) {
			struct layout_region *a = &build->regions[i], *b = &build->regions[j];

			if (a->start >= b->start || a->start + a->len <= b->start ||
			    a->start + a->len >= b->start + b->len)
				continue;
			a->len = b->start - a->start;
			snprintf(build->layout.doubt, sizeof(build->layout.doubt),
			         "partitions %.40s and %.40s overlap", a->name, b->name);
		}
	}
}

/* ---- the vendor's own division ---- */

static bool name_is_taken(const struct layout_build *build, const char *name)
{
	for (size_t i = 0; i < build->region_count; i++)
		if (strcmp(build->regions[i].name, name) == 0 ||
		    strcmp(build->regions[i].alias, name) == 0)
			return true;
	return false;
}

static bool crosses(const struct layout_region *region, const struct facts_stock *stock)
{
	uint64_t end = region->start + region->len, stock_end = stock->start + stock->len;
	bool apart = end <= stock->start || stock_end <= region->start;
	bool holds = region->start <= stock->start && stock_end <= end;
	bool lies_in = stock->start <= region->start && end <= stock_end;

	return !apart && !holds && !lies_in;
}

static bool crosses_any(const struct layout_build *build, const struct facts_stock *stock)
{
	for (size_t i = 0; i < build->region_count; i++)
		if (crosses(&build->regions[i], stock))
			return true;
	return false;
}

static int place_stock(struct layout_build *build, const struct facts_stock *stock,
                       struct np_error *err)
{
	struct facts_cell place = {.start = stock->start, .len = stock->len};
	struct layout_region *in = region_of(build, &place);
	struct layout_region region = {.start = stock->start, .len = stock->len};
	bool same = in && in->start == stock->start && in->len == stock->len;

	if (same && strcmp(in->name, stock->name) == 0)
		return 0;
	if (crosses_any(build, stock) || name_is_taken(build, stock->name)) {
		snprintf(build->layout.doubt, sizeof(build->layout.doubt),
		         "the stock firmware divides it otherwise: its %.32s is 0x%06llx-0x%06llx",
		         stock->name, (unsigned long long)stock->start,
		         (unsigned long long)(stock->start + stock->len - 1));
		return 0;
	}
	if (same && !in->alias[0]) {
		snprintf(in->alias, sizeof(in->alias), "%s", stock->name);
		return 0;
	}
	/* A boot loader stays one region, because --boot-last writes the region as a whole. */
	if (same || (in && in->boot))
		return 0;
	snprintf(region.name, sizeof(region.name), "%s", stock->name);
	snprintf(region.holds, sizeof(region.holds), "the stock firmware's");
	region.unit = in && in->unit;
	return layout_build_region(build, &region, 0, err);
}

int facts_end(struct facts *facts, int rc, struct layout *layout, struct np_error *err)
{
	struct layout_build *build = facts->build;

	part_overlaps(build);
	if (!rc)
		place_cells(facts);
	sort_uses(facts);
	for (size_t i = 0; i < facts->use_count && !rc; i++)
		place_use(facts, &facts->uses[i]);
	sort_fields(build);
	name_regions(build);
	for (size_t i = 0; i < facts->stock_count && !rc; i++)
		rc = place_stock(build, &facts->stock[i], err);
	free(facts);
	rc = layout_map_end(build, rc, layout, err);
	if (!rc)
		layout->profile = layout->unit.count != 0;
	return rc;
}
