/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "contract/contract.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define SCRATCH    0x6A0000U /* the erase block that the tests use */
#define BLOCK      0x10000U
#define POLLS      20000
#define PROGRAM_US 700
#define LONG_READ  (1U << 20)
#define MAX_BATCH  300

static const struct contract *under_test;
static struct spi_bus *bus;

static void begin(int variant)
{
	bus = under_test->open(variant);
	ck_assert_ptr_nonnull(bus);
}

static void end(int variant)
{
	spi_close(bus);
	bus = NULL;
	if (under_test->after)
		under_test->after(variant);
}

/* ---- messages ---- */

static struct spi_msg command(uint8_t op)
{
	return (struct spi_msg){.cmd = {op}, .cmd_len = 1};
}

static struct spi_msg at_address(uint8_t op, uint32_t addr)
{
	return (struct spi_msg){
		.cmd = {op, (uint8_t)(addr >> 16), (uint8_t)(addr >> 8), (uint8_t)addr},
		.cmd_len = 4};
}

static struct spi_msg answer(struct spi_msg msg, uint8_t *rx, size_t len)
{
	msg.rx = rx;
	msg.rx_len = len;
	return msg;
}

static struct spi_msg status(uint8_t *rx, size_t len)
{
	struct spi_msg msg = answer(command(0x05), rx, len);

	msg.flags = SPI_MSG_STATUS;
	return msg;
}

/* In queues no longer than the bus takes. */
static void run(struct spi_msg *msgs, size_t count)
{
	size_t most = spi_caps(bus)->max_queue;

	while (count) {
		struct np_error err = {0};
		size_t n = count < most ? count : most, done = 0;
		int ret = spi_run(bus, msgs, n, &done, NULL, NULL, &err);

		ck_assert_msg(ret == 0, "%s", err.message);
		ck_assert_uint_eq(done, n);
		msgs += n;
		count -= n;
	}
}

static void run_one(struct spi_msg msg)
{
	run(&msg, 1);
}

static void wait_ready(void)
{
	uint8_t sr = 1;

	for (int i = 0; i < POLLS && sr & 1; i++) {
		struct spi_msg poll = status(&sr, 1);

		poll.pause_us = 1000;
		run_one(poll);
	}
	ck_assert_uint_eq(sr & 1, 0);
}

static void erase_scratch(void)
{
	struct spi_msg msgs[] = {command(0x06), at_address(0xD8, SCRATCH)};

	run(msgs, 2);
	wait_ready();
}

static void program(uint32_t addr, const uint8_t *data, size_t len, uint32_t pause_us)
{
	struct spi_msg msgs[] = {command(0x06), at_address(0x02, addr)};

	msgs[1].tx = data;
	msgs[1].tx_len = len;
	msgs[1].pause_us = pause_us;
	run(msgs, 2);
}

/* Not through check's own random numbers: the same on every run. */
static void fill(uint8_t *bytes, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525U + 1013904223U;
		bytes[i] = (uint8_t)(seed >> 24);
	}
}

static void check_id(void)
{
	uint8_t id[3] = {0};

	run_one(answer(command(0x9F), id, 3));
	ck_assert_mem_eq(id, ((uint8_t[]){0xEF, 0x40, 0x17}), 3);
}

/* ---- promises ---- */

START_TEST(caps_make_sense)
{
	const struct spi_caps *caps;

	begin(_i);
	caps = spi_caps(bus);
	ck_assert_uint_ge(caps->depth, 1);
	ck_assert_uint_ge(caps->max_queue, 1);
	ck_assert_uint_ge(caps->max_tx, 4 + 256);
	ck_assert_uint_ge(caps->max_rx, 256);
	ck_assert_uint_le(caps->hz_min, caps->hz);
	ck_assert_uint_le(caps->hz, caps->hz_max);
	ck_assert_uint_gt(caps->byte_ns, 0);
	/* A byte cannot be faster than its eight clocks. */
	ck_assert_uint_ge((uint64_t)caps->byte_ns + 1, 8000000000ULL / caps->hz);
	ck_assert_uint_gt(strlen(spi_name(bus)), 0);
	end(_i);
}
END_TEST

START_TEST(identifies)
{
	begin(_i);
	for (int i = 0; i < 8; i++)
		check_id();
	end(_i);
}
END_TEST

