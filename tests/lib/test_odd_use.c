/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: handle.c job.c */
/* An application that does not know better: NULL everywhere, numbers from nowhere, callbacks that
 * close and free what runs or return what was not agreed, signals, another current folder. */
#include "scene.h"

#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

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

static norprog_job *job_of(enum norprog_operation operation)
{
	norprog_job *job;

	must_pass(&scene, norprog_job_new(scene.np, operation, &job));
	return job;
}

static void must_be_untouched(void)
{
	uint8_t *after = scene_chip(&scene);

	ck_assert(memcmp(after, mine, SIZE) == 0);
	free(after);
}

/* ---- NULL ---- */

START_TEST(test_no_handle)
{
	unsigned agreed;
	uint8_t byte;

	ck_assert_int_eq(norprog_set(NULL, NORPROG_CHIP, "x"), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_set_log(NULL, NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_set_events(NULL, NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_set_question(NULL, NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_programmers(NULL, NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_close(NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_detect(NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_contact(NULL, 1, &agreed), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_doctor(NULL, NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_protection(NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_protect(NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_read(NULL, 0, &byte, 1, 1), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_otp_list(NULL, NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_otp_read(NULL, 1, NULL, 0), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_otp_change(NULL, 1, NORPROG_OTP_LOCK, 0, NULL, 0, NULL),
	                 NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_layout_load(NULL, NULL, NULL), NORPROG_E_USAGE);
	ck_assert_ptr_null(norprog_layout_in_force(NULL));
	ck_assert_int_eq(norprog_recognise(NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_image_open(NULL, NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_image_copy(NULL, NULL, 0, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_image_set_layout(NULL, NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_image_set_field(NULL, NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_image_save(NULL, NULL, NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_image_compare(NULL, NULL, NULL, NULL, NULL, NULL),
	                 NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_job_new(NULL, NORPROG_READ, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_job_file(NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_job_bytes(NULL, NULL, 0), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_job_only(NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_job_keep(NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_job_set(NULL, NORPROG_JOB_AT, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_job_override(NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_job_plan(NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_backups(NULL, NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_backup_verify(NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_backups_prune(NULL, 1, 1, NULL, NULL), NORPROG_E_USAGE);
	ck_assert_int_eq(norprog_unfinished_jobs(NULL, NULL, NULL), NORPROG_E_USAGE);
}
END_TEST

#define NEEDS(call) must_fail(&scene, (call), NORPROG_E_USAGE, "")

START_TEST(test_no_argument)
{
	norprog_job *write = job_of(NORPROG_WRITE);
	norprog_image *image, *none;

	must_pass(&scene, norprog_image_copy(scene.np, mine, SIZE, &image));
	NEEDS(norprog_image_open(scene.np, NULL, &none));
	ck_assert_ptr_null(none);
	NEEDS(norprog_image_open(scene.np, scene.chip_file, NULL));
	NEEDS(norprog_image_copy(scene.np, mine, SIZE, NULL));
	NEEDS(norprog_image_set_layout(scene.np, image, NULL));
	NEEDS(norprog_image_set_field(scene.np, image, NULL));
	NEEDS(norprog_image_save(scene.np, image, NULL, NULL));
	NEEDS(norprog_image_save(scene.np, NULL, NULL, "x"));
	NEEDS(norprog_image_compare(scene.np, image, NULL, NULL, NULL, NULL));
	NEEDS(norprog_image_compare(scene.np, image, image, NULL, NULL, NULL));
	NEEDS(norprog_layout_load(scene.np, NULL, NULL));
	NEEDS(norprog_otp_list(scene.np, NULL, NULL));
	NEEDS(norprog_otp_read(scene.np, 1, NULL, 256));
	NEEDS(norprog_backups(scene.np, NULL, NULL));
	NEEDS(norprog_unfinished_jobs(scene.np, NULL, NULL));
	NEEDS(norprog_protection(scene.np, NULL));
	NEEDS(norprog_job_file(write, NULL));
	NEEDS(norprog_job_bytes(write, NULL, 4));
	NEEDS(norprog_job_only(write, NULL));
	NEEDS(norprog_job_keep(write, NULL));
	NEEDS(norprog_job_override(write, NULL));
	NEEDS(norprog_job_set(write, NORPROG_JOB_AT, NULL));
	NEEDS(norprog_job_set(write, NORPROG_JOB_STRIP, NULL));
	must_fail(&scene, norprog_set(scene.np, NORPROG_STATE_FOLDER, NULL), NORPROG_E_OUTPUT, "");
	must_pass(&scene, norprog_contact(scene.np, 1, NULL));
	must_pass(&scene, norprog_recognise(scene.np, NULL));
	norprog_image_free(image);
	norprog_job_free(write);
	must_be_untouched();
}
END_TEST

/* ---- numbers ---- */

START_TEST(test_numbers_from_nowhere)
{
	static const int codes[] = {INT_MIN, INT_MIN + 1, -1000, 1000, INT_MAX};
	norprog_job *erase = job_of(NORPROG_ERASE), *none;
	norprog_layout *layout;
	norprog_image *image;
	uint8_t byte = 1;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		ck_assert_str_ne(norprog_code_name(codes[i]), "");
		ck_assert_str_ne(norprog_code_text(codes[i]), "");
		NEEDS(norprog_set(scene.np, (enum norprog_option)codes[i], "x"));
		NEEDS(norprog_job_set(erase, (enum norprog_setting)codes[i], "1"));
	}
	NEEDS(norprog_job_new(scene.np, (enum norprog_operation)INT_MIN, &none));
	NEEDS(norprog_job_new(scene.np, (enum norprog_operation)INT_MAX, &none));
	ck_assert_ptr_null(none);
	ck_assert_ptr_null(norprog_gate(SIZE_MAX));
	ck_assert_ptr_null(norprog_layout_name(SIZE_MAX));
	ck_assert_ptr_null(norprog_job_step(erase, SIZE_MAX));
	ck_assert_ptr_null(norprog_job_verdict(erase, SIZE_MAX));
	must_pass(&scene, norprog_layout_load(scene.np, "tplink-mr200-v1", &layout));
	ck_assert_ptr_null(norprog_layout_region(layout, SIZE_MAX));
	norprog_layout_free(layout);
	NEEDS(norprog_image_copy(scene.np, &byte, 0, &image));
	NEEDS(norprog_image_copy(scene.np, &byte, SIZE_MAX, &image));
	must_pass(&scene, norprog_image_copy(scene.np, &byte, 1, &image));
	ck_assert_ptr_null(norprog_image_field(image, SIZE_MAX));
	norprog_image_free(image);
	must_fail(&scene, norprog_read(scene.np, 0, &byte, SIZE_MAX, 1), NORPROG_E_RANGE, "");
	must_fail(&scene, norprog_read(scene.np, UINT64_MAX, &byte, 1, 1), NORPROG_E_RANGE, "");
	must_fail(&scene, norprog_read(scene.np, 0, &byte, 0, 1), NORPROG_E_RANGE, "");
	NEEDS(norprog_read(scene.np, 0, &byte, 1, UINT_MAX));
	NEEDS(norprog_contact(scene.np, UINT_MAX, NULL));
	must_fail(&scene, norprog_otp_read(scene.np, UINT_MAX, &byte, 1), NORPROG_E_RANGE, "");
	must_fail(&scene,
	          norprog_otp_change(scene.np, 1, NORPROG_OTP_WRITE, UINT32_MAX, &byte, SIZE_MAX,
	                             "permanent"),
	          NORPROG_E_RANGE, "");
	NEEDS(norprog_otp_change(scene.np, 1, (enum norprog_otp_change)99, 0, NULL, 0,
	                         "permanent"));
	norprog_job_free(erase);
	must_be_untouched();
}
END_TEST

/* A word of a megabyte is refused or not found, and cut off in the message. */
START_TEST(test_endless_words)
{
	enum { LEN = 1 << 20 };
	norprog_job *erase = job_of(NORPROG_ERASE);
	char *word = malloc(LEN + 1);
	norprog_layout *layout;

	memset(word, 'x', LEN);
	word[LEN] = '\0';
	ck_assert_int_ne(norprog_open(scene.np, word), 0);
	must_fail(&scene, norprog_set(scene.np, NORPROG_STATE_FOLDER, word), NORPROG_E_OUTPUT, "");
	ck_assert_int_ne(norprog_layout_load(scene.np, word, &layout), 0);
	ck_assert_int_ne(norprog_protect(scene.np, word), 0);
	NEEDS(norprog_job_override(erase, word));
	scene_detect(&scene, "W25Q64FV");
	must_pass(&scene, norprog_job_only(erase, word));
	must_fail(&scene, norprog_job_run(erase, NULL), NORPROG_E_RANGE, NULL);
	norprog_job_free(erase);
	free(word);
	must_be_untouched();
}
END_TEST

/* ---- callbacks ---- */

static int say(void *ctx, const struct norprog_question *question)
{
	(void)question;
	return *(int *)ctx;
}

/* Only 1 is a yes: what a function returns that failed itself is none. */
START_TEST(test_a_question_that_fails)
{
	static const int answers[] = {-1, 2, INT_MIN, NORPROG_E_GONE};
	norprog_job *erase = job_of(NORPROG_ERASE);
	int answer;

	must_pass(&scene, norprog_job_only(erase, "romfile"));
	must_pass(&scene, norprog_set_question(scene.np, say, &answer));
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		answer = answers[i];
		must_fail(&scene, norprog_job_run(erase, NULL), NORPROG_E_INTERRUPTED, "");
	}
	norprog_job_free(erase);
	must_be_untouched();
}
END_TEST

struct saboteur {
	norprog_job *job;
	unsigned calls;
};

/* All that would pull the floor from under the job that runs. */
static void sabotage(void *ctx, const struct norprog_event *event)
{
	struct saboteur *s = ctx;

	(void)event;
	s->calls++;
	ck_assert_int_eq(norprog_close(scene.np), NORPROG_E_BUSY);
	ck_assert_int_eq(norprog_open(scene.np, "sim"), NORPROG_E_BUSY);
	ck_assert_int_eq(norprog_set_events(scene.np, NULL, NULL), NORPROG_E_BUSY);
	ck_assert_int_eq(norprog_set(scene.np, NORPROG_LAYOUT, NULL), NORPROG_E_BUSY);
	ck_assert_int_eq(norprog_job_bytes(s->job, "x", 1), NORPROG_E_BUSY);
	ck_assert_int_eq(norprog_job_only(s->job, "0+4K"), NORPROG_E_BUSY);
	ck_assert_int_eq(norprog_job_run(s->job, NULL), NORPROG_E_BUSY);
	norprog_job_free(s->job);
	norprog_free(scene.np);
}

START_TEST(test_callbacks_that_close_and_free)
{
	struct saboteur s = {job_of(NORPROG_ERASE), 0};
	const struct norprog_result *result = NULL;

	must_pass(&scene, norprog_job_only(s.job, "romfile"));
	must_pass(&scene, norprog_set_events(scene.np, sabotage, &s));
	must_pass(&scene, norprog_job_run(s.job, &result));
	ck_assert_uint_gt(s.calls, 4);
	ck_assert_uint_eq(result->erased_bytes, 0x10000);
	must_pass(&scene, norprog_set_events(scene.np, NULL, NULL));
	norprog_job_free(s.job);
}
END_TEST

static int stop_then_yes(void *ctx, const struct norprog_question *question)
{
	(void)question;
	norprog_stop(ctx);
	return 1;
}

/* A yes does not undo the stop that came before it. */
START_TEST(test_stopped_while_asked)
{
	norprog_job *erase = job_of(NORPROG_ERASE);

	must_pass(&scene, norprog_job_only(erase, "romfile"));
	must_pass(&scene, norprog_set_question(scene.np, stop_then_yes, scene.np));
	must_fail(&scene, norprog_job_run(erase, NULL), NORPROG_E_INTERRUPTED, "");
	must_be_untouched();
	must_pass(&scene, norprog_set_question(scene.np, norprog_answer_yes, NULL));
	must_pass(&scene, norprog_job_run(erase, NULL));
	norprog_job_free(erase);
}
END_TEST

/* ---- the process around it ---- */

static atomic_uint ticks;

static void tick(int signal_number)
{
	(void)signal_number;
	atomic_fetch_add(&ticks, 1);
}

static void set_timer(suseconds_t us)
{
	const struct itimerval every = {{0, us}, {0, us}};

	ck_assert_int_eq(setitimer(ITIMER_REAL, &every, NULL), 0);
}

/* A timer of the application, whose signal breaks system calls off. */
START_TEST(test_signals)
{
	struct sigaction action = {.sa_handler = tick}; /* without SA_RESTART */
	norprog_job *read = job_of(NORPROG_READ), *erase = job_of(NORPROG_ERASE);
	const struct norprog_result *result = NULL;

	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	must_pass(&scene, norprog_job_only(erase, "romfile"));
	set_timer(200);
	must_pass(&scene, norprog_job_run(read, &result));
	must_pass(&scene, norprog_backup_verify(scene.np, result->file));
	must_pass(&scene, norprog_job_run(erase, NULL));
	set_timer(0);
	ck_assert_uint_gt(atomic_load(&ticks), 0);
	norprog_job_free(read);
	norprog_job_free(erase);
}
END_TEST

/* The state folder is where it was when it was named, though the application goes elsewhere: an
 * unfinished job has to be found again. */
START_TEST(test_another_current_folder)
{
	norprog_job *erase = job_of(NORPROG_ERASE);
	char before[4096];

	ck_assert_ptr_nonnull(getcwd(before, sizeof(before)));
	ck_assert_int_eq(chdir(scene.dir), 0);
	must_pass(&scene, norprog_set(scene.np, NORPROG_STATE_FOLDER, "state"));
	must_pass(&scene, norprog_job_only(erase, "0x20000+128K"));
	scene.stop_at_step = 1;
	must_fail(&scene, norprog_job_run(erase, NULL), NORPROG_E_INTERRUPTED, NULL);
	ck_assert_int_eq(chdir("/"), 0);
	must_fail(&scene, norprog_job_run(erase, NULL), NORPROG_E_JOURNAL, "unfinished-job");
	norprog_job_free(erase);
	erase = job_of(NORPROG_RESUME);
	must_pass(&scene, norprog_job_run(erase, NULL));
	norprog_job_free(erase);
	ck_assert_uint_eq(scene_files(&scene, "jobs"), 0);
	ck_assert_int_eq(chdir(before), 0);
}
END_TEST

/* The same adapter for two handles of one process: the second is told. */
START_TEST(test_two_handles_one_programmer)
{
	char spec[256];
	norprog *other;

	snprintf(spec, sizeof(spec), "sim:chip=W25Q64FV,file=%s", scene.chip_file);
	ck_assert_int_eq(norprog_new(&other), 0);
	ck_assert_int_eq(norprog_open(other, spec), NORPROG_E_BUSY);
	ck_assert_str_ne(norprog_error(other)->hint, "");
	must_pass(&scene, norprog_close(scene.np));
	ck_assert_int_eq(norprog_open(other, spec), 0);
	norprog_free(other);
	scene_detect(&scene, "W25Q64FV");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("odd use");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_no_handle);
	tcase_add_test(tc, test_no_argument);
	tcase_add_test(tc, test_numbers_from_nowhere);
	tcase_add_test(tc, test_endless_words);
	tcase_add_test(tc, test_a_question_that_fails);
	tcase_add_test(tc, test_callbacks_that_close_and_free);
	tcase_add_test(tc, test_stopped_while_asked);
	tcase_add_test(tc, test_signals);
	tcase_add_test(tc, test_another_current_folder);
	tcase_add_test(tc, test_two_handles_one_programmer);
	suite_add_tcase(suite, tc);
	return scene_run(suite);
}
