/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What speaks against putting a file back: found where it is, and nowhere else. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/backup.h"
#include "store/trust.h"
#include "support/rig.h"
#include "support/suite.h"

static struct rig rig;
static struct np_error err;
static uint8_t *image;
static char path[NP_PATH_MAX];
static struct manifest manifest;
static struct trust trust;

/* Two segments, read twice, of this very chip. */
static void setup(void)
{
	struct np_ranges set = {0};

	rig_init(&rig);
	rig_open(&rig);
	memset(&err, 0, sizeof(err));
	image = malloc(rig.size);
	rig_fill(image, rig.size, 5);
	snprintf(path, sizeof(path), "%s/dump.bin", rig.dir);
	manifest_begin(&manifest, nor_info(rig.nor), "sim", "write");
	manifest.passes = 2;
	np_ranges_add(&set, (struct np_range){0x1000, 0x2000}, NULL);
	np_ranges_add(&set, (struct np_range){0x8000, 0x1000}, NULL);
	ck_assert_int_eq(manifest_describe(&manifest, image, &set, NULL, &err), 0);
	ck_assert_int_eq(manifest_set_reads(&manifest, &set, 2, &err), 0);
	np_ranges_free(&set);
}

static void teardown(void)
{
	trust_free(&trust);
	manifest_free(&manifest);
	free(image);
	rig_free(&rig);
}

/* File and manifest, as they now are. */
static void save(void)
{
	uint8_t file[0x3000];

	memcpy(file, image + 0x1000, 0x2000);
	memcpy(file + 0x2000, image + 0x8000, 0x1000);
	ck_assert_int_eq(np_io_save(path, file, sizeof(file), NP_IO_REPLACE, &err), 0);
	ck_assert_int_eq(manifest_save(&manifest, path, NP_IO_REPLACE, &err), 0);
}

/* Exactly these are found, of all the file and of [start, start + len). */
static void expect(unsigned kinds, uint64_t start, uint64_t len)
{
	struct np_range range = {start, len};
	struct np_ranges only = {&range, 1, 1};

	trust_free(&trust);
	ck_assert_msg(trust_examine(&trust, path, nor_info(rig.nor), len ? &only : NULL, &err) == 0,
	              "%s", err.message);
	ck_assert(trust.has_manifest);
	for (unsigned kind = 0; kind < TRUST_KINDS; kind++) {
		ck_assert_msg(trust.at[kind].found == (kinds >> kind & 1), "%u: %s", kind,
		              trust.at[kind].text);
		ck_assert(!trust.at[kind].found || trust.at[kind].text[0]);
	}
}

#define FOUND(kind) (1u << TRUST_##kind)

START_TEST(nothing_against_a_good_one)
{
	save();
	expect(0, 0, 0);
	expect(0, 0x1800, 0x100);
	/* the other unit's ID is not known, or this one's */
	manifest.uid[0] = '\0';
	save();
	expect(0, 0, 0);
}
END_TEST

START_TEST(no_manifest_no_finding)
{
	ck_assert_int_eq(np_io_save(path, "x", 1, NP_IO_NEW, &err), 0);
	ck_assert_int_eq(trust_examine(&trust, path, nor_info(rig.nor), NULL, &err), 0);
	ck_assert(!trust.has_manifest);
	for (unsigned kind = 0; kind < TRUST_KINDS; kind++)
		ck_assert(!trust.at[kind].found);
}
END_TEST

START_TEST(a_bit_that_flipped_in_the_file)
{
	save();
	image[0x8123] ^= 1;
	{
		uint8_t file[0x3000];

		memcpy(file, image + 0x1000, 0x2000);
		memcpy(file + 0x2000, image + 0x8000, 0x1000);
		ck_assert_int_eq(np_io_save(path, file, sizeof(file), NP_IO_REPLACE, &err), 0);
	}
	expect(FOUND(FILE) | FOUND(SEGMENT), 0, 0);
	ck_assert_uint_eq(trust.at[TRUST_SEGMENT].where.at[0].start, 0x8000);
	/* what is asked for is whole */
	expect(FOUND(FILE), 0x1000, 0x2000);
	expect(FOUND(FILE) | FOUND(SEGMENT), 0x8800, 0x10);
}
END_TEST

START_TEST(a_file_of_another_length)
{
	save();
	ck_assert_int_eq(truncate(path, 0x2fff), 0);
	expect(FOUND(FILE), 0, 0);
	ck_assert_int_eq(truncate(path, 0), 0);
	expect(FOUND(FILE), 0, 0);
}
END_TEST

