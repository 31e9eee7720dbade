/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: io_lock.c io_low.c io_read.c */
/* Private folders: what others put in the way of one is neither followed, nor overwritten, nor given
 * away, nor removed; and names that one process at a time may hold. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
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

#define INVOKER 12345 /* a user that sudo says called us */

static struct rig rig;
static struct np_error err;
static struct np_io_dir dir;
static mode_t mask;

static void setup(void)
{
	rig_init(&rig);
	memset(&err, 0, sizeof(err));
	memset(&dir, 0, sizeof(dir));
	mask = umask(022);
}

static void teardown(void)
{
	umask(mask);
	np_io_dir_close(&dir);
	rig_free(&rig);
}

static const char *in_dir(const char *name)
{
	static char path[3][256];
	static unsigned turn;

	turn = (turn + 1) % 3;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", rig.dir, name);
	return path[turn];
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(lstat(in_dir(name), &st), 0);
	return st.st_mode & 07777;
}

static uid_t owner_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(lstat(in_dir(name), &st), 0);
	return st.st_uid;
}

static void put(const char *name, const char *text)
{
	ck_assert_int_eq(np_io_save(in_dir(name), text, strlen(text), NP_IO_NEW, &err), 0);
}

static void expect_text(const char *name, const char *text)
{
	uint8_t *data;
	size_t len;

	ck_assert_int_eq(np_io_read(in_dir(name), 100, &data, &len, &err), 0);
	ck_assert_str_eq((char *)data, text);
	free(data);
}

static int open_state(bool create)
{
	np_io_dir_close(&dir);
	return np_io_dir_open(&dir, in_dir("home/state"), create, NULL, &err);
}

static int save_in(const char *name, enum np_io_mode mode)
{
	struct np_io_out out;
	int ret = np_io_dir_create(&out, &dir, name, mode, &err);

	if (!ret)
		ret = np_io_write(&out, "new", 3, &err);
	if (!ret)
		ret = np_io_commit(&out, NULL, &err);
	np_io_abort(&out);
	return ret;
}

/* ---- private ---- */

static const mode_t masks[] = {0, 022, 0777, 0177};

START_TEST(private_whatever_the_umask)
{
	umask(masks[_i]);
	ck_assert_msg(open_state(true) == 0, "%s", err.message);
	ck_assert_int_eq(save_in("a", NP_IO_NEW), 0);
	ck_assert_int_eq(save_in("a", NP_IO_REPLACE), 0);
	umask(022);
	ck_assert_uint_eq(mode_of("home"), 0700);
	ck_assert_uint_eq(mode_of("home/state"), 0700);
	ck_assert_uint_eq(mode_of("home/state/a"), 0600);
	/* what the user names is as open as the user's umask says */
	put("dump", "x");
	ck_assert_uint_eq(mode_of("dump"), 0644);
}
END_TEST

START_TEST(an_open_folder_is_closed_to_others)
{
	ck_assert_int_eq(mkdir(in_dir("home"), 0755), 0);
	ck_assert_int_eq(mkdir(in_dir("home/state"), 0755), 0);
	ck_assert_int_eq(chmod(in_dir("home/state"), 0777), 0);
	ck_assert_int_eq(open_state(true), 0);
	ck_assert_uint_eq(mode_of("home/state"), 0700);
	ck_assert_uint_eq(mode_of("home"), 0755);
}
END_TEST

START_TEST(a_missing_one_stays_missing)
{
	ck_assert_int_eq(open_state(false), 0);
	ck_assert_ptr_null(dir.path);
	ck_assert(!np_io_exists(in_dir("home")));
	ck_assert(!np_io_dir_has(&dir, "a"));
	ck_assert_uint_eq(np_io_dir_sweep(&dir, NULL), 0);
	ck_assert_int_eq(np_io_dir_remove(&dir, "a", &err), 0);
}
END_TEST

START_TEST(somebody_elses_is_refused)
{
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(open_state(true), 0);
	ck_assert_int_eq(chown(in_dir("home/state"), INVOKER, INVOKER), 0);
	ck_assert_int_eq(open_state(true), NP_E_OUTPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "somebody else"));
	ck_assert_ptr_nonnull(strstr(err.hint, "XDG_STATE_HOME"));
}
END_TEST

/* ---- links ---- */

