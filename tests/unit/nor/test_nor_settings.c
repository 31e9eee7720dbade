/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings written for good, on the strict model. */
#include <stdlib.h>

#include "nor/nor_settings.h"
#include "support/engine.h"
#include "support/suite.h"

static uint64_t writes(void)
{
	const struct norsim_stats *stats = norsim_stats(sim_chip(engine.sim));

	return stats->sr_writes_nv + stats->sr_writes_volatile;
}

static const struct {
	const char *part;
	enum nor_setting setting;
	uint8_t value;
} cases[] = {
	{"W25Q64FV", NOR_SET_QUAD, 1},     {"W25Q64JV", NOR_SET_DRIVE, 1},
	{"W25Q64JV", NOR_SET_QUAD, 0},     {"MX25L12835F", NOR_SET_QUAD, 1},
	{"MX25L12835F", NOR_SET_DRIVE, 4}, {"W25Q256JV", NOR_SET_ADDRESS, 1},
};

START_TEST(a_setting_is_written_and_stays_without_power)
{
	struct nor_settings settings = {0};
	struct nor_options options = {0};
	struct nor_protection p;
	bool written;
	uint8_t value;
	uint64_t before;

	engine_open_part(cases[_i].part);
	settings.set[cases[_i].setting] = true;
	settings.value[cases[_i].setting] = cases[_i].value;
	ck_assert_msg(nor_settings_write(engine.nor, &settings, &written, &engine.err) == 0, "%s",
	              engine.err.message);
	ck_assert(written);
	before = writes();
	ck_assert_int_eq(nor_settings_write(engine.nor, &settings, &written, &engine.err), 0);
	ck_assert(!written);
	ck_assert_uint_eq(writes(), before);
	ck_assert_int_eq(nor_close(engine.nor, &engine.err), 0);
	norsim_power_on(sim_chip(engine.sim));
	ck_assert_int_eq(nor_open(engine.bus, &options, &engine.nor, &engine.err), 0);
	ck_assert_int_eq(nor_protection_read(engine.nor, &p, &engine.err), 0);
	ck_assert(nor_setting_get(nor_info(engine.nor)->chip, p.sr, cases[_i].setting, &value));
	ck_assert_uint_eq(value, cases[_i].value);
	engine_finish();
}
END_TEST

/* Protection and everything else in the registers stay. */
START_TEST(nothing_else_changes)
{
	struct nor_settings settings = {.set[NOR_SET_QUAD] = true, .value[NOR_SET_QUAD] = 1};
	struct np_range half = {4 * MIB, 4 * MIB};
	struct nor_protection before, after;
	bool written;

	engine_open_part("W25Q64FV");
	ck_assert_int_eq(nor_protection_set(engine.nor, half, &engine.err), 0);
	ck_assert_int_eq(nor_protection_read(engine.nor, &before, &engine.err), 0);
	ck_assert_int_eq(nor_settings_write(engine.nor, &settings, &written, &engine.err), 0);
	ck_assert_int_eq(nor_protection_read(engine.nor, &after, &engine.err), 0);
	ck_assert_uint_eq(after.sr[0], before.sr[0]);
	ck_assert_uint_eq(after.sr[1], before.sr[1] | 0x02);
	engine_finish();
}
END_TEST

/* SRP0 set and WP# low: the register stays as it is, and that is found out. */
START_TEST(a_locked_register_is_told)
{
	struct nor_settings settings = {.set[NOR_SET_QUAD] = true, .value[NOR_SET_QUAD] = 1};
	uint8_t locked[2] = {0x80, 0x01};
	struct spi_msg msgs[2] = {
		{.cmd = {0x06}, .cmd_len = 1},
		{.cmd = {0x01}, .cmd_len = 1, .tx = locked, .tx_len = 2, .pause_us = 20000}};
	bool written;

	engine_open_part("W25Q64FV");
	ck_assert_int_eq(spi_run(engine.bus, msgs, 2, NULL, NULL, NULL, &engine.err), 0);
	ck_assert_int_eq(nor_settings_write(engine.nor, &settings, &written, &engine.err),
	                 NP_E_PROTECTED);
	ck_assert_ptr_nonnull(strstr(engine.err.message, "quad enable"));
	engine_finish();
}
END_TEST

START_TEST(a_part_without_it_is_left_alone)
{
	struct nor_settings settings = {.set[NOR_SET_QUAD] = true, .value[NOR_SET_QUAD] = 1};
	bool written;

	engine_open_part("EN25QH64");
	ck_assert_int_eq(nor_settings_write(engine.nor, &settings, &written, &engine.err), 0);
	ck_assert(!written);
	ck_assert_uint_eq(writes(), 0);
	engine_finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nor_settings");
	TCase *tc = suite_group(suite, "nor_settings", NULL, NULL);

	tcase_add_loop_test(tc, a_setting_is_written_and_stays_without_power, 0, COUNT(cases));
	tcase_add_test(tc, nothing_else_changes);
	tcase_add_test(tc, a_locked_register_is_told);
	tcase_add_test(tc, a_part_without_it_is_left_alone);
	return run_suite(suite);
}
