/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A backup that follows the read: what it holds, and that whatever fails in it fails the backup. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ahead.h"
#include "store/backup.h"
#include "support/rig.h"
#include "support/suite.h"

#define LEN  (1u << 20)
#define STEP 12345u /* what a transfer brings: no round number */

static struct rig rig;
static struct store store;
static struct np_error err;
static struct np_range whole = {0, LEN};
static struct np_ranges set = {&whole, 1, 1};
static uint8_t *image;
static char used[NP_PATH_MAX];
static struct ahead *following;
static int begun;

/* The hook is called by the thread that writes and by the test's own. */
static struct {
	pthread_mutex_t lock;
	const char *call; /* that fails, */
	unsigned at;      /* the so-manieth time */
	int with;         /* with this */
	unsigned seen;
} fault = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int fail_once(void *ctx, const char *call, const char *name)
{
	int error = 0;

	(void)ctx;
	pthread_mutex_lock(&fault.lock);
	if (fault.call && strcmp(call, fault.call) == 0 && strstr(name, ".bin.part-"))
		error = ++fault.seen == fault.at ? fault.with : 0;
	pthread_mutex_unlock(&fault.lock);
	return error;
}

static const struct np_io_hook hook = {.before = fail_once};

static void setup(void)
{
	rig_init(&rig);
	rig.config.chip.part = "W25Q16";
	rig_open(&rig);
	store = (struct store){.dir = rig.dir, .chip = nor_info(rig.nor), .hook = &hook};
	memset(&err, 0, sizeof(err));
	fault.call = NULL;
	fault.seen = 0;
	image = malloc(LEN);
	rig_fill(image, LEN, 7);
}

static void teardown(void)
{
	store_close(&store);
	free(image);
	rig_free(&rig);
}

/* The read of a chip, from which the backup takes what is there. */
static void read_all(const char *path)
{
	uint8_t *source = malloc(LEN);

	memcpy(source, image, LEN);
	memset(image, 0, LEN);
	begun = backup_begin(&store, path, image, &set, &err);
	following = store.ahead;
	for (size_t at = 0; at < LEN; at += STEP) {
		size_t n = LEN - at < STEP ? LEN - at : STEP;

		memcpy(image + at, source + at, n);
		ahead_reached(following, at + n);
	}
	ahead_wait(following);
	free(source);
}

static int save(const char *path)
{
	struct manifest manifest;
	int ret;

	manifest_begin(&manifest, store.chip, "sim", "write");
	manifest.passes = 1;
	ret = backup_write(&store, path, image, &set, &manifest, used, &err);
	manifest_free(&manifest);
	return ret;
}

static void expect_saved(void)
{
	struct manifest manifest;
	char hex[NP_SHA256_HEX];
	uint8_t *data;
	size_t len;

	ck_assert_int_eq(np_io_read(used, LEN, &data, &len, &err), 0);
	ck_assert_uint_eq(len, LEN);
	ck_assert_mem_eq(data, image, LEN);
	np_sha256_hex(image, LEN, hex);
	ck_assert_int_eq(manifest_load(used, &manifest, &err), 0);
	ck_assert_str_eq(manifest.sha256, hex);
	ck_assert_str_eq(manifest.segments[0].sha256, hex);
	ck_assert_ptr_null(store.begun);
	manifest_free(&manifest);
	free(data);
}

START_TEST(what_was_read_is_saved)
{
	char path[128], promised[NP_PATH_MAX];

	snprintf(path, sizeof(path), "%s/mine.bin", rig.dir);
	read_all(_i ? path : NULL);
	ck_assert_ptr_nonnull(following);
	ahead_sync(following);
	snprintf(promised, sizeof(promised), "%s", _i ? path : backup_next(&store));
	ck_assert_msg(save(_i ? path : NULL) == 0, "%s", err.message);
	ck_assert_str_eq(used, promised);
	expect_saved();
	ck_assert_uint_eq(rig_files(&rig, "backups"), _i ? 0 : 2);
}
END_TEST

