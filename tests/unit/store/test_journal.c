/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: journal_open.c journal_record.c */
/* Records of jobs: two of one name never touch each other's, and what is left of a damaged one is
 * told and used. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/journal.h"
#include "support/rig.h"
#include "support/suite.h"

#define START 0x10000u
#define LEN   0x80000u

static struct rig rig;
static struct np_error err;
static uint8_t *before, *after;
static struct np_ranges select_set;
static struct write_result result;

static void setup(void)
{
	rig_init(&rig);
	rig_open(&rig);
	memset(&err, 0, sizeof(err));
	before = malloc(rig.size);
	after = malloc(rig.size);
	rig_fill(before, rig.size, 1);
	rig_fill(after, rig.size, 2);
	memcpy(after, before, START);
	memcpy(after + START + LEN, before + START + LEN, rig.size - START - LEN);
	memcpy(norsim_mem(rig.chip), before, rig.size);
	np_ranges_add(&select_set, (struct np_range){START, LEN}, NULL);
}

static void teardown(void)
{
	np_ranges_free(&select_set);
	free(before);
	free(after);
	rig_free(&rig);
}

static struct store store_of(const struct rig *of)
{
	return (struct store){.dir = rig.dir, .programmer = "sim", .chip = nor_info(of->nor)};
}

static int write_part(struct rig *on, bool no_backup)
{
	struct rig_order o = {.image = after, .select = &select_set, .how.no_backup = no_backup};

	return rig_write(on, &o, &result, &err);
}

static bool holds(const struct rig *of, const uint8_t *want)
{
	return memcmp(norsim_mem(of->chip), want, rig.size) == 0;
}

/* The power goes in the second block. */
static int cut_in_second(void *ctx, uint64_t step)
{
	struct rig *of = ctx;

	(void)step;
	return of->steps && ++of->step > 2;
}

static void cut_off(struct rig *of)
{
	of->steps = 0;
	of->step = 0;
	of->job.step_hook = cut_in_second;
	of->job.step_ctx = of;
}

/* A job that is cut off between its blocks: record, target and backup are there. */
static void interrupt(bool no_backup)
{
	rig_reopen(&rig);
	cut_off(&rig);
	ck_assert_int_eq(write_part(&rig, no_backup), NP_E_GONE);
	ck_assert(!holds(&rig, before) && !holds(&rig, after));
	rig_reopen(&rig);
}

/* The one file of jobs/ with that ending. */
static const char *file_of(const char *ending)
{
	static char path[700];
	const struct dirent *entry;
	unsigned count = 0;
	char dir[100];
	DIR *list;

	snprintf(dir, sizeof(dir), "%s/jobs", rig.dir);
	list = opendir(dir);
	while (list && (entry = readdir(list))) {
		size_t len = strlen(entry->d_name), end = strlen(ending);

		if (entry->d_name[0] != '.' && len > end &&
		    strcmp(entry->d_name + len - end, ending) == 0) {
			snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
			count++;
		}
	}
	if (list)
		closedir(list);
	ck_assert_uint_eq(count, 1);
	return path;
}

/* ---- two jobs, one name ---- */

/* A clone: another chip with the same unique ID, on another programmer, one state folder. */
static void open_twin(struct rig *twin)
{
	rig_init(twin);
	rig_open(twin);
	memcpy(norsim_mem(twin->chip), before, rig.size);
	twin->job.state_dir = rig.dir;
}

static struct {
	struct rig *twin;
	int ret;
	bool done, cut;
} meanwhile;

/* While the first job is in its second block the other one does all of its own; then, with `cut`,
 * the first one's power goes. */
static int run_twin(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	if (!rig.steps || ++rig.step <= 2)
		return 0;
	if (!meanwhile.done) {
		meanwhile.done = true;
		meanwhile.ret = write_part(meanwhile.twin, false);
	}
	return meanwhile.cut;
}

static void both(bool cut, bool twin_cut, struct rig *twin)
{
	open_twin(twin);
	if (twin_cut)
		cut_off(twin);
	meanwhile.twin = twin;
	meanwhile.done = false;
	meanwhile.cut = cut;
	rig.job.step_hook = run_twin;
}

START_TEST(a_twin_does_its_own_job)
{
	struct rig twin;

	both(false, false, &twin);
	ck_assert_msg(write_part(&rig, false) == 0, "%s", err.message);
	ck_assert(meanwhile.done);
	ck_assert_msg(meanwhile.ret == 0, "%s", err.message);
	ck_assert(holds(&rig, after) && holds(&twin, after));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	ck_assert_uint_eq(rig_files(&rig, "backups"), 4);
	rig_free(&twin);
}
END_TEST

