/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: counter.c tidy.c */
/* The state folder: its counter, which orders what clocks cannot, and what is tidied in it. */
#include <check.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "store/backup_find.h"
#include "store/journal.h"
#include "support/rig.h"
#include "support/suite.h"

static struct rig rig;
static struct np_error err;
static char said[1024];

static void hear(void *ctx, enum np_log_level level, const char *line)
{
	(void)ctx;
	if (level == NP_LOG_WARN)
		snprintf(said, sizeof(said), "%s", line);
}

static void setup(void)
{
	rig_init(&rig);
	rig_open(&rig);
	memset(&err, 0, sizeof(err));
	said[0] = '\0';
	np_log_set_sink(hear, NULL);
}

static void teardown(void)
{
	np_log_set_sink(NULL, NULL);
	rig_free(&rig);
}

static struct store store_here(void)
{
	return (struct store){.dir = rig.dir, .programmer = "sim", .chip = nor_info(rig.nor)};
}

static const char *in_dir(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", rig.dir, name);
	return path;
}

static void put(const char *name, const char *text)
{
	ck_assert_msg(np_io_save(in_dir(name), text, strlen(text), NP_IO_REPLACE, &err) == 0, "%s",
	              err.message);
}

static uint64_t next(void)
{
	struct store store = store_here();
	uint64_t number = 0;

	ck_assert_msg(store_next(&store, &number, &err) == 0, "%s", err.message);
	store_close(&store);
	return number;
}

/* A whole backup of `contents`, dated by hand. Returns its path. */
static const char *keep(const uint8_t *contents, const char *date, bool numbered)
{
	static char used[NP_PATH_MAX];
	struct store store = store_here();
	struct np_range all = {0, rig.size};
	struct np_ranges whole = {&all, 1, 1};
	struct manifest manifest;
	char json[NP_PATH_MAX + 8];

	manifest_begin(&manifest, store.chip, "sim", "write");
	manifest.says_changes = true;
	ck_assert_int_eq(np_ranges_add(&manifest.changes, (struct np_range){0, 4096}, &err), 0);
	ck_assert_int_eq(backup_write(&store, NULL, contents, &whole, &manifest, used, &err), 0);
	snprintf(manifest.date, sizeof(manifest.date), "%s", date);
	manifest.sequence = numbered ? manifest.sequence : 0;
	snprintf(json, sizeof(json), "%s.json", used);
	ck_assert_int_eq(unlink(json), 0);
	ck_assert_int_eq(manifest_save(&manifest, used, NP_IO_NEW, &err), 0);
	manifest_free(&manifest);
	store_close(&store);
	return used;
}

static void expect_newest(const char *date, uint64_t unknown)
{
	struct store store = store_here();
	struct backup_found found;

	ck_assert_msg(backup_find(&store, NULL, NULL, &found, &err) == 0, "%s", err.message);
	ck_assert_str_eq(found.date, date);
	ck_assert_uint_eq(np_ranges_bytes(&found.unknown), unknown);
	backup_found_free(&found);
	store_close(&store);
}

/* ---- the counter ---- */

START_TEST(numbers_go_up)
{
	ck_assert_uint_eq(next(), 1);
	ck_assert_uint_eq(next(), 2);
	ck_assert_uint_eq(next(), 3);
}
END_TEST

/* Processes that take numbers at the same time: each of them once. */
START_TEST(no_number_twice)
{
	uint64_t sum = 0;
	int out[2];

	ck_assert_int_eq(pipe(out), 0);
	for (int i = 0; i < 4; i++) {
		if (fork() != 0)
			continue;
		for (int k = 0; k < 25; k++) {
			uint64_t number = next();

			if (write(out[1], &number, sizeof(number)) != sizeof(number))
				_exit(1);
		}
		_exit(0);
	}
	for (int i = 0; i < 100; i++) {
		uint64_t number;

		ck_assert_int_eq(read(out[0], &number, sizeof(number)), sizeof(number));
		sum += number;
	}
	ck_assert_uint_eq(sum, 100 * 101 / 2);
	while (waitpid(-1, NULL, 0) > 0)
		;
	ck_assert_uint_eq(next(), 101);
}
END_TEST

static const char *const damages[] = {
	"", "id x\n", "id 0123456789abcdef\nlast -7\ndate x\n",
	"id 0123456789abcdef\nlast 99999999999999999999\ndate 2026-01-01T00:00:00Z\n",
	"garbage\0more"};

