/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: io.c json.c manifest.c state.c backup_find.c */
/* What jobs leave on disk: all or nothing, never over somebody's file, and readable again. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "store/backup.h"
#include "support/rig.h"
#include "support/suite.h"
#include "store/state.h"

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

static unsigned files_here(void)
{
	return rig_files(&rig, ".");
}

/* ---- io ---- */

START_TEST(save_new_and_replace)
{
	const char *path = in_dir("file");
	uint8_t *data;
	size_t len;

	ck_assert_int_eq(np_io_save(path, "one", 3, NP_IO_NEW, &err), 0);
	ck_assert_int_eq(np_io_save(path, "two", 3, NP_IO_NEW, &err), NP_E_OUTPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "exists"));
	ck_assert_int_eq(np_io_read(path, 10, &data, &len, &err), 0);
	ck_assert_str_eq((char *)data, "one");
	free(data);
	ck_assert_int_eq(np_io_save(path, "three", 5, NP_IO_REPLACE, &err), 0);
	ck_assert_int_eq(np_io_read(path, 10, &data, &len, &err), 0);
	ck_assert_uint_eq(len, 5);
	free(data);
	ck_assert_uint_eq(files_here(), 1);
}
END_TEST

/* Somebody else takes the name while we write. */
START_TEST(name_taken_meanwhile)
{
	const char *path = in_dir("file");
	struct np_io_out out;
	uint8_t *data;
	size_t len;

	ck_assert_int_eq(np_io_create(&out, path, NP_IO_NEW, &err), 0);
	ck_assert_int_eq(np_io_write(&out, "mine", 4, &err), 0);
	ck_assert_int_eq(np_io_save(path, "theirs", 6, NP_IO_NEW, &err), 0);
	ck_assert_int_eq(np_io_commit(&out, NULL, &err), NP_E_OUTPUT);
	np_io_abort(&out);
	ck_assert_int_eq(np_io_read(path, 10, &data, &len, &err), 0);
	ck_assert_str_eq((char *)data, "theirs");
	free(data);
	ck_assert_uint_eq(files_here(), 1);
}
END_TEST

START_TEST(digest_of_pieces)
{
	struct np_io_out out;
	char hex[NP_SHA256_HEX], whole[NP_SHA256_HEX];

	ck_assert_int_eq(np_io_create(&out, in_dir("file"), NP_IO_NEW, &err), 0);
	ck_assert_int_eq(np_io_write(&out, "abc", 3, &err), 0);
	ck_assert_int_eq(np_io_write(&out, "defg", 4, &err), 0);
	ck_assert_int_eq(np_io_commit(&out, hex, &err), 0);
	np_sha256_hex("abcdefg", 7, whole);
	ck_assert_str_eq(hex, whole);
}
END_TEST

START_TEST(abandoned_leaves_nothing)
{
	struct np_io_out out;

	ck_assert_int_eq(np_io_create(&out, in_dir("file"), NP_IO_NEW, &err), 0);
	ck_assert_int_eq(np_io_write(&out, "abc", 3, &err), 0);
	np_io_abort(&out);
	np_io_abort(&out);
	ck_assert_uint_eq(files_here(), 0);
}
END_TEST

START_TEST(reading_bad_paths)
{
	uint8_t *data;
	size_t len;

	ck_assert_int_eq(np_io_read(in_dir("none"), 10, &data, &len, &err), NP_E_INPUT);
	ck_assert_int_eq(np_io_read(rig.dir, 10, &data, &len, &err), NP_E_INPUT);
	ck_assert_int_eq(np_io_save(in_dir("long"), "12345678901", 11, NP_IO_NEW, &err), 0);
	ck_assert_int_eq(np_io_read(in_dir("long"), 10, &data, &len, &err), NP_E_INPUT);
	ck_assert_int_eq(np_io_read(in_dir("long"), 11, &data, &len, &err), 0);
	free(data);
	ck_assert_int_eq(np_io_save(in_dir("no/such/dir"), "x", 1, NP_IO_NEW, &err), NP_E_OUTPUT);
	ck_assert_ptr_nonnull(strstr(err.hint, "folder"));
	ck_assert_int_eq(np_io_mkdirs(in_dir("long/below"), &err), NP_E_OUTPUT);
	ck_assert_int_eq(np_io_mkdirs(in_dir("no/such/dir"), &err), 0);
	ck_assert_int_eq(np_io_mkdirs(in_dir("no/such/dir"), &err), 0);
	ck_assert_int_eq(np_io_save(in_dir("no/such/dir/f"), "x", 1, NP_IO_NEW, &err), 0);
	ck_assert_int_eq(np_io_remove(in_dir("no/such/dir/f"), &err), 0);
	ck_assert_int_eq(np_io_remove(in_dir("no/such/dir/f"), &err), 0);
}
END_TEST