START_TEST(the_folder_is_no_link)
{
	ck_assert_int_eq(mkdir(in_dir("home"), 0700), 0);
	ck_assert_int_eq(mkdir(in_dir("elsewhere"), 0755), 0);
	ck_assert_int_eq(symlink(in_dir("elsewhere"), in_dir("home/state")), 0);
	ck_assert_int_eq(open_state(true), NP_E_OUTPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "link"));
	ck_assert_uint_eq(mode_of("elsewhere"), 0755);
	ck_assert_int_eq(unlink(in_dir("home/state")), 0);
	ck_assert_int_eq(symlink(in_dir("nowhere"), in_dir("home/state")), 0);
	ck_assert_int_eq(open_state(true), NP_E_OUTPUT);
	ck_assert(!np_io_exists(in_dir("nowhere")));
}
END_TEST

START_TEST(nor_is_one_below)
{
	struct np_io_dir jobs = {0};

	ck_assert_int_eq(open_state(true), 0);
	ck_assert_int_eq(mkdir(in_dir("elsewhere"), 0755), 0);
	ck_assert_int_eq(symlink(in_dir("elsewhere"), in_dir("home/state/jobs")), 0);
	ck_assert_int_eq(np_io_dir_below(&jobs, &dir, "jobs", true, &err), NP_E_OUTPUT);
	ck_assert_ptr_null(jobs.path);
	ck_assert_uint_eq(mode_of("elsewhere"), 0755);
}
END_TEST

/* Symbolic and hard: what they lead to stays as it is, whoever it belongs to. */
START_TEST(files_that_are_links_are_replaced)
{
	ck_assert_int_eq(open_state(true), 0);
	put("precious", "old");
	ck_assert_int_eq(symlink(in_dir("precious"), in_dir("home/state/a")), 0);
	ck_assert_int_eq(link(in_dir("precious"), in_dir("home/state/b")), 0);
	ck_assert_int_eq(symlink(in_dir("fresh"), in_dir("home/state/c")), 0);
	ck_assert_int_eq(save_in("a", NP_IO_NEW), NP_E_OUTPUT);
	ck_assert_int_eq(save_in("c", NP_IO_NEW), NP_E_OUTPUT);
	ck_assert_int_eq(save_in("a", NP_IO_REPLACE), 0);
	ck_assert_int_eq(save_in("b", NP_IO_REPLACE), 0);
	ck_assert_int_eq(save_in("c", NP_IO_REPLACE), 0);
	expect_text("precious", "old");
	ck_assert_uint_eq(mode_of("precious"), 0644);
	ck_assert_uint_eq(owner_of("precious"), geteuid());
	ck_assert(!np_io_exists(in_dir("fresh")));
	expect_text("home/state/a", "new");
	ck_assert_int_eq(np_io_dir_remove(&dir, "a", &err), 0);
	expect_text("precious", "old");
}
END_TEST

START_TEST(links_are_not_read)
{
	uint8_t *data;
	size_t len;

	ck_assert_int_eq(open_state(true), 0);
	put("precious", "secret");
	ck_assert_int_eq(symlink(in_dir("precious"), in_dir("home/state/a")), 0);
	ck_assert_int_eq(mkfifo(in_dir("home/state/pipe"), 0600), 0);
	ck_assert_int_eq(np_io_dir_read(&dir, "a", 100, &data, &len, &err), NP_E_INPUT);
	ck_assert_int_eq(np_io_dir_read(&dir, "pipe", 100, &data, &len, &err), NP_E_INPUT);
	ck_assert_int_lt(np_io_dir_fd(&dir, "a"), 0);
}
END_TEST

START_TEST(the_sweep_follows_none)
{
	ck_assert_int_eq(open_state(true), 0);
	ck_assert_int_eq(mkdir(in_dir("elsewhere"), 0755), 0);
	put("elsewhere/file.part-7-0", "x");
	put("precious", "x");
	ck_assert_int_eq(symlink(in_dir("precious"), in_dir("home/state/a.part-7-0")), 0);
	ck_assert_uint_eq(np_io_dir_sweep(&dir, NULL), 0);
	ck_assert(np_io_exists(in_dir("precious")));
	/* The folder that was opened is swept, not one that took its name since. */
	put("home/state/b.part-7-0", "x");
	ck_assert_int_eq(rename(in_dir("home/state"), in_dir("home/was")), 0);
	ck_assert_int_eq(symlink(in_dir("elsewhere"), in_dir("home/state")), 0);
	ck_assert_uint_eq(np_io_dir_sweep(&dir, NULL), 1);
	ck_assert(np_io_exists(in_dir("elsewhere/file.part-7-0")));
	ck_assert(!np_io_exists(in_dir("home/was/b.part-7-0")));
}
END_TEST

/* ---- races: the name is swapped before the very call ---- */

static struct {
	const char *call;
	unsigned swaps;
} race;

