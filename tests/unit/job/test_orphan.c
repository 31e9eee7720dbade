/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chip without a unique ID, cut off in one USB port and met again in another: its jobs are named
 * by its type and the programmer, so the record is found by what the chip holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/rig.h"
#include "support/suite.h"

#define START 0x7a0123u /* 256 KiB and a bit, with ends inside erase blocks */
#define LEN   (0x40000u + 77)
#define KEEP  0x7cf100u /* six bytes of it stay */

static struct rig rig;
static uint8_t *image, *before, *after;
static struct np_ranges select_set, keep_set;
static struct write_result result;
static struct np_error err;

/* A programmer on which the unique ID is not always read. */
static struct {
	struct spi_opened inner;
	bool mute;
} line;

static int line_run(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                    spi_progress_fn *progress, void *ctx, struct np_error *e)
{
	int ret = line.inner.ops->run(self, msgs, count, done, progress, ctx, e);

	for (size_t i = 0; i < count && line.mute; i++)
		if (msgs[i].cmd[0] == 0x4b && msgs[i].rx)
			memset(msgs[i].rx, 0xff, msgs[i].rx_len);
	return ret;
}

static int line_set_hz(void *self, uint32_t hz, struct np_error *e)
{
	return line.inner.ops->set_hz(self, hz, e);
}

static void line_close(void *self)
{
	line.inner.ops->close(self);
}

static const struct spi_ops line_ops = {
	.run = line_run, .set_hz = line_set_hz, .close = line_close};

static int put_line(struct spi_opened *opened, void *ctx)
{
	(void)ctx;
	line.inner = *opened;
	opened->ops = &line_ops;
	return 0;
}

static void start(const char *part)
{
	rig_init(&rig);
	rig.config.chip.part = part;
	rig.wrap = put_line;
	rig.job.layout = &rig_plain;
	rig_open(&rig);
	image = malloc(rig.size);
	before = malloc(rig.size);
	after = malloc(rig.size);
	rig_fill(before, rig.size, 11);
	rig_fill(image, rig.size, 12);
	memset(before + 0x7c0000, 0xff, 0x8000);
	memcpy(after, before, rig.size);
	memcpy(after + START, image + START, LEN);
	memcpy(after + KEEP, before + KEEP, 6);
	np_ranges_add(&select_set, (struct np_range){START, LEN}, NULL);
	np_ranges_remove(&select_set, (struct np_range){KEEP, 6}, NULL);
	np_ranges_add(&keep_set, (struct np_range){KEEP, 6}, NULL);
	memcpy(norsim_mem(rig.chip), before, rig.size);
	memset(&err, 0, sizeof(err));
}

static void setup(void)
{
	line.mute = false;
	start("MX25L6433F");
	ck_assert_uint_eq(nor_info(rig.nor)->uid_len, 0);
}

static void setup_with_id(void)
{
	line.mute = false;
	start("W25Q64FV");
	ck_assert_uint_eq(nor_info(rig.nor)->uid_len, 8);
}

static void teardown(void)
{
	rig_free(&rig);
	free(image);
	free(before);
	free(after);
	np_ranges_free(&select_set);
	np_ranges_free(&keep_set);
}

static bool holds(const uint8_t *want)
{
	return memcmp(norsim_mem(rig.chip), want, rig.size) == 0;
}

static int write_region(bool no_backup)
{
	struct rig_order o = {.image = image,
	                      .select = &select_set,
	                      .keep = &keep_set,
	                      .how.no_backup = no_backup};

	return rig_write(&rig, &o, &result, &err);
}

static uint64_t steps_of_a_write(bool no_backup)
{
	rig.step = rig.cut_at = 0;
	ck_assert_msg(write_region(no_backup) == 0, "%s", err.message);
	ck_assert(holds(after));
	memcpy(norsim_mem(rig.chip), before, rig.size);
	return rig.step;
}

static void other_port(void)
{
	rig_reopen(&rig);
	rig.job.programmer = "sim in another port";
}

static void cut_in_the_middle(void)
{
	uint64_t count = steps_of_a_write(false);

	rig.step = 0;
	rig.cut_at = count / 2;
	ck_assert_int_ne(write_region(false), 0);
	ck_assert(!holds(before));
	other_port();
}

static void expect_refusal(bool no_backup)
{
	uint8_t *now = malloc(rig.size);

	memcpy(now, norsim_mem(rig.chip), rig.size);
	ck_assert_int_eq(write_region(no_backup), NP_E_JOURNAL);
	ck_assert_ptr_nonnull(strstr(err.message, "begun on sim"));
	ck_assert_ptr_nonnull(strstr(err.hint, "norprog resume"));
	ck_assert(holds(now));
	free(now);
}

