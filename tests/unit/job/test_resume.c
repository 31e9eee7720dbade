/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: journal.c */
/* Jobs that are cut off, at every step and in the middle of operations: what is refused, finished,
 * undone. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/stop.h"
#include "support/rig.h"
#include "support/suite.h"

static uint32_t shift; /* from the end of 8 MiB to the same place at the end of this chip */

#define START (0x7a0123u + shift) /* 256 KiB and a bit, with ends inside erase blocks */
#define LEN   (0x40000u + 77)
#define KEEP  (0x7cf100u + shift) /* six bytes of it stay */
#define AREA  (0x790000u + shift) /* what is looked at closely, up to the end of the chip */

static struct rig rig;
static uint8_t *image, *before, *after;
static struct np_ranges select_set, keep_set;
static struct write_result result;
static struct np_error err;

static void prepare_images(void)
{
	image = malloc(rig.size);
	before = malloc(rig.size);
	after = malloc(rig.size);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	rig_fill(before + AREA, rig.size - AREA, 11);
	rig_fill(image, rig.size, 12);
	/* blocks of every kind: to erase in 4K and 64K, to program only, and to leave */
	memcpy(image + (shift + 0x7b1000u), before + (shift + 0x7b1000u), 0xe000);
	memset(before + (shift + 0x7c0000u), 0xff, 0x8000);
	memcpy(image + (shift + 0x7d0000u), before + (shift + 0x7d0000u), 0x3000);
	memcpy(after, before, rig.size);
	memcpy(after + START, image + START, LEN);
	memcpy(after + KEEP, before + KEEP, 6);
	np_ranges_add(&select_set, (struct np_range){START, LEN}, NULL);
	np_ranges_remove(&select_set, (struct np_range){KEEP, 6}, NULL);
	np_ranges_add(&keep_set, (struct np_range){KEEP, 6}, NULL);
	memcpy(norsim_mem(rig.chip) + AREA, before + AREA, rig.size - AREA);
}

static void start(void)
{
	rig.job.layout = &rig_plain;
	rig_open(&rig);
	prepare_images();
	memset(&err, 0, sizeof(err));
}

/* 2 MiB: every cut hashes and compares the whole chip several times. */
static void setup(void)
{
	rig_init(&rig);
	rig.config.chip.part = "W25Q16";
	shift = 0u - 0x600000u;
	start();
}

/* 16 MiB; the six bytes are at FCF100h. */
static void setup_large(void)
{
	rig_init(&rig);
	rig.config.chip.part = "EN25QH128A";
	shift = 0x800000;
	start();
}

static void teardown(void)
{
	rig_free(&rig);
	free(image);
	free(before);
	free(after);
	np_ranges_free(&select_set);
	np_ranges_free(&keep_set);
}

static int write_region(void)
{
	struct rig_order o = {.image = image, .select = &select_set, .keep = &keep_set};

	return rig_write(&rig, &o, &result, &err);
}

/* The whole-chip form: the same bytes, a backup of everything. */
static int write_chip(void)
{
	struct rig_order o = {.image = image, .keep = &keep_set};

	memcpy(image, after, START);
	memcpy(image + START + LEN, after + START + LEN, rig.size - START - LEN);
	return rig_write(&rig, &o, &result, &err);
}

static bool same(const uint8_t *want, size_t start, size_t len)
{
	return memcmp(norsim_mem(rig.chip) + start, want + start, len) == 0;
}

/* How many blocks of the last plan are neither as before nor as wanted. */
static unsigned in_flux(void)
{
	unsigned flux = 0;

	for (size_t i = 0; i < rig.last_count; i++) {
		uint32_t start = rig.last_steps[i].start, len = rig.last_steps[i].len;

		flux += !same(before, start, len) && !same(after, start, len);
	}
	return flux;
}

/* Each byte outside the plan is as it was. */
static void check_outside(void)
{
	uint32_t at = 0;

	for (size_t i = 0; i <= rig.last_count; i++) {
		uint32_t end = i < rig.last_count ? rig.last_steps[i].start : (uint32_t)rig.size;

		if (end > at)
			ck_assert(same(before, at, end - at));
		if (i < rig.last_count)
			at = end + rig.last_steps[i].len;
	}
}

static void expect_refusal(int (*again)(void))
{
	uint8_t *now = malloc(rig.size - AREA);

	memcpy(now, norsim_mem(rig.chip) + AREA, rig.size - AREA);
	ck_assert_int_eq(again(), NP_E_JOURNAL);
	ck_assert_ptr_nonnull(strstr(err.hint, "norprog resume"));
	ck_assert_mem_eq(now, norsim_mem(rig.chip) + AREA, rig.size - AREA);
	free(now);
}

