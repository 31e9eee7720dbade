/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of boards, and what their device trees tell, against the facts of all boards. */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "layout/board.h"
#include "layout/tree.h"
#include "support/boards.h"
#include "support/suite.h"

static json_t *facts;

static void setup(void)
{
	facts = boards_facts();
}

static void teardown(void)
{
	json_decref(facts);
}

#define FOR_EACH_BOARD(i, board)                            \
	for (size_t i = 0; i < json_array_size(facts); i++) \
		for (const json_t *board = json_array_get(facts, i); board; board = NULL)

static const char *compatible_of(const json_t *board)
{
	return json_string_value(json_array_get(json_object_get(board, "compatible"), 0));
}

/* Compatible strings are shared by a few boards; title and all are one's own. */
static size_t index_of(const json_t *board)
{
	size_t found[8], count = board_find_compatible(compatible_of(board), found, 8);
	struct board row;

	for (size_t i = 0; i < count; i++) {
		board_at(found[i], &row);
		if (strcmp(row.title, boards_text(board, "title")) == 0)
			return found[i];
	}
	ck_abort_msg("%s is not in the table", boards_text(board, "board"));
	return 0;
}

/* ---- maps ---- */

static bool partly_over(const json_t *a, const json_t *b)
{
	uint64_t as = boards_number(a, "start"), ae = as + boards_number(a, "len");
	uint64_t bs = boards_number(b, "start"), be = bs + boards_number(b, "len");

	return as < bs && ae > bs && ae < be;
}

/* What begins later has the bytes that two partitions claim. */
static uint64_t end_of(const json_t *board, const json_t *part)
{
	const json_t *parts = json_object_get(board, "parts");
	uint64_t len = boards_number(part, "len"), end = boards_number(part, "start") + len;

	for (size_t i = 0; i < json_array_size(parts); i++) {
		const json_t *other = json_array_get(parts, i);

		if (partly_over(part, other) && boards_number(other, "start") < end)
			end = boards_number(other, "start");
	}
	return len ? end : LAYOUT_SIZE_MAX;
}

static bool same_label(const char *name, const char *label)
{
	size_t i = 0;

	for (; label[i] && name[i]; i++) {
		bool kept = isalnum((unsigned char)label[i]) || strchr("-_.", label[i]);

		if (name[i] != (kept ? label[i] : '-'))
			return false;
	}
	/* Names that are there twice are numbered. */
	return !label[i] && (!name[i] || (name[i] == '-' && isdigit((unsigned char)name[i + 1])));
}

static bool has_region(const struct layout_region *regions, size_t count, const json_t *part,
                       uint64_t end)
{
	for (size_t i = 0; i < count; i++)
		if (regions[i].start == boards_number(part, "start") &&
		    regions[i].start + regions[i].len == end &&
		    same_label(regions[i].name, boards_text(part, "label")))
			return true;
	return false;
}

static void map_is(const struct layout *layout, const json_t *board)
{
	const json_t *parts = json_object_get(board, "parts");

	if (!json_object_get(board, "stock") || strcmp(layout->source, "device tree") == 0)
		ck_assert_uint_eq(layout->region_count + layout->group_count,
		                  json_array_size(parts));
	for (size_t i = 0; i < json_array_size(parts); i++) {
		const json_t *part = json_array_get(parts, i);
		uint64_t end = end_of(board, part);

		ck_assert_msg(has_region(layout->regions, layout->region_count, part, end) ||
		                      has_region(layout->groups, layout->group_count, part, end),
		              "%s: no region %s", boards_text(board, "board"),
		              boards_text(part, "label"));
	}
}

/* ---- unit data ---- */