/* The twin is cut off: nothing of the first job is touched, and each finds its own again. */
START_TEST(a_twin_that_fails_removes_nothing)
{
	struct rig twin;

	both(false, true, &twin);
	ck_assert_msg(write_part(&rig, _i) == 0, "%s", err.message);
	ck_assert(meanwhile.done);
	ck_assert_int_eq(meanwhile.ret, NP_E_GONE);
	ck_assert(holds(&rig, after));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 2); /* the twin's */
	rig_reopen(&twin);
	twin.job.state_dir = rig.dir;
	ck_assert_int_eq(write_part(&twin, false), NP_E_JOURNAL);
	ck_assert_msg(rig_resume(&twin, RESUME_FINISH, &result, &err) == 0, "%s", err.message);
	ck_assert(holds(&twin, after));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	rig_free(&twin);
}
END_TEST

/* Both are cut off, the inner first. */
START_TEST(both_are_found_again)
{
	struct rig twin;

	both(true, true, &twin);
	ck_assert_int_eq(write_part(&rig, false), NP_E_GONE);
	ck_assert_int_eq(meanwhile.ret, NP_E_GONE);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 4);
	rig_reopen(&rig);
	rig_reopen(&twin);
	twin.job.state_dir = rig.dir;
	ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0, "%s", err.message);
	ck_assert(holds(&rig, after));
	ck_assert_msg(rig_resume(&twin, RESUME_UNDO, &result, &err) == 0, "%s", err.message);
	ck_assert(holds(&twin, before));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	rig_free(&twin);
}
END_TEST

START_TEST(names_are_unique)
{
	struct store a = store_of(&rig), b = store_of(&rig), c = store_of(&rig);

	ck_assert_int_eq(journal_reserve(&a, &err), 0);
	ck_assert_int_eq(journal_reserve(&b, &err), 0);
	ck_assert_int_eq(journal_reserve(&c, &err), 0);
	ck_assert_str_ne(a.key, b.key);
	ck_assert_str_ne(b.key, c.key);
	ck_assert_uint_lt(a.sequence, b.sequence);
	store_close(&a);
	store_close(&b);
	store_close(&c);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}
END_TEST

START_TEST(who_holds_no_name_removes_nothing)
{
	struct store store;
	struct journal journal;

	interrupt(false);
	store = store_of(&rig);
	ck_assert_int_eq(journal_load(&journal, &store, &err), 0);
	ck_assert_int_eq(journal_close(&store, &journal, &err), 0);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 2);
	ck_assert_int_eq(journal_save(&journal, &store, true, &err), NP_E_FAIL);
	journal_free(&journal);
	store_close(&store);
}
END_TEST

START_TEST(resume_waits_for_nobody)
{
	struct store other;

	interrupt(false);
	other = store_of(&rig);
	ck_assert_int_eq(journal_take(&other, &err), 0);
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_JOURNAL);
	ck_assert_ptr_nonnull(strstr(err.hint, "wait"));
	ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), NP_E_JOURNAL);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 2);
	store_close(&other);
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), 0);
}
END_TEST

/* ---- one leg ---- */

START_TEST(finishing_needs_the_target_only)
{
	interrupt(_i);
	ck_assert_int_eq(unlink(_i ? file_of(".backup") : rig.backup), 0);
	ck_assert_int_eq(rig_resume(&rig, RESUME_UNDO, &result, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.hint, "norprog resume"));
	ck_assert_ptr_null(strstr(err.hint, "--discard"));
	ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0, "%s", err.message);
	ck_assert(holds(&rig, after));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}
END_TEST

START_TEST(undoing_needs_the_backup_only)
{
	interrupt(_i);
	ck_assert_int_eq(unlink(file_of(".target")), 0);
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.hint, "--undo"));
	ck_assert_msg(rig_resume(&rig, RESUME_UNDO, &result, &err) == 0, "%s", err.message);
	ck_assert(holds(&rig, before));
}
END_TEST

