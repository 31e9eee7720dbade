/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout/tree.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "layout/facts.h"
#include "layout/fdt_sound.h"

#define NESTING    4   /* partitions in partitions */
#define CELL_NODES 128 /* nodes that other nodes may refer to */
#define FLASHES    8   /* SPI NOR nodes looked at */

/* Where older trees do not say how long a radio's calibration is: the shortest there is. */
#define OLD_CAL_LEN 0x200

/* ---- properties ---- */

static uint64_t number(const fdt32_t *at, int count)
{
	uint64_t value = 0;

	for (int i = 0; i < count; i++)
		value = value << 32 | fdt32_to_cpu(at[i]);
	return value;
}

static uint32_t word_of(const void *fdt, int node, const char *name, uint32_t otherwise)
{
	int len = 0;
	const fdt32_t *at = fdt_getprop(fdt, node, name, &len);

	return at && len == 4 ? fdt32_to_cpu(*at) : otherwise;
}

static bool compatible(const void *fdt, int node, const char *with)
{
	return fdt_node_check_compatible(fdt, node, with) == 0;
}

/* `reg` of a child of `parent`: address and size, as the parent's cell counts say. */
static bool reg_of(const void *fdt, int parent, int node, uint64_t *start, uint64_t *size)
{
	int len = 0, addr_cells = fdt_address_cells(fdt, parent);
	int size_cells = fdt_size_cells(fdt, parent);
	const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &len);

	if (addr_cells < 1 || addr_cells > 2 || size_cells < 1 || size_cells > 2 || !reg ||
	    len < 4 * (addr_cells + size_cells))
		return false;
	*start = number(reg, addr_cells);
	*size = number(reg + addr_cells, size_cells);
	return true;
}

static bool is_off(const void *fdt, int node)
{
	int len = 0;
	const char *status = fdt_getprop(fdt, node, "status", &len);

	return status && len > 1 && strncmp(status, "ok", 2) != 0;
}

/* ---- whose tree ---- */

static bool read_identity(const void *fdt, struct tree_identity *identity)
{
	int len = 0;
	const char *list = fdt_getprop(fdt, 0, "compatible", &len);
	const char *model;

	*identity = (struct tree_identity){0};
	for (int at = 0; list && at < len && identity->count < TREE_NAMES;) {
		int n = (int)strnlen(list + at, (size_t)(len - at));

		/* One that is cut would be another name. */
		if (n && n < len - at && n < LAYOUT_NAME_MAX)
			memcpy(identity->compatible[identity->count++], list + at, (size_t)n + 1);
		at += n + 1;
	}
	model = fdt_getprop(fdt, 0, "model", &len);
	if (model && len > 0)
		snprintf(identity->model, sizeof(identity->model), "%.*s", len, model);
	return identity->count || identity->model[0];
}

bool tree_identity(const uint8_t *fdt, size_t len, struct tree_identity *identity)
{
	return fdt_is_sound(fdt, len) && read_identity(fdt, identity);
}

/* ---- one flash: its partitions and their cells ---- */

struct cell_node {
	uint32_t phandle;
	int args;  /* #nvmem-cell-cells: words that follow the phandle of a user */
	bool here; /* in this flash; else only `args` is meant */
	bool used;
	bool env; /* in an environment: no place of its own */
	uint64_t start, len;
	const char *name;
};

struct walk {
	const void *fdt;
	struct facts *facts;
	struct cell_node nodes[CELL_NODES];
	size_t node_count;
	struct np_error *err;
};

struct part {
	uint64_t start, len;
	uint32_t phandle;
};

static struct cell_node *new_node(struct walk *w, int node)
{
	struct cell_node *cell = &w->nodes[w->node_count];

	if (w->node_count == CELL_NODES)
		return NULL;
	w->node_count++;
	*cell = (struct cell_node){.phandle = fdt_get_phandle(w->fdt, node),
	                           .args = (int)word_of(w->fdt, node, "#nvmem-cell-cells", 0),
	                           .name = fdt_get_name(w->fdt, node, NULL)};
	if (cell->args < 0 || cell->args > 4)
		cell->args = 0;
	return cell;
}