START_TEST(a_lost_counter_goes_on_after_the_backups)
{
	uint8_t *contents = calloc(1, rig.size);

	keep(contents, "2026-01-01T00:00:00Z", true);
	keep(contents, "2026-01-02T00:00:00Z", true);
	put("counter", damages[_i]);
	ck_assert_uint_eq(next(), 3);
	/* and still tells its own from others */
	keep(contents, "2025-01-01T00:00:00Z", true);
	expect_newest("2025-01-01T00:00:00Z", 4096);
	free(contents);
}
END_TEST

/* ---- clocks ---- */

START_TEST(a_clock_that_went_back_is_told)
{
	next();
	ck_assert_str_eq(said, "");
	put("counter", "id 0123456789abcdef\nlast 7\ndate 2099-01-01T00:00:00Z\n");
	ck_assert_uint_eq(next(), 8);
	ck_assert_ptr_nonnull(strstr(said, "2099-01-01"));
	said[0] = '\0';
	ck_assert_uint_eq(next(), 9);
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(backups_are_ordered_by_number)
{
	uint8_t *contents = calloc(1, rig.size);

	keep(contents, "2026-05-05T00:00:00Z", true);
	keep(contents, "1970-01-01T00:00:10Z", true);
	expect_newest("1970-01-01T00:00:10Z", 4096);
	free(contents);
}
END_TEST

/* Backups of 0.1.0 have dates only. */
START_TEST(old_backups_lie_before_later_dates)
{
	uint8_t *contents = calloc(1, rig.size);

	keep(contents, "2026-03-03T00:00:00Z", false);
	keep(contents, "2026-02-02T00:00:00Z", false);
	expect_newest("2026-03-03T00:00:00Z", 4096);
	keep(contents, "2026-04-04T00:00:00Z", true);
	expect_newest("2026-04-04T00:00:00Z", 4096);
	free(contents);
}
END_TEST

/* Who only looks for a backup finds none in a folder that is a link, and is not stopped by it. */
START_TEST(no_backup_is_taken_from_a_strange_folder)
{
	struct store store = store_here();
	uint8_t *contents = calloc(1, rig.size);
	struct backup_found found;
	char away[128];

	keep(contents, "2026-03-03T00:00:00Z", true);
	snprintf(away, sizeof(away), "%s/away", rig.dir);
	ck_assert_int_eq(rename(in_dir("backups"), away), 0);
	ck_assert_int_eq(symlink("away", in_dir("backups")), 0);
	ck_assert_int_eq(backup_find(&store, NULL, NULL, &found, &err), 0);
	ck_assert_str_eq(found.path, "");
	ck_assert_ptr_nonnull(strstr(said, "link"));
	backup_found_free(&found);
	store_close(&store);
	free(contents);
}
END_TEST

/* ---- tidying ---- */

static bool there(const char *name)
{
	return np_io_exists(in_dir(name));
}

static void tidy(void)
{
	struct store store = store_here();

	store_tidy(&store);
	store_close(&store);
}

START_TEST(targets_without_a_record_go)
{
	ck_assert_int_eq(np_io_mkdirs(in_dir("jobs"), &err), 0);
	put("jobs/ef4017-aa.3.target", "x");
	put("jobs/ef4017-aa.3-1.backup", "x");
	put("jobs/.ef4017-aa.lock", "");
	put("jobs/ef4017-bb.target", "x"); /* 0.1.0 holds no lock while it writes */
	put("jobs/notes.txt", "x");
	tidy();
	ck_assert(!there("jobs/ef4017-aa.3.target"));
	ck_assert(!there("jobs/ef4017-aa.3-1.backup"));
	ck_assert(!there("jobs/.ef4017-aa.lock"));
	ck_assert(there("jobs/ef4017-bb.target") && there("jobs/notes.txt"));
}
END_TEST

/* An adopted record names the files of another name; of a damaged one nobody knows what it names. */
START_TEST(what_a_record_names_stays)
{
	ck_assert_int_eq(np_io_mkdirs(in_dir("jobs"), &err), 0);
	put("jobs/ef4017-aa.3.target", "x");
	put("jobs/ef4017-aa.4.target", "x");
	put("jobs/ef4017-bb.json", "{\"format\": 1, \"target\": \"/old/jobs/ef4017-aa.3.target\"}");
	tidy();
	ck_assert(there("jobs/ef4017-aa.3.target"));
	ck_assert(!there("jobs/ef4017-aa.4.target"));
	put("jobs/ef4017-aa.4.target", "x");
	put("jobs/ef4017-cc.json", "{");
	tidy();
	ck_assert(there("jobs/ef4017-aa.4.target"));
}
END_TEST

START_TEST(what_a_living_job_makes_stays)
{
	struct store living = store_here();
	struct journal journal;
	uint8_t *image = calloc(1, rig.size);

	journal_begin(&journal, &living, "write");
	ck_assert_int_eq(np_ranges_add(&journal.touched, (struct np_range){0, 4096}, &err), 0);
	ck_assert_int_eq(journal_reserve(&living, &err), 0);
	ck_assert_int_eq(journal_save_target(&journal, &living, image, &err), 0);
	tidy();
	ck_assert(np_io_exists(journal.target));
	/* cut off before its record: nothing was erased, and the next run tidies up */
	store_close(&living);
	tidy();
	ck_assert(!np_io_exists(journal.target));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	journal_free(&journal);
	free(image);
}
END_TEST

/* ---- room ---- */

static int no_room(void *ctx, const char *call, const char *name)
{
	(void)ctx;
	(void)name;
	return strcmp(call, "statvfs") == 0 ? 28 /* ENOSPC */ : 0;
}

START_TEST(room_is_asked_for_before_the_read)
{
	const struct np_io_hook hook = {.before = no_room};
	uint8_t *image = malloc(rig.size);
	struct rig_order o = {.image = image};
	struct write_result result;

	rig_fill(image, rig.size, 3);
	rig.job.io_hook = &hook;
	norsim_clear_stats(rig.chip);
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_OUTPUT);
	ck_assert_ptr_nonnull(strstr(err.hint, "make room"));
	ck_assert_uint_eq(norsim_stats(rig.chip)->bytes_read, 0);
	free(image);
}
END_TEST

