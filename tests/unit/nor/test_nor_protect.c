/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Protection lifted and put back, and the parts that are driven in their own ways. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "support/engine.h"
#include "support/suite.h"

/* ---- protection ---- */

static const char *const protected_parts[] = {"W25Q64FV", "EN25QH128A"};

START_TEST(protection_is_lifted_and_put_back)
{
	struct np_range half, top;
	struct nor_protection p;
	struct nor_options options = {0};
	uint64_t size;

	engine_open_part(protected_parts[_i]);
	size = nor_info(engine.nor)->size;
	top = (struct np_range){size - 65536, 65536};
	half = (struct np_range){size / 2, size / 2};
	ck_assert_msg(nor_protection_set(engine.nor, half, &engine.err) == 0, "%s (%s)",
	              engine.err.message, engine.err.hint);
	ck_assert_int_eq(nor_protection_read(engine.nor, &p, &engine.err), 0);
	ck_assert_uint_eq(p.ranges[0].start, half.start);
	ck_assert_uint_eq(p.ranges[0].len, half.len);
	ck_assert_int_eq(nor_protection_lift(engine.nor, top, &engine.err), 0);
	norsim_mem(sim_chip(engine.sim))[top.start] = 0;
	ck_assert_int_eq(nor_erase(engine.nor, top.start, 0, &engine.err), 0);
	ck_assert_uint_eq(norsim_mem(sim_chip(engine.sim))[top.start], 0xff);
	ck_assert_int_eq(nor_close(engine.nor, &engine.err), 0);
	ck_assert_int_eq(nor_open(engine.bus, &options, &engine.nor, &engine.err), 0);
	ck_assert_int_eq(nor_protection_read(engine.nor, &p, &engine.err), 0);
	ck_assert_uint_eq(p.range_count, 1);
	ck_assert_uint_eq(p.ranges[0].start, half.start);
	ck_assert_uint_eq(norsim_stats(sim_chip(engine.sim))->ignored_busy, 0);
	engine_finish();
}
END_TEST

START_TEST(what_is_not_protected_is_not_touched)
{
	struct np_range bottom = {0, 65536};
	struct np_range top = {4 * MIB, 4 * MIB};
	uint64_t writes;

	engine_open_part("W25Q64FV");
	ck_assert_int_eq(nor_protection_set(engine.nor, top, &engine.err), 0);
	writes = norsim_stats(sim_chip(engine.sim))->sr_writes_nv +
	         norsim_stats(sim_chip(engine.sim))->sr_writes_volatile;
	ck_assert_int_eq(nor_protection_lift(engine.nor, bottom, &engine.err), 0);
	ck_assert_uint_eq(norsim_stats(sim_chip(engine.sim))->sr_writes_nv +
	                          norsim_stats(sim_chip(engine.sim))->sr_writes_volatile,
	                  writes);
	engine_finish();
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

	engine_open_part("W25Q64FV");
	ck_assert_int_eq(spi_run(engine.bus, msgs, 2, NULL, NULL, NULL, &engine.err), 0);
	ck_assert_int_eq(nor_protection_set(engine.nor, half, &engine.err), 0);
	ck_assert_int_eq(nor_protection_lift(engine.nor, half, &engine.err), 0);
	ck_assert_int_eq(nor_protection_restore(engine.nor, &engine.err), 0);
	ck_assert_int_eq(spi_run(engine.bus, &get, 1, NULL, NULL, NULL, &engine.err), 0);
	ck_assert_uint_eq(sr2 & 0x02, 0x02);
	engine_finish();
}
END_TEST

START_TEST(protection_that_does_not_yield_is_refused)
{
	struct np_range all = {0, 8 * MIB};

	engine_open_part("W25Q64FV");
	ck_assert_int_eq(nor_protection_set(engine.nor, all, &engine.err), 0);
	norsim_faults(sim_chip(engine.sim))->stubborn = true;
	ck_assert_int_eq(nor_protection_lift(engine.nor, all, &engine.err), NP_E_PROTECTED);
	ck_assert_ptr_nonnull(strstr(engine.err.hint, "WP#"));
	engine_finish();
}
END_TEST

