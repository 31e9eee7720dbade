/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: serprog_bridge.c */
/*
 * The bridge on a line that goes wrong: whatever happens, the result is exact or a clear error, in
 * bounded time, and nothing outside the block at work is touched. NORPROG_SOAK: 100 runs at each
 * rate instead of a few; NORPROG_SEED: where they begin.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "board.h"
#include "nor/nor.h"
#include "serprog/serprog_wire.h"
#include "support/rig.h"
#include "support/suite.h"

#define BLOCK   65536u
#define AT      0x340000u
#define BAUD    1000000
#define BOUND_S 120 /* of simulated time for 64 KiB read, erased, programmed and checked */

static struct board board;
static uint8_t before[8 << 20], want[BLOCK], got[BLOCK];
static struct nor_piece pieces[BLOCK / 256];
static uint64_t first_seed;

static struct nor *engine(void)
{
	struct nor_options options = {0};
	struct nor *nor = NULL;

	(void)nor_open(board.bus, &options, &nor, &board.err);
	return nor;
}

static void make_contents(uint64_t seed)
{
	uint64_t state = seed * 2654435761u + 1;

	for (size_t i = 0; i < sizeof(before); i += 8) {
		uint64_t value = rig_random(&state);

		memcpy(before + i, &value, 8);
	}
	memcpy(norsim_mem(board.chip), before, sizeof(before));
	for (size_t i = 0; i < BLOCK; i++)
		want[i] = (uint8_t)rig_random(&state);
	for (uint32_t i = 0; i < BLOCK / 256; i++)
		pieces[i] = (struct nor_piece){AT + i * 256, 256, want + i * 256};
}

/* All but the block at work is as it was. */
static void rest_is_untouched(void)
{
	const uint8_t *mem = norsim_mem(board.chip);

	ck_assert(memcmp(mem, before, AT) == 0);
	ck_assert(memcmp(mem + AT + BLOCK, before + AT + BLOCK, sizeof(before) - AT - BLOCK) == 0);
}

/* Read, erase, program, check one block. What claims to have succeeded did. Returns the first
 * error. */
static int rewrite_block(struct nor *nor)
{
	const uint8_t *mem = norsim_mem(board.chip);
	uint32_t crc = 0;
	int ret = nor_read(nor, AT, got, BLOCK, NULL, NULL, &board.err);

	if (ret)
		return ret;
	ck_assert(memcmp(got, before + AT, BLOCK) == 0);
	for (size_t level = 0; level < nor_info(nor)->erase_count && !ret; level++)
		if (nor_info(nor)->erase[level].size == BLOCK)
			ret = nor_erase(nor, AT, level, &board.err);
	if (ret)
		return ret;
	for (size_t i = 0; i < BLOCK; i++)
		ck_assert_uint_eq(mem[AT + i], 0xff);
	ret = nor_program(nor, pieces, BLOCK / 256, NULL, NULL, NULL, &board.err);
	if (ret)
		return ret;
	ck_assert(memcmp(mem + AT, want, BLOCK) == 0);
	ret = nor_crc(nor, AT, BLOCK, &crc, &board.err);
	if (!ret)
		ck_assert_uint_eq(crc, (uint32_t)np_crc32(0, want, BLOCK));
	return ret;
}

/* One run on a bad line; true when it came through. */
static bool bad_line_run(uint64_t seed, uint64_t one_in)
{
	struct line_faults faults = {.seed = seed,
	                             .flip_one_in = one_in,
	                             .drop_one_in = one_in,
	                             .double_one_in = one_in * 4};
	struct nor *nor = NULL;
	uint64_t begin;
	int ret;

	board_open(&board, BAUD, NULL);
	make_contents(seed);
	ck_assert_int_eq(board_connect(&board, BAUD, false), 0);
	nor = engine();
	ck_assert_ptr_nonnull(nor);
	avrdev_set_faults(board.dev, &faults);
	begin = avrdev_now(board.dev);
	ret = rewrite_block(nor);
	ck_assert_double_le((double)(avrdev_now(board.dev) - begin) / 1e9, BOUND_S);
	rest_is_untouched();
	if (ret) {
		ck_assert_str_ne(board.err.message, "");
		printf("seed %llu: %s\n", (unsigned long long)seed, board.err.message);
		fflush(stdout);
	}
	nor_close(nor, NULL);
	board_close(&board);
	return ret == 0;
}