START_TEST(private_files)
{
	static const char *const folders[] = {"backups", "jobs"};
	uint8_t *image = malloc(rig.size);
	struct rig_order o = {.keep_nothing = true, .image = image};
	struct write_result result;
	char path[600];
	mode_t mask = umask(0);
	unsigned files = 0;
	struct stat st;

	rig_fill(image, rig.size, 3);
	rig_fill(norsim_mem(rig.chip), rig.size, 4);
	for (unsigned k = 20; rig_files(&rig, "jobs") != 2; k++) {
		rig_reopen(&rig);
		rig.cut_at = k;
		ck_assert_int_ne(rig_write(&rig, &o, &result, &err), 0);
	}
	umask(mask);
	for (size_t i = 0; i < 2; i++) {
		DIR *dir = opendir(in_dir(folders[i]));
		const struct dirent *entry;

		ck_assert_ptr_nonnull(dir);
		ck_assert_int_eq(fstat(dirfd(dir), &st), 0);
		ck_assert_uint_eq(st.st_mode & 0777, 0700);
		while ((entry = readdir(dir)))
			if (entry->d_name[0] != '.') {
				snprintf(path, sizeof(path), "%s/%s/%s", rig.dir, folders[i],
				         entry->d_name);
				ck_assert_int_eq(stat(path, &st), 0);
				ck_assert_msg((st.st_mode & 0777) == 0600, "%s: %o", path,
				              st.st_mode);
				files++;
			}
		closedir(dir);
	}
	ck_assert_uint_eq(files, 4); /* backup, manifest, target, record */
	free(image);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("state");
	TCase *tc = tcase_create("state");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, numbers_go_up);
	tcase_add_test(tc, no_number_twice);
	tcase_add_loop_test(tc, a_lost_counter_goes_on_after_the_backups, 0,
	                    (int)(sizeof(damages) / sizeof(damages[0])));
	tcase_add_test(tc, a_clock_that_went_back_is_told);
	tcase_add_test(tc, backups_are_ordered_by_number);
	tcase_add_test(tc, old_backups_lie_before_later_dates);
	tcase_add_test(tc, no_backup_is_taken_from_a_strange_folder);
	tcase_add_test(tc, targets_without_a_record_go);
	tcase_add_test(tc, what_a_record_names_stays);
	tcase_add_test(tc, what_a_living_job_makes_stays);
	tcase_add_test(tc, room_is_asked_for_before_the_read);
	tcase_add_test(tc, private_files);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
