/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AMD's directories as a map of a PC's flash, and coreboot's master header.
 * covers: amd.c cbfs.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/source.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/pc.h"
#include "support/suite.h"

#define MOST 0x2000000u

static uint8_t *flash;
static struct layout layout;
static struct np_error err;

static void setup(void)
{
	flash = malloc(MOST);
	rig_noise(flash, MOST, 7);
}

static void teardown(void)
{
	layout_free(&layout);
	free(flash);
}

static int parse(uint32_t size)
{
	struct layout_reader from = {.flash = flash, .size = size};

	layout_free(&layout);
	return layout_parse_amd(&from, "t", &layout, &err);
}

static void is_at(const char *name, uint64_t start, uint64_t len)
{
	const struct layout_region *region = layout_find(&layout, name);

	ck_assert_msg(region != NULL, "no region %s", name);
	ck_assert_uint_eq(region->start, start);
	ck_assert_uint_eq(region->len, len);
}

#define DIR 0x40000u

/* What the processor sees below 4 GiB. */
static uint32_t lower(uint32_t size)
{
	return size < 0x1000000 ? size : 0x1000000;
}

/* Two levels, as boards of this kind have them, at `base` of the flash. */
static void put_board(uint32_t size, uint32_t efs, enum pc_amd_mode mode)
{
	const struct pc_amd_entry psp[] = {{0x00, DIR + 0x400, 0x240},
	                                   {0x01, DIR + 0x700, 0x9000},
	                                   {0x0b, 0x20000001, 0xffffffff},
	                                   {0x40, DIR + 0x10000, 0x400}};
	const struct pc_amd_entry second[] = {{0x02, DIR + 0x10400, 0x8000},
	                                      {0x04, DIR + 0x20000, 0x10000},
	                                      {0x08, DIR + 0x18400, 0x1000},
	                                      {0x54, DIR + 0x30000, 0x1000}};
	const struct pc_amd_entry bios[] = {{0x60, DIR + 0xa000, 0x1000},
	                                    {0x70, DIR + 0xc000, 0x400}};
	const struct pc_amd_entry bios2[] = {{0x60, DIR + 0xa000, 0x1000},
	                                     {0x62, lower(size) - 0x10000, 0x10000},
	                                     {0x63, DIR + 0xe000, 0x1000}};

	pc_put_efs(flash, size, efs, DIR, DIR + 0x9c00);
	pc_put_amd_dir(flash, size, DIR, "$PSP", mode, psp, 4);
	pc_put_amd_dir(flash, size, DIR + 0x10000, "$PL2", mode, second, 4);
	pc_put_amd_dir(flash, size, DIR + 0x9c00, "$BHD", mode, bios, 2);
	pc_put_amd_dir(flash, size, DIR + 0xc000, "$BL2", mode, bios2, 3);
}

static void board_is_right(uint32_t size, uint32_t efs)
{
	ck_assert_msg(parse(size) == 0, "%s", err.message);
	is_at("efs", efs, 0x100);
	is_at("psp-dir", DIR, 16 + 4 * 16);
	is_at("psp-dir-2", DIR + 0x10000, 16 + 4 * 16);
	is_at("bios-dir", DIR + 0x9c00, 16 + 2 * 24);
	is_at("bios-dir-2", DIR + 0xc000, 16 + 3 * 24);
	is_at("psp-nvram", DIR + 0x20000, 0x10000);
	is_at("rpmc-nvram", DIR + 0x30000, 0x1000);
	is_at("apcb", DIR + 0xa000, 0x1000);
	is_at("apob-nv", DIR + 0xe000, 0x1000);
	is_at("bios-start", lower(size) - 0x10000, 0x10000);
	is_at("psp", DIR + 0x400, 0x9300); /* 240h, to where the next may begin; and that */
	is_at("psp-2", DIR + 0x10400, 0x8000 + 0x1000);
	ck_assert(layout.profile && !layout.doubt[0]);
	ck_assert_uint_eq(np_ranges_bytes(&layout.unit), 0x11000);
}

START_TEST(two_levels)
{
	for (enum pc_amd_mode mode = PC_AMD_PHYSICAL; mode <= PC_AMD_TABLE; mode++) {
		put_board(0x1000000, 0x20000, mode);
		board_is_right(0x1000000, 0x20000);
		memset(flash + 0x20000, 0, 4);
	}
}
END_TEST

/* At each place, of each size of flash: the places are counted from the end of 4 GiB. */
START_TEST(every_place)
{
	static const uint32_t places[] = {0xfa0000, 0xf20000, 0xe20000,
	                                  0xc20000, 0x820000, 0x20000};

	for (uint32_t size = 0x400000; size <= MOST; size *= 2)
		for (size_t i = 0; i < 6; i++) {
			uint32_t front = size < 0x1000000 ? 0x1000000 - size : 0;

			if (places[i] < front)
				continue;
			put_board(size, places[i] - front, PC_AMD_PHYSICAL);
			board_is_right(size, places[i] - front);
			memset(flash + places[i] - front, 0, 4);
			ck_assert_int_eq(parse(size), NP_E_INPUT);
		}
}
END_TEST

