/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sets single parts apart, beyond what is asked of every row: READ and its clock, page sizes,
 * Spansion's error bits and Micron's flags. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/norsim_int.h"
#include "support/engine.h"
#include "support/suite.h"

#define PARTS "tests/data/parts.txt"

static struct norsim *chip(void)
{
	return sim_chip(engine.sim);
}

static void open_described(const char *part, const char *file)
{
	struct sim_config config;

	sim_config_default(&config);
	config.chip.part = part;
	config.chip.parts_file = file;
	engine_open(&config);
	norsim_clear_stats(chip());
}

/* ---- READ is not for every clock ---- */

static const struct {
	const char *part;
	uint32_t hz;
	uint64_t clocks; /* of reading 256 bytes */
} reads[] = {
	{"W25Q64FV", 20000000, 8 * (4 + 256)},
	{"W25Q64FV", 80000000, 8 * (5 + 256)},
	{"S25FL256Sxxxxxx0", 20000000, 8 * (5 + 256)},
	{"S25FL256Sxxxxxx0", 80000000, 8 * (6 + 256)},
};

START_TEST(a_fast_clock_takes_a_dummy_byte)
{
	struct sim_config config;
	uint8_t back[256];

	sim_config_default(&config);
	config.hz = config.hz_max = reads[_i].hz;
	config.chip.part = reads[_i].part;
	config.chip.parts_file = PARTS;
	engine_open(&config);
	for (size_t i = 0; i < sizeof(back); i++)
		norsim_mem(chip())[0x1000 + i] = (uint8_t)(i * 5);
	norsim_clear_stats(chip());
	ck_assert_int_eq(nor_read(engine.nor, 0x1000, back, sizeof(back), NULL, NULL, &engine.err),
	                 0);
	ck_assert_mem_eq(back, norsim_mem(chip()) + 0x1000, sizeof(back));
	ck_assert_uint_eq(norsim_stats(chip())->clocks, reads[_i].clocks);
	engine_finish();
}
END_TEST

/* ---- pages ---- */

static const char *described(unsigned page)
{
	static char path[] = "/tmp/test_nor_traits.XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	ck_assert_ptr_nonnull(f);
	fprintf(f,
	        "part A id=7A5F16 size=4M page=%u erase=20:4K,D8:64K,C7:chip sr1=FC wr=sr1 "
	        "has=reset time=page:700,sr:1000,4k:60,64k:300,chip:9000 sfdp=1.6\n",
	        page);
	ck_assert_int_eq(fclose(f), 0);
	return path;
}

/* An odd piece, exact, with a program for each page that it touches. */
static void programs_pages_of(unsigned page)
{
	const uint32_t start = 0x10123, len = 5001;
	uint8_t *data = engine_random(len, page);
	struct nor_piece crossing = {.addr = start, .len = page, .data = data};

	ck_assert_uint_eq(nor_info(engine.nor)->page, page);
	ck_assert_int_eq(nor_program(engine.nor, &crossing, 1, NULL, NULL, NULL, &engine.err),
	                 NP_E_RANGE);
	ck_assert_msg(engine_program(data, start, len) == 0, "%s", engine.err.message);
	ck_assert_mem_eq(norsim_mem(chip()) + start, data, len);
	ck_assert_uint_eq(norsim_mem(chip())[start - 1], 0xff);
	ck_assert_uint_eq(norsim_mem(chip())[start + len], 0xff);
	ck_assert_uint_eq(norsim_stats(chip())->page_wraps, 0);
	ck_assert_uint_eq(norsim_stats(chip())->pages_programmed,
	                  (start + len - 1) / page - start / page + 1);
	free(data);
	engine_finish();
}

static const unsigned pages[] = {64, 128, 256, 512};

START_TEST(pages_as_sfdp_says)
{
	const char *file = described(pages[_i]);

	open_described("A", file);
	unlink(file);
	programs_pages_of(pages[_i]);
}
END_TEST

START_TEST(pages_as_the_row_says)
{
	open_described("S25FL128Sxxxxxx1", PARTS);
	programs_pages_of(512);
}
END_TEST

/* ---- Spansion: an error keeps the chip busy until it is cleared ---- */

/* Closed behind the engine's back: it tells at once, and the chip hears again. */
START_TEST(error_bits_end_the_wait)
{
	static const uint8_t data[1] = {0};
	uint64_t before;

	open_described("S25FL128Sxxxxxx0", PARTS);
	chip()->regs[NR_SR1] |= 0x1c;
	before = norsim_now(chip());
	ck_assert_int_eq(nor_erase(engine.nor, 0, 0, &engine.err), NP_E_PROTECTED);
	ck_assert_ptr_nonnull(strstr(engine.err.message, "error bits"));
	ck_assert_uint_eq(chip()->regs[NR_SR1] & 0x63, 0);
	ck_assert(!chip()->wel);
	ck_assert_int_eq(engine_program(data, 0, 1), NP_E_PROTECTED);
	ck_assert_uint_eq(chip()->regs[NR_SR1] & 0x63, 0);
	ck_assert_uint_lt(norsim_now(chip()) - before, 1000000000);
	chip()->regs[NR_SR1] &= (uint8_t)~0x1c;
	ck_assert_int_eq(engine_program(data, 0, 1), 0);
	ck_assert_uint_eq(norsim_mem(chip())[0], 0);
	engine_finish();
}
END_TEST

/* Micron's flags stay up as well, and would be taken for those of the next operation. */
START_TEST(flags_are_told_once)
{
	static const uint8_t data[1] = {0};

	open_described("N25Q128A13", PARTS);
	chip()->regs[NR_SR1] |= 0x5c;
	ck_assert_int_eq(nor_erase(engine.nor, 0, 0, &engine.err), NP_E_PROTECTED);
	ck_assert_int_eq(engine_program(data, 0, 1), NP_E_PROTECTED);
	chip()->regs[NR_SR1] &= (uint8_t)~0x5c;
	ck_assert_msg(engine_program(data, 0, 1) == 0, "%s", engine.err.message);
	ck_assert_uint_eq(norsim_mem(chip())[0], 0);
	engine_finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_traits");
	TCase *tcase = tcase_create("traits");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, a_fast_clock_takes_a_dummy_byte, 0, COUNT(reads));
	tcase_add_loop_test(tcase, pages_as_sfdp_says, 0, COUNT(pages));
	tcase_add_test(tcase, pages_as_the_row_says);
	tcase_add_test(tcase, error_bits_end_the_wait);
	tcase_add_test(tcase, flags_are_told_once);
	return run_suite(suite);
}
