/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections and keys, and all that is refused because inih would pass over it. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/ini.h"
#include "support/suite.h"

#define REFUSED (-7)
#define STOPPED (-9)

static char told[1024];
static unsigned bad_line;
static const char *stop_at;
static struct np_ini ini;

static int tell(const char *what, const char *more)
{
	size_t len = strlen(told);

	snprintf(told + len, sizeof(told) - len, "%s%s;", what, more);
	return stop_at && strcmp(more, stop_at) == 0 ? STOPPED : 0;
}

static int on_begin(void *ctx, const char *section)
{
	char text[80];

	ck_assert_ptr_eq(ctx, told);
	snprintf(text, sizeof(text), "[%u", ini.open_line);
	tell(text, " ");
	return tell("", section);
}

static int on_key(void *ctx, const char *name, const char *value)
{
	char text[80];

	ck_assert_ptr_eq(ctx, told);
	snprintf(text, sizeof(text), "%u %s=", ini.line, name);
	return tell(text, value);
}

static int on_end(void *ctx)
{
	ck_assert_ptr_eq(ctx, told);
	return tell("]", "");
}

static int on_fail(void *ctx, unsigned line, const char *what, const char *value)
{
	ck_assert_ptr_eq(ctx, told);
	bad_line = line;
	tell(what, value ? value : "");
	return REFUSED;
}

static const struct np_ini_user user = {on_begin, on_key, on_end, on_fail};

static int read_text(const char *text, size_t len)
{
	ini = (struct np_ini){.text = text, .len = len, .user = &user};
	told[0] = '\0';
	bad_line = 0;
	return np_ini_read(&ini, told);
}

START_TEST(sections_begin_with_their_first_key_and_end)
{
	static const char text[] = "; a remark\n\n[one]\na = 1\nb: two words\r\n\n[two]\nc = 3";

	stop_at = NULL;
	ck_assert_int_eq(read_text(text, sizeof(text) - 1), 0);
	ck_assert_str_eq(told, "[3 ;one;4 a=1;5 b=two words;];[7 ;two;8 c=3;];");
	ck_assert_uint_eq(ini.line, 8);
	ck_assert_int_eq(read_text("", 0), 0);
	ck_assert_str_eq(told, "");
}
END_TEST

START_TEST(an_error_of_the_user_ends_the_reading)
{
	static const char text[] = "[one]\na = 1\nb = 2\n[two]\nc = 3\n";

	stop_at = "1";
	ck_assert_int_eq(read_text(text, sizeof(text) - 1), STOPPED);
	ck_assert_str_eq(told, "[1 ;one;2 a=1;");
	stop_at = "two";
	ck_assert_int_eq(read_text(text, sizeof(text) - 1), STOPPED);
	ck_assert_str_eq(told, "[1 ;one;2 a=1;3 b=2;];[4 ;two;");
	stop_at = NULL;
}
END_TEST

#define LONG_LINE                                                                                \
	"k = 0123456789012345678901234567890123456789012345678901234567890123456789012345678901" \
	"23456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"8901234567890123456789"
#define NAME_45 "012345678901234567890123456789012345678901234"

static const struct {
	const char *text;
	unsigned line;
	const char *says;
} bad[] = {
	{"a = 1\n", 1, "a key before the first sectiona;"},
	{"[one]\na = 1\n\x01 = 2\n", 3, "not text"},
	{"[one]\na = \x7f\n", 2, "not text"},
	{"[one]\na = 1\n  b = 2\n", 3, "indented"},
	{"[one]\n[two]\na = 1\n", 1, "empty"},
	{"[one]\na = 1\n[two]\n", 3, "empty"},
	{"[one]\na\n", 2, "neither"},
	{"[one\na = 1\n", 1, "neither"},
	{"[one]\n" LONG_LINE "\n", 2, "longer than 190"},
	{"[" NAME_45 "678]\na = 1\n", 1, "longer than 48"},
};

START_TEST(what_inih_would_pass_over_is_refused)
{
	stop_at = NULL;
	ck_assert_int_eq(read_text(bad[_i].text, strlen(bad[_i].text)), REFUSED);
	ck_assert_uint_eq(bad_line, bad[_i].line);
	ck_assert_msg(strstr(told, bad[_i].says) != NULL, "'%s' has no '%s'", told, bad[_i].says);
}
END_TEST

START_TEST(the_longest_that_fit)
{
	char text[300];

	snprintf(text, sizeof(text), "[" NAME_45 "6]\n%.*s\n", NP_INI_LINE, LONG_LINE);
	ck_assert_int_eq(read_text(text, strlen(text)), 0);
	ck_assert_ptr_nonnull(strstr(told, ";" NAME_45 "6;"));
	snprintf(text, sizeof(text), "[one]\na = 1%c\n", '\0');
	ck_assert_int_eq(read_text(text, 13), REFUSED);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ini");
	TCase *tcase = tcase_create("ini");

	tcase_add_test(tcase, sections_begin_with_their_first_key_and_end);
	tcase_add_test(tcase, an_error_of_the_user_ends_the_reading);
	tcase_add_loop_test(tcase, what_inih_would_pass_over_is_refused, 0,
	                    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, the_longest_that_fit);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
