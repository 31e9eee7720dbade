/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a run tells its progress, and which runs may be repeated. */
#include <check.h>

#include "support/suite.h"
#include "usb/usb_pace.h"

#define READ                                                                    \
	{                                                                       \
		.cmd = {0x03}, .cmd_len = 4, .rx = (uint8_t[4]){0}, .rx_len = 4 \
	}
#define STATUS                                                                  \
	{                                                                       \
		.cmd = {0x05}, .cmd_len = 1, .rx = (uint8_t[1]){0}, .rx_len = 1 \
	}

START_TEST(reads_and_status_may_be_repeated)
{
	const struct spi_msg msgs[] = {READ, STATUS, READ};

	ck_assert(usb_pace_repeatable(msgs, 3));
	ck_assert(usb_pace_repeatable(msgs, 0));
}
END_TEST

/* One of them among reads is enough: a write enable, an erase, a page, a status write. */
static const struct spi_msg changing[] = {
	{.cmd = {0x06}, .cmd_len = 1},
	{.cmd = {0x20}, .cmd_len = 4},
	{.cmd = {0x02}, .cmd_len = 4, .tx = (const uint8_t[2]){0}, .tx_len = 2},
	{.cmd = {0x01}, .cmd_len = 1, .tx = (const uint8_t[1]){0}, .tx_len = 1},
	{.cmd = {0xB9}, .cmd_len = 1},
};

START_TEST(what_changes_anything_may_not)
{
	for (size_t at = 0; at < 3; at++) {
		struct spi_msg msgs[] = {READ, STATUS, READ};

		msgs[at] = changing[_i];
		ck_assert(!usb_pace_repeatable(msgs, 3));
	}
}
END_TEST

static size_t told_msg;

static int note(void *ctx, size_t msg, size_t bytes)
{
	(void)ctx, (void)bytes;
	told_msg = msg;
	return 1;
}

START_TEST(the_rest_of_a_queue_counts_from_its_start)
{
	struct usb_pace pace;

	usb_pace_begin(&pace, note, NULL);
	pace.base = 40;
	ck_assert(usb_pace_tell(&pace, 2, 0));
	ck_assert_uint_eq(told_msg, 42);
	ck_assert(pace.stopped);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("usb pace");
	TCase *cases = tcase_create("pace");

	tcase_add_test(cases, reads_and_status_may_be_repeated);
	tcase_add_loop_test(cases, what_changes_anything_may_not, 0,
	                    sizeof(changing) / sizeof(changing[0]));
	tcase_add_test(cases, the_rest_of_a_queue_counts_from_its_start);
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
