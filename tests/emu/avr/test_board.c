/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridge seen from below the driver: requests as bytes, pins, the guard, the LED; and the
 * simulated board itself. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "serprog/serprog_wire.h"
#include "support/suite.h"

#define AT 0x340000u

static struct board board;

static void fill(uint8_t *bytes, size_t len, uint32_t state)
{
	for (size_t i = 0; i < len; i++) {
		state = state * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(state >> 24);
	}
}

static void begin(void)
{
	avrdev_clear_stats(board.dev);
	norsim_clear_stats(board.chip);
}

static void must_run(struct spi_msg *msg)
{
	int ret = spi_run(board.bus, msg, 1, NULL, NULL, NULL, &board.err);

	ck_assert_msg(ret == 0, "%s", board.err.message);
}

/* ---- pins and the guard ---- */

START_TEST(pins_are_released_when_idle_and_driven_again)
{
	uint8_t id[3] = {0};
	struct spi_msg rdid = {.cmd = {0x9f}, .cmd_len = 1, .rx = id, .rx_len = 3};

	board_start(&board, 1000000, false);
	must_run(&rdid);
	ck_assert(avrdev_pins_driven(board.dev));
	avrdev_pass(board.dev, 1500000000);
	ck_assert(avrdev_pins_driven(board.dev));
	avrdev_pass(board.dev, 700000000);
	ck_assert(!avrdev_pins_driven(board.dev));
	must_run(&rdid);
	ck_assert_uint_eq(id[0], 0xef);
	board_close(&board);
}
END_TEST

/* 13h is O_SPIOP: one byte (C7h, erase the chip) out, behind a write enable. */
static const uint8_t stray[] = {0x13, 1, 0, 0, 0, 0, 0, 0x06, 0x13, 1, 0, 0, 0, 0, 0, 0xc7};

START_TEST(stray_bytes_reach_the_chip_only_before_the_greeting)
{
	board_open(&board, 1000000, NULL);
	begin();
	avrdev_send(board.dev, stray, sizeof(stray));
	avrdev_pass(board.dev, 50000000);
	ck_assert_uint_eq(norsim_stats(board.chip)->frames, 2); /* plain serprog does as told */
	board_close(&board);
	board_start(&board, 1000000, false);
	begin();
	avrdev_send(board.dev, stray, sizeof(stray));
	avrdev_pass(board.dev, 50000000);
	ck_assert_uint_eq(norsim_stats(board.chip)->frames, 0);
	avrdev_pass(board.dev,
	            4800000000); /* 5 s of silence: a host that was killed says no LEAVE */
	avrdev_send(board.dev, stray, sizeof(stray));
	avrdev_pass(board.dev, 50000000);
	ck_assert_uint_eq(norsim_stats(board.chip)->frames, 0);
	avrdev_pass(board.dev, 5200000000);
	avrdev_send(board.dev, stray, sizeof(stray));
	avrdev_pass(board.dev, 50000000);
	ck_assert_uint_eq(norsim_stats(board.chip)->frames, 2);
	board_close(&board);
}
END_TEST

START_TEST(a_command_cut_short_is_dropped_and_refused)
{
	static const uint8_t cut[] = {0x13, 2, 0, 0, 0, 0, 0, 0x06};
	uint8_t answer = 0;

	board_open(&board, 1000000, NULL);
	begin();
	avrdev_send(board.dev, cut, sizeof(cut));
	avrdev_pass(board.dev, 90000000);
	ck_assert_uint_eq(avrdev_receive(board.dev, &answer, 1), 0);
	avrdev_pass(board.dev, 30000000);
	ck_assert_uint_eq(avrdev_receive(board.dev, &answer, 1), 1);
	ck_assert_uint_eq(answer, 0x15);
	ck_assert_uint_eq(norsim_stats(board.chip)->frames, 0);
	ck_assert(!avrdev_pins_driven(board.dev));
	board_close(&board);
}
END_TEST

/* ---- requests as bytes ---- */

