/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: compare.c write_read.c write_plan.c */
/* What one reading of the chip must not lead to: each test lets it lie, or the line die, at the one
 * moment when nobody but the guard in question would notice. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/stop.h"
#include "support/rig.h"
#include "support/suite.h"
#include "device/load.h"

#define KiB 1024u
#define MAC 0x7df100u
#define CAL 0x7f1234u /* in the calibration of the 2.4 GHz radio */

static struct rig rig;
static struct layout layout;
static uint8_t *image, *before;
static struct write_result result;
static struct np_error err;

/* A bit that reads wrongly the first time it is read. */
static struct {
	uint32_t addr;
	uint64_t until; /* the step at which it reads right again */
} lie;

static int end_of_lie(void *ctx, uint64_t step)
{
	(void)ctx;
	if (step == lie.until)
		norsim_mem(rig.chip)[lie.addr] = before[lie.addr];
	return 0;
}

static void lie_once(uint32_t addr)
{
	lie.addr = addr;
	lie.until = 1;
	norsim_mem(rig.chip)[addr] ^= 0x10;
	rig.job.step_hook = end_of_lie;
}

static void number_radio(uint8_t *flash)
{
	memcpy(flash + 0x7f0000, "\x20\x76", 2);
	memcpy(flash + 0x7f8000, "\x10\x76", 2);
	memcpy(flash + MAC, "\x50\xd4\xf7\x12\x34\x56", 6);
}

static void setup(void)
{
	memset(&err, 0, sizeof(err));
	rig_init(&rig);
	rig_open(&rig);
	image = malloc(rig.size);
	before = malloc(rig.size);
	rig_fill(before, rig.size, 1);
	number_radio(before);
	memcpy(norsim_mem(rig.chip), before, rig.size);
	rig_fill(image, rig.size, 2);
	number_radio(image);
	norsim_clear_stats(rig.chip);
	memset(&layout, 0, sizeof(layout));
}

static void teardown(void)
{
	rig_free(&rig);
	rig.job.layout = NULL;
	layout_free(&layout);
	free(image);
	free(before);
}

static int write_job(const struct rig_order *options)
{
	return rig_write(&rig, options, &result, &err);
}

#define WRITE(...) write_job(&(struct rig_order){.image = image, __VA_ARGS__})

static void expect_backup_of(const uint8_t *contents)
{
	uint8_t *saved;
	size_t len;

	ck_assert_int_eq(np_io_read(result.backup_path, rig.size, &saved, &len, &err), 0);
	ck_assert_uint_eq(len, rig.size);
	ck_assert_mem_eq(saved, contents, len);
	free(saved);
}

/* ---- read twice ---- */

