/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A part beyond 16 MiB that is not driven by native 4-byte opcodes forgets its address mode or bank
 * when its supply sags. Whenever that happens, no other block may be touched and no wrong address
 * read twice.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "chip/chipdb.h"
#include "sim/norsim_int.h"
#include "support/engine.h"
#include "support/rig.h"
#include "support/suite.h"

#define BLOCK 0x10000u
#define AT    0x1230000u /* the block in work, beyond 16 MiB */
#define PAGES 6u

static const struct {
	const char *model, *parts_file;
	enum nor_addr4 by;
} ways[] = {
	{"W25Q256FV", NULL, NOR_ADDR4_ENTER_WE},
	{"MX25L25635F", NULL, NOR_ADDR4_ENTER},
	{"W25Q256FV", NULL, NOR_ADDR4_BANK},
	{"S25FL256Sxxxxxx0", "tests/data/parts.txt", NOR_ADDR4_BRWR},
};

static struct nor_chip row;
static uint8_t *before, *data;
static size_t level;

static struct norsim *chip(void)
{
	return sim_chip(engine.sim);
}

/* The part as a row that knows only this way to reach beyond 16 MiB. */
static void start_way(int way, enum nor_addr4 by, struct sim_config *config)
{
	row = *chipdb_by_name(ways[way].model, NULL, 0);
	row.addr4 = by;
	row.match = (struct nor_match){0};
	row.flags |= NOR_F_BAD_SFDP;
	config->chip.part = ways[way].model;
	config->chip.parts_file = ways[way].parts_file;
	engine_start(config);
}

static int identify_way(void)
{
	struct nor_options options = {.extra = &row, .extra_count = 1};

	return nor_open(engine.bus, &options, &engine.nor, &engine.err);
}

static void open_way_on(int way, struct sim_config *config)
{
	start_way(way, ways[way].by, config);
	ck_assert_msg(identify_way() == 0, "%s", engine.err.message);
	ck_assert_int_eq(nor_info(engine.nor)->chip->addr4, ways[way].by);
	for (level = 0; nor_info(engine.nor)->erase[level].size != BLOCK; level++)
		ck_assert_uint_lt(level, nor_info(engine.nor)->erase_count);
	before = malloc(norsim_size(chip()));
	rig_noise(before, norsim_size(chip()), 11);
	data = engine_random(PAGES * 256, 12);
	memcpy(norsim_mem(chip()), before, norsim_size(chip()));
}

static void open_way(int way)
{
	struct sim_config config;

	sim_config_default(&config);
	open_way_on(way, &config);
}

static void close_way(void)
{
	free(before);
	free(data);
	engine_finish();
}

static void others_are_untouched(int way, uint64_t clock)
{
	const uint8_t *mem = norsim_mem(chip());
	size_t size = norsim_size(chip());

	for (size_t at = 0; at < size; at += BLOCK)
		if (at != AT && memcmp(mem + at, before + at, BLOCK) != 0)
			ck_abort_msg("way %d, reset at clock %llu or before: block 0x%zx changed",
			             way, (unsigned long long)clock, at);
}

static void erase(void)
{
	nor_erase(engine.nor, AT, level, &engine.err);
}

static void program(void)
{
	engine_program(data, AT + 256, PAGES * 256);
}

/* The work with a reset at every clock of it, up to `most` tries. What it does to other blocks stays, so all of them
 * are looked at now and then, and at the end. */
static void reset_everywhere(int way, void (*work)(void), unsigned most)
{
	uint64_t clocks = norsim_stats(chip())->clocks, step;
	unsigned tries = 0;

	work();
	clocks = norsim_stats(chip())->clocks - clocks;
	step = clocks / most + 1;
	for (uint64_t at = 1; at < clocks; at += step) {
		memcpy(norsim_mem(chip()) + AT, before + AT, BLOCK);
		norsim_faults(chip())->reset_at_clock = norsim_stats(chip())->clocks + at;
		work();
		if (++tries % 32 == 0)
			others_are_untouched(way, at);
		/* What the next one begins with. */
		norsim_time(chip(), 1000000000);
	}
	others_are_untouched(way, clocks);
}

