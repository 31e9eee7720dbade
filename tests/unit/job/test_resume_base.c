/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs with --base that are cut off: what only the base vouched for is read before it is believed,
 * and saved before it is erased. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/backup.h"
#include "support/rig.h"
#include "support/suite.h"

#define KiB   1024u
#define START 0x100000u
#define LEN   (256 * KiB)

static struct rig rig;
static uint8_t *before, *after, *base;
static struct write_result result;
static struct np_error err;

static void setup(void)
{
	rig_init(&rig);
	rig_open(&rig);
	memset(&err, 0, sizeof(err));
	before = malloc(rig.size);
	after = malloc(rig.size);
	base = malloc(rig.size);
	rig_fill(norsim_mem(rig.chip), rig.size, 1);
	memset(norsim_mem(rig.chip) + START, 0xff, LEN);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	memcpy(base, before, rig.size);
	memcpy(after, before, rig.size);
	rig_fill(after + START, LEN, 2);
}

static void teardown(void)
{
	rig_free(&rig);
	free(before);
	free(after);
	free(base);
}

/* Where no sample is taken the chip holds something else than the base. */
static void lie(uint32_t block)
{
	memset(norsim_mem(rig.chip) + block + 0x100, 0x42, 0x80);
	memset(before + block + 0x100, 0x42, 0x80);
}

static int write_blank(void)
{
	struct rig_order o = {.image = after, .how.base = base};

	return rig_write(&rig, &o, &result, &err);
}

static uint64_t pages_until;

static int cut_after_pages(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	return norsim_stats(rig.chip)->pages_programmed >= pages_until;
}

/* The job dies when the first block of four is done. */
static void cut_off(void)
{
	rig.job.step_hook = cut_after_pages;
	norsim_clear_stats(rig.chip);
	pages_until = 200;
	ck_assert_int_eq(write_blank(), NP_E_GONE);
	ck_assert_uint_eq(norsim_stats(rig.chip)->erases_64k, 0);
	rig_reopen(&rig);
}

static void expect_saved(const char *path, uint32_t block)
{
	struct np_ranges covered = {0};
	uint8_t *back = calloc(1, rig.size);

	ck_assert_msg(backup_load(path, rig.size, back, &covered, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(back + block, before + block, 4 * KiB);
	np_ranges_free(&covered);
	free(back);
}

START_TEST(a_true_base_is_resumed)
{
	enum resume_mode mode = _i ? RESUME_UNDO : RESUME_FINISH;

	cut_off();
	ck_assert_msg(rig_resume(&rig, mode, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), _i ? before : after, rig.size);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	/* that the base was right about what is undone nobody knows */
	ck_assert_uint_eq(rig.warnings, _i);
}
END_TEST

/* One lie, and several in different blocks, behind the place where the job was cut off. */
START_TEST(what_the_base_did_not_say_is_saved_before_it_is_erased)
{
	enum resume_mode mode = _i & 1 ? RESUME_UNDO : RESUME_FINISH;

	lie(START + 0x25000);
	if (_i & 2) {
		lie(START + 0x31000);
		lie(START + 0x38000);
	}
	cut_off();
	ck_assert_msg(rig_resume(&rig, mode, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), mode == RESUME_UNDO ? before : after, rig.size);
	ck_assert_uint_ge(rig.warnings, 1);
	expect_saved(result.backup_path, START + 0x25000);
	if (_i & 2)
		expect_saved(result.backup_path, START + 0x38000);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}
END_TEST

/* The job itself comes upon the lie: it does not erase, and resume can go on. */
START_TEST(a_lie_found_by_verify)
{
	lie(START + 0x25000);
	ck_assert_int_eq(write_blank(), NP_E_VERIFY);
	ck_assert_ptr_nonnull(strstr(err.message, "--base"));
	ck_assert_ptr_nonnull(strstr(err.hint, "norprog resume"));
	ck_assert_uint_eq(norsim_stats(rig.chip)->erases_4k, 0);
	rig_reopen(&rig);
	ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), after, rig.size);
}
END_TEST

/* The resume is cut off at every operation, and the one after it finishes. */
START_TEST(cut_off_again)
{
	unsigned k = 1;
	int ret = NP_E_GONE;

	lie(START + 0x25000);
	lie(START + 0x31000);
	for (; ret == NP_E_GONE; k++) {
		memcpy(norsim_mem(rig.chip), before, rig.size);
		cut_off();
		rig.cut_at = k;
		ret = rig_resume(&rig, RESUME_FINISH, &result, &err);
		rig_reopen(&rig);
		if (ret == NP_E_GONE)
			ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0,
			              "cut %u: %s", k, err.message);
		ck_assert_mem_eq(norsim_mem(rig.chip), after, rig.size);
	}
	ck_assert_int_eq(ret, 0);
	ck_assert_uint_gt(k, 20);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_resume_base");
	TCase *tc = tcase_create("base");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_true_base_is_resumed, 0, 2);
	tcase_add_loop_test(tc, what_the_base_did_not_say_is_saved_before_it_is_erased, 0, 4);
	tcase_add_test(tc, a_lie_found_by_verify);
	tcase_add_test(tc, cut_off_again);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