START_TEST(default_state_dir)
{
	char dir[256];

	setenv("XDG_STATE_HOME", "/x/state", 1);
	ck_assert_int_eq(store_default_dir(dir, sizeof(dir), &err), 0);
	ck_assert_str_eq(dir, "/x/state/norprog");
	unsetenv("XDG_STATE_HOME");
	unsetenv("SUDO_UID");
	setenv("HOME", "/home/someone", 1);
	ck_assert_int_eq(store_default_dir(dir, sizeof(dir), &err), 0);
	ck_assert_str_eq(dir, "/home/someone/.local/state/norprog");
	ck_assert_int_eq(store_default_dir(dir, 10, &err), NP_E_OUTPUT);
}
END_TEST

/* ---- backups ---- */

static void make_backup(const uint8_t *image, char path[NP_PATH_MAX])
{
	struct store store = {.dir = rig.dir};
	struct np_ranges set = {0};
	struct manifest manifest;

	rig_open(&rig);
	store.chip = nor_info(rig.nor);
	np_ranges_add(&set, (struct np_range){0x1000, 0x2000}, NULL);
	np_ranges_add(&set, (struct np_range){0x7ff000, 0x1000}, NULL);
	manifest_begin(&manifest, nor_info(rig.nor), "sim", "write");
	manifest.passes = 2;
	manifest.disagreements = 3;
	manifest.contents.zero_bursts = true;
	manifest.contents.unfinished_job = true;
	manifest.contents.entropy = 7123;
	manifest_text(manifest.file, sizeof(manifest.file), "/home/u/m\xfc\xfe.bin");
	manifest_text(manifest.regions, sizeof(manifest.regions), "radio");
	ck_assert_int_eq(backup_write(&store, NULL, image, &set, &manifest, path, &err), 0);
	store_close(&store);
	manifest_free(&manifest);
	np_ranges_free(&set);
}

START_TEST(backup_comes_back)
{
	uint8_t *image = malloc(8 << 20), *back = calloc(1, 8 << 20);
	struct np_ranges covered = {0};
	struct manifest manifest;
	char path[NP_PATH_MAX];

	rig_fill(image, 8 << 20, 7);
	make_backup(image, path);
	ck_assert_int_eq(manifest_load(path, &manifest, &err), 0);
	ck_assert_str_eq(manifest.chip, "W25Q64FV");
	ck_assert_str_eq(manifest.jedec_id, "ef4017");
	ck_assert_uint_eq(strlen(manifest.uid), 16);
	ck_assert_uint_eq(manifest.size, 0x3000);
	ck_assert_uint_eq(manifest.passes, 2);
	ck_assert_uint_eq(manifest.disagreements, 3);
	ck_assert(manifest.contents.zero_bursts && !manifest.contents.all_ff);
	ck_assert(manifest.contents.unfinished_job && !manifest.contents.shifted);
	ck_assert_uint_eq(manifest.contents.entropy, 7123);
	ck_assert_str_eq(manifest.file, "/home/u/m??.bin");
	ck_assert_str_eq(manifest.regions, "radio");
	ck_assert_uint_eq(manifest.segment_count, 2);
	ck_assert_uint_eq(manifest.segments[1].offset, 0x2000);
	ck_assert_int_eq(manifest.date[10], 'T');
	ck_assert_ptr_nonnull(strstr(path, manifest.uid));
	manifest_free(&manifest);
	ck_assert_int_eq(backup_load(path, 8 << 20, back, &covered, &err), 0);
	ck_assert_uint_eq(np_ranges_bytes(&covered), 0x3000);
	ck_assert_mem_eq(back + 0x1000, image + 0x1000, 0x2000);
	ck_assert_mem_eq(back + 0x7ff000, image + 0x7ff000, 0x1000);
	ck_assert_int_eq(backup_load(path, 16 << 20, back, &covered, &err), NP_E_SIZE);
	np_ranges_free(&covered);
	free(image);
	free(back);
}
END_TEST

