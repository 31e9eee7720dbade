/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --verify-all of a part: the rest of the chip against the last whole backup of this very chip. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "store/backup.h"
#include "support/suite.h"
#include "support/writing.h"

/* A whole dump of `contents` by `read`, on `date`; NULL: into the state folder, as a job would. */
static void dump(const char *path, const uint8_t *contents, const char *date, const char *uid)
{
	struct store store = {.dir = rig.dir, .chip = nor_info(rig.nor)};
	struct np_range all = {0, rig.size};
	struct np_ranges whole = {&all, 1, 1};
	struct manifest manifest;
	char used[NP_PATH_MAX];

	manifest_begin(&manifest, nor_info(rig.nor), "sim", "read");
	manifest.passes = 2;
	snprintf(manifest.date, sizeof(manifest.date), "%s", date);
	if (uid)
		snprintf(manifest.uid, sizeof(manifest.uid), "%s", uid);
	ck_assert_msg(backup_write(&store, path, contents, &whole, &manifest, used, &err) == 0,
	              "%s", err.message);
	store_close(&store);
	manifest_free(&manifest);
}

static const char *in_dir(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", rig.dir, name);
	return path;
}

/* Write one range of the image. */
static int write_part(uint64_t start_at, uint64_t len, bool verify_all, const char *path)
{
	struct np_range range = {start_at, len};
	struct np_ranges only = {&range, 1, 1};
	struct rig_order o = {
		.image = image, .select = &only, .how.verify_all = verify_all, .path = path};

	return rig_write(&rig, &o, &result, &err);
}

static int restore(const char *path)
{
	return write_part(0x20000, 64 * KiB, true, path);
}

static void expect_written(void)
{
	memcpy(before + 0x20000, image + 0x20000, 64 * KiB);
	ck_assert_mem_eq(norsim_mem(rig.chip) + 0x20000, image + 0x20000, 64 * KiB);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}

static void set_bus(int _i)
{
	rig.config.crc = _i & 1;
	rig.config.depth = _i & 2 ? 1 : 32;
}

START_TEST(the_rest_equals_the_dump_it_came_from)
{
	set_bus(_i);
	writing_start();
	dump(in_dir("mine.bin"), before, "2026-01-01T00:00:00Z", NULL);
	ck_assert_msg(restore(in_dir("mine.bin")) == 0, "%s", err.message);
	expect_written();
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_str_eq(result.outside_path, in_dir("mine.bin"));
	ck_assert_uint_eq(result.outside_bytes, rig.size - 64 * KiB);
	ck_assert_uint_eq(result.outside_unknown, 0);
	ck_assert_uint_eq(rig.warnings, 0);
}
END_TEST

START_TEST(a_byte_elsewhere_is_found)
{
	set_bus(_i);
	writing_start();
	dump(NULL, before, "2026-01-01T00:00:00Z", NULL);
	norsim_mem(rig.chip)[0x612345] ^= 4;
	ck_assert_int_eq(restore(NULL), NP_E_VERIFY);
	ck_assert_ptr_nonnull(strstr(err.message, "0x612000+0x1000"));
	ck_assert_ptr_nonnull(strstr(err.message, "did not name these blocks"));
	ck_assert_ptr_nonnull(strstr(err.hint, "norprog restore "));
	ck_assert_ptr_nonnull(strstr(err.hint, "--only 0x612000+0x1000"));
	expect_written();
}
END_TEST

/* Another chip altogether: told without reading each block of it twice. */
START_TEST(everything_differs)
{
	set_bus(_i);
	writing_start();
	dump(NULL, image, "2026-01-01T00:00:00Z", NULL);
	norsim_clear_stats(rig.chip);
	ck_assert_int_eq(restore(NULL), NP_E_VERIFY);
	ck_assert_uint_lt(norsim_stats(rig.chip)->bytes_read, 2 * rig.size + rig.size / 4);
	expect_written();
}
END_TEST

START_TEST(two_reads_that_disagree_are_no_difference)
{
	set_bus(_i);
	writing_start();
	dump(NULL, before, "2026-01-01T00:00:00Z", NULL);
	norsim_faults(rig.chip)->weak_page_addr_plus1 = 0x400000 + 1;
	ck_assert_int_eq(restore(NULL), NP_E_UNSTABLE);
	expect_written();
}
END_TEST

START_TEST(without_a_backup_it_is_said)
{
	writing_start();
	dump(in_dir("other.bin"), before, "2026-01-01T00:00:00Z", "0102030405060708");
	dump(NULL, before, "2026-01-01T00:00:00Z", "0102030405060708");
	ck_assert_msg(restore(in_dir("other.bin")) == 0, "%s", err.message);
	ck_assert_str_eq(result.outside_path, "");
	ck_assert_uint_eq(result.outside_bytes, 0);
	ck_assert_uint_eq(result.outside_unknown, rig.size - 64 * KiB);
	ck_assert_uint_eq(rig.warnings, 2); /* and that the file is another chip's */
	expect_written();
}
END_TEST

