/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chip of which nothing is known but what a client says: programmed, waited for, and never waited for
 * without end, whatever the client says. */
#include <check.h>
#include <string.h>

#include "nor/nor_told.h"
#include "support/engine.h"
#include "support/suite.h"

#define AT      0x12300u
#define READ_SR 0x05
#define SECOND  UINT64_C(1000000000)

static struct nor_told *told;
static uint8_t page[NOR_TOLD_PAGE], last;
static size_t done;
static unsigned asked;

static struct norsim *chip(void)
{
	return sim_chip(engine.sim);
}

static void start(bool until)
{
	struct sim_config config = {0};

	sim_config_default(&config);
	config.until = until;
	engine_start(&config);
	ck_assert_int_eq(nor_told_open(engine.bus, &told, &engine.err), 0);
	memset(page, 0x5a, sizeof(page));
}

static void finish(void)
{
	nor_told_close(told);
	engine_close_failed();
}

static int program(uint32_t limit_us)
{
	const struct nor_told_ready ready = {READ_SR, 1, 0, limit_us};
	const struct nor_piece piece = {AT, sizeof(page), page};

	return nor_told_program(told, false, 3, &ready, &piece, 1, &done, &last, &engine.err);
}

static uint64_t since(uint64_t then_ns)
{
	return norsim_now(chip()) - then_ns;
}

START_TEST(a_page_is_programmed_and_waited_for)
{
	start(_i);
	ck_assert_int_eq(program(5000), 0);
	ck_assert_uint_eq(done, 1);
	ck_assert_uint_eq(norsim_busy_left(chip()), 0);
	ck_assert_mem_eq(norsim_mem(chip()) + AT, page, sizeof(page));
	finish();
}
END_TEST

/* Its client may be gone; pins are to be let go within seconds. */
START_TEST(no_page_is_waited_for_longer_than_any_takes)
{
	uint64_t then;

	start(_i);
	norsim_faults(chip())->busy_forever = true;
	then = norsim_now(chip());
	ck_assert_int_eq(program(UINT32_MAX), NP_E_TIMEOUT);
	ck_assert_uint_le(since(then), 2 * SECOND);
	ck_assert_uint_eq(last & 1, 1);
	finish();
}
END_TEST

START_TEST(a_page_is_waited_for_as_long_as_was_said)
{
	uint64_t then;

	start(_i);
	norsim_faults(chip())->busy_forever = true;
	then = norsim_now(chip());
	ck_assert_int_eq(program(300000), NP_E_TIMEOUT);
	ck_assert_uint_ge(since(then), SECOND * 3 / 10);
	ck_assert_uint_le(since(then), SECOND / 2);
	finish();
}
END_TEST

static int after_ten(void *ctx, uint64_t bytes)
{
	(void)ctx;
	(void)bytes;
	return ++asked > 10;
}

/* An erase may take minutes: whoever waits is asked meanwhile. */
START_TEST(a_wait_ends_when_nobody_waits)
{
	const struct nor_told_ready ready = {READ_SR, 1, 0, UINT32_MAX};

	start(false);
	norsim_faults(chip())->busy_forever = true;
	ck_assert_int_eq(program(1000), NP_E_TIMEOUT);
	asked = 0;
	ck_assert_int_eq(nor_told_wait(told, &ready, after_ten, NULL, &last, &engine.err),
	                 NP_E_INTERRUPTED);
	ck_assert_uint_eq(asked, 11);
	finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_told");
	TCase *tcase = tcase_create("told");

	tcase_add_loop_test(tcase, a_page_is_programmed_and_waited_for, false, true + 1);
	tcase_add_loop_test(tcase, no_page_is_waited_for_longer_than_any_takes, false, true + 1);
	tcase_add_loop_test(tcase, a_page_is_waited_for_as_long_as_was_said, false, true + 1);
	tcase_add_test(tcase, a_wait_ends_when_nobody_waits);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