/* Whoever may write in the folder puts a link in the place of the name that is about to be used. */
static int swap(void *ctx, const char *call, const char *name)
{
	char path[512];

	(void)ctx;
	if (strcmp(call, race.call) != 0 || strcmp(name, ".") == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/home/state/%s", rig.dir, name);
	unlink(path);
	ck_assert_int_eq(symlink(in_dir("precious"), path), 0);
	race.swaps++;
	return 0;
}

static const char *const calls[] = {"open", "write", "fsync", "link", "rename", "unlink"};

START_TEST(no_race_leads_elsewhere)
{
	const struct np_io_hook hook = {.before = swap};

	race.call = calls[_i / 2];
	race.swaps = 0;
	put("precious", "old");
	ck_assert_int_eq(open_state(true), 0);
	dir.hook = &hook;
	save_in("a", _i % 2 ? NP_IO_REPLACE : NP_IO_NEW);
	np_io_dir_remove(&dir, "a", &err);
	np_io_dir_sweep(&dir, NULL);
	dir.hook = NULL;
	ck_assert_uint_gt(race.swaps + (_i / 2 == 3 || _i / 2 == 4), 0);
	expect_text("precious", "old");
	ck_assert_uint_eq(mode_of("precious"), 0644);
}
END_TEST

/* ---- sudo ---- */

static void as_sudo(void)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", INVOKER);
	setenv("SUDO_UID", number, 1);
	setenv("SUDO_GID", number, 1);
}

static void no_sudo(void)
{
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
}

START_TEST(sudo_gives_what_it_made)
{
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chmod(rig.dir, 0755), 0);
	as_sudo();
	ck_assert_msg(open_state(true) == 0, "%s", err.message);
	ck_assert_int_eq(save_in("a", NP_IO_NEW), 0);
	no_sudo();
	ck_assert_uint_eq(owner_of("home"), INVOKER);
	ck_assert_uint_eq(owner_of("home/state"), INVOKER);
	ck_assert_uint_eq(owner_of("home/state/a"), INVOKER);
	ck_assert_uint_eq(owner_of("."), 0);
}
END_TEST

/* A link that the invoker made: to a folder of root's it is not followed, to one of his own it is. */
START_TEST(sudo_lends_root_to_no_link)
{
	int followed;

	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chmod(rig.dir, 0755), 0);
	ck_assert_int_eq(mkdir(in_dir("home"), 0755), 0);
	ck_assert_int_eq(mkdir(in_dir("roots"), 0755), 0);
	ck_assert_int_eq(chown(in_dir("home"), INVOKER, INVOKER), 0);
	ck_assert_int_eq(symlink(in_dir("roots"), in_dir("home/local")), 0);
	as_sudo();
	ck_assert_int_eq(np_io_dir_open(&dir, in_dir("home/local/state"), true, NULL, &err),
	                 NP_E_OUTPUT);
	no_sudo();
	ck_assert(!np_io_exists(in_dir("roots/state")));
	ck_assert_int_eq(chown(in_dir("roots"), INVOKER, INVOKER), 0);
	as_sudo();
	followed = np_io_dir_open(&dir, in_dir("home/local/state"), true, NULL, &err);
	no_sudo();
	ck_assert_msg(followed == 0, "%s", err.message);
}
END_TEST

/* Where only root could have put the link, it is the administrator's: /home on another disk. */
START_TEST(links_of_root_are_followed)
{
	ck_assert_int_eq(chmod(rig.dir, 0755), 0);
	ck_assert_int_eq(mkdir(in_dir("disk"), 0755), 0);
	ck_assert_int_eq(symlink(in_dir("disk"), in_dir("home")), 0);
	ck_assert_msg(open_state(true) == 0, "%s", err.message);
	ck_assert(np_io_exists(in_dir("disk/state")));
}
END_TEST

/* ---- names that one holds ---- */

START_TEST(one_holder_at_a_time)
{
	struct np_io_lock a = {0}, b = {0};

	ck_assert_int_eq(open_state(true), 0);
	ck_assert(!np_io_lock_alive(&dir, "name"));
	ck_assert_int_eq(np_io_lock_take(&a, &dir, "name", &err), 0);
	ck_assert(np_io_lock_alive(&dir, "name"));
	ck_assert_int_eq(np_io_lock_take(&b, &dir, "name", &err), NP_E_BUSY);
	ck_assert(!b.held);
	ck_assert_int_eq(np_io_lock_take(&b, &dir, "other", &err), 0);
	np_io_lock_drop(&a, &dir);
	ck_assert(!np_io_exists(in_dir("home/state/name")));
	ck_assert_int_eq(np_io_lock_take(&a, &dir, "name", &err), 0);
	np_io_lock_drop(&a, &dir);
	np_io_lock_drop(&a, &dir);
	np_io_lock_drop(&b, &dir);
}
END_TEST