static void expect_finished(enum resume_mode mode)
{
	ck_assert_msg(rig_resume(&rig, mode, &result, &err) == 0, "%s", err.message);
	ck_assert(holds(mode == RESUME_UNDO ? before : after));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}

START_TEST(the_other_port_refuses_and_resumes)
{
	bool no_backup = _i / 2;
	enum resume_mode mode = _i % 2 ? RESUME_UNDO : RESUME_FINISH;
	uint64_t count = steps_of_a_write(no_backup), refused = 0;

	for (uint64_t k = 1; k <= count; k++) {
		rig.step = 0;
		rig.cut_at = k;
		ck_assert_int_ne(write_region(no_backup), 0);
		other_port();
		if (!holds(before)) {
			expect_refusal(no_backup);
			expect_finished(mode);
			refused++;
		}
		/* Nothing had begun: the record hinders nobody, and goes by its own name. */
		rig_reopen(&rig);
		if (rig_files(&rig, "jobs"))
			rig_resume(&rig, RESUME_DISCARD, &result, &err);
		memcpy(norsim_mem(rig.chip), before, rig.size);
	}
	ck_assert_uint_gt(refused, 10);
}
END_TEST

START_TEST(the_other_port_discards)
{
	cut_in_the_middle();
	ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), 0);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	ck_assert_msg(write_region(false) == 0, "%s", err.message);
}
END_TEST

/* Another chip of the type is not held up, nor can it resume what is not its own. */
START_TEST(another_chip_in_the_other_port_is_free)
{
	uint8_t *half = malloc(rig.size);

	cut_in_the_middle();
	memcpy(half, norsim_mem(rig.chip), rig.size);
	memset(norsim_mem(rig.chip) + START, 0x5a, 0x2000);
	memset(norsim_mem(rig.chip) + 0x7c0000, 0x5a, 0x8000);
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_INPUT);
	ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), NP_E_INPUT);
	ck_assert_msg(write_region(false) == 0, "%s", err.message);
	rig_reopen(&rig);
	memcpy(norsim_mem(rig.chip), half, rig.size);
	expect_finished(RESUME_FINISH);
	free(half);
}
END_TEST

/* A flipped bit does not make the chip a stranger. */
START_TEST(flipped_bits_do_not_hide_the_job)
{
	cut_in_the_middle();
	norsim_faults(rig.chip)->flip_one_in = 20000;
	ck_assert_int_eq(write_region(false), NP_E_JOURNAL);
	norsim_faults(rig.chip)->flip_one_in = 0;
	expect_finished(RESUME_FINISH);
}
END_TEST

/* The resume under the new name is cut off as well, at every step. */
START_TEST(an_adopted_job_is_cut_off)
{
	for (uint64_t k = 1; k < 1000; k++) {
		int ret;

		cut_in_the_middle();
		rig.cut_at = k;
		ret = rig_resume(&rig, RESUME_FINISH, &result, &err);
		if (ret) {
			other_port();
			if (!holds(after))
				ck_assert_int_eq(write_region(false), NP_E_JOURNAL);
			expect_finished(RESUME_FINISH);
		}
		memcpy(norsim_mem(rig.chip), before, rig.size);
		if (!ret)
			return;
	}
	ck_abort_msg("it never ended");
}
END_TEST

/* The same device with the firmware of before (or, already, of after) and data of its own: one
 * block of the job, and what lies outside of it. */
static void swap_unit(const uint8_t *firmware, bool own_tail)
{
	memcpy(norsim_mem(rig.chip), firmware, rig.size);
	memset(norsim_mem(rig.chip) + 0x7b0000, 0x5a, 0x1000);
	if (own_tail)
		memset(norsim_mem(rig.chip) + 0x7ff000, 0x5a, 0x1000);
}

START_TEST(another_unit_of_the_device_is_free)
{
	const uint8_t *firmware = _i ? after : before;
	uint8_t *half = malloc(rig.size), *want = malloc(rig.size);

	cut_in_the_middle();
	memcpy(half, norsim_mem(rig.chip), rig.size);
	swap_unit(firmware, true);
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_INPUT);
	ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), NP_E_INPUT);
	memcpy(want, norsim_mem(rig.chip), rig.size);
	memcpy(want + START, after + START, LEN);
	rig.warnings = 0;
	ck_assert_msg(write_region(false) == 0, "%s", err.message);
	ck_assert_uint_eq(rig.warnings, 1);
	ck_assert(holds(want));
	/* the record still waits for the chip it is about */
	rig_reopen(&rig);
	memcpy(norsim_mem(rig.chip), half, rig.size);
	expect_finished(RESUME_FINISH);
	free(half);
	free(want);
}
END_TEST

