/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: zip.c */
/* Files that hold an image: packed by the programs that people use, cut, damaged, and bombs.
 * covers: open.c zip.c */
#include <stdlib.h>
#include <string.h>

#include "image/open.h"
#include "image/zip.h"
#include "support/firmware.h"
#include "support/suite.h"

#define SIZE   70000
#define MAKE   "python3 $OLDPWD/tests/support/people.py "
#define SOURCE "head -c 70000 /bin/bash > $OUT.src; "

static struct np_error err;
static uint8_t source[SIZE];

static void setup(void)
{
	struct blob blob = firmware_run("head -c 70000 /bin/bash > $OUT");

	ck_assert_uint_eq(blob.len, SIZE);
	memcpy(source, blob.at, SIZE);
	free(blob.at);
	memset(&err, 0, sizeof(err));
}

static int open_blob(const struct blob *blob, struct image_opened *opened)
{
	return image_open(blob->at, blob->len, "t", opened, &err);
}

static const struct packed {
	const char *command, *from;
} packed[] = {
	{SOURCE "gzip -c $OUT.src > $OUT", "gzip file"},
	{SOURCE "xz -c $OUT.src > $OUT", "xz file"},
	{SOURCE "zstd -qc $OUT.src > $OUT", "zstd file"},
	{SOURCE MAKE "zip $OUT.src $OUT", "zip archive"},
	{SOURCE MAKE "stored $OUT.src $OUT", "zip archive"},
	{SOURCE MAKE "hex $OUT.src $OUT", "Intel HEX"},
	{SOURCE MAKE "srec $OUT.src $OUT", "Motorola S-records"},
	{SOURCE "gzip -c $OUT.src | xz > $OUT", "xz file, gzip file"},
	{SOURCE MAKE "hex $OUT.src $OUT.hex; gzip -c $OUT.hex > $OUT; rm $OUT.hex",
         "gzip file, Intel HEX"},
};

START_TEST(what_is_packed_is_opened)
{
	struct blob blob = firmware_run(packed[_i].command);
	struct image_opened opened;

	ck_assert_msg(open_blob(&blob, &opened) == 0, "%s: %s", packed[_i].from, err.message);
	ck_assert_str_eq(opened.from, packed[_i].from);
	ck_assert_int_eq(opened.wrap.kind == WRAP_PACKED, 0);
	ck_assert_uint_eq(opened.len, SIZE);
	ck_assert_mem_eq(opened.data, source, SIZE);
	image_opened_free(&opened);
	free(blob.at);
}
END_TEST

/* Cut anywhere or with a bit flipped, it is never taken for the image. */
START_TEST(damage_is_never_an_image)
{
	struct blob blob = firmware_run(packed[_i].command);
	struct image_opened opened;

	for (size_t cut = blob.len - 1; cut > blob.len / 2; cut -= blob.len / 13 + 1) {
		struct blob less = {blob.at, cut};

		/* Without the end of its last line a hex file is whole. */
		if (open_blob(&less, &opened) == 0 && opened.owned)
			ck_assert_msg(opened.len == SIZE && memcmp(opened.data, source, SIZE) == 0,
			              "%s cut at %zu", packed[_i].from, cut);
		image_opened_free(&opened);
	}
	for (size_t at = blob.len / 3; at < blob.len - 40; at += blob.len / 7) {
		blob.at[at] ^= 0x10;
		if (open_blob(&blob, &opened) == 0 && opened.owned)
			ck_assert_msg(opened.len == SIZE && memcmp(opened.data, source, SIZE) == 0,
			              "%s, byte %zu", packed[_i].from, at);
		image_opened_free(&opened);
		blob.at[at] ^= 0x10;
	}
	free(blob.at);
}
END_TEST

START_TEST(what_cannot_be_opened_stays)
{
	static const char *const commands[] = {
		SOURCE "tar cf $OUT $OUT.src", SOURCE "bzip2 -c $OUT.src > $OUT",
		SOURCE MAKE "two $OUT.src $OUT",
		/* A kernel in a flash: something stands behind the stream. */
		SOURCE "{ gzip -c $OUT.src; head -c 4096 /dev/zero | tr '\\0' '\\377'; } > $OUT"};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct blob blob = firmware_run(commands[i]);
		struct image_opened opened;

		ck_assert_msg(open_blob(&blob, &opened) == 0, "%s", err.message);
		ck_assert_int_eq(opened.wrap.kind, WRAP_PACKED);
		ck_assert(!opened.owned && opened.data == blob.at && opened.len == blob.len);
		image_opened_free(&opened);
		free(blob.at);
	}
}
END_TEST

START_TEST(bombs_are_bounded)
{
	static const char *const commands[] = {
		MAKE "bomb - $OUT",
		"head -c 300M /dev/zero | gzip -1 > $OUT",
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct blob blob = firmware_run(commands[i]);
		struct image_opened opened;

		ck_assert_int_eq(open_blob(&blob, &opened), NP_E_INPUT);
		ck_assert_msg(strstr(err.message, "256 MiB") != NULL, "%s", err.message);
		image_opened_free(&opened);
		free(blob.at);
	}
}
END_TEST

START_TEST(plain_files_are_themselves)
{
	struct image_opened opened;

	for (size_t len = 0; len < 100; len++) {
		ck_assert_int_eq(image_open(source + 64, len, "t", &opened, &err), 0);
		ck_assert(opened.data == source + 64 && opened.len == len && !opened.from[0]);
		image_opened_free(&opened);
	}
}
END_TEST

/* A directory that lies about places and lengths. */
START_TEST(zip_directories_that_lie)
{
	struct blob blob = firmware_run(SOURCE MAKE "zip $OUT.src $OUT");
	size_t directory = blob.len - 22 - 46 - 6;

	for (size_t at = directory; at < blob.len; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			struct zip_member member;
			struct unpacked out = {.max = 1 << 20};

			blob.at[at] ^= (uint8_t)(1u << bit);
			if (zip_only_member(blob.at, blob.len, &member)) {
				ck_assert_int_eq(zip_unpack(blob.at, &member, &out, &err), 0);
				ck_assert(!out.whole ||
				          (out.len == SIZE && memcmp(out.at, source, SIZE) == 0));
				free(out.at);
			}
			blob.at[at] ^= (uint8_t)(1u << bit);
		}
	free(blob.at);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("open");
	TCase *tc = tcase_create("open");
	int count = sizeof(packed) / sizeof(packed[0]);

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, what_is_packed_is_opened, 0, count);
	tcase_add_loop_test(tc, damage_is_never_an_image, 0, count);
	tcase_add_test(tc, what_cannot_be_opened_stays);
	tcase_add_test(tc, bombs_are_bounded);
	tcase_add_test(tc, plain_files_are_themselves);
	tcase_add_test(tc, zip_directories_that_lie);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