START_TEST(no_other_block_is_erased)
{
	open_way(_i);
	reset_everywhere(_i, erase, 150);
	close_way();
}
END_TEST

START_TEST(no_other_block_is_programmed)
{
	open_way(_i);
	reset_everywhere(_i, program, 250);
	close_way();
}
END_TEST

static void reset_now(void)
{
	uint8_t sr[2];
	struct spi_msg msg = {.cmd = {0x05}, .cmd_len = 1, .rx = sr, .rx_len = 2};

	norsim_faults(chip())->reset_at_clock = norsim_stats(chip())->clocks + 4;
	ck_assert_int_eq(spi_run(engine.bus, &msg, 1, NULL, NULL, NULL, &engine.err), 0);
	norsim_time(chip(), 1000000);
	ck_assert_uint_eq(norsim_faults(chip())->reset_at_clock, 0);
}

/* Else a second read would repeat the wrong answer, and a vote believe it. */
START_TEST(what_is_read_after_a_reset_is_right)
{
	static const uint32_t spots[] = {0x1000, AT, AT + 0x800};
	uint8_t buf[3 * 256];
	uint32_t crc = 0, again = 1;

	open_way(_i);
	ck_assert_int_eq(nor_crc(engine.nor, AT, 5000, &crc, &engine.err), 0);
	reset_now();
	ck_assert_int_eq(nor_read(engine.nor, AT, buf, 256, NULL, NULL, &engine.err), 0);
	ck_assert_mem_eq(buf, before + AT, 256);
	reset_now();
	ck_assert_int_eq(nor_read_spots(engine.nor, spots, 3, 256, buf, &engine.err), 0);
	for (size_t i = 0; i < 3; i++)
		ck_assert_mem_eq(buf + i * 256, before + spots[i], 256);
	reset_now();
	ck_assert_int_eq(nor_crc(engine.nor, AT, 5000, &again, &engine.err), 0);
	ck_assert_uint_eq(crc, again);
	ck_assert_uint_eq(norsim_stats(chip())->ignored_latch, 0);
	close_way();
}
END_TEST

START_TEST(a_read_may_cross_banks)
{
	uint8_t *buf = malloc(0x3000);

	open_way(_i);
	ck_assert_int_eq(nor_read(engine.nor, 0xffe800, buf, 0x3000, NULL, NULL, &engine.err), 0);
	ck_assert_mem_eq(buf, before + 0xffe800, 0x3000);
	close_way();
	free(buf);
}
END_TEST

static const struct {
	uint32_t depth, max_queue;
	bool until;
} buses[] = {{1, 1, false}, {1, 64, false}, {32, 4, false}, {32, 7, false}, {32, 4096, true}};

START_TEST(exact_over_every_bus)
{
	const struct norsim_stats *stats;
	struct sim_config config;

	sim_config_default(&config);
	config.depth = buses[_i / COUNT(ways)].depth;
	config.max_queue = buses[_i / COUNT(ways)].max_queue;
	config.until = buses[_i / COUNT(ways)].until;
	open_way_on(_i % COUNT(ways), &config);
	stats = norsim_stats(chip());
	ck_assert_int_eq(nor_erase(engine.nor, AT, level, &engine.err), 0);
	ck_assert_int_eq(engine_program(data, AT + 256, PAGES * 256), 0);
	ck_assert_mem_eq(norsim_mem(chip()) + AT + 256, data, PAGES * 256);
	others_are_untouched(_i % COUNT(ways), 0);
	ck_assert_uint_eq(stats->ignored_latch + stats->ignored_busy + stats->malformed, 0);
	close_way();
}
END_TEST

/* Rows that are wrong about the part are found out before anything is read. */
START_TEST(a_mode_that_is_not_taken_is_noticed)
{
	bool mode = _i == 0; /* needs 06h in front of B7h; or has no C5h */
	struct sim_config config;

	sim_config_default(&config);
	start_way(mode ? 0 : 3, mode ? NOR_ADDR4_ENTER : NOR_ADDR4_BANK, &config);
	row.addr4_bit = mode ? NOR_BIT(3, 0) : NOR_NO_BIT;
	ck_assert_int_eq(identify_way(), NP_E_UNKNOWN_CHIP);
	ck_assert_ptr_nonnull(strstr(engine.err.message, "did not take"));
	ck_assert_ptr_nonnull(strstr(engine.err.hint, "--chips"));
	engine_close_failed();
}
END_TEST

