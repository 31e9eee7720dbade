/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs taken up on a chip that holds what neither backup nor target explains. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "store/backup.h"
#include "support/rig.h"
#include "support/suite.h"

#define KiB 1024u
#define AT  0x100000u /* three blocks of 64 KiB; the first is erased when the job is cut off */

static struct rig rig;
static uint8_t *image, *before, *found;
static struct write_result result;
static struct np_error err;

static void setup(void)
{
	memset(&err, 0, sizeof(err));
	rig_init(&rig);
	rig.job.layout = &rig_plain;
}

static void teardown(void)
{
	rig_free(&rig);
	free(image);
	free(before);
	free(found);
	image = before = found = NULL;
}

static int cut_when_erased(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	return norsim_stats(rig.chip)->erases_64k > 0;
}

/* Cut off in the first of three blocks; then something else writes to both of the others. */
static void interrupt(const char *part)
{
	struct np_range range = {AT, 3 * 64 * KiB};
	struct np_ranges only = {&range, 1, 1};
	struct rig_order o = {.select = &only};

	rig.config.chip.part = part;
	rig_open(&rig);
	image = malloc(rig.size);
	before = malloc(rig.size);
	found = malloc(rig.size);
	rig_fill(norsim_mem(rig.chip), rig.size, 1);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	memcpy(image, before, rig.size);
	rig_fill(image + AT, range.len, 9);
	o.image = image;
	norsim_clear_stats(rig.chip);
	rig.job.step_hook = cut_when_erased;
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_GONE);
	rig_reopen(&rig);
	norsim_mem(rig.chip)[AT + 0x11000] ^= 1;
	rig_fill(norsim_mem(rig.chip) + AT + 0x25000, 4 * KiB, 5);
	memcpy(found, norsim_mem(rig.chip), rig.size);
}

static unsigned backups(void)
{
	return rig_files(&rig, "backups") / 2;
}

/* The path of the backup that the last resume told of. */
static const char *told(void)
{
	const char *at = strstr(rig.text, rig.dir);

	ck_assert_ptr_nonnull(at);
	return at;
}

static void check_saved(void)
{
	struct np_ranges covered = {0};
	uint8_t *saved = calloc(1, rig.size);

	ck_assert_msg(backup_load(told(), rig.size, saved, &covered, &err) == 0, "%s", err.message);
	ck_assert(np_ranges_contain(&covered, (struct np_range){AT + 0x11000, 4 * KiB}));
	ck_assert(np_ranges_contain(&covered, (struct np_range){AT + 0x25000, 4 * KiB}));
	for (size_t i = 0; i < covered.count; i++)
		ck_assert_mem_eq(saved + covered.at[i].start, found + covered.at[i].start,
		                 covered.at[i].len);
	np_ranges_free(&covered);
	free(saved);
}

/* The unique ID says that it is the chip: what it holds is saved, and the job goes on. */
START_TEST(what_is_unexplained_is_saved)
{
	interrupt("W25Q64FV");
	ck_assert_msg(rig_resume(&rig, _i ? RESUME_UNDO : RESUME_FINISH, &result, &err) == 0, "%s",
	              err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), _i ? before : image, rig.size);
	ck_assert_uint_eq(backups(), 2);
	ck_assert_str_eq(rig_verdict(&rig, "other-chip"), "warn");
	check_saved();
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}
END_TEST

START_TEST(one_block_in_work_needs_no_backup_of_its_own)
{
	interrupt("W25Q64FV");
	memcpy(norsim_mem(rig.chip) + AT + 64 * KiB, before + AT + 64 * KiB, 128 * KiB);
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), 0);
	ck_assert_str_eq(rig_verdict(&rig, "other-chip"), "pass");
	ck_assert_uint_eq(backups(), 1);
}
END_TEST

START_TEST(without_a_unique_id_it_is_refused_until_the_override)
{
	interrupt("MX25L6433F");
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_POLICY);
	ck_assert_str_eq(rig.refused, "other-chip");
	ck_assert_ptr_null(strstr(err.hint, "--discard"));
	ck_assert_ptr_nonnull(strstr(err.hint, "--override other-chip"));
	ck_assert_mem_eq(norsim_mem(rig.chip), found, rig.size);
	ck_assert_uint_eq(backups(), 1);
	rig.lift = "other-chip";
	ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	check_saved();
}
END_TEST

START_TEST(explained_nothing_is_saved)
{
	struct resume_options options = {.mode = RESUME_FINISH, .explain = true};

	interrupt("W25Q64FV");
	ck_assert_msg(job_resume(&rig.job, &options, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), found, rig.size);
	ck_assert_uint_eq(backups(), 1);
}
END_TEST

/* With the backup lost the chip has the only copy of what was not written yet. */
START_TEST(with_the_backup_lost_what_is_there_is_saved)
{
	interrupt("W25Q64FV");
	ck_assert_int_eq(np_io_save(rig.backup, "x", 1, NP_IO_REPLACE, &err), 0);
	ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	check_saved();
}
END_TEST

/* Cut off while it is taken up: the next one finds blocks in flux as well, and ends as exactly. */
START_TEST(it_may_be_cut_off_again)
{
	interrupt("W25Q64FV");
	for (uint64_t k = 20; k < 200; k += 12) {
		rig.step = 0;
		rig.cut_at = k;
		if (rig_resume(&rig, RESUME_FINISH, &result, &err) == 0)
			break;
		rig_reopen(&rig);
	}
	rig.cut_at = 0;
	if (rig_files(&rig, "jobs"))
		ck_assert_msg(rig_resume(&rig, RESUME_UNDO, &result, &err) == 0, "%s", err.message);
	ck_assert(memcmp(norsim_mem(rig.chip), image, rig.size) == 0 ||
	          memcmp(norsim_mem(rig.chip), before, rig.size) == 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_resume_found");
	TCase *tc = suite_group(suite, "found", setup, teardown);

	tcase_add_loop_test(tc, what_is_unexplained_is_saved, 0, 2);
	tcase_add_test(tc, one_block_in_work_needs_no_backup_of_its_own);
	tcase_add_test(tc, without_a_unique_id_it_is_refused_until_the_override);
	tcase_add_test(tc, explained_nothing_is_saved);
	tcase_add_test(tc, with_the_backup_lost_what_is_there_is_saved);
	tcase_add_test(tc, it_may_be_cut_off_again);
	return run_suite(suite);
}