START_TEST(keeps_the_order)
{
	uint8_t sr[4] = {0xEE, 0xEE, 0xEE, 0xEE};

	begin(_i);
	wait_ready();
	run((struct spi_msg[]){command(0x04), status(&sr[0], 1), command(0x06), status(&sr[1], 1),
	                       command(0x04), status(&sr[2], 1), command(0x06), command(0x04),
	                       status(&sr[3], 1)},
	    9);
	ck_assert_uint_eq(sr[0] & 3, 0);
	ck_assert_uint_eq(sr[1] & 3, 2);
	ck_assert_uint_eq(sr[2] & 3, 0);
	ck_assert_uint_eq(sr[3] & 3, 0);
	end(_i);
}
END_TEST

START_TEST(parts_of_a_message_are_one_frame)
{
	static const uint8_t op_and_address[] = {0x9F}, address[] = {0, 0, 0};
	uint8_t id[3] = {0}, rems[2] = {0};
	struct spi_msg no_command = {.tx = op_and_address, .tx_len = 1, .rx = id, .rx_len = 3};
	struct spi_msg split = {
		.cmd = {0x90}, .cmd_len = 1, .tx = address, .tx_len = 3, .rx = rems, .rx_len = 2};

	begin(_i);
	run_one(no_command);
	ck_assert_mem_eq(id, ((uint8_t[]){0xEF, 0x40, 0x17}), 3);
	run_one(split);
	ck_assert_mem_eq(rems, ((uint8_t[]){0xEF, 0x16}), 2);
	end(_i);
}
END_TEST

START_TEST(a_full_queue)
{
	static uint8_t ids[MAX_BATCH][3];
	static struct spi_msg msgs[MAX_BATCH];
	size_t count;

	begin(_i);
	count = spi_caps(bus)->max_queue < MAX_BATCH ? spi_caps(bus)->max_queue : MAX_BATCH;
	for (size_t i = 0; i < count; i++)
		msgs[i] = answer(command(0x9F), ids[i], 3);
	run(msgs, count);
	for (size_t i = 0; i < count; i++)
		ck_assert_mem_eq(ids[i], ((uint8_t[]){0xEF, 0x40, 0x17}), 3);
	end(_i);
}
END_TEST

START_TEST(programs_and_reads_back)
{
	uint8_t data[256], in[256];

	begin(_i);
	erase_scratch();
	fill(data, sizeof(data), 1);
	program(SCRATCH, data, sizeof(data), 0);
	wait_ready();
	run_one(answer(at_address(0x03, SCRATCH), in, sizeof(in)));
	ck_assert_mem_eq(in, data, sizeof(in));
	end(_i);
}
END_TEST

START_TEST(sends_all_bytes_once)
{
	static uint8_t data[1024], in[256];

	begin(_i);
	if (spi_caps(bus)->max_tx >= 4 + sizeof(data)) {
		erase_scratch();
		fill(data, sizeof(data), 2);
		program(SCRATCH, data, sizeof(data), 0);
		wait_ready();
		/* The page buffer keeps the last 256. */
		run_one(answer(at_address(0x03, SCRATCH), in, sizeof(in)));
		ck_assert_mem_eq(in, data + sizeof(data) - 256, 256);
	}
	end(_i);
}
END_TEST

START_TEST(keeps_pauses)
{
	uint8_t zero = 0, sr = 0xEE;

	begin(_i);
	erase_scratch();
	for (uint32_t i = 0; i < 8; i++) {
		struct spi_msg msgs[] = {command(0x06), at_address(0x02, SCRATCH + i),
		                         status(&sr, 1)};

		msgs[1].tx = &zero;
		msgs[1].tx_len = 1;
		msgs[1].pause_us = PROGRAM_US;
		run(msgs, 3);
		ck_assert_uint_eq(sr & 1, 0);
	}
	end(_i);
}
END_TEST

START_TEST(status_is_sampled_as_it_is_clocked)
{
	const struct spi_caps *caps;
	static uint8_t tail[65536];
	uint8_t zero = 0;
	struct spi_msg msgs[3];
	size_t len, busy = 0;

	begin(_i);
	caps = spi_caps(bus);
	erase_scratch();
	len = PROGRAM_US * 3000ULL / caps->byte_ns;
	if (caps->depth > 1 && caps->max_queue >= 3 && len <= caps->max_rx && len <= sizeof(tail)) {
		msgs[0] = command(0x06);
		msgs[1] = at_address(0x02, SCRATCH);
		msgs[1].tx = &zero;
		msgs[1].tx_len = 1;
		msgs[2] = status(tail, len);
		run(msgs, 3);
		while (busy < len && tail[busy] & 1)
			busy++;
		ck_assert_uint_gt(busy, 0);
		ck_assert_uint_lt(busy, len);
		for (size_t i = busy; i < len; i++)
			ck_assert_uint_eq(tail[i] & 1, 0);
	}
	end(_i);
}
END_TEST