/* A second reading that outvoted the first one. */
START_TEST(what_has_changed_since_is_written_anew)
{
	static const size_t places[] = {0, 70000, LEN - 1};

	read_all(NULL);
	image[places[_i]] ^= 0x10;
	ck_assert_int_eq(save(NULL), 0);
	expect_saved();
	ck_assert_uint_eq(rig_files(&rig, "backups"), 2);
}
END_TEST

START_TEST(what_was_not_read_to_the_end_is_not_taken)
{
	ck_assert_int_eq(backup_begin(&store, NULL, image, &set, &err), 0);
	following = store.ahead;
	ahead_reached(following, LEN - 1);
	ahead_wait(following);
	ahead_sync(following);
	ck_assert_int_eq(save(NULL), 0);
	expect_saved();
	ck_assert_uint_eq(rig_files(&rig, "backups"), 2);
}
END_TEST

/* The plan has changed since: the file holds the parts that are asked for, and no rest of others. */
START_TEST(other_parts_are_written_anew)
{
	struct np_range parts[] = {{0x1000, 0x2000}, {0x20000, 0x300}};
	struct np_ranges some = {parts, 2, 2};
	struct manifest manifest;
	uint8_t *data;
	size_t len;

	read_all(NULL);
	manifest_begin(&manifest, store.chip, "sim", "write");
	ck_assert_int_eq(backup_write(&store, NULL, image, &some, &manifest, used, &err), 0);
	ck_assert_int_eq(np_io_read(used, LEN, &data, &len, &err), 0);
	ck_assert_uint_eq(len, 0x2300);
	ck_assert_mem_eq(data, image + 0x1000, 0x2000);
	ck_assert_mem_eq(data + 0x2000, image + 0x20000, 0x300);
	ck_assert_uint_eq(rig_files(&rig, "backups"), 2);
	manifest_free(&manifest);
	free(data);
}
END_TEST

/* ---- several files, of several parts ---- */

static struct np_range parts[][3] = {
	{{0x80000, 0x10001}, {0xa0000, 7}, {0xffff0, 16}},
	{{0, 1}, {0x7ffff, 0x20002}},
	{{0x30000, 0x30000}},
};

#define FILES (sizeof(parts) / sizeof(parts[0]))

static struct ahead_file files[FILES];

static void begin_files(void)
{
	static const size_t counts[FILES] = {3, 2, 1};
	for (size_t i = 0; i < FILES; i++) {
		snprintf(files[i].path, NP_PATH_MAX, "%s/file%zu.bin", rig.dir, i);
		ck_assert_int_eq(np_io_create(&files[i].out, files[i].path, NP_IO_NEW, &err), 0);
		files[i].out.dir.hook = &hook;
		files[i].segments = (struct np_ranges){parts[i], counts[i], counts[i]};
	}
}

/* Returns what ahead_end() does, and the files as it leaves them. */
static int follow_files(void)
{
	struct ahead *ahead = ahead_begin(files, FILES, image);

	ck_assert_ptr_nonnull(ahead);
	for (size_t at = STEP; at < LEN; at += STEP)
		ahead_reached(ahead, at);
	ahead_reached(ahead, LEN);
	ahead_wait(ahead);
	ahead_sync(ahead);
	return ahead_end(ahead, true, &err);
}

static void drop_files(void)
{
	for (size_t i = 0; i < FILES; i++)
		np_io_abort(&files[i].out);
}

