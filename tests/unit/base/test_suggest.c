/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "base/suggest.h"
#include "support/suite.h"

static const char *const words[] = {"list",  "detect", "read",  "write", "restore", "verify",
                                    "erase", "resume", "chips", "unit",  NULL};

START_TEST(mistyped_words_are_recognised)
{
	static const char *const typed[][2] = {
		{"raed", "read"},    {"wirte", "write"},     {"dectect", "detect"},
		{"verfy", "verify"}, {"restroe", "restore"}, {"READ", "read"},
		{"chip", "chips"},   {"det", "detect"},      {"veri", "verify"},
		{"eraze", "erase"},
	};

	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++)
		ck_assert_str_eq(np_suggest(typed[i][0], words), typed[i][1]);
}
END_TEST

START_TEST(other_words_are_not_bent_into_commands)
{
	static const char *const typed[] = {"",     "x",       "backup.bin", "flash", "firmware",
	                                    "dump", "program", "-",          "re",    "res"};
	char longest[200];

	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++)
		ck_assert_msg(!np_suggest(typed[i], words), "'%s' became '%s'", typed[i],
		              np_suggest(typed[i], words));
	memset(longest, 'r', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_ptr_null(np_suggest(longest, words));
}
END_TEST

START_TEST(distance_counts_single_slips)
{
	ck_assert_uint_eq(np_word_distance("read", "read"), 0);
	ck_assert_uint_eq(np_word_distance("Read", "rEAD"), 0);
	ck_assert_uint_eq(np_word_distance("raed", "read"), 1);
	ck_assert_uint_eq(np_word_distance("rad", "read"), 1);
	ck_assert_uint_eq(np_word_distance("reead", "read"), 1);
	ck_assert_uint_eq(np_word_distance("", "read"), 4);
	ck_assert_uint_eq(np_word_distance("erase", "read"), np_word_distance("read", "erase"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("suggest");
	TCase *tc = suite_group(suite, "suggest", NULL, NULL);

	tcase_add_test(tc, mistyped_words_are_recognised);
	tcase_add_test(tc, other_words_are_not_bent_into_commands);
	tcase_add_test(tc, distance_counts_single_slips);
	return run_suite(suite);
}
