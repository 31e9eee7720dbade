/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: norsim_die.c */
/*
 * Stacks whose dies C2h selects: told from one die with the same ID, addressed as one chip, and
 * never written in the wrong die, whenever the chip resets.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/norsim_int.h"
#include "support/engine.h"
#include "support/frames.h"
#include "support/rig.h"
#include "support/suite.h"

#define PARTS "tests/data/parts.txt"
#define BLOCK 0x10000u

static const char *const stacks[] = {"W25M512JV", "W25M512JW", "W25M256JV", "GD25S512MD"};

static uint8_t *before;

static struct norsim *chip(void)
{
	return sim_chip(engine.sim);
}

static int identify(const char *part, const char *named)
{
	struct nor_options options = {.chip = named};
	struct sim_config config;

	sim_config_default(&config);
	config.chip.part = part;
	config.chip.parts_file = PARTS;
	engine_start(&config);
	return nor_open(engine.bus, &options, &engine.nor, &engine.err);
}

static uint32_t die_size(void)
{
	return chip()->part->die;
}

static void open_stack(int i)
{
	ck_assert_msg(identify(stacks[i], NULL) == 0, "%s: %s", stacks[i], engine.err.message);
	before = malloc(norsim_size(chip()));
	rig_noise(before, norsim_size(chip()), 7);
	memcpy(norsim_mem(chip()), before, norsim_size(chip()));
}

static void close_stack(void)
{
	ck_assert_uint_eq(norsim_stats(chip())->ignored_busy, 0);
	ck_assert_uint_eq(norsim_stats(chip())->unknown, 0);
	ck_assert_int_eq(nor_close(engine.nor, &engine.err), 0);
	ck_assert_uint_eq(chip()->die, 0);
	ck_assert(!chip()->wel);
	spi_close(engine.bus);
	free(before);
}

static void only_changed(uint32_t from, uint32_t len)
{
	const uint8_t *mem = norsim_mem(chip());

	for (uint32_t at = 0; at < norsim_size(chip()); at += BLOCK)
		if ((at < from || at >= from + len) && memcmp(mem + at, before + at, BLOCK) != 0)
			ck_abort_msg("block 0x%x changed", at);
}

START_TEST(the_whole_stack_is_one_chip)
{
	const uint8_t *uid;
	uint8_t *back;

	open_stack(_i);
	ck_assert_str_eq(nor_info(engine.nor)->name, stacks[_i]);
	ck_assert_uint_eq(nor_info(engine.nor)->size, 2 * die_size());
	uid = nor_info(engine.nor)->uid;
	ck_assert_mem_eq(uid, chip()->uid, nor_info(engine.nor)->uid_len);
	back = malloc(norsim_size(chip()));
	ck_assert_int_eq(
		nor_read(engine.nor, 0, back, norsim_size(chip()), NULL, NULL, &engine.err), 0);
	ck_assert_mem_eq(back, before, norsim_size(chip()));
	free(back);
	close_stack();
}
END_TEST

/* One die with that ID is not taken for two, and a name that is not true of it is refused. */
START_TEST(one_die_is_no_stack)
{
	static const char *const singles[] = {"GD25Q256D", "GD25Q256E", "GD25Q256C"};

	ck_assert_msg(identify(singles[_i], NULL) == 0, "%s", engine.err.message);
	ck_assert_uint_eq(nor_info(engine.nor)->size, norsim_size(chip()));
	ck_assert_ptr_null(strstr(nor_info(engine.nor)->name, "GD25S"));
	ck_assert(!chip()->wel);
	engine_finish();
	ck_assert_int_eq(identify(singles[_i], "GD25S512MD"), NP_E_CHIP_MISMATCH);
	ck_assert_ptr_nonnull(strstr(engine.err.message, "second die does not answer"));
	engine_close_failed();
}
END_TEST

