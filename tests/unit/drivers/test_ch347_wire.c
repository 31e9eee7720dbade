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
	static const uint8_t read[7] = {0xc3, 4, 0, 0x01, 0x02, 0x03, 0x00};

	expect(ch347_put_config(frame, 3), config, sizeof(config));
	expect(ch347_put_cs(frame, true), low, sizeof(low));
	expect(ch347_put_cs(frame, false), high, sizeof(high));
	expect(ch347_put_read(frame, 0x030201), read, sizeof(read));
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

/* ---- queues ---- */

static struct ch347_wire wire;

/* The next frames' commands, as long as there are any now. */
static size_t commands(uint8_t *out, size_t max)
{
	size_t n = 0;

	while (n < max && ch347_wire_encode(&wire, frame))
		out[n++] = frame[0];
	return n;
}

#define SENDS(...)                                                              \
	do {                                                                    \
		const uint8_t want_[] = {__VA_ARGS__};                          \
		uint8_t got_[32];                                               \
                                                                                \
		ck_assert_uint_eq(commands(got_, sizeof(got_)), sizeof(want_)); \
		ck_assert_mem_eq(got_, want_, sizeof(want_));                   \
	} while (0)

static bool acked(void)
{
	static const uint8_t ack[4] = {0xc4, 1, 0, 0};

	return ch347_wire_decode(&wire, ack, sizeof(ack));
}

static bool answered(const uint8_t *data, size_t len)
{
	uint8_t answer[CH347_FRAME_MAX] = {0xc3, (uint8_t)len, (uint8_t)(len >> 8)};

	memcpy(answer + 3, data, len);
	return ch347_wire_decode(&wire, answer, 3 + len);
}

START_TEST(messages_go_ahead_of_their_answers_and_end_with_one)
{
	uint8_t rx[3];
	struct spi_msg msgs[] = {
		{.cmd = {0x06}, .cmd_len = 1},
		{.cmd = {0x9f}, .cmd_len = 1, .rx = rx, .rx_len = 3},
	};

	ch347_wire_begin(&wire, msgs, 2, 60000000, 8);
	SENDS(0xc1, 0xc4, 0xc1, 0xc1, 0xc4, 0xc3, 0xc1, 0xc4);
	ck_assert_uint_eq(ch347_wire_want(&wire), 4);
	ck_assert(acked());
	ck_assert_uint_eq(wire.in_msg, 0);
	/* The answer behind its CS proves the first. */
	ck_assert(acked());
	ck_assert_uint_eq(wire.in_msg, 1);
	ck_assert(!acked());
	ck_assert(answered((const uint8_t *)"\xef\x40\x17", 3));
	ck_assert_mem_eq(rx, "\xef\x40\x17", 3);
	ck_assert(acked());
	ck_assert_uint_eq(wire.in_msg, 2);
	ck_assert_uint_eq(ch347_wire_want(&wire), 0);
	ck_assert(!acked());
}
END_TEST

START_TEST(one_at_a_time_waits_for_each_answer)
{
	uint8_t rx[3];
	struct spi_msg msg = {.cmd = {0x9f}, .cmd_len = 1, .rx = rx, .rx_len = 3};

	ch347_wire_begin(&wire, &msg, 1, 60000000, 1);
	SENDS(0xc1, 0xc4);
	ck_assert(acked());
	SENDS(0xc3);
	ck_assert(answered((const uint8_t *)"abc", 3));
	SENDS(0xc1, 0xc4);
	ck_assert(acked());
	ck_assert_uint_eq(wire.in_msg, 1);
}
END_TEST

static size_t asked(void)
{
	return frame[3] | (size_t)frame[4] << 8 | (size_t)frame[5] << 16 | (size_t)frame[6] << 24;
}

