/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: nor_addr.c nor_clock.c nor_erase.c nor_id.c nor_program.c nor_read.c nor_sr.c */
/* covers: nor_wait.c spi.c */
/* The engine over every temperament of bus, on the strict model. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/stop.h"
#include "support/engine.h"
#include "support/suite.h"

/* ---- who is there ---- */

START_TEST(names_the_two_main_parts)
{
	engine_open_part("W25Q64FV");
	ck_assert_str_eq(nor_info(engine.nor)->name, "W25Q64FV");
	ck_assert_uint_eq(nor_info(engine.nor)->size, 8 * MIB);
	ck_assert_uint_eq(nor_info(engine.nor)->erase_count, 3);
	ck_assert_uint_eq(nor_info(engine.nor)->uid_len, 8);
	ck_assert(nor_info(engine.nor)->has_sfdp);
	engine_finish();
	engine_open_part("EN25QH128A");
	ck_assert_str_eq(nor_info(engine.nor)->name, "EN25QH128A");
	ck_assert_uint_eq(nor_info(engine.nor)->size, 16 * MIB);
	ck_assert_uint_eq(nor_info(engine.nor)->uid_len, 12);
	ck_assert_uint_eq(nor_info(engine.nor)->id_agreed, nor_info(engine.nor)->id_reads);
	engine_finish();
}
END_TEST

struct mute {
	const char *fault;
	int code;
	const char *says;
};

static const struct mute mutes[] = {
	{"miso=high", NP_E_NO_CHIP, "all ones"},        {"miso=low", NP_E_NO_CHIP, "all zeros"},
	{"silent", NP_E_NO_CHIP, "all ones"},           {"flip=3", NP_E_UNSTABLE, "disagree"},
	{"shift=1", NP_E_UNKNOWN_CHIP, "unknown chip"},
};

START_TEST(each_bad_contact_is_named)
{
	const struct mute *mute = &mutes[_i];
	struct sim_config config;

	sim_config_default(&config);
	ck_assert_int_eq(norsim_parse_faults(mute->fault, &config.chip.faults, NULL, &engine.err),
	                 0);
	engine_start(&config);
	ck_assert_int_eq(engine_identify(), mute->code);
	ck_assert_ptr_nonnull(strstr(engine.err.message, mute->says));
	ck_assert_str_ne(engine.err.hint, "");
	engine_close_failed();
}
END_TEST

START_TEST(a_shifted_id_is_recognised)
{
	struct sim_config config;

	sim_config_default(&config);
	config.chip.faults.shift_id = 1;
	engine_start(&config);
	ck_assert_int_eq(engine_identify(), NP_E_UNKNOWN_CHIP);
	ck_assert_ptr_nonnull(strstr(engine.err.hint, "shifted"));
	engine_close_failed();
}
END_TEST

static const char *const awkward_starts[] = {"asleep", "wel", "start-busy", "wake=20ms"};

START_TEST(a_chip_found_in_an_odd_state_answers)
{
	struct sim_config config;

	sim_config_default(&config);
	ck_assert_int_eq(
		norsim_parse_faults(awkward_starts[_i], &config.chip.faults, NULL, &engine.err), 0);
	engine_open(&config);
	ck_assert_str_eq(nor_info(engine.nor)->name, "W25Q64FV");
	if (strcmp(awkward_starts[_i], "start-busy") == 0)
		ck_assert(nor_info(engine.nor)->was_busy);
	engine_finish();
}
END_TEST