static void expect_finished(enum resume_mode mode)
{
	ck_assert_msg(rig_resume(&rig, mode, &result, &err) == 0, "%s", err.message);
	ck_assert(same(mode == RESUME_UNDO ? before : after, 0, rig.size));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}

static void put_back(void)
{
	memcpy(norsim_mem(rig.chip) + AREA, before + AREA, rig.size - AREA);
}

static uint64_t hooks_of(int (*job)(void))
{
	rig.step = rig.cut_at = 0;
	ck_assert_msg(job() == 0, "%s", err.message);
	ck_assert(same(after, 0, rig.size));
	put_back();
	return rig.step;
}

/* After the cut: refused if anything was begun, then finished or undone. */
static void come_back(int (*job)(void), enum resume_mode mode)
{
	bool open = rig_files(&rig, "jobs") > 0;

	check_outside();
	ck_assert_uint_le(in_flux(), 1);
	rig_reopen(&rig);
	if (!same(before, 0, rig.size))
		expect_refusal(job);
	if (open && rig_resume(&rig, mode, &result, &err) == NP_E_INPUT)
		open = false; /* the cut came before the record was complete */
	else if (open)
		ck_assert_msg(same(mode == RESUME_UNDO ? before : after, 0, rig.size), "%s",
		              err.message);
	if (!open)
		ck_assert(same(before, 0, rig.size));
	put_back();
}

static int write_without_backup(void)
{
	struct rig_order o = {
		.image = image, .select = &select_set, .keep = &keep_set, .how.no_backup = true};

	return rig_write(&rig, &o, &result, &err);
}

static int (*const jobs[])(void) = {write_region, write_chip, write_without_backup};

START_TEST(cut_at_every_operation)
{
	int (*job)(void) = jobs[_i / 2];
	enum resume_mode mode = _i % 2 ? RESUME_UNDO : RESUME_FINISH;
	uint64_t count = hooks_of(job);

	ck_assert_uint_gt(count, 20);
	for (uint64_t k = 1; k <= count; k++) {
		rig.step = 0;
		rig.cut_at = k;
		rig.last_count = 0;
		ck_assert_int_ne(job(), 0);
		rig.cut_at = 0;
		come_back(job, mode);
	}
}
END_TEST

static uint64_t clocks_of(int (*job)(void))
{
	norsim_clear_stats(rig.chip);
	hooks_of(job);
	return norsim_stats(rig.chip)->clocks;
}

/* The power fails in the middle of whatever the chip is doing. */
START_TEST(power_cut_anywhere)
{
	enum resume_mode mode = _i % 2 ? RESUME_UNDO : RESUME_FINISH;
	uint64_t state = rig_seed(4711 + (uint64_t)_i), clocks = clocks_of(write_region);
	unsigned runs = rig_soak() ? 400 : 25;

	for (unsigned i = 0; i < runs; i++) {
		norsim_clear_stats(rig.chip);
		norsim_faults(rig.chip)->cut_at_clock = 1 + rig_random(&state) % clocks;
		rig.last_count = 0;
		rig.step = 0;
		/* trains grow as the chip is known better: the job may need fewer clocks by now */
		if (write_region() == 0)
			ck_assert(same(after, 0, rig.size));
		else
			come_back(write_region, mode);
		put_back();
	}
}
END_TEST

/* The resume is cut off as well, and the one after that. */
START_TEST(resume_cut_off_twice)
{
	uint64_t state = rig_seed(99), count = hooks_of(write_region);

	for (unsigned i = 0; i < (rig_soak() ? 200u : 20u); i++) {
		enum resume_mode mode = RESUME_FINISH;

		rig.cut_at = count / 3 + rig_random(&state) % (count - count / 3);
		rig.step = 0;
		ck_assert_int_ne(write_region(), 0);
		for (unsigned n = 0; n < 2 && rig_files(&rig, "jobs"); n++) {
			rig_reopen(&rig);
			mode = rig_random(&state) % 2 ? RESUME_UNDO : RESUME_FINISH;
			norsim_clear_stats(rig.chip);
			norsim_faults(rig.chip)->cut_at_clock =
				4000000 + rig_random(&state) % 3000000;
			rig_resume(&rig, mode, &result, &err);
		}
		rig_reopen(&rig);
		if (rig_files(&rig, "jobs"))
			expect_finished(rig_random(&state) % 2 ? RESUME_UNDO : RESUME_FINISH);
		put_back();
	}
}
END_TEST

