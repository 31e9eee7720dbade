/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers that nobody has a name for, and dumps that lost or won bytes in front.
 * covers: front.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/front.h"
#include "image/wrap.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/pc.h"
#include "support/suite.h"

#define MOST (0x1000000u + 0x20000u)

static uint8_t *file;

static void setup(void)
{
	static unsigned seed;

	if (!seed) {
		seed = (unsigned)rig_seed(1130);
	}
	srand(seed);
	file = malloc(MOST);
	rig_noise(file, MOST, seed);
}

static void teardown(void)
{
	free(file);
}

static uint64_t header(size_t len, uint64_t *body)
{
	return front_header(file, len, body);
}

/* A UEFI volume of `len` bytes with a right sum and no file in it. */
static void put_volume(uint8_t *at, size_t len)
{
	uint16_t sum = 0;

	memset(at, 0xff, len);
	memset(at, 0, 0x48);
	memset(at + 16, 0xa5, 16);
	put_le32(at + 0x20, (uint32_t)len);
	memcpy(at + 40, "_FVH", 4);
	at[0x30] = 0x48;
	at[0x37] = 2;
	put_le32(at + 0x38, 1);
	put_le32(at + 0x3c, (uint32_t)len);
	for (int i = 0; i < 0x48; i += 2)
		sum = (uint16_t)(sum + at[i] + (at[i + 1] << 8));
	sum = (uint16_t)-sum;
	at[0x32] = (uint8_t)sum;
	at[0x33] = (uint8_t)(sum >> 8);
}

static void put_maps(uint8_t *flash, uint32_t size, int which)
{
	const struct pc_region regions[] = {{0, 0, 0x1000}, {1, size / 2, size / 2}};
	const struct pc_area areas[] = {{"FMAP", 0x4000, 0x1000}, {"COREBOOT", size / 2, size / 2}};
	const struct pc_amd_entry psp[] = {{0x01, 0x52000, 0x8000}};

	if (which == 0)
		pc_put_descriptor(flash, regions, 2);
	else if (which == 1)
		pc_put_fmap(flash + 0x4000, size, areas, 2);
	else if (which == 2)
		pc_put_master_header(flash, size, size / 2, size / 2, size, 4);
	else
		pc_put_efs(flash, size, size == 0x1000000 ? 0x20000 : 0xfa0000 - 0x1000000 + size,
		           0x50000, 0);
	if (which == 3)
		pc_put_amd_dir(flash, size, 0x50000, "$PSP", PC_AMD_PHYSICAL, psp, 1);
}

/* Any length of header, any size of flash, any kind of map in it. */
START_TEST(in_front_of_a_flash)
{
	for (uint32_t size = 0x80000; size <= 0x1000000; size *= 2)
		for (int which = 0; which < 4; which++) {
			size_t len = 1 + (size_t)rand() % 0x10000;
			uint64_t body;

			rig_noise(file, MOST, (unsigned)rand());
			put_maps(file + len, size, which);
			ck_assert_msg(header(len + size, &body) == len, "%x %d %zu", size, which,
			              len);
			ck_assert_uint_eq(body, size);
			/* The flash alone, and with the same behind it instead. */
			ck_assert_uint_eq(front_header(file + len, size, &body), 0);
			memmove(file, file + len, size);
			ck_assert_uint_eq(header(size + len, &body), 0);
		}
}
END_TEST

START_TEST(in_front_of_volumes)
{
	for (int round = 0; round < 40; round++) {
		size_t len = 1 + (size_t)rand() % 0x8000, at = len, end;
		uint64_t body;

		if (len % 0x1000 == 0)
			continue;
		rig_noise(file, 0x200000, (unsigned)rand());
		for (int i = 0; i < 5; i++) {
			size_t size = (size_t)(1 + rand() % 16) << 12;

			put_volume(file + at, size);
			at += size + ((size_t)(rand() % 4) << 12);
		}
		end = (at + 0xfff - len) / 0x1000 * 0x1000 + len;
		if (!(end & (end - 1)))
			continue;
		/* The first of them may have blocks of something else in front: the rest of
		 * a block is the header then. */
		ck_assert_msg(header(end, &body) == len % 0x1000, "%zu: %zu of %zu", len,
		              (size_t)header(end, &body), end);
		ck_assert_uint_eq(header(end + 4, &body), len);
		ck_assert_uint_eq(body, 0);
	}
}
END_TEST

/* Files that begin as they should, that are noise, whose volumes lie anyhow, or that are a flash. */
START_TEST(nothing_in_front)
{
	uint64_t body;

	for (size_t len = 1; len < MOST; len = len * 3 + 1)
		ck_assert_uint_eq(header(len, &body), 0);
	put_volume(file, 0x8000);
	put_volume(file + 0x9000, 0x8000);
	ck_assert_uint_eq(header(0x11000, &body), 0);
	ck_assert_uint_eq(header(0x11003, &body), 0);
	put_volume(file + 0x20010, 0x8000);
	ck_assert_uint_eq(header(0x30010, &body), 0);
	rig_noise(file, 0x80000, 3);
	put_volume(file + 0x123, 0x8000);
	ck_assert_uint_eq(header(0x40000, &body), 0); /* as long as a flash */
	put_volume(file + 0x123 + 0x8001, 0x8000);
	ck_assert_uint_eq(header(0x40123, &body), 0); /* not equally far off */
}
END_TEST

/* ---- shifted ---- */

static int shift(size_t len)
{
	struct image_parts parts;
	struct np_error err;
	uint64_t at;
	int by;

	ck_assert_int_eq(image_scan(file, len, &parts, &err), 0);
	by = front_shift(len, &parts, &at);
	image_parts_free(&parts);
	return by;
}

START_TEST(bytes_too_many_or_few)
{
	static const int by[] = {1, 2, 3, 5, 64, 513, -1, -2, -3, -17, -510};

	for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		memset(file, 0xff, 0x100000);
		for (uint32_t at = 0x20000; at < 0x80000; at += 0x20000)
			put_volume(file + (int)at + by[i], 0x10000);
		ck_assert_int_eq(shift(0x100000), by[i] % 4 ? by[i] : 0);
		/* Longer by just what is too much. */
		if (by[i] > 0 && by[i] % 4)
			ck_assert_int_eq(shift(0x100000 + (size_t)by[i]), by[i]);
		/* A file that is no flash's length has not been read from one. */
		ck_assert_int_eq(shift(0xf0000), 0);
	}
}
END_TEST

START_TEST(not_shifted)
{
	memset(file, 0xff, 0x100000);
	ck_assert_int_eq(shift(0x100000), 0);
	put_volume(file + 0x20000, 0x10000);
	ck_assert_int_eq(shift(0x100000), 0);
	put_volume(file + 0x40001, 0x10000);
	ck_assert_int_eq(shift(0x100000), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("front");
	TCase *tc = tcase_create("front");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, in_front_of_a_flash);
	tcase_add_test(tc, in_front_of_volumes);
	tcase_add_test(tc, nothing_in_front);
	tcase_add_test(tc, bytes_too_many_or_few);
	tcase_add_test(tc, not_shifted);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