static void replace_in_file(const char *path, const char *old, const char *new)
{
	uint8_t *data;
	size_t len;
	char *at;

	ck_assert_int_eq(np_io_read(path, 100000, &data, &len, &err), 0);
	at = strstr((char *)data, old);
	ck_assert_ptr_nonnull(at);
	ck_assert_uint_eq(strlen(old), strlen(new));
	memcpy(at, new, strlen(new));
	ck_assert_int_eq(np_io_save(path, data, len, NP_IO_REPLACE, &err), 0);
	free(data);
}

static const char *const damages[][2] = {
	{"\"offset\": 8192", "\"offset\": 8193"},  {"\"offset\": 8192", "\"offset\": 9999"},
	{"\"start\": 4096", "\"start\": -496"},    {"\"length\": 8192", "\"length\": 9192"},
	{"\"length\": 8192", "\"length\":   \"2"}, {"\"format\": 1", "\"format\": 2"},
	{"\"segments\"", "\"segmentz\""},          {"\"start\": 8384512", "\"start\": 8388608"},
	{"\"size\": 12288", "\"size\": 12289"},    {"\"sha256\": \"", "\"sha25x\": \""},
};

START_TEST(damaged_manifests)
{
	uint8_t *image = calloc(1, 8 << 20);
	struct np_ranges covered = {0};
	char path[NP_PATH_MAX], json[NP_PATH_MAX + 8];

	make_backup(image, path);
	snprintf(json, sizeof(json), "%s.json", path);
	replace_in_file(json, damages[_i][0], damages[_i][1]);
	ck_assert_int_eq(backup_load(path, 8 << 20, image, &covered, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, path));
	ck_assert_uint_eq(covered.count, 0);
	free(image);
}
END_TEST

START_TEST(damaged_backup)
{
	uint8_t *image = calloc(1, 8 << 20);
	struct np_ranges covered = {0};
	char path[NP_PATH_MAX];

	make_backup(image, path);
	ck_assert_int_eq(np_io_save(path, image + 1, 0x3000, NP_IO_REPLACE, &err), 0);
	ck_assert_int_eq(backup_load(path, 8 << 20, image, &covered, &err), 0);
	/* Changed bytes are the gate's to judge; a length that does not fit is no backup. */
	image[5] = 1;
	ck_assert_int_eq(np_io_save(path, image, 0x3000, NP_IO_REPLACE, &err), 0);
	ck_assert_int_eq(backup_load(path, 8 << 20, image, &covered, &err), 0);
	ck_assert_int_eq(np_io_save(path, image, 0x2fff, NP_IO_REPLACE, &err), 0);
	ck_assert_int_eq(backup_load(path, 8 << 20, image, &covered, &err), NP_E_INPUT);
	np_ranges_free(&covered);
	free(image);
}
END_TEST

/* ---- disks that fill up ---- */

static int write_whole(bool no_backup)
{
	uint8_t *image = malloc(rig.size);
	struct rig_order o = {.keep_nothing = true, .image = image, .how.no_backup = no_backup};
	struct write_result result;
	int ret;

	rig_fill(image, rig.size, 9);
	ret = rig_write(&rig, &o, &result, &err);
	free(image);
	return ret;
}

/* Room for less than the backup, for the backup but not the target, for both but not a byte more.
 */
static const rlim_t limits[] = {1 << 20, 6 << 20, (8 << 20) - 1};

static void child_limited(rlim_t limit, bool no_backup)
{
	struct rlimit old, small = {limit, limit};
	uint8_t *before;
	int ret;

	rig_open(&rig);
	before = malloc(rig.size);
	rig_fill(norsim_mem(rig.chip), rig.size, 1);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ret = write_whole(no_backup);
	setrlimit(RLIMIT_FSIZE, &old);
	ck_assert_int_eq(ret, NP_E_OUTPUT);
	ck_assert_ptr_nonnull(strstr(err.hint, "room"));
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(rig_files(&rig, "backups"), 0);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	/* with room again, it just works */
	ck_assert_int_eq(write_whole(no_backup), 0);
	free(before);
}

START_TEST(disk_full)
{
	child_limited(limits[_i / 2], _i % 2);
}
END_TEST

START_TEST(state_dir_that_cannot_be)
{
	uint8_t *before;

	rig_open(&rig);
	before = malloc(rig.size);
	rig_fill(norsim_mem(rig.chip), rig.size, 1);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	rig.job.state_dir = "/dev/null/state";
	ck_assert_int_eq(write_whole(false), NP_E_OUTPUT);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	free(before);
}
END_TEST