START_TEST(half_a_stack_is_refused_by_name)
{
	ck_assert_int_eq(identify("GD25S512MD", "GD25Q256D"), NP_E_CHIP_MISMATCH);
	ck_assert_ptr_nonnull(strstr(engine.err.message, "stack of two dies"));
	engine_close_failed();
	ck_assert_int_eq(identify("GD25S512MD", "GD25S512MD"), 0);
	ck_assert_uint_eq(nor_info(engine.nor)->size, 64 * MIB);
	engine_finish();
}
END_TEST

START_TEST(both_dies_are_written)
{
	uint8_t *data = engine_random(2 * BLOCK, 3);
	uint32_t at;

	open_stack(_i);
	at = die_size() - BLOCK;
	for (size_t level = 0; level < nor_info(engine.nor)->erase_count; level++)
		for (uint32_t a = at; a < at + 2 * BLOCK;
		     a += nor_info(engine.nor)->erase[level].size)
			ck_assert_int_eq(nor_erase(engine.nor, a, level, &engine.err), 0);
	ck_assert_int_eq(engine_program(data, at, 2 * BLOCK), 0);
	ck_assert_mem_eq(norsim_mem(chip()) + at, data, 2 * BLOCK);
	only_changed(at, 2 * BLOCK);
	ck_assert_int_eq(nor_erase_chip(engine.nor, &engine.err), 0);
	ck_assert(all_ff(norsim_mem(chip()), norsim_size(chip())));
	ck_assert_uint_eq(norsim_stats(chip())->ignored_latch + norsim_stats(chip())->malformed, 0);
	close_stack();
	free(data);
}
END_TEST

/* ---- resets ---- */

static uint32_t work_at;
static uint8_t *work_data;

static void erase_block(void)
{
	size_t level = nor_info(engine.nor)->erase_count - 1;

	nor_erase(engine.nor, work_at, level, &engine.err);
}

static void program_pages(void)
{
	engine_program(work_data, work_at + 256, 6 * 256);
}

/* The first die's registers are not to change when the second one's are. */
static void protect(void)
{
	uint64_t size = nor_info(engine.nor)->size;

	nor_protection_set(engine.nor, (struct np_range){size * 3 / 4, size / 4}, &engine.err);
	ck_assert_uint_eq(norsim_die_regs(chip(), 0)[NR_SR1], 0);
	nor_protection_lift(engine.nor, (struct np_range){0, size}, &engine.err);
	nor_protection_restore(engine.nor, &engine.err);
	ck_assert_uint_eq(norsim_die_regs(chip(), 0)[NR_SR1], 0);
	nor_protection_set(engine.nor, (struct np_range){0, 0}, &engine.err);
}

/* The work, with a reset at about 200 clocks of it. What it does to other blocks stays, so all of them are looked at
 * now and then, and at the end. */
static void reset_everywhere(void (*work)(void))
{
	uint64_t clocks = norsim_stats(chip())->clocks, step;
	unsigned tries = 0;

	work();
	clocks = norsim_stats(chip())->clocks - clocks;
	step = clocks / 200 + 1;
	for (uint64_t at = 1; at < clocks; at += step) {
		memcpy(norsim_mem(chip()) + work_at, before + work_at, BLOCK);
		norsim_faults(chip())->reset_at_clock = norsim_stats(chip())->clocks + at;
		work();
		if (++tries % 32 == 0)
			only_changed(work_at, BLOCK);
		norsim_time(chip(), 2000000000);
	}
	only_changed(work_at, BLOCK);
	norsim_faults(chip())->reset_at_clock = 0;
}

START_TEST(a_reset_never_moves_work_into_the_other_die)
{
	void (*const works[])(void) = {erase_block, program_pages, protect};

	work_data = engine_random(6 * 256, 12);
	open_stack(_i / 3);
	work_at = die_size() + 3 * BLOCK;
	reset_everywhere(works[_i % 3]);
	ck_assert_int_eq(nor_close(engine.nor, &engine.err), 0);
	spi_close(engine.bus);
	free(before);
	free(work_data);
}
END_TEST