START_TEST(a_noisy_line_costs_time_and_nothing_else)
{
	/* Bytes between flips, between drops, and four times as many between doublings. */
	static const uint64_t rates[] = {100000, 10000, 2000};
	static const int few[] = {4, 4, 2};
	int runs = rig_soak() ? 100 : few[_i], good = 0;

	for (int i = 0; i < runs; i++)
		good += bad_line_run(first_seed + (uint64_t)i, rates[_i]);
	/* One fault in 65 KiB is nothing that the line could not be asked again about. */
	if (rates[_i] >= 10000)
		ck_assert_int_eq(good, runs);
}
END_TEST

/* One byte in 60, and no page gets through; in 12, and no answer does. Asking again has an end, and
 * the cause is named. */
START_TEST(a_hopeless_line_is_given_up)
{
	static const uint64_t rates[] = {60, 12};
	static const char *const says[] = {"changes or loses bytes", "stopped answering"};
	struct line_faults faults = {.seed = first_seed, .flip_one_in = rates[_i / 2]};
	struct nor *nor;
	uint64_t begin;

	board_open(&board, BAUD, NULL);
	make_contents(5);
	ck_assert_int_eq(board_connect(&board, BAUD, false), 0);
	nor = engine();
	ck_assert_ptr_nonnull(nor);
	avrdev_set_faults(board.dev, &faults);
	begin = avrdev_now(board.dev);
	if (_i % 2 == 0)
		ck_assert_int_eq(nor_read(nor, AT, got, BLOCK, NULL, NULL, &board.err), NP_E_BUS);
	else
		ck_assert_int_eq(
			nor_program(nor, pieces, BLOCK / 256, NULL, NULL, NULL, &board.err),
			NP_E_BUS);
	ck_assert_str_ne(board.err.hint, "");
	ck_assert_msg(strstr(board.err.message, says[_i / 2]) != NULL, "%s", board.err.message);
	ck_assert_double_le((double)(avrdev_now(board.dev) - begin) / 1e9, BOUND_S);
	rest_is_untouched();
	nor_close(nor, NULL);
	board_close(&board);
}
END_TEST

START_TEST(a_noisy_start_still_finds_the_bridge)
{
	struct line_faults faults = {.seed = first_seed, .garbage_at_start = 700};
	uint8_t id[3] = {0};
	struct spi_msg rdid = {.cmd = {0x9f}, .cmd_len = 1, .rx = id, .rx_len = 3};

	board_open(&board, BAUD, &faults);
	ck_assert_msg(board_connect(&board, BAUD, false) == 0, "%s", board.err.message);
	ck_assert_int_eq(spi_run(board.bus, &rdid, 1, NULL, NULL, NULL, &board.err), 0);
	ck_assert_uint_eq(id[0], 0xef);
	ck_assert(spi_caps(board.bus)->safe_line);
	board_close(&board);
}
END_TEST

START_TEST(opening_resets_the_board_and_is_waited_out)
{
	board_open(&board, BAUD, NULL);
	avrdev_reset(board.dev); /* as DTR does; the boot loader eats the line for half a second */
	ck_assert_msg(board_connect(&board, BAUD, false) == 0, "%s", board.err.message);
	board_close(&board);
}
END_TEST

START_TEST(a_wrong_rate_is_climbed_from)
{
	static const uint32_t wrong[] = {115200, 2000000, 9600, 1500000};

	board_open(&board, BAUD, NULL);
	ck_assert_msg(board_connect(&board, wrong[_i], false) == 0, "%s", board.err.message);
	ck_assert(spi_caps(board.bus)->safe_line);
	ck_assert_uint_eq(spi_caps(board.bus)->byte_ns, 10000);
	board_close(&board);
}
END_TEST

START_TEST(a_silent_device_is_no_programmer)
{
	struct line_faults faults = {.silent_after = 1};
	uint64_t begin;

	board_open(&board, BAUD, &faults);
	begin = avrdev_now(board.dev);
	ck_assert_int_eq(board_connect(&board, BAUD, false), NP_E_NO_PROGRAMMER);
	ck_assert_str_ne(board.err.hint, "");
	ck_assert_double_le((double)(avrdev_now(board.dev) - begin) / 1e9, 15);
	board_close(&board);
}
END_TEST