/* Nothing tells it from the chip that was cut off in that block. */
START_TEST(what_nothing_denies_is_refused)
{
	cut_in_the_middle();
	swap_unit(before, false);
	expect_refusal(false);
	ck_assert_ptr_nonnull(strstr(err.hint, "another chip's"));
}
END_TEST

/* Nor does a flipped bit deny what is so. */
START_TEST(flipped_bits_deny_nothing)
{
	cut_in_the_middle();
	swap_unit(before, false);
	for (uint64_t seed = 1; seed <= 10; seed++) {
		norsim_faults(rig.chip)->seed = seed;
		norsim_faults(rig.chip)->flip_one_in = 20000;
		ck_assert_int_eq(write_region(false), NP_E_JOURNAL);
	}
}
END_TEST

/* Half of it is done: that its device ran since and wrote elsewhere does not make it another. */
START_TEST(a_chip_half_done_is_the_one)
{
	cut_in_the_middle();
	memset(norsim_mem(rig.chip) + 0x7ff000, 0x5a, 0x1000);
	expect_refusal(false);
}
END_TEST

static int cut_when_programmed(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	return norsim_stats(rig.chip)->pages_programmed >= 200;
}

/* What --base said of bytes that nobody read may have been wrong: they make no chip a stranger. */
START_TEST(what_nobody_read_speaks_for_none)
{
	struct rig_order o = {.image = image, .how.base = before};

	memset(before + 0x100000, 0xff, 0x40000);
	memcpy(image, before, rig.size);
	rig_fill(image + 0x100000, 0x40000, 3);
	memcpy(norsim_mem(rig.chip), before, rig.size);
	/* two places between the samples */
	memset(norsim_mem(rig.chip) + 0x122100, 0x42, 0x80);
	memset(norsim_mem(rig.chip) + 0x135100, 0x42, 0x80);
	norsim_clear_stats(rig.chip);
	rig.job.step_hook = cut_when_programmed;
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_GONE);
	other_port();
	expect_refusal(false);
	ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0, "%s", err.message);
	ck_assert(holds(image));
}
END_TEST

/* The record was on disk and nothing else done: there is nothing to finish. */
START_TEST(a_job_that_had_not_begun_hinders_nobody)
{
	uint64_t count = steps_of_a_write(false), k = 1;

	for (rig_reopen(&rig); k <= count && !rig_files(&rig, "jobs"); k++) {
		rig_reopen(&rig);
		rig.cut_at = k;
		ck_assert_int_ne(write_region(false), 0);
	}
	ck_assert_uint_gt(rig_files(&rig, "jobs"), 0);
	ck_assert(holds(before));
	other_port();
	ck_assert_msg(write_region(false) == 0, "%s", err.message);
	ck_assert(holds(after));
}
END_TEST

/* Read then and not now, or now and not then. */
START_TEST(a_unique_id_that_is_not_always_read)
{
	uint64_t count = steps_of_a_write(false);

	line.mute = _i;
	rig_reopen(&rig);
	rig.cut_at = count / 2;
	ck_assert_int_ne(write_region(false), 0);
	ck_assert(!holds(before));
	line.mute = !_i;
	rig_reopen(&rig);
	ck_assert_uint_eq(nor_info(rig.nor)->uid_len, _i ? 8 : 0);
	expect_refusal(false);
	expect_finished(RESUME_FINISH);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_foreign");
	TCase *tcase = tcase_create("job_foreign"), *with_id = tcase_create("unique_id");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, the_other_port_refuses_and_resumes, 0, 4);
	tcase_add_test(tcase, the_other_port_discards);
	tcase_add_test(tcase, another_chip_in_the_other_port_is_free);
	tcase_add_test(tcase, flipped_bits_do_not_hide_the_job);
	tcase_add_test(tcase, an_adopted_job_is_cut_off);
	tcase_add_loop_test(tcase, another_unit_of_the_device_is_free, 0, 2);
	tcase_add_test(tcase, what_nothing_denies_is_refused);
	tcase_add_test(tcase, flipped_bits_deny_nothing);
	tcase_add_test(tcase, a_chip_half_done_is_the_one);
	tcase_add_test(tcase, what_nobody_read_speaks_for_none);
	tcase_add_test(tcase, a_job_that_had_not_begun_hinders_nobody);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(with_id, setup_with_id, teardown);
	tcase_add_loop_test(with_id, a_unique_id_that_is_not_always_read, 0, 2);
	suite_add_tcase(suite, with_id);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
