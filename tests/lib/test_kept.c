/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: otp.c kept.c */
/* What stays when a job is over or was cut: records, one-time areas, and a plan before it runs. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct scene scene;
static uint8_t *mine;

static void setup(void)
{
	mine = dump_of("mr200", 7, 7);
	scene_open(&scene, mine);
}

static void teardown(void)
{
	scene_close(&scene);
	free(mine);
}

static void damaged(void *ctx, const struct norprog_unfinished *job)
{
	*(int *)ctx += 1 + 100 * job->damaged;
}

START_TEST(test_unfinished)
{
	int seen = 0;
	char path[256];
	FILE *file;

	must_pass(&scene, norprog_unfinished_jobs(scene.np, damaged, &seen));
	ck_assert_int_eq(seen, 0);
	snprintf(path, sizeof(path), "mkdir -p '%s/jobs'", scene.state);
	ck_assert_int_eq(system(path), 0);
	snprintf(path, sizeof(path), "%s/jobs/ef4017-xx.json", scene.state);
	file = fopen(path, "w");
	fputs("{\"format\": 1, \"operation\": 7}", file);
	fclose(file);
	must_pass(&scene, norprog_unfinished_jobs(scene.np, damaged, &seen));
	ck_assert_int_eq(seen, 101);
	ck_assert_str_ne(scene.log, "");
}
END_TEST

static void count_area(void *ctx, const struct norprog_otp_area *area)
{
	ck_assert_uint_eq(area->len, 256);
	ck_assert(area->name[0] && area->lock_known && area->erasable);
	*(unsigned *)ctx += area->locked ? 100 : 1;
}

START_TEST(test_otp)
{
	uint8_t bytes[256], blank[256];
	unsigned count = 0;

	must_fail(&scene, norprog_otp_list(scene.np, NULL, NULL), NORPROG_E_USAGE, "");
	must_pass(&scene, norprog_otp_list(scene.np, count_area, &count));
	ck_assert_uint_eq(count, 3);
	must_fail(&scene, norprog_otp_read(scene.np, 1, bytes, 255), NORPROG_E_RANGE, "");
	must_fail(&scene, norprog_otp_read(scene.np, 9, bytes, 256), NORPROG_E_RANGE, "");
	must_fail(&scene, norprog_otp_change(scene.np, 1, NORPROG_OTP_WRITE, 3, "abc", 3, NULL),
	          NORPROG_E_POLICY, "permanent");
	must_fail(&scene, norprog_otp_change(scene.np, 1, NORPROG_OTP_LOCK, 0, NULL, 0, "supply"),
	          NORPROG_E_POLICY, "permanent");
	ck_assert_uint_eq(scene.asked, 0);
	must_pass(&scene, norprog_otp_read(scene.np, 1, blank, 256));
	must_pass(&scene, norprog_otp_change(scene.np, 1, NORPROG_OTP_WRITE, 3, "abc", 3,
	                                     "supply,permanent"));
	ck_assert_uint_eq(scene.asked, 1);
	must_pass(&scene, norprog_otp_read(scene.np, 1, bytes, 256));
	ck_assert(memcmp(bytes + 3, "abc", 3) == 0 && memcmp(bytes, blank, 3) == 0);
	must_fail(&scene,
	          norprog_otp_change(scene.np, 1, NORPROG_OTP_WRITE, 254, "abc", 3, "permanent"),
	          NORPROG_E_RANGE, "");
	must_pass(&scene,
	          norprog_otp_change(scene.np, 1, NORPROG_OTP_ERASE, 0, NULL, 0, "permanent"));
	must_pass(&scene,
	          norprog_otp_change(scene.np, 1, NORPROG_OTP_LOCK, 0, NULL, 0, "permanent"));
	must_fail(&scene,
	          norprog_otp_change(scene.np, 1, NORPROG_OTP_WRITE, 0, "abc", 3, "permanent"),
	          NORPROG_E_PROTECTED, "");
	count = 0;
	must_pass(&scene, norprog_otp_list(scene.np, count_area, &count));
	ck_assert_uint_eq(count, 102);
}
END_TEST

/* A plan can be looked at, and is what then happens. */
START_TEST(test_plan)
{
	const struct norprog_plan *plan = NULL;
	const struct norprog_result *result = NULL;
	const struct norprog_step *step;
	uint64_t erase = 0;
	norprog_job *job;

	must_pass(&scene, norprog_job_new(scene.np, NORPROG_ERASE, &job));
	ck_assert_ptr_null(norprog_job_plan_of(job));
	must_pass(&scene, norprog_job_only(job, "romfile"));
	must_pass(&scene, norprog_job_only(job, "0x100000+4K"));
	must_pass(&scene, norprog_job_plan(job, &plan));
	for (size_t i = 0; (step = norprog_job_step(job, i)) != NULL; i++) {
		erase += step->erase;
		ck_assert_str_eq(step->regions, step->start < 0x7e0000 ? "firmware" : "romfile");
	}
	ck_assert_uint_eq(erase, plan->erase_bytes);
	ck_assert_uint_eq(erase, (64 + 4) << 10);
	ck_assert_uint_gt(plan->changed_bytes, 60000);
	ck_assert_uint_eq(scene.steps, 0);
	ck_assert_ptr_nonnull(norprog_layout_in_force(scene.np));
	must_pass(&scene, norprog_job_run(job, &result));
	/* What was recognised was on the chip that was. */
	ck_assert_ptr_null(norprog_layout_in_force(scene.np));
	ck_assert_uint_eq(result->erased_bytes, erase);
	ck_assert_uint_eq(scene.steps, norprog_job_plan_of(job)->steps);
	must_pass(&scene, norprog_job_plan(job, &plan));
	ck_assert(plan->nothing_to_do);
	norprog_job_free(job);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kept");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_unfinished);
	tcase_add_test(tc, test_otp);
	tcase_add_test(tc, test_plan);
	suite_add_tcase(suite, tc);
	return scene_run(suite);
}
