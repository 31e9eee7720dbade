/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one flipped bit, a dead line or a wrong name must not lead to. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "support/engine.h"
#include "support/suite.h"

/* The journal's name is made of these: read otherwise once, an open job would be overlooked. */
START_TEST(identity_survives_flipped_bits)
{
	struct nor_options options = {.hz = 8000000};
	struct sim_config config;
	struct nor_info truth;
	unsigned opened = 0;

	engine_open_part("W25Q64FV");
	truth = *nor_info(engine.nor);
	engine_finish();
	for (uint64_t seed = 1; seed <= 300; seed++) {
		sim_config_default(&config);
		config.chip.faults.flip_one_in = 400;
		config.chip.faults.seed = seed;
		engine_start(&config);
		if (nor_open(engine.bus, &options, &engine.nor, &engine.err)) {
			engine_close_failed();
			continue;
		}
		opened++;
		ck_assert_uint_eq(nor_info(engine.nor)->jedec_id_len, truth.jedec_id_len);
		ck_assert_mem_eq(nor_info(engine.nor)->jedec_id, truth.jedec_id,
		                 truth.jedec_id_len);
		ck_assert_uint_eq(nor_info(engine.nor)->uid_len, truth.uid_len);
		ck_assert_mem_eq(nor_info(engine.nor)->uid, truth.uid, truth.uid_len);
		nor_close(engine.nor, NULL);
		spi_close(engine.bus);
	}
	ck_assert_uint_gt(opened, 100);
}
END_TEST

/* 64K erases sent to a part of 256K sectors would take neighbours nobody saved. */
START_TEST(a_name_that_contradicts_the_long_id_is_refused)
{
	struct nor_options options = {.chip = "S25FL128Sxxxxxx0"};
	struct sim_config config;

	sim_config_default(&config);
	config.chip.part = "S25FL128S-256K";
	engine_start(&config);
	ck_assert_int_eq(nor_open(engine.bus, &options, &engine.nor, &engine.err),
	                 NP_E_CHIP_MISMATCH);
	ck_assert_ptr_nonnull(strstr(engine.err.message, "01 20 18 4D 00"));
	options.chip = "S25FL128Sxxxxxx1";
	ck_assert_int_eq(nor_open(engine.bus, &options, &engine.nor, &engine.err), 0);
	ck_assert_uint_eq(nor_info(engine.nor)->erase[0].size, 262144);
	engine_finish();
}
END_TEST

/* On-die ECC: a second program of the same page would spoil its check bits. */
START_TEST(ecc_pages_are_sent_once_even_where_status_reads_lie)
{
	uint8_t *data = engine_random(65536, 5);
	unsigned whole = 0;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		engine_open_part("S25FL128S");
		norsim_faults(sim_chip(engine.sim))->seed = seed;
		norsim_faults(sim_chip(engine.sim))->flip_one_in = 100;
		norsim_clear_stats(sim_chip(engine.sim));
		whole += engine_program(data, 0x100000, 65536) == 0;
		ck_assert_uint_le(norsim_stats(sim_chip(engine.sim))->pages_programmed, 256);
		norsim_faults(sim_chip(engine.sim))->flip_one_in = 0;
		engine_finish();
	}
	free(data);
	ck_assert_uint_gt(whole, 10);
}
END_TEST

/* All ones written back would set the one-time lock bits. */
START_TEST(a_dead_miso_is_not_taken_for_a_status)
{
	struct np_range top = {4 * MIB, 4 * MIB};
	const struct norsim_stats *stats;

	engine_open_part("W25Q64FV");
	stats = norsim_stats(sim_chip(engine.sim));
	norsim_faults(sim_chip(engine.sim))->miso_stuck = 1;
	ck_assert_int_eq(nor_protection_set(engine.nor, top, &engine.err), NP_E_NO_CHIP);
	ck_assert_uint_eq(stats->sr_writes_nv + stats->sr_writes_volatile, 0);
	norsim_faults(sim_chip(engine.sim))->miso_stuck = 0;
	engine_finish();
}
END_TEST

/* Found protected, by a reading that was none. */
START_TEST(a_dead_miso_lifts_no_protection)
{
	struct np_range all = {0, 16 * MIB};
	const struct norsim_stats *stats;

	engine_open_part("EN25QH128A");
	stats = norsim_stats(sim_chip(engine.sim));
	norsim_faults(sim_chip(engine.sim))->miso_stuck = 1;
	ck_assert_int_eq(nor_protection_lift(engine.nor, all, &engine.err), NP_E_NO_CHIP);
	ck_assert_uint_eq(stats->sr_writes_nv + stats->sr_writes_volatile, 0);
	norsim_faults(sim_chip(engine.sim))->miso_stuck = 0;
	engine_finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_noise");
	TCase *tcase = tcase_create("noise");

	tcase_add_test(tcase, identity_survives_flipped_bits);
	tcase_add_test(tcase, a_name_that_contradicts_the_long_id_is_refused);
	tcase_add_test(tcase, ecc_pages_are_sent_once_even_where_status_reads_lie);
	tcase_add_test(tcase, a_dead_miso_is_not_taken_for_a_status);
	tcase_add_test(tcase, a_dead_miso_lifts_no_protection);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