/* Which of several: the newest that is what its manifest says. */
START_TEST(the_newest_sound_one_counts)
{
	writing_start();
	dump(in_dir("older.bin"), image, "2025-01-01T00:00:00Z", NULL);
	dump(NULL, before, "2026-01-01T00:00:00Z", NULL);
	dump(in_dir("broken.bin"), image, "2026-02-01T00:00:00Z", NULL);
	ck_assert_int_eq(np_io_save(in_dir("broken.bin"), image, 100, NP_IO_REPLACE, &err), 0);
	ck_assert_msg(restore(in_dir("older.bin")) == 0, "%s", err.message);
	ck_assert_uint_eq(result.outside_bytes, rig.size - 64 * KiB);
	ck_assert_ptr_nonnull(strstr(result.outside_path, "/backups/"));
	ck_assert_int_eq(restore(in_dir("broken.bin")), NP_E_POLICY);
	ck_assert_ptr_nonnull(strstr(err.hint, "--override changed-file"));
	ck_assert_msg(restore(NULL) == 0, "%s", err.message);
	ck_assert(result.nothing_to_do);
	ck_assert_ptr_nonnull(strstr(result.outside_path, "/backups/"));
}
END_TEST

/* What later jobs changed is in no backup: neither called good nor bad. */
START_TEST(later_jobs_are_allowed_for)
{
	writing_start();
	dump(NULL, before, "2026-01-01T00:00:00Z", NULL);
	ck_assert_msg(write_part(0x100100, 1000, false, NULL) == 0, "%s", err.message);
	ck_assert_msg(restore(NULL) == 0, "%s", err.message);
	ck_assert_uint_eq(result.outside_unknown, 4 * KiB);
	ck_assert_uint_eq(result.outside_bytes, rig.size - 68 * KiB);
	ck_assert_uint_eq(rig.warnings, 1);
	expect_written();
}
END_TEST

/* The backup that a whole write kept tells what was there before it, not what is there now. */
START_TEST(a_backup_from_before_a_write)
{
	struct rig_order o = {.keep_nothing = true, .image = image};

	writing_start();
	memcpy(image, before, rig.size / 2);
	o.image = image;
	ck_assert_msg(rig_write(&rig, &o, &result, &err) == 0, "%s", err.message);
	rig_fill(image, rig.size, 3);
	ck_assert_msg(restore(NULL) == 0, "%s", err.message);
	ck_assert_uint_ge(result.outside_unknown, rig.size / 2 - 64 * KiB);
	ck_assert_uint_eq(result.outside_bytes + result.outside_unknown, rig.size - 64 * KiB);
	ck_assert_uint_ge(result.outside_bytes, rig.size / 2 - 64 * KiB);
	norsim_mem(rig.chip)[0x312345] ^= 4;
	rig_fill(image, rig.size, 4);
	ck_assert_int_eq(restore(NULL), NP_E_VERIFY);
}
END_TEST

START_TEST(nothing_to_do_is_compared_too)
{
	writing_start();
	dump(NULL, before, "2026-01-01T00:00:00Z", NULL);
	memcpy(image, before, rig.size);
	ck_assert_msg(restore(NULL) == 0, "%s", err.message);
	ck_assert(result.nothing_to_do);
	ck_assert_uint_eq(result.outside_bytes, rig.size - 64 * KiB);
	norsim_mem(rig.chip)[0x612345] ^= 4;
	ck_assert_int_eq(restore(NULL), NP_E_VERIFY);
}
END_TEST

/* Without a unique ID the type tells, and it is said that only that does. */
START_TEST(a_chip_without_unique_id)
{
	rig.config.chip.part = "MX25L6405D";
	writing_start();
	ck_assert_uint_eq(nor_info(rig.nor)->uid_len, 0);
	dump(NULL, before, "2026-01-01T00:00:00Z", NULL);
	ck_assert_msg(restore(NULL) == 0, "%s", err.message);
	ck_assert_ptr_nonnull(strstr(rig.text, "no unique ID"));
	ck_assert_uint_eq(result.outside_bytes, rig.size - 64 * KiB);
	expect_written();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_rest");
	TCase *tc = tcase_create("rest");

	tcase_add_checked_fixture(tc, writing_setup, writing_teardown);
	tcase_add_loop_test(tc, the_rest_equals_the_dump_it_came_from, 0, 4);
	tcase_add_loop_test(tc, a_byte_elsewhere_is_found, 0, 4);
	tcase_add_loop_test(tc, everything_differs, 0, 4);
	tcase_add_loop_test(tc, two_reads_that_disagree_are_no_difference, 0, 4);
	tcase_add_test(tc, without_a_backup_it_is_said);
	tcase_add_test(tc, the_newest_sound_one_counts);
	tcase_add_test(tc, later_jobs_are_allowed_for);
	tcase_add_test(tc, a_backup_from_before_a_write);
	tcase_add_test(tc, nothing_to_do_is_compared_too);
	tcase_add_test(tc, a_chip_without_unique_id);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