/* Send a finished request and what follows it; the first byte of the answer. */
static uint8_t say(const struct wire_request *request, const uint8_t *more, size_t len, uint32_t ms)
{
	uint8_t answer[64] = {0};

	avrdev_send(board.dev, request->bytes, request->len);
	avrdev_send(board.dev, more, len);
	avrdev_pass(board.dev, ms * 1000000ull);
	(void)avrdev_receive(board.dev, answer, sizeof(answer));
	return answer[0];
}

static struct wire_request program_request(uint32_t len)
{
	struct wire_request request;

	wire_begin(&request, BRIDGE_PROGRAM, 77);
	wire_u8(&request, 0x06);
	wire_u8(&request, 0x02);
	wire_u8(&request, 3);
	wire_u8(&request, 0x05);
	wire_u8(&request, 1);
	wire_u8(&request, 0);
	wire_u32(&request, 5000);
	wire_u32(&request, AT);
	wire_u32(&request, len);
	wire_end(&request);
	return request;
}

/* Its answer was lost: asked for again, a frame is not clocked again. */
START_TEST(a_repeated_frame_is_done_once)
{
	struct wire_request request;

	board_start(&board, 1000000, false);
	wire_begin(&request, BRIDGE_XFER, 77);
	wire_u16(&request, 1);
	wire_u16(&request, 0);
	wire_u32(&request, 0);
	wire_u8(&request, 0x06);
	wire_end(&request);
	begin();
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(say(&request, NULL, 0, 20), BRIDGE_OK);
	ck_assert_uint_eq(norsim_stats(board.chip)->frames, 1);
	request.bytes[1]++;
	request.len -= 4;
	wire_end(&request);
	ck_assert_uint_eq(say(&request, NULL, 0, 20), BRIDGE_OK);
	ck_assert_uint_eq(norsim_stats(board.chip)->frames, 2);
	board_close(&board);
}
END_TEST

static unsigned blinks(void)
{
	bool before = avrdev_led(board.dev);
	unsigned count = 0;

	for (int i = 0; i < 50; i++) {
		avrdev_pass(board.dev, 20000000);
		count += avrdev_led(board.dev) != before;
		before = avrdev_led(board.dev);
	}
	return count;
}

/* On while the pins are driven, off when they are not, blinking after what went wrong. */
START_TEST(the_led_tells)
{
	struct wire_request request = program_request(512);
	uint8_t status;

	board_open(&board, 1000000, NULL);
	ck_assert(!avrdev_led(board.dev));
	ck_assert_int_eq(board_connect(&board, 1000000, false), 0);
	ck_assert(!avrdev_pins_driven(board.dev)); /* until the chip is spoken to */
	must_run(&(struct spi_msg){.cmd = {0x05}, .cmd_len = 1, .rx = &status, .rx_len = 1});
	ck_assert(avrdev_pins_driven(board.dev));
	ck_assert(avrdev_led(board.dev));
	ck_assert_uint_eq(blinks(), 0);
	request.bytes[9] ^= 1;
	ck_assert_uint_eq(say(&request, NULL, 0, 40), BRIDGE_DAMAGED);
	ck_assert(!avrdev_pins_driven(board.dev));
	ck_assert_uint_ge(blinks(), 5);
	wire_begin(&request, BRIDGE_STATUS, 78);
	wire_end(&request);
	ck_assert_uint_eq(say(&request, NULL, 0, 20), BRIDGE_OK);
	ck_assert_uint_le(blinks(), 1); /* off at the next tick */
	board_close(&board);
}
END_TEST

/* The rest of a page never comes: nothing reaches the chip, the pins are let go, the host hears. */
START_TEST(a_starved_stream_is_dropped)
{
	struct wire_request request = program_request(512);
	uint8_t page[256 + BRIDGE_PAGE_CRC_LEN + 100];

	board_start(&board, 1000000, false);
	begin();
	fill(page, sizeof(page), 19);
	wire_page_check(AT, page, 256, page + 256);
	ck_assert_uint_eq(say(&request, page, sizeof(page), 90), BRIDGE_ACK | 1);
	ck_assert(avrdev_pins_driven(board.dev));
	ck_assert_uint_eq(say(&(struct wire_request){.len = 0}, NULL, 0, 40), BRIDGE_STARVED);
	ck_assert(!avrdev_pins_driven(board.dev));
	ck_assert_uint_eq(norsim_stats(board.chip)->pages_programmed, 1);
	ck_assert_mem_eq(norsim_mem(board.chip) + AT, page, 256);
	ck_assert_uint_ge(blinks(), 5);
	board_close(&board);
}
END_TEST