/* In the middle of auto address increment an SST25 hears ADh, 04h and 05h only. */
START_TEST(a_chip_left_in_mid_increment_answers)
{
	/* These parts power up protected: 01h behind 50h opens them. */
	struct spi_msg left[4] = {
		{.cmd = {0x50}, .cmd_len = 1},
		{.cmd = {0x01, 0x00}, .cmd_len = 2, .pause_us = 50000},
		{.cmd = {0x06}, .cmd_len = 1},
		{.cmd = {0xad, 0x01, 0x00, 0x00, 0x12, 0x34}, .cmd_len = 6, .pause_us = 100}};
	struct sim_config config;
	struct norsim *chip;

	sim_config_default(&config);
	config.chip.part = "SST25VF016B";
	config.chip.parts_file = "tests/data/parts.txt";
	engine_start(&config);
	chip = sim_chip(engine.sim);
	ck_assert_int_eq(spi_run(engine.bus, left, 4, NULL, NULL, NULL, &engine.err), 0);
	ck_assert_msg(engine_identify() == 0, "%s", engine.err.message);
	ck_assert_str_eq(nor_info(engine.nor)->name, "SST25VF016B");
	ck_assert(!nor_info(engine.nor)->reset);
	ck_assert_mem_eq(norsim_mem(chip) + 0x10000, "\x12\x34\xff\xff", 4);
	ck_assert_uint_eq(norsim_stats(chip)->bytes_programmed, 2);
	engine_finish();
}
END_TEST

START_TEST(the_clock_steps_down_until_reads_agree)
{
	struct sim_config config;

	sim_config_default(&config);
	config.chip.faults.max_hz = 9000000;
	engine_open(&config);
	ck_assert_uint_le(nor_info(engine.nor)->hz, 9000000);
	ck_assert_uint_ge(nor_info(engine.nor)->hz, 4000000);
	ck_assert_uint_gt(nor_info(engine.nor)->hz_tried, nor_info(engine.nor)->hz);
	engine_finish();
}
END_TEST

/* Long wires: also the slow clock that proves the fast one must be one that they carry. */
START_TEST(a_clock_far_below_the_first_is_found)
{
	static const uint32_t most_hz[] = {700000, 1000000, 2000000, 3900000};
	struct sim_config config;

	sim_config_default(&config);
	config.chip.faults.max_hz = most_hz[_i];
	engine_open(&config);
	ck_assert_uint_le(nor_info(engine.nor)->hz, most_hz[_i]);
	ck_assert_uint_ge(nor_info(engine.nor)->hz, most_hz[_i] / 2);
	engine_finish();
}
END_TEST

START_TEST(a_wrong_chip_name_is_refused)
{
	struct nor_options options = {.chip = "EN25QH128A"};
	struct sim_config config;

	sim_config_default(&config);
	engine_start(&config);
	ck_assert_int_eq(nor_open(engine.bus, &options, &engine.nor, &engine.err),
	                 NP_E_CHIP_MISMATCH);
	options.chip = "NO-SUCH-PART";
	ck_assert_int_eq(nor_open(engine.bus, &options, &engine.nor, &engine.err), NP_E_USAGE);
	engine_close_failed();
}
END_TEST

START_TEST(an_overridden_size_reads_but_never_writes)
{
	struct nor_options options = {.size_override = 4 * MIB};
	struct sim_config config;
	uint8_t byte = 0;
	struct nor_piece piece = {0, 1, &byte};

	sim_config_default(&config);
	engine_start(&config);
	ck_assert_int_eq(nor_open(engine.bus, &options, &engine.nor, &engine.err), 0);
	ck_assert_int_eq(nor_read(engine.nor, 0, &byte, 1, NULL, NULL, &engine.err), 0);
	ck_assert_int_eq(nor_read(engine.nor, 4 * MIB, &byte, 1, NULL, NULL, &engine.err),
	                 NP_E_RANGE);
	ck_assert_int_eq(nor_erase(engine.nor, 0, 0, &engine.err), NP_E_POLICY);
	ck_assert_int_eq(nor_program(engine.nor, &piece, 1, NULL, NULL, NULL, &engine.err),
	                 NP_E_POLICY);
	ck_assert_uint_eq(norsim_stats(sim_chip(engine.sim))->erases_4k, 0);
	engine_finish();
}
END_TEST

/* ---- every temperament ---- */

struct temper {
	uint32_t depth, max_queue;
	size_t max_rx;
	bool until, crc;
};

static const struct temper tempers[] = {
	{32, 4096, 16 * MIB, false, false}, {32, 768, 65536, false, false},
	{32, 4, 4096, false, false},        {32, 3, 4096, false, false},
	{32, 1, 64, false, false},          {1, 4096, 16 * MIB, false, false},
	{1, 1, 4096, false, false},         {1, 3, 300, false, true},
	{1, 768, 4096, true, false},        {32, 4096, 16 * MIB, true, true},
};