START_TEST(how_it_was_read)
{
	struct np_range piece = {0x2000, 0x800};
	struct np_ranges set = {&piece, 1, 1};

	ck_assert_int_eq(manifest_set_reads(&manifest, &set, 1, &err), 0);
	save();
	expect(FOUND(ONE_READ), 0, 0);
	ck_assert_uint_eq(np_ranges_bytes(&trust.at[TRUST_ONE_READ].where), 0x800);
	expect(FOUND(ONE_READ), 0x27ff, 2);
	ck_assert_uint_eq(np_ranges_bytes(&trust.at[TRUST_ONE_READ].where), 1);
	expect(0, 0x2800, 0x800);
	ck_assert_int_eq(np_ranges_add(&manifest.assumed, piece, &err), 0);
	save();
	expect(FOUND(ASSUMED), 0, 0);
	ck_assert_int_eq(np_ranges_add(&manifest.unstable, (struct np_range){0x8000, 0x1000}, &err),
	                 0);
	save();
	expect(FOUND(ASSUMED) | FOUND(UNSTABLE), 0, 0);
	expect(FOUND(UNSTABLE), 0x8000, 1);
	expect(FOUND(ASSUMED), 0x2000, 0x1000);
}
END_TEST

/* 0.1.0 says only how often all was read. */
START_TEST(an_old_manifest)
{
	free(manifest.reads);
	manifest.reads = NULL;
	manifest.read_count = 0;
	save();
	expect(0, 0, 0);
	manifest.passes = 1;
	save();
	expect(FOUND(ONE_READ), 0, 0);
}
END_TEST

START_TEST(what_looked_like_a_bad_contact)
{
	struct manifest_contents *c = &manifest.contents;
	bool *const flags[] = {&c->all_ff,      &c->all_00,        &c->equal_halves,
	                       &c->zero_bursts, &c->address_line,  &c->stuck_bits,
	                       &c->shifted,     &c->unfinished_job};

	memcpy(manifest.operation, "read", 5);
	*flags[_i] = true;
	save();
	expect(FOUND(SUSPICIOUS), 0x1000, 1);
}
END_TEST

START_TEST(somebody_elses)
{
	memcpy(manifest.jedec_id, "c22017", 7);
	save();
	expect(FOUND(OTHER_CHIP), 0, 0);
	memcpy(manifest.jedec_id, "ef4017", 7);
	manifest.uid[3] = manifest.uid[3] == '0' ? '1' : '0';
	save();
	expect(FOUND(OTHER_UNIT), 0x1000, 0x10);
	manifest.chip_size *= 2;
	save();
	expect(FOUND(OTHER_CHIP) | FOUND(OTHER_UNIT), 0, 0);
}
END_TEST

START_TEST(a_damaged_manifest_is_no_manifest)
{
	char json[NP_PATH_MAX + 8];

	save();
	snprintf(json, sizeof(json), "%s.json", path);
	ck_assert_int_eq(np_io_save(json, "{", 1, NP_IO_REPLACE, &err), 0);
	ck_assert_int_eq(trust_examine(&trust, path, nor_info(rig.nor), NULL, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "dump.bin"));
}
END_TEST

/* ---- how often each part was read, as jobs write it ---- */

START_TEST(jobs_say_how_often_they_read)
{
	struct np_range range = {0x10000, 0x20000};
	struct np_ranges select = {&range, 1, 1};
	struct rig_order o = {.keep_nothing = true, .image = image, .select = _i ? NULL : &select};
	struct write_result result;
	uint64_t once = 0, more = 0;

	rig_fill(norsim_mem(rig.chip), rig.size, 6);
	ck_assert_msg(rig_write(&rig, &o, &result, &err) == 0, "%s", err.message);
	manifest_free(&manifest);
	ck_assert_int_eq(manifest_load(result.backup_path, &manifest, &err), 0);
	ck_assert_uint_gt(manifest.read_count, 0);
	for (size_t i = 0; i < manifest.read_count; i++)
		*(manifest.reads[i].count == 1 ? &once : &more) += manifest.reads[i].range.len;
	ck_assert_uint_eq(once + more, manifest.size);
	ck_assert(_i || !once);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("trust");
	TCase *tc = suite_group(suite, "trust", setup, teardown);

	tcase_add_test(tc, nothing_against_a_good_one);
	tcase_add_test(tc, no_manifest_no_finding);
	tcase_add_test(tc, a_bit_that_flipped_in_the_file);
	tcase_add_test(tc, a_file_of_another_length);
	tcase_add_test(tc, how_it_was_read);
	tcase_add_test(tc, an_old_manifest);
	tcase_add_loop_test(tc, what_looked_like_a_bad_contact, 0, 8);
	tcase_add_test(tc, somebody_elses);
	tcase_add_test(tc, a_damaged_manifest_is_no_manifest);
	tcase_add_loop_test(tc, jobs_say_how_often_they_read, 0, 2);
	return run_suite(suite);
}
