/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine over every temperament of bus, on the strict model. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/stop.h"
#include "nor/nor.h"
#include "sim.h"

#define MIB (1u << 20)

static struct spi_bus *bus;
static void *sim;
static struct nor *nor;
static struct np_error err;

static void start(struct sim_config *config)
{
	memset(&err, 0, sizeof(err));
	ck_assert_msg(sim_open_bus(config, &bus, &sim, &err) == 0, "%s", err.message);
}

static int identify(void)
{
	struct nor_options options = {0};

	return nor_open(bus, &options, &nor, &err);
}

static void open_chip(struct sim_config *config)
{
	start(config);
	ck_assert_msg(identify() == 0, "%s", err.message);
}

static void open_part(const char *part)
{
	struct sim_config config;

	sim_config_default(&config);
	config.chip.part = part;
	open_chip(&config);
}

static void finish(void)
{
	ck_assert_int_eq(nor_close(nor, &err), 0);
	nor = NULL;
	spi_close(bus);
	bus = NULL;
}

static void close_failed(void)
{
	spi_close(bus);
	bus = NULL;
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static uint8_t *random_bytes(size_t len, uint32_t seed)
{
	uint8_t *bytes = malloc(len);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)next_random(&seed);
	return bytes;
}

static struct nor_piece *pieces_of(const uint8_t *data, uint32_t addr, size_t len, size_t *count)
{
	struct nor_piece *pieces = calloc(len / 256 + 2, sizeof(*pieces));

	*count = 0;
	for (size_t at = 0; at < len;) {
		size_t n = 256 - (addr + at) % 256;

		n = n < len - at ? n : len - at;
		pieces[(*count)++] =
			(struct nor_piece){addr + (uint32_t)at, (uint32_t)n, data + at};
		at += n;
	}
	return pieces;
}

/* Program len bytes at addr, a 64 KiB erase block a call, as the executor does. */
static int program(const uint8_t *data, uint32_t addr, size_t len)
{
	int ret = 0;

	for (size_t at = 0; at < len && !ret; at += 65536) {
		size_t n = len - at < 65536 ? len - at : 65536, count;
		struct nor_piece *pieces = pieces_of(data + at, addr + (uint32_t)at, n, &count);

		ret = nor_program(nor, pieces, count, NULL, NULL, NULL, &err);
		free(pieces);
	}
	return ret;
}

/* ---- who is there ---------------------------------------------------------------------------- */

START_TEST(names_the_two_main_parts)
{
	open_part("W25Q64FV");
	ck_assert_str_eq(nor_info(nor)->name, "W25Q64FV");
	ck_assert_uint_eq(nor_info(nor)->size, 8 * MIB);
	ck_assert_uint_eq(nor_info(nor)->erase_count, 3);
	ck_assert_uint_eq(nor_info(nor)->uid_len, 8);
	ck_assert(nor_info(nor)->has_sfdp);
	finish();
	open_part("EN25QH128A");
	ck_assert_str_eq(nor_info(nor)->name, "EN25QH128A");
	ck_assert_uint_eq(nor_info(nor)->size, 16 * MIB);
	ck_assert_uint_eq(nor_info(nor)->uid_len, 12);
	ck_assert_uint_eq(nor_info(nor)->id_agreed, nor_info(nor)->id_reads);
	finish();
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
	ck_assert_int_eq(norsim_parse_faults(mute->fault, &config.chip.faults, NULL, &err), 0);
	start(&config);
	ck_assert_int_eq(identify(), mute->code);
	ck_assert_ptr_nonnull(strstr(err.message, mute->says));
	ck_assert_str_ne(err.hint, "");
	close_failed();
}
END_TEST

START_TEST(a_shifted_id_is_recognised)
{
	struct sim_config config;

	sim_config_default(&config);
	config.chip.faults.shift_id = 1;
	start(&config);
	ck_assert_int_eq(identify(), NP_E_UNKNOWN_CHIP);
	ck_assert_ptr_nonnull(strstr(err.hint, "shifted"));
	close_failed();
}
END_TEST

static const char *const awkward_starts[] = {"asleep", "wel", "start-busy", "wake=20ms"};