START_TEST(a_killed_holder_holds_nothing)
{
	struct np_io_lock lock = {0};
	int status;
	pid_t pid;

	ck_assert_int_eq(open_state(true), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (np_io_lock_take(&lock, &dir, "name", &err) == 0)
			raise(SIGKILL);
		_exit(1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert(np_io_exists(in_dir("home/state/name")));
	ck_assert(!np_io_lock_alive(&dir, "name"));
	ck_assert_int_eq(np_io_lock_take(&lock, &dir, "name", &err), 0);
	np_io_lock_drop(&lock, &dir);
}
END_TEST

START_TEST(a_lock_that_is_a_link)
{
	struct np_io_lock lock = {0};

	ck_assert_int_eq(open_state(true), 0);
	put("precious", "old");
	ck_assert_int_eq(symlink(in_dir("precious"), in_dir("home/state/name")), 0);
	ck_assert_int_eq(np_io_lock_take(&lock, &dir, "name", &err), NP_E_OUTPUT);
	ck_assert(!lock.held);
	expect_text("precious", "old");
}
END_TEST

/* ---- room ---- */

START_TEST(room_is_asked_for)
{
	ck_assert_int_eq(open_state(true), 0);
	ck_assert_int_eq(np_io_dir_room(&dir, 4096, &err), 0);
	ck_assert_int_eq(np_io_dir_room(&dir, UINT64_MAX / 2, &err), NP_E_OUTPUT);
	ck_assert_ptr_nonnull(strstr(err.hint, "make room"));
	ck_assert_int_eq(np_io_room(in_dir("file"), UINT64_MAX / 2, &err), NP_E_OUTPUT);
	ck_assert(np_io_same_disk(&dir, in_dir("file")));
	ck_assert(!np_io_same_disk(&dir, "/proc/self/file"));
}
END_TEST

/* What was made goes, what was there or holds something stays; however many slashes are written. */
START_TEST(made_folders_go_again)
{
	static const char *const below[] = {"there/a/b", "there/a//b/", "there//a/b//"};
	char path[NP_PATH_MAX], file[NP_PATH_MAX + 8];
	size_t existing;

	ck_assert_int_eq(mkdir(rig_path(&rig, "there"), 0700), 0);
	snprintf(path, sizeof(path), "%s", rig_path(&rig, below[_i]));
	existing = np_io_existing(path);
	ck_assert_int_eq(np_io_mkdirs(path, &err), 0);
	ck_assert_uint_eq(np_io_existing(path), strlen(path));
	np_io_rmdirs(path, strlen(path));
	ck_assert(np_io_exists(path));
	np_io_rmdirs(path, existing);
	ck_assert(!np_io_exists(rig_path(&rig, "there/a")));
	ck_assert(np_io_exists(rig_path(&rig, "there")));

	ck_assert_int_eq(np_io_mkdirs(path, &err), 0);
	snprintf(file, sizeof(file), "%s/file", path);
	ck_assert_int_eq(mkdir(file, 0700), 0);
	np_io_rmdirs(path, existing);
	ck_assert(np_io_exists(file));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("io_dir");
	TCase *tc = tcase_create("dir");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, private_whatever_the_umask, 0, 4);
	tcase_add_loop_test(tc, made_folders_go_again, 0, 3);
	tcase_add_test(tc, an_open_folder_is_closed_to_others);
	tcase_add_test(tc, a_missing_one_stays_missing);
	tcase_add_test(tc, somebody_elses_is_refused);
	tcase_add_test(tc, the_folder_is_no_link);
	tcase_add_test(tc, nor_is_one_below);
	tcase_add_test(tc, files_that_are_links_are_replaced);
	tcase_add_test(tc, links_are_not_read);
	tcase_add_test(tc, the_sweep_follows_none);
	tcase_add_loop_test(tc, no_race_leads_elsewhere, 0, 12);
	tcase_add_test(tc, sudo_gives_what_it_made);
	tcase_add_test(tc, sudo_lends_root_to_no_link);
	tcase_add_test(tc, links_of_root_are_followed);
	tcase_add_test(tc, one_holder_at_a_time);
	tcase_add_test(tc, a_killed_holder_holds_nothing);
	tcase_add_test(tc, a_lock_that_is_a_link);
	tcase_add_test(tc, room_is_asked_for);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
