/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "support/rig.h"
#include "support/suite.h"

START_TEST(sizes_are_read_exactly_or_not_at_all)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {
		{"0", 0},
		{"4096", 4096},
		{"0x1000", 4096},
		{"0X10", 16},
		{"010", 10}, /* no octal: an address copied with leading zeros is decimal */
		{"64K", 65536},
		{"64k", 65536},
		{"64KiB", 65536},
		{"8M", 8 << 20},
		{"8MiB", 8 << 20},
		{"1G", 1 << 30},
		{"0x10K", 16384},
		{"18446744073709551615", UINT64_MAX},
		{"0xffffffffffffffff", UINT64_MAX},
	};
	static const char *const bad[] = {
		"",
		"K",
		"0x",
		"0xg",
		"-1",
		"+1",
		" 1",
		"1 ",
		"1KB",
		"1Ki",
		"1.5M",
		"1e3",
		"0x10 K",
		"8MM",
		"8M+",
		"18446744073709551616",
		"99999999999999999999",
		"17179869184G",
		"18014398509481984K",
		"0x-1",
		"\xc2\xbd"
		"M",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint64_t value = 1;

		ck_assert_msg(np_parse_size(good[i].text, &value), "%s", good[i].text);
		ck_assert_msg(value == good[i].value, "%s is %" PRIu64, good[i].text, value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t value;

		ck_assert_msg(!np_parse_size(bad[i], &value), "'%s' is taken", bad[i]);
	}
}
END_TEST

START_TEST(a_size_that_is_told_is_read_back)
{
	uint64_t state = rig_seed(11);

	for (int i = 0; i < 1000; i++) {
		uint64_t value = rig_random(&state) >> (rig_random(&state) % 60), again;
		char text[32], told[32];

		snprintf(text, sizeof(text), "%" PRIu64, value);
		ck_assert(np_parse_size(text, &again) && again == value);
		snprintf(text, sizeof(text), "0x%" PRIx64, value);
		ck_assert(np_parse_size(text, &again) && again == value);
		/* "8 MiB" as told, without its space and "byte(s)", means the same. */
		np_format_size(value, told, sizeof(told));
		snprintf(text, sizeof(text), "%.*s%s", (int)strcspn(told, " "), told,
		         strstr(told, "byte") ? "" : strchr(told, ' ') + 1);
		ck_assert_msg(np_parse_size(text, &again) && again == value, "%s", told);
	}
}
END_TEST

START_TEST(ranges_are_inclusive_with_minus_and_counted_with_plus)
{
	static const char *const bad[] = {
		"",
		"0",
		"0+",
		"0-",
		"+1",
		"0+0",
		"5-4",
		"0x10-0xf",
		"0+1+1",
		"0-1-",
		"0 +1",
		"0+ 1",
		"0..1",
		"-1-2",
		"a-b",
		"0xffffffffffffffff+1",
		"1-0xffffffffffffffff0",
		"0-0xffffffffffffffff",
	};
	struct np_range range;

	ck_assert(np_parse_range("0x1000+4K", &range));
	ck_assert(range.start == 0x1000 && range.len == 0x1000);
	ck_assert(np_parse_range("0x1000-0x1fff", &range));
	ck_assert(range.start == 0x1000 && range.len == 0x1000);
	ck_assert(np_parse_range("7-7", &range));
	ck_assert(range.start == 7 && range.len == 1);
	ck_assert(np_parse_range("1M+1M", &range));
	ck_assert(range.start == 1 << 20 && range.len == 1 << 20);
	ck_assert(np_parse_range("1-0xffffffffffffffff", &range) == false ||
	          range.len == UINT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!np_parse_range(bad[i], &range), "'%s' is taken", bad[i]);
}
END_TEST