/* They are named, after a second reading has changed a byte. */
static void expect_files(size_t changed)
{
	struct manifest manifest;
	uint8_t *data;
	size_t len, at;

	image[changed] ^= 1;
	for (size_t i = 0; i < FILES; i++) {
		snprintf(used, sizeof(used), "%s/file%zu.bin", rig.dir, i);
		ck_assert(!np_io_exists(used));
		manifest_begin(&manifest, store.chip, "sim", "read");
		ck_assert_msg(backup_finish(&files[i], image, &manifest, &err) == 0, "%s",
		              err.message);
		ck_assert_int_eq(np_io_read(used, LEN, &data, &len, &err), 0);
		ck_assert_uint_eq(len, np_ranges_bytes(&files[i].segments));
		at = 0;
		for (size_t k = 0; k < files[i].segments.count; k++) {
			ck_assert_mem_eq(data + at, image + parts[i][k].start, parts[i][k].len);
			at += parts[i][k].len;
		}
		manifest_free(&manifest);
		ck_assert_int_eq(manifest_load(used, &manifest, &err), 0);
		np_sha256_hex(data, len, used);
		ck_assert_str_eq(manifest.sha256, used);
		manifest_free(&manifest);
		free(data);
	}
}

START_TEST(several_files_follow_one_read)
{
	/* In one file, in two, in none. */
	static const size_t changed[] = {0xffff5, 0x80000, 0x2ffff};

	begin_files();
	ck_assert_int_eq(follow_files(), 0);
	for (size_t i = 0; i < FILES; i++)
		ck_assert_uint_eq(files[i].out.len, np_ranges_bytes(&files[i].segments));
	expect_files(changed[_i]);
	drop_files();
}
END_TEST

/* What nobody wrote meanwhile is written in the end. */
START_TEST(files_that_nothing_followed_are_written_when_they_are_named)
{
	begin_files();
	ck_assert_int_eq(ahead_end(NULL, true, &err), 0);
	expect_files(0);
	drop_files();
}
END_TEST

static unsigned in_folder(const char *part)
{
	struct dirent *entry;
	DIR *dir = opendir(rig.dir);
	unsigned count = 0;

	while ((entry = readdir(dir)))
		count += strstr(entry->d_name, part) != NULL;
	closedir(dir);
	return count;
}

/* Whichever write or sync of whichever file fails: the end says so, and no file has a name. */
START_TEST(what_fails_in_one_file_is_told_at_the_end)
{
	unsigned at;
	int ret;

	fault.with = _i ? EIO : ENOSPC;
	fault.call = _i ? "fsync" : "write";
	for (at = 1;; at++) {
		fault.at = at;
		fault.seen = 0;
		begin_files();
		ret = follow_files();
		ck_assert_uint_eq(in_folder(".part-"), FILES);
		drop_files();
		ck_assert_uint_eq(in_folder("file"), 0);
		if (fault.seen < at)
			break;
		ck_assert_int_eq(ret, NP_E_OUTPUT);
		ck_assert_msg(strstr(err.message, strerror(fault.with)), "%s", err.message);
	}
	ck_assert_int_eq(ret, 0);
	ck_assert_uint_gt(at, FILES);
}
END_TEST

START_TEST(a_new_file_without_its_manifest_goes_again)
{
	static const enum np_io_mode modes[] = {NP_IO_NEW, NP_IO_REPLACE};
	struct ahead_file file = {.segments = set};
	struct manifest manifest;
	const char *path = file.path;

	snprintf(file.path, sizeof(file.path), "%s/file.bin", rig.dir);
	ck_assert_int_eq(np_io_create(&file.out, path, modes[_i], &err), 0);
	snprintf(used, sizeof(used), "%s/file.bin.json", rig.dir);
	ck_assert_int_eq(mkdir(used, 0700), 0);
	manifest_begin(&manifest, store.chip, "sim", "read");
	ck_assert_int_eq(backup_finish(&file, image, &manifest, &err), NP_E_OUTPUT);
	/* One that replaced another stays: else both would be lost. */
	ck_assert_int_eq(np_io_exists(path), _i);
	ck_assert_uint_eq(in_folder(".part-"), 0);
	np_io_abort(&file.out);
	manifest_free(&manifest);
}
END_TEST

