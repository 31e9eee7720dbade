/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Intel HEX and S-records, against what objcopy makes of the same bytes and by themselves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/hexfile.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/suite.h"

#define LEN (200u << 10)

static struct np_error err;
static uint8_t image[LEN];

static void make(void)
{
	rig_noise(image, LEN, 11);
	memset(image + 0x8000, 0xff, 0x9003);
	memset(image + LEN - 40, 0xff, 40);
}

static int parse(const char *text, struct hexfile *file)
{
	memset(&err, 0, sizeof(err));
	return hexfile_parse((const uint8_t *)text, strlen(text), "t", file, &err);
}

/* The same image by a program that is not ours. */
static void check_objcopy(const char *target, enum hexfile_kind kind)
{
	char command[256], path[] = "/tmp/norprog-hexfile-XXXXXX";
	int fd = mkstemp(path);
	FILE *out = fdopen(fd, "wb");
	struct hexfile file;
	struct blob blob;

	ck_assert_uint_eq(fwrite(image, 1, LEN, out), LEN);
	fclose(out);
	snprintf(command, sizeof(command),
	         "objcopy -I binary -O %s --change-addresses 0x123450 %s $OUT", target, path);
	blob = firmware_run(command);
	ck_assert_int_eq(hexfile_detect(blob.at, blob.len), kind);
	ck_assert_msg(hexfile_parse(blob.at, blob.len, "t", &file, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(file.len, 0x123450 + LEN);
	ck_assert_mem_eq(file.data + 0x123450, image, LEN);
	ck_assert_uint_eq(file.covers.count, 1);
	ck_assert_uint_eq(file.covers.at[0].start, 0x123450);
	hexfile_free(&file);
	free(blob.at);
	remove(path);
}

START_TEST(what_objcopy_writes)
{
	check_objcopy("ihex", HEXFILE_INTEL);
	check_objcopy("srec", HEXFILE_MOTOROLA);
}
END_TEST

START_TEST(there_and_back)
{
	static const enum hexfile_kind kinds[] = {HEXFILE_INTEL, HEXFILE_MOTOROLA};
	uint64_t seed = rig_seed(7);

	for (unsigned i = 0; i < 40; i++) {
		uint64_t base = rig_random(&seed) % 0x300000;
		size_t len = 1 + rig_random(&seed) % LEN, text_len, left = 0;
		struct hexfile file;
		char *text;

		ck_assert_int_eq(
			hexfile_format(kinds[i % 2], image, len, base, &text, &text_len, &err), 0);
		ck_assert_uint_eq(text_len, strlen(text));
		if (parse(text, &file) == 0) {
			size_t held = file.len > base ? file.len - base : 0;

			ck_assert_mem_eq(file.data + base, image, held < len ? held : len);
			for (size_t k = held; k < len; k++)
				left += image[k] != 0xff;
		} else {
			ck_assert_ptr_nonnull(strstr(err.message, "no data"));
		}
		ck_assert_uint_eq(left, 0);
		hexfile_free(&file);
		free(text);
	}
}
END_TEST

/* A gap is nothing to be written: it must not come out as covered FFh. */
START_TEST(gaps_are_not_covered)
{
	struct hexfile file;

	ck_assert_msg(parse(":0400000001020304F2\n:020000040001F9\n:020000000506F3\n:00000001FF\n",
	                    &file) == 0,
	              "%s", err.message);
	ck_assert_uint_eq(file.covers.count, 2);
	ck_assert_uint_eq(file.covers.at[1].start, 0x10000);
	ck_assert_uint_eq(file.data[4], 0xff);
	hexfile_free(&file);
	/* Paragraphs, a start address, any order, lower case, CRLF. */
	ck_assert_msg(parse(":020000021000ec\r\n:02001000aabb89\r\n:0400000300003800c1\r\n"
	                    ":0200000011 \r\n",
	                    &file) == NP_E_INPUT,
	              "a record with a space was taken");
	hexfile_free(&file);
	ck_assert_msg(parse(":020000021000ec\r\n:02001000aabb89\r\n:0400000300003800c1\r\n"
	                    "\r\n:00000001FF\r\n",
	                    &file) == 0,
	              "%s", err.message);
	ck_assert_uint_eq(file.covers.at[0].start, 0x10010);
	hexfile_free(&file);
	ck_assert_msg(parse("S00600004844521B\nS1050010AABB85\nS9030000FC\n", &file) == 0, "%s",
	              err.message);
	ck_assert_uint_eq(file.data[0x11], 0xbb);
	hexfile_free(&file);
}
END_TEST

START_TEST(damage_is_named)
{
	static const struct {
		const char *text, *what;
	} bad[] = {
		{":0400000001020304F3\n:00000001FF\n", "neither"},
		{":0400000001020304F2\n:0400000001020304F3\n", "t:2: the record's checksum"},
		{":0400000001020304F2\n", "cut short"},
		{":0400000001020304F2\n:00000001FF\n:0400000001020304F2\n", "behind the one"},
		{":0400000001020304F2\n:0400000001020305F1\n:00000001FF\n", "another value"},
		{":0400000001020304F2\nhello\n", "t:2: no Intel HEX"},
		{":020000047FFF7C\n:0400000001020304F2\n:00000001FF\n", "256 MiB"},
		{":0100000600F9\n:00000001FF\n", "type"},
		{":00000001FF\n", "no data"},
		{"S1050010AABB86\n", "neither"},
		{"S1050010AABB85\n", "cut short"},
		{"S4050010AABB85\n", "type"},
		{"", "neither"},
		{"<html>", "neither"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct hexfile file;

		ck_assert_msg(parse(bad[i].text, &file) == NP_E_INPUT, "%zu was taken", i);
		ck_assert_msg(strstr(err.message, bad[i].what) != NULL, "%zu: %s", i, err.message);
		hexfile_free(&file);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hexfile");
	TCase *tc = suite_group(suite, "hexfile", make, NULL);

	tcase_add_test(tc, what_objcopy_writes);
	tcase_add_test(tc, there_and_back);
	tcase_add_test(tc, gaps_are_not_covered);
	tcase_add_test(tc, damage_is_named);
	return run_suite(suite);
}