static void apply(struct sim_config *config, const struct temper *temper)
{
	sim_config_default(config);
	config->depth = temper->depth;
	config->max_queue = temper->max_queue;
	config->max_rx = temper->max_rx;
	config->until = temper->until;
	config->crc = temper->crc;
}

/* Erase and program an odd piece that starts and ends inside pages; all exact, nothing ignored. */
static void erase_and_program(const char *fault, bool strict)
{
	size_t len = 150001;
	uint8_t *data = engine_random(len, 7), *back = malloc(len);
	const struct norsim_stats *stats = norsim_stats(sim_chip(engine.sim));

	memset(norsim_mem(sim_chip(engine.sim)), 0x5a, 4 * 65536);
	for (uint64_t at = 0; at < 3 * 65536; at += 65536)
		ck_assert_msg(nor_erase(engine.nor, at, 2, &engine.err) == 0, "%s: %s", fault,
		              engine.err.message);
	ck_assert_msg(engine_program(data, 0x123, len) == 0, "%s: %s", fault, engine.err.message);
	ck_assert_int_eq(nor_read(engine.nor, 0x123, back, len, NULL, NULL, &engine.err), 0);
	ck_assert_mem_eq(back, data, len);
	ck_assert_mem_eq(norsim_mem(sim_chip(engine.sim)) + 0x123, data, len);
	ck_assert_uint_eq(norsim_mem(sim_chip(engine.sim))[3 * 65536], 0x5a);
	if (strict) {
		ck_assert_uint_eq(stats->ignored_busy, 0);
		ck_assert_uint_eq(stats->ignored_latch, 0);
	}
	free(data);
	free(back);
}

START_TEST(exact_over_every_bus)
{
	struct sim_config config;

	apply(&config, &tempers[_i]);
	engine_open(&config);
	erase_and_program("no fault", true);
	engine_finish();
}
END_TEST

START_TEST(exact_on_a_chip_four_times_slower)
{
	struct sim_config config;

	apply(&config, &tempers[_i]);
	config.chip.faults.slow_percent = 400;
	engine_open(&config);
	erase_and_program("slow=400", false);
	engine_finish();
}
END_TEST

START_TEST(crc_equals_reading)
{
	struct sim_config config;
	uint32_t near, far;

	for (int crc = 0; crc < 2; crc++) {
		sim_config_default(&config);
		config.crc = crc;
		engine_open(&config);
		for (size_t i = 0; i < 100000; i++)
			norsim_mem(sim_chip(engine.sim))[i] = (uint8_t)(i * 31 >> 3);
		ck_assert_int_eq(nor_crc(engine.nor, 5, 99990, crc ? &far : &near, &engine.err), 0);
		engine_finish();
	}
	ck_assert_uint_eq(near, far);
}
END_TEST

/* ---- at the speed of the wire ---- */

static void program_all(struct sim_config *config, uint64_t *bytes)
{
	uint8_t *data = engine_random(8 * MIB, 3);

	engine_open(config);
	ck_assert_int_eq(engine_program(data, 0, 65536), 0);
	sim_clear_counters(engine.sim);
	ck_assert_int_eq(engine_program(data + 65536, 65536, 8 * MIB - 65536), 0);
	ck_assert_mem_eq(norsim_mem(sim_chip(engine.sim)), data, 8 * MIB);
	ck_assert_uint_eq(norsim_stats(sim_chip(engine.sim))->ignored_busy, 0);
	*bytes = 8 * MIB - 65536;
	free(data);
}

