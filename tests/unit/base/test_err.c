/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "base/err.h"
#include "support/suite.h"

static struct np_error err;

static void setup(void)
{
	memset(&err, 0, sizeof(err));
}

START_TEST(a_failure_carries_cause_context_and_hint)
{
	ck_assert_int_eq(np_fail(&err, NP_E_BUS, "transfer %d failed", 7), NP_E_BUS);
	ck_assert_int_eq(err.code, NP_E_BUS);
	ck_assert_int_eq(np_context(&err, "reading 0x%06x", 0x1000), NP_E_BUS);
	ck_assert_str_eq(err.message, "reading 0x001000: transfer 7 failed");
	ck_assert_int_eq(np_hint(&err, "check the %s", "clip"), NP_E_BUS);
	ck_assert_str_eq(err.hint, "check the clip");
	/* A later hint takes the place of the first; a new failure starts without one. */
	np_hint(&err, "lower the clock");
	ck_assert_str_eq(err.hint, "lower the clock");
	np_fail(&err, NP_E_USAGE, "no");
	ck_assert_str_eq(err.hint, "");
	ck_assert_str_eq(err.message, "no");
}
END_TEST

START_TEST(nobody_has_to_listen)
{
	ck_assert_int_eq(np_fail(NULL, NP_E_GONE, "x"), NP_E_GONE);
	ck_assert_int_lt(np_hint(NULL, "x"), 0);
	ck_assert_int_lt(np_context(NULL, "x"), 0);
}
END_TEST

START_TEST(long_texts_are_cut_and_end)
{
	char text[2000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	np_fail(&err, NP_E_FAIL, "%s", text);
	ck_assert_uint_eq(strlen(err.message), sizeof(err.message) - 1);
	np_context(&err, "context");
	ck_assert_uint_eq(strlen(err.message), sizeof(err.message) - 1);
	ck_assert_int_eq(strncmp(err.message, "context: xxx", 12), 0);
	np_hint(&err, "%s", text);
	ck_assert_uint_eq(strlen(err.hint), sizeof(err.hint) - 1);
}
END_TEST

START_TEST(every_code_has_a_name_and_an_exit_code_of_its_own)
{
	for (int code = NP_E_UNSUPPORTED; code < 0; code++) {
		ck_assert_int_ge(np_code_exit(code), 1);
		ck_assert_int_le(np_code_exit(code), 8);
		if (code != NP_E_FAIL)
			ck_assert_msg(strcmp(np_code_name(code), "failed") != 0, "code %d", code);
		for (int other = code + 1; other <= 0; other++)
			ck_assert_str_ne(np_code_name(code), np_code_name(other));
	}
	ck_assert_int_eq(np_code_exit(NP_OK), 0);
	ck_assert_str_eq(np_code_name(NP_OK), "ok");
}
END_TEST

START_TEST(a_code_that_nobody_knows_is_a_failure)
{
	ck_assert_int_eq(np_code_exit(-1000), 1);
	ck_assert_int_eq(np_code_exit(5), 1);
	ck_assert_str_eq(np_code_name(-1000), "failed");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("err");
	TCase *tc = suite_group(suite, "err", setup, NULL);

	tcase_add_test(tc, a_failure_carries_cause_context_and_hint);
	tcase_add_test(tc, nobody_has_to_listen);
	tcase_add_test(tc, long_texts_are_cut_and_end);
	tcase_add_test(tc, every_code_has_a_name_and_an_exit_code_of_its_own);
	tcase_add_test(tc, a_code_that_nobody_knows_is_a_failure);
	return run_suite(suite);
}