/* Recovery A and B: an entry leads to the numbers that lead to the directory. */
START_TEST(recovery_slots)
{
	const uint32_t size = 0x1000000;
	const struct pc_amd_entry psp[] = {{0x48, 0x50000, 0x1000}, {0x4a, 0x51000, 0x1000}};
	const struct pc_amd_entry slot[] = {{0x04, 0x70000, 0x1000}, {0x49, 0x64000, 0x400}};
	const struct pc_amd_entry bios[] = {{0x62, 0xf00000, 0x100000}};

	pc_put_efs(flash, size, 0x20000, DIR, 0);
	pc_put_amd_dir(flash, size, DIR, "$PSP", PC_AMD_OFFSET, psp, 2);
	put_le32(flash + 0x50010, 0x60000);
	put_le32(flash + 0x51010, 0xff000000u + 0x60000);
	pc_put_amd_dir(flash, size, 0x60000, "$PL2", PC_AMD_OFFSET, slot, 2);
	pc_put_amd_dir(flash, size, 0x64000, "$BL2", PC_AMD_OFFSET, bios, 1);
	ck_assert_int_eq(parse(size), 0);
	is_at("bios-start", 0xf00000, 0x100000);
	is_at("psp-nvram", 0x70000, 0x1000);
	ck_assert_ptr_null(layout_find(&layout, "psp-nvram-2")); /* both slots name the same */
}
END_TEST

/* One flash for two generations of processors. */
START_TEST(combination)
{
	const uint32_t size = 0x1000000;
	uint8_t *combo = flash + 0x30000;
	const struct pc_amd_entry a[] = {{0x04, 0x70000, 0x1000}}, b[] = {{0x04, 0x80000, 0x2000}};

	pc_put_efs(flash, size, 0x20000, 0x30000, 0);
	/* The same sum over the same places as a directory of four entries has. */
	pc_put_amd_dir(flash, size, 0x30000, "2PSP", PC_AMD_PHYSICAL, NULL, 0);
	ck_assert_int_eq(parse(size), NP_E_INPUT);
	memset(combo, 0, 64);
	memcpy(combo, "2PSP", 4);
	put_le32(combo + 8, 2);
	put_le32(combo + 32 + 8, 0xff040000);
	put_le32(combo + 48 + 8, 0xff050000);
	put_le32(combo + 4, pc_fletcher32(combo + 8, 56));
	pc_put_amd_dir(flash, size, 0x40000, "$PSP", PC_AMD_PHYSICAL, a, 1);
	pc_put_amd_dir(flash, size, 0x50000, "$PSP", PC_AMD_PHYSICAL, b, 1);
	ck_assert_int_eq(parse(size), 0);
	is_at("psp-nvram", 0x70000, 0x1000);
	is_at("psp-nvram-2", 0x80000, 0x2000);
	ck_assert_uint_eq(np_ranges_bytes(&layout.unit), 0x3000);
}
END_TEST

START_TEST(past_the_end_is_told)
{
	const uint32_t size = 0x800000;
	const struct pc_amd_entry psp[] = {
		{0x04, 0x7ff000, 0x2000}, {0x01, 0x60000, 0x1000}, {0x02, 0x900000, 0x1000}};

	pc_put_efs(flash, size, 0x20000, DIR, 0);
	pc_put_amd_dir(flash, size, DIR, "$PSP", PC_AMD_OFFSET, psp, 3);
	ck_assert_int_eq(parse(size), 0);
	is_at("psp-nvram", 0x7ff000, 0x1000);
	ck_assert(strstr(layout.doubt, "behind this flash's end"));
}
END_TEST