static void reset_now(void)
{
	uint8_t sr[2];
	struct spi_msg msg = {.cmd = {0x05}, .cmd_len = 1, .rx = sr, .rx_len = 2};

	norsim_faults(chip())->reset_at_clock = norsim_stats(chip())->clocks + 4;
	ck_assert_int_eq(spi_run(engine.bus, &msg, 1, NULL, NULL, NULL, &engine.err), 0);
	norsim_time(chip(), 1000000);
}

START_TEST(what_is_read_after_a_reset_is_right)
{
	uint32_t spots[4];
	uint8_t buf[4 * 64];
	uint32_t crc = 0, again = 1;

	open_stack(_i);
	spots[0] = 0x1000;
	spots[1] = die_size() - 64;
	spots[2] = die_size();
	spots[3] = die_size() + 0x5000;
	ck_assert_int_eq(nor_crc(engine.nor, spots[3], 5000, &crc, &engine.err), 0);
	reset_now();
	ck_assert_int_eq(nor_crc(engine.nor, spots[3], 5000, &again, &engine.err), 0);
	ck_assert_uint_eq(crc, again);
	reset_now();
	ck_assert_int_eq(nor_read(engine.nor, spots[3], buf, 64, NULL, NULL, &engine.err), 0);
	ck_assert_mem_eq(buf, before + spots[3], 64);
	reset_now();
	ck_assert_int_eq(nor_read_spots(engine.nor, spots, 4, 64, buf, &engine.err), 0);
	for (size_t i = 0; i < 4; i++)
		ck_assert_mem_eq(buf + 64 * i, before + spots[i], 64);
	close_stack();
}
END_TEST

static const struct {
	uint32_t depth, max_queue;
	bool until;
} buses[] = {{1, 1, false}, {1, 64, false}, {32, 4, false}, {32, 5, false}, {32, 4096, true}};

START_TEST(exact_over_every_bus)
{
	uint8_t *data = engine_random(2 * BLOCK, 5), *back = malloc(2 * BLOCK);
	struct sim_config config;
	uint32_t at;

	sim_config_default(&config);
	config.chip.part = "GD25S512MD";
	config.chip.parts_file = PARTS;
	config.depth = buses[_i].depth;
	config.max_queue = buses[_i].max_queue;
	config.until = buses[_i].until;
	engine_start(&config);
	ck_assert_int_eq(nor_open(engine.bus, &(struct nor_options){0}, &engine.nor, &engine.err),
	                 0);
	at = die_size() - BLOCK;
	ck_assert_int_eq(engine_program(data, at, 2 * BLOCK), 0);
	ck_assert_mem_eq(norsim_mem(chip()) + at, data, 2 * BLOCK);
	ck_assert_int_eq(nor_read(engine.nor, at, back, 2 * BLOCK, NULL, NULL, &engine.err), 0);
	ck_assert_mem_eq(back, data, 2 * BLOCK);
	engine_finish();
	free(data);
	free(back);
}
END_TEST

/* ---- protection ---- */

static bool is_protected(uint32_t addr)
{
	return norsim_protected(chip(), addr, 1);
}

