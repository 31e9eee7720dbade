/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: chip_erase.c execute.c resample.c run.c */
/* Jobs that write, end to end on the strict chip: what ends where, and what was read, saved and
 * counted. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/stop.h"
#include "store/backup.h"
#include "support/suite.h"
#include "support/writing.h"

/* Does the upper half copy the lower? 12 pairs of 8 bytes, and the one that differs once more. */
#define COPY_ASKED (13u * 2 * 8)

static void start(void)
{
	rig.job.layout = &rig_plain;
	writing_start();
}

static void check_clean(void)
{
	const struct norsim_stats *stats = norsim_stats(rig.chip);

	ck_assert_uint_eq(stats->ignored_busy, 0);
	ck_assert_uint_eq(stats->ignored_latch, 0);
	ck_assert_uint_eq(stats->ignored_protected, 0);
	ck_assert_uint_eq(stats->lost_bits, 0);
	ck_assert_uint_eq(stats->page_wraps, 0);
}

START_TEST(whole_chip)
{
	uint8_t *saved;
	size_t len;

	start();
	ck_assert_msg(WRITE(.keep_nothing = true) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	check_clean();
	ck_assert_uint_eq(rig.plans, 1);
	ck_assert_uint_eq(rig.asked, 1);
	ck_assert_str_eq(rig.backup, result.backup_path);
	ck_assert_int_eq(np_io_read(result.backup_path, rig.size, &saved, &len, &err), 0);
	ck_assert_uint_eq(len, rig.size);
	ck_assert_mem_eq(saved, before, len);
	free(saved);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	ck_assert_uint_eq(rig_files(&rig, "backups"), 2);
}
END_TEST

/* A pass over the whole image while the chip waits: only for who asked. */
START_TEST(the_digest_of_the_target_is_made_on_request)
{
	char hex[NP_SHA256_HEX];

	start();
	memcpy(image, before, rig.size);
	image[0x12345] ^= 0x10;
	image[0x700000] ^= 0x01;
	np_sha256_hex(image, rig.size, hex);
	ck_assert_msg(WRITE(.keep_nothing = true, .how.dry_run = true) == 0, "%s", err.message);
	ck_assert_str_eq(result.target_sha256, "");
	ck_assert_uint_eq(result.changed_bytes, 2);
	ck_assert_int_eq(WRITE(.keep_nothing = true, .how.dry_run = true, .how.digest = true), 0);
	ck_assert_str_eq(result.target_sha256, hex);
	ck_assert_int_eq(WRITE(.keep_nothing = true, .how.digest = true), 0);
	ck_assert_str_eq(result.target_sha256, hex);
}
END_TEST

START_TEST(equal_image_reads_once)
{
	start();
	memcpy(image, before, rig.size);
	ck_assert_int_eq(WRITE(), 0);
	ck_assert(result.nothing_to_do);
	ck_assert_uint_eq(norsim_stats(rig.chip)->bytes_read, rig.size);
	ck_assert_uint_eq(rig.asked, 0);
	ck_assert_uint_eq(rig_files(&rig, "backups"), 0);
}
END_TEST

START_TEST(equal_region_reads_once)
{
	struct np_ranges only = writing_range(0x20000, 64 * KiB);

	start();
	memcpy(image, before, rig.size);
	ck_assert_int_eq(WRITE(.select = &only), 0);
	ck_assert(result.nothing_to_do);
	ck_assert_uint_eq(norsim_stats(rig.chip)->bytes_read, 64 * KiB);
	np_ranges_free(&only);
}
END_TEST

/* Six bytes in a boot block: the block is read twice, saved, and all but the six bytes stay. */
START_TEST(odd_selection)
{
	struct np_ranges only = writing_range(0x1fc00, 6), covered = {0};
	uint8_t *back = malloc(8192 * KiB);

	start();
	ck_assert_msg(WRITE(.select = &only) == 0, "%s", err.message);
	memcpy(before + 0x1fc00, image + 0x1fc00, 6);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	check_clean();
	ck_assert_uint_eq(norsim_stats(rig.chip)->erases_4k, 1);
	ck_assert_uint_eq(norsim_stats(rig.chip)->erases_64k, 0);
	/* two reads of the block, and the verify */
	ck_assert_uint_eq(norsim_stats(rig.chip)->bytes_read, COPY_ASKED + 3 * 4 * KiB);
	ck_assert_int_eq(backup_load(result.backup_path, rig.size, back, &covered, &err), 0);
	ck_assert_uint_eq(np_ranges_bytes(&covered), 4 * KiB);
	ck_assert_uint_eq(covered.at[0].start, 0x1f000);
	np_ranges_free(&covered);
	np_ranges_free(&only);
	free(back);
}
END_TEST

/* --passes 1 trusts one read of what is replaced, never of what must survive. */
START_TEST(odd_selection_in_one_pass)
{
	struct np_ranges only = writing_range(0x1fc00, 6);

	start();
	ck_assert_int_eq(WRITE(.select = &only, .how.passes = 1), 0);
	ck_assert_uint_eq(norsim_stats(rig.chip)->bytes_read, COPY_ASKED + 3 * 4 * KiB - 6);
	np_ranges_free(&only);
}
END_TEST

START_TEST(kept_bytes_survive)
{
	struct np_ranges keep = writing_range(0x7cf100, 6);

	start();
	ck_assert_msg(WRITE(.keep = &keep) == 0, "%s", err.message);
	memcpy(image + 0x7cf100, before + 0x7cf100, 6);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	np_ranges_free(&keep);
}
END_TEST

START_TEST(what_is_kept_is_not_written_though_selected)
{
	struct np_ranges keep = writing_range(0x1000, 6), select = writing_range(0, 64 * KiB);

	start();
	ck_assert_int_eq(WRITE(.select = &keep, .keep = &select), NP_E_RANGE);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_msg(WRITE(.select = &select, .keep = &keep) == 0, "%s", err.message);
	memcpy(before, image, 0x1000);
	memcpy(before + 0x1006, image + 0x1006, 0xeffa);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	np_ranges_free(&keep);
	np_ranges_free(&select);
}
END_TEST

START_TEST(a_range_beyond_the_chip_is_refused)
{
	struct np_ranges select = writing_range(8192 * KiB - 6, 12);

	start();
	ck_assert_int_eq(WRITE(.select = &select), NP_E_RANGE);
	ck_assert_str_eq(rig.refused, "selection");
	ck_assert_int_eq(WRITE(.keep = &select), NP_E_RANGE);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	np_ranges_free(&select);
}
END_TEST

START_TEST(erase_whole)
{
	start();
	image = (free(image), NULL);
	ck_assert_msg(WRITE(.keep_nothing = true) == 0, "%s", err.message);
	for (size_t i = 0; i < rig.size; i++)
		ck_assert_uint_eq(norsim_mem(rig.chip)[i], 0xff);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	check_clean();
}
END_TEST

START_TEST(chip_erase_on_demand)
{
	struct np_ranges keep = writing_range(0x1234, 10);

	start();
	ck_assert_msg(WRITE(.keep = &keep, .how.chip_erase = true) == 0, "%s", err.message);
	memcpy(image + 0x1234, before + 0x1234, 10);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	ck_assert_uint_eq(norsim_stats(rig.chip)->erases_chip, 1);
	ck_assert_uint_eq(norsim_stats(rig.chip)->erases_64k, 0);
	check_clean();
	np_ranges_free(&keep);
}
END_TEST

START_TEST(chip_erase_of_a_part_is_refused)
{
	struct np_ranges only = writing_range(0, 64 * KiB);

	start();
	ck_assert_int_eq(WRITE(.select = &only, .how.chip_erase = true), NP_E_USAGE);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	np_ranges_free(&only);
}
END_TEST

START_TEST(dry_run_touches_nothing)
{
	start();
	ck_assert_int_eq(WRITE(.keep_nothing = true, .how.dry_run = true), 0);
	ck_assert_uint_eq(rig.plans, 1);
	ck_assert_uint_eq(rig.asked, 0);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(norsim_stats(rig.chip)->sr_writes_volatile, 0);
	ck_assert_uint_eq(rig_files(&rig, "backups"), 0);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}
END_TEST

START_TEST(refused_prompt_touches_nothing)
{
	start();
	rig.refuse = true;
	ck_assert_int_eq(WRITE(.keep_nothing = true), NP_E_CONFIRM);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}
END_TEST

START_TEST(no_backup_leaves_none)
{
	struct np_ranges only = writing_range(0x10000, 64 * KiB);

	start();
	ck_assert_msg(WRITE(.select = &only, .how.no_backup = true) == 0, "%s", err.message);
	ck_assert_str_eq(result.backup_path, "");
	ck_assert_uint_eq(rig_files(&rig, "backups"), 0);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	np_ranges_free(&only);
}
END_TEST

START_TEST(backup_is_never_overwritten)
{
	char path[128];
	uint8_t *data;
	size_t len;

	start();
	snprintf(path, sizeof(path), "%s/mine.bin", rig.dir);
	ck_assert_int_eq(np_io_save(path, "old", 3, NP_IO_NEW, &err), 0);
	ck_assert_int_eq(WRITE(.how.backup_path = path), NP_E_OUTPUT);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_int_eq(np_io_read(path, 100, &data, &len, &err), 0);
	ck_assert_str_eq((char *)data, "old");
	free(data);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}
END_TEST

START_TEST(two_backups_in_one_second)
{
	char first[4096];

	start();
	ck_assert_int_eq(WRITE(.keep_nothing = true), 0);
	memcpy(first, result.backup_path, sizeof(first));
	ck_assert_int_eq(rig_write(&rig, &(struct rig_order){.image = before}, &result, &err), 0);
	ck_assert_str_ne(first, result.backup_path);
	ck_assert_uint_eq(rig_files(&rig, "backups"), 4);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
}
END_TEST

START_TEST(crc_bus)
{
	rig.config.crc = true;
	start();
	memcpy(image, before, rig.size);
	ck_assert_int_eq(WRITE(.keep_nothing = true), 0);
	ck_assert(result.nothing_to_do);
	rig_fill(image + 0x40000, 64 * KiB, 5);
	ck_assert_msg(WRITE(.keep_nothing = true) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
}
END_TEST

START_TEST(failed_page_is_retried_once)
{
	struct np_ranges only = writing_range(0x50000, 64 * KiB);

	start();
	norsim_faults(rig.chip)->program_fails_at = norsim_stats(rig.chip)->pages_programmed + 3;
	ck_assert_msg(WRITE(.select = &only) == 0, "%s", err.message);
	memcpy(before + 0x50000, image + 0x50000, 64 * KiB);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(result.retried_blocks, 1);
	ck_assert_uint_eq(norsim_stats(rig.chip)->erases_64k, 2);
	ck_assert_uint_eq(norsim_stats(rig.chip)->erases_4k, 0);
	np_ranges_free(&only);
}
END_TEST

START_TEST(failed_page_of_a_program_only_step)
{
	struct np_ranges only = writing_range(0x50000, 64 * KiB);

	start();
	memset(norsim_mem(rig.chip) + 0x50000, 0xff, 64 * KiB);
	memset(before + 0x50000, 0xff, 64 * KiB);
	norsim_faults(rig.chip)->program_fails_at = norsim_stats(rig.chip)->pages_programmed + 40;
	ck_assert_msg(WRITE(.select = &only) == 0, "%s", err.message);
	memcpy(before + 0x50000, image + 0x50000, 64 * KiB);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(result.retried_blocks, 1);
	/* only the block that failed, not the step's 64 KiB */
	ck_assert_uint_eq(norsim_stats(rig.chip)->erases_4k, 1);
	ck_assert_uint_eq(norsim_stats(rig.chip)->erases_64k, 0);
	np_ranges_free(&only);
}
END_TEST

/* A part of half the size under a new label: blank, it looks like any other until it is written. */
START_TEST(a_chip_smaller_than_its_id)
{
	start();
	memset(norsim_mem(rig.chip), 0xff, rig.size);
	norsim_faults(rig.chip)->real_size = rig.size / 2;
	/* Half of it stays blank, so that no block of the other half fails its own check. */
	if (_i)
		for (size_t at = 0; at < rig.size / 2; at += 8192)
			memset(image + at + 4096, 0xff, 4096),
				memset(image + rig.size / 2 + at, 0xff, 4096);
	ck_assert_int_eq(WRITE(), NP_E_VERIFY);
	ck_assert_ptr_nonnull(strstr(err.hint, "smaller than its ID"));
	ck_assert_ptr_nonnull(strstr(err.hint, "norprog resume"));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 2);
	ck_assert_uint_le(result.retried_blocks, 4);
}
END_TEST

START_TEST(protection_is_lifted_and_put_back)
{
	struct nor_protection now;

	start();
	ck_assert_int_eq(nor_protection_set(rig.nor, (struct np_range){0, rig.size}, &err), 0);
	norsim_clear_stats(rig.chip);
	ck_assert_msg(WRITE(.keep_nothing = true) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	check_clean();
	ck_assert_int_eq(nor_protection_read(rig.nor, &now, &err), 0);
	ck_assert_uint_eq(now.range_count, 1);
	ck_assert_uint_eq(now.ranges[0].len, rig.size);
}
END_TEST

START_TEST(protection_that_does_not_lift)
{
	start();
	ck_assert_int_eq(nor_protection_set(rig.nor, (struct np_range){0, rig.size}, &err), 0);
	norsim_faults(rig.chip)->stubborn = true;
	ck_assert_int_eq(WRITE(.keep_nothing = true), NP_E_PROTECTED);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}
END_TEST

START_TEST(verify_all_and_none)
{
	struct np_ranges only = writing_range(0x60000, 64 * KiB);

	start();
	ck_assert_int_eq(WRITE(.select = &only, .how.verify_none = true), 0);
	ck_assert_uint_eq(result.verified_bytes, 0);
	ck_assert_uint_eq(norsim_stats(rig.chip)->bytes_read, COPY_ASKED + 2 * 64 * KiB);
	memcpy(before + 0x60000, image + 0x60000, 64 * KiB);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_int_eq(WRITE(.keep_nothing = true, .how.verify_all = true), 0);
	ck_assert_uint_ge(result.verified_bytes, rig.size);
	np_ranges_free(&only);
}
END_TEST

static int stop_at_verify(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	if (rig.steps)
		np_stop_request();
	return 0;
}

/* Everything is written by then: no journal stays, and the message says so. */
START_TEST(stop_while_verifying_all)
{
	struct np_ranges only = writing_range(0x60000, 4 * KiB);

	start();
	rig.job.step_hook = stop_at_verify;
	ck_assert_int_eq(WRITE(.select = &only, .how.verify_all = true), NP_E_INTERRUPTED);
	ck_assert_ptr_nonnull(strstr(err.message, "all is written"));
	memcpy(before + 0x60000, image + 0x60000, 4 * KiB);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	np_ranges_free(&only);
}
END_TEST

static int slip_when_programmed(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	if (norsim_stats(rig.chip)->pages_programmed && norsim_powered(rig.chip))
		norsim_faults(rig.chip)->cut_at_clock = norsim_stats(rig.chip)->clocks + 1000;
	return 0;
}

/* The clip slips while a block is verified: the block is not erased again. */
START_TEST(a_chip_that_goes_is_not_erased_again)
{
	struct np_ranges only = writing_range(0x50000, 64 * KiB);

	start();
	rig.job.step_hook = slip_when_programmed;
	ck_assert_int_eq(WRITE(.select = &only), NP_E_NO_CHIP);
	ck_assert(!norsim_powered(rig.chip));
	ck_assert_uint_eq(result.retried_blocks, 0);
	ck_assert_ptr_nonnull(strstr(err.hint, "norprog resume"));
	np_ranges_free(&only);
}
END_TEST

static const uint32_t depths[] = {1, 32};

START_TEST(all_temperaments)
{
	struct np_ranges only = writing_range(0x700f3, 200 * KiB + 13);

	rig.config.depth = depths[_i / 4];
	rig.config.max_queue = depths[_i / 4] == 1 ? 1 : 1024;
	rig.config.until = _i & 1;
	rig.config.crc = _i & 2;
	rig.config.max_rx = _i & 4 ? 65536 : 4096;
	start();
	ck_assert_msg(WRITE(.select = &only) == 0, "%s", err.message);
	memcpy(before + 0x700f3, image + 0x700f3, 200 * KiB + 13);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	check_clean();
	np_ranges_free(&only);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_write");
	TCase *tc = tcase_create("write");

	tcase_add_checked_fixture(tc, writing_setup, writing_teardown);
	tcase_add_test(tc, whole_chip);
	tcase_add_test(tc, the_digest_of_the_target_is_made_on_request);
	tcase_add_test(tc, equal_image_reads_once);
	tcase_add_test(tc, equal_region_reads_once);
	tcase_add_test(tc, odd_selection);
	tcase_add_test(tc, odd_selection_in_one_pass);
	tcase_add_test(tc, kept_bytes_survive);
	tcase_add_test(tc, what_is_kept_is_not_written_though_selected);
	tcase_add_test(tc, a_range_beyond_the_chip_is_refused);
	tcase_add_test(tc, erase_whole);
	tcase_add_test(tc, chip_erase_on_demand);
	tcase_add_test(tc, chip_erase_of_a_part_is_refused);
	tcase_add_test(tc, dry_run_touches_nothing);
	tcase_add_test(tc, refused_prompt_touches_nothing);
	tcase_add_test(tc, no_backup_leaves_none);
	tcase_add_test(tc, backup_is_never_overwritten);
	tcase_add_test(tc, two_backups_in_one_second);
	tcase_add_test(tc, crc_bus);
	tcase_add_test(tc, failed_page_is_retried_once);
	tcase_add_test(tc, failed_page_of_a_program_only_step);
	tcase_add_loop_test(tc, a_chip_smaller_than_its_id, 0, 2);
	tcase_add_test(tc, protection_is_lifted_and_put_back);
	tcase_add_test(tc, protection_that_does_not_lift);
	tcase_add_test(tc, verify_all_and_none);
	tcase_add_test(tc, stop_while_verifying_all);
	tcase_add_test(tc, a_chip_that_goes_is_not_erased_again);
	tcase_add_loop_test(tc, all_temperaments, 0, 8);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
