/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: job_change.c */
/* Jobs of the library: what it refuses before any gate is asked, the question, the settings, and a job
 * that is stopped and finished. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(test_nobody_to_ask)
{
	uint8_t *mine = dump_of("mr200", 7, 7), *after;
	struct scene scene;
	norprog_job *job;

	scene_open(&scene, mine);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_ERASE, &job));
	must_pass(&scene, norprog_job_only(job, "romfile"));
	must_pass(&scene, norprog_set_question(scene.np, NULL, NULL));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_CONFIRM, "");
	after = scene_chip(&scene);
	ck_assert(memcmp(mine, after, SIZE) == 0);
	free(after);
	must_pass(&scene, norprog_set_question(scene.np, norprog_answer_yes, NULL));
	must_pass(&scene, norprog_job_run(job, NULL));
	norprog_job_free(job);
	scene_close(&scene);
	free(mine);
}
END_TEST

static int say_no(void *ctx, const struct norprog_question *question)
{
	const struct norprog_step *step = norprog_job_step(question->job, 0);

	/* What is asked about can be looked at meanwhile. */
	ck_assert_ptr_nonnull(norprog_job_plan_of(question->job));
	ck_assert_ptr_nonnull(step);
	*(uint64_t *)ctx = step->start;
	return 0;
}

START_TEST(test_the_answer_is_no)
{
	uint64_t start = 0;
	struct scene scene;
	norprog_job *job;
	uint8_t *mine = dump_of("mr200", 7, 7);

	scene_open(&scene, mine);
	must_pass(&scene, norprog_set_question(scene.np, say_no, &start));
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_ERASE, &job));
	must_pass(&scene, norprog_job_only(job, "romfile"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_INTERRUPTED, "");
	ck_assert_uint_eq(start, 0x7e0000);
	norprog_job_free(job);
	scene_close(&scene);
	free(mine);
}
END_TEST

START_TEST(test_a_part_of_1_8_volts)
{
	struct scene scene;
	norprog_job *job;
	uint8_t bytes[4096] = {1, 2, 3};

	scene_open_part(&scene, "W25Q64FW", SIZE, NULL);
	ck_assert(norprog_chip(scene.np)->low_voltage);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_WRITE, &job));
	must_pass(&scene, norprog_job_bytes(job, bytes, sizeof(bytes)));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_AT, "0x1000"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_VOLTAGE, "supply");
	must_pass(&scene, norprog_job_override(job, "supply"));
	must_pass(&scene, norprog_job_run(job, NULL));
	norprog_job_free(job);
	scene_close(&scene);
}
END_TEST

START_TEST(test_a_size_that_was_given)
{
	struct scene scene;
	norprog_job *job;
	uint8_t byte;

	scene_open(&scene, NULL);
	must_pass(&scene, norprog_set(scene.np, NORPROG_SIZE, "4M"));
	must_pass(&scene, norprog_detect(scene.np, NULL));
	ck_assert_uint_eq(norprog_chip(scene.np)->size, 4u << 20);
	must_pass(&scene, norprog_read(scene.np, 0, &byte, 1, 1));
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_ERASE, &job));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_POLICY, "size-override");
	must_fail(&scene, norprog_job_override(job, "size-override"), NORPROG_E_USAGE, NULL);
	norprog_job_free(job);
	scene_close(&scene);
}
END_TEST

START_TEST(test_no_state_folder)
{
	struct scene scene;
	norprog_job *job;
	char path[128], below[140];

	scene_open(&scene, NULL);
	must_fail(&scene, norprog_set(scene.np, NORPROG_STATE_FOLDER, NULL), NORPROG_E_OUTPUT,
	          NULL);
	must_fail(&scene, norprog_set(scene.np, NORPROG_STATE_FOLDER, ""), NORPROG_E_OUTPUT, NULL);
	scene_file(&scene, "file", "x", 1, path);
	snprintf(below, sizeof(below), "%s/state", path);
	must_pass(&scene, norprog_set(scene.np, NORPROG_STATE_FOLDER, below));
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_WRITE, &job));
	must_pass(&scene, norprog_job_bytes(job, "abcd", 4));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_AT, "0"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_OUTPUT, "state-folder");
	must_pass(&scene, norprog_set(scene.np, NORPROG_STATE_FOLDER, scene.state));
	must_pass(&scene, norprog_job_run(job, NULL));
	norprog_job_free(job);
	scene_close(&scene);
}
END_TEST