/* ---- the board itself ---- */

static void open_probe(void)
{
	board_open_built(&board, "tests/probe-atmega328p-16mhz-1000000");
	avrdev_pass(board.dev, 2000000);
}

/* frser-duino leans on all of these: without them bytes vanish on the way to the chip. */
START_TEST(spi_flags_are_those_of_the_data_sheet)
{
	uint8_t flags[4] = {0};

	open_probe();
	ck_assert_uint_eq(avrdev_receive(board.dev, flags, sizeof(flags)), sizeof(flags));
	ck_assert_uint_eq(flags[0], 0x40); /* written too early: collision */
	ck_assert_uint_eq(flags[1], 0);    /* and forgotten once it was seen */
	ck_assert_uint_eq(flags[2], 0x80); /* nobody looked: the flag of the byte before */
	ck_assert_uint_eq(flags[3], 0xef); /* the receiver is buffered */
	board_close(&board);
}
END_TEST

/* A board that takes bytes by interrupt and thinks before it answers: no host may take it for one
 * that has nothing to say. */
START_TEST(a_board_that_computes_is_not_idle)
{
	uint8_t byte = 'x', seen[8];

	open_probe();
	(void)avrdev_receive(board.dev, seen, sizeof(seen));
	ck_assert(avrdev_idle(board.dev));
	avrdev_send(board.dev, &byte, 1);
	avrdev_pass(board.dev, 2000000);
	ck_assert(!avrdev_idle(board.dev));
	avrdev_pass(board.dev, 10000000);
	ck_assert_uint_eq(avrdev_receive(board.dev, seen, sizeof(seen)), 1);
	ck_assert_uint_eq(seen[0], 'x');
	ck_assert(avrdev_idle(board.dev));
	board_close(&board);
}
END_TEST

/* The shortcut through polling loops must not show in any figure. */
START_TEST(skipping_polls_changes_nothing)
{
	static uint8_t data[2 * 4096];
	uint64_t ends[2], bytes[2];

	for (int exact = 0; exact < 2; exact++) {
		struct spi_msg msg = {
			.cmd = {0x03}, .cmd_len = 4, .rx = data, .rx_len = sizeof(data)};

		board_open(&board, 1000000, NULL);
		avrdev_set_exact(board.dev, exact);
		ck_assert_int_eq(board_connect(&board, 1000000, false), 0);
		fill(norsim_mem(board.chip), sizeof(data), 17);
		must_run(&msg);
		ends[exact] = avrdev_now(board.dev);
		bytes[exact] =
			avrdev_stats(board.dev)->host_bytes + avrdev_stats(board.dev)->board_bytes;
		board_close(&board);
	}
	ck_assert_uint_eq(bytes[0], bytes[1]);
	ck_assert_uint_le(ends[0] > ends[1] ? ends[0] - ends[1] : ends[1] - ends[0], 20000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("board");
	TCase *tc = tcase_create("board");

	if (!board_firmware(16, 1000000)) {
		puts("skipped: no firmware (Debian: apt-get install gcc-avr avr-libc, then make "
		     "firmware)");
		return 77;
	}
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, pins_are_released_when_idle_and_driven_again);
	tcase_add_test(tc, stray_bytes_reach_the_chip_only_before_the_greeting);
	tcase_add_test(tc, a_command_cut_short_is_dropped_and_refused);
	tcase_add_test(tc, a_repeated_frame_is_done_once);
	tcase_add_test(tc, the_led_tells);
	tcase_add_test(tc, a_starved_stream_is_dropped);
	tcase_add_test(tc, spi_flags_are_those_of_the_data_sheet);
	tcase_add_test(tc, a_board_that_computes_is_not_idle);
	tcase_add_test(tc, skipping_polls_changes_nothing);
	return run_suite(suite);
}