/* Silence or a reset somewhere in the work: an error, in bounded time, that says what happened. */
static void broken_run(const struct line_faults *faults, const char *says)
{
	struct nor *nor;
	uint64_t begin;
	int ret;

	board_open(&board, BAUD, NULL);
	make_contents(7);
	ck_assert_int_eq(board_connect(&board, BAUD, false), 0);
	nor = engine();
	ck_assert_ptr_nonnull(nor);
	avrdev_set_faults(board.dev, faults);
	begin = avrdev_now(board.dev);
	ret = rewrite_block(nor);
	ck_assert_int_ne(ret, 0);
	ck_assert_msg(strstr(board.err.message, says) != NULL, "%s", board.err.message);
	ck_assert_str_ne(board.err.hint, "");
	ck_assert_double_le((double)(avrdev_now(board.dev) - begin) / 1e9, 30);
	rest_is_untouched();
	avrdev_set_faults(board.dev, &(struct line_faults){0});
	nor_close(nor, NULL);
	board_close(&board);
}

START_TEST(a_device_that_falls_silent_is_an_error)
{
	/* In the read, and in the program. */
	static const uint64_t after[] = {20000, 65900};
	struct line_faults faults = {.silent_after = after[_i]};

	broken_run(&faults, "stopped answering");
}
END_TEST

START_TEST(a_reset_in_mid_program_is_told)
{
	static const uint64_t after[] = {1000, 20000, 66300};
	struct line_faults faults = {.reset_after = after[_i]};

	broken_run(&faults, "was reset");
}
END_TEST

/* The cable is pulled, or the peer of a TCP line closes: said at once, nothing is tried again. */
START_TEST(a_line_that_goes_away_is_told)
{
	/* In the read, the erase, the program, and its last page. */
	static const uint64_t after[] = {10, 50, 20000, 66300};
	struct line_faults faults = {.gone_after = after[_i]};
	struct nor *nor;
	uint64_t begin;

	board_open(&board, BAUD, NULL);
	make_contents(7);
	ck_assert_int_eq(board_connect(&board, BAUD, false), 0);
	nor = engine();
	ck_assert_ptr_nonnull(nor);
	avrdev_set_faults(board.dev, &faults);
	begin = avrdev_now(board.dev);
	ck_assert_int_eq(rewrite_block(nor), NP_E_GONE);
	ck_assert_msg(strstr(board.err.message, "line is gone") != NULL, "%s", board.err.message);
	ck_assert_str_ne(board.err.hint, "");
	ck_assert_double_le((double)(avrdev_now(board.dev) - begin) / 1e9, 5);
	rest_is_untouched();
	nor_close(nor, NULL);
	board_close(&board);
}
END_TEST

START_TEST(after_a_reset_the_next_run_greets_again)
{
	static uint8_t data[BLOCK];
	struct spi_msg msg = {.cmd = {0x03}, .cmd_len = 4, .rx = data, .rx_len = sizeof(data)};
	struct line_faults faults = {.reset_after = 5};

	board_open(&board, BAUD, NULL);
	make_contents(9);
	ck_assert_int_eq(board_connect(&board, BAUD, false), 0);
	avrdev_set_faults(board.dev, &faults);
	ck_assert_int_eq(spi_run(board.bus, &msg, 1, NULL, NULL, NULL, &board.err), NP_E_BUS);
	ck_assert_msg(spi_run(board.bus, &msg, 1, NULL, NULL, NULL, &board.err) == 0, "%s",
	              board.err.message);
	ck_assert(memcmp(data, before, sizeof(data)) == 0);
	board_close(&board);
}
END_TEST

/* Messages that become every kind of request: register write, erases, pages, wait, ID, read, CRC.
 */
struct run {
	struct spi_msg msgs[20];
	size_t count;
	uint8_t id[3], status[8], data[600];
};

static struct spi_msg *work_add(struct run *work, uint8_t opcode, uint32_t addr, uint8_t addr_len)
{
	struct spi_msg *msg = &work->msgs[work->count++];

	*msg = (struct spi_msg){.cmd = {opcode}, .cmd_len = 1 + addr_len};
	for (uint8_t i = addr_len; i; i--, addr >>= 8)
		msg->cmd[i] = (uint8_t)addr;
	return msg;
}