static bool is_unit_word(const char *word)
{
	static const char *const words[] = {"mac-address", "macaddr",         "calibration",
	                                    "precal",      "pre-calibration", "eeprom"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static const json_t *part_of(const json_t *board, const json_t *cell)
{
	const json_t *parts = json_object_get(board, "parts");

	for (size_t i = 0; i < json_array_size(parts); i++) {
		const json_t *part = json_array_get(parts, i);

		if (boards_number(part, "start") == boards_number(cell, "part_start") &&
		    strcmp(boards_text(part, "label"), boards_text(cell, "part")) == 0)
			return part;
	}
	ck_abort_msg("%s: a cell in no partition", boards_text(board, "board"));
	return NULL;
}

static struct np_range place_of(const json_t *board, const json_t *cell)
{
	uint64_t start = boards_number(cell, "part_start") + boards_number(cell, "off");
	const json_t *part = part_of(board, cell);

	if (json_object_get(cell, "size"))
		return (struct np_range){start, boards_number(cell, "size")};
	return (struct np_range){start, boards_number(part, "len")};
}

/* Some boards' calibration and a MAC are one place: both are fields. */
static const struct layout_field *field_at(const struct layout *layout, struct np_range place,
                                           bool mac)
{
	for (size_t i = 0; i < layout->field_count; i++) {
		const struct layout_field *field = &layout->fields[i];

		if (field->start == place.start && field->len == place.len &&
		    (field->type == FIELD_CAL) == !mac)
			return field;
	}
	return NULL;
}

static bool derives(const struct layout *layout, const char *field, const char *user, int offset)
{
	for (size_t i = 0; i < layout->derived_count; i++) {
		const struct layout_derived *d = &layout->derived[i];
		size_t n = 0;

		while (user[n] && (d->name[n] == user[n] || d->name[n] == '-'))
			n++;
		if (!user[n] && d->offset == offset && strcmp(d->field, field) == 0)
			return true;
	}
	return false;
}

static void use_is(const struct layout *layout, const json_t *board, const json_t *cell,
                   const json_t *use)
{
	const char *word = json_string_value(json_array_get(use, 1));
	struct np_range place = place_of(board, cell);
	const struct layout_field *field;
	/* Two boards' trees read a MAC at the beginning of a whole calibration. */
	bool mac = strncmp(word, "mac", 3) == 0 &&
	           (place.len == 6 || place.len == 12 || place.len == 17);

	if (!is_unit_word(word))
		return;
	ck_assert_msg(np_ranges_contain(&layout->unit, place), "%s: %s at 0x%llx is not kept",
	              boards_text(board, "board"), word, (unsigned long long)place.start);
	if (!json_object_get(cell, "size"))
		return;
	field = field_at(layout, place, mac);
	ck_assert_msg(field != NULL, "%s: no field at 0x%llx", boards_text(board, "board"),
	              (unsigned long long)place.start);
	if (mac)
		ck_assert_int_eq(field->type, place.len == 6 ? FIELD_MAC : FIELD_MAC_TEXT);
	if (mac)
		ck_assert_msg(
			derives(layout, field->name, json_string_value(json_array_get(use, 0)),
		                (int)json_integer_value(json_array_get(json_array_get(use, 2), 0))),
			"%s: %s is not derived", boards_text(board, "board"),
			json_string_value(json_array_get(use, 0)));
}

static void unit_data_is(const struct layout *layout, const json_t *board)
{
	const json_t *cells = json_object_get(board, "cells");

	for (size_t i = 0; i < json_array_size(cells); i++) {
		const json_t *cell = json_array_get(cells, i);
		const json_t *used = json_object_get(cell, "used");

		for (size_t j = 0; j < json_array_size(used); j++)
			use_is(layout, board, cell, json_array_get(used, j));
	}
}

/* No firmware is kept but for the very bytes that a cell names. */
static void firmware_is_free(const struct layout *layout, const json_t *board)
{
	for (size_t i = 0; i < layout->region_count; i++) {
		const struct layout_region *r = &layout->regions[i];
		bool firmware = strncasecmp(r->name, "firmware", 8) == 0 ||
		                strcasecmp(r->name, "kernel") == 0 ||
		                strcasecmp(r->name, "rootfs") == 0;

		ck_assert_msg(!(firmware && r->unit), "%s: %s is kept", boards_text(board, "board"),
		              r->name);
	}
}

/* What OpenWrt's start-up scripts read, and no tree tells. */
static void scripts_are_kept(const struct layout *layout, const json_t *board)
{
	const json_t *scripts = json_object_get(board, "scripts");
	const json_t *parts = json_object_get(board, "parts");

	for (size_t i = 0; i < json_array_size(scripts); i++) {
		const json_t *call = json_array_get(scripts, i);
		const char *label = json_string_value(json_array_get(call, 0));
		struct np_range place = {(uint64_t)json_integer_value(json_array_get(call, 2)),
		                         (uint64_t)json_integer_value(json_array_get(call, 3))};

		for (size_t j = 0; j < json_array_size(parts); j++) {
			const json_t *part = json_array_get(parts, j);

			if (strcmp(boards_text(part, "label"), label) != 0)
				continue;
			place.start += boards_number(part, "start");
			place.len = place.len ? place.len : boards_number(part, "len");
			break;
		}
		ck_assert_msg(np_ranges_contain(&layout->unit, place),
		              "%s: %s at 0x%llx is not kept", boards_text(board, "board"), label,
		              (unsigned long long)place.start);
	}
}

static void layout_is(const struct layout *layout, const json_t *board)
{
	map_is(layout, board);
	unit_data_is(layout, board);
	firmware_is_free(layout, board);
	ck_assert_str_eq(layout->name, compatible_of(board));
}

START_TEST(the_table_has_every_board_as_the_facts_say)
{
	ck_assert_uint_eq(board_count(), json_array_size(facts));
	FOR_EACH_BOARD(i, board)
	{
		struct layout layout;
		struct np_error err = {0};
		size_t index = index_of(board);

		ck_assert_msg(board_load_layout(index, &layout, &err) == 0, "%s", err.message);
		layout_is(&layout, board);
		scripts_are_kept(&layout, board);
		ck_assert_str_eq(layout.device, boards_text(board, "title"));
		ck_assert(layout.source[0]);
		ck_assert(!layout.size || (layout.size >= boards_number(board, "end") &&
		                           layout.size < 2 * boards_number(board, "end")));
		layout_free(&layout);
	}
}
END_TEST

static bool same_place(const struct layout_region *regions, size_t count, const char *label,
                       uint64_t start, uint64_t len)
{
	for (size_t i = 0; i < count; i++)
		if (regions[i].start == start && regions[i].len == len &&
		    (same_label(regions[i].name, label) || same_label(regions[i].alias, label)))
			return true;
	return false;
}

/* Each name of the stock firmware's means its bytes, or a doubt says that it does not. */
static size_t stock_is(const struct layout *layout, const json_t *board)
{
	const json_t *stock = json_object_get(board, "stock");

	for (size_t i = 0; i < json_array_size(stock); i++) {
		const json_t *part = json_array_get(stock, i);
		const char *name = json_string_value(json_array_get(part, 0));
		uint64_t start = (uint64_t)json_integer_value(json_array_get(part, 1));
		uint64_t len = (uint64_t)json_integer_value(json_array_get(part, 2));
		const struct layout_region *region = layout_at(layout, start);

		if (same_place(layout->regions, layout->region_count, name, start, len) ||
		    same_place(layout->groups, layout->group_count, name, start, len) ||
		    (region && region->boot))
			continue;
		if (len)
			ck_assert_msg(strstr(layout->doubt, "stock") != NULL, "%s: no %s at 0x%llx",
			              boards_text(board, "board"), name, (unsigned long long)start);
	}
	return json_array_size(stock);
}

START_TEST(stock_firmwares_names_work_beside_openwrts)
{
	struct layout layout;
	struct np_error err = {0};
	size_t count = 0;
	bool found;

	FOR_EACH_BOARD(i, board)
	{
		if (!json_object_get(board, "stock"))
			continue;
		ck_assert_int_eq(board_load_layout(index_of(board), &layout, &err), 0);
		count += stock_is(&layout, board) != 0;
		layout_free(&layout);
	}
	ck_assert_uint_ge(count, 80);
	ck_assert_int_eq(board_load_named("tplink,archer-c7-v4", &layout, &found, &err), 0);
	ck_assert_uint_eq(layout_find(&layout, "pin")->start, 0xf00200);
	ck_assert(layout_find(&layout, "pin")->unit && layout_find(&layout, "info")->unit);
	ck_assert_uint_eq(layout_find(&layout, "info")->len, 0xf0000);
	ck_assert_ptr_eq(layout_find(&layout, "radio"), layout_find(&layout, "art"));
	layout_free(&layout);
}
END_TEST

/* ---- device trees ---- */

static void regions_are_equal(const struct layout_region *a, const struct layout_region *b,
                              size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ck_assert_str_eq(a[i].name, b[i].name);
		ck_assert_str_eq(a[i].holds, b[i].holds);
		ck_assert_uint_eq(a[i].start, b[i].start);
		ck_assert_uint_eq(a[i].len, b[i].len);
		ck_assert_int_eq(a[i].unit, b[i].unit);
		ck_assert_int_eq(a[i].boot, b[i].boot);
	}
}

static void ranges_are_equal(const struct np_ranges *a, const struct np_ranges *b)
{
	ck_assert_uint_eq(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		ck_assert_uint_eq(a->at[i].start, b->at[i].start);
		ck_assert_uint_eq(a->at[i].len, b->at[i].len);
	}
}

static void layouts_are_equal(const struct layout *a, const struct layout *b, bool stock)
{
	ranges_are_equal(&a->unit, &b->unit);
	ck_assert_msg(a->field_count == b->field_count, "%s: %zu and %zu fields", a->name,
	              a->field_count, b->field_count);
	ck_assert_uint_eq(a->derived_count, b->derived_count);
	ck_assert_int_eq(a->profile, b->profile);
	/* A tree knows nothing of the stock firmware's names. */
	if (!stock) {
		ck_assert_uint_eq(a->region_count, b->region_count);
		ck_assert_uint_eq(a->group_count, b->group_count);
		regions_are_equal(a->regions, b->regions, a->region_count);
		regions_are_equal(a->groups, b->groups, a->group_count);
	}
	for (size_t i = 0; i < a->field_count; i++) {
		ck_assert_str_eq(a->fields[i].name, b->fields[i].name);
		ck_assert_uint_eq(a->fields[i].start, b->fields[i].start);
		ck_assert_uint_eq(a->fields[i].len, b->fields[i].len);
		ck_assert_int_eq(a->fields[i].type, b->fields[i].type);
		ck_assert_int_eq(a->fields[i].unit, b->fields[i].unit);
	}
	for (size_t i = 0; i < a->derived_count; i++) {
		ck_assert_str_eq(a->derived[i].name, b->derived[i].name);
		ck_assert_str_eq(a->derived[i].field, b->derived[i].field);
		ck_assert_int_eq(a->derived[i].offset, b->derived[i].offset);
	}
}

/* The table knows the scripts, too. */
static void keeps_no_less(const struct layout *table, const struct layout *tree)
{
	for (size_t i = 0; i < tree->unit.count; i++)
		ck_assert_msg(np_ranges_contain(&table->unit, tree->unit.at[i]), "%s: 0x%llx",
		              table->name, (unsigned long long)tree->unit.at[i].start);
	ck_assert_uint_ge(table->field_count, tree->field_count);
	ck_assert_uint_eq(table->derived_count, tree->derived_count);
}

START_TEST(a_tree_tells_what_the_table_does)
{
	FOR_EACH_BOARD(i, board)
	{
		struct blob tree = boards_tree(board);
		struct layout of_tree, of_table;
		struct np_error err = {0};

		ck_assert_msg(layout_from_tree(tree.at, tree.len, "t", 0, &of_tree, &err) == 0,
		              "%s: %s", boards_text(board, "board"), err.message);
		layout_is(&of_tree, board);
		ck_assert_int_eq(board_load_layout(index_of(board), &of_table, &err), 0);
		if (json_object_get(board, "scripts"))
			keeps_no_less(&of_table, &of_tree);
		else
			layouts_are_equal(&of_tree, &of_table,
			                  json_object_get(board, "stock") != NULL);
		layout_free(&of_tree);
		layout_free(&of_table);
		free(tree.at);
	}
}
END_TEST

START_TEST(a_tree_says_whose_it_is)
{
	FOR_EACH_BOARD(i, board)
	{
		struct blob tree = boards_tree(board);
		struct tree_identity identity;
		const json_t *list = json_object_get(board, "compatible");

		ck_assert(tree_identity(tree.at, tree.len, &identity));
		ck_assert_str_eq(identity.model, boards_text(board, "title"));
		ck_assert_uint_eq(identity.count, json_array_size(list));
		for (size_t j = 0; j < identity.count; j++)
			ck_assert_str_eq(identity.compatible[j],
			                 json_string_value(json_array_get(list, j)));
		ck_assert(!tree_identity(tree.at, tree.len - 4, &identity));
		free(tree.at);
		i += 20;
	}
}
END_TEST

/* ---- names ---- */

static bool finds(const char *name, size_t index)
{
	size_t found[64], count = board_find_name(name, found, 64);

	for (size_t i = 0; i < count && i < 64; i++)
		if (found[i] == index)
			return true;
	return false;
}

static void in_capitals(const char *from, char *to)
{
	while ((*to++ = (char)toupper((unsigned char)*from++)))
		;
}

static void answers_to(const json_t *board, const char *name)
{
	size_t index = index_of(board);
	char capitals[128];

	in_capitals(name, capitals);
	/* Where it is some board's own name, that board is meant and nobody else. */
	if (finds(name, index) && finds(capitals, index))
		return;
	ck_assert_msg(board_find_name(name, NULL, 0) > 0, "nobody is called %s", name);
	ck_assert_msg(strcmp(name, compatible_of(board)) != 0, "%s is not found", name);
}

START_TEST(boards_answer_to_all_their_names)
{
	FOR_EACH_BOARD(i, board)
	{
		const json_t *also = json_object_get(board, "also");

		ck_assert(finds(boards_text(board, "title"), index_of(board)));
		ck_assert(finds(compatible_of(board), index_of(board)));
		answers_to(board, boards_text(board, "board"));
		for (size_t j = 0; j < json_array_size(also); j++)
			answers_to(board, json_string_value(json_array_get(also, j)));
	}
	ck_assert_uint_eq(board_find_name("dlink,DIR-842-c1", NULL, 0), 1);
	ck_assert_uint_eq(board_find_name("d-link dir-842 c1", NULL, 0), 1);
}
END_TEST

START_TEST(strangers_are_no_boards)
{
	/* clang-format off */
	static const char *const names[] = {
		"", ",", "~", "_", "|", "dlink", "D-Link", "dlink,", "dlink,dir-842",
		"dlink,dir-842-c1 ", "qca,qca9563"};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(board_find_name(names[i], NULL, 0) == 0, "'%s' is a board", names[i]);
	FOR_EACH_BOARD(i, board)
	{
		char name[128];
		const json_t *soc;

		snprintf(name, sizeof(name), "%sx", compatible_of(board));
		ck_assert_uint_eq(board_find_name(name, NULL, 0), 0);
		ck_assert_uint_eq(board_find_compatible(name, NULL, 0), 0);
		/* The name of a SoC is on many boards, and names none. */
		soc = json_array_get(json_object_get(board, "compatible"), 1);
		ck_assert(!soc || board_find_compatible(json_string_value(soc), NULL, 0) <= 3);
	}
}
END_TEST

START_TEST(one_name_of_unlike_boards_is_refused)
{
	struct layout layout;
	struct np_error err = {0};
	bool found;

	ck_assert_int_eq(board_load_named("vocore", &layout, &found, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.hint, "vocore,vocore-8m"));
	ck_assert_ptr_nonnull(strstr(err.hint, "vocore,vocore-16m"));
	/* Two boards, one map. */
	ck_assert_int_eq(board_load_named("ubnt,unifi", &layout, &found, &err), 0);
	ck_assert(found);
	layout_free(&layout);
	ck_assert_int_eq(board_load_named("none,such", &layout, &found, &err), 0);
	ck_assert(!found);
}
END_TEST

START_TEST(signs_find_their_boards)
{
	size_t found[8];
	struct board board;

	ck_assert_uint_eq(board_find_sign(BOARD_TPLINK_V1, "75000001.1", found, 8), 1);
	board_at(found[0], &board);
	ck_assert_str_eq(board.compatible, "tplink,archer-c7-v1");
	ck_assert_uint_eq(
		board_find_sign(BOARD_SIGNATURE, "wrgac13_dlink.2013gui_dir860lb", found, 8), 1);
	board_at(found[0], &board);
	ck_assert_str_eq(board.compatible, "dlink,dir-860l-b1");
	ck_assert_uint_ge(board_find_sign(BOARD_SIGNATURE, "wrgac65_dlink.2015_dir842", found, 8),
	                  3);
	ck_assert_uint_eq(board_find_sign(BOARD_TPLINK_V2, "75000001.1", found, 8), 0);
	ck_assert_uint_eq(board_find_sign(BOARD_OTHER, "", found, 8), 0);
}
END_TEST

START_TEST(a_broken_tree_is_refused)
{
	struct blob tree = boards_tree(json_array_get(facts, 0));
	struct layout layout;
	struct np_error err = {0};

	for (size_t cut = 0; cut < tree.len; cut += 97)
		ck_assert_int_eq(layout_from_tree(tree.at, cut, "t", 0, &layout, &err), NP_E_INPUT);
	free(tree.at);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("board");
	TCase *tc = suite_group(suite, "board", setup, teardown);

	tcase_add_test(tc, the_table_has_every_board_as_the_facts_say);
	tcase_add_test(tc, stock_firmwares_names_work_beside_openwrts);
	tcase_add_test(tc, a_tree_tells_what_the_table_does);
	tcase_add_test(tc, a_tree_says_whose_it_is);
	tcase_add_test(tc, boards_answer_to_all_their_names);
	tcase_add_test(tc, strangers_are_no_boards);
	tcase_add_test(tc, one_name_of_unlike_boards_is_refused);
	tcase_add_test(tc, signs_find_their_boards);
	tcase_add_test(tc, a_broken_tree_is_refused);
	return run_suite(suite);
}
