/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: sim_spec.c */
/* The simulated programmer: the bus contract in all temperaments, its accounts and its faults. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "contract/contract.h"
#include "sim/sim.h"
#include "support/frames.h"
#include "support/suite.h"

static struct sim_config config;
static struct spi_bus *bus;
static void *self;

static void defaults(void)
{
	sim_config_default(&config);
}

static void open_bus(void)
{
	struct np_error err = {0};

	ck_assert_msg(sim_open_bus(&config, &bus, &self, &err) == 0, "%s", err.message);
}

static void close_bus(void)
{
	spi_close(bus);
}

/* ---- the contract over all temperaments ---- */

enum { V_DEFAULT, V_SINGLE, V_UNTIL, V_SINGLE_UNTIL, V_SMALL, V_SLOW_FIXED, V_COUNT };

static struct spi_bus *open_variant(int variant)
{
	defaults();
	if (variant == V_SINGLE || variant == V_SINGLE_UNTIL)
		config.depth = 1;
	config.until = config.crc = variant == V_UNTIL || variant == V_SINGLE_UNTIL;
	if (variant == V_SMALL) {
		config.max_queue = 2;
		config.max_tx = 260;
		config.max_rx = 512;
	}
	if (variant == V_SLOW_FIXED)
		config.hz = config.hz_min = config.hz_max = 1500000;
	open_bus();
	return bus;
}

static const struct contract contract = {
	.name = "contract", .open = open_variant, .variants = V_COUNT};

/* ---- accounts ---- */

static const uint8_t page[256] = {0x5A};

static void fill_train(struct spi_msg *msgs, uint8_t *tail, size_t tail_len, size_t pages)
{
	for (size_t i = 0; i < pages; i++, msgs += 3) {
		msgs[0] = (struct spi_msg){.cmd = {0x06}, .cmd_len = 1};
		msgs[1] = (struct spi_msg){
			.cmd = {0x02, 0, (uint8_t)i, 0}, .cmd_len = 4, .tx = page, .tx_len = 256};
		msgs[2] = (struct spi_msg){.cmd = {0x05},
		                           .cmd_len = 1,
		                           .rx = tail,
		                           .rx_len = tail_len,
		                           .flags = SPI_MSG_STATUS};
	}
}

START_TEST(time_is_wire_and_trips)
{
	static uint8_t tail[1800];
	struct spi_msg msgs[3 * 4];
	const struct sim_counters *c;

	open_bus();
	fill_train(msgs, tail, sizeof(tail), 4);
	ck_assert_int_eq(spi_run(bus, msgs, 12, NULL, NULL, NULL, NULL), 0);
	c = sim_counters(self);
	ck_assert_uint_eq(c->runs, 1);
	ck_assert_uint_eq(c->trips, 1);
	ck_assert_uint_eq(c->messages, 12);
	ck_assert_uint_eq(c->wire_bytes, 4 * (1 + 260 + 1801));
	ck_assert_uint_eq(c->wire_ns, c->wire_bytes * 400 + 12 * 200);
	ck_assert_uint_eq(c->device_ns, c->wire_ns + 125000);
	ck_assert_uint_eq(norsim_stats(sim_chip(self))->ignored_busy, 0);
	ck_assert_uint_eq(norsim_stats(sim_chip(self))->pages_programmed, 4);
	close_bus();
}
END_TEST

START_TEST(depth_one_pays_for_each_message)
{
	uint8_t tail;
	struct spi_msg msgs[3];

	config.depth = 1;
	config.trip_us = 1000;
	open_bus();
	fill_train(msgs, &tail, 1, 1);
	ck_assert_int_eq(spi_run(bus, msgs, 3, NULL, NULL, NULL, NULL), 0);
	ck_assert_uint_eq(sim_counters(self)->trips, 3);
	ck_assert_uint_ge(sim_counters(self)->device_ns, 3000000);
	/* The round trip was longer than the page took. */
	ck_assert_uint_eq(tail, 0);
	close_bus();
}
END_TEST

START_TEST(pauses_are_device_time)
{
	struct spi_msg msgs[2] = {{.cmd = {0x04}, .cmd_len = 1, .pause_us = 5000},
	                          {.cmd = {0x04}, .cmd_len = 1, .pause_us = 0}};

	open_bus();
	ck_assert_int_eq(spi_run(bus, msgs, 2, NULL, NULL, NULL, NULL), 0);
	ck_assert_uint_eq(sim_counters(self)->pause_ns, 5000000);
	ck_assert_uint_eq(sim_counters(self)->device_ns, 5000000 + 2 * 600 + 125000);
	close_bus();
}
END_TEST

