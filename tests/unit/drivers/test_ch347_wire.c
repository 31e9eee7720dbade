/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CH347's frames against bytes written by hand. */
#include <check.h>
#include <string.h>

#include "ch347_wire.h"
#include "support/suite.h"

static uint8_t frame[CH347_FRAME_MAX];

static void expect(size_t got_len, const uint8_t *want, size_t len)
{
	ck_assert_uint_eq(got_len, len);
	for (size_t i = 0; i < len; i++)
		ck_assert_msg(frame[i] == want[i], "byte %zu: %02X, not %02X", i, frame[i],
		              want[i]);
}

START_TEST(frames_are_as_documented)
{
	static const uint8_t config[29] = {
		0xc0, 26, 0, [5] = 4, [6] = 1, [14] = 2, [15] = 3 << 3, [19] = 7};
	static const uint8_t low[13] = {0xc1, 10, 0, 0x80};
	static const uint8_t high[13] = {0xc1, 10, 0, 0xc0};
	static const uint8_t id[4] = {0xc4, 1, 0, 0x9f};
	static const uint8_t read[7] = {0xc3, 4, 0, 0x01, 0x02, 0x03, 0x00};
	static const uint8_t command[1] = {0x9f};
	uint8_t data[CH347_DATA] = {0};

	expect(ch347_put_config(frame, 3), config, sizeof(config));
	expect(ch347_put_cs(frame, true), low, sizeof(low));
	expect(ch347_put_cs(frame, false), high, sizeof(high));
	expect(ch347_put_write(frame, command, 1), id, sizeof(id));
	expect(ch347_put_read(frame, 0x030201), read, sizeof(read));
	ck_assert_uint_eq(ch347_put_write(frame, data, sizeof(data)), 510);
	ck_assert_uint_eq(frame[1], 0xfb);
	ck_assert_uint_eq(frame[2], 0x01);
}
END_TEST

START_TEST(clocks_are_60_MHz_halved)
{
	uint8_t divider = 9;
	uint32_t hz = 0;

	ck_assert(ch347_divider(100000000, &divider, &hz) && divider == 0 && hz == 60000000);
	ck_assert(ch347_divider(59999999, &divider, &hz) && divider == 1 && hz == 30000000);
	ck_assert(ch347_divider(7500000, &divider, &hz) && divider == 3 && hz == 7500000);
	ck_assert(ch347_divider(468750, &divider, &hz) && divider == 7 && hz == 468750);
	ck_assert(!ch347_divider(468749, &divider, &hz));
}
END_TEST

START_TEST(answers_that_do_not_fit_are_refused)
{
	static const uint8_t good[6] = {0xc3, 3, 0, 1, 2, 3};
	const uint8_t *payload;

	ck_assert_int_eq(ch347_payload(good, 6, CH347_READ, &payload), 3);
	ck_assert_ptr_eq(payload, good + 3);
	ck_assert_int_eq(ch347_payload(good, 5, CH347_READ, &payload), -1);
	ck_assert_int_eq(ch347_payload(good, 6, CH347_WRITE, &payload), -1);
	ck_assert_int_eq(ch347_payload(good, 2, CH347_READ, &payload), -1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ch347_wire");
	TCase *cases = tcase_create("codec");

	tcase_add_test(cases, frames_are_as_documented);
	tcase_add_test(cases, clocks_are_60_MHz_halved);
	tcase_add_test(cases, answers_that_do_not_fit_are_refused);
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