/* One command that puts everything in flux at once. */
START_TEST(chip_erase_cut_off)
{
	struct rig_order o = {.image = image, .keep = &keep_set, .how.chip_erase = true};
	uint64_t count = 100, step = rig_soak() ? 1 : 41;

	memcpy(image, after, START);
	memcpy(image + START + LEN, after + START + LEN, rig.size - START - LEN);
	memset(norsim_mem(rig.chip), 0x5a, AREA / 2);
	memcpy(before, norsim_mem(rig.chip), AREA / 2);
	memcpy(after, before, AREA / 2);
	memcpy(image, before, AREA / 2);
	for (uint64_t k = 1; k < count; k += step) {
		int ret;

		rig.step = 0;
		rig.cut_at = k;
		ret = rig_write(&rig, &o, &result, &err);
		if (ret == 0) {
			ck_assert(same(after, 0, rig.size));
			break;
		}
		count = k + 2 * step;
		rig_reopen(&rig);
		if (same(before, 0, rig.size))
			rig_resume(&rig, RESUME_DISCARD, &result, &err);
		else
			expect_finished(k % 2 ? RESUME_FINISH : RESUME_UNDO);
		memcpy(norsim_mem(rig.chip), before, rig.size);
	}
	ck_assert_uint_gt(norsim_stats(rig.chip)->erases_chip, 1);
}
END_TEST

/* ---- SIGKILL ---- */

static void child_run(const char *file, uint64_t kill_at)
{
	rig.config.chip.file = file;
	rig_open(&rig);
	rig.kill = true;
	rig.step = 0;
	rig.cut_at = kill_at;
	write_region();
	rig_close(&rig);
	_exit(0);
}

/* True when the child was killed, false when it came to its end before step `kill_at`. */
static bool run_killed(const char *file, uint64_t kill_at)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		child_run(file, kill_at);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

START_TEST(killed_at_every_operation)
{
	enum resume_mode mode = _i ? RESUME_UNDO : RESUME_FINISH;
	char file[128];
	bool killed = true;
	uint64_t k;

	rig_close(&rig);
	snprintf(file, sizeof(file), "%s/chip.bin", rig.dir);
	for (k = 1; killed; k++) {
		ck_assert_int_eq(np_io_save(file, before, rig.size, NP_IO_REPLACE, &err), 0);
		killed = run_killed(file, k);
		rig.config.chip.file = file;
		rig_open(&rig);
		if (!killed) {
			ck_assert(same(after, 0, rig.size));
		} else if (!same(before, 0, rig.size)) {
			expect_refusal(write_region);
			expect_finished(mode);
		} else if (rig_files(&rig, "jobs")) {
			ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), 0);
		}
		rig_close(&rig);
	}
	ck_assert_uint_gt(k, 20);
	rig.config.chip.file = NULL;
	rig_open(&rig);
}
END_TEST

/* ---- other ends ---- */

static void cut_in_the_middle(void)
{
	uint64_t count = hooks_of(write_region);

	rig.step = 0;
	rig.cut_at = count / 2;
	ck_assert_int_ne(write_region(), 0);
	rig_reopen(&rig);
}

START_TEST(nothing_to_resume)
{
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_INPUT);
	ck_assert_int_eq(rig_resume(&rig, RESUME_UNDO, &result, &err), NP_E_INPUT);
	ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), NP_E_INPUT);
}
END_TEST

START_TEST(discard_forgets)
{
	cut_in_the_middle();
	ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), 0);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	ck_assert_uint_ge(rig_files(&rig, "backups"), 2);
	ck_assert_msg(write_region() == 0, "%s", err.message);
}
END_TEST

START_TEST(refused_prompt_keeps_the_job_open)
{
	cut_in_the_middle();
	rig.refuse = true;
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_CONFIRM);
	ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), NP_E_CONFIRM);
	rig.refuse = false;
	expect_finished(RESUME_FINISH);
}
END_TEST

START_TEST(damaged_backup_is_noticed)
{
	cut_in_the_middle();
	ck_assert_int_eq(np_io_save(rig.backup, "x", 1, NP_IO_REPLACE, &err), 0);
	ck_assert_int_eq(rig_resume(&rig, RESUME_UNDO, &result, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.hint, "--backup FILE"));
	ck_assert_ptr_null(strstr(err.hint, "--discard"));
	expect_finished(RESUME_FINISH); /* which needs no backup */
}
END_TEST

START_TEST(damaged_record_still_refuses)
{
	static const char *const texts[] = {"",
	                                    "{",
	                                    "[]",
	                                    "{\"format\": 2}",
	                                    "{\"format\": 1}",
	                                    "{\"format\": 1, \"operation\": 7}"};
	char path[256], command[300];
	FILE *found;

	cut_in_the_middle();
	snprintf(command, sizeof(command), "ls %s/jobs/*.json", rig.dir);
	found = popen(command, "r");
	ck_assert_ptr_nonnull(fgets(path, sizeof(path), found));
	pclose(found);
	path[strcspn(path, "\n")] = '\0';
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ck_assert_int_eq(np_io_save(path, texts[i], strlen(texts[i]), NP_IO_REPLACE, &err),
		                 0);
		ck_assert_int_eq(write_region(), NP_E_JOURNAL);
		ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_INPUT);
	}
	ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), 0);
}
END_TEST