/* ---- put back ---- */

static void leave(bool mode)
{
	ck_assert_int_eq(nor_close(engine.nor, &engine.err), 0);
	ck_assert_uint_eq(chip()->ext_addr, 0);
	ck_assert_int_eq(chip()->mode_4byte, mode);
	ck_assert(!chip()->wel);
	spi_close(engine.bus);
	free(before);
	free(data);
}

START_TEST(mode_and_bank_are_put_back)
{
	open_way(_i);
	erase();
	ck_assert(chip()->mode_4byte || chip()->ext_addr == 1);
	leave(false);
}
END_TEST

/* Identification that fails when the mode is on already: no clock reads the same twice. */
START_TEST(mode_and_bank_are_put_back_after_a_failed_start)
{
	struct sim_config config;

	sim_config_default(&config);
	config.chip.faults.weak_page_addr_plus1 = 1;
	start_way(_i, ways[_i].by, &config);
	ck_assert_int_eq(identify_way(), NP_E_UNSTABLE);
	ck_assert_uint_eq(chip()->ext_addr, 0);
	ck_assert(!chip()->mode_4byte);
	engine_close_failed();
}
END_TEST

/* A chip that cannot be reset, in the mode that somebody wants it in. */
START_TEST(a_mode_that_was_found_is_left_alone)
{
	struct sim_config config;

	sim_config_default(&config);
	config.chip.faults.start_4byte = true;
	start_way(0, NOR_ADDR4_ENTER_WE, &config);
	row.addr4_bit = NOR_BIT(3, 0);
	row.flags |= NOR_F_NO_RESET;
	ck_assert_msg(identify_way() == 0, "%s", engine.err.message);
	before = data = NULL;
	leave(true);
}
END_TEST

/* The table's own rows know where to look: one that powers up in the mode is left in it. */
START_TEST(rows_tell_where_the_mode_is_read)
{
	static const struct {
		const char *part;
		const char *file;
	} parts[] = {{"W25Q256FV", NULL}, {"N25Q256A13", "tests/data/parts.txt"}};

	for (size_t on = 0; on < 2; on++) {
		struct sim_config config;

		sim_config_default(&config);
		config.chip.part = parts[_i].part;
		config.chip.parts_file = parts[_i].file;
		engine_start(&config);
		ck_assert_int_eq(
			nor_open(engine.bus, &(struct nor_options){0}, &engine.nor, &engine.err),
			0);
		ck_assert_int_eq(nor_close(engine.nor, &engine.err), 0);
		chip()->mode_4byte = on;
		ck_assert_msg(nor_open(engine.bus, &(struct nor_options){.chip = parts[_i].part},
		                       &engine.nor, &engine.err) == 0,
		              "%s", engine.err.message);
		before = data = NULL;
		leave(on);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_reset");
	TCase *tcase = tcase_create("reset");

	tcase_add_loop_test(tcase, no_other_block_is_erased, 0, COUNT(ways));
	tcase_add_loop_test(tcase, no_other_block_is_programmed, 0, COUNT(ways));
	tcase_add_loop_test(tcase, what_is_read_after_a_reset_is_right, 0, COUNT(ways));
	tcase_add_loop_test(tcase, a_read_may_cross_banks, 0, COUNT(ways));
	tcase_add_loop_test(tcase, exact_over_every_bus, 0, COUNT(ways) * COUNT(buses));
	tcase_add_loop_test(tcase, a_mode_that_is_not_taken_is_noticed, 0, 2);
	tcase_add_loop_test(tcase, mode_and_bank_are_put_back, 0, COUNT(ways));
	tcase_add_loop_test(tcase, mode_and_bank_are_put_back_after_a_failed_start, 0, COUNT(ways));
	tcase_add_test(tcase, a_mode_that_was_found_is_left_alone);
	tcase_add_loop_test(tcase, rows_tell_where_the_mode_is_read, 0, 2);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