static void add_cells(struct walk *w, int layout, const struct part *part, bool env)
{
	const void *fdt = w->fdt;
	int node;

	for (node = fdt_first_subnode(fdt, layout); node >= 0; node = fdt_next_subnode(fdt, node)) {
		uint64_t start = 0, len = 0;
		bool placed = reg_of(fdt, layout, node, &start, &len);
		struct cell_node *cell;

		if (placed ? (!len || start > part->len || len > part->len - start) : !env)
			continue;
		cell = new_node(w, node);
		if (!cell)
			return;
		cell->here = true;
		cell->env = !placed;
		cell->start = part->start + (placed ? start : 0);
		cell->len = placed ? len : part->len;
	}
}

/* Cells are children of an nvmem-layout, of older partitions themselves, or of an environment. */
static void add_part_cells(struct walk *w, int node, const struct part *part)
{
	const void *fdt = w->fdt;
	int layout = fdt_subnode_offset(fdt, node, "nvmem-layout");
	bool env = compatible(fdt, node, "u-boot,env") ||
	           compatible(fdt, node, "u-boot,env-redundant-bool") ||
	           compatible(fdt, node, "u-boot,env-redundant-count");

	if (layout >= 0)
		add_cells(w, layout, part, !compatible(fdt, layout, "fixed-layout"));
	else if (env || compatible(fdt, node, "nvmem-cells"))
		add_cells(w, node, part, env);
}

static int add_partitions(struct walk *w, int parent, uint64_t base, int depth);

static int add_partition(struct walk *w, int parent, int node, uint64_t base, int depth)
{
	const void *fdt = w->fdt;
	int len = 0, rc;
	const char *label = fdt_getprop(fdt, node, "label", &len);
	struct cell_node *self;
	struct part part;

	if (!reg_of(fdt, parent, node, &part.start, &part.len) || part.start > LAYOUT_SIZE_MAX ||
	    part.len > LAYOUT_SIZE_MAX)
		return 0;
	part.start += base;
	if (!label || len < 2)
		label = fdt_get_name(fdt, node, &len);
	if (!label || len < 0)
		return 0;
	rc = facts_part(w->facts, label, (size_t)len, part.start, part.len, w->err);
	if (rc)
		return rc;
	/* mtd-mac-address = <&factory 0x4> refers to the partition itself. */
	self = fdt_get_phandle(fdt, node) ? new_node(w, node) : NULL;
	if (self) {
		self->start = part.start;
		self->len = part.len;
	}
	add_part_cells(w, node, &part);
	if (depth < NESTING && compatible(fdt, node, "fixed-partitions"))
		return add_partitions(w, node, part.start, depth + 1);
	return 0;
}

static int add_partitions(struct walk *w, int parent, uint64_t base, int depth)
{
	int node, rc = 0;

	for (node = fdt_first_subnode(w->fdt, parent); node >= 0 && !rc;
	     node = fdt_next_subnode(w->fdt, node))
		rc = add_partition(w, parent, node, base, depth);
	return rc;
}

/* The node that holds a flash's partitions; older trees have them right below the flash. Negative:
 * it has none. */
static int partitions_of(const void *fdt, int flash)
{
	int node, legacy = -1;

	for (node = fdt_first_subnode(fdt, flash); node >= 0; node = fdt_next_subnode(fdt, node)) {
		if (compatible(fdt, node, "fixed-partitions"))
			return node;
		if (fdt_getprop(fdt, node, "reg", NULL))
			legacy = flash;
	}
	return legacy;
}

/* ---- who uses the cells ---- */

static struct cell_node *node_of(struct walk *w, uint32_t phandle)
{
	for (size_t i = 0; i < w->node_count; i++)
		if (w->nodes[i].phandle == phandle)
			return &w->nodes[i];
	return NULL;
}

