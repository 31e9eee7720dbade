/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs over a line that protects nothing (plain serprog): a command that a flipped bit turns into
 * another is noticed, and what it hit can be put back. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/backup.h"
#include "support/rig.h"
#include "support/suite.h"

#define KiB 1024u

/* A line that flips bits of one command on its way. */
struct line {
	struct spi_opened inner;
	uint8_t opcode;     /* of the command to be hit; 0: none */
	unsigned countdown; /* which of them, from 1 */
	size_t byte;        /* of the command */
	uint8_t mask;
};

static struct rig rig;
static struct line line;
static uint8_t *image, *before;
static struct write_result result;
static struct np_error err;

static int line_run(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                    spi_progress_fn *progress, void *ctx, struct np_error *e)
{
	struct line *l = self;
	size_t hit = count;
	int ret;

	for (size_t i = 0; i < count && l->countdown; i++)
		if (l->opcode && msgs[i].cmd_len && msgs[i].cmd[0] == l->opcode && !--l->countdown)
			hit = i;
	if (hit < count)
		msgs[hit].cmd[l->byte] ^= l->mask;
	ret = l->inner.ops->run(l->inner.self, msgs, count, done, progress, ctx, e);
	if (hit < count)
		msgs[hit].cmd[l->byte] ^= l->mask;
	return ret;
}

static int line_set_hz(void *self, uint32_t hz, struct np_error *e)
{
	struct line *l = self;

	return l->inner.ops->set_hz(l->inner.self, hz, e);
}

static void line_close(void *self)
{
	struct line *l = self;

	l->inner.ops->close(l->inner.self);
}

static const struct spi_ops line_ops = {
	.run = line_run, .set_hz = line_set_hz, .close = line_close};

static int put_line(struct spi_opened *opened, void *ctx)
{
	struct line *l = ctx;

	l->inner = *opened;
	opened->self = l;
	opened->ops = &line_ops;
	return 0;
}

static void open_rig(bool safe_line)
{
	rig_init(&rig);
	memset(&err, 0, sizeof(err));
	memset(&line, 0, sizeof(line));
	/* else as serprog_plain.c declares itself */
	rig.config.safe_line = safe_line;
	rig.config.depth = 1;
	rig.config.max_queue = 64;
	rig.config.max_rx = 16384;
	rig.wrap = put_line;
	rig.wrap_ctx = &line;
	rig_open(&rig);
}

static void setup(void)
{
	open_rig(false);
	image = malloc(rig.size);
	before = malloc(rig.size);
	rig_fill(norsim_mem(rig.chip), rig.size, 1);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	memcpy(image, before, rig.size);
}

static void teardown(void)
{
	rig_free(&rig);
	free(image);
	free(before);
}

static void flip(uint8_t opcode, unsigned which, size_t byte, uint8_t mask)
{
	line.opcode = opcode;
	line.countdown = which;
	line.byte = byte;
	line.mask = mask;
}

static int write_range(uint64_t start, uint64_t len, bool no_backup)
{
	struct np_range range = {start, len};
	struct np_ranges only = {&range, 1, 1};
	struct rig_order o = {.image = image, .select = &only, .how.no_backup = no_backup};

	return rig_write(&rig, &o, &result, &err);
}

static bool same(const uint8_t *want, size_t start, size_t len)
{
	return memcmp(norsim_mem(rig.chip) + start, want + start, len) == 0;
}

/* The backup named by the hint gives back what stood in [start, start + len). */
static void expect_rescued(uint64_t start, uint64_t len)
{
	char path[512], only[64];
	struct np_range range = {start, len};
	struct np_ranges covered = {0}, wanted = {&range, 1, 1};
	uint8_t *back = calloc(1, rig.size);
	bool says_reads = false;
	struct manifest manifest;

	snprintf(only, sizeof(only), "--only 0x%06llx+0x%llx", (unsigned long long)start,
	         (unsigned long long)len);
	ck_assert_ptr_nonnull(strstr(err.hint, only));
	ck_assert_int_eq(sscanf(err.hint, "`norprog restore %511s --only", path), 1);
	ck_assert_msg(backup_load(path, rig.size, back, &covered, &err) == 0, "%s", err.message);
	ck_assert(np_ranges_contain(&covered, (struct np_range){start, len}));
	ck_assert_mem_eq(back + start, before + start, len);
	ck_assert_int_eq(manifest_load(path, &manifest, &err), 0);
	ck_assert_uint_gt(manifest.read_count, 0);
	for (size_t i = 0; i < manifest.read_count; i++)
		says_reads |= np_ranges_overlap(&wanted, manifest.reads[i].range) &&
		              manifest.reads[i].count > 0;
	ck_assert(says_reads);
	manifest_free(&manifest);
	np_ranges_free(&covered);
	free(back);
}

