/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "support/rig.h"
#include "support/suite.h"

static const struct {
	const char *text, *printed;
} texts[] = {
	{"", ""},
	{"Archer MR200 v1, 8 MiB", "Archer MR200 v1, 8 MiB"},
	{"Gr\xc3\xbc\xc3\x9f"
         "e \xe2\x82\xac \xf0\x9f\x90\xa7",
         "Gr\xc3\xbc\xc3\x9f"
         "e \xe2\x82\xac \xf0\x9f\x90\xa7"},
	{"\x1b[2J\x1b]0;owned\x07", "\\x1B[2J\\x1B]0;owned\\x07"},
	{"one\ntwo\r\tthree\x7f", "one\\x0Atwo\\x0D\\x09three\\x7F"},
	{"\xc2\x9b"
         "31m",
         "\\xC2\\x9B31m"}, /* CSI as one letter of C1 */
	{"\x9b"
         "31m",
         "\\x9B31m"},
	{"\xe2\x80\xae"
         "nib.exe",
         "\\xE2\\x80\\xAEnib.exe"},          /* right to left */
	{"\xc0\x9b", "\\xC0\\x9B"},          /* over-long */
	{"\xed\xa0\x80", "\\xED\\xA0\\x80"}, /* half of a pair */
	{"\xf5\x80\x80\x80", "\\xF5\\x80\\x80\\x80"},
	{"\xe2\x82", "\\xE2\\x82"}, /* cut in mid-letter */
	{"\xff\xff\xff", "\\xFF\\xFF\\xFF"},
};

START_TEST(texts_are_printed)
{
	char buf[64];

	ck_assert_str_eq(np_text_printable(texts[_i].text, buf, sizeof(buf)), texts[_i].printed);
}
END_TEST

START_TEST(it_is_cut_between_letters)
{
	char buf[8];

	ck_assert_str_eq(np_text_printable("abcdef\xc3\xbc", buf, 8), "abcdef");
	ck_assert_str_eq(np_text_printable("abcde\xc3\xbc", buf, 8), "abcde\xc3\xbc");
	ck_assert_str_eq(np_text_printable("abcd\x1b", buf, 8), "abcd");
	ck_assert_str_eq(np_text_printable("abc\x1b", buf, 8), "abc\\x1B");
	ck_assert_str_eq(np_text_printable("abc", buf, 1), "");
}
END_TEST

/* Whatever it is given: no byte of it is an order, it ends, and what it made is made of itself. */
START_TEST(nothing_gets_through)
{
	uint64_t state = rig_seed(5);
	char text[40], buf[200], again[200];

	for (unsigned i = 0; i < 200000; i++) {
		size_t len = rig_random(&state) % sizeof(text);

		for (size_t k = 0; k < len; k++)
			text[k] = (char)rig_random(&state);
		if (len)
			text[len - 1] = '\0';
		else
			text[0] = '\0';
		np_text_printable(text, buf, sizeof(buf));
		for (const char *c = buf; *c; c++)
			ck_assert((unsigned char)*c >= 0x20 && *c != 0x7f);
		ck_assert_ptr_null(strstr(buf, "\xc2\x9b"));
		ck_assert_str_eq(np_text_printable(buf, again, sizeof(again)), buf);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text");
	TCase *tc = suite_group(suite, "text", NULL, NULL);

	tcase_add_loop_test(tc, texts_are_printed, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(tc, it_is_cut_between_letters);
	tcase_add_test(tc, nothing_gets_through);
	return run_suite(suite);
}