START_TEST(one_long_read_equals_many_short_ones)
{
	static uint8_t block[BLOCK], whole[BLOCK], piece[256];
	size_t len;

	begin(_i);
	erase_scratch();
	fill(block, sizeof(block), 3);
	for (uint32_t at = 0; at < BLOCK; at += 4096) {
		program(SCRATCH + at, block + at, 256, 0);
		wait_ready();
	}
	len = spi_caps(bus)->max_rx < BLOCK ? spi_caps(bus)->max_rx : BLOCK;
	run_one(answer(at_address(0x03, SCRATCH), whole, len));
	for (size_t at = 0; at + 256 <= len; at += 256) {
		run_one(answer(at_address(0x03, SCRATCH + (uint32_t)at), piece, 256));
		ck_assert_mem_eq(whole + at, piece, 256);
		if (at % 4096 == 0)
			ck_assert_mem_eq(piece, block + at, 256);
	}
	end(_i);
}
END_TEST

static int refused(struct spi_msg *msgs, size_t count)
{
	struct np_error err = {0};
	size_t done = 99;
	int ret = spi_run(bus, msgs, count, &done, NULL, NULL, &err);

	ck_assert_uint_eq(done, 0);
	ck_assert_uint_gt(strlen(err.message), 0);
	return ret;
}

START_TEST(refuses_what_the_caps_exclude)
{
	static struct spi_msg many[65537];
	uint8_t byte = 0;
	struct spi_msg empty = {0}, no_buffer = answer(command(0x9F), NULL, 3);
	struct spi_msg until = status(&byte, 1), crc = answer(at_address(0x03, 0), NULL, 16);
	uint32_t too_many;

	begin(_i);
	too_many = spi_caps(bus)->max_queue + 1;
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
		many[i] = command(0x06);
	ck_assert_int_eq(refused(many, 0), NP_E_UNSUPPORTED);
	if (too_many <= sizeof(many) / sizeof(many[0]))
		ck_assert_int_eq(refused(many, too_many), NP_E_UNSUPPORTED);
	ck_assert_int_eq(refused(&empty, 1), NP_E_UNSUPPORTED);
	ck_assert_int_eq(refused(&no_buffer, 1), NP_E_UNSUPPORTED);
	until.flags |= SPI_MSG_UNTIL;
	until.until_us = 1000;
	if (!spi_caps(bus)->until)
		ck_assert_int_eq(refused(&until, 1), NP_E_UNSUPPORTED);
	crc.flags = SPI_MSG_CRC;
	if (!spi_caps(bus)->crc)
		ck_assert_int_eq(refused(&crc, 1), NP_E_UNSUPPORTED);
	/* Nothing of the refused queues went out: the latch is clear. */
	run((struct spi_msg[]){status(&byte, 1)}, 1);
	ck_assert_uint_eq(byte & 2, 0);
	end(_i);
}
END_TEST

START_TEST(repeats_until_ready)
{
	uint8_t zero = 0, sr = 0xEE;
	struct spi_msg msgs[3];

	begin(_i);
	if (spi_caps(bus)->until) {
		erase_scratch();
		for (uint32_t i = 0; i < 4; i++) {
			msgs[0] = command(0x06);
			msgs[1] = at_address(0x02, SCRATCH + i);
			msgs[1].tx = &zero;
			msgs[1].tx_len = 1;
			msgs[2] = status(&sr, 1);
			msgs[2].flags |= SPI_MSG_UNTIL;
			msgs[2].until_mask = 1;
			msgs[2].until_us = 100000;
			run(msgs, 3);
			ck_assert_uint_eq(sr & 3, 0);
		}
	}
	end(_i);
}
END_TEST

START_TEST(until_is_bounded)
{
	struct np_error err = {0};
	uint8_t sr = 0xEE, id[3];
	size_t done = 99;
	struct spi_msg msgs[3];

	begin(_i);
	if (spi_caps(bus)->until && spi_caps(bus)->max_queue >= 3) {
		msgs[0] = command(0x04);
		msgs[1] = status(&sr, 1);
		msgs[1].flags |= SPI_MSG_UNTIL;
		msgs[1].until_mask = 1;
		msgs[1].until_value = 1;
		msgs[1].until_us = 3000;
		msgs[2] = answer(command(0x9F), id, 3);
		ck_assert_int_eq(spi_run(bus, msgs, 3, &done, NULL, NULL, &err), NP_E_TIMEOUT);
		ck_assert_uint_eq(done, 1);
		check_id();
	}
	end(_i);
}
END_TEST

