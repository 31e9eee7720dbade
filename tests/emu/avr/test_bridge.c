/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridge's real firmware on the simulated board, the real driver on its line, in simulated
 * time: the bus contract with and without the extension, and what each request promises. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "board.h"
#include "contract/contract.h"
#include "nor/nor.h"
#include "support/suite.h"

#define BLOCK 65536u
#define AT    0x340000u

static struct board board;

static void fill(uint8_t *bytes, size_t len, uint32_t state)
{
	for (size_t i = 0; i < len; i++) {
		state = state * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(state >> 24);
	}
}

static uint64_t line_bytes(void)
{
	return avrdev_stats(board.dev)->host_bytes + avrdev_stats(board.dev)->board_bytes;
}

static double seconds(uint64_t from)
{
	return (double)(avrdev_now(board.dev) - from) / 1e9;
}

static uint64_t begin(void)
{
	avrdev_clear_stats(board.dev);
	norsim_clear_stats(board.chip);
	return avrdev_now(board.dev);
}

static void nothing_ignored(void)
{
	const struct norsim_stats *stats = norsim_stats(board.chip);

	ck_assert_uint_eq(stats->ignored_busy + stats->ignored_latch + stats->ignored_protected, 0);
	ck_assert_uint_eq(stats->unknown + stats->lost_bits + stats->page_wraps, 0);
	ck_assert_uint_eq(avrdev_stats(board.dev)->overruns, 0);
}

/* ---- the bus contract ---- */

static struct spi_bus *contract_open(int variant)
{
	static const struct {
		uint32_t baud;
		bool plain;
	} variants[] = {{1000000, false}, {1000000, true}, {2000000, false}};

	board_start(&board, variants[variant].baud, variants[variant].plain);
	return board.bus;
}

static void contract_after(int variant)
{
	(void)variant;
	ck_assert(!avrdev_pins_driven(board.dev)); /* closing let go of the chip */
	board.bus = NULL;
	board_close(&board);
}

static const struct contract contract = {"bridge", contract_open, contract_after, 3};

/* ---- reads ---- */

static struct spi_msg read_message(uint32_t addr, uint8_t *rx, size_t len)
{
	return (struct spi_msg){
		.cmd = {0x03, (uint8_t)(addr >> 16), (uint8_t)(addr >> 8), (uint8_t)addr},
		.cmd_len = 4,
		.rx = rx,
		.rx_len = len};
}

static void must_run(struct spi_msg *msgs, size_t count)
{
	size_t done = 0;
	int ret = spi_run(board.bus, msgs, count, &done, NULL, NULL, &board.err);

	ck_assert_msg(ret == 0, "%s", board.err.message);
	ck_assert_uint_eq(done, count);
}

START_TEST(blank_and_repeated_pages_are_short)
{
	static uint8_t got[BLOCK];
	struct spi_msg msg = read_message(0, got, sizeof(got));
	uint8_t *mem;

	board_start(&board, 1000000, false);
	mem = norsim_mem(board.chip);
	begin();
	must_run(&msg, 1); /* blank: 2 bytes a page, 4 a block */
	ck_assert_uint_le(avrdev_stats(board.dev)->board_bytes, 256 * 2 + 16 * 4 + 1);
	for (size_t i = 0; i < BLOCK; i++)
		mem[i] = (uint8_t)i; /* all pages alike: one in each block in full */
	begin();
	must_run(&msg, 1);
	ck_assert_uint_le(avrdev_stats(board.dev)->board_bytes, 16 * (257 + 15 + 4) + 1);
	ck_assert_mem_eq(got, mem, BLOCK);
	board_close(&board);
}
END_TEST