START_TEST(a_moved_backup_is_found)
{
	char name[NP_PATH_MAX + 16], json[NP_PATH_MAX + 32];

	interrupt(false);
	snprintf(json, sizeof(json), "%s.json", rig.backup);
	snprintf(name, sizeof(name), "%s/%s", rig.dir, _i ? "away.bin" : "backups/renamed.bin");
	ck_assert_int_eq(rename(rig.backup, name), 0);
	if (!_i) { /* with its manifest, by its digest */
		char to[NP_PATH_MAX + 32];

		snprintf(to, sizeof(to), "%s.json", name);
		ck_assert_int_eq(rename(json, to), 0);
	} else { /* by name */
		ck_assert_int_eq(rig_resume(&rig, RESUME_UNDO, &result, &err), NP_E_INPUT);
		rig.job.backup = name;
	}
	ck_assert_msg(rig_resume(&rig, RESUME_UNDO, &result, &err) == 0, "%s", err.message);
	ck_assert(holds(&rig, before));
}
END_TEST

START_TEST(another_file_is_no_backup)
{
	char name[100];

	interrupt(false);
	snprintf(name, sizeof(name), "%s/other.bin", rig.dir);
	ck_assert_int_eq(np_io_save(name, after, LEN, NP_IO_NEW, &err), 0);
	rig.job.backup = name;
	ck_assert_int_eq(rig_resume(&rig, RESUME_UNDO, &result, &err), NP_E_INPUT);
	ck_assert(!holds(&rig, before));
}
END_TEST

/* ---- damaged records ---- */

static void replace(const char *path, const char *old, const char *new)
{
	uint8_t *data;
	size_t len;
	char *at;

	ck_assert_int_eq(np_io_read(path, 1 << 20, &data, &len, &err), 0);
	at = strstr((char *)data, old);
	ck_assert_msg(at != NULL, "no %s", old);
	ck_assert_uint_eq(strlen(old), strlen(new));
	memcpy(at, new, strlen(new));
	ck_assert_int_eq(np_io_save(path, data, len, NP_IO_REPLACE, &err), 0);
	free(data);
}

static const struct {
	const char *old, *new;
	unsigned lost;
} damages[] = {
	{"\"target_sha256\": \"", "\"target_sha25x\": \"", JOURNAL_TARGET},
	{"\"backup_sha256\": \"", "\"backup_sha25x\": \"", JOURNAL_BACKUP},
	{"\"operation\": \"", "\"operatixn\": \"", JOURNAL_WORDS},
	{"\"protected\": ", "\"protectxd\": ", JOURNAL_PROTECTION},
	{"\"uid\": ", "\"uix\": ", JOURNAL_UID},
};

/* What is lost is said, and what is not lost is done. */
START_TEST(what_is_left_of_a_damaged_record)
{
	enum resume_mode mode = damages[_i].lost == JOURNAL_TARGET ? RESUME_UNDO : RESUME_FINISH;
	struct store store;
	struct journal journal;
	char text[256];

	interrupt(false);
	store = store_of(&rig);
	replace(file_of(".json"), damages[_i].old, damages[_i].new);
	ck_assert_int_eq(journal_load(&journal, &store, &err), 0);
	ck_assert_uint_eq(journal.lost, damages[_i].lost);
	ck_assert_str_ne(journal_lost(&journal, text, sizeof(text)), "");
	journal_free(&journal);
	ck_assert_int_eq(journal_check(&store, &err), NP_E_JOURNAL);
	ck_assert((strstr(err.hint, "--undo") != NULL) == (damages[_i].lost != JOURNAL_BACKUP));
	store_close(&store);
	ck_assert_msg(rig_resume(&rig, mode, &result, &err) == 0, "%s", err.message);
	ck_assert(holds(&rig, mode == RESUME_UNDO ? before : after));
	/* A target that no record names any more goes when the next job begins. */
	store_tidy(&store);
	store_close(&store);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}
END_TEST

static const char *const wrecks[] = {"", "{", "[]", "{\"format\": 2}", "{\"format\": 1}"};

/* Of a record nothing can be made of, the backup still says what its job was to change. */
START_TEST(a_wrecked_record_is_undone)
{
	char named[NP_PATH_MAX];

	interrupt(false);
	memcpy(named, rig.backup, sizeof(named));
	ck_assert_int_eq(
		np_io_save(file_of(".json"), wrecks[_i], strlen(wrecks[_i]), NP_IO_REPLACE, &err),
		0);
	ck_assert_int_eq(write_part(&rig, false), NP_E_JOURNAL);
	ck_assert_ptr_nonnull(strstr(err.hint, "--undo"));
	ck_assert_ptr_null(strstr(err.hint, "--discard"));
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.hint, "--undo"));
	rig.job.backup = _i % 2 ? named : NULL;
	ck_assert_msg(rig_resume(&rig, RESUME_UNDO, &result, &err) == 0, "%s", err.message);
	ck_assert(holds(&rig, before));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 1); /* the target, which nothing names now */
}
END_TEST