START_TEST(protection_comes_back_after_a_cut)
{
	struct nor_protection now;

	ck_assert_int_eq(nor_protection_set(rig.nor, (struct np_range){0, rig.size}, &err), 0);
	cut_in_the_middle();
	expect_finished(RESUME_FINISH);
	ck_assert_int_eq(nor_protection_read(rig.nor, &now, &err), 0);
	ck_assert_uint_eq(now.range_count, 1);
	ck_assert_uint_eq(now.ranges[0].len, rig.size);
}
END_TEST

/* ---- stop requests ---- */

/* At every step: the first request ends between blocks, the second at once; both can be resumed. */
START_TEST(stop_at_every_operation)
{
	unsigned level = (unsigned)_i + 1;
	uint64_t count = hooks_of(write_region);

	for (uint64_t k = 1; k <= count; k++) {
		int ret;

		rig.step = 0;
		rig.cut_at = k;
		rig.stop_level = level;
		rig.last_count = 0;
		ret = write_region();
		np_stop_clear();
		ck_assert(ret == NP_E_INTERRUPTED || (ret == 0 && same(after, 0, rig.size)));
		check_outside();
		ck_assert_uint_le(in_flux(), level - 1);
		if (same(before, 0, rig.size))
			ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
		if (ret && rig_files(&rig, "jobs")) {
			ck_assert_ptr_nonnull(strstr(err.hint, "norprog resume"));
			rig.cut_at = 0;
			expect_finished(k % 2 ? RESUME_UNDO : RESUME_FINISH);
		}
		put_back();
	}
}
END_TEST

/* Chips without a unique ID share a journal's name. The other program's was opened while this one
 * stood at its prompt. */
static int other_begins(void *ctx, const struct plan *plan, struct np_error *e)
{
	struct rig_order options = {.image = image, .select = &select_set, .keep = &keep_set};
	struct rig *other = ctx;
	struct write_result r;
	struct np_error why = {0};

	(void)plan;
	(void)e;
	ck_assert_int_eq(rig_write(other, &options, &r, &why), NP_E_GONE);
	return 0;
}

START_TEST(a_journal_begun_meanwhile_is_left_alone)
{
	struct rig_order options = {.image = image, .keep_nothing = true};
	struct rig other;

	rig_init(&other);
	other.config = rig.config;
	rig_open(&other);
	memcpy(norsim_mem(other.chip) + AREA, before + AREA, rig.size - AREA);
	other.job.state_dir = rig.dir;
	other.job.layout = &rig_plain;
	other.cut_at = 15;
	rig.job.confirm = other_begins;
	rig.job.confirm_ctx = &other;
	ck_assert_int_eq(rig_write(&rig, &options, &result, &err), NP_E_JOURNAL);
	ck_assert_mem_eq(norsim_mem(rig.chip) + AREA, before + AREA, rig.size - AREA);
	other.cut_at = 0;
	ck_assert_msg(rig_resume(&other, RESUME_FINISH, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(other.chip) + AREA, after + AREA, rig.size - AREA);
	rig_free(&other);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_resume");
	TCase *tc = tcase_create("resume"), *large = tcase_create("large");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, cut_at_every_operation, 0, 6);
	tcase_add_test(tc, chip_erase_cut_off);
	tcase_add_loop_test(tc, power_cut_anywhere, 0, 2);
	tcase_add_test(tc, resume_cut_off_twice);
	tcase_add_loop_test(tc, killed_at_every_operation, 0, 2);
	tcase_add_test(tc, nothing_to_resume);
	tcase_add_test(tc, discard_forgets);
	tcase_add_test(tc, a_journal_begun_meanwhile_is_left_alone);
	tcase_add_test(tc, refused_prompt_keeps_the_job_open);
	tcase_add_test(tc, damaged_backup_is_noticed);
	tcase_add_test(tc, damaged_record_still_refuses);
	tcase_add_test(tc, protection_comes_back_after_a_cut);
	tcase_add_loop_test(tc, stop_at_every_operation, 0, 2);
	tcase_add_checked_fixture(large, setup_large, teardown);
	tcase_add_loop_test(large, cut_at_every_operation, 0, 2);
	tcase_add_test(large, protection_comes_back_after_a_cut);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, large);
	return run_suite(suite);
}
