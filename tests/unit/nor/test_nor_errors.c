/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a chip says of its own operations: failures are told, single flipped bits are not failures,
 * and a page that may have been ignored is sent again. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "support/engine.h"
#include "support/suite.h"

#define NOISY 50u /* one flipped bit in so many bytes */

/* Error bits in a flag register of their own, and in the status register. */
static const char *const parts[] = {"N25Q128", "S25FL128S"};

static struct norsim *chip(void)
{
	return sim_chip(engine.sim);
}

/* As when something set the protection behind the engine's back. */
START_TEST(a_refused_operation_is_told)
{
	struct np_range all = {0, 16 * MIB}, none = {0, 0};
	uint8_t byte = 0x5a;
	struct nor_piece piece = {0x1000, 1, &byte};

	engine_open_part(parts[_i]);
	ck_assert_int_eq(nor_protection_set(engine.nor, all, &engine.err), 0);
	ck_assert_int_eq(nor_erase(engine.nor, 0, 0, &engine.err), NP_E_PROTECTED);
	ck_assert_ptr_nonnull(strstr(engine.err.hint, "protect status"));
	ck_assert_int_eq(nor_program(engine.nor, &piece, 1, NULL, NULL, NULL, &engine.err),
	                 NP_E_PROTECTED);
	/* the bits were cleared: what follows is not blamed for it */
	ck_assert_int_eq(nor_protection_set(engine.nor, none, &engine.err), 0);
	ck_assert_msg(nor_erase(engine.nor, 0, 0, &engine.err) == 0, "%s", engine.err.message);
	ck_assert_int_eq(nor_program(engine.nor, &piece, 1, NULL, NULL, NULL, &engine.err), 0);
	ck_assert_uint_eq(norsim_mem(chip())[0x1000], 0x5a);
	engine_finish();
}
END_TEST

START_TEST(a_flipped_bit_is_no_failure)
{
	for (uint64_t seed = 1; seed <= 300; seed++) {
		int ret;

		engine_open_part(parts[_i]);
		norsim_faults(chip())->seed = seed;
		norsim_faults(chip())->flip_one_in = NOISY;
		ret = nor_erase(engine.nor, 0, 0, &engine.err);
		norsim_faults(chip())->flip_one_in = 0;
		ck_assert_msg(ret == 0, "seed %u: %s", (unsigned)seed, engine.err.message);
		engine_finish();
	}
}
END_TEST

/* What follows would be ignored. */
START_TEST(a_flipped_bit_does_not_end_a_wait)
{
	for (uint64_t seed = 1; seed <= 300; seed++) {
		engine_open_part("W25Q64FV");
		norsim_faults(chip())->seed = seed;
		norsim_faults(chip())->flip_one_in = NOISY;
		ck_assert_int_eq(nor_erase(engine.nor, 0, 0, &engine.err), 0);
		ck_assert_msg(norsim_busy_left(chip()) == 0, "seed %u", (unsigned)seed);
		norsim_faults(chip())->flip_one_in = 0;
		engine_finish();
	}
}
END_TEST

/* The trains are shaped by what was learned; then the chip warms up. */
START_TEST(pages_that_were_ignored_are_sent_again)
{
	uint8_t *data = engine_random(4 * 65536, 3);

	engine_open_part("W25Q64FV");
	ck_assert_int_eq(engine_program(data, 0, 2 * 65536), 0);
	ck_assert_uint_eq(norsim_stats(chip())->ignored_busy, 0);
	norsim_faults(chip())->slow_percent = 250;
	ck_assert_msg(engine_program(data + 2 * 65536, 2 * 65536, 2 * 65536) == 0, "%s",
	              engine.err.message);
	ck_assert_uint_gt(norsim_stats(chip())->ignored_busy, 0);
	ck_assert_mem_eq(norsim_mem(chip()), data, 4 * 65536);
	engine_finish();
	free(data);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_errors");
	TCase *tcase = tcase_create("errors");

	tcase_add_loop_test(tcase, a_refused_operation_is_told, 0, COUNT(parts));
	tcase_add_loop_test(tcase, a_flipped_bit_is_no_failure, 0, COUNT(parts));
	tcase_add_test(tcase, a_flipped_bit_does_not_end_a_wait);
	tcase_add_test(tcase, pages_that_were_ignored_are_sent_again);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