/* ---- memory ---- */

static long peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static void child_memory(void)
{
	struct np_ranges select = {0}, keep = {0};
	uint8_t *image = malloc(8 << 20);
	struct rig_order o = {.image = image, .select = &select, .keep = &keep};
	struct write_result result;
	long before, limit = 3 * 8192 + 16384;

	rig_open(&rig);
	rig_fill(norsim_mem(rig.chip), rig.size, 1);
	before = peak_kib();
	rig_fill(image, 8 << 20, 2);
	np_ranges_add(&select, (struct np_range){0, rig.size}, NULL);
	np_ranges_remove(&select, (struct np_range){0x7cf100, 6}, NULL);
	np_ranges_add(&keep, (struct np_range){0x7cf100, 6}, NULL);
	if (rig_write(&rig, &o, &result, &err) != 0)
		_exit(2);
	/* image, what was there, what shall be: and little more */
	printf("peak %ld KiB of %ld, %ld before\n", peak_kib(), limit, before);
	fflush(stdout);
#ifdef __SANITIZE_ADDRESS__
	_exit(0); /* its shadow is not ours */
#endif
	_exit(peak_kib() - before < limit - 8192 ? 0 : 1);
}

START_TEST(memory)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		child_memory();
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* ---- asked before anything is read ---- */

static void expect_refused_unread(const struct rig_order *options, const char *says,
                                  const char *hint)
{
	struct write_result result;

	norsim_clear_stats(rig.chip);
	ck_assert_int_eq(rig_write(&rig, options, &result, &err), NP_E_OUTPUT);
	ck_assert_msg(strstr(err.message, says) != NULL, "%s", err.message);
	ck_assert_msg(strstr(err.hint, hint) != NULL, "%s", err.hint);
	ck_assert_uint_eq(norsim_stats(rig.chip)->bytes_read, 0);
	ck_assert_uint_eq(rig.asked, 0);
}

START_TEST(what_cannot_be_kept_is_not_read)
{
	struct np_range range = {0, 4096};
	struct np_ranges only = {&range, 1, 1};
	struct rig_order o = {.select = &only};
	struct write_result result;

	rig_open(&rig);
	rig_fill(norsim_mem(rig.chip), rig.size, 1);
	ck_assert_int_eq(np_io_save(in_dir("file"), "x", 1, NP_IO_NEW, &err), 0);
	o.how.backup_path = in_dir("file");
	expect_refused_unread(&o, "exists and is not overwritten", "another name");
	o.how.backup_path = in_dir("nowhere/backup.bin");
	expect_refused_unread(&o, "nowhere/backup.bin", "folder that exists");
	o.how.backup_path = NULL;
	ck_assert_int_eq(np_io_save(in_dir("backups"), "x", 1, NP_IO_NEW, &err), 0);
	expect_refused_unread(&o, "backups", "XDG_STATE_HOME");
	/* who wants none needs no place for it */
	o.how.no_backup = true;
	ck_assert_msg(rig_write(&rig, &o, &result, &err) == 0, "%s", err.message);
	rig.job.state_dir = in_dir("file");
	rig.asked = 0;
	expect_refused_unread(&o, "state folder", "XDG_STATE_HOME");
}
END_TEST

/* Not even the name that was tried. */
START_TEST(asking_leaves_nothing)
{
	struct rig_order o = {.select = NULL};
	struct write_result result;

	rig_open(&rig);
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), 0);
	ck_assert(result.nothing_to_do);
	ck_assert_uint_eq(rig_files(&rig, "jobs") + rig_files(&rig, "backups"), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_files");
	TCase *tc = tcase_create("files");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, save_new_and_replace);
	tcase_add_test(tc, name_taken_meanwhile);
	tcase_add_test(tc, digest_of_pieces);
	tcase_add_test(tc, abandoned_leaves_nothing);
	tcase_add_test(tc, reading_bad_paths);
	tcase_add_test(tc, default_state_dir);
	tcase_add_test(tc, backup_comes_back);
	tcase_add_loop_test(tc, damaged_manifests, 0, sizeof(damages) / sizeof(damages[0]));
	tcase_add_test(tc, damaged_backup);
	tcase_add_loop_test(tc, disk_full, 0, 6);
	tcase_add_test(tc, state_dir_that_cannot_be);
	tcase_add_test(tc, memory);
	tcase_add_test(tc, what_cannot_be_kept_is_not_read);
	tcase_add_test(tc, asking_leaves_nothing);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