/* While it still runs, so that nobody reads on for a file that cannot be kept. */
START_TEST(a_failure_is_known_before_the_end)
{
	struct ahead *ahead;

	fault.call = "write";
	fault.at = 1;
	fault.with = ENOSPC;
	begin_files();
	ahead = ahead_begin(files, FILES, image);
	ck_assert_int_eq(ahead_check(ahead, &err), 0);
	ahead_reached(ahead, LEN);
	ahead_wait(ahead);
	ck_assert_int_eq(ahead_check(ahead, &err), NP_E_OUTPUT);
	ck_assert_msg(strstr(err.message, strerror(ENOSPC)), "%s", err.message);
	ck_assert_int_eq(ahead_end(ahead, false, &err), 0);
	drop_files();
}
END_TEST

/* Whichever write fails, or the sync: no backup, and no rest of one. */
START_TEST(what_fails_fails_the_backup)
{
	unsigned at;
	int ret;

	fault.with = _i ? EIO : ENOSPC;
	for (at = 1;; at++) {
		fault.call = _i ? "fsync" : "write";
		fault.at = at;
		fault.seen = 0;
		rig_fill(image, LEN, at);
		read_all(NULL);
		ahead_sync(following);
		ret = save(NULL);
		if (fault.seen < at)
			break;
		ck_assert_int_eq(ret, NP_E_OUTPUT);
		ck_assert_msg(strstr(err.message, "backup: ") &&
		                      strstr(err.message, strerror(fault.with)),
		              "%s", err.message);
		ck_assert_uint_eq(rig_files(&rig, "backups"), 0);
		store_close(&store);
	}
	ck_assert_int_eq(ret, 0);
	ck_assert_uint_gt(at, _i ? 2 : LEN / 65536);
	fault.call = NULL;
	expect_saved();
}
END_TEST

START_TEST(given_up_it_leaves_nothing)
{
	for (size_t reached = 0; reached <= LEN; reached += LEN / 4) {
		ck_assert_int_eq(backup_begin(&store, NULL, image, &set, &err), 0);
		following = store.ahead;
		ck_assert_ptr_nonnull(following);
		ahead_reached(following, reached);
		if (reached == LEN)
			ahead_sync(following);
		store_close(&store);
		ck_assert_ptr_null(store.begun);
		ck_assert_uint_eq(rig_files(&rig, "backups"), 0);
	}
}
END_TEST

START_TEST(where_it_cannot_begin_the_backup_says_why)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/taken", rig.dir);
	ck_assert_int_eq(np_io_save(path, "x", 1, NP_IO_NEW, &err), 0);
	read_all(path);
	ck_assert_int_eq(begun, NP_E_OUTPUT);
	ck_assert_ptr_null(following);
	ck_assert_int_eq(save(path), NP_E_OUTPUT);
	ck_assert_msg(strstr(err.message, "exists and is not overwritten"), "%s", err.message);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ahead");
	TCase *tc = suite_group(suite, "ahead", setup, teardown);

	tcase_add_loop_test(tc, what_was_read_is_saved, 0, 2);
	tcase_add_loop_test(tc, what_has_changed_since_is_written_anew, 0, 3);
	tcase_add_test(tc, what_was_not_read_to_the_end_is_not_taken);
	tcase_add_test(tc, other_parts_are_written_anew);
	tcase_add_loop_test(tc, several_files_follow_one_read, 0, 3);
	tcase_add_test(tc, files_that_nothing_followed_are_written_when_they_are_named);
	tcase_add_loop_test(tc, what_fails_in_one_file_is_told_at_the_end, 0, 2);
	tcase_add_loop_test(tc, a_new_file_without_its_manifest_goes_again, 0, 2);
	tcase_add_test(tc, a_failure_is_known_before_the_end);
	tcase_add_loop_test(tc, what_fails_fails_the_backup, 0, 2);
	tcase_add_test(tc, given_up_it_leaves_nothing);
	tcase_add_test(tc, where_it_cannot_begin_the_backup_says_why);
	return run_suite(suite);
}