START_TEST(until_costs_what_polling_would)
{
	uint8_t sr = 0;
	struct spi_msg msgs[2] = {{.cmd = {0x06}, .cmd_len = 1}, {.cmd = {0xC7}, .cmd_len = 1}};
	struct spi_msg until = {.cmd = {0x05},
	                        .cmd_len = 1,
	                        .rx = &sr,
	                        .rx_len = 1,
	                        .flags = SPI_MSG_STATUS | SPI_MSG_UNTIL,
	                        .until_mask = 1,
	                        .until_us = 30000000};
	const struct norsim_stats *stats;

	config.until = true;
	open_bus();
	stats = norsim_stats(sim_chip(self));
	ck_assert_int_eq(spi_run(bus, msgs, 2, NULL, NULL, NULL, NULL), 0);
	ck_assert_int_eq(spi_run(bus, &until, 1, NULL, NULL, NULL, NULL), 0);
	ck_assert_uint_eq(sr, 0);
	/* A 20 s chip erase at 400 ns a status byte, to the byte but for the trip and the opcodes.
	 */
	ck_assert_uint_ge(stats->status_reads, 20000000000ULL / 400 - 400);
	ck_assert_uint_le(stats->status_reads, 20000000000ULL / 400 + 2);
	close_bus();
}
END_TEST

/* ---- faults ---- */

START_TEST(the_nth_message_fails)
{
	uint8_t sr[4] = {0xEE, 0xEE, 0xEE, 0xEE};
	struct spi_msg msgs[4];
	struct np_error err = {0};
	size_t done = 99;

	config.fail_msg = 3;
	open_bus();
	for (int i = 0; i < 4; i++)
		msgs[i] = (struct spi_msg){.cmd = {0x05}, .cmd_len = 1, .rx = &sr[i], .rx_len = 1};
	ck_assert_int_eq(spi_run(bus, msgs, 4, &done, NULL, NULL, &err), NP_E_BUS);
	ck_assert_uint_eq(done, 2);
	ck_assert_uint_eq(sr[1], 0);
	ck_assert_uint_eq(sr[2], 0xEE);
	ck_assert_uint_eq(norsim_stats(sim_chip(self))->frames, 2);
	ck_assert_int_eq(spi_run(bus, msgs, 4, &done, NULL, NULL, &err), 0);
	sim_fail_message(self, 1);
	ck_assert_int_eq(spi_run(bus, msgs, 4, &done, NULL, NULL, &err), NP_E_BUS);
	ck_assert_uint_eq(done, 0);
	close_bus();
}
END_TEST

START_TEST(a_dead_chip_does_not_fail_the_bus)
{
	uint8_t id[3] = {0};
	struct spi_msg msg = {.cmd = {0x9F}, .cmd_len = 1, .rx = id, .rx_len = 3};

	config.chip.faults.cut_at_clock = 1;
	open_bus();
	ck_assert_int_eq(spi_run(bus, &msg, 1, NULL, NULL, NULL, NULL), 0);
	ck_assert(all_ff(id, 3));
	close_bus();
}
END_TEST

START_TEST(a_dead_chip_ends_until_by_its_limit)
{
	uint8_t sr = 0;
	struct spi_msg until = {.cmd = {0x05},
	                        .cmd_len = 1,
	                        .rx = &sr,
	                        .rx_len = 1,
	                        .flags = SPI_MSG_STATUS | SPI_MSG_UNTIL,
	                        .until_mask = 1,
	                        .until_us = 2000};

	config.until = true;
	config.chip.faults.silent = true;
	until.until_us = _i ? 400000000 : 2000;
	open_bus();
	ck_assert_int_eq(spi_run(bus, &until, 1, NULL, NULL, NULL, NULL), NP_E_TIMEOUT);
	ck_assert_uint_ge(sim_counters(self)->device_ns, until.until_us * 1000ULL);
	ck_assert_uint_le(sim_counters(self)->device_ns, until.until_us * 1000ULL + 200000);
	close_bus();
}
END_TEST

static int stop_in_until(void *ctx, size_t msg, size_t bytes)
{
	(void)msg;
	(void)bytes;
	return ++*(int *)ctx == 3;
}

START_TEST(a_stop_ends_a_long_wait)
{
	uint8_t sr = 0;
	int calls = 0;
	struct spi_msg msgs[3] = {{.cmd = {0x06}, .cmd_len = 1},
	                          {.cmd = {0xC7}, .cmd_len = 1},
	                          {.cmd = {0x05},
	                           .cmd_len = 1,
	                           .rx = &sr,
	                           .rx_len = 1,
	                           .flags = SPI_MSG_STATUS | SPI_MSG_UNTIL,
	                           .until_mask = 1,
	                           .until_us = 30000000}};

	config.until = true;
	open_bus();
	ck_assert_int_eq(spi_run(bus, msgs, 3, NULL, stop_in_until, &calls, NULL),
	                 NP_E_INTERRUPTED);
	ck_assert_uint_le(sim_counters(self)->device_ns, 400000000);
	close_bus();
}
END_TEST

