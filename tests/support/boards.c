/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/boards.h"

#include <check.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define TREE_ROOM  ((size_t)64 << 10)
#define LINE_ROOM  65536
#define WORDS_MAX  512
#define CELL_FIRST 0x100 /* the phandle of the first cell */

const char *boards_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

uint64_t boards_number(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

json_t *boards_facts(void)
{
	static char line[LINE_ROOM];
	char path[512];
	json_t *all = json_array();
	gzFile file;

	snprintf(path, sizeof(path), "%s/tests/data/boards.jsonl.gz",
	         getenv("NP_SOURCE") ? getenv("NP_SOURCE") : ".");
	file = gzopen(path, "rb");
	ck_assert_msg(file != NULL, "cannot open %s", path);
	while (gzgets(file, line, sizeof(line)))
		json_array_append_new(all, json_loads(line, 0, NULL));
	gzclose(file);
	ck_assert_uint_ge(json_array_size(all), 1000);
	return all;
}

/* ---- a tree ---- */

static void words(void *fdt, const char *name, const uint32_t *at, int count)
{
	fdt32_t big[WORDS_MAX];

	for (int i = 0; i < count; i++)
		big[i] = cpu_to_fdt32(at[i]);
	ck_assert_int_eq(fdt_property(fdt, name, big, 4 * count), 0);
}

static void reg(void *fdt, uint64_t start, uint64_t len)
{
	uint32_t both[] = {(uint32_t)start, (uint32_t)len};

	words(fdt, "reg", both, 2);
}

static void strings(void *fdt, const char *name, const json_t *list)
{
	char text[512];
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		strcpy(text + n, json_string_value(json_array_get(list, i)));
		n += strlen(text + n) + 1;
	}
	ck_assert_int_eq(fdt_property(fdt, name, text, (int)n), 0);
}

static void cell_counts(void *fdt)
{
	fdt_property_u32(fdt, "#address-cells", 1);
	fdt_property_u32(fdt, "#size-cells", 1);
}

static const json_t *use_args(const json_t *cell)
{
	return json_array_get(json_array_get(json_object_get(cell, "used"), 0), 2);
}

static void add_cell(void *fdt, const json_t *cell, size_t index)
{
	fdt_begin_node(fdt, boards_text(cell, "name"));
	if (json_object_get(cell, "size"))
		reg(fdt, boards_number(cell, "off"), boards_number(cell, "size"));
	if (json_object_get(cell, "compat"))
		strings(fdt, "compatible", json_object_get(cell, "compat"));
	if (json_array_size(use_args(cell)))
		fdt_property_u32(fdt, "#nvmem-cell-cells",
		                 (uint32_t)json_array_size(use_args(cell)));
	fdt_property_u32(fdt, "phandle", CELL_FIRST + (uint32_t)index);
	fdt_end_node(fdt);
}

static bool is_of(const json_t *cell, const json_t *part)
{
	return boards_number(cell, "part_start") == boards_number(part, "start") &&
	       strcmp(boards_text(cell, "part"), boards_text(part, "label")) == 0;
}

static void add_layout(void *fdt, const json_t *board, const json_t *part)
{
	const json_t *cells = json_object_get(board, "cells");
	bool open = false;

	for (size_t i = 0; i < json_array_size(cells); i++) {
		const json_t *cell = json_array_get(cells, i);
		const json_t *env = json_object_get(cell, "layout");

		if (!is_of(cell, part))
			continue;
		if (!open) {
			fdt_begin_node(fdt, "nvmem-layout");
			if (env)
				strings(fdt, "compatible", env);
			else
				fdt_property_string(fdt, "compatible", "fixed-layout");
			cell_counts(fdt);
			open = true;
		}
		add_cell(fdt, cell, i);
	}
	if (open)
		fdt_end_node(fdt);
}

