/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of files that killed runs left behind: removed, and never one that somebody writes. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "support/rig.h"
#include "support/suite.h"

static struct rig rig;
static struct np_error err;

static void setup(void)
{
	rig_init(&rig);
	memset(&err, 0, sizeof(err));
}

static void teardown(void)
{
	rig_free(&rig);
}

static const char *in_dir(const char *name)
{
	return rig_path(&rig, name);
}

/* A file as a killed run leaves it. */
static void leave(const char *name)
{
	FILE *file = fopen(in_dir(name), "w");

	ck_assert_ptr_nonnull(file);
	fputs("half", file);
	fclose(file);
}

static bool there(const char *name)
{
	return np_io_exists(in_dir(name));
}

START_TEST(a_killed_writers_part_is_removed)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct np_io_out out;

		if (np_io_create(&out, in_dir("file"), NP_IO_NEW, &err) == 0 &&
		    np_io_write(&out, "half", 4, &err) == 0)
			raise(SIGKILL);
		_exit(1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_uint_eq(rig_files(&rig, "."), 1);
	ck_assert_uint_eq(np_io_sweep(rig.dir, NULL), 1);
	ck_assert_uint_eq(rig_files(&rig, "."), 0);
}
END_TEST

START_TEST(a_living_writers_part_stays)
{
	struct np_io_out out;
	int status;
	pid_t pid;

	ck_assert_int_eq(np_io_create(&out, in_dir("file"), NP_IO_NEW, &err), 0);
	ck_assert_uint_eq(np_io_sweep(rig.dir, NULL), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(np_io_sweep(rig.dir, NULL) ? 1 : 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ck_assert_int_eq(np_io_write(&out, "all", 3, &err), 0);
	ck_assert_int_eq(np_io_commit(&out, NULL, &err), 0);
	ck_assert(there("file"));
	ck_assert_uint_eq(rig_files(&rig, "."), 1);
}
END_TEST

/* The dead writer's process number belongs to somebody by now: to us, here, and to init. */
START_TEST(a_number_that_was_given_again)
{
	char name[64];

	snprintf(name, sizeof(name), "file.part-%ld-0", (long)getpid());
	leave(name);
	leave("file.part-1-0");
	ck_assert_uint_eq(np_io_sweep(rig.dir, NULL), 2);
}
END_TEST

START_TEST(other_names_stay)
{
	static const char *const names[] = {
		".part-7-0",      "file.part-7",  "file.part-7-", "file.part-x-0",
		"file.part-7-0x", "file.part--0", "file.part",    "file"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		leave(names[i]);
	ck_assert_uint_eq(np_io_sweep(rig.dir, NULL), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(there(names[i]), "%s", names[i]);
	leave("a.part-1-0.part-7-0");
	ck_assert_uint_eq(np_io_sweep(rig.dir, NULL), 1);
	ck_assert_uint_eq(np_io_sweep(in_dir("nowhere"), NULL), 0);
}
END_TEST

START_TEST(what_is_no_file_of_ours_stays)
{
	leave("precious");
	ck_assert_int_eq(symlink("precious", in_dir("file.part-7-0")), 0);
	ck_assert_int_eq(mkdir(in_dir("file.part-7-1"), 0700), 0);
	ck_assert_int_eq(mkfifo(in_dir("file.part-7-2"), 0600), 0);
	leave("file.part-7-3");
	if (geteuid() == 0)
		ck_assert_int_eq(chown(in_dir("file.part-7-3"), 12345, 12345), 0);
	ck_assert_uint_eq(np_io_sweep(rig.dir, NULL), geteuid() == 0 ? 0 : 1);
	ck_assert(there("precious") && there("file.part-7-0") && there("file.part-7-1") &&
	          there("file.part-7-2"));
}
END_TEST

/* Beside an output only what was to become that output. */
START_TEST(beside_an_output)
{
	leave("file.part-7-0");
	leave("file2.part-7-0");
	ck_assert_int_eq(np_io_save(in_dir("file"), "new", 3, NP_IO_NEW, &err), 0);
	ck_assert(!there("file.part-7-0"));
	ck_assert(there("file2.part-7-0"));
	ck_assert_int_eq(chdir(rig.dir), 0);
	ck_assert_int_eq(np_io_save("file2", "new", 3, NP_IO_NEW, &err), 0);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_uint_eq(rig_files(&rig, "."), 2);
}
END_TEST

START_TEST(jobs_begin_tidily)
{
	struct rig_order o = {.how.dry_run = true};
	struct write_result result;
	uint8_t *image;

	rig_open(&rig);
	image = malloc(rig.size);
	memset(image, 0xff, rig.size);
	image[0x1000] = 0;
	o.image = image;
	ck_assert_int_eq(np_io_mkdirs(in_dir("backups"), &err), 0);
	ck_assert_int_eq(np_io_mkdirs(in_dir("jobs"), &err), 0);
	leave("backups/W25Q64FV-noid-20260101T000000Z-7.bin.part-7-0");
	leave("jobs/ef4017-noid.target.part-7-0");
	ck_assert_msg(rig_write(&rig, &o, &result, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(rig_files(&rig, "jobs") + rig_files(&rig, "backups"), 2);
	o.how.dry_run = false;
	ck_assert_msg(rig_write(&rig, &o, &result, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	ck_assert_uint_eq(rig_files(&rig, "backups"), 2);
	leave("jobs/ef4017-noid.json.part-7-0");
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_INPUT);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	free(image);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("io_sweep");
	TCase *tc = tcase_create("sweep");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_killed_writers_part_is_removed);
	tcase_add_test(tc, a_living_writers_part_stays);
	tcase_add_test(tc, a_number_that_was_given_again);
	tcase_add_test(tc, other_names_stay);
	tcase_add_test(tc, what_is_no_file_of_ours_stays);
	tcase_add_test(tc, beside_an_output);
	tcase_add_test(tc, jobs_begin_tidily);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