START_TEST(pauses_are_bytes_that_nobody_hears)
{
	struct spi_msg msg = {.cmd = {0x04}, .cmd_len = 1, .pause_us = 100};

	ch347_wire_begin(&wire, &msg, 1, 60000000, 16);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_gt(ch347_wire_encode(&wire, frame), 0);
	ck_assert_uint_eq(frame[3], 0xc0); /* CS is high */
	ck_assert_uint_eq(ch347_wire_encode(&wire, frame), 7);
	ck_assert_uint_eq(frame[0], 0xc3);
	ck_assert_uint_eq(asked(), 750); /* 100 us at 60 MHz */
	ck_assert_uint_eq(ch347_wire_encode(&wire, frame), 4);
	ck_assert_uint_eq(frame[0], 0xc4); /* the byte that ends the queue */
	ck_assert_uint_eq(ch347_wire_encode(&wire, frame), 0);
}
END_TEST

/* So that what is wanted of it comes as long after the command as the clock is exact. */
START_TEST(a_pause_before_status_is_status_that_nobody_wants)
{
	uint8_t rx[4], data[CH347_DATA];
	struct spi_msg msgs[] = {
		{.cmd = {0x02}, .cmd_len = 4, .pause_us = 100},
		{.cmd = {0x05}, .cmd_len = 1, .rx = rx, .rx_len = 4, .flags = SPI_MSG_STATUS},
	};

	ch347_wire_begin(&wire, msgs, 2, 60000000, 16);
	SENDS(0xc1, 0xc4, 0xc1, 0xc1, 0xc4, 0xc3, 0xc1, 0xc4);
	ck_assert_uint_eq(ch347_wire_want(&wire), 5);
	ck_assert(acked());
	ck_assert(acked());
	memset(data, 0x03, sizeof(data));
	ck_assert(answered(data, CH347_DATA));
	memset(rx, 0xee, sizeof(rx));
	memcpy(&data[750 - CH347_DATA], "\x03\x03\x00\x00", 4);
	ck_assert(answered(data, 750 + 4 - CH347_DATA));
	ck_assert_mem_eq(rx, "\x03\x03\x00\x00", 4);
	ck_assert(acked());
	ck_assert_uint_eq(wire.in_msg, 2);
	ck_assert_uint_eq(ch347_wire_want(&wire), 0);
}
END_TEST

/* An erase takes longer than a stop request may. */
START_TEST(long_pauses_go_out_in_pieces_two_at_a_time)
{
	static uint8_t data[CH347_DATA];
	uint8_t rx[2];
	struct spi_msg msgs[] = {
		{.cmd = {0xd8}, .cmd_len = 4, .pause_us = 150000},
		{.cmd = {0x05}, .cmd_len = 1, .rx = rx, .rx_len = 2, .flags = SPI_MSG_STATUS},
	};
	size_t total = 0, left = 0;

	ch347_wire_begin(&wire, msgs, 1 + _i, 60000000, 16);
	while (wire.in_msg < wire.count || ch347_wire_want(&wire)) {
		while (ch347_wire_encode(&wire, frame))
			if (frame[0] == 0xc3) {
				ck_assert_uint_le(asked(), 262144);
				total += asked();
			}
		ck_assert_uint_le(wire.due_count, 4);
		left = wire.due[wire.due_at].left;
		ck_assert(left ? answered(data, left < CH347_DATA ? left : CH347_DATA) : acked());
	}
	ck_assert_uint_eq(total, 150 * 7500 + (_i ? 2 : 0));
}
END_TEST

static uint32_t dice;

static uint32_t roll(uint32_t below)
{
	dice = dice * 1664525 + 1013904223;
	return (dice >> 8) % below;
}

/* An adapter that answers one command after the other; transfers that were asked for and got nothing
 * would be left at the end. */