/* ---- the programmer argument ---- */

START_TEST(takes_all_keys)
{
	struct np_error err = {0};
	const struct spi_caps *caps;

	ck_assert_msg(
		spi_open("sim:chip=EN25QH128A,time=virtual,fault=flip=20000+seed=3,depth=1,until=1,"
	                 "crc=1,hz=1500k,max_queue=7,max_tx=300,max_rx=4K,trip_us=9,msg_ns=10",
	                 NULL, &bus, &err) == 0,
		"%s", err.message);
	caps = spi_caps(bus);
	ck_assert_uint_eq(caps->depth, 1);
	ck_assert(caps->until && caps->crc && caps->safe_line);
	ck_assert_uint_eq(caps->hz_min, 1500000);
	ck_assert_uint_eq(caps->hz_max, 1500000);
	ck_assert_uint_eq(caps->max_queue, 7);
	ck_assert_uint_eq(caps->max_tx, 300);
	ck_assert_uint_eq(caps->max_rx, 4096);
	ck_assert_uint_eq(caps->trip_us, 9);
	ck_assert_uint_eq(caps->msg_ns, 10);
	ck_assert_str_eq(spi_name(bus), "sim EN25QH128A");
	close_bus();
}
END_TEST

static const char *const bad_specs[] = {
	"sim:chip=W25Q65", "sim:time=never", "sim:fault=gremlins", "sim:depth=0",
	"sim:until=yes",   "sim:hz=fast",    "sim:hz=0",           "sim:hz_max=1k",
	"sim:max_queue=0", "sim:max_tx=3",   "sim:max_rx=0",       "sim:trip_us=-1",
	"sim:colour=red",  "sim:chip",       "sim:chip=",          "sim:depth=2,depth=3",
};

START_TEST(refuses_bad_values)
{
	struct np_error err = {0};

	ck_assert_int_eq(spi_open(bad_specs[_i], NULL, &bus, &err), NP_E_USAGE);
	ck_assert_uint_gt(strlen(err.message), 0);
}
END_TEST

START_TEST(writes_its_statistics)
{
	char path[] = "/tmp/test_sim.XXXXXX", spec[128];
	int fd = mkstemp(path);
	uint8_t id[3];
	struct spi_msg msg = {.cmd = {0x9F}, .cmd_len = 1, .rx = id, .rx_len = 3};
	json_t *stats;

	ck_assert_int_ge(fd, 0);
	close(fd);
	snprintf(spec, sizeof(spec), "sim:stats=%s", path);
	ck_assert_int_eq(spi_open(spec, NULL, &bus, NULL), 0);
	ck_assert_int_eq(spi_run(bus, &msg, 1, NULL, NULL, NULL, NULL), 0);
	close_bus();
	stats = json_load_file(path, 0, NULL);
	unlink(path);
	ck_assert_ptr_nonnull(stats);
	ck_assert_int_eq(json_integer_value(json_object_get(stats, "messages")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(stats, "clocks")), 32);
	ck_assert_int_eq(json_integer_value(json_object_get(stats, "ignored_busy")), 0);
	ck_assert_int_eq(json_integer_value(json_object_get(stats, "device_ns")),
	                 125000 + 1600 + 200);
	json_decref(stats);
}
END_TEST

START_TEST(real_time_keeps_its_promises_too)
{
	uint8_t tail[3];
	struct spi_msg msgs[3];

	config.real_time = true;
	open_bus();
	fill_train(msgs, tail, 1, 1);
	msgs[1].pause_us = 800;
	ck_assert_int_eq(spi_run(bus, msgs, 3, NULL, NULL, NULL, NULL), 0);
	ck_assert_uint_eq(tail[0], 0);
	ck_assert_uint_eq(norsim_mem(sim_chip(self))[0], 0x5A);
	close_bus();
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

int main(void)
{
	Suite *suite = suite_create("sim");
	TCase *tc = tcase_create("sim");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, defaults, NULL);
	tcase_add_test(tc, time_is_wire_and_trips);
	tcase_add_test(tc, depth_one_pays_for_each_message);
	tcase_add_test(tc, pauses_are_device_time);
	tcase_add_test(tc, until_costs_what_polling_would);
	tcase_add_test(tc, the_nth_message_fails);
	tcase_add_test(tc, a_dead_chip_does_not_fail_the_bus);
	tcase_add_loop_test(tc, a_dead_chip_ends_until_by_its_limit, 0, 2);
	tcase_add_test(tc, a_stop_ends_a_long_wait);
	tcase_add_test(tc, takes_all_keys);
	tcase_add_loop_test(tc, refuses_bad_values, 0, COUNT(bad_specs));
	tcase_add_test(tc, writes_its_statistics);
	tcase_add_test(tc, real_time_keeps_its_promises_too);
	contract_add(suite, &contract);
	return run_suite(suite);
}