START_TEST(a_chip_found_in_an_odd_state_answers)
{
	struct sim_config config;

	sim_config_default(&config);
	ck_assert_int_eq(norsim_parse_faults(awkward_starts[_i], &config.chip.faults, NULL, &err),
	                 0);
	open_chip(&config);
	ck_assert_str_eq(nor_info(nor)->name, "W25Q64FV");
	if (strcmp(awkward_starts[_i], "start-busy") == 0)
		ck_assert(nor_info(nor)->was_busy);
	finish();
}
END_TEST

START_TEST(the_clock_steps_down_until_reads_agree)
{
	struct sim_config config;

	sim_config_default(&config);
	config.chip.faults.max_hz = 9000000;
	open_chip(&config);
	ck_assert_uint_le(nor_info(nor)->hz, 9000000);
	ck_assert_uint_ge(nor_info(nor)->hz, 4000000);
	ck_assert_uint_gt(nor_info(nor)->hz_tried, nor_info(nor)->hz);
	finish();
}
END_TEST

START_TEST(a_wrong_chip_name_is_refused)
{
	struct nor_options options = {.chip = "EN25QH128A"};
	struct sim_config config;

	sim_config_default(&config);
	start(&config);
	ck_assert_int_eq(nor_open(bus, &options, &nor, &err), NP_E_CHIP_MISMATCH);
	options.chip = "NO-SUCH-PART";
	ck_assert_int_eq(nor_open(bus, &options, &nor, &err), NP_E_USAGE);
	close_failed();
}
END_TEST

START_TEST(an_overridden_size_reads_but_never_writes)
{
	struct nor_options options = {.size_override = 4 * MIB};
	struct sim_config config;
	uint8_t byte = 0;
	struct nor_piece piece = {0, 1, &byte};

	sim_config_default(&config);
	start(&config);
	ck_assert_int_eq(nor_open(bus, &options, &nor, &err), 0);
	ck_assert_int_eq(nor_read(nor, 0, &byte, 1, NULL, NULL, &err), 0);
	ck_assert_int_eq(nor_read(nor, 4 * MIB, &byte, 1, NULL, NULL, &err), NP_E_RANGE);
	ck_assert_int_eq(nor_erase(nor, 0, 0, &err), NP_E_POLICY);
	ck_assert_int_eq(nor_program(nor, &piece, 1, NULL, NULL, NULL, &err), NP_E_POLICY);
	ck_assert_uint_eq(norsim_stats(sim_chip(sim))->erases_4k, 0);
	finish();
}
END_TEST

/* ---- every temperament -------------------------------------------------------------------------
 */

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
	uint8_t *data = random_bytes(len, 7), *back = malloc(len);
	const struct norsim_stats *stats = norsim_stats(sim_chip(sim));

	memset(norsim_mem(sim_chip(sim)), 0x5a, 4 * 65536);
	for (uint64_t at = 0; at < 3 * 65536; at += 65536)
		ck_assert_msg(nor_erase(nor, at, 2, &err) == 0, "%s: %s", fault, err.message);
	ck_assert_msg(program(data, 0x123, len) == 0, "%s: %s", fault, err.message);
	ck_assert_int_eq(nor_read(nor, 0x123, back, len, NULL, NULL, &err), 0);
	ck_assert_mem_eq(back, data, len);
	ck_assert_mem_eq(norsim_mem(sim_chip(sim)) + 0x123, data, len);
	ck_assert_uint_eq(norsim_mem(sim_chip(sim))[3 * 65536], 0x5a);
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
	open_chip(&config);
	erase_and_program("no fault", true);
	finish();
}
END_TEST

START_TEST(exact_on_a_chip_four_times_slower)
{
	struct sim_config config;

	apply(&config, &tempers[_i]);
	config.chip.faults.slow_percent = 400;
	open_chip(&config);
	erase_and_program("slow=400", false);
	finish();
}
END_TEST

START_TEST(crc_equals_reading)
{
	struct sim_config config;
	uint32_t near, far;

	for (int crc = 0; crc < 2; crc++) {
		sim_config_default(&config);
		config.crc = crc;
		open_chip(&config);
		for (size_t i = 0; i < 100000; i++)
			norsim_mem(sim_chip(sim))[i] = (uint8_t)(i * 31 >> 3);
		ck_assert_int_eq(nor_crc(nor, 5, 99990, crc ? &far : &near, &err), 0);
		finish();
	}
	ck_assert_uint_eq(near, far);
}
END_TEST