START_TEST(no_answer_is_asked_for_that_never_comes)
{
	static uint8_t rx[2000], tx[600], data[CH347_DATA];
	struct spi_msg msgs[12];
	size_t count = 1 + (size_t)_i % 12, posted = 0, came = 0;

	dice = (uint32_t)_i;
	for (size_t i = 0; i < count; i++)
		msgs[i] = (struct spi_msg){
			.cmd_len = (uint8_t)(1 + roll(4)),
			.tx = tx,
			.tx_len = roll(3) ? 0 : roll(sizeof(tx)),
			.rx = rx,
			.rx_len = roll(2) ? 0 : roll(sizeof(rx)),
			.pause_us = roll(2) ? 0 : roll(500),
			.flags = roll(2) ? SPI_MSG_STATUS : 0,
		};
	ch347_wire_begin(&wire, msgs, count, 60000000, 1 + roll(16));
	while (ch347_wire_want(&wire)) {
		size_t left;

		if (posted - came < ch347_wire_want(&wire))
			posted = came + ch347_wire_want(&wire);
		while (ch347_wire_encode(&wire, frame))
			;
		ck_assert_uint_gt(wire.due_count, 0);
		left = wire.due[wire.due_at].left;
		ck_assert(left ? answered(data, left < CH347_DATA ? left : CH347_DATA) : acked());
		came++;
	}
	ck_assert_uint_eq(wire.in_msg, count);
	ck_assert_msg(posted == came, "seed %d: %zu asked for, %zu came", _i, posted, came);
}
END_TEST

START_TEST(a_stop_ends_a_read_after_what_was_asked)
{
	static uint8_t rx[1 << 20];
	static uint8_t data[CH347_DATA];
	struct spi_msg msg = {.cmd = {0x0b}, .cmd_len = 5, .rx = rx, .rx_len = sizeof(rx)};
	size_t left = 262144 * 2;

	ch347_wire_begin(&wire, &msg, 1, 60000000, 8);
	SENDS(0xc1, 0xc4, 0xc3, 0xc3);
	ch347_wire_stop(&wire);
	SENDS(0xc1, 0xc4);
	ck_assert(acked());
	while (left) {
		size_t chunk = left % 262144 ? left % 262144 : 262144;
		size_t n = chunk < CH347_DATA ? chunk : CH347_DATA;

		ck_assert(answered(data, n));
		left -= n;
	}
	ck_assert(acked());
	ck_assert_uint_eq(wire.in_msg, 0);
	ck_assert_uint_eq(ch347_wire_want(&wire), 0);
}
END_TEST

START_TEST(more_than_was_asked_is_out_of_step)
{
	uint8_t rx[3];
	struct spi_msg msg = {.cmd = {0x9f}, .cmd_len = 1, .rx = rx, .rx_len = 3};

	ch347_wire_begin(&wire, &msg, 1, 60000000, 8);
	ck_assert(!acked());
	SENDS(0xc1, 0xc4, 0xc3, 0xc1, 0xc4);
	ck_assert(acked());
	ck_assert(!answered((const uint8_t *)"abcd", 4));
	ck_assert(!answered((const uint8_t *)"", 0));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ch347_wire");
	TCase *cases = tcase_create("codec");

	tcase_add_test(cases, frames_are_as_documented);
	tcase_add_test(cases, clocks_are_60_MHz_halved);
	tcase_add_test(cases, answers_that_do_not_fit_are_refused);
	tcase_add_test(cases, messages_go_ahead_of_their_answers_and_end_with_one);
	tcase_add_test(cases, one_at_a_time_waits_for_each_answer);
	tcase_add_test(cases, pauses_are_bytes_that_nobody_hears);
	tcase_add_test(cases, a_pause_before_status_is_status_that_nobody_wants);
	tcase_add_loop_test(cases, long_pauses_go_out_in_pieces_two_at_a_time, 0, 2);
	tcase_add_loop_test(cases, no_answer_is_asked_for_that_never_comes, 0, 500);
	tcase_add_test(cases, a_stop_ends_a_read_after_what_was_asked);
	tcase_add_test(cases, more_than_was_asked_is_out_of_step);
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