START_TEST(one_round_trip_per_erase_block)
{
	struct sim_config config;
	uint64_t bytes, floor_ns, pages;

	sim_config_default(&config);
	program_all(&config, &bytes);
	pages = bytes / 256;
	ck_assert_uint_le(sim_counters(engine.sim)->trips * 100, bytes / 65536 * 105);
	/* Write enable, opcode and address, data, one status command and byte; typical program
	 * time. */
	floor_ns = pages * ((1 + 4 + 256 + 2) * (uint64_t)spi_caps(engine.bus)->byte_ns + 700000);
	ck_assert_uint_le(sim_counters(engine.sim)->device_ns, floor_ns + floor_ns * 3 / 100);
	engine_finish();
}
END_TEST

START_TEST(three_messages_per_page_at_depth_one)
{
	struct sim_config config;
	uint64_t bytes;

	sim_config_default(&config);
	config.depth = 1;
	program_all(&config, &bytes);
	ck_assert_uint_le(sim_counters(engine.sim)->messages * 100, bytes / 256 * 305);
	engine_finish();
}
END_TEST

START_TEST(a_whole_read_is_one_run)
{
	uint8_t *back = malloc(8 * MIB);

	engine_open_part("W25Q64FV");
	sim_clear_counters(engine.sim);
	ck_assert_int_eq(nor_read(engine.nor, 0, back, 8 * MIB, NULL, NULL, &engine.err), 0);
	ck_assert_uint_eq(sim_counters(engine.sim)->runs, 1);
	engine_finish();
	free(back);
}
END_TEST

/* How long past its end each erase was waited for, at the paces that a worn or a cold chip may have. */
START_TEST(erases_are_waited_for_as_long_as_they_take)
{
	static const unsigned paces[] = {100, 104, 98, 130, 60, 100, 250, 90};
	struct norsim *chip;

	engine_open_part("W25Q64FV");
	chip = sim_chip(engine.sim);
	for (size_t i = 0; i < sizeof(paces) / sizeof(paces[0]); i++) {
		uint64_t late = 0, busy = 150000ull * paces[i] * 10;

		norsim_faults(chip)->slow_percent = paces[i];
		for (int n = 0; n < 16; n++) {
			uint64_t before = norsim_now(chip);

			ck_assert_int_eq(nor_erase(engine.nor, 65536 * (unsigned)n, 2, &engine.err),
			                 0);
			ck_assert_uint_ge(norsim_now(chip) - before, busy);
			late = norsim_now(chip) - before - busy;
		}
		ck_assert_msg(late < 800000, "%u %%: %llu ns late", paces[i],
		              (unsigned long long)late);
	}
	ck_assert_uint_eq(norsim_stats(chip)->ignored_busy, 0);
	engine_finish();
}
END_TEST

/* ---- every wait ends ---- */

START_TEST(busy_for_ever_is_told_in_bounded_time)
{
	struct sim_config config;
	uint8_t data[256] = {0};
	uint64_t before;

	apply(&config, &tempers[_i]);
	engine_open(&config);
	norsim_faults(sim_chip(engine.sim))->busy_forever = true;
	before = norsim_now(sim_chip(engine.sim));
	ck_assert_int_eq(engine_program(data, 0, 256), NP_E_TIMEOUT);
	ck_assert_str_ne(engine.err.hint, "");
	ck_assert_uint_lt(norsim_now(sim_chip(engine.sim)) - before, UINT64_C(10000000000));
	spi_close(engine.bus);
	nor_close(engine.nor, NULL);
}
END_TEST

/* What the chip is busy with was not ours: nobody has to wait for it. */
START_TEST(a_wait_for_a_chip_found_busy_ends_on_request)
{
	struct sim_config config;

	apply(&config, &tempers[_i]);
	config.chip.faults.start_busy = config.chip.faults.busy_forever = true;
	engine_start(&config);
	np_stop_request();
	ck_assert_int_eq(engine_identify(), NP_E_INTERRUPTED);
	np_stop_clear();
	ck_assert_ptr_nonnull(strstr(engine.err.message, "busy"));
	ck_assert_ptr_nonnull(strstr(engine.err.hint, "powered"));
	ck_assert_uint_lt(norsim_now(sim_chip(engine.sim)), 500 * 1000000ull);
	ck_assert_uint_eq(norsim_stats(sim_chip(engine.sim))->resets_busy, 0);
	engine_close_failed();
}
END_TEST