static void work_wait(struct run *work, size_t slot)
{
	struct spi_msg *msg = work_add(work, 0x05, 0, 0);

	msg->flags = SPI_MSG_UNTIL;
	msg->until_mask = 1;
	msg->until_us = 400000;
	msg->rx = &work->status[slot];
	msg->rx_len = 1;
}

static void work_make(struct run *work)
{
	struct spi_msg *msg;

	memset(work, 0, sizeof(*work));
	work_add(work, 0x06, 0, 0);
	work_add(work, 0x01, 0, 1); /* status register 1: 0 */
	work_wait(work, 0);
	for (uint32_t i = 0; i < 2; i++) {
		work_add(work, 0x06, 0, 0);
		work_add(work, 0x52, AT + i * (BLOCK / 2), 3);
		work_wait(work, 1 + i);
	}
	for (uint32_t i = 0; i < 2; i++) {
		work_add(work, 0x06, 0, 0);
		msg = work_add(work, 0x02, AT + i * 256, 3);
		msg->tx = want + i * 256;
		msg->tx_len = 256;
		work_wait(work, 3 + i);
	}
	work_wait(work, 5);
	msg = work_add(work, 0x9f, 0, 0);
	msg->rx = work->id;
	msg->rx_len = sizeof(work->id);
	msg = work_add(work, 0x03, AT, 3);
	msg->rx = work->data;
	msg->rx_len = sizeof(work->data);
	msg = work_add(work, 0x03, AT, 3);
	msg->flags = SPI_MSG_CRC;
	msg->rx_len = 8192;
}

static void work_run(struct run *work, const char *what, unsigned n)
{
	static const uint8_t id[] = {0xef, 0x40, 0x17};
	const uint8_t *mem = norsim_mem(board.chip) + AT;

	memset(norsim_mem(board.chip) + AT, 0x5a, 8192);
	norsim_clear_stats(board.chip);
	work_make(work);
	ck_assert_msg(spi_run(board.bus, work->msgs, work->count, NULL, NULL, NULL, &board.err) ==
	                      0,
	              "%s %u: %s", what, n, board.err.message);
	ck_assert_msg(memcmp(mem, want, 512) == 0, "%s %u: pages", what, n);
	for (size_t i = 512; i < 8192; i++)
		ck_assert_msg(mem[i] == 0xff, "%s %u: erased byte %zu", what, n, i);
	ck_assert_msg(memcmp(work->id, id, sizeof(id)) == 0, "%s %u: ID", what, n);
	ck_assert_msg(memcmp(work->data, mem, sizeof(work->data)) == 0, "%s %u: data", what, n);
	ck_assert_msg(work->msgs[work->count - 1].crc == (uint32_t)np_crc32(0, mem, 8192),
	              "%s %u: CRC", what, n);
	for (size_t i = 0; i < 6; i++)
		ck_assert_msg((work->status[i] & 1) == 0, "%s %u: status %zu", what, n, i);
	ck_assert_msg(norsim_stats(board.chip)->ignored_busy == 0, "%s %u: sent while busy", what,
	              n);
}

/* Hit the n-th byte one way, for many n (the erases' first, soak: all): no position in any request
 * or answer is special. */
START_TEST(one_fault_at_any_byte_is_mended)
{
	static const char *const names[] = {"flip to the board", "loss to the board",
	                                    "flip to the host", "loss to the host"};
	unsigned step = rig_soak() ? 1 : 29;
	static struct run work;
	uint64_t begin, bytes;

	board_open(&board, BAUD, NULL);
	make_contents(11);
	ck_assert_int_eq(board_connect(&board, BAUD, false), 0);
	avrdev_set_faults(board.dev, &(struct line_faults){0});
	work_run(&work, "no fault", 0);
	bytes = _i < 2 ? avrdev_stats(board.dev)->host_bytes : avrdev_stats(board.dev)->board_bytes;
	ck_assert_uint_ge(bytes, 500);
	for (unsigned n = 1; n <= bytes; n += n < 30 ? 1 : step) {
		struct line_faults faults = {0};
		uint64_t *const at[] = {&faults.flip_at, &faults.drop_at, &faults.answer_flip_at,
		                        &faults.answer_drop_at};

		*at[_i] = n;
		avrdev_set_faults(board.dev, &faults);
		begin = avrdev_now(board.dev);
		work_run(&work, names[_i], n);
		ck_assert_double_le((double)(avrdev_now(board.dev) - begin) / 1e9, 5);
	}
	memcpy(before + AT, norsim_mem(board.chip) + AT, BLOCK);
	rest_is_untouched();
	board_close(&board);
}
END_TEST

