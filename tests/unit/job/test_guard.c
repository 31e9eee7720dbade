/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: intent.c selection.c */
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
	/* The hardware id in the firmware's header names the device. */
	memcpy(flash + 0x20034, "\x01\x00\x50\xd7\x4a\x00\x00\x00", 8);
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

#define WRITE(...) rig_write(&rig, &(struct rig_order){.image = image, __VA_ARGS__}, &result, &err)

static void untouched(void)
{
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	ck_assert_uint_eq(rig.asked, 0);
}

START_TEST(unit_data_is_not_replaced_unasked)
{
	ck_assert_int_eq(WRITE(.only = NULL), NP_E_UNIT);
	ck_assert_ptr_nonnull(strstr(err.message, "rom"));
	ck_assert_ptr_nonnull(strstr(err.message, "radio"));
	ck_assert_ptr_nonnull(strstr(err.hint, "--keep unit"));
	untouched();
}
END_TEST

START_TEST(keep_unit)
{
	ck_assert_msg(WRITE(.keep_word = "unit") == 0, "%s", err.message);
	memcpy(image + 0x7d0000, before + 0x7d0000, 0x10000);
	memcpy(image + 0x7f0000, before + 0x7f0000, 0x10000);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
}
END_TEST

START_TEST(unit_data_that_stay_the_same_need_no_word)
{
	memcpy(image + 0x7d0000, before + 0x7d0000, 0x10000);
	memcpy(image + 0x7f0000, before + 0x7f0000, 0x10000);
	ck_assert_msg(WRITE(.only = NULL) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
}
END_TEST

START_TEST(named_unit_region_is_written)
{
	ck_assert_msg(WRITE(.only = "radio") == 0, "%s", err.message);
	memcpy(before + 0x7f0000, image + 0x7f0000, 0x10000);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
}
END_TEST

START_TEST(foreign_hardware_is_refused)
{
	memset(norsim_mem(rig.chip) + MAC, 0xff, 6);
	memset(before + MAC, 0xff, 6);
	ck_assert_int_eq(WRITE(.only = "firmware"), NP_E_POLICY);
	ck_assert_ptr_nonnull(strstr(err.message, "does not fit"));
	untouched();
	ck_assert_int_eq(WRITE(.only = NULL), NP_E_POLICY);
	untouched();
}
END_TEST

/* A unit that lost its MAC gets it back from a dump that has one, where that is meant. */
START_TEST(lost_mac_is_restored)
{
	struct np_range range = {0x7c0000, 0x20000};
	struct np_ranges select = {&range, 1, 1};

	memset(norsim_mem(rig.chip) + 0x7d0000, 0xff, 0x10000);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	ck_assert_int_eq(WRITE(.select = &select), NP_E_POLICY);
	untouched();
	ck_assert_msg(WRITE(.only = "rom") == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip) + 0x7d0000, image + 0x7d0000, 0x10000);
	ck_assert_uint_eq(rig.warnings, 1);
}
END_TEST

START_TEST(a_censored_image_is_refused)
{
	memcpy(image + MAC, "\xf0\xf1\xf2\xf3\xf4\xf5", 6);
	ck_assert_int_eq(WRITE(.only = "rom"), NP_E_UNIT);
	ck_assert_ptr_nonnull(strstr(err.message, "placeholder F0F1F2F3F4F5"));
	ck_assert_ptr_nonnull(strstr(err.hint, "--set mac="));
	untouched();
}
END_TEST

START_TEST(calibration_that_is_none_is_refused)
{
	memset(image + 0x7f8000, 0xff, 0x8000);
	ck_assert_int_eq(WRITE(.override = "unit-data"), NP_E_UNIT);
	ck_assert_int_eq(WRITE(.only = "radio"), NP_E_UNIT);
	ck_assert_ptr_nonnull(strstr(err.message, "cal-5g"));
	ck_assert_ptr_nonnull(strstr(err.message, "blank"));
	untouched();
}
END_TEST

START_TEST(keeping_a_blank_region_is_refused)
{
	memset(norsim_mem(rig.chip) + 0x7f0000, 0xff, 0x10000);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	ck_assert_int_eq(WRITE(.keep_word = "unit"), NP_E_UNIT);
	ck_assert_ptr_nonnull(strstr(err.message, "radio is blank on this chip"));
	ck_assert_ptr_nonnull(strstr(err.hint, "restore BACKUP --only radio"));
	untouched();
	ck_assert_msg(WRITE(.keep = &layout.unit) == 0, "%s", err.message);
}
END_TEST

/* Nothing is lost where nothing was: a lost radio block takes the donor's. */
START_TEST(blank_unit_data_may_be_filled)
{
	memset(norsim_mem(rig.chip) + 0x7f0000, 0xff, 0x10000);
	ck_assert_msg(WRITE(.keep_word = "rom") == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip) + 0x7f0000, image + 0x7f0000, 0x10000);
	ck_assert_mem_eq(norsim_mem(rig.chip) + 0x7d0000, before + 0x7d0000, 0x10000);
}
END_TEST

START_TEST(without_a_layout_the_recognised_profile_guards)
{
	rig.job.layout = NULL;
	ck_assert_int_eq(WRITE(.only = NULL), NP_E_UNIT);
	ck_assert_ptr_nonnull(strstr(err.message, "rom"));
	ck_assert_str_eq(rig.refused, "unit-data");
	untouched();
	ck_assert_msg(WRITE(.override = "unit-data") == 0, "%s", err.message);
}
END_TEST

START_TEST(another_devices_dump_is_refused)
{
	struct rig_order o = {.image = image};

	/* An MR200 v5: its MAC stands in the block behind. */
	rig_fill(image, rig.size, 2);
	memset(image + 0x7d0000, 0xff, 0x20000);
	memcpy(image + 0x7ef100, mac, 6);
	memcpy(image + 0x7f0000, "\x28\x76", 2);
	memcpy(image + 0x7f8000, "\x10\x76", 2);
	memcpy(image + 0x20034, "\x05\x00\x00\x20\x05\x00\x00\x00", 8);
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_POLICY);
	ck_assert_ptr_nonnull(strstr(err.message, "dump of TP-Link Archer MR200 v5"));
	ck_assert_ptr_nonnull(strstr(err.hint, "--range"));
	untouched();
}
END_TEST

START_TEST(erase_is_guarded_too)
{
	struct rig_order o = {.image = NULL};

	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_UNIT);
	untouched();
}
END_TEST

START_TEST(boot_last)
{
	struct rig_order o = {.image = image, .override = "unit-data", .how.boot_last = true};

	ck_assert_msg(rig_write(&rig, &o, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	ck_assert_uint_eq(rig.last_steps[0].start, 0x20000);
	rig.job.layout = NULL;
	o.image = before;
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_USAGE);
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