/* ---- at the speed of the wire
 * -------------------------------------------------------------------- */

static void program_all(struct sim_config *config, uint64_t *bytes)
{
	uint8_t *data = random_bytes(8 * MIB, 3);

	open_chip(config);
	ck_assert_int_eq(program(data, 0, 65536), 0);
	sim_clear_counters(sim);
	ck_assert_int_eq(program(data + 65536, 65536, 8 * MIB - 65536), 0);
	ck_assert_mem_eq(norsim_mem(sim_chip(sim)), data, 8 * MIB);
	ck_assert_uint_eq(norsim_stats(sim_chip(sim))->ignored_busy, 0);
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
	ck_assert_uint_le(sim_counters(sim)->trips * 100, bytes / 65536 * 105);
	/* Write enable, opcode and address, data, one status command and byte; typical program
	 * time. */
	floor_ns = pages * ((1 + 4 + 256 + 2) * (uint64_t)spi_caps(bus)->byte_ns + 700000);
	ck_assert_uint_le(sim_counters(sim)->device_ns, floor_ns + floor_ns * 3 / 100);
	finish();
}
END_TEST

START_TEST(three_messages_per_page_at_depth_one)
{
	struct sim_config config;
	uint64_t bytes;

	sim_config_default(&config);
	config.depth = 1;
	program_all(&config, &bytes);
	ck_assert_uint_le(sim_counters(sim)->messages * 100, bytes / 256 * 305);
	finish();
}
END_TEST

START_TEST(a_whole_read_is_one_run)
{
	uint8_t *back = malloc(8 * MIB);

	open_part("W25Q64FV");
	sim_clear_counters(sim);
	ck_assert_int_eq(nor_read(nor, 0, back, 8 * MIB, NULL, NULL, &err), 0);
	ck_assert_uint_eq(sim_counters(sim)->runs, 1);
	finish();
	free(back);
}
END_TEST

/* ---- every wait ends
 * ------------------------------------------------------------------------------ */

START_TEST(busy_for_ever_is_told_in_bounded_time)
{
	struct sim_config config;
	uint8_t data[256] = {0};
	uint64_t before;

	apply(&config, &tempers[_i]);
	open_chip(&config);
	norsim_faults(sim_chip(sim))->busy_forever = true;
	before = norsim_now(sim_chip(sim));
	ck_assert_int_eq(program(data, 0, 256), NP_E_TIMEOUT);
	ck_assert_str_ne(err.hint, "");
	ck_assert_uint_lt(norsim_now(sim_chip(sim)) - before, UINT64_C(10000000000));
	spi_close(bus);
	nor_close(nor, NULL);
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

	open_part("W25Q64FV");
	ck_assert_int_eq(nor_read(nor, 0, back, 8 * MIB, stop_at_once, NULL, &err),
	                 NP_E_INTERRUPTED);
	ck_assert_uint_lt(norsim_stats(sim_chip(sim))->bytes_read, 4 * MIB);
	finish();
	free(back);
}
END_TEST

START_TEST(the_second_stop_ends_at_the_page)
{
	uint8_t *data = random_bytes(65536, 9);
	size_t count, done = 0;
	struct nor_piece *pieces = pieces_of(data, 0, 65536, &count);

	open_part("W25Q64FV");
	np_stop_request();
	np_stop_request();
	ck_assert_int_eq(nor_program(nor, pieces, count, &done, NULL, NULL, &err),
	                 NP_E_INTERRUPTED);
	np_stop_clear();
	ck_assert_uint_lt(done, count);
	ck_assert_mem_eq(norsim_mem(sim_chip(sim)), data, done * 256);
	ck_assert_uint_eq(norsim_busy_left(sim_chip(sim)), 0);
	finish();
	free(pieces);
	free(data);
}
END_TEST

/* ---- protection
 * ------------------------------------------------------------------------------------ */

static const char *const protected_parts[] = {"W25Q64FV", "EN25QH128A"};