START_TEST(reads_of_any_length_and_place_are_exact)
{
	static const size_t lengths[] = {1, 2, 255, 256, 257, 511, 4095, 4096, 4097, 5000, 12288};
	static const uint32_t places[] = {0, 1, 0xff, 0x100, 0xfff, 0x12345};
	static uint8_t got[16384];

	board_start(&board, 2000000, false);
	fill(norsim_mem(board.chip), BLOCK * 2, 3);
	memset(norsim_mem(board.chip) + 0x200, 0, 0x400);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		for (size_t j = 0; j < sizeof(places) / sizeof(*places); j++) {
			struct spi_msg msg = read_message(places[j], got, lengths[i]);

			must_run(&msg, 1);
			ck_assert_mem_eq(got, norsim_mem(board.chip) + places[j], lengths[i]);
		}
	board_close(&board);
}
END_TEST

static int stop_at_64k(void *ctx, size_t msg, size_t bytes)
{
	(void)ctx;
	(void)msg;
	return bytes >= BLOCK;
}

START_TEST(a_read_is_stopped_and_the_bus_goes_on)
{
	static uint8_t got[8 * BLOCK];
	struct spi_msg msg = read_message(0, got, sizeof(got));
	uint64_t from;
	uint8_t id[3];
	struct spi_msg rdid = {.cmd = {0x9f}, .cmd_len = 1, .rx = id, .rx_len = 3};

	board_start(&board, 1000000, false);
	fill(norsim_mem(board.chip), sizeof(got), 5);
	from = begin();
	ck_assert_int_eq(spi_run(board.bus, &msg, 1, NULL, stop_at_64k, NULL, &board.err),
	                 NP_E_INTERRUPTED);
	must_run(&rdid, 1);
	ck_assert_uint_eq(id[0], 0xef);
	ck_assert_double_le(seconds(from), 1.1); /* not the five seconds of the whole read */
	board_close(&board);
}
END_TEST

/* ---- CRC, pages, erases ---- */

START_TEST(a_crc_costs_no_data_and_is_the_documented_one)
{
	struct spi_msg msg = read_message(100, NULL, 3 * BLOCK + 17);
	uint64_t from;

	board_start(&board, 1000000, false);
	fill(norsim_mem(board.chip), 4 * BLOCK, 7);
	msg.flags = SPI_MSG_CRC;
	from = begin();
	must_run(&msg, 1);
	ck_assert_uint_eq(msg.crc, np_crc32(0, norsim_mem(board.chip) + 100, msg.rx_len));
	ck_assert_uint_lt(line_bytes(), 200);
	/* 22 s for 8 MiB */
	ck_assert_double_le(seconds(from), 22.0 * (double)msg.rx_len / (8 << 20));
	board_close(&board);
}
END_TEST

static struct nor *engine(void)
{
	struct nor_options options = {0};
	struct nor *nor;

	ck_assert_msg(nor_open(board.bus, &options, &nor, &board.err) == 0, "%s",
	              board.err.message);
	return nor;
}

static size_t pieces_of(struct nor_piece *pieces, uint32_t addr, const uint8_t *data, size_t len)
{
	size_t count = 0;

	for (uint32_t n; len; len -= n, addr += n, data += n) {
		n = 256 - addr % 256;
		n = n < len ? n : (uint32_t)len;
		pieces[count++] = (struct nor_piece){addr, n, data};
	}
	return count;
}

/* 256 KiB to a board that was started: what the line carries, and what of it is payload. */
static void streamed_program(uint32_t baud, double framed, double payload)
{
	static struct nor_piece pieces[1024];
	static uint8_t data[4 * BLOCK];
	struct nor *nor = engine();
	uint64_t from;
	double line;

	fill(data, sizeof(data), 9);
	from = begin();
	ck_assert_int_eq(nor_program(nor, pieces, pieces_of(pieces, 0, data, sizeof(data)), NULL,
	                             NULL, NULL, &board.err),
	                 0);
	line = seconds(from) * baud / 10;
	ck_assert_double_ge(sizeof(data) / line, payload);
	ck_assert_double_ge((double)avrdev_stats(board.dev)->host_bytes / line, framed);
	ck_assert_mem_eq(data, norsim_mem(board.chip), sizeof(data));
	nothing_ignored();
	nor_close(nor, NULL);
}