/* The n-th name of a list of strings. */
static const char *nth_name(const char *list, int len, int n, int *name_len)
{
	int at = 0;

	while (list && at < len) {
		*name_len = (int)strnlen(list + at, (size_t)(len - at));
		if (!n--)
			return list + at;
		at += *name_len + 1;
	}
	return NULL;
}

static void take_use(struct walk *w, int user, struct cell_node *cell, const char *as, int as_len,
                     int offset)
{
	enum facts_kind by_user = as ? facts_kind_of(as, (size_t)as_len) : FACTS_NONE;
	enum facts_kind by_name = facts_kind_of(cell->name, strlen(cell->name));
	enum facts_kind kind = by_user != FACTS_NONE ? by_user : by_name;
	struct facts_cell place = {.start = cell->start, .len = cell->len, .kind = kind};
	int name_len = 0;
	const char *name = fdt_get_name(w->fdt, user, &name_len);
	size_t index;

	cell->used = true;
	if (kind == FACTS_NONE)
		return;
	if (cell->env)
		place.kind = FACTS_ENV;
	facts_cell(w->facts, &place, &index);
	if (place.kind == FACTS_MAC && name)
		facts_use(w->facts, name, (size_t)name_len, index, offset);
}

/* nvmem-cells = <&mac 1>, <&cal>; nvmem-cell-names = "mac-address", "calibration"; */
static void follow_cells(struct walk *w, int user)
{
	int len = 0, names_len = 0, nth = 0;
	const fdt32_t *refs = fdt_getprop(w->fdt, user, "nvmem-cells", &len);
	const char *names = fdt_getprop(w->fdt, user, "nvmem-cell-names", &names_len);

	for (int at = 0, words = refs ? len / 4 : 0; at < words; nth++) {
		struct cell_node *cell = node_of(w, fdt32_to_cpu(refs[at]));
		int args = cell ? cell->args : 0, name_len = 0;
		const char *name = nth_name(names, names_len, nth, &name_len);

		at++;
		if (args > words - at)
			return;
		if (cell && cell->here)
			take_use(w, user, cell, name, name_len,
			         args ? (int)(int32_t)fdt32_to_cpu(refs[at]) : 0);
		at += args;
	}
}

/* mtd-mac-address = <&factory 0x4>; mediatek,mtd-eeprom = <&factory 0x8000>; and the like. */
static void follow_old(struct walk *w, int user)
{
	static const struct {
		const char *name;
		enum facts_kind kind;
		uint64_t len;
	} props[] = {
		{"mtd-mac-address", FACTS_MAC, 6},
		{"mediatek,mtd-eeprom", FACTS_CAL, OLD_CAL_LEN},
		{"ralink,mtd-eeprom", FACTS_CAL, OLD_CAL_LEN},
		{"mtd-cal-data", FACTS_CAL, OLD_CAL_LEN},
	};

	for (size_t i = 0; i < sizeof(props) / sizeof(props[0]); i++) {
		int len = 0, name_len = 0;
		const fdt32_t *at = fdt_getprop(w->fdt, user, props[i].name, &len);
		const struct cell_node *part =
			at && len >= 8 ? node_of(w, fdt32_to_cpu(*at)) : NULL;
		const char *name = fdt_get_name(w->fdt, user, &name_len);
		struct facts_cell place = {.kind = props[i].kind, .len = props[i].len};
		size_t index;

		if (!part || part->here || fdt32_to_cpu(at[1]) > part->len ||
		    place.len > part->len - fdt32_to_cpu(at[1]))
			continue;
		place.start = part->start + fdt32_to_cpu(at[1]);
		facts_cell(w->facts, &place, &index);
		if (place.kind == FACTS_MAC && name)
			facts_use(w->facts, name, (size_t)name_len, index,
			          (int)(int32_t)word_of(w->fdt, user, "mtd-mac-address-increment",
			                                0));
	}
}

/* Cells of other flashes take arguments, too, which are to be stepped over. */
static void add_foreign(struct walk *w)
{
	for (int node = fdt_next_node(w->fdt, -1, NULL); node >= 0;
	     node = fdt_next_node(w->fdt, node, NULL))
		if (word_of(w->fdt, node, "#nvmem-cell-cells", 0) &&
		    !node_of(w, fdt_get_phandle(w->fdt, node)))
			new_node(w, node);
}