START_TEST(a_range_the_part_cannot_protect_names_the_nearest)
{
	struct np_range odd = {0x1000, 0x1000};

	engine_open_part("W25Q64FV");
	ck_assert_int_eq(nor_protection_set(engine.nor, odd, &engine.err), NP_E_RANGE);
	ck_assert_ptr_nonnull(strstr(engine.err.hint, "0x000000"));
	engine_finish();
}
END_TEST

/* A part of tests/data, with what is to be written to SR1 first (0: nothing). */
static void open_described(const char *part, uint8_t sr1)
{
	struct spi_msg msgs[2] = {{.cmd = {0x06}, .cmd_len = 1},
	                          {.cmd = {0x01}, .cmd_len = 1, .tx = &sr1, .tx_len = 1}};
	struct sim_config config;

	sim_config_default(&config);
	config.chip.part = part;
	config.chip.parts_file = "tests/data/parts.txt";
	msgs[1].pause_us = 100000;
	engine_start(&config);
	if (sr1)
		ck_assert_int_eq(spi_run(engine.bus, msgs, 2, NULL, NULL, NULL, &engine.err), 0);
	ck_assert_msg(engine_identify() == 0, "%s", engine.err.message);
}

static uint8_t read_sr1(void)
{
	uint8_t sr1 = 0;
	struct spi_msg get = {.cmd = {0x05}, .cmd_len = 1, .rx = &sr1, .rx_len = 1};

	ck_assert_int_eq(spi_run(engine.bus, &get, 1, NULL, NULL, NULL, &engine.err), 0);
	return sr1;
}

/* Atmel's SPRL: a status write clears it alone, a second one opens the sectors. */
START_TEST(sector_locks_that_are_held_let_go_and_are_held_again)
{
	struct np_range all = {0, 4 * MIB};

	open_described("AT25DF321A", 0xbc);
	ck_assert_uint_eq(read_sr1() & 0x8c, 0x8c);
	ck_assert_msg(nor_protection_lift(engine.nor, all, &engine.err) == 0, "%s",
	              engine.err.message);
	norsim_mem(sim_chip(engine.sim))[0] = 0;
	ck_assert_int_eq(nor_erase(engine.nor, 0, 0, &engine.err), 0);
	ck_assert_uint_eq(norsim_mem(sim_chip(engine.sim))[0], 0xff);
	ck_assert_int_eq(nor_protection_restore(engine.nor, &engine.err), 0);
	ck_assert_uint_eq(read_sr1() & 0x8c, 0x8c);
	ck_assert_int_eq(nor_protection_set(engine.nor, (struct np_range){0, 0}, &engine.err), 0);
	ck_assert_uint_eq(read_sr1() & 0x8c, 0x80);
	engine_finish();
}
END_TEST

static const struct {
	const char *part;
	uint8_t sr1;
	const char *says; /* NULL: nothing */
} meanings[] = {
	{"W25Q64FV", 0x00, NULL},
	{"W25Q64FV", 0x80, "SRP0 is set: while WP#"},
	{"AT25DF321A", 0xbc, "SPRL is set"},
	{"AT25DF321A", 0x00, "every sector has a lock of its own"},
	{"SST26VF064B", 0x00, "every block has a lock of its own, closed at power-up"},
	{"MX25L12835F", 0x00, "T/B is one-time and not set"},
	{"MX25L12835F", 0x40, "QE is set"},
};

START_TEST(the_bits_are_explained)
{
	struct nor_protection p;
	char text[1024];

	open_described(meanings[_i].part, meanings[_i].sr1);
	ck_assert_int_eq(nor_protection_read(engine.nor, &p, &engine.err), 0);
	nor_protection_explain(engine.nor, &p, text, sizeof(text));
	if (meanings[_i].says)
		ck_assert_msg(strstr(text, meanings[_i].says), "%s: %s", meanings[_i].part, text);
	else
		ck_assert_str_eq(text, "");
	nor_protection_explain(engine.nor, &p, text, 5);
	ck_assert_uint_lt(strlen(text), 5);
	engine_finish();
}
END_TEST

/* ---- the awkward parts ---- */

static const char *const awkward_parts[] = {
	"W25Q64JV", "W25Q128FV", "W25Q128JV",  "W25Q256FV",  "W25Q256JV",   "W25Q32FV",
	"GD25Q64C", "GD25Q128C", "MX25L6433F", "MX25L6405D", "MX25L25635F", "EN25Q64",
	"EN25QH64", "EN25QH64A", "S25FL128S",  "N25Q128",
};