/* Parts from *at on that lie `depth` deep; *at ends behind them. */
static void add_parts(void *fdt, const json_t *board, size_t *at, uint64_t depth, uint64_t base)
{
	const json_t *parts = json_object_get(board, "parts");

	while (*at < json_array_size(parts)) {
		const json_t *part = json_array_get(parts, *at), *next;
		char name[32];

		if (boards_number(part, "depth") < depth)
			return;
		next = json_array_get(parts, ++*at);
		snprintf(name, sizeof(name), "partition@%llx",
		         (unsigned long long)(boards_number(part, "start") - base));
		fdt_begin_node(fdt, name);
		fdt_property_string(fdt, "label", boards_text(part, "label"));
		reg(fdt, boards_number(part, "start") - base, boards_number(part, "len"));
		if (next && boards_number(next, "depth") > depth) {
			fdt_property_string(fdt, "compatible", "fixed-partitions");
			cell_counts(fdt);
			add_parts(fdt, board, at, depth + 1, boards_number(part, "start"));
		}
		add_layout(fdt, board, part);
		fdt_end_node(fdt);
	}
}

/* The first partitions in the tree are another flash's. */
static void add_decoy(void *fdt)
{
	fdt_begin_node(fdt, "nand@0");
	fdt_property_string(fdt, "compatible", "spi-nand");
	fdt_begin_node(fdt, "partitions");
	fdt_property_string(fdt, "compatible", "fixed-partitions");
	cell_counts(fdt);
	fdt_begin_node(fdt, "partition@0");
	fdt_property_string(fdt, "label", "decoy");
	reg(fdt, 0, 0x20000);
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	fdt_end_node(fdt);
}

/* One user with all cells it uses, in the order of the facts. */
static void add_user(void *fdt, const json_t *board, const char *user)
{
	const json_t *cells = json_object_get(board, "cells");
	uint32_t refs[WORDS_MAX];
	int count = 0;
	json_t *names = json_array();

	for (size_t i = 0; i < json_array_size(cells); i++) {
		const json_t *used = json_object_get(json_array_get(cells, i), "used");

		for (size_t j = 0; j < json_array_size(used); j++) {
			const json_t *use = json_array_get(used, j), *args = json_array_get(use, 2);

			if (strcmp(json_string_value(json_array_get(use, 0)), user) != 0)
				continue;
			refs[count++] = CELL_FIRST + (uint32_t)i;
			for (size_t k = 0; k < json_array_size(args); k++)
				refs[count++] =
					(uint32_t)json_integer_value(json_array_get(args, k));
			json_array_append(names, json_array_get(use, 1));
		}
	}
	fdt_begin_node(fdt, user);
	words(fdt, "nvmem-cells", refs, count);
	strings(fdt, "nvmem-cell-names", names);
	fdt_end_node(fdt);
	json_decref(names);
}

static void add_users(void *fdt, const json_t *board)
{
	const json_t *cells = json_object_get(board, "cells");
	json_t *seen = json_object();

	for (size_t i = 0; i < json_array_size(cells); i++) {
		const json_t *used = json_object_get(json_array_get(cells, i), "used");

		for (size_t j = 0; j < json_array_size(used); j++) {
			const char *user =
				json_string_value(json_array_get(json_array_get(used, j), 0));

			if (json_object_get(seen, user))
				continue;
			json_object_set_new(seen, user, json_true());
			add_user(fdt, board, user);
		}
	}
	json_decref(seen);
}

struct blob boards_tree(const json_t *board)
{
	struct blob blob = {malloc(TREE_ROOM), 0};
	size_t at = 0;
	void *fdt = blob.at;

	ck_assert_int_eq(fdt_create(fdt, (int)TREE_ROOM), 0);
	fdt_finish_reservemap(fdt);
	fdt_begin_node(fdt, "");
	strings(fdt, "compatible", json_object_get(board, "compatible"));
	fdt_property_string(fdt, "model", boards_text(board, "title"));
	add_decoy(fdt);
	fdt_begin_node(fdt, "spi@b00");
	fdt_begin_node(fdt, "flash@0");
	fdt_property_string(fdt, "compatible", "jedec,spi-nor");
	fdt_begin_node(fdt, "partitions");
	fdt_property_string(fdt, "compatible", "fixed-partitions");
	cell_counts(fdt);
	add_parts(fdt, board, &at, 0, 0);
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	add_users(fdt, board);
	fdt_end_node(fdt);
	ck_assert_int_eq(fdt_finish(fdt), 0);
	blob.len = fdt_totalsize(fdt);
	return blob;
}
