/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/idnum.h"
#include "support/rig.h"
#include "support/suite.h"

static bool parses(const char *text, uint8_t mac[IDNUM_MAC_LEN])
{
	return idnum_mac_parse(text, strlen(text), mac);
}

START_TEST(addresses_are_read_in_their_three_forms_only)
{
	static const uint8_t want[] = {0xa0, 0xf3, 0xc1, 0x0b, 0x00, 0x01};
	static const char *const good[] = {"a0:f3:c1:0b:00:01", "A0-F3-C1-0B-00-01", "a0f3c10b0001",
	                                   "A0:f3:C1:0b:00:01"};
	static const char *const bad[] = {
		"",
		"a0:f3:c1:0b:00",
		"a0:f3:c1:0b:00:0",
		"a0:f3:c1:0b:00:011",
		"a0:f3:c1:0b:00-01",
		"a0.f3.c1.0b.00.01",
		"a0 f3 c1 0b 00 01",
		"g0:f3:c1:0b:00:01",
		"a0f3c10b000",
		"a0f3c10b00011",
		"a0f3:c10b:0001",
		"0x0f3c10b0001",
	};
	uint8_t mac[IDNUM_MAC_LEN];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		memset(mac, 0, sizeof(mac));
		ck_assert_msg(parses(good[i], mac), "%s", good[i]);
		ck_assert_mem_eq(mac, want, sizeof(mac));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!parses(bad[i], mac), "'%s' is taken", bad[i]);
}
END_TEST

START_TEST(what_is_written_is_read_and_sums_turn_back)
{
	uint64_t state = rig_seed(31);

	for (int i = 0; i < 1000; i++) {
		uint8_t mac[IDNUM_MAC_LEN], again[IDNUM_MAC_LEN];
		char text[IDNUM_MAC_TEXT];
		int offset = (int)(rig_random(&state) % 1000) - 500;

		for (size_t k = 0; k < sizeof(mac); k++)
			mac[k] = (uint8_t)rig_random(&state);
		ck_assert(parses(idnum_mac_format(mac, text), again));
		ck_assert_mem_eq(mac, again, sizeof(mac));
		idnum_mac_add(again, offset);
		ck_assert(offset == 0 || memcmp(mac, again, sizeof(mac)) != 0);
		idnum_mac_add(again, -offset);
		ck_assert_mem_eq(mac, again, sizeof(mac));
	}
}
END_TEST

START_TEST(adding_carries_through_all_bytes)
{
	uint8_t mac[] = {0x00, 0x01, 0xff, 0xff, 0xff, 0xff};

	idnum_mac_add(mac, 1);
	ck_assert_mem_eq(mac, "\x00\x02\x00\x00\x00\x00", 6);
	idnum_mac_add(mac, -1);
	ck_assert_mem_eq(mac, "\x00\x01\xff\xff\xff\xff", 6);
}
END_TEST

START_TEST(addresses_that_no_device_has)
{
	ck_assert_str_eq(idnum_mac_flaw((const uint8_t *)"\xff\xff\xff\xff\xff\xff"), "blank");
	ck_assert_str_eq(idnum_mac_flaw((const uint8_t *)"\0\0\0\0\0\0"), "all zero");
	ck_assert_str_eq(idnum_mac_flaw((const uint8_t *)"\x01\x00\x5e\x00\x00\x01"), "multicast");
	ck_assert_ptr_nonnull(idnum_mac_flaw((const uint8_t *)"\0\0\0\x12\x34\x56"));
	ck_assert_ptr_null(idnum_mac_flaw((const uint8_t *)"\xa0\xf3\xc1\x00\x00\x01"));
	ck_assert_ptr_nonnull(idnum_mac_placeholder((const uint8_t *)"\xf0\xf1\xf2\xf3\xf4\xf5"));
	ck_assert_ptr_nonnull(idnum_mac_placeholder((const uint8_t *)"\x00\x11\x22\x33\x44\x55"));
	/* One more or less than a placeholder is somebody's. */
	ck_assert_ptr_null(idnum_mac_placeholder((const uint8_t *)"\x00\x11\x22\x33\x44\x56"));
	ck_assert_ptr_null(idnum_mac_placeholder((const uint8_t *)"\xf0\xf1\xf2\xf3\xf4\xf4"));
}
END_TEST

/* Of the ten last digits exactly one is right, and a wrong digit anywhere is found. */
static void one_check_digit(const char *(*flaw)(const char *, size_t), size_t digits, uint64_t seed)
{
	uint64_t state = seed;
	char text[16];

	for (int round = 0; round < 200; round++) {
		int right = 0;
		char fits = 0;

		for (size_t i = 0; i < digits; i++)
			text[i] = (char)('1' + rig_random(&state) % 9);
		text[digits] = '\0';
		for (char last = '0'; last <= '9'; last++) {
			text[digits - 1] = last;
			if (flaw(text, digits))
				continue;
			right++;
			fits = last;
		}
		ck_assert_int_eq(right, 1);
		text[digits - 1] = fits;
		for (size_t i = 0; i < digits; i++) {
			text[i] = (char)(text[i] == '9' ? '0' : text[i] + 1);
			ck_assert_msg(flaw(text, digits) != NULL, "%s", text);
			text[i] = (char)(text[i] == '0' ? '9' : text[i] - 1);
		}
	}
}

START_TEST(check_digits)
{
	uint64_t seed = rig_seed(32);

	one_check_digit(idnum_imei_flaw, IDNUM_IMEI_LEN, seed);
	one_check_digit(idnum_pin_flaw, IDNUM_PIN_LEN, seed);
	ck_assert_ptr_null(idnum_imei_flaw("490154203237518", 15));
	ck_assert_ptr_null(idnum_pin_flaw("12345670", 8));
}
END_TEST

START_TEST(numbers_that_are_none)
{
	static const char *const imeis[] = {"",
	                                    "49015420323751",
	                                    "4901542032375180",
	                                    "49015420323751a",
	                                    "000000000000000",
	                                    "001122334455667"};
	static const char *const pins[] = {"", "1234567", "123456700", "1234567 ", "00000000"};

	for (size_t i = 0; i < sizeof(imeis) / sizeof(imeis[0]); i++)
		ck_assert_msg(idnum_imei_flaw(imeis[i], strlen(imeis[i])) != NULL, "%s", imeis[i]);
	for (size_t i = 0; i < sizeof(pins) / sizeof(pins[0]); i++)
		ck_assert_msg(idnum_pin_flaw(pins[i], strlen(pins[i])) != NULL, "%s", pins[i]);
	ck_assert_ptr_nonnull(strstr(idnum_imei_flaw("001122334455667", 15), "placeholder"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("idnum");
	TCase *tc = suite_group(suite, "idnum", NULL, NULL);

	tcase_add_test(tc, addresses_are_read_in_their_three_forms_only);
	tcase_add_test(tc, what_is_written_is_read_and_sums_turn_back);
	tcase_add_test(tc, adding_carries_through_all_bytes);
	tcase_add_test(tc, addresses_that_no_device_has);
	tcase_add_test(tc, check_digits);
	tcase_add_test(tc, numbers_that_are_none);
	return run_suite(suite);
}