START_TEST(awkward_parts_erase_and_program_to_their_last_byte)
{
	size_t len = 3000, level = 0;
	uint8_t *data = engine_random(len, 11);
	uint64_t addr, block;
	uint8_t *mem;

	engine_open_part(awkward_parts[_i]);
	mem = norsim_mem(sim_chip(engine.sim));
	ck_assert_uint_eq(nor_info(engine.nor)->size, norsim_size(sim_chip(engine.sim)));
	level = nor_info(engine.nor)->erase_count - 1;
	block = nor_info(engine.nor)->erase[level].size;
	addr = nor_info(engine.nor)->size - block;
	memset(mem + addr, 0, block);
	mem[addr - 1] = 0x42;
	ck_assert_msg(nor_erase(engine.nor, addr, level, &engine.err) == 0, "%s",
	              engine.err.message);
	ck_assert_msg(engine_program(data, (uint32_t)(nor_info(engine.nor)->size - len), len) == 0,
	              "%s", engine.err.message);
	ck_assert_mem_eq(mem + nor_info(engine.nor)->size - len, data, len);
	ck_assert_uint_eq(mem[addr], 0xff);
	ck_assert_uint_eq(mem[addr - 1], 0x42);
	ck_assert_uint_eq(norsim_stats(sim_chip(engine.sim))->ignored_busy, 0);
	engine_finish();
	free(data);
}
END_TEST

START_TEST(an_unknown_part_is_driven_from_its_sfdp)
{
	uint8_t data[256] = {1, 2, 3};

	engine_open_part("TEST-SFDP");
	ck_assert_ptr_nonnull(strstr(nor_info(engine.nor)->name, "SFDP"));
	ck_assert_int_eq(nor_erase(engine.nor, 0, 0, &engine.err), 0);
	ck_assert_int_eq(engine_program(data, 0, 256), 0);
	ck_assert_mem_eq(norsim_mem(sim_chip(engine.sim)), data, 256);
	engine_finish();
}
END_TEST

/* Which bits protect what is not known of it: what is set is cleared, and put back. */
START_TEST(what_cannot_be_decoded_is_lifted)
{
	struct np_range block = {0, 4096};
	struct sim_config config;

	sim_config_default(&config);
	config.chip.part = "TEST-SFDP";
	config.chip.faults.start_sr1 = NORSIM_SR_SET | 0x1c;
	engine_open(&config);
	memset(norsim_mem(sim_chip(engine.sim)), 0x5a, 4096);
	ck_assert_int_eq(nor_protection_lift(engine.nor, block, &engine.err), 0);
	ck_assert_int_eq(nor_erase(engine.nor, 0, 0, &engine.err), 0);
	ck_assert_uint_eq(norsim_mem(sim_chip(engine.sim))[0], 0xff);
	ck_assert_int_eq(nor_protection_restore(engine.nor, &engine.err), 0);
	memset(norsim_mem(sim_chip(engine.sim)), 0x5a, 4096);
	nor_erase(engine.nor, 0, 0, &engine.err);
	ck_assert_uint_eq(norsim_mem(sim_chip(engine.sim))[0], 0x5a);
	engine_finish();
}
END_TEST

static void add_chip_tests(TCase *tcase)
{
	tcase_add_loop_test(tcase, protection_is_lifted_and_put_back, 0, COUNT(protected_parts));
	tcase_add_test(tcase, what_is_not_protected_is_not_touched);
	tcase_add_test(tcase, quad_enable_survives_every_status_write);
	tcase_add_test(tcase, protection_that_does_not_yield_is_refused);
	tcase_add_test(tcase, sector_locks_that_are_held_let_go_and_are_held_again);
	tcase_add_loop_test(tcase, the_bits_are_explained, 0, COUNT(meanings));
	tcase_add_test(tcase, a_range_the_part_cannot_protect_names_the_nearest);
	tcase_add_loop_test(tcase, awkward_parts_erase_and_program_to_their_last_byte, 0,
	                    COUNT(awkward_parts));
	tcase_add_test(tcase, an_unknown_part_is_driven_from_its_sfdp);
	tcase_add_test(tcase, what_cannot_be_decoded_is_lifted);
}

int main(void)
{
	Suite *suite = suite_create("nor_protect");
	TCase *tcase = tcase_create("protection and parts");

	add_chip_tests(tcase);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
