/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profile's guard: what only this unit has is not replaced unasked, and a profile must fit the
 * chip. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/rig.h"
#include "support/suite.h"
#include "device/load.h"

#define MAC 0x7df100u

static struct rig rig;
static struct layout layout;
static uint8_t *image, *before;
static struct write_result result;
static struct np_error err;
static const uint8_t mac[6] = {0x50, 0xd4, 0xf7, 0x12, 0x34, 0x56};

/* Calibration as the profile expects it: the chips' numbers in front. */
static void number_radio(uint8_t *flash)
{
	memcpy(flash + 0x7f0000, "\x20\x76", 2);
	memcpy(flash + 0x7f8000, "\x10\x76", 2);
}

static void setup(void)
{
	memset(&err, 0, sizeof(err));
	rig_init(&rig);
	ck_assert_msg(layout_load("tplink-mr200-v1", &layout, &err) == 0, "%s", err.message);
	rig.job.layout = &layout;
	rig_open(&rig);
	image = malloc(rig.size);
	before = malloc(rig.size);
	rig_fill(norsim_mem(rig.chip), rig.size, 1);
	memcpy(norsim_mem(rig.chip) + MAC, mac, 6);
	number_radio(norsim_mem(rig.chip));
	memcpy(before, norsim_mem(rig.chip), rig.size);
	rig_fill(image, rig.size, 2);
	number_radio(image);
	memcpy(image + MAC, mac, 6);
	image[MAC + 5] ^= 1;
}

static void teardown(void)
{
	rig_free(&rig);
	layout_free(&layout);
	free(image);
	free(before);
}

static struct np_ranges named(const char *word)
{
	struct np_ranges set = {0};

	ck_assert_int_eq(layout_resolve(&layout, word, rig.size, &set, &err), 0);
	return set;
}

static int write_selected(struct np_ranges *select, struct np_ranges *keep, bool partial, bool unit)
{
	struct write_options o = {.image = image,
	                          .select = select,
	                          .keep = keep,
	                          .partial = partial,
	                          .unit_named = unit,
	                          .operation = "write"};

	return job_write(&rig.job, &o, &result, &err);
}

static void untouched(void)
{
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	ck_assert_uint_eq(rig.asked, 0);
}

START_TEST(unit_data_is_not_replaced_unasked)
{
	ck_assert_int_eq(write_selected(NULL, NULL, false, false), NP_E_UNIT);
	ck_assert_ptr_nonnull(strstr(err.message, "rom"));
	ck_assert_ptr_nonnull(strstr(err.message, "radio"));
	ck_assert_ptr_nonnull(strstr(err.hint, "--keep unit"));
	untouched();
}
END_TEST

START_TEST(keep_unit)
{
	struct np_ranges select = {0}, keep = named("unit");

	np_ranges_add(&select, (struct np_range){0, rig.size}, NULL);
	np_ranges_remove_all(&select, &keep, NULL);
	ck_assert_msg(write_selected(&select, &keep, false, true) == 0, "%s", err.message);
	memcpy(image + 0x7d0000, before + 0x7d0000, 0x10000);
	memcpy(image + 0x7f0000, before + 0x7f0000, 0x10000);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	np_ranges_free(&select);
	np_ranges_free(&keep);
}
END_TEST

START_TEST(unit_data_that_stay_the_same_need_no_word)
{
	memcpy(image + 0x7d0000, before + 0x7d0000, 0x10000);
	memcpy(image + 0x7f0000, before + 0x7f0000, 0x10000);
	ck_assert_msg(write_selected(NULL, NULL, false, false) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
}
END_TEST

START_TEST(named_unit_region_is_written)
{
	struct np_ranges select = named("radio");

	ck_assert_msg(write_selected(&select, NULL, true, true) == 0, "%s", err.message);
	memcpy(before + 0x7f0000, image + 0x7f0000, 0x10000);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	np_ranges_free(&select);
}
END_TEST

START_TEST(foreign_hardware_is_refused)
{
	struct np_ranges select = named("firmware");

	memset(norsim_mem(rig.chip) + MAC, 0xff, 6);
	memset(before + MAC, 0xff, 6);
	ck_assert_int_eq(write_selected(&select, NULL, true, false), NP_E_POLICY);
	ck_assert_ptr_nonnull(strstr(err.message, "does not fit"));
	untouched();
	np_ranges_free(&select);
	ck_assert_int_eq(write_selected(NULL, NULL, false, false), NP_E_POLICY);
	untouched();
}
END_TEST

/* A unit that lost its MAC gets it back from a dump that has one. */
START_TEST(lost_mac_is_restored)
{
	struct np_ranges select = named("rom");

	memset(norsim_mem(rig.chip) + 0x7d0000, 0xff, 0x10000);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	ck_assert_int_eq(write_selected(&select, NULL, true, false), NP_E_POLICY);
	untouched();
	ck_assert_msg(write_selected(&select, NULL, true, true) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip) + 0x7d0000, image + 0x7d0000, 0x10000);
	ck_assert_uint_eq(rig.warnings, 1);
	np_ranges_free(&select);
}
END_TEST

START_TEST(a_censored_image_is_refused)
{
	struct np_ranges select = named("rom");

	memcpy(image + MAC, "\xf0\xf1\xf2\xf3\xf4\xf5", 6);
	ck_assert_int_eq(write_selected(&select, NULL, true, true), NP_E_UNIT);
	ck_assert_ptr_nonnull(strstr(err.message, "placeholder F0F1F2F3F4F5"));
	ck_assert_ptr_nonnull(strstr(err.hint, "--set mac="));
	untouched();
	np_ranges_free(&select);
}
END_TEST