/* Calibration that is replaced on purpose: the backup is all that is left of it. */
START_TEST(unit_data_are_read_twice_before_they_are_replaced)
{
	ck_assert_msg(layout_load("tplink-mr200-v1", &layout, &err) == 0, "%s", err.message);
	rig.job.layout = &layout;
	lie_once(CAL);
	ck_assert_msg(WRITE(.override = "unit-data") == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	expect_backup_of(before);
	ck_assert_uint_eq(rig.rereads, 1);
}
END_TEST

/* Kept in a block that is written otherwise: it must not be written back as it was misread. */
START_TEST(kept_bytes_are_read_twice)
{
	struct np_range keep_range = {CAL - 3, 6};
	struct np_ranges keep = {&keep_range, 1, 1};

	lie_once(CAL);
	ck_assert_msg(WRITE(.keep = &keep, .keep_nothing = true, .override = "unit-data") == 0,
	              "%s", err.message);
	memcpy(image + keep_range.start, before + keep_range.start, keep_range.len);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	expect_backup_of(before);
}
END_TEST

static int end_of_lies(void *ctx, uint64_t step)
{
	(void)ctx;
	if (step == 1)
		memcpy(norsim_mem(rig.chip), before, rig.size);
	return 0;
}

/* What the vote corrects is planned again: a block that was misread as right already, too. */
START_TEST(a_disagreement_is_planned_again)
{
	memcpy(image, before, rig.size);
	image[0x200000] ^= 0x10;
	image[0x400000] ^= 0x10;
	norsim_mem(rig.chip)[0x200000] = image[0x200000];
	for (uint32_t at = 0x100000; at < 0x140000; at += 256)
		norsim_mem(rig.chip)[at] ^= 0x10;
	rig.job.step_hook = end_of_lies;
	ck_assert_msg(WRITE(.select = NULL) == 0, "%s", err.message);
	ck_assert_uint_gt(rig.rereads, 0);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	expect_backup_of(before);
}
END_TEST

/* ---- is it blank? ---- */

/* The chip holds what stands in `before`. */
static uint64_t bytes_read_to_write(unsigned passes)
{
	rig.job.layout = &rig_plain;
	memcpy(norsim_mem(rig.chip), before, rig.size);
	rig_noise(image, rig.size, 41);
	norsim_clear_stats(rig.chip);
	ck_assert_msg(WRITE(.how.passes = passes, .keep_nothing = true) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	return norsim_stats(rig.chip)->bytes_read;
}

/* Nothing can be lost there: read once, looked at here and there, and read back. */
START_TEST(a_blank_chip_is_not_read_twice)
{
	uint64_t samples = rig.size / (4 * KiB) * 64;

	memset(before, 0xff, rig.size);
	ck_assert_uint_lt(bytes_read_to_write(0), 2 * (uint64_t)rig.size + samples + 64 * KiB);
}
END_TEST

START_TEST(a_blank_chip_is_read_as_often_as_asked)
{
	memset(before, 0xff, rig.size);
	ck_assert_uint_ge(bytes_read_to_write(2), 3 * (uint64_t)rig.size);
}
END_TEST

/* One bit that is not blank, the first or the last. */
START_TEST(a_chip_that_is_nearly_blank_is_read_twice)
{
	memset(before, 0xff, rig.size);
	before[_i ? rig.size - 1 : 0] &= _i ? 0xfe : 0x7f;
	ck_assert_uint_ge(bytes_read_to_write(0), 3 * (uint64_t)rig.size);
	expect_backup_of(before);
}
END_TEST

/* The chip is reset as the read begins, and answers again when that is over. */
static int answers_after_the_read(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	if (norsim_stats(rig.chip)->bytes_read < rig.size)
		return 0;
	memcpy(norsim_mem(rig.chip), before, rig.size);
	rig.job.step_hook = NULL;
	return 0;
}

/* `hidden` of what the chip holds reads as blank at first. */
static void written_after_silence(struct np_range hidden)
{
	memcpy(norsim_mem(rig.chip), before, rig.size);
	memset(norsim_mem(rig.chip) + hidden.start, 0xff, hidden.len);
	rig.job.layout = &rig_plain;
	rig.job.step_hook = answers_after_the_read;
	ck_assert_msg(WRITE(.keep_nothing = true) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	expect_backup_of(before);
}

/* Next to nothing is on it: one erase block of 4 KiB, the whole chip, or all but the first half. */
START_TEST(a_chip_that_did_not_answer_is_not_blank)
{
	const struct np_range held[] = {
		{0x7f1000, 4 * KiB}, {0, 4 * KiB}, {0x400000, 4 * KiB * KiB}, {0, 8 * KiB * KiB}};
	const struct np_range *r = &held[_i];

	memset(before, 0xff, rig.size);
	rig_noise(before + r->start, r->len, 42);
	written_after_silence(*r);
}
END_TEST

/* Nor is what the image leaves blank there as it should be; also when nothing seems to be left to do. */
START_TEST(a_chip_that_did_not_answer_is_not_what_a_blank_image_wants)
{
	memset(image, 0xff, rig.size);
	rig_noise(image, 64 * KiB, 43);
	memcpy(before, image, rig.size);
	rig_noise(before + 0x500000, 4 * KiB, 44);
	before[0x100] ^= _i;
	written_after_silence((struct np_range){0x500000, 4 * KiB});
}
END_TEST

/* ---- is it still there? ---- */

static int deaf_when_saved(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	if (rig.backups)
		norsim_faults(rig.chip)->miso_stuck = -1;
	return 0;
}

/* MISO shorted to ground reads as a ready chip without protection, which still hears an erase. */
START_TEST(a_chip_that_is_not_heard_is_not_erased)
{
	rig.job.step_hook = deaf_when_saved;
	ck_assert_int_eq(WRITE(.keep_nothing = true, .override = "unit-data"), NP_E_NO_CHIP);
	ck_assert_uint_eq(rig.backups, 1);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}
END_TEST

static int deaf_when_programmed(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	if (norsim_stats(rig.chip)->pages_programmed)
		norsim_faults(rig.chip)->miso_stuck = -1;
	return 0;
}

/* Nor is it erased a second time because what was written cannot be read. */
START_TEST(a_chip_that_is_not_heard_is_not_erased_again)
{
	struct np_range range = {0x50000, 64 * KiB};
	struct np_ranges only = {&range, 1, 1};

	rig.job.step_hook = deaf_when_programmed;
	ck_assert_int_eq(WRITE(.select = &only), NP_E_NO_CHIP);
	ck_assert_uint_eq(norsim_stats(rig.chip)->erases_64k, 1);
	ck_assert_mem_eq(norsim_mem(rig.chip) + range.start, image + range.start, range.len);
	ck_assert_uint_gt(rig_files(&rig, "jobs"), 0);
}
END_TEST

/* ---- --base ---- */

/* What a wrong word costs: all is read. */
START_TEST(a_base_that_lies_where_it_is_erased_is_not_believed_elsewhere)
{
	uint8_t *base = malloc(rig.size);

	memcpy(base, before, rig.size);
	memcpy(image, before, rig.size);
	rig_fill(image + 0x50000, 64 * KiB, 9);
	base[0x51234] ^= 0x10;
	/* something else that the base does not know, where nothing is to be done */
	norsim_mem(rig.chip)[0x300000] ^= 0x10;
	ck_assert_msg(WRITE(.how.base = base) == 0, "%s", err.message);
	ck_assert_uint_ge(rig.read_total, rig.size);
	ck_assert_uint_ge(rig.notes, 1);
	ck_assert_mem_eq(norsim_mem(rig.chip), image, rig.size);
	free(base);
}
END_TEST

/* Base and image are dumps of one unit, on the clip is another; its MAC or PIN shares an erase
 * block with the boot loader. By the profile that was named, and by the one that is recognised. */
START_TEST(a_base_does_not_speak_for_unit_data)
{
	const uint32_t at = 0x1fc00;
	uint8_t *base = malloc(rig.size);

	ck_assert_msg(layout_load("tplink-archer-c7-v1", &layout, &err) == 0, "%s", err.message);
	rig.job.layout = _i & 2 ? NULL : &layout;
	memcpy(before + at, "\x50\xd4\xf7\x12\x34\x56", 6);
	memcpy(before + 0x1fe00, "12345670", 8);
	memcpy(before + 0x20040, "\x75\x00\x00\x01", 4);
	memcpy(before + 0x100, "U-Boot 1.1.4", 12);
	memset(before + MAC, 0xff, 6);
	memcpy(base, before, rig.size);
	memcpy(image, before, rig.size);
	image[at - 0x100] ^= 0x10;
	before[_i & 1 ? 0x1fe07 : at + 5] ^= 1;
	memcpy(norsim_mem(rig.chip), before, rig.size);
	ck_assert_msg(WRITE(.how.base = base) == NP_E_UNIT, "%s", err.message);
	ck_assert_ptr_nonnull(strstr(err.message, "only this unit has"));
	ck_assert_uint_eq(rig.asked, 0);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	free(base);
}
END_TEST

/* ---- stops ---- */

static struct {
	unsigned requests;
	unsigned pages; /* as soon as so many are programmed */
	void (*event)(void *ctx, const struct np_event *event);
} stop;

static void stop_while_programming(void *ctx, const struct np_event *event)
{
	stop.event(ctx, event);
	if (norsim_stats(rig.chip)->pages_programmed < stop.pages)
		return;
	for (; stop.requests; stop.requests--)
		np_stop_request();
}

static int write_and_stop(unsigned requests, unsigned pages)
{
	struct np_range range = {0x50000, 192 * KiB};
	struct np_ranges only = {&range, 1, 1};

	stop.requests = requests;
	stop.pages = pages;
	stop.event = rig.job.event;
	rig.job.event = stop_while_programming;
	return WRITE(.select = &only);
}

START_TEST(the_first_stop_ends_behind_the_block)
{
	ck_assert_int_eq(write_and_stop(1, 20), NP_E_INTERRUPTED);
	ck_assert_ptr_nonnull(strstr(err.message, "after 1 of 3 blocks; no block is half-written"));
	ck_assert_ptr_nonnull(strstr(err.hint, "norprog resume"));
	memcpy(before + 0x50000, image + 0x50000, 64 * KiB);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(norsim_stats(rig.chip)->erases_64k, 1);
	ck_assert_uint_eq(rig.steps, 1);
	ck_assert_uint_gt(rig_files(&rig, "jobs"), 0);
}
END_TEST

START_TEST(the_second_stop_ends_at_the_page)
{
	ck_assert_int_eq(write_and_stop(2, 20), NP_E_INTERRUPTED);
	ck_assert_ptr_nonnull(strstr(err.message, "block 0x050000 (64 KiB) is half-written"));
	ck_assert_uint_lt(norsim_stats(rig.chip)->pages_programmed, 200);
	ck_assert_uint_eq(norsim_busy_left(rig.chip), 0);
	ck_assert_mem_eq(norsim_mem(rig.chip) + 0x60000, before + 0x60000, rig.size - 0x60000);
	ck_assert_uint_eq(rig.steps, 0);
	rig_reopen(&rig);
	ck_assert_msg(rig_resume(&rig, RESUME_UNDO, &result, &err) == 0, "%s", err.message);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
}
END_TEST

static void stop_while_reading(void *ctx, const struct np_event *event)
{
	stop.event(ctx, event);
	if (event->phase == NP_PHASE_READ && event->done >= 1024 * KiB && !np_stop_level())
		np_stop_request();
}

START_TEST(a_stop_ends_the_read)
{
	stop.event = rig.job.event;
	rig.job.event = stop_while_reading;
	ck_assert_int_eq(WRITE(.select = NULL), NP_E_INTERRUPTED);
	ck_assert_ptr_nonnull(strstr(err.message, "nothing was changed"));
	ck_assert_uint_lt(norsim_stats(rig.chip)->bytes_read, rig.size / 2);
}
END_TEST

static void stop_before_writing(void *ctx, const struct np_event *event)
{
	stop.event(ctx, event);
	if (event->type == NP_EV_PHASE && event->phase == NP_PHASE_WRITE)
		np_stop_request();
}

/* The last moment, and a chip erase has no block to stop behind. */
START_TEST(a_stop_comes_before_the_chip_erase)
{
	stop.event = rig.job.event;
	rig.job.event = stop_before_writing;
	ck_assert_int_eq(
		WRITE(.keep_nothing = true, .override = "unit-data", .how.chip_erase = true),
		NP_E_INTERRUPTED);
	ck_assert_ptr_nonnull(strstr(err.message, "nothing was changed"));
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
}
END_TEST

/* ---- another chip ---- */

START_TEST(an_overridden_size_is_refused_before_the_read)
{
	struct nor_options options = {.size_override = rig.size / 2};

	nor_close(rig.nor, NULL);
	ck_assert_int_eq(nor_open(rig.bus, &options, &rig.nor, &err), 0);
	rig.job.nor = rig.nor;
	norsim_clear_stats(rig.chip);
	ck_assert_int_eq(WRITE(.select = NULL), NP_E_POLICY);
	ck_assert_ptr_nonnull(strstr(err.message, "overridden"));
	ck_assert_uint_eq(norsim_stats(rig.chip)->bytes_read, 0);
	ck_assert_mem_eq(norsim_mem(rig.chip), before, rig.size);
}
END_TEST

static int cut_when_begun(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	return norsim_stats(rig.chip)->erases_64k > 0;
}

/* A resume that was cut off listed the blocks that were left; where another holds something else, that
 * is saved before it is written over. */
START_TEST(a_block_that_was_done_holds_something_else)
{
	ck_assert_int_eq(write_and_stop(1, 20), NP_E_INTERRUPTED);
	rig_reopen(&rig);
	norsim_clear_stats(rig.chip);
	rig.job.step_hook = cut_when_begun;
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_GONE);
	rig_reopen(&rig);
	/* the one in flux as it was, so that nothing else is */
	memcpy(norsim_mem(rig.chip) + 0x60000, before + 0x60000, 64 * KiB);
	norsim_mem(rig.chip)[0x51000] ^= 0x10;
	ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0, "%s", err.message);
	ck_assert_ptr_nonnull(strstr(rig.warned, "0x051000"));
	ck_assert_str_eq(rig_verdict(&rig, "other-chip"), "warn");
	ck_assert_uint_eq(rig_files(&rig, "backups"), 4);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_trust");
	TCase *tc = tcase_create("trust");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, unit_data_are_read_twice_before_they_are_replaced);
	tcase_add_test(tc, kept_bytes_are_read_twice);
	tcase_add_test(tc, a_blank_chip_is_not_read_twice);
	tcase_add_test(tc, a_blank_chip_is_read_as_often_as_asked);
	tcase_add_loop_test(tc, a_chip_that_is_nearly_blank_is_read_twice, 0, 2);
	tcase_add_loop_test(tc, a_chip_that_did_not_answer_is_not_blank, 0, 4);
	tcase_add_loop_test(tc, a_chip_that_did_not_answer_is_not_what_a_blank_image_wants, 0, 2);
	tcase_add_test(tc, a_chip_that_is_not_heard_is_not_erased);
	tcase_add_test(tc, a_chip_that_is_not_heard_is_not_erased_again);
	tcase_add_test(tc, a_base_that_lies_where_it_is_erased_is_not_believed_elsewhere);
	tcase_add_loop_test(tc, a_base_does_not_speak_for_unit_data, 0, 4);
	tcase_add_test(tc, an_overridden_size_is_refused_before_the_read);
	tcase_add_test(tc, the_first_stop_ends_behind_the_block);
	tcase_add_test(tc, the_second_stop_ends_at_the_page);
	tcase_add_test(tc, a_disagreement_is_planned_again);
	tcase_add_test(tc, a_stop_ends_the_read);
	tcase_add_test(tc, a_stop_comes_before_the_chip_erase);
	tcase_add_test(tc, a_block_that_was_done_holds_something_else);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
