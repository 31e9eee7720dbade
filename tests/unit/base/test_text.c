/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdbool.h>
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

static const struct {
	const char *line;
	size_t columns;
	const char *wrapped;
} wraps[] = {
	{"", 20, ""},
	{"short", 20, "short"},
	{"exactly twenty wide!", 20, "exactly twenty wide!"},
	{"one more than twenty!", 20, "one more than\n  twenty!"},
	{"as it is, however long it may be", 0, "as it is, however long it may be"},
	{"  a line that is indented goes on deeper", 20,
         "  a line that is\n    indented goes on\n    deeper"},
	{"wrong     wires       MISO reads all ones: nobody answers", 44,
         "wrong     wires       MISO reads all ones:\n                      nobody answers"},
	{"hint: try `norprog read FILE --passes 5` then", 24,
         "hint: try `norprog read FILE --passes 5`\n  then"},
	{"a`b c` d", 4, "a`b c`\n  d"},
	{"a lone ` tick breaks as ever", 12, "a lone `\n  tick\n  breaks as\n  ever"},
	{"/a/path/without/a/space/in/it and on", 10, "/a/path/without/a/space/in/it\n  and on"},
	{"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 \xc3\xa4\xc3\xa4\xc3\xa4 x", 8,
         "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 \xc3\xa4\xc3\xa4\xc3\xa4\n  x"},
};

START_TEST(lines_are_wrapped)
{
	char buf[160];

	ck_assert_str_eq(np_text_wrap(wraps[_i].line, wraps[_i].columns, buf, sizeof(buf)),
	                 wraps[_i].wrapped);
}
END_TEST

static bool has_long_word(const char *line, size_t len, size_t columns)
{
	size_t word = 0, longest = 0;

	for (size_t i = 0; i < len; i++) {
		word = line[i] == ' ' ? 0 : word + 1;
		longest = word > longest ? word : longest;
	}
	return longest + columns / 2 > columns || longest + 2 > columns;
}

/* No line is wider than asked unless it is one word, and no letter but spaces is lost. */
START_TEST(wrapping_loses_nothing)
{
	uint64_t state = rig_seed(6);
	char line[400], buf[4000], back[4000];

	for (unsigned n = 0; n < 2000; n++) {
		size_t len = rig_random(&state) % sizeof(line), columns = rig_random(&state) % 90;
		size_t kept = 0;
		char *at;

		for (size_t i = 0; i < len; i++)
			line[i] = "ab    `c"[rig_random(&state) % 8];
		line[len ? len - 1 : 0] = '\0';
		np_text_wrap(line, columns, buf, sizeof(buf));
		for (at = buf; *at; at++)
			if (*at != ' ' && *at != '\n')
				back[kept++] = *at;
		back[kept] = '\0';
		for (at = line, kept = 0; *at; at++)
			if (*at != ' ')
				ck_assert_int_eq(*at, back[kept++]);
		ck_assert_int_eq(back[kept], '\0');
		for (at = buf; columns && *at; at += strcspn(at, "\n"), at += *at == '\n') {
			size_t wide = strcspn(at, "\n"), indent = strspn(at, " ");

			ck_assert(wide <= columns || indent > columns / 2 ||
			          memchr(at, 0x60, wide) ||
			          has_long_word(at + indent, wide - indent, columns));
		}
	}
	/* Too little room: unbroken and cut. */
	ck_assert_str_eq(np_text_wrap("aaa bbb ccc", 4, buf, 8), "aaa bbb");
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

/* Lines with and without an end, empty ones, one that is cut; and no byte behind the length. */
START_TEST(lines_one_by_one)
{
	static const char text[] = "one\n\nlonger than it fits\nlast";
	static const char *const lines[] = {"one", "", "longer ", "last"};
	char line[8];
	size_t at = 0;

	for (size_t i = 0; i < 4; i++) {
		ck_assert(np_text_line(text, strlen(text), &at, line, sizeof(line)));
		ck_assert_str_eq(line, lines[i]);
	}
	ck_assert(!np_text_line(text, strlen(text), &at, line, sizeof(line)));
	at = 0;
	ck_assert(np_text_line(text, 2, &at, line, sizeof(line)));
	ck_assert_str_eq(line, "on");
	ck_assert(!np_text_line(text, 2, &at, line, sizeof(line)));
	at = 0;
	ck_assert(!np_text_line(text, 0, &at, line, sizeof(line)));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text");
	TCase *tc = suite_group(suite, "text", NULL, NULL);

	tcase_add_loop_test(tc, texts_are_printed, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(tc, it_is_cut_between_letters);
	tcase_add_test(tc, nothing_gets_through);
	tcase_add_loop_test(tc, lines_are_wrapped, 0, sizeof(wraps) / sizeof(wraps[0]));
	tcase_add_test(tc, wrapping_loses_nothing);
	tcase_add_test(tc, lines_one_by_one);
	return run_suite(suite);
}