/* 64 KiB at 0x120000 are to be erased; bit 16 of the address falls over. */
static int stray_erase(bool no_backup)
{
	rig_fill(image + 0x120000, 64 * KiB, 9);
	flip(0xd8, 1, 1, 0x01);
	return write_range(0x120000, 64 * KiB, no_backup);
}

START_TEST(a_stray_erase_next_to_the_job)
{
	/* what was not erased is erased at the second try; what was is noticed */
	ck_assert_int_eq(stray_erase(_i), NP_E_VERIFY);
	ck_assert_ptr_nonnull(strstr(err.message, "0x130000+0x10000"));
	ck_assert_ptr_nonnull(strstr(err.message, "not to change"));
	ck_assert(same(image, 0x120000, 64 * KiB));
	ck_assert(!same(before, 0x130000, 64 * KiB));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	expect_rescued(0x130000, 64 * KiB);
}
END_TEST

/* 4 KiB blocks: bit 12 of the address. */
START_TEST(a_stray_erase_of_a_small_block)
{
	rig_fill(image + 0x45000, 4 * KiB, 9);
	flip(0x20, 1, 2, 0x10);
	ck_assert_int_eq(write_range(0x45000, 4 * KiB, false), NP_E_VERIFY);
	ck_assert_ptr_nonnull(strstr(err.message, "0x044000+0x1000"));
	ck_assert(same(image, 0x45000, 4 * KiB));
	expect_rescued(0x44000, 4 * KiB);
}
END_TEST

/* A page that is programmed into the neighbour takes bits away there. */
START_TEST(a_stray_page)
{
	rig_fill(image + 0x120000, 64 * KiB, 9);
	flip(0x02, 200, 1, 0x01);
	ck_assert_int_eq(write_range(0x120000, 64 * KiB, false), NP_E_VERIFY);
	ck_assert_msg(strstr(err.message, "0x13d000+0x1000"), "%s", err.message);
	ck_assert(same(image, 0x120000, 64 * KiB));
	expect_rescued(0x13d000, 4 * KiB);
}
END_TEST

/* The job's own second block erased again when the first... : what was right already is looked at
 * once more, and the journal stays for what must be written again. */
START_TEST(a_stray_erase_of_what_was_done_already)
{
	rig_fill(image + 0x120000, 128 * KiB, 9);
	flip(0xd8, 2, 1, 0x01);
	ck_assert_int_eq(write_range(0x120000, 128 * KiB, false), NP_E_VERIFY);
	ck_assert_ptr_nonnull(strstr(err.hint, "norprog resume"));
	ck_assert(!same(image, 0x120000, 64 * KiB));
	ck_assert_uint_gt(rig_files(&rig, "jobs"), 0);
	ck_assert_msg(rig_resume(&rig, RESUME_FINISH, &result, &err) == 0, "%s", err.message);
	ck_assert(same(image, 0, rig.size));
}
END_TEST

/* What a partial job read but had no reason to change. */
START_TEST(a_stray_erase_of_what_was_only_read)
{
	rig_fill(image + 0x200000, 4 * KiB, 9);
	rig_fill(image + 0x20f000, 4 * KiB, 9);
	flip(0x20, 1, 2, 0x80);
	ck_assert_int_eq(write_range(0x200000, 64 * KiB, false), NP_E_VERIFY);
	ck_assert_ptr_nonnull(strstr(err.message, "0x208000+0x1000"));
	expect_rescued(0x208000, 4 * KiB);
}
END_TEST