/* What is no refusal of a gate, but of the one who asks. */
START_TEST(test_senseless)
{
	struct scene scene;
	norprog_job *job;

	scene_open(&scene, NULL);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_WRITE, &job));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_job_override(job, "nonesuch"), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_job_only(job, ""), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_job_keep(job, NULL), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_job_file(job, NULL), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_job_bytes(job, "", 0), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_job_set(job, NORPROG_JOB_OUTPUT, "x"), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_job_set(job, NORPROG_JOB_STRIP, "yes"), NORPROG_E_USAGE, "");
	must_fail(&scene, norprog_job_set(job, (enum norprog_setting)99, "1"), NORPROG_E_USAGE, "");
	must_pass(&scene, norprog_job_file(job, "/nonesuch"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_INPUT, "");
	must_pass(&scene, norprog_job_bytes(job, "abcd", 4));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_STRIP, "1"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_USAGE, "");
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_STRIP, "0"));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_AT, "0x1000"));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_FIELD, "mac=50:c7:bf:10:07:99"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_RANGE, "");
	norprog_job_free(job);
	scene_close(&scene);
}
END_TEST

/* Parts of an image for two chips that cannot be. */
START_TEST(test_senseless_parts)
{
	static const char *const parts[] = {"1/2",     "1/2:",     "0/2:4+4",
	                                    "3/2:4+4", "1/2:4+0",  "1/2:8",
	                                    "x/2:4+4", "1/2:4+4+", "12345678901234567890123:8"};
	struct scene scene;
	norprog_job *job;
	char path[128];

	scene_open(&scene, NULL);
	scene_file(&scene, "eight.bin", "abcdefgh", 8, path);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_WRITE, &job));
	must_pass(&scene, norprog_job_bytes(job, "abcd", 4));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_PART, "1/2:4+4"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_USAGE, "");
	must_pass(&scene, norprog_job_file(job, path));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		must_pass(&scene, norprog_job_set(job, NORPROG_JOB_PART, parts[i]));
		must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_USAGE, "");
	}
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_PART, "1/2:4+5"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_SIZE, "");
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_PART, "1/2:4+4"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_SIZE, "file-size");
	must_pass(&scene, norprog_job_only(job, "0+4"));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_USAGE, "");
	norprog_job_free(job);
	scene_close(&scene);
}
END_TEST

/* Undo with the backup under another name, which the user has to give. */
START_TEST(test_backup_that_was_moved)
{
	uint8_t *mine = dump_of("mr200", 7, 7), *stock = dump_of("mr200", 7, 42), *after;
	struct scene scene;
	norprog_job *job;
	char path[128], moved[160];

	scene_open(&scene, mine);
	snprintf(path, sizeof(path), "%s/mine.bin", scene.dir);
	snprintf(moved, sizeof(moved), "%s/moved.bin", scene.dir);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_WRITE, &job));
	must_pass(&scene, norprog_job_bytes(job, stock, SIZE));
	must_pass(&scene, norprog_job_keep(job, "unit"));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_BACKUP, path));
	scene.stop_at_step = 3;
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_INTERRUPTED, "");
	norprog_job_free(job);
	ck_assert_int_eq(rename(path, moved), 0);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_UNDO, &job));
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_INPUT, NULL);
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_BACKUP, moved));
	must_pass(&scene, norprog_job_run(job, NULL));
	norprog_job_free(job);
	after = scene_chip(&scene);
	ck_assert(memcmp(after, mine, SIZE) == 0);
	scene_close(&scene);
	free(after);
	free(mine);
	free(stock);
}
END_TEST