START_TEST(a_wait_for_a_chip_found_busy_is_bounded)
{
	struct sim_config config;

	apply(&config, &tempers[_i]);
	config.chip.faults.start_busy = config.chip.faults.busy_forever = true;
	engine_start(&config);
	ck_assert_int_eq(engine_identify(), NP_E_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(engine.err.hint, "whole chip"));
	ck_assert_uint_lt(norsim_now(sim_chip(engine.sim)), 130 * UINT64_C(1000000000));
	engine_close_failed();
}
END_TEST

static int stop_at_once(void *ctx, uint64_t done)
{
	(void)ctx;
	(void)done;
	return 1;
}

START_TEST(a_read_stops_on_request)
{
	uint8_t *back = malloc(8 * MIB);

	engine_open_part("W25Q64FV");
	ck_assert_int_eq(nor_read(engine.nor, 0, back, 8 * MIB, stop_at_once, NULL, &engine.err),
	                 NP_E_INTERRUPTED);
	ck_assert_uint_lt(norsim_stats(sim_chip(engine.sim))->bytes_read, 4 * MIB);
	engine_finish();
	free(back);
}
END_TEST

START_TEST(the_second_stop_ends_at_the_page)
{
	uint8_t *data = engine_random(65536, 9);
	size_t count, done = 0;
	struct nor_piece *pieces;

	engine_open_part("W25Q64FV");
	pieces = engine_pieces(data, 0, 65536, &count);
	np_stop_request();
	np_stop_request();
	ck_assert_int_eq(nor_program(engine.nor, pieces, count, &done, NULL, NULL, &engine.err),
	                 NP_E_INTERRUPTED);
	np_stop_clear();
	ck_assert_uint_lt(done, count);
	ck_assert_mem_eq(norsim_mem(sim_chip(engine.sim)), data, done * 256);
	ck_assert_uint_eq(norsim_busy_left(sim_chip(engine.sim)), 0);
	engine_finish();
	free(pieces);
	free(data);
}
END_TEST

static void add_bus_tests(TCase *tcase)
{
	tcase_add_loop_test(tcase, exact_over_every_bus, 0, COUNT(tempers));
	tcase_add_loop_test(tcase, exact_on_a_chip_four_times_slower, 0, COUNT(tempers));
	tcase_add_test(tcase, crc_equals_reading);
	tcase_add_test(tcase, one_round_trip_per_erase_block);
	tcase_add_test(tcase, three_messages_per_page_at_depth_one);
	tcase_add_test(tcase, a_whole_read_is_one_run);
	tcase_add_test(tcase, erases_are_waited_for_as_long_as_they_take);
	tcase_add_loop_test(tcase, busy_for_ever_is_told_in_bounded_time, 0, COUNT(tempers));
	tcase_add_loop_test(tcase, a_wait_for_a_chip_found_busy_ends_on_request, 0, COUNT(tempers));
	tcase_add_loop_test(tcase, a_wait_for_a_chip_found_busy_is_bounded, 0, COUNT(tempers));
	tcase_add_test(tcase, a_read_stops_on_request);
	tcase_add_test(tcase, the_second_stop_ends_at_the_page);
}

int main(void)
{
	Suite *suite = suite_create("nor");
	TCase *tcase = tcase_create("engine");

	tcase_add_test(tcase, names_the_two_main_parts);
	tcase_add_loop_test(tcase, each_bad_contact_is_named, 0, COUNT(mutes));
	tcase_add_test(tcase, a_shifted_id_is_recognised);
	tcase_add_loop_test(tcase, a_chip_found_in_an_odd_state_answers, 0, COUNT(awkward_starts));
	tcase_add_test(tcase, a_chip_left_in_mid_increment_answers);
	tcase_add_test(tcase, the_clock_steps_down_until_reads_agree);
	tcase_add_loop_test(tcase, a_clock_far_below_the_first_is_found, 0, 4);
	tcase_add_test(tcase, a_wrong_chip_name_is_refused);
	tcase_add_test(tcase, an_overridden_size_reads_but_never_writes);
	add_bus_tests(tcase);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