START_TEST(a_stray_erase_under_a_whole_write)
{
	struct rig_order o = {.image = image, .keep_nothing = true};

	rig_fill(image + 0x120000, 64 * KiB, 9);
	flip(0xd8, 1, 1, 0x40);
	ck_assert_int_eq(rig_write(&rig, &o, &result, &err), NP_E_VERIFY);
	ck_assert_ptr_nonnull(strstr(err.message, "0x520000+0x10000"));
	expect_rescued(0x520000, 64 * KiB);
}
END_TEST

static int cut_when_erased(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	return norsim_stats(rig.chip)->erases_64k > 0;
}

/* The job was cut off; the stray command was sent by its resume. */
START_TEST(a_stray_erase_by_resume)
{
	rig_fill(image + 0x120000, 64 * KiB, 9);
	rig.job.step_hook = cut_when_erased;
	ck_assert_int_ne(write_range(0x120000, 64 * KiB, _i), 0);
	ck_assert(!same(before, 0x120000, 64 * KiB));
	rig_reopen(&rig);
	flip(0xd8, 1, 1, 0x01);
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), NP_E_VERIFY);
	ck_assert_ptr_nonnull(strstr(err.message, "0x130000+0x10000"));
	ck_assert(same(image, 0x120000, 64 * KiB));
	ck_assert_uint_eq(rig_files(&rig, "jobs"), 0);
	expect_rescued(0x130000, 64 * KiB);
}
END_TEST

/* What the same job reads, on a line that protects what is sent or on one that does not. */
static uint64_t bytes_read_by(bool safe_line, struct np_range range, bool dry_run)
{
	struct np_ranges only = {&range, 1, 1};
	struct rig_order o = {.image = image, .select = &only, .how.dry_run = dry_run};

	rig_free(&rig);
	open_rig(safe_line);
	memcpy(norsim_mem(rig.chip), before, rig.size);
	norsim_clear_stats(rig.chip);
	ck_assert_msg(rig_write(&rig, &o, &result, &err) == 0, "%s", err.message);
	return norsim_stats(rig.chip)->bytes_read;
}

/* The price: told before, bounded, and paid only on such a line. */
START_TEST(what_it_costs)
{
	struct np_range range = {0x120000, 64 * KiB};
	uint64_t around = 3 * 128 * KiB, again = 64 * KiB, safe;

	rig_fill(image + range.start, range.len, 9);
	safe = bytes_read_by(true, range, false);
	ck_assert_uint_ge(safe, 3 * range.len);
	ck_assert_uint_eq(bytes_read_by(false, range, false), safe + around + again);
	ck_assert_uint_eq(result.neighbour_bytes, 128 * KiB);
	ck_assert_ptr_nonnull(strstr(rig.text, "128 KiB around the job's blocks"));
	ck_assert(same(image, 0, rig.size));
}
END_TEST

/* At the ends of the chip there is a neighbour on one side only; a dry run reads none of it. */
START_TEST(ends_and_dry_run)
{
	struct np_range range = {0, 64 * KiB};
	uint64_t safe;

	rig_fill(image, 64 * KiB, 9);
	rig_fill(image + rig.size - 64 * KiB, 64 * KiB, 9);
	safe = bytes_read_by(true, range, true);
	ck_assert_uint_ge(safe, range.len);
	ck_assert_uint_eq(bytes_read_by(false, range, true), safe);
	ck_assert_ptr_nonnull(strstr(rig.text, "64 KiB around the job's blocks"));
	ck_assert_msg(write_range(0, 64 * KiB, false) == 0, "%s", err.message);
	ck_assert_uint_eq(result.neighbour_bytes, 64 * KiB);
	ck_assert_msg(write_range(rig.size - 64 * KiB, 64 * KiB, false) == 0, "%s", err.message);
	ck_assert_uint_eq(result.neighbour_bytes, 64 * KiB);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_line");
	TCase *tc = tcase_create("line");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_stray_erase_next_to_the_job, 0, 2);
	tcase_add_test(tc, a_stray_erase_of_a_small_block);
	tcase_add_test(tc, a_stray_page);
	tcase_add_test(tc, a_stray_erase_of_what_was_done_already);
	tcase_add_test(tc, a_stray_erase_of_what_was_only_read);
	tcase_add_test(tc, a_stray_erase_under_a_whole_write);
	tcase_add_loop_test(tc, a_stray_erase_by_resume, 0, 2);
	tcase_add_test(tc, what_it_costs);
	tcase_add_test(tc, ends_and_dry_run);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