START_TEST(protection_is_lifted_and_put_back)
{
	struct np_range half, top;
	struct nor_protection p;
	struct nor_options options = {0};
	uint64_t size;

	open_part(protected_parts[_i]);
	size = nor_info(nor)->size;
	top = (struct np_range){size - 65536, 65536};
	half = (struct np_range){size / 2, size / 2};
	ck_assert_msg(nor_protection_set(nor, half, &err) == 0, "%s (%s)", err.message, err.hint);
	ck_assert_int_eq(nor_protection_read(nor, &p, &err), 0);
	ck_assert_uint_eq(p.ranges[0].start, half.start);
	ck_assert_uint_eq(p.ranges[0].len, half.len);
	ck_assert_int_eq(nor_protection_lift(nor, top, &err), 0);
	norsim_mem(sim_chip(sim))[top.start] = 0;
	ck_assert_int_eq(nor_erase(nor, top.start, 0, &err), 0);
	ck_assert_uint_eq(norsim_mem(sim_chip(sim))[top.start], 0xff);
	ck_assert_int_eq(nor_close(nor, &err), 0);
	ck_assert_int_eq(nor_open(bus, &options, &nor, &err), 0);
	ck_assert_int_eq(nor_protection_read(nor, &p, &err), 0);
	ck_assert_uint_eq(p.range_count, 1);
	ck_assert_uint_eq(p.ranges[0].start, half.start);
	ck_assert_uint_eq(norsim_stats(sim_chip(sim))->ignored_busy, 0);
	finish();
}
END_TEST

START_TEST(what_is_not_protected_is_not_touched)
{
	struct np_range bottom = {0, 65536};
	struct np_range top = {4 * MIB, 4 * MIB};
	uint64_t writes;

	open_part("W25Q64FV");
	ck_assert_int_eq(nor_protection_set(nor, top, &err), 0);
	writes = norsim_stats(sim_chip(sim))->sr_writes_nv +
	         norsim_stats(sim_chip(sim))->sr_writes_volatile;
	ck_assert_int_eq(nor_protection_lift(nor, bottom, &err), 0);
	ck_assert_uint_eq(norsim_stats(sim_chip(sim))->sr_writes_nv +
	                          norsim_stats(sim_chip(sim))->sr_writes_volatile,
	                  writes);
	finish();
}
END_TEST

START_TEST(quad_enable_survives_every_status_write)
{
	struct np_range half = {4 * MIB, 4 * MIB};
	uint8_t sr2 = 0;
	uint8_t both[2] = {0x00, 0x02};
	struct spi_msg msgs[2] = {
		{.cmd = {0x06}, .cmd_len = 1},
		{.cmd = {0x01}, .cmd_len = 1, .tx = both, .tx_len = 2, .pause_us = 20000}};
	struct spi_msg get = {.cmd = {0x35}, .cmd_len = 1, .rx = &sr2, .rx_len = 1};

	open_part("W25Q64FV");
	ck_assert_int_eq(spi_run(bus, msgs, 2, NULL, NULL, NULL, &err), 0);
	ck_assert_int_eq(nor_protection_set(nor, half, &err), 0);
	ck_assert_int_eq(nor_protection_lift(nor, half, &err), 0);
	ck_assert_int_eq(nor_protection_restore(nor, &err), 0);
	ck_assert_int_eq(spi_run(bus, &get, 1, NULL, NULL, NULL, &err), 0);
	ck_assert_uint_eq(sr2 & 0x02, 0x02);
	finish();
}
END_TEST

START_TEST(protection_that_does_not_yield_is_refused)
{
	struct np_range all = {0, 8 * MIB};

	open_part("W25Q64FV");
	ck_assert_int_eq(nor_protection_set(nor, all, &err), 0);
	norsim_faults(sim_chip(sim))->stubborn = true;
	ck_assert_int_eq(nor_protection_lift(nor, all, &err), NP_E_PROTECTED);
	ck_assert_ptr_nonnull(strstr(err.hint, "WP#"));
	finish();
}
END_TEST

START_TEST(a_range_the_part_cannot_protect_names_the_nearest)
{
	struct np_range odd = {0x1000, 0x1000};

	open_part("W25Q64FV");
	ck_assert_int_eq(nor_protection_set(nor, odd, &err), NP_E_RANGE);
	ck_assert_ptr_nonnull(strstr(err.hint, "0x000000"));
	finish();
}
END_TEST

/* ---- the awkward parts
 * -------------------------------------------------------------------------------- */

