/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A backup that follows the read: what it holds, and that whatever fails in it fails the backup. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	following = backup_begin(&store, path, image, &set);
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
	following = backup_begin(&store, NULL, image, &set);
	ahead_reached(following, LEN - 1);
	ahead_wait(following);
	ahead_sync(following);
	ck_assert_int_eq(save(NULL), 0);
	expect_saved();
	ck_assert_uint_eq(rig_files(&rig, "backups"), 2);
}
END_TEST

START_TEST(parts_are_not_taken_from_it)
{
	read_all(NULL);
	whole = (struct np_range){0x1000, 0x2000};
	ck_assert_int_eq(save(NULL), 0);
	whole = (struct np_range){0, LEN};
	ck_assert_uint_eq(rig_files(&rig, "backups"), 2);
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
		following = backup_begin(&store, NULL, image, &set);
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
	tcase_add_test(tc, parts_are_not_taken_from_it);
	tcase_add_loop_test(tc, what_fails_fails_the_backup, 0, 2);
	tcase_add_test(tc, given_up_it_leaves_nothing);
	tcase_add_test(tc, where_it_cannot_begin_the_backup_says_why);
	return run_suite(suite);
}