static void follow_users(struct walk *w)
{
	add_foreign(w);
	for (int node = fdt_next_node(w->fdt, -1, NULL); node >= 0;
	     node = fdt_next_node(w->fdt, node, NULL)) {
		follow_cells(w, node);
		follow_old(w, node);
	}
	/* Nothing in this tree reads it, but its name says what it is. */
	for (size_t i = 0; i < w->node_count; i++)
		if (w->nodes[i].here && !w->nodes[i].used)
			take_use(w, -1, &w->nodes[i], NULL, 0, 0);
}

/* ---- which flash ---- */

/* Itself or what it hangs on is switched off. */
static bool switched_off(const void *fdt, int node)
{
	for (int depth = 0; node >= 0 && depth < 8; depth++) {
		if (is_off(fdt, node))
			return true;
		node = fdt_parent_offset(fdt, node);
	}
	return false;
}

static uint64_t map_end(const void *fdt, int parent)
{
	uint64_t end = 0, start, len;
	int node;

	for (node = fdt_first_subnode(fdt, parent); node >= 0; node = fdt_next_subnode(fdt, node))
		if (reg_of(fdt, parent, node, &start, &len) && start + len > end)
			end = start + len;
	return end;
}

/* The partitions of the SPI NOR flash that ends at `flash_size`, or of the first one. Negative:
 * there is none. */
static int find_map(const void *fdt, uint64_t flash_size)
{
	int first = -1, node, count = 0;

	for (node = fdt_node_offset_by_compatible(fdt, -1, "jedec,spi-nor");
	     node >= 0 && count < FLASHES;
	     node = fdt_node_offset_by_compatible(fdt, node, "jedec,spi-nor")) {
		int map = switched_off(fdt, node) ? -1 : partitions_of(fdt, node);

		count++;
		if (map < 0)
			continue;
		if (first < 0)
			first = map;
		if (flash_size && map_end(fdt, map) == flash_size)
			return map;
	}
	return first;
}

/* ---- out ---- */

static void name_layout(const void *fdt, struct layout *layout)
{
	struct tree_identity identity;

	if (!read_identity(fdt, &identity))
		return;
	/* The first alone: what follows are relatives and the SoC. */
	if (identity.count)
		memcpy(layout->name, identity.compatible[0], sizeof(layout->name));
	snprintf(layout->device, sizeof(layout->device), "%s",
	         identity.model[0] ? identity.model : layout->name);
	snprintf(layout->source, sizeof(layout->source), "device tree");
}

int layout_from_tree(const uint8_t *fdt, size_t len, const char *name, uint64_t flash_size,
                     struct layout *layout, struct np_error *err)
{
	struct walk w = {.fdt = fdt, .err = err};
	struct layout_build *build;
	int map = -1, rc;

	w.facts = facts_begin(name, layout, err);
	if (!w.facts)
		return NP_E_MEMORY;
	build = w.facts->build;
	if (!fdt_is_sound(fdt, len)) {
		rc = layout_build_fail(build, err, 0, "not a sound flattened device tree");
		return facts_end(w.facts, rc, layout, err);
	}
	map = find_map(fdt, flash_size);
	/* Where the tree has an SPI NOR flash, the map of another flash is not used instead. */
	if (map < 0 && fdt_node_offset_by_compatible(fdt, -1, "jedec,spi-nor") < 0) {
		map = fdt_node_offset_by_compatible(fdt, -1, "fixed-partitions");
		snprintf(build->layout.doubt, sizeof(build->layout.doubt),
		         "the tree names no SPI NOR flash: perhaps another flash's map");
	}
	if (map < 0)
		rc = layout_build_fail(build, err, 0, "no flash with partitions in this tree");
	else
		rc = add_partitions(&w, map, 0, 1);
	if (!rc)
		follow_users(&w);
	name_layout(fdt, &build->layout);
	return facts_end(w.facts, rc, layout, err);
}