static void dump(uint32_t baud, double least)
{
	static uint8_t got[4 * BLOCK];
	struct spi_msg msg = read_message(0, got, sizeof(got));
	uint64_t from;

	fill(norsim_mem(board.chip), norsim_size(board.chip), 1);
	from = begin();
	must_run(&msg, 1);
	ck_assert_double_ge(sizeof(got) / (seconds(from) * baud / 10), least);
	ck_assert_mem_eq(got, norsim_mem(board.chip), sizeof(got));
	nothing_ignored();
}

START_TEST(dumps_and_streamed_programs_fill_the_line)
{
	static const uint32_t rates[] = {1000000, 2000000};
	static const double dumps[] = {0.99, 0.98}, framed[] = {0.99, 0.97},
			    payload[] = {0.984, 0.96};

	board_start(&board, rates[_i], false);
	streamed_program(rates[_i], framed[_i], payload[_i]);
	dump(rates[_i], dumps[_i]);
	board_close(&board);
}
END_TEST

/* Other builds of the same source: 3.3 V boards at half the clock, and the sketch as the Arduino
 * IDE compiles it. */
START_TEST(other_builds_fill_the_line_too)
{
	static const struct {
		const char *name;
		uint32_t baud;
	} builds[] = {{"firmware/norprog-atmega328p-8mhz-250000", 250000},
	              {"firmware/norprog-atmega328p-8mhz-500000", 500000},
	              {"firmware/norprog-atmega328p-8mhz-1000000", 1000000},
	              {"tests/sketch-atmega328p-16mhz-2000000", 2000000}};

	board_open_built(&board, builds[_i].name);
	ck_assert_int_eq(board_connect(&board, builds[_i].baud, false), 0);
	streamed_program(builds[_i].baud, 0.97, 0.96);
	dump(builds[_i].baud, 0.98);
	board_close(&board);
}
END_TEST

/* With 4 ms from the line to the host: FTDI boards whose latency timer cannot be set lower. */
START_TEST(slow_hosts_keep_95_percent_at_1_mbaud)
{
	static struct nor_piece pieces[1024];
	static uint8_t data[4 * BLOCK];
	struct spi_msg msg = read_message(0, data, sizeof(data));
	struct nor *nor;
	uint64_t from;

	board_start(&board, 1000000, false);
	avrdev_set_latency(board.dev, 4000000);
	nor = engine();
	fill(data, sizeof(data), 11);
	from = begin();
	ck_assert_int_eq(nor_program(nor, pieces, pieces_of(pieces, 0, data, sizeof(data)), NULL,
	                             NULL, NULL, &board.err),
	                 0);
	ck_assert_double_ge(sizeof(data) / (seconds(from) * 1e5), 0.95);
	from = begin();
	must_run(&msg, 1);
	ck_assert_double_ge(sizeof(data) / (seconds(from) * 1e5), 0.95);
	nor_close(nor, NULL);
	board_close(&board);
}
END_TEST

START_TEST(odd_pieces_land_where_they_belong)
{
	static struct nor_piece pieces[64];
	static uint8_t want[BLOCK];
	uint8_t data[3000];
	struct nor *nor;
	size_t count;

	board_start(&board, 2000000, false);
	nor = engine();
	fill(data, sizeof(data), 13);
	memset(want, 0xff, sizeof(want));
	memcpy(want + 0x1f3, data, 1000);
	memcpy(want + 0x2000, data + 1000, 1);
	memcpy(want + 0x20ff, data + 1001, 1999);
	count = pieces_of(pieces, AT + 0x1f3, data, 1000);
	count += pieces_of(pieces + count, AT + 0x2000, data + 1000, 1);
	count += pieces_of(pieces + count, AT + 0x20ff, data + 1001, 1999);
	begin();
	ck_assert_int_eq(nor_program(nor, pieces, count, NULL, NULL, NULL, &board.err), 0);
	ck_assert_mem_eq(norsim_mem(board.chip) + AT, want, sizeof(want));
	nothing_ignored();
	nor_close(nor, NULL);
	board_close(&board);
}
END_TEST