START_TEST(answers_with_a_crc)
{
	static uint8_t in[4096];
	struct spi_msg msg = at_address(0x03, SCRATCH);

	begin(_i);
	if (spi_caps(bus)->crc) {
		erase_scratch();
		fill(in, 256, 4);
		program(SCRATCH, in, 256, 0);
		wait_ready();
		run_one(answer(msg, in, sizeof(in)));
		msg.flags = SPI_MSG_CRC;
		msg.rx_len = sizeof(in);
		run(&msg, 1);
		ck_assert_uint_eq(msg.crc, np_crc32(0, in, sizeof(in)));
	}
	end(_i);
}
END_TEST

struct seen {
	unsigned calls;
	size_t bytes;
	bool backwards, stop;
};

static int on_progress(void *ctx, size_t msg, size_t bytes)
{
	struct seen *seen = ctx;

	seen->backwards |= msg != 0 || bytes < seen->bytes;
	seen->calls++;
	seen->bytes = bytes;
	return seen->stop;
}

START_TEST(reports_progress)
{
	static uint8_t in[LONG_READ];
	struct seen seen = {0};
	struct spi_msg msg;
	size_t len;

	begin(_i);
	len = spi_caps(bus)->max_rx < LONG_READ ? spi_caps(bus)->max_rx : LONG_READ;
	msg = answer(at_address(0x03, 0), in, len);
	ck_assert_int_eq(spi_run(bus, &msg, 1, NULL, on_progress, &seen, NULL), 0);
	ck_assert(!seen.backwards);
	ck_assert_uint_le(seen.bytes, len);
	if (len == LONG_READ)
		ck_assert_uint_ge(seen.calls, 3);
	end(_i);
}
END_TEST

START_TEST(stops_on_request)
{
	static uint8_t in[LONG_READ];
	struct seen seen = {.stop = true};
	struct np_error err = {0};
	struct spi_msg msg;
	size_t done = 99;

	begin(_i);
	if (spi_caps(bus)->max_rx >= LONG_READ) {
		msg = answer(at_address(0x03, 0), in, sizeof(in));
		ck_assert_int_eq(spi_run(bus, &msg, 1, &done, on_progress, &seen, &err),
		                 NP_E_INTERRUPTED);
		ck_assert_uint_eq(done, 0);
		ck_assert_uint_eq(seen.calls, 1);
		check_id();
	}
	end(_i);
}
END_TEST

START_TEST(sets_the_clock)
{
	uint32_t asked;

	begin(_i);
	asked = spi_caps(bus)->hz_min + (spi_caps(bus)->hz_max - spi_caps(bus)->hz_min) / 2;
	ck_assert_int_eq(spi_set_hz(bus, asked, NULL), 0);
	ck_assert_uint_le(spi_caps(bus)->hz, spi_caps(bus)->hz_min == spi_caps(bus)->hz_max
	                                             ? spi_caps(bus)->hz_max
	                                             : asked);
	check_id();
	ck_assert_int_eq(spi_set_hz(bus, UINT32_MAX, NULL), 0);
	ck_assert_uint_le(spi_caps(bus)->hz, spi_caps(bus)->hz_max);
	ck_assert_uint_ge((uint64_t)spi_caps(bus)->byte_ns + 1, 8000000000ULL / spi_caps(bus)->hz);
	check_id();
	end(_i);
}
END_TEST

static const TTest *const *promises(size_t *count)
{
	static const TTest *list[24];
	size_t n = 0;

	list[n++] = caps_make_sense;
	list[n++] = identifies;
	list[n++] = keeps_the_order;
	list[n++] = parts_of_a_message_are_one_frame;
	list[n++] = a_full_queue;
	list[n++] = programs_and_reads_back;
	list[n++] = sends_all_bytes_once;
	list[n++] = keeps_pauses;
	list[n++] = status_is_sampled_as_it_is_clocked;
	list[n++] = one_long_read_equals_many_short_ones;
	list[n++] = refuses_what_the_caps_exclude;
	list[n++] = repeats_until_ready;
	list[n++] = until_is_bounded;
	list[n++] = answers_with_a_crc;
	list[n++] = reports_progress;
	list[n++] = stops_on_request;
	list[n++] = sets_the_clock;
	*count = n;
	return list;
}

void contract_add(Suite *suite, const struct contract *contract)
{
	TCase *tc = tcase_create(contract->name);
	size_t count;
	const TTest *const *list = promises(&count);

	under_test = contract;
	for (size_t i = 0; i < count; i++)
		tcase_add_loop_test(tc, list[i], 0, contract->variants);
	suite_add_tcase(suite, tc);
}