/* A flipped bit anywhere in a directory, and it names nothing any more. */
START_TEST(wrong_sums_name_nothing)
{
	const uint32_t size = 0x1000000;
	const struct pc_amd_entry psp[] = {{0x04, 0x70000, 0x1000}, {0x01, 0x60000, 0x1000}};

	pc_put_efs(flash, size, 0x20000, DIR, 0);
	pc_put_amd_dir(flash, size, DIR, "$PSP", PC_AMD_PHYSICAL, psp, 2);
	ck_assert_int_eq(parse(size), 0);
	for (size_t bit = 0; bit < 8 * (16 + 32); bit++) {
		flash[DIR + bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert_msg(parse(size) == NP_E_INPUT, "bit %zu", bit);
		flash[DIR + bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	/* Pointers into nothing, in a circle, of a flash of an odd size. */
	ck_assert_int_eq(parse(0xc00000), NP_E_INPUT);
	put_le32(flash + 0x20014, 0xfffffffe);
	ck_assert_int_eq(parse(size), NP_E_INPUT);
	put_le32(flash + 0x20014, 0xfffffff0);
	ck_assert_int_eq(parse(size), NP_E_INPUT);
}
END_TEST

START_TEST(a_circle_ends)
{
	const uint32_t size = 0x1000000;
	const struct pc_amd_entry psp[] = {{0x40, DIR, 0x400}, {0x04, 0x70000, 0x1000}};

	pc_put_efs(flash, size, 0x20000, DIR, DIR);
	pc_put_amd_dir(flash, size, DIR, "$PSP", PC_AMD_PHYSICAL, psp, 2);
	ck_assert_int_eq(parse(size), 0);
	ck_assert_uint_eq(layout.region_count, 3);
}
END_TEST

/* What random directories name lies in the flash and is named once, in any order of entries. */
START_TEST(random_directories)
{
	const uint32_t size = 0x1000000;
	struct pc_amd_entry entries[250];

	srand((unsigned)rig_seed(1133));
	for (int round = 0; round < 60; round++) {
		size_t count = 1 + (size_t)rand() % 250;
		int rc;

		for (size_t i = 0; i < count; i++)
			entries[i] = (struct pc_amd_entry){
				(uint8_t)(rand() % 256), (uint32_t)(rand() % 0x1200) << 12,
				(uint32_t)rand() % (rand() % 8 ? 0x9000 : 0xffffff)};
		pc_put_efs(flash, size, 0x20000, DIR, 0);
		pc_put_amd_dir(flash, size, DIR, rand() % 2 ? "$PSP" : "$BHD",
		               (enum pc_amd_mode)(rand() % 3), entries, count);
		rc = parse(size);
		ck_assert(rc == 0 || rc == NP_E_INPUT);
		for (size_t i = 0; !rc && i < layout.region_count; i++) {
			ck_assert_uint_le(layout.regions[i].start + layout.regions[i].len, size);
			if (i)
				ck_assert_uint_le(layout.regions[i - 1].start +
				                          layout.regions[i - 1].len,
				                  layout.regions[i].start);
		}
	}
}
END_TEST

/* ---- coreboot's master header ---- */

static int parse_cbfs(uint32_t size)
{
	struct layout_reader from = {.flash = flash, .size = size};

	layout_free(&layout);
	return layout_parse_cbfs(&from, "t", &layout, &err);
}

START_TEST(master_header)
{
	for (uint32_t size = 0x80000; size <= MOST; size *= 2) {
		pc_put_master_header(flash, size, size - 0x1000, size / 2, size, 0x800);
		ck_assert_msg(parse_cbfs(size) == 0, "%s", err.message);
		is_at("coreboot", size / 2, size / 2);
		is_at("cbfs", size / 2, size / 2 - 0x800);
		is_at("bootblock", size - 0x800, 0x800);
		/* Newer: the boot block is a file like any other. */
		pc_put_master_header(flash, size, size / 2 + 64, size / 2, size, 4);
		ck_assert_int_eq(parse_cbfs(size), 0);
		is_at("coreboot", size / 2, size / 2);
		ck_assert_uint_eq(layout.region_count, 1);
	}
}
END_TEST

START_TEST(no_master_header)
{
	const uint32_t size = 0x800000;
	static const uint32_t wrong[][3] = {/* start, end, boot block */
	                                    {0x800000, 0x800000, 4},
	                                    {0x100000, 0x900000, 4},
	                                    {0x700000, 0x800000, 0x100000},
	                                    {0x700000, 0x600000, 4}};

	ck_assert_int_eq(parse_cbfs(size), NP_E_INPUT);
	for (size_t i = 0; i < 4; i++) {
		pc_put_master_header(flash, size, 0x7ff000, wrong[i][0], wrong[i][1], wrong[i][2]);
		ck_assert_msg(parse_cbfs(size) == NP_E_INPUT, "%zu", i);
	}
	pc_put_master_header(flash, size, 0x7ff000, 0, size, 4);
	ck_assert_int_eq(parse_cbfs(size), 0);
	for (uint32_t pointer = 0; pointer < 32; pointer++) {
		put_le32(flash + size - 4, 0u - pointer);
		ck_assert_int_eq(parse_cbfs(size), NP_E_INPUT);
	}
	ck_assert_int_eq(parse_cbfs(0x100), NP_E_INPUT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("amd");
	TCase *tc = tcase_create("amd");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, two_levels);
	tcase_add_test(tc, every_place);
	tcase_add_test(tc, recovery_slots);
	tcase_add_test(tc, combination);
	tcase_add_test(tc, past_the_end_is_told);
	tcase_add_test(tc, wrong_sums_name_nothing);
	tcase_add_test(tc, a_circle_ends);
	tcase_add_test(tc, random_directories);
	tcase_add_test(tc, master_header);
	tcase_add_test(tc, no_master_header);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
