/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: learn.c */
/* A profile proposed from dumps can be parsed, knows what the dumps show, and recognises them. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/learn.h"
#include "device/recognise.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/suite.h"

#define SIZE ((size_t)8 << 20)
#define ART  0x7f0000

static uint8_t *one, *two;

/* A device that nobody described: a header of its own, calibration, two addresses, a number that
 * only a second unit can show. */
static void compose(uint8_t *at, unsigned unit)
{
	memset(at, 0xff, SIZE);
	rig_noise(at, 0x20000, 1);
	rig_noise(at + 0x20000, 0x600000, 2);
	memset(at + 0x20000, 0, 0x200);
	memcpy(at + 0x20000, "\2\0\0\0ver. 2.0", 12);
	memcpy(at + 0x20034, "\x99\x88\x77\x66\x05\0\0\0", 8);
	at[0x20090] = 0xa5;
	rig_noise(at + ART, 0x200, 10 + unit);
	memcpy(at + ART, "\x20\x76\x00\x00\x80\xaf\xca\x00\x00", 9);
	at[ART + 9] = (uint8_t)unit;
	at[ART + 0x1ff] = 0x55;
	memcpy(at + 0x7e0000, "\x80\xaf\xca\x00\x00", 5);
	at[0x7e0005] = (uint8_t)(unit + 1);
	rig_noise(at + 0x7d0000, 0x1000, 5);
	snprintf((char *)at + 0x7d0200, 12, "AB%08u", unit * 7919u);
}

static void setup(void)
{
	one = malloc(SIZE);
	two = malloc(SIZE);
	compose(one, 1);
	compose(two, 40);
}

static void teardown(void)
{
	free(one);
	free(two);
}

static struct layout learn(size_t count, struct image_text *text)
{
	struct learn_dump dumps[] = {{one, "one.bin"}, {two, "two; [x].bin"}};
	struct np_error err = {0};
	struct layout layout;

	ck_assert_msg(learn_profile(dumps, count, SIZE, text, &err) == 0, "%s", err.message);
	ck_assert_msg(layout_parse_profile(text->at, text->len, "learned", &layout, &err) == 0,
	              "%s\n%s", err.message, text->at);
	return layout;
}

static bool kept(const struct layout *layout, uint64_t start, uint64_t len)
{
	return np_ranges_contain(&layout->unit, (struct np_range){start, len});
}

START_TEST(one_dump_shows_what_has_a_form)
{
	struct image_text text;
	struct layout layout = learn(1, &text);

	ck_assert_uint_eq(layout.size, SIZE);
	ck_assert(layout.doubt[0]);
	ck_assert(kept(&layout, ART, 0x200));
	ck_assert(kept(&layout, 0x7e0000, 6));
	ck_assert(!np_ranges_overlap(&layout.unit, (struct np_range){0x7d0200, 10}));
	ck_assert(!np_ranges_overlap(&layout.unit, (struct np_range){0x20000, 0x600000}));
	ck_assert_uint_eq(layout.sign_count, 1);
	ck_assert(layout.signs[0].identity);
	for (size_t i = 0; i < layout.field_count; i++)
		ck_assert_msg(layout.fields[i].doubt[0], "%s", layout.fields[i].name);
	layout_free(&layout);
	image_text_free(&text);
}
END_TEST

/* What differs between two units is theirs, though it has no form that is known. */
START_TEST(a_second_units_dump_shows_the_rest)
{
	struct image_text text;
	struct layout layout = learn(2, &text);

	ck_assert(kept(&layout, ART, 0x200));
	ck_assert(kept(&layout, 0x7e0000, 6));
	ck_assert(np_ranges_overlap(&layout.unit, (struct np_range){0x7d0200, 10}));
	ck_assert(!np_ranges_overlap(&layout.unit, (struct np_range){0x7d0800, 0x100}));
	ck_assert_ptr_nonnull(strstr(text.at, "differs between the dumps"));
	layout_free(&layout);
	image_text_free(&text);
}
END_TEST

/* Firmware of another release differs, too, and is nobody's own: a tree or table in the flash says
 * where it lies. Without one a difference of more than a few bytes is none of a unit's numbers. */
START_TEST(another_firmware_is_nobodys_own)
{
	struct image_text text;
	struct layout layout;

	rig_noise(two + 0x30000, 0x500000, 9);
	layout = learn(2, &text);
	ck_assert(!np_ranges_overlap(&layout.unit, (struct np_range){0x30000, 0x500000}));
	ck_assert(kept(&layout, 0x7e0000, 6));
	layout_free(&layout);
	image_text_free(&text);
}
END_TEST

START_TEST(the_same_dump_twice_shows_no_difference)
{
	struct image_text text;
	struct layout layout;

	memcpy(two, one, SIZE);
	layout = learn(2, &text);
	ck_assert_ptr_null(strstr(text.at, "differs between the dumps"));
	layout_free(&layout);
	image_text_free(&text);
}
END_TEST

START_TEST(what_is_no_dump_is_refused)
{
	struct learn_dump dump = {one, "one.bin"};
	struct image_text text;
	struct np_error err = {0};

	ck_assert_int_eq(learn_profile(&dump, 1, SIZE - 1, &text, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "no dump of a whole flash"));
	image_text_free(&text);
	memset(one, 0xff, SIZE);
	ck_assert_int_eq(learn_profile(&dump, 1, SIZE, &text, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "blank"));
	image_text_free(&text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("learn");
	TCase *tc = suite_group(suite, "learn", setup, teardown);

	tcase_add_test(tc, one_dump_shows_what_has_a_form);
	tcase_add_test(tc, a_second_units_dump_shows_the_rest);
	tcase_add_test(tc, another_firmware_is_nobodys_own);
	tcase_add_test(tc, the_same_dump_twice_shows_no_difference);
	tcase_add_test(tc, what_is_no_dump_is_refused);
	return run_suite(suite);
}