START_TEST(protection_is_of_each_die)
{
	struct nor_protection p;
	uint8_t sr1[2];
	uint64_t size;

	open_stack(_i);
	size = nor_info(engine.nor)->size;
	/* The upper half of the second die alone. */
	ck_assert_msg(nor_protection_set(engine.nor, (struct np_range){size * 3 / 4, size / 4},
	                                 &engine.err) == 0,
	              "%s", engine.err.message);
	ck_assert(!is_protected(0) && !is_protected(die_size() - 1) && !is_protected(die_size()));
	ck_assert(is_protected((uint32_t)size - 1) && is_protected((uint32_t)size * 3 / 4));
	ck_assert_int_eq(nor_protection_read(engine.nor, &p, &engine.err), 0);
	ck_assert(p.known);
	ck_assert_uint_eq(p.range_count, 1);
	ck_assert_uint_eq(p.ranges[0].start, size * 3 / 4);
	ck_assert_uint_eq(p.ranges[0].len, size / 4);
	/* A job in the first die has nothing to lift; one in the second lifts and puts back. */
	ck_assert_int_eq(nor_protection_lift(engine.nor, (struct np_range){0, BLOCK}, &engine.err),
	                 0);
	ck_assert(is_protected((uint32_t)size - 1));
	ck_assert_int_eq(nor_protection_lift(engine.nor, (struct np_range){size - BLOCK, BLOCK},
	                                     &engine.err),
	                 0);
	ck_assert(!is_protected((uint32_t)size - 1));
	ck_assert_int_eq(nor_protection_restore(engine.nor, &engine.err), 0);
	ck_assert(is_protected((uint32_t)size - 1) && !is_protected(die_size() - 1));
	/* All of it is all of both. */
	ck_assert_int_eq(nor_protection_set(engine.nor, (struct np_range){0, size}, &engine.err),
	                 0);
	sr1[0] = norsim_die_regs(chip(), 0)[NR_SR1];
	sr1[1] = norsim_die_regs(chip(), die_size())[NR_SR1];
	ck_assert(is_protected(0) && is_protected((uint32_t)size - 1));
	ck_assert_int_eq(nor_protection_read(engine.nor, &p, &engine.err), 0);
	ck_assert_uint_eq(p.range_count, 1);
	ck_assert_uint_eq(p.ranges[0].len, size);
	/* What no die can express changes nothing. */
	ck_assert_int_eq(
		nor_protection_set(engine.nor, (struct np_range){0x3000, 0x5000}, &engine.err),
		NP_E_RANGE);
	ck_assert_uint_eq(norsim_die_regs(chip(), 0)[NR_SR1], sr1[0]);
	ck_assert_uint_eq(norsim_die_regs(chip(), die_size())[NR_SR1], sr1[1]);
	ck_assert_int_eq(nor_protection_set(engine.nor, (struct np_range){0, 0}, &engine.err), 0);
	ck_assert(!is_protected(0) && !is_protected((uint32_t)size - 1));
	close_stack();
}
END_TEST

/* ---- a NAND beside it ---- */

START_TEST(a_nand_in_the_package_is_told)
{
	ck_assert_msg(identify("W25M121AW", NULL) == 0, "%s", engine.err.message);
	ck_assert_ptr_nonnull(nor_info(engine.nor)->other_die);
	ck_assert_ptr_nonnull(strstr(nor_info(engine.nor)->other_die, "NAND"));
	ck_assert_uint_eq(chip()->die, 0);
	engine_finish();
	ck_assert_int_eq(identify("W25Q128JW", NULL), 0);
	ck_assert_ptr_null(nor_info(engine.nor)->other_die);
	engine_finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_dies");
	TCase *tcase = tcase_create("dies");

	tcase_add_loop_test(tcase, the_whole_stack_is_one_chip, 0, COUNT(stacks));
	tcase_add_loop_test(tcase, one_die_is_no_stack, 0, 3);
	tcase_add_test(tcase, half_a_stack_is_refused_by_name);
	tcase_add_loop_test(tcase, both_dies_are_written, 0, COUNT(stacks));
	tcase_add_loop_test(tcase, a_reset_never_moves_work_into_the_other_die, 0,
	                    3 * COUNT(stacks));
	tcase_add_loop_test(tcase, what_is_read_after_a_reset_is_right, 0, COUNT(stacks));
	tcase_add_loop_test(tcase, exact_over_every_bus, 0, COUNT(buses));
	tcase_add_loop_test(tcase, protection_is_of_each_die, 0, COUNT(stacks));
	tcase_add_test(tcase, a_nand_in_the_package_is_told);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
