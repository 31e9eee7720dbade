/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is on disk when: this program stands between the library and fsync(), and sees what was
 * synced and under which name while the chip was still whole. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/rig.h"
#include "support/suite.h"

#define EVENTS 64

static struct rig rig;
static struct write_result result;
static struct np_error err;
static uint8_t *image;

static struct event {
	char what;       /* 's' synced, 'u' removed */
	char path[4096]; /* as it was named then */
	off_t size;      /* of what was synced */
	bool whole;      /* the chip was not changed yet */
	bool behind;     /* not by the thread that works on the chip */
} events[EVENTS];
static unsigned count;
/* A backup is written and synced by a thread of its own. */
static pthread_mutex_t events_lock = PTHREAD_MUTEX_INITIALIZER;
static bool watching; /* while there is a chip */
static pthread_t worker;

static void note(char what, const char *path, off_t size)
{
	const struct norsim_stats *stats;

	pthread_mutex_lock(&events_lock);
	if (!watching || count == EVENTS) {
		pthread_mutex_unlock(&events_lock);
		return;
	}
	stats = norsim_stats(rig.chip);
	events[count].what = what;
	events[count].size = size;
	events[count].behind = !pthread_equal(worker, pthread_self());
	snprintf(events[count].path, sizeof(events[count].path), "%s", path);
	events[count++].whole = !stats->erases_4k && !stats->erases_32k && !stats->erases_64k &&
	                        !stats->pages_programmed;
	pthread_mutex_unlock(&events_lock);
}

static void watch(bool on)
{
	pthread_mutex_lock(&events_lock);
	watching = on;
	pthread_mutex_unlock(&events_lock);
}

/* In place of the C library's. */
int fsync(int fd)
{
	char name[64], path[4096];
	struct stat st = {.st_size = 0};
	ssize_t len;

	fstat(fd, &st);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	len = readlink(name, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = '\0';
	note('s', path, st.st_size);
	return (int)syscall(SYS_fsync, fd);
}

int unlink(const char *path)
{
	note('u', path, 0);
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int unlinkat(int folder, const char *name, int flags)
{
	char link[64], path[4096];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", folder);
	len = readlink(link, path, sizeof(path) / 2);
	snprintf(path + (len > 0 ? len : 0), sizeof(path) / 2, "/%s", name);
	note('u', path, 0);
	return (int)syscall(SYS_unlinkat, folder, name, flags);
}

/* The number of the first such event from `from` on whose path has `part` in it and ends so; fails
 * when there is none. */
static unsigned find(unsigned from, char what, const char *part, const char *end)
{
	for (unsigned i = from; i < count; i++) {
		size_t len = strlen(events[i].path), tail = strlen(end);

		if (events[i].what == what && strstr(events[i].path, part) && len >= tail &&
		    strcmp(events[i].path + len - tail, end) == 0)
			return i;
	}
	ck_abort_msg("no '%c' of %s..%s", what, part, end);
	return 0;
}

static unsigned synced(const char *part)
{
	for (unsigned i = 0; i < count; i++)
		if (events[i].what == 's' && strstr(events[i].path, part))
			return i;
	ck_abort_msg("%s was never synced", part);
	return 0;
}

static struct np_range region = {0x10000, 0x20000};
static const struct np_ranges some = {&region, 1, 1};

static void run(bool no_backup, const struct np_ranges *select)
{
	struct rig_order o = {.keep_nothing = true, .how.no_backup = no_backup, .select = select};

	rig_init(&rig);
	rig_open(&rig);
	image = malloc(rig.size);
	o.image = image;
	memcpy(image, norsim_mem(rig.chip), rig.size);
	memset(image + 0x10000, 0x5a, 0x3000);
	memset(norsim_mem(rig.chip) + 0x10000, 0x11, 0x1000);
	count = 0;
	worker = pthread_self();
	watch(true);
	ck_assert_msg(rig_write(&rig, &o, &result, &err) == 0, "%s", err.message);
	watch(false);
	ck_assert_uint_gt(norsim_stats(rig.chip)->pages_programmed, 0);
	ck_assert_uint_lt(count, EVENTS);
}

/* The file first, then the folder that names it; all of it while the chip is whole. */
static unsigned expect_kept(const char *part, const char *folder)
{
	unsigned file = synced(part), dir = find(file, 's', "", folder);

	ck_assert_msg(events[file].whole && events[dir].whole, "%s: the chip was changed before",
	              part);
	return file;
}

START_TEST(all_is_on_disk_before_the_first_erase)
{
	unsigned backup;

	run(_i, NULL);
	backup = expect_kept(_i ? ".backup.part-" : ".bin.part-", _i ? "/jobs" : "/backups");
	/* All of it, though it was begun while the chip was read. */
	ck_assert_int_eq(events[backup].size, _i ? 0x3000 : (off_t)rig.size);
	expect_kept(".target.part-", "/jobs");
	expect_kept(".json.part-", _i ? "/jobs" : "/backups");
	free(image);
	rig_free(&rig);
}
END_TEST

/* A backup is synced beside the reading; what is left for the worker is to make sure of it. */
START_TEST(the_worker_does_not_wait_for_the_backup)
{
	unsigned backup;

	run(false, _i ? &some : NULL);
	backup = expect_kept(".bin.part-", "/backups");
	ck_assert(events[backup].behind);
	ck_assert_int_eq(events[backup].size, _i ? 0x3000 : (off_t)rig.size);
	free(image);
	rig_free(&rig);
}
END_TEST

START_TEST(the_record_comes_last_and_goes_first)
{
	unsigned target, record, first;

	run(true, NULL);
	target = synced(".target.part-");
	for (record = target + 1; record < count; record++)
		if (events[record].what == 's' && strstr(events[record].path, "/jobs/") &&
		    strstr(events[record].path, ".json.part-"))
			break;
	ck_assert_msg(record < count && events[record].whole, "no record behind the target");
	ck_assert_uint_gt(record, synced(".backup.part-"));
	first = find(record, 'u', "/jobs/", ".json");
	ck_assert(!events[first].whole);
	/* Gone for good before what it speaks of goes. */
	ck_assert_uint_gt(find(first, 's', "", "/jobs"), first);
	ck_assert_uint_gt(find(record + 1, 'u', "/jobs/", ".target"),
	                  find(first, 's', "", "/jobs"));
	ck_assert_uint_gt(find(record + 1, 'u', "/jobs/", ".backup"),
	                  find(first, 's', "", "/jobs"));
	free(image);
	rig_free(&rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_sync");
	TCase *tcase = tcase_create("job_sync");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, all_is_on_disk_before_the_first_erase, 0, 2);
	tcase_add_loop_test(tcase, the_worker_does_not_wait_for_the_backup, 0, 2);
	tcase_add_test(tcase, the_record_comes_last_and_goes_first);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
