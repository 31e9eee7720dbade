/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hand-written profiles against the table of boards. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "layout/board.h"
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

static bool of_profile(const struct layout *profile, size_t *index)
{
	for (size_t i = 0; i < profile->alias_count; i++)
		if (board_find_compatible(profile->aliases[i], index, 1))
			return true;
	return false;
}

/* A region of the table's that the profile has, too, is this unit's own in both; what the profile
 * divides further, as the stock firmware does, is kept where a driver reads it. */
static void unit_data_agree(const struct layout *profile, const struct layout *board)
{
	for (size_t i = 0; i < board->region_count; i++) {
		const struct layout_region *of_board = &board->regions[i];
		const struct layout_region *own = layout_at(profile, of_board->start);

		/* The stock table's parts of a region are kept because it is; profiles choose. */
		if (strstr(of_board->holds, "the stock firmware's"))
			continue;
		if (of_board->unit && own && own->start == of_board->start &&
		    own->len == of_board->len)
			ck_assert_msg(own->unit, "%s: %s is no unit data", profile->name,
			              own->name);
	}
	for (size_t i = 0; i < board->field_count; i++) {
		const struct layout_field *field = &board->fields[i];

		ck_assert_msg(np_ranges_contain(&profile->unit,
		                                (struct np_range){field->start, field->len}),
		              "%s: %s at 0x%llx is not kept", profile->name, field->name,
		              (unsigned long long)field->start);
	}
}

static bool has_address(const struct layout *layout, uint64_t place, int offset)
{
	for (size_t i = 0; i < layout->derived_count; i++) {
		const struct layout_derived *d = &layout->derived[i];

		if (d->offset == offset && layout_field(layout, d->field)->start == place)
			return true;
	}
	return false;
}

static void addresses_agree(const struct layout *profile, const struct layout *board)
{
	for (size_t i = 0; i < profile->derived_count; i++) {
		const struct layout_derived *d = &profile->derived[i];

		ck_assert_msg(has_address(board, layout_field(profile, d->field)->start, d->offset),
		              "%s: nobody uses %s = %s%+d", profile->name, d->name, d->field,
		              d->offset);
	}
}

/* Every name of OpenWrt's works, and means the same bytes; or the profile says why not. */
static void names_agree(const struct layout *profile, const struct layout *board)
{
	for (size_t i = 0; i < board->region_count; i++) {
		const struct layout_region *of_board = &board->regions[i];
		const struct layout_region *own = layout_find(profile, of_board->name);
		const struct layout_region *there = layout_at(profile, of_board->start);

		if (own && own->start == of_board->start && own->len == of_board->len)
			continue;
		ck_assert_msg((own && own->doubt[0]) || (there && there->doubt[0]),
		              "%s: %s is another place, and no doubt says so", profile->name,
		              of_board->name);
	}
}

START_TEST(profiles_agree_with_the_table)
{
	const char *const *names = layout_builtin_names();
	size_t checked = 0;

	for (; *names; names++) {
		struct layout profile, board;
		struct np_error err = {0};
		size_t index;
		bool found;

		ck_assert_int_eq(layout_load_builtin(*names, &profile, &found, &err), 0);
		if (of_profile(&profile, &index)) {
			ck_assert_int_eq(board_load_layout(index, &board, &err), 0);
			ck_assert_msg(!board.size || board.size == profile.size, "%s", *names);
			unit_data_agree(&profile, &board);
			addresses_agree(&profile, &board);
			names_agree(&profile, &board);
			layout_free(&board);
			checked++;
		}
		layout_free(&profile);
	}
	/* Three are known from their stock firmware alone. */
	ck_assert_uint_ge(checked, 83);
}
END_TEST

static bool speaks_of_unit_data(const char *holds)
{
	return strstr(holds, "MAC") || strcasestr(holds, "calibration");
}

START_TEST(what_holds_a_mac_or_calibration_is_kept)
{
	for (const char *const *names = layout_builtin_names(); *names; names++) {
		struct layout profile;
		struct np_error err = {0};
		bool found;

		ck_assert_int_eq(layout_load_builtin(*names, &profile, &found, &err), 0);
		for (size_t i = 0; i < profile.region_count; i++) {
			const struct layout_region *r = &profile.regions[i];

			if (speaks_of_unit_data(r->holds))
				ck_assert_msg(
					np_ranges_overlap(&profile.unit,
				                          (struct np_range){r->start, r->len}),
					"%s: %s holds %s and is not kept", *names, r->name,
					r->holds);
		}
		layout_free(&profile);
	}
}
END_TEST

/* The vendor's magic of the profile's board, as its image recipe has it; "" for the usual one. */
static const char *magic_of(size_t index)
{
	struct board board;

	board_at(index, &board);
	for (size_t i = 0; i < json_array_size(facts); i++) {
		const json_t *fact = json_array_get(facts, i);
		const char *magic = strstr(boards_text(fact, "signs"), "uimage magic=0x");

		if (magic && strcmp(boards_text(fact, "title"), board.title) == 0)
			return magic + strlen("uimage magic=0x");
	}
	return "";
}

/* Four bytes where the firmware begins are the magic of the kernel's header. */
START_TEST(profiles_know_their_kernel_by_the_right_magic)
{
	size_t vendors = 0;

	for (const char *const *names = layout_builtin_names(); *names; names++) {
		struct layout profile;
		struct np_error err = {0};
		size_t index;
		bool found;

		ck_assert_int_eq(layout_load_builtin(*names, &profile, &found, &err), 0);
		for (size_t i = 0; i < profile.sign_count && of_profile(&profile, &index); i++) {
			const struct layout_sign *sign = &profile.signs[i];
			const struct layout_region *region = layout_at(&profile, sign->start);
			const char *wanted = magic_of(index);
			char magic[9];

			if (sign->len != 4 || !region || strcmp(region->name, "firmware") != 0 ||
			    region->start != sign->start || !*wanted)
				continue;
			snprintf(magic, sizeof(magic), "%02x%02x%02x%02x", sign->bytes[0],
			         sign->bytes[1], sign->bytes[2], sign->bytes[3]);
			ck_assert_msg(strncasecmp(magic, wanted, 8) == 0, "%s: %s, not %.8s",
			              *names, magic, wanted);
			vendors++;
		}
		layout_free(&profile);
	}
	ck_assert_uint_ge(vendors, 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("profiles");
	TCase *tc = suite_group(suite, "profiles", setup, teardown);

	tcase_add_test(tc, profiles_agree_with_the_table);
	tcase_add_test(tc, what_holds_a_mac_or_calibration_is_kept);
	tcase_add_test(tc, profiles_know_their_kernel_by_the_right_magic);
	return run_suite(suite);
}
