/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Locks of single sectors and blocks: read one by one, set one by one, put back as they were. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/norsim_int.h"
#include "support/engine.h"
#include "support/suite.h"

#define KIB UINT64_C(1024)

static struct nor_protection now;

static struct norsim *chip(void)
{
	return sim_chip(engine.sim);
}

#define GOOD(call) \
	ck_assert_msg((call) == 0, "%s: %s (%s)", #call, engine.err.message, engine.err.hint)

static void open_described(const char *part)
{
	struct sim_config config;

	sim_config_default(&config);
	config.chip.part = part;
	config.chip.parts_file = "tests/data/parts.txt";
	engine_open(&config);
}

/* Around the engine: a latch, then these bytes. */
static void send(uint8_t op, const uint8_t *bytes, uint8_t len)
{
	struct spi_msg msgs[2] = {{.cmd = {0x06}, .cmd_len = 1},
	                          {.cmd = {op}, .cmd_len = 1, .pause_us = 50000}};

	for (uint8_t i = 0; i < len; i++)
		msgs[1].cmd[msgs[1].cmd_len++] = bytes[i];
	GOOD(spi_run(engine.bus, msgs, 2, NULL, NULL, NULL, &engine.err));
}

static void send_addr(uint8_t op, uint32_t addr)
{
	const uint8_t bytes[3] = {(uint8_t)(addr >> 16), (uint8_t)(addr >> 8), (uint8_t)addr};

	send(op, bytes, 3);
}

static void send_register(uint8_t op, uint8_t value)
{
	send(op, &value, 1);
}

static void shows(size_t count)
{
	GOOD(nor_protection_read(engine.nor, &now, &engine.err));
	ck_assert_msg(now.known && now.range_count == count, "%s", now.text);
}

static void shows_range(size_t i, uint64_t start, uint64_t len)
{
	ck_assert_msg(now.ranges[i].start == start && now.ranges[i].len == len, "%s", now.text);
}

/* Does an erase there blank it? Nothing is lifted. */
static bool erases(uint64_t addr)
{
	uint64_t ignored = norsim_stats(chip())->ignored_protected;
	bool blank;

	norsim_mem(chip())[addr] = 0x55;
	nor_erase(engine.nor, addr, 0, &engine.err);
	blank = norsim_mem(chip())[addr] == 0xff;
	ck_assert_uint_eq(norsim_stats(chip())->ignored_protected - ignored, !blank);
	return blank;
}

/* A job in `need`: everything opens, and afterwards every lock and register is as it was. */
static void job(struct np_range need)
{
	size_t count = norsim_size(chip()) >> 12;
	uint8_t *before = malloc(count), regs[NR_COUNT];

	memcpy(before, chip()->locks, count);
	memcpy(regs, chip()->regs, sizeof(regs));
	ck_assert(!erases(need.start));
	GOOD(nor_protection_lift(engine.nor, need, &engine.err));
	ck_assert(erases(need.start));
	GOOD(nor_protection_restore(engine.nor, &engine.err));
	ck_assert(!erases(need.start));
	ck_assert_mem_eq(chip()->locks, before, count);
	ck_assert_mem_eq(chip()->regs, regs, sizeof(regs));
	free(before);
}

/* ---- Atmel ---- */

START_TEST(atmel_sectors_are_set_by_range)
{
	open_described("AT25DF321A");
	shows(1);
	shows_range(0, 0, 4 * MIB);
	GOOD(nor_protection_set(engine.nor, (struct np_range){192 * KIB, 128 * KIB}, &engine.err));
	shows(1);
	shows_range(0, 192 * KIB, 128 * KIB);
	ck_assert(!erases(192 * KIB));
	ck_assert(!erases(316 * KIB));
	ck_assert(erases(188 * KIB));
	ck_assert(erases(320 * KIB));
	job((struct np_range){256 * KIB, 4 * KIB});
	shows(1);
	shows_range(0, 192 * KIB, 128 * KIB);
	GOOD(nor_protection_set(engine.nor, (struct np_range){0, 0}, &engine.err));
	shows(0);
	engine_finish();
}
END_TEST

/* What is not touched need not be lifted: the sectors stay closed all the while. */
START_TEST(atmel_sectors_elsewhere_stay_closed)
{
	open_described("AT25DF321A");
	GOOD(nor_protection_set(engine.nor, (struct np_range){0, 64 * KIB}, &engine.err));
	GOOD(nor_protection_lift(engine.nor, (struct np_range){MIB, 4 * KIB}, &engine.err));
	ck_assert(!erases(0));
	ck_assert(erases(MIB));
	engine_finish();
}
END_TEST

START_TEST(atmel_sectors_that_are_held_are_put_back_and_held)
{
	open_described("AT25DF321A");
	GOOD(nor_protection_set(engine.nor, (struct np_range){0, 64 * KIB}, &engine.err));
	send_addr(0x36, 3 * MIB);
	send_register(0x01, 0x84); /* SPRL, and bits 5:2 that are neither all 0 nor all 1 */
	shows(2);
	shows_range(0, 0, 64 * KIB);
	shows_range(1, 3 * MIB, 64 * KIB);
	send_addr(0x39, 0);
	shows(2);
	job((struct np_range){0, 4 * KIB});
	job((struct np_range){3 * MIB, 4 * KIB});
	shows(2);
	GOOD(nor_protection_set(engine.nor, (struct np_range){2 * MIB, MIB}, &engine.err));
	shows(1);
	shows_range(0, 2 * MIB, MIB);
	engine_finish();
}
END_TEST

/* Parts up to 8 Mbit are asked in steps of 8K; this one's sectors are larger. */
START_TEST(an_atmel_sector_is_not_closed_by_half)
{
	struct np_range eight = {64 * KIB + 8 * KIB, 8 * KIB};

	open_described("AT25DF081A");
	GOOD(nor_protection_set(engine.nor, (struct np_range){512 * KIB, 64 * KIB}, &engine.err));
	ck_assert_int_eq(nor_protection_set(engine.nor, eight, &engine.err), NP_E_RANGE);
	ck_assert_msg(strstr(engine.err.hint, "0x010000+0x10000"), "%s", engine.err.hint);
	shows(1);
	shows_range(0, 512 * KIB, 64 * KIB);
	ck_assert_int_eq(
		nor_protection_set(engine.nor, (struct np_range){4 * KIB, 8 * KIB}, &engine.err),
		NP_E_RANGE);
	ck_assert_msg(strstr(engine.err.hint, "0x000000+0x4000"), "%s", engine.err.hint);
	engine_finish();
}
END_TEST

START_TEST(more_ranges_than_can_be_shown_are_shown_too_large)
{
	open_described("AT25DF321A");
	GOOD(nor_protection_set(engine.nor, (struct np_range){0, 0}, &engine.err));
	for (uint32_t i = 0; i < NOR_PROT_RANGES + 2; i++)
		send_addr(0x36, 2 * i * 65536);
	shows(NOR_PROT_RANGES);
	shows_range(0, 0, 64 * KIB);
	shows_range(NOR_PROT_RANGES - 1, 14 * 64 * KIB, 5 * 64 * KIB);
	ck_assert_ptr_nonnull(strstr(now.text, "0x060000-0x06ffff, 0x080000-0x08ffff"));
	engine_finish();
}
END_TEST

/* ---- Winbond's WPS ---- */

/* Closed but for a sector at the start, a block, and a sector at the end. */
static void open_some_blocks(void)
{
	engine_open_part("W25Q64JV");
	send_register(0x11, 0x64);
	shows(1);
	shows_range(0, 0, 8 * MIB);
	send_addr(0x39, 0x002000);
	send_addr(0x39, 0x123456);
	send_addr(0x39, 0x7ff000);
	shows(3);
	shows_range(0, 0, 8 * KIB);
	shows_range(1, 12 * KIB, MIB + 128 * KIB - 12 * KIB);
	shows_range(2, MIB + 192 * KIB, 8 * MIB - 4 * KIB - MIB - 192 * KIB);
}

START_TEST(block_locks_are_read_one_by_one)
{
	open_some_blocks();
	ck_assert(erases(8 * KIB));
	ck_assert(!erases(12 * KIB));
	ck_assert(erases(0x120000));
	ck_assert(!erases(0x130000));
	ck_assert(erases(0x7ff000));
	send(0x98, NULL, 0);
	shows(0);
	send(0x7e, NULL, 0);
	shows(1);
	engine_finish();
}
END_TEST

START_TEST(block_locks_are_as_they_were_after_a_job)
{
	open_some_blocks();
	job((struct np_range){MIB, 64 * KIB});
	shows(3);
	/* nothing to be lifted for what is open */
	GOOD(nor_protection_lift(engine.nor, (struct np_range){0x120000, 64 * KIB}, &engine.err));
	ck_assert(!erases(MIB));
	ck_assert_uint_eq(norsim_stats(chip())->sr_writes_nv, 1);
	engine_finish();
}
END_TEST

/* The registers are locked, the blocks are not: 98h opens them, 36h closes those again that were.
 */
START_TEST(block_locks_open_where_the_registers_do_not)
{
	open_some_blocks();
	send_register(0x31, 0x03); /* SRP1, until power-off */
	job((struct np_range){MIB, 64 * KIB});
	shows(3);
	ck_assert(now.locked);
	ck_assert_int_eq(nor_protection_set(engine.nor, (struct np_range){0, 4 * MIB}, &engine.err),
	                 NP_E_PROTECTED);
	shows(3);
	engine_finish();
}
END_TEST

START_TEST(a_range_takes_the_place_of_block_locks)
{
	open_some_blocks();
	GOOD(nor_protection_set(engine.nor, (struct np_range){0, 4 * MIB}, &engine.err));
	shows(1);
	shows_range(0, 0, 4 * MIB);
	ck_assert(!erases(0x120000));
	ck_assert(erases(4 * MIB));
	engine_finish();
}
END_TEST

/* Past 16 MiB the addresses need a mode that a part with opcodes of its own is not put in. */
START_TEST(block_locks_that_cannot_be_asked_count_as_closed)
{
	engine_open_part("W25Q256JV");
	send_register(0x11, 0x64);
	send(0x98, NULL, 0);
	shows(1);
	shows_range(0, 0, 32 * MIB);
	engine_finish();
	engine_open_part("W25Q256FV");
	send_register(0x11, 0x64);
	send(0x98, NULL, 0);
	shows(0);
	engine_finish();
}
END_TEST

/* ---- Macronix ---- */

static const char *const wpsel_parts[] = {"MX25L12835F", "MX25L25635F"};

static bool is_open(void)
{
	return !norsim_protected(chip(), 0, (uint32_t)norsim_size(chip()));
}

START_TEST(wpsel_is_told_opened_and_closed_again)
{
	struct np_range all;

	open_described(wpsel_parts[_i]);
	all = (struct np_range){0, nor_info(engine.nor)->size};
	shows(0);
	ck_assert(!now.wpsel);
	chip()->nv.otp_flags |= 0x80;
	shows(1);
	ck_assert(now.wpsel && !is_open());
	ck_assert_uint_eq(now.ranges[0].len, all.len);
	ck_assert_ptr_nonnull(strstr(now.text, "WPSEL"));
	GOOD(nor_protection_lift(engine.nor, (struct np_range){0, 4 * KIB}, &engine.err));
	ck_assert(is_open());
	GOOD(nor_erase(engine.nor, 0, 0, &engine.err));
	GOOD(nor_protection_restore(engine.nor, &engine.err));
	ck_assert(!is_open());
	/* Lifted, and left to the end. */
	GOOD(nor_protection_lift(engine.nor, all, &engine.err));
	ck_assert(is_open());
	ck_assert_int_eq(nor_protection_set(engine.nor, all, &engine.err), NP_E_PROTECTED);
	ck_assert_uint_eq(norsim_stats(chip())->once_set, 0);
	engine_finish();
}
END_TEST

/* A register that nobody drives tells nothing. */
START_TEST(without_a_security_register_there_is_no_wpsel)
{
	open_described("MX25L12835F");
	chip()->nv.otp_flags = 0xff;
	GOOD(nor_protection_read(engine.nor, &now, &engine.err));
	ck_assert(!now.wpsel);
	chip()->nv.otp_flags = 0;
	engine_finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_locks");
	TCase *tcase = tcase_create("locks");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, atmel_sectors_are_set_by_range);
	tcase_add_test(tcase, atmel_sectors_elsewhere_stay_closed);
	tcase_add_test(tcase, atmel_sectors_that_are_held_are_put_back_and_held);
	tcase_add_test(tcase, an_atmel_sector_is_not_closed_by_half);
	tcase_add_test(tcase, more_ranges_than_can_be_shown_are_shown_too_large);
	tcase_add_test(tcase, block_locks_are_read_one_by_one);
	tcase_add_test(tcase, block_locks_are_as_they_were_after_a_job);
	tcase_add_test(tcase, block_locks_open_where_the_registers_do_not);
	tcase_add_test(tcase, a_range_takes_the_place_of_block_locks);
	tcase_add_test(tcase, block_locks_that_cannot_be_asked_count_as_closed);
	tcase_add_loop_test(tcase, wpsel_is_told_opened_and_closed_again, 0, COUNT(wpsel_parts));
	tcase_add_test(tcase, without_a_security_register_there_is_no_wpsel);
	return run_suite(suite);
}