START_TEST(calibration_that_is_none_is_refused)
{
	struct np_ranges select = named("radio");

	memset(image + 0x7f8000, 0xff, 0x8000);
	ck_assert_int_eq(write_selected(NULL, NULL, false, true), NP_E_UNIT);
	ck_assert_int_eq(write_selected(&select, NULL, true, true), NP_E_UNIT);
	ck_assert_ptr_nonnull(strstr(err.message, "cal-5g"));
	ck_assert_ptr_nonnull(strstr(err.message, "blank"));
	untouched();
	np_ranges_free(&select);
}
END_TEST

START_TEST(keeping_a_blank_region_is_refused)
{
	struct np_ranges keep = named("unit"), select = {0};
	struct write_options o = {.image = image,
	                          .select = &select,
	                          .keep = &keep,
	                          .unit_named = true,
	                          .operation = "write"};

	memset(norsim_mem(rig.chip) + 0x7f0000, 0xff, 0x10000);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	ck_assert_int_eq(np_ranges_add(&select, (struct np_range){0, rig.size}, &err), 0);
	ck_assert_int_eq(np_ranges_remove_all(&select, &keep, &err), 0);
	ck_assert_int_eq(job_write(&rig.job, &o, &result, &err), NP_E_UNIT);
	ck_assert_ptr_nonnull(strstr(err.message, "radio is blank on this chip"));
	ck_assert_ptr_nonnull(strstr(err.hint, "restore BACKUP --only radio"));
	untouched();
	o.keep_blank = true;
	ck_assert_msg(job_write(&rig.job, &o, &result, &err) == 0, "%s", err.message);
	np_ranges_free(&keep);
	np_ranges_free(&select);
}
END_TEST

/* Nothing is lost where nothing was: a lost radio block takes the donor's. */
START_TEST(blank_unit_data_may_be_filled)
{
	struct np_ranges keep = named("rom"), select = {0};

	memset(norsim_mem(rig.chip) + 0x7f0000, 0xff, 0x10000);
	ck_assert_int_eq(np_ranges_add(&select, (struct np_range){0, rig.size}, &err), 0);
	ck_assert_int_eq(np_ranges_remove_all(&select, &keep, &err), 0);
	ck_assert_msg(write_selected(&select, &keep, false, false) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip) + 0x7f0000, image + 0x7f0000, 0x10000);
	ck_assert_mem_eq(norsim_mem(rig.chip) + 0x7d0000, before + 0x7d0000, 0x10000);
	np_ranges_free(&keep);
	np_ranges_free(&select);
}
END_TEST

START_TEST(without_a_layout_the_recognised_profile_guards)
{
	struct write_options o = {
		.image = image, .unit_named = true, .recognise = true, .operation = "write"};

	rig.job.layout = NULL;
	ck_assert_int_eq(job_write(&rig.job, &o, &result, &err), NP_E_UNIT);
	ck_assert_ptr_nonnull(strstr(err.message, "rom"));
	untouched();
	o.recognise = false;
	ck_assert_msg(job_write(&rig.job, &o, &result, &err) == 0, "%s", err.message);
}
END_TEST

START_TEST(another_devices_dump_is_refused)
{
	struct write_options o = {.image = image, .unit_named = true, .operation = "write"};

	/* An MR200 v5: its MAC stands in the block behind. */
	rig_fill(image, rig.size, 2);
	memset(image + 0x7d0000, 0xff, 0x20000);
	memcpy(image + 0x7ef100, mac, 6);
	memcpy(image + 0x7f0000, "\x28\x76", 2);
	memcpy(image + 0x7f8000, "\x10\x76", 2);
	memcpy(image + 0x20034, "\x05\x00\x00\x20\x05\x00\x00\x00", 8);
	ck_assert_int_eq(job_write(&rig.job, &o, &result, &err), NP_E_POLICY);
	ck_assert_ptr_nonnull(strstr(err.message, "dump of TP-Link Archer MR200 v5"));
	ck_assert_ptr_nonnull(strstr(err.hint, "--range"));
	untouched();
}
END_TEST

START_TEST(erase_is_guarded_too)
{
	struct write_options o = {.operation = "erase", .allow_chip_erase = true};

	ck_assert_int_eq(job_write(&rig.job, &o, &result, &err), NP_E_UNIT);
	untouched();
}
END_TEST

START_TEST(boot_last)
{
	struct write_options o = {
		.image = image, .unit_named = true, .boot_last = true, .operation = "write"};

	ck_assert_msg(job_write(&rig.job, &o, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	ck_assert_uint_eq(rig.last_steps[0].start, 0x20000);
	rig.job.layout = NULL;
	o.image = before;
	ck_assert_int_eq(job_write(&rig.job, &o, &result, &err), NP_E_USAGE);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_guard");
	TCase *tc = tcase_create("guard");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, unit_data_is_not_replaced_unasked);
	tcase_add_test(tc, keep_unit);
	tcase_add_test(tc, unit_data_that_stay_the_same_need_no_word);
	tcase_add_test(tc, named_unit_region_is_written);
	tcase_add_test(tc, foreign_hardware_is_refused);
	tcase_add_test(tc, lost_mac_is_restored);
	tcase_add_test(tc, erase_is_guarded_too);
	tcase_add_test(tc, a_censored_image_is_refused);
	tcase_add_test(tc, calibration_that_is_none_is_refused);
	tcase_add_test(tc, keeping_a_blank_region_is_refused);
	tcase_add_test(tc, blank_unit_data_may_be_filled);
	tcase_add_test(tc, without_a_layout_the_recognised_profile_guards);
	tcase_add_test(tc, another_devices_dump_is_refused);
	tcase_add_test(tc, boot_last);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