START_TEST(clocks_are_decimal)
{
	static const char *const bad[] = {"",    "0",     "0.4",        "-1M", "M",
	                                  "1MM", "1Mhz!", "0x10",       "nan", "inf",
	                                  "1G",  "5000M", "4294967296", " 1M", "30 MHz"};
	uint32_t hz;

	ck_assert(np_parse_hz("30M", &hz) && hz == 30000000);
	ck_assert(np_parse_hz("30MHz", &hz) && hz == 30000000);
	ck_assert(np_parse_hz("1500k", &hz) && hz == 1500000);
	ck_assert(np_parse_hz("1.5M", &hz) && hz == 1500000);
	ck_assert(np_parse_hz("2000000", &hz) && hz == 2000000);
	ck_assert(np_parse_hz("4294967295", &hz) && hz == UINT32_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!np_parse_hz(bad[i], &hz), "'%s' is taken", bad[i]);
}
END_TEST

START_TEST(numbers_are_told_short_and_exact)
{
	char text[32];

	ck_assert_str_eq(np_format_size(0, text, sizeof(text)), "0 bytes");
	ck_assert_str_eq(np_format_size(1, text, sizeof(text)), "1 byte");
	ck_assert_str_eq(np_format_size(1023, text, sizeof(text)), "1023 bytes");
	ck_assert_str_eq(np_format_size(65536, text, sizeof(text)), "64 KiB");
	ck_assert_str_eq(np_format_size(65537, text, sizeof(text)), "65537 bytes");
	ck_assert_str_eq(np_format_size(8 << 20, text, sizeof(text)), "8 MiB");
	ck_assert_str_eq(np_format_hz(999, text, sizeof(text)), "999 Hz");
	ck_assert_str_eq(np_format_hz(937500, text, sizeof(text)), "937.5 kHz");
	ck_assert_str_eq(np_format_hz(30000000, text, sizeof(text)), "30 MHz");
	ck_assert_str_eq(np_format_duration(450000, text, sizeof(text)), "0.45 s");
	ck_assert_str_eq(np_format_duration(12900000, text, sizeof(text)), "12 s");
	ck_assert_str_eq(np_format_duration(185000000, text, sizeof(text)), "3 min 05 s");
	/* A buffer that is too small is filled, not overrun. */
	ck_assert_str_eq(np_format_size(65536, text, 4), "64 ");
}
END_TEST

/* Every byte, in both cases; and no pair with a character that is no digit, however near. */
START_TEST(bytes_are_two_hex_digits)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	char text[3] = "", hex[5];
	uint8_t byte;

	for (unsigned i = 0; i < 256; i++) {
		const uint8_t two[] = {(uint8_t)i, (uint8_t)~i};

		np_format_hex(two, 2, hex);
		ck_assert_uint_eq(strlen(hex), 4);
		ck_assert(np_parse_hex_byte(hex, &byte) && byte == i);
		ck_assert(np_parse_hex_byte(hex + 2, &byte) && byte == (uint8_t)~i);
	}
	for (unsigned a = 1; a < 256; a++)
		for (unsigned b = 0; b < 256; b++) {
			text[0] = (char)a;
			text[1] = (char)b;
			ck_assert(np_parse_hex_byte(text, &byte) ==
			          (strchr(digits, text[0]) && b && strchr(digits, text[1])));
		}
	ck_assert(np_parse_hex_byte("aFx", &byte) && byte == 0xaf);
	ck_assert(!np_parse_hex_byte("", &byte));
	np_format_hex(NULL, 0, hex);
	ck_assert_str_eq(hex, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("units");
	TCase *tc = suite_group(suite, "units", NULL, NULL);

	tcase_add_test(tc, sizes_are_read_exactly_or_not_at_all);
	tcase_add_test(tc, a_size_that_is_told_is_read_back);
	tcase_add_test(tc, ranges_are_inclusive_with_minus_and_counted_with_plus);
	tcase_add_test(tc, clocks_are_decimal);
	tcase_add_test(tc, numbers_are_told_short_and_exact);
	tcase_add_test(tc, bytes_are_two_hex_digits);
	return run_suite(suite);
}