/* A backup of another chip, or one that says nothing of its job, undoes nothing. */
START_TEST(no_record_from_what_is_no_backup_of_it)
{
	struct store store;
	struct journal journal;
	char json[NP_PATH_MAX + 8];

	interrupt(false);
	store = store_of(&rig);
	snprintf(json, sizeof(json), "%s.json", rig.backup);
	ck_assert_int_eq(journal_rebuild(&journal, &store, rig.backup, &err), 0);
	ck_assert_uint_eq(np_ranges_bytes(&journal.touched), LEN);
	journal_free(&journal);
	replace(json, "\"changes\"", "\"changez\"");
	ck_assert_int_eq(journal_rebuild(&journal, &store, rig.backup, &err), NP_E_INPUT);
	journal_free(&journal);
	replace(json, "\"changez\"", "\"changes\"");
	replace(json, "\"jedec_id\": \"ef4017\"", "\"jedec_id\": \"ef4018\"");
	ck_assert_int_eq(journal_rebuild(&journal, &store, rig.backup, &err), NP_E_INPUT);
	journal_free(&journal);
	store_close(&store);
}
END_TEST

/* ---- 0.1.0 ---- */

/* Its files are KEY.target and KEY.backup, and it writes no number. */
START_TEST(a_record_of_0_1_0)
{
	char old[700], new[700], key[64], *dot;

	interrupt(true);
	snprintf(old, sizeof(old), "%s", file_of(".target"));
	snprintf(key, sizeof(key), "%s", strrchr(old, '/') + 1);
	dot = strchr(key, '.');
	*dot = '\0';
	snprintf(new, sizeof(new), "%s/jobs/%s.target", rig.dir, key);
	ck_assert_int_eq(rename(old, new), 0);
	replace(file_of(".json"), ".1.target\"", ".target\"  ");
	replace(file_of(".json"), "\"sequence\"", "\"sequenzz\"");
	ck_assert_msg(rig_resume(&rig, _i ? RESUME_UNDO : RESUME_FINISH, &result, &err) == 0, "%s",
	              err.message);
	ck_assert(holds(&rig, _i ? before : after));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}
END_TEST

/* ---- the end ---- */

static int no_unlink(void *ctx, const char *call, const char *name)
{
	size_t len = strlen(name);

	(void)ctx;
	return strcmp(call, "unlink") == 0 && len > 5 && strcmp(name + len - 5, ".json") == 0
	               ? 5 /* EIO */
	               : 0;
}

/* All is written, but the record stays: that is no success, and the record is whole. */
START_TEST(a_record_that_cannot_be_removed)
{
	const struct np_io_hook hook = {.before = no_unlink};

	rig.job.io_hook = &hook;
	ck_assert_int_eq(write_part(&rig, false), NP_E_OUTPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "closing the journal"));
	ck_assert(holds(&rig, after));
	rig.job.io_hook = NULL;
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 2);
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), 0);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("journal");
	TCase *tc = tcase_create("journal");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_twin_does_its_own_job);
	tcase_add_loop_test(tc, a_twin_that_fails_removes_nothing, 0, 2);
	tcase_add_test(tc, both_are_found_again);
	tcase_add_test(tc, names_are_unique);
	tcase_add_test(tc, who_holds_no_name_removes_nothing);
	tcase_add_test(tc, resume_waits_for_nobody);
	tcase_add_loop_test(tc, finishing_needs_the_target_only, 0, 2);
	tcase_add_loop_test(tc, undoing_needs_the_backup_only, 0, 2);
	tcase_add_loop_test(tc, a_moved_backup_is_found, 0, 2);
	tcase_add_test(tc, another_file_is_no_backup);
	tcase_add_loop_test(tc, what_is_left_of_a_damaged_record, 0,
	                    (int)(sizeof(damages) / sizeof(damages[0])));
	tcase_add_loop_test(tc, a_wrecked_record_is_undone, 0,
	                    (int)(sizeof(wrecks) / sizeof(wrecks[0])));
	tcase_add_test(tc, no_record_from_what_is_no_backup_of_it);
	tcase_add_loop_test(tc, a_record_of_0_1_0, 0, 2);
	tcase_add_test(tc, a_record_that_cannot_be_removed);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
