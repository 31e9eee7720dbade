/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resume asks of the chip what every job asks, keeps to what the job was told, and believes only
 * what tells chips apart. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/suite.h"
#include "support/writing.h"
#include "device/load.h"

#define AT 0x100000u

static void start(const char *part)
{
	rig.config.chip.part = part;
	writing_start();
	memcpy(image, before, rig.size);
}

static int cut_when_erased(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	return norsim_stats(rig.chip)->erases_64k > 0;
}

/* Write `blocks` of 64 KiB, and die when the first is erased. */
static void cut_off(uint64_t blocks)
{
	struct np_range range = {AT, blocks * 64 * KiB};
	struct np_ranges only = {&range, 1, 1};
	struct rig_order o = {.image = image, .select = &only, .override = "supply"};

	rig_fill(image + AT, range.len, 9);
	norsim_clear_stats(rig.chip);
	rig.job.step_hook = cut_when_erased;
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_GONE);
	rig_reopen(&rig);
}

START_TEST(a_low_voltage_part_is_asked_about_again)
{
	uint8_t *now;

	start("W25Q64FW");
	cut_off(1);
	now = malloc(rig.size);
	memcpy(now, norsim_mem(rig.chip), rig.size);
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_VOLTAGE);
	ck_assert_ptr_nonnull(strstr(err.hint, "--voltage-ok"));
	ck_assert_int_eq(rig_resume(&rig, RESUME_UNDO, &result, &err), NP_E_VOLTAGE);
	ck_assert_mem_eq(norsim_mem(rig.chip), now, rig.size);
	rig.voltage_ok = true;
	ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	free(now);
}
END_TEST

/* Half erased cells may read as blank today: what was in flux is erased again, and no other block
 * is.
 */
START_TEST(the_block_in_flux_is_erased_again)
{
	start("W25Q64FV");
	cut_off(1);
	memset(norsim_mem(rig.chip) + AT, 0xff, 64 * KiB);
	norsim_clear_stats(rig.chip);
	ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	ck_assert_uint_eq(result.erased_bytes, 64 * KiB);
}
END_TEST

static int cut_at_the_third(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	return norsim_stats(rig.chip)->erases_64k > 2;
}

/* An undo would begin with the first block; that would put a second one in flux, and two are
 * another chip. */
START_TEST(the_block_in_flux_comes_first)
{
	struct np_range range = {AT, 256 * KiB};
	struct np_ranges only = {&range, 1, 1};
	struct rig_order o = {.select = &only};

	start("W25Q64FV");
	rig_fill(image + AT, range.len, 9);
	o.image = image;
	norsim_clear_stats(rig.chip);
	rig.job.step_hook = cut_at_the_third;
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_GONE);
	rig_reopen(&rig);
	norsim_clear_stats(rig.chip);
	rig.job.step_hook = cut_when_erased;
	ck_assert_int_eq(rig_resume(&rig, RESUME_UNDO, &result, &err), NP_E_GONE);
	rig_reopen(&rig);
	ck_assert_msg(rig_resume(&rig, RESUME_UNDO, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
}
END_TEST

/* A part that cannot lift its protection for a while only, cut off with no chance to put it back.
 */
START_TEST(protection_left_bare_is_put_back)
{
	struct np_range range = {AT, 64 * KiB};
	struct np_ranges only = {&range, 1, 1};
	struct rig_order o = {.select = &only};
	struct nor_protection now;

	start("MX25L6405D");
	ck_assert_int_eq(nor_protection_set(rig.nor, (struct np_range){0, rig.size}, &err), 0);
	rig_fill(image + AT, range.len, 9);
	o.image = image;
	norsim_clear_stats(rig.chip);
	rig.job.step_hook = cut_when_erased;
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_GONE);
	norsim_faults(rig.chip)->cut_at_clock = norsim_stats(rig.chip)->clocks + 1;
	rig_reopen(&rig);
	ck_assert_int_eq(nor_protection_read(rig.nor, &now, &err), 0);
	ck_assert_uint_eq(now.range_count, 0);
	ck_assert_msg(rig_resume(&rig, _i ? RESUME_UNDO : RESUME_FINISH, &result, &err) == 0, "%s",
	              err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), _i ? before : image, rig.size);
	ck_assert_int_eq(nor_protection_read(rig.nor, &now, &err), 0);
	ck_assert_uint_eq(now.range_count, 1);
	ck_assert_uint_eq(now.ranges[0].len, rig.size);
}
END_TEST