static size_t erase_messages(struct spi_msg *msgs, uint8_t *status, unsigned count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t addr = AT + i * 4096;

		msgs[3 * i] = (struct spi_msg){.cmd = {0x06}, .cmd_len = 1};
		msgs[3 * i + 1] = (struct spi_msg){
			.cmd = {0x20, (uint8_t)(addr >> 16), (uint8_t)(addr >> 8), (uint8_t)addr},
			.cmd_len = 4};
		msgs[3 * i + 2] = (struct spi_msg){.cmd = {0x05},
		                                   .cmd_len = 1,
		                                   .flags = SPI_MSG_STATUS | SPI_MSG_UNTIL,
		                                   .until_mask = 1,
		                                   .until_us = 400000,
		                                   .rx = &status[i],
		                                   .rx_len = 1};
	}
	return 3 * count;
}

START_TEST(erases_run_on_the_device)
{
	uint8_t status[8], blank[4096];
	struct spi_msg msgs[24];

	board_start(&board, 1000000, false);
	fill(norsim_mem(board.chip) + AT - 4096, 10 * 4096, 15);
	memset(status, 0xaa, sizeof(status));
	memset(blank, 0xff, sizeof(blank));
	begin();
	must_run(msgs, erase_messages(msgs, status, 8));
	ck_assert_uint_eq(norsim_stats(board.chip)->erases_4k, 8);
	for (int i = 0; i < 8; i++) {
		ck_assert_mem_eq(norsim_mem(board.chip) + AT + i * 4096, blank, 4096);
		ck_assert_uint_eq(status[i] & 1, 0);
	}
	ck_assert_mem_ne(norsim_mem(board.chip) + AT - 4096, blank, 4096);
	ck_assert_mem_ne(norsim_mem(board.chip) + AT + 8 * 4096, blank, 4096);
	ck_assert_uint_lt(line_bytes(), 80); /* one request, 8 acknowledgements, one report */
	nothing_ignored();
	board_close(&board);
}
END_TEST

START_TEST(a_chip_busy_for_ever_is_a_timeout_and_says_where)
{
	uint8_t status[3];
	struct spi_msg msgs[9];
	size_t done = 99;

	board_start(&board, 1000000, false);
	norsim_faults(board.chip)->busy_forever = true;
	erase_messages(msgs, status, 3);
	ck_assert_int_eq(spi_run(board.bus, msgs, 9, &done, NULL, NULL, &board.err), NP_E_TIMEOUT);
	ck_assert_uint_lt(done, 3);
	ck_assert_str_ne(board.err.message, "");
	board_close(&board);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bridge");
	TCase *tc = tcase_create("bridge");

	if (!board_firmware(16, 1000000) || !board_firmware(16, 2000000)) {
		puts("skipped: no firmware (Debian: apt-get install gcc-avr avr-libc, then make "
		     "firmware)");
		return 77;
	}
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, blank_and_repeated_pages_are_short);
	tcase_add_test(tc, reads_of_any_length_and_place_are_exact);
	tcase_add_test(tc, a_read_is_stopped_and_the_bus_goes_on);
	tcase_add_test(tc, a_crc_costs_no_data_and_is_the_documented_one);
	tcase_add_loop_test(tc, dumps_and_streamed_programs_fill_the_line, 0, 2);
	tcase_add_loop_test(tc, other_builds_fill_the_line_too, 0, 4);
	tcase_add_test(tc, slow_hosts_keep_95_percent_at_1_mbaud);
	tcase_add_test(tc, odd_pieces_land_where_they_belong);
	tcase_add_test(tc, erases_run_on_the_device);
	tcase_add_test(tc, a_chip_busy_for_ever_is_a_timeout_and_says_where);
	contract_add(suite, &contract);
	return run_suite(suite);
}