/* The settings of a write, each seen in what it leaves behind. */
START_TEST(test_settings)
{
	const struct norprog_result *result = NULL;
	uint8_t *mine = dump_of("mr200", 7, 7), *stock = dump_of("mr200", 0x42, 42), *after;
	struct scene scene;
	norprog_job *job;
	char path[128];

	scene_open(&scene, mine);
	snprintf(path, sizeof(path), "%s/mine.bin", scene.dir);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_WRITE, &job));
	must_pass(&scene, norprog_job_bytes(job, stock, SIZE));
	must_pass(&scene, norprog_job_keep(job, "radio"));
	must_pass(&scene, norprog_job_keep(job, "rom"));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_FIELD, "mac=50:c7:bf:10:07:99"));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_BACKUP, path));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_BOOT_LAST, "1"));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_VERIFY_ALL, "1"));
	must_pass(&scene, norprog_job_run(job, &result));
	ck_assert_str_eq(strrchr(result->backup, '/'), "/mine.bin");
	ck_assert_uint_eq(scene_files(&scene, "backups"), 0);
	norprog_job_free(job);
	after = scene_chip(&scene);
	ck_assert(memcmp(after, stock, 0x7d0000) == 0);
	ck_assert_int_eq(after[MAC_AT + 5], 0x99);
	after[MAC_AT + 5] = mine[MAC_AT + 5];
	ck_assert(memcmp(after + 0x7d0000, mine + 0x7d0000, 0x10000) == 0);
	free(after);

	/* And back, by the backup under its own name, keeping none. */
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_RESTORE, &job));
	must_pass(&scene, norprog_job_file(job, path));
	must_pass(&scene, norprog_job_only(job, "u-boot"));
	must_pass(&scene, norprog_job_only(job, "rom"));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_NO_BACKUP, "1"));
	must_pass(&scene, norprog_job_set(job, NORPROG_JOB_PASSES, "1"));
	must_pass(&scene, norprog_job_run(job, NULL));
	norprog_job_free(job);
	ck_assert_uint_eq(scene_files(&scene, "backups"), 0);
	ck_assert_uint_eq(scene_files(&scene, "jobs"), 0);
	after = scene_chip(&scene);
	ck_assert(memcmp(after, mine, 0x20000) == 0);
	ck_assert(memcmp(after + 0x20000, stock + 0x20000, 0x7b0000) == 0);
	ck_assert(memcmp(after + 0x7d0000, mine + 0x7d0000, 0x10000) == 0);
	free(after);
	scene_close(&scene);
	free(mine);
	free(stock);
}
END_TEST

/* Stopped between two steps; then everything else is refused until the job is finished. */
START_TEST(test_unfinished_job)
{
	uint8_t *mine = dump_of("mr200", 7, 7), *stock = dump_of("mr200", 0x42, 42), *after;
	static const enum norprog_operation ends[] = {NORPROG_RESUME, NORPROG_UNDO,
	                                              NORPROG_DISCARD};
	struct scene scene;
	norprog_job *job, *end;
	unsigned jobs;

	scene_open(&scene, mine);
	must_pass(&scene, norprog_job_new(scene.np, NORPROG_WRITE, &job));
	must_pass(&scene, norprog_job_bytes(job, stock, SIZE));
	must_pass(&scene, norprog_job_keep(job, "unit"));
	scene.stop_at_step = 3;
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_INTERRUPTED, "");
	ck_assert_uint_eq(scene.steps, 3);
	must_fail(&scene, norprog_job_run(job, NULL), NORPROG_E_JOURNAL, "unfinished-job");
	must_fail(&scene, norprog_job_override(job, "unfinished-job"), NORPROG_E_USAGE, NULL);
	must_pass(&scene, norprog_job_new(scene.np, ends[_i], &end));
	jobs = scene_files(&scene, "jobs");
	if (ends[_i] != NORPROG_DISCARD)
		must_pass(&scene, norprog_job_plan(end, NULL));
	ck_assert_uint_eq(scene_files(&scene, "jobs"), jobs);
	must_pass(&scene, norprog_job_run(end, NULL));
	ck_assert_uint_eq(scene_files(&scene, "jobs"), 0);
	must_fail(&scene, norprog_job_run(end, NULL), NORPROG_E_INPUT, NULL);
	norprog_job_free(end);
	after = scene_chip(&scene);
	if (ends[_i] == NORPROG_RESUME)
		ck_assert(memcmp(after, stock, 0x7d0000) == 0);
	else if (ends[_i] == NORPROG_UNDO)
		ck_assert(memcmp(after, mine, SIZE) == 0);
	free(after);
	must_pass(&scene, norprog_job_run(job, NULL));
	norprog_job_free(job);
	scene_close(&scene);
	free(mine);
	free(stock);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("jobs");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, test_nobody_to_ask);
	tcase_add_test(tc, test_the_answer_is_no);
	tcase_add_test(tc, test_a_part_of_1_8_volts);
	tcase_add_test(tc, test_a_size_that_was_given);
	tcase_add_test(tc, test_no_state_folder);
	tcase_add_test(tc, test_senseless);
	tcase_add_test(tc, test_senseless_parts);
	tcase_add_test(tc, test_backup_that_was_moved);
	tcase_add_test(tc, test_settings);
	tcase_add_loop_test(tc, test_unfinished_job, 0, 3);
	suite_add_tcase(suite, tc);
	return scene_run(suite);
}