START_TEST(forgetting_asks_nothing)
{
	start("W25Q64FW");
	cut_off(1);
	ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), 0);
}
END_TEST

/* The boot loader stands in front of the chip and goes last, also when the job is taken up again.
 */
START_TEST(boot_last_is_kept)
{
	struct layout layout;
	struct rig_order o = {.how.boot_last = true};

	ck_assert_msg(layout_load("tplink-mr200-v1", &layout, &err) == 0, "%s", err.message);
	rig.job.layout = &layout;
	start("W25Q64FV");
	memcpy(norsim_mem(rig.chip) + 0x7df100, "\x50\xd4\xf7\x12\x34\x56", 6);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	memcpy(image, before, rig.size);
	rig_fill(image, 0x60000, 9);
	o.image = image;
	norsim_clear_stats(rig.chip);
	rig.job.step_hook = cut_when_erased;
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_GONE);
	ck_assert_uint_eq(rig.last_steps[0].start, 0x20000);
	/* no layout is given to resume */
	rig.job.layout = NULL;
	rig_reopen(&rig);
	ck_assert_msg(rig_resume(&rig, _i ? RESUME_UNDO : RESUME_FINISH, &result, &err) == 0, "%s",
	              err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), _i ? before : image, rig.size);
	ck_assert_uint_eq(rig.last_steps[0].start, 0x20000);
	if (!_i)
		ck_assert_uint_eq(rig.last_steps[rig.last_count - 1].start, 0x10000);
	layout_free(&layout);
}
END_TEST

/* ---- chips without a unique ID ---- */

/* Another chip of the type is on the clip: firmware alike, but not what is this unit's own. */
static void swap_chip(uint32_t differs_at)
{
	memcpy(norsim_mem(rig.chip), before, rig.size);
	for (unsigned i = 0; i < 6; i++)
		norsim_mem(rig.chip)[differs_at + i] ^= 0x5a;
}

static void expect_denied(void)
{
	uint8_t *now = malloc(rig.size);

	memcpy(now, norsim_mem(rig.chip), rig.size);
	for (enum resume_mode mode = RESUME_FINISH; mode <= RESUME_UNDO; mode++) {
		ck_assert_int_eq(rig_resume(&rig, mode, &result, &err), NP_E_POLICY);
		ck_assert_ptr_nonnull(strstr(err.message, "no unique ID"));
		ck_assert_ptr_nonnull(strstr(err.hint, "--override unproven-chip"));
		ck_assert_ptr_null(strstr(err.hint, "--discard"));
		ck_assert_mem_eq(norsim_mem(rig.chip), now, rig.size);
	}
	ck_assert_uint_gt(rig_files(&rig, "jobs"), 0);
	free(now);
}

static void put_back(const uint8_t *contents)
{
	memcpy(norsim_mem(rig.chip), contents, rig.size);
	ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
}

/* The one block of the job holds something else again: it would pass for the one in flux. */
START_TEST(another_chip_is_not_taken_for_the_block_in_flux)
{
	uint8_t *half;

	start("MX25L6405D");
	ck_assert_uint_eq(nor_info(rig.nor)->uid_len, 0);
	cut_off(1);
	half = malloc(rig.size);
	memcpy(half, norsim_mem(rig.chip), rig.size);
	rig_fill(norsim_mem(rig.chip), rig.size, 77);
	expect_denied();
	/* the same firmware in another unit, whose own data stand at the end */
	swap_chip((uint32_t)rig.size - 0x8000);
	rig_fill(norsim_mem(rig.chip) + AT, 64 * KiB, 78);
	expect_denied();
	put_back(half);
	free(half);
}
END_TEST