static const char *const awkward_parts[] = {
	"W25Q64JV", "W25Q128FV", "W25Q128JV",  "W25Q256FV",  "W25Q256JV",   "W25Q32FV",
	"GD25Q64C", "GD25Q128C", "MX25L6433F", "MX25L6405D", "MX25L25635F", "EN25Q64",
	"EN25QH64", "EN25QH64A", "S25FL128S",  "N25Q128",
};

START_TEST(awkward_parts_erase_and_program_to_their_last_byte)
{
	size_t len = 3000, level = 0;
	uint8_t *data = random_bytes(len, 11);
	uint64_t addr, block;
	uint8_t *mem;

	open_part(awkward_parts[_i]);
	mem = norsim_mem(sim_chip(sim));
	ck_assert_uint_eq(nor_info(nor)->size, norsim_size(sim_chip(sim)));
	level = nor_info(nor)->erase_count - 1;
	block = nor_info(nor)->erase[level].size;
	addr = nor_info(nor)->size - block;
	memset(mem + addr, 0, block);
	mem[addr - 1] = 0x42;
	ck_assert_msg(nor_erase(nor, addr, level, &err) == 0, "%s", err.message);
	ck_assert_msg(program(data, (uint32_t)(nor_info(nor)->size - len), len) == 0, "%s",
	              err.message);
	ck_assert_mem_eq(mem + nor_info(nor)->size - len, data, len);
	ck_assert_uint_eq(mem[addr], 0xff);
	ck_assert_uint_eq(mem[addr - 1], 0x42);
	ck_assert_uint_eq(norsim_stats(sim_chip(sim))->ignored_busy, 0);
	finish();
	free(data);
}
END_TEST

START_TEST(an_unknown_part_is_driven_from_its_sfdp)
{
	uint8_t data[256] = {1, 2, 3};

	open_part("TEST-SFDP");
	ck_assert_ptr_nonnull(strstr(nor_info(nor)->name, "SFDP"));
	ck_assert_int_eq(nor_erase(nor, 0, 0, &err), 0);
	ck_assert_int_eq(program(data, 0, 256), 0);
	ck_assert_mem_eq(norsim_mem(sim_chip(sim)), data, 256);
	finish();
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static void add_bus_tests(TCase *tcase)
{
	tcase_add_loop_test(tcase, exact_over_every_bus, 0, COUNT(tempers));
	tcase_add_loop_test(tcase, exact_on_a_chip_four_times_slower, 0, COUNT(tempers));
	tcase_add_test(tcase, crc_equals_reading);
	tcase_add_test(tcase, one_round_trip_per_erase_block);
	tcase_add_test(tcase, three_messages_per_page_at_depth_one);
	tcase_add_test(tcase, a_whole_read_is_one_run);
	tcase_add_loop_test(tcase, busy_for_ever_is_told_in_bounded_time, 0, COUNT(tempers));
	tcase_add_test(tcase, a_read_stops_on_request);
	tcase_add_test(tcase, the_second_stop_ends_at_the_page);
}

static void add_chip_tests(TCase *tcase)
{
	tcase_add_loop_test(tcase, protection_is_lifted_and_put_back, 0, COUNT(protected_parts));
	tcase_add_test(tcase, what_is_not_protected_is_not_touched);
	tcase_add_test(tcase, quad_enable_survives_every_status_write);
	tcase_add_test(tcase, protection_that_does_not_yield_is_refused);
	tcase_add_test(tcase, a_range_the_part_cannot_protect_names_the_nearest);
	tcase_add_loop_test(tcase, awkward_parts_erase_and_program_to_their_last_byte, 0,
	                    COUNT(awkward_parts));
	tcase_add_test(tcase, an_unknown_part_is_driven_from_its_sfdp);
}

int main(void)
{
	Suite *suite = suite_create("nor");
	TCase *tcase = tcase_create("engine");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, names_the_two_main_parts);
	tcase_add_loop_test(tcase, each_bad_contact_is_named, 0, COUNT(mutes));
	tcase_add_test(tcase, a_shifted_id_is_recognised);
	tcase_add_loop_test(tcase, a_chip_found_in_an_odd_state_answers, 0, COUNT(awkward_starts));
	tcase_add_test(tcase, the_clock_steps_down_until_reads_agree);
	tcase_add_test(tcase, a_wrong_chip_name_is_refused);
	tcase_add_test(tcase, an_overridden_size_reads_but_never_writes);
	add_bus_tests(tcase);
	add_chip_tests(tcase);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
