/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A write of the whole chip or of a region during which a call on the state folder fails, each of them in turn, once or from then
 * on, with a full disk or a broken one: a chip that was changed has its backup, whole, under its name;
 * one whose backup could not be kept was not touched.
 */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "support/rig.h"
#include "support/suite.h"

#define AT 0x30000u /* what changes */

static struct np_range region = {AT, 0x20000};
static const struct np_ranges part = {&region, 1, 1};

static struct rig rig;
static uint8_t *before, *image;
static struct write_result result;
static struct np_error err;

/* Called by the job's thread and by the one that writes its backup. */
static struct fault {
	pthread_mutex_t lock;
	unsigned at, seen;
	bool stays;
	int with;
	char call[16], name[NP_NAME_MAX + 32]; /* the first that failed */
} fault = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int fail_call(void *ctx, const char *call, const char *name)
{
	bool now;

	(void)ctx;
	pthread_mutex_lock(&fault.lock);
	now = ++fault.seen == fault.at || (fault.stays && fault.seen > fault.at);
	if (fault.seen == fault.at) {
		snprintf(fault.call, sizeof(fault.call), "%s", call);
		snprintf(fault.name, sizeof(fault.name), "%s", name);
	}
	pthread_mutex_unlock(&fault.lock);
	return now ? fault.with : 0;
}

static const struct np_io_hook hook = {.before = fail_call};

static void open_rig(void)
{
	rig_init(&rig);
	rig.config.chip.part = "W25Q16";
	rig.job.layout = &rig_plain;
	rig_open(&rig);
	rig.job.io_hook = &hook;
	memcpy(norsim_mem(rig.chip), before, rig.size);
	memset(&err, 0, sizeof(err));
}

static bool backup_is_whole(void)
{
	struct np_error why;
	uint8_t *saved = NULL;
	size_t len;
	bool whole;

	if (np_io_read(rig.backup, rig.size, &saved, &len, &why))
		return false;
	/* Of a region: the blocks that change. */
	whole = len == rig.size ? memcmp(saved, before, len) == 0
	                        : len == 0x1000 && memcmp(saved, before + AT, len) == 0;
	free(saved);
	return whole;
}

/* Returns whether the fault came to pass. */
static bool write_with(const struct np_ranges *select, unsigned at, bool stays, int with)
{
	struct rig_order order = {.image = image, .keep_nothing = true, .select = select};
	int ret;

	open_rig();
	fault.at = at;
	fault.seen = 0;
	fault.stays = stays;
	fault.with = with;
	ret = rig_write(&rig, &order, &result, &err);
	ck_assert_msg(!ret || ret == NP_E_OUTPUT || ret == NP_E_INPUT, "%u: %s of %s: %s", at,
	              fault.call, fault.name, err.message);
	if (memcmp(norsim_mem(rig.chip), before, rig.size) != 0)
		ck_assert_msg(backup_is_whole(), "%u: %s of %s: erased without a backup", at,
		              fault.call, fault.name);
	/* Not begun, or finished: a disk is no reason to stop in the middle. */
	ck_assert(memcmp(norsim_mem(rig.chip), before, rig.size) == 0 ||
	          memcmp(norsim_mem(rig.chip), image, rig.size) == 0);
	if (strstr(fault.name, ".bin.part-") &&
	    (strcmp(fault.call, "write") == 0 || strcmp(fault.call, "fsync") == 0)) {
		ck_assert_msg(ret == NP_E_OUTPUT, "%u: %s of the backup", at, fault.call);
		/* A disk that stays full fails the backup's number first. */
		ck_assert_msg(stays || strstr(err.message, "backup: ") == err.message, "%s",
		              err.message);
		ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	}
	fault.name[0] = '\0';
	rig_free(&rig);
	return fault.seen >= at;
}

START_TEST(no_chip_is_erased_whose_backup_is_not_on_disk)
{
	static const int errors[] = {ENOSPC, EIO};
	unsigned at = 1;

	before = malloc(2 << 20);
	image = malloc(2 << 20);
	rig_fill(before, 2 << 20, 1);
	memcpy(image, before, 2 << 20);
	memset(image + AT, 0x5a, 0x1000);
	while (write_with(_i & 4 ? &part : NULL, at, _i & 1, errors[_i / 2 % 2]))
		at++;
	/* The writes of the backup, and what else there is. */
	ck_assert_uint_gt(at, _i & 4 ? 25 : 50);
	free(before);
	free(image);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("disk_faults");
	TCase *tc = suite_group(suite, "disk_faults", NULL, NULL);

	tcase_add_loop_test(tc, no_chip_is_erased_whose_backup_is_not_on_disk, 0, 8);
	return run_suite(suite);
}