/* The MAC of the profile in force is asked for wherever it stands. */
START_TEST(the_profiles_fields_are_fingerprints)
{
	struct np_range range = {AT, 64 * KiB};
	struct np_ranges only = {&range, 1, 1};
	struct rig_order o = {.select = &only, .how.no_backup = _i};
	struct layout layout;
	uint8_t *half;

	ck_assert_msg(layout_load("tplink-mr200-v1", &layout, &err) == 0, "%s", err.message);
	rig.job.layout = &layout;
	start("MX25L6405D");
	memcpy(norsim_mem(rig.chip) + 0x7df100, "\x50\xd4\xf7\x12\x34\x56", 6);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	memcpy(image, before, rig.size);
	rig_fill(image + AT, 64 * KiB, 9);
	o.image = image;
	norsim_clear_stats(rig.chip);
	rig.job.step_hook = cut_when_erased;
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_GONE);
	rig_reopen(&rig);
	half = malloc(rig.size);
	memcpy(half, norsim_mem(rig.chip), rig.size);
	swap_chip(0x7df100);
	expect_denied();
	put_back(half);
	free(half);
	layout_free(&layout);
}
END_TEST

/* A chip that is blank but for the block in flux is like any other of its type. */
START_TEST(nothing_speaks_for_it)
{
	struct np_range range = {AT, 64 * KiB};
	struct np_ranges only = {&range, 1, 1};
	struct rig_order o = {.select = &only, .how.no_backup = _i};

	start("MX25L6405D");
	memset(norsim_mem(rig.chip), 0xff, rig.size);
	rig_fill(norsim_mem(rig.chip) + AT, 64 * KiB, 1);
	memcpy(image, norsim_mem(rig.chip), rig.size);
	rig_fill(image + AT, 64 * KiB, 9);
	o.image = image;
	norsim_clear_stats(rig.chip);
	rig.job.step_hook = cut_when_erased;
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_GONE);
	rig_reopen(&rig);
	rig.warnings = 0;
	if (_i) {
		/* what stood there is nowhere but in the journal */
		ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0, "%s",
		              err.message);
		ck_assert_uint_eq(rig.warnings, 1);
		ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	} else {
		expect_denied();
	}
}
END_TEST

START_TEST(many_blocks_speak_for_themselves)
{
	uint8_t *half;

	start("MX25L6405D");
	cut_off(4);
	half = malloc(rig.size);
	memcpy(half, norsim_mem(rig.chip), rig.size);
	put_back(half);
	free(half);
}
END_TEST

/* The name of that list in records of 0.1.0 is read as well. */
START_TEST(old_records_call_them_witnesses)
{
	char command[300];

	start("MX25L6433F");
	cut_off(3);
	snprintf(command, sizeof(command),
	         "grep -q '\"fingerprints\": \\[$' '%s'/jobs/*.json && "
	         "sed -i 's/\"fingerprints\"/\"witnesses\"/' '%s'/jobs/*.json",
	         rig.dir, rig.dir);
	ck_assert_int_eq(system(command), 0);
	rig_fill(norsim_mem(rig.chip) + 0x400000, 0x200000, 77);
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_POLICY);
	ck_assert_str_eq(rig.refused, "unproven-chip");
	ck_assert_ptr_nonnull(strstr(err.message, "does not hold what it held"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_resume_chip");
	TCase *tc = tcase_create("chip");

	tcase_add_checked_fixture(tc, writing_setup, writing_teardown);
	tcase_add_test(tc, a_low_voltage_part_is_asked_about_again);
	tcase_add_test(tc, the_block_in_flux_is_erased_again);
	tcase_add_test(tc, the_block_in_flux_comes_first);
	tcase_add_loop_test(tc, protection_left_bare_is_put_back, 0, 2);
	tcase_add_test(tc, forgetting_asks_nothing);
	tcase_add_loop_test(tc, boot_last_is_kept, 0, 2);
	tcase_add_test(tc, another_chip_is_not_taken_for_the_block_in_flux);
	tcase_add_loop_test(tc, the_profiles_fields_are_fingerprints, 0, 2);
	tcase_add_test(tc, old_records_call_them_witnesses);
	tcase_add_loop_test(tc, nothing_speaks_for_it, 0, 2);
	tcase_add_test(tc, many_blocks_speak_for_themselves);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
