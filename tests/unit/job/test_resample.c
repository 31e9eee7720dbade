/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: resample.c
 * Parts of a chip that is smaller than its ID says: refused beforehand where its contents show it,
 * told afterwards where they did not; and a chip of the full size is never called small. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/rig.h"
#include "support/suite.h"

#define KiB 1024u

static struct rig rig;
static uint8_t *image, *before;
static struct write_result result;
static struct np_error err;

static void setup(void)
{
	rig_init(&rig);
	rig_open(&rig);
	memset(&err, 0, sizeof(err));
	image = malloc(rig.size);
	before = malloc(rig.size);
	rig_fill(image, rig.size, 2);
	memset(norsim_mem(rig.chip), 0xff, rig.size);
}

static void teardown(void)
{
	rig_free(&rig);
	free(image);
	free(before);
}

static void is_small(void)
{
	norsim_faults(rig.chip)->real_size = rig.size / 2;
	memcpy(norsim_mem(rig.chip) + rig.size / 2, norsim_mem(rig.chip), rig.size / 2);
}

static int write_parts(const struct np_range *parts, size_t count, const char *override)
{
	struct np_ranges select = {(struct np_range *)(uintptr_t)parts, count, count};
	struct rig_order o = {.image = image, .select = &select, .override = override};

	memcpy(before, norsim_mem(rig.chip), rig.size);
	return rig_write(&rig, &o, &result, &err);
}

#define WRITE(override, ...)                                                                  \
	write_parts((const struct np_range[]){__VA_ARGS__},                                   \
	            sizeof((const struct np_range[]){__VA_ARGS__}) / sizeof(struct np_range), \
	            override)

static void expect_undone(void)
{
	rig_reopen(&rig);
	ck_assert_msg(rig_resume(&rig, RESUME_UNDO, &result, &err) == 0, "%s; %s", err.message,
	              err.hint);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size / 2);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}

/* Filled: the samples show it before anything is written. */
START_TEST(a_part_in_the_copy_is_refused)
{
	uint32_t half = (uint32_t)(rig.size / 2);

	rig_fill(norsim_mem(rig.chip), half, 1);
	is_small();
	ck_assert_int_eq(WRITE(NULL, {half + 64 * KiB, 64 * KiB}), NP_E_UNSTABLE);
	ck_assert_str_eq(result.gate, "mirror");
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	/* Below, such a chip is as good as any. */
	ck_assert_msg(WRITE(NULL, {64 * KiB, 64 * KiB}) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip) + 64 * KiB, image + 64 * KiB, 64 * KiB);
}
END_TEST

/* Lifted, the job still ends with what happened, and can be undone. */
START_TEST(a_part_written_over_is_told)
{
	uint32_t half = (uint32_t)(rig.size / 2);

	rig_fill(norsim_mem(rig.chip), half, 1);
	is_small();
	ck_assert_int_eq(WRITE("mirror", {half + 64 * KiB, 64 * KiB}), NP_E_VERIFY);
	ck_assert_ptr_nonnull(strstr(err.hint, "smaller than its ID"));
	ck_assert_ptr_nonnull(strstr(err.hint, "--undo"));
	expect_undone();
}
END_TEST

/* Nearly blank: no sample tells, but what lies below the part did change. */
START_TEST(a_part_of_a_blank_chip_written_over_is_told)
{
	uint32_t half = (uint32_t)(rig.size / 2);

	rig_fill(norsim_mem(rig.chip) + 0x151000, 4 * KiB, 1);
	is_small();
	ck_assert_int_eq(WRITE(NULL, {half + 0x151000, 4 * KiB}), NP_E_VERIFY);
	ck_assert_ptr_nonnull(strstr(err.hint, "smaller than its ID"));
	expect_undone();
}
END_TEST

/* Both in one job: the later part goes over the earlier one. */
START_TEST(a_part_that_the_same_job_writes_over)
{
	uint32_t half = (uint32_t)(rig.size / 2);

	is_small();
	ck_assert_int_eq(WRITE(NULL, {64 * KiB, 64 * KiB}, {half + 64 * KiB, 64 * KiB}),
	                 NP_E_VERIFY);
	expect_undone();
}
END_TEST

/* The full size, with copies of images in it as devices with two of them have. */
START_TEST(two_images_on_a_chip_of_the_full_size)
{
	uint32_t half = (uint32_t)(rig.size / 2);
	uint8_t *mem = norsim_mem(rig.chip);

	rig_fill(mem, half, 1);
	memcpy(mem + half, mem, half);
	mem[half + 64 * KiB + 5] ^= 1;
	ck_assert_msg(WRITE(NULL, {half + 64 * KiB, 64 * KiB}) == 0, "%s; %s", err.message,
	              err.hint);
	ck_assert_mem_eq(mem + half + 64 * KiB, image + half + 64 * KiB, 64 * KiB);
	/* Alike to the last byte it looks as a small one does: then somebody has to say so. */
	memcpy(mem, mem + half, half);
	ck_assert_int_eq(WRITE(NULL, {half + 256 * KiB, 64 * KiB}), NP_E_UNSTABLE);
	ck_assert_str_eq(result.gate, "mirror");
	ck_assert_msg(WRITE("mirror", {half + 256 * KiB, 64 * KiB}) == 0, "%s; %s", err.message,
	              err.hint);
	ck_assert_mem_eq(mem + half + 256 * KiB, image + half + 256 * KiB, 64 * KiB);
}
END_TEST

/* A few places are not many bytes. */
START_TEST(what_it_costs)
{
	uint64_t read[2];

	for (unsigned none = 0; none < 2; none++) {
		struct np_range part = {rig.size / 2 + 64 * KiB, 64 * KiB};
		struct np_ranges select = {&part, 1, 1};
		struct rig_order o = {.image = image, .select = &select, .how.verify_none = none};

		memset(norsim_mem(rig.chip), 0xff, rig.size);
		norsim_clear_stats(rig.chip);
		ck_assert_msg(rig_write(&rig, &o, &result, &err) == 0, "%s", err.message);
		read[none] = norsim_stats(rig.chip)->bytes_read;
	}
	/* One step: one place, before and after, beside the check of the block itself. */
	ck_assert_uint_eq(read[0], read[1] + 64 * KiB + 2 * 16);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("resample");
	TCase *tc = suite_group(suite, "resample", setup, teardown);

	tcase_add_test(tc, a_part_in_the_copy_is_refused);
	tcase_add_test(tc, a_part_written_over_is_told);
	tcase_add_test(tc, a_part_of_a_blank_chip_written_over_is_told);
	tcase_add_test(tc, a_part_that_the_same_job_writes_over);
	tcase_add_test(tc, two_images_on_a_chip_of_the_full_size);
	tcase_add_test(tc, what_it_costs);
	return run_suite(suite);
}
