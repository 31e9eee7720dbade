/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: prepare.c */
/* Writing with --base, a file that says what the chip holds, so that only samples are read. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "device/recognise.h"
#include "support/suite.h"
#include "support/writing.h"

/* Does the upper half copy the lower? 12 pairs of 8 bytes, and the one that differs once more. */
#define COPY_ASKED (13u * 2 * 8)

static void start(void)
{
	rig.job.layout = &rig_plain;
	writing_start();
}

START_TEST(base_spares_reading)
{
	struct np_ranges places = {0};
	uint8_t *base;

	start();
	base = malloc(rig.size);
	memcpy(base, before, rig.size);
	memcpy(image, before, rig.size);
	rig_fill(image + 0x30000, 64 * KiB, 77);
	ck_assert_msg(WRITE(.how.base = base) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	/* the block to be erased, and its verify, and what tells whose flash it is */
	ck_assert_int_eq(recognise_places(rig.size, &places, &err), 0);
	np_ranges_add(&places, (struct np_range){0x30000, 64 * KiB}, &err);
	np_ranges_add(&places, (struct np_range){0, 4 * KiB}, &err);
	ck_assert_uint_eq(norsim_stats(rig.chip)->bytes_read,
	                  COPY_ASKED + 64 * KiB + np_ranges_bytes(&places));
	np_ranges_free(&places);
	free(base);
}
END_TEST

START_TEST(base_blank_samples_only)
{
	uint8_t *base;

	start();
	base = malloc(rig.size);
	memset(base, 0xff, rig.size);
	memset(norsim_mem(rig.chip), 0xff, rig.size);
	ck_assert_msg(WRITE(.how.base = base) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	ck_assert_uint_lt(norsim_stats(rig.chip)->bytes_read, rig.size + rig.size / 2);
	ck_assert_uint_eq(norsim_stats(rig.chip)->erases_64k, 0);
	free(base);
}
END_TEST

START_TEST(wrong_base_is_found_out)
{
	uint8_t *base;

	start();
	base = malloc(rig.size);
	memset(base, 0xff, rig.size);
	ck_assert_msg(WRITE(.how.base = base) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	ck_assert_uint_ge(rig.notes, 1);
	free(base);
}
END_TEST

/* A base that is wrong only in what is kept does not blank what is kept. */
START_TEST(base_never_speaks_for_kept_bytes)
{
	struct np_ranges keep = writing_range(0x30100, 6), select = writing_range(0, 8192 * KiB);
	uint8_t *base;

	start();
	base = malloc(rig.size);
	memcpy(base, before, rig.size);
	memset(base + 0x30100, 0xff, 6);
	ck_assert_int_eq(np_ranges_remove_all(&select, &keep, &err), 0);
	ck_assert_msg(WRITE(.how.base = base, .keep = &keep) == 0, "%s", err.message);
	memcpy(image + 0x30100, before + 0x30100, 6);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	free(base);
	np_ranges_free(&keep);
	np_ranges_free(&select);
}
END_TEST

/* The far end's CRC answers "already right?" and every verify. */
int main(void)
{
	Suite *suite = suite_create("job_base");
	TCase *tc = tcase_create("base");

	tcase_add_checked_fixture(tc, writing_setup, writing_teardown);
	tcase_add_test(tc, base_spares_reading);
	tcase_add_test(tc, base_blank_samples_only);
	tcase_add_test(tc, wrong_base_is_found_out);
	tcase_add_test(tc, base_never_speaks_for_kept_bytes);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