/* Commands that only go out are never clocked twice: the second might do harm that the first did
 * not.
 */
START_TEST(frames_are_clocked_once_whatever_is_lost)
{
	uint64_t bytes[2] = {3 * (2 + BRIDGE_XFER_PARAMS + 1 + 4), 3 * 5};

	board_open(&board, BAUD, NULL);
	ck_assert_int_eq(board_connect(&board, BAUD, false), 0);
	for (unsigned n = 1; n <= bytes[_i / 2]; n++) {
		struct spi_msg msgs[3] = {{.cmd = {0x06}, .cmd_len = 1},
		                          {.cmd = {0x04}, .cmd_len = 1},
		                          {.cmd = {0x06}, .cmd_len = 1}};
		struct line_faults faults = {0};
		uint64_t *const at[] = {&faults.flip_at, &faults.drop_at, &faults.answer_flip_at,
		                        &faults.answer_drop_at};

		*at[_i] = n;
		avrdev_set_faults(board.dev, &faults);
		norsim_clear_stats(board.chip);
		ck_assert_int_eq(spi_run(board.bus, msgs, 3, NULL, NULL, NULL, &board.err), 0);
		ck_assert_msg(norsim_stats(board.chip)->frames == 3, "kind %d, byte %u: %u frames",
		              _i, n, (unsigned)norsim_stats(board.chip)->frames);
	}
	board_close(&board);
}
END_TEST

/* Over plain serprog nothing is protected: the caps say so, and a lost byte is an error, not a
 * hang. */
START_TEST(plain_serprog_is_honest_and_never_hangs)
{
	struct line_faults faults = {.seed = first_seed + (uint64_t)_i, .drop_one_in = 5000};
	uint64_t begin;
	struct nor *nor;

	board_open(&board, BAUD, NULL);
	make_contents(13);
	ck_assert_int_eq(board_connect(&board, BAUD, true), 0);
	ck_assert(!spi_caps(board.bus)->safe_line);
	ck_assert_uint_eq(spi_caps(board.bus)->depth, 1);
	nor = engine();
	ck_assert_ptr_nonnull(nor);
	avrdev_set_faults(board.dev, &faults);
	begin = avrdev_now(board.dev);
	ck_assert_int_ne(nor_read(nor, AT, got, BLOCK, NULL, NULL, &board.err), 0);
	ck_assert_str_ne(board.err.hint, "");
	ck_assert_double_le((double)(avrdev_now(board.dev) - begin) / 1e9, 10);
	nor_close(nor, NULL);
	board_close(&board);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bridge_faults");
	TCase *tc = tcase_create("faults");

	if (!board_firmware(16, BAUD)) {
		puts("skipped: no firmware (Debian: apt-get install gcc-avr avr-libc, then make "
		     "firmware)");
		return 77;
	}
	first_seed = rig_seed(20261121);
	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, a_noisy_line_costs_time_and_nothing_else, 0, 3);
	tcase_add_loop_test(tc, a_hopeless_line_is_given_up, 0, 4);
	tcase_add_test(tc, a_noisy_start_still_finds_the_bridge);
	tcase_add_test(tc, opening_resets_the_board_and_is_waited_out);
	tcase_add_loop_test(tc, a_wrong_rate_is_climbed_from, 0, 4);
	tcase_add_test(tc, a_silent_device_is_no_programmer);
	tcase_add_loop_test(tc, a_device_that_falls_silent_is_an_error, 0, 2);
	tcase_add_loop_test(tc, a_reset_in_mid_program_is_told, 0, 3);
	tcase_add_loop_test(tc, a_line_that_goes_away_is_told, 0, 4);
	tcase_add_test(tc, after_a_reset_the_next_run_greets_again);
	tcase_add_loop_test(tc, one_fault_at_any_byte_is_mended, 0, 4);
	tcase_add_loop_test(tc, frames_are_clocked_once_whatever_is_lost, 0, 4);
	tcase_add_loop_test(tc, plain_serprog_is_honest_and_never_hangs, 0, 3);
	return run_suite(suite);
}
