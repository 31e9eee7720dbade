/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: join.c */
/* The map that a PC's or a Chromebook's flash carries, whole and read in small pieces.
 * covers: pc_map.c chip_map.c join.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/chip_map.h"
#include "device/field.h"
#include "image/image.h"
#include "image/pc_map.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/pc.h"
#include "support/suite.h"

#define SIZE 0x800000u

static const uint8_t mac[6] = {0x10, 0x60, 0x4b, 0x11, 0x22, 0x33};
static const struct pc_region usual[] = {
	{0, 0, 0x1000}, {1, 0x300000, 0x500000}, {2, 0x3000, 0x2fd000}, {3, 0x1000, 0x2000}};
static const struct pc_area areas[] = {
	{"SI_ALL", 0, 0x300000},          {"SI_DESC", 0, 0x1000},
	{"SI_GBE", 0x1000, 0x2000},       {"SI_ME", 0x3000, 0x2fd000},
	{"SI_BIOS", 0x300000, 0x500000},  {"RW_VPD", 0x300000, 0x2000},
	{"COREBOOT", 0x500000, 0x2f0000}, {"RO_VPD", 0x400000, 0x4000},
	{"GBB", 0x404000, 0x4000},        {"FMAP", 0x410000, 0x1000}};
static const char *const keys[] = {
	"serial_number", "5CD123456X", "ethernet_mac0", "10:60:4b:aa:bb:cc", "region", "de", NULL};

static uint8_t *flash, *image;
static struct layout layout;
static struct np_error err;
static bool found;
static uint64_t bytes_read, reads;

static void setup(void)
{
	flash = malloc(SIZE);
	image = malloc(SIZE);
	rig_noise(flash, SIZE, 1);
	memset(image, 0xff, SIZE);
	memset(&layout, 0, sizeof(layout));
	bytes_read = reads = 0;
}

static void teardown(void)
{
	layout_free(&layout);
	free(flash);
	free(image);
}

static void put_pc(void)
{
	pc_put_descriptor(flash, usual, 4);
	pc_put_gbe(flash + 0x1000, mac);
}

static void put_chromebook(void)
{
	pc_put_fmap(flash + 0x410000, SIZE, areas, sizeof(areas) / sizeof(areas[0]));
	pc_put_vpd(flash + 0x400000, 0x4000, keys);
	pc_put_gbb(flash + 0x404000, "LINK TEST 1234");
}

static void find(void)
{
	layout_free(&layout);
	ck_assert_msg(pc_map_find(flash, SIZE, "t", &layout, &found, &err) == 0, "%s", err.message);
}

static int read_flash(void *ctx, const struct np_ranges *places, uint8_t *to, struct np_error *e)
{
	(void)ctx;
	(void)e;
	reads++;
	for (size_t i = 0; i < places->count; i++) {
		memcpy(to + places->at[i].start, flash + places->at[i].start, places->at[i].len);
		bytes_read += places->at[i].len;
	}
	return 0;
}

static void look_on_chip(uint64_t size, bool thorough)
{
	layout_free(&layout);
	memset(&layout, 0, sizeof(layout));
	memset(image, 0xff, size);
	bytes_read = reads = 0;
	ck_assert_int_eq(
		chip_map_read(size, thorough, image, read_flash, NULL, &layout, &found, &err), 0);
}

static void find_on_chip(void)
{
	look_on_chip(SIZE, false);
}

static void field_is(const char *name, const char *value)
{
	const struct layout_field *field = layout_field(&layout, name);
	struct unit_value got;

	ck_assert_msg(field != NULL, "no field %s", name);
	ck_assert(unit_field_read(field, flash, SIZE, &got));
	ck_assert_str_eq(got.text, value);
	ck_assert_int_eq(got.state, UNIT_GOOD);
}

START_TEST(a_descriptor_alone)
{
	put_pc();
	find();
	ck_assert(found && layout.profile);
	ck_assert_uint_eq(layout.region_count, 4);
	field_is("mac", "10:60:4b:11:22:33");
	find_on_chip();
	ck_assert(found);
	ck_assert_uint_eq(layout.region_count, 4);
	ck_assert_uint_le(bytes_read, 0x1000 + 64 + 0x500000 / 0x1000 * 8);
}
END_TEST

START_TEST(an_fmap_alone)
{
	static const struct pc_area arm[] = {
		{"WP_RO", 0, 0x400000}, {"GBB", 0x100000, 0x10000}, {"FMAP", 0x210000, 0x1000}};

	pc_put_fmap(flash + 0x210000, SIZE, arm, 3);
	find();
	ck_assert(found && layout_find(&layout, "GBB")->unit);
	ck_assert(!layout_field(&layout, "hwid")); /* noise is no GBB */
	find_on_chip();
	ck_assert(found && layout_find(&layout, "wp_ro"));
}
END_TEST

/* Anywhere at a multiple of 4 KiB, on a chip that nothing else calls a Chromebook's, where regions are
 * named; at a round address it costs a few hundred bytes, and is found unasked. */
START_TEST(an_fmap_anywhere)
{
	struct pc_area arm[] = {
		{"WP_RO", 0, 0x200000}, {"RO_VPD", 0x1f0000, 0x4000}, {"FMAP", 0, 0x1000}};

	srand((unsigned)rig_seed(1131));
	for (int round = 0; round < 40; round++) {
		uint64_t size = round % 2 ? SIZE : SIZE / 2;
		uint32_t at = (uint32_t)rand() % (uint32_t)(size / 0x1000 - 1) * 0x1000;
		uint64_t spots = size / 0x1000;

		if (round % 4 == 3)
			at &= ~0xffffu;
		while (spots > size / 0x10000 && at % (size / spots * 2) == 0)
			spots /= 2;
		rig_noise(flash, SIZE, (unsigned)round);
		arm[2].start = at;
		pc_put_fmap(flash + at, (uint32_t)size, arm, 3);
		/* A broken one at a rounder place does not end the search. */
		if (at >= 0x2000 && round % 3)
			pc_put_fmap(flash, (uint32_t)size, &(struct pc_area){"A", SIZE, 0x1000}, 1);
		look_on_chip(size, false);
		ck_assert_msg(found == (at % 0x10000 == 0), "0x%x of 0x%x", at, (unsigned)size);
		look_on_chip(size, true);
		ck_assert_msg(found && layout_find(&layout, "RO_VPD")->unit, "0x%x of 0x%x", at,
		              (unsigned)size);
		/* Besides the spots: the master header's and AMD's places, the FMAP, the VPD. */
		ck_assert_uint_le(bytes_read, spots * 8 + 0x4000 + 1024);
	}
}
END_TEST

/* Where nothing is, looking ends: every 4 KiB where regions are named, each 64 KiB where not. */
START_TEST(no_fmap_costs_little)
{
	look_on_chip(SIZE, true);
	ck_assert(!found);
	ck_assert_uint_le(bytes_read, SIZE / 0x1000 * 8 + 1024);
	ck_assert_uint_ge(bytes_read, SIZE / 0x1000 * 8);
	flash = realloc(flash, 4 * SIZE);
	image = realloc(image, 4 * SIZE);
	ck_assert(flash && image);
	rig_noise(flash, 4 * SIZE, 9);
	look_on_chip(4 * SIZE, false);
	ck_assert(!found);
	ck_assert_uint_le(bytes_read, 4 * SIZE / 0x10000 * 8 + 1024);
	ck_assert_uint_le(reads, 32);
}
END_TEST

/* Names of either map work, and all that is the unit's own is in the group. */
START_TEST(both_are_joined)
{
	put_pc();
	put_chromebook();
	for (int chip = 0; chip < 2; chip++) {
		chip ? find_on_chip() : find();
		ck_assert(found && layout.profile);
		ck_assert_uint_eq(layout_find(&layout, "bios")->len, 0x500000);
		ck_assert_uint_eq(layout_find(&layout, "SI_BIOS")->start, 0x300000);
		ck_assert_ptr_nonnull(layout_find(&layout, "gbe"));
		ck_assert_uint_eq(np_ranges_bytes(&layout.unit), 0x2000 + 0x2000 + 0x4000 + 0x4000);
		field_is("mac", "10:60:4b:11:22:33");
		field_is("serial-number", "5CD123456X");
		field_is("ethernet-mac0", "10:60:4b:aa:bb:cc");
		field_is("hwid", "LINK TEST 1234");
	}
}
END_TEST

/* An FMAP that crosses the descriptor's regions: the chipset goes by the descriptor. */
START_TEST(maps_that_contradict)
{
	static const struct pc_area odd[] = {{"A", 0x200000, 0x200000}};

	put_pc();
	pc_put_fmap(flash + 0x410000, SIZE, odd, 1);
	find();
	ck_assert(found && layout_find(&layout, "bios") && !layout_find(&layout, "A"));
}
END_TEST

START_TEST(strangers_have_none)
{
	static const struct pc_area beyond[] = {{"A", SIZE, 0x1000}};

	find();
	ck_assert(!found);
	find_on_chip();
	ck_assert(!found);
	ck_assert_uint_le(bytes_read, 64 + SIZE / 0x1000 * 8);
	/* The signature alone; in the wrong place; with a table that is all unused. */
	put_le32(flash + 0x10, 0x0ff0a55a);
	memset(flash + 0x14, 0xff, 0xfec);
	find();
	ck_assert(!found);
	memset(flash, 0xff, 0x1000);
	put_le32(flash + 0x20, 0x0ff0a55a);
	find();
	ck_assert(!found);
	/* A string in a program, areas beyond the end alone, a table beyond the end. */
	memcpy(flash + 0x410000, "__FMAP__\0\0\0", 11);
	find();
	ck_assert(!found);
	pc_put_fmap(flash + 0x410000, SIZE, beyond, 1);
	find();
	ck_assert(!found);
	pc_put_fmap(flash + SIZE - 60, SIZE, NULL, 0);
	flash[SIZE - 60 + 54] = 1;
	find();
	ck_assert(!found);
	find_on_chip();
	ck_assert(!found);
}
END_TEST

/* A descriptor has its sign and a table that begins with itself; noise behind the sign has not. */
START_TEST(random_descriptors_are_none)
{
	struct image_parts parts;
	unsigned hits = 0;

	for (unsigned seed = 1; seed <= 500; seed++) {
		rig_noise(flash, 0x1000, seed);
		put_le32(flash + (seed % 2 ? 0x10 : 0), 0x0ff0a55a);
		hits += pc_has_descriptor(flash, 0x1000);
		ck_assert_int_eq(image_scan(flash, 0x1000, &parts, &err), 0);
		for (size_t i = 0; i < parts.count; i++)
			hits += parts.at[i].kind == PART_IFD;
		image_parts_free(&parts);
	}
	ck_assert_uint_eq(hits, 0);
	put_pc();
	ck_assert(pc_has_descriptor(flash, 0x1000));
	ck_assert_uint_eq(pc_flash_end(flash, 0x1000), SIZE);
}
END_TEST

/* The front half of a flash of twice the size: what fits is kept, and that there is more is said. */
START_TEST(an_fmap_of_two_chips)
{
	static const struct pc_area two[] = {{"SI_BIOS", 0x300000, 0xd00000},
	                                     {"GBB", 0x400000, 0x4000},
	                                     {"RW_A", 0x700000, 0x200000},
	                                     {"COREBOOT", 0xc00000, 0x400000}};

	pc_put_fmap(flash + 0x410000, 2 * SIZE, two, 4);
	for (int chip = 0; chip < 2; chip++) {
		chip ? find_on_chip() : find();
		ck_assert(found);
		ck_assert_uint_eq(layout_find(&layout, "RW_A")->len, 0x100000);
		ck_assert_uint_eq(layout_find(&layout, "SI_BIOS")->len, SIZE - 0x300000);
		ck_assert_ptr_null(layout_find(&layout, "COREBOOT"));
		ck_assert(strstr(layout.doubt, "second chip"));
	}
}
END_TEST

/* coreboot on an AMD board: the FMAP's areas hold what AMD's directories name. */
START_TEST(amd_within_an_fmap)
{
	static const struct pc_area amd[] = {{"RW_PSP", 0x100000, 0x10000},
	                                     {"COREBOOT", 0x200000, 0x600000},
	                                     {"FMAP", 0x1f0000, 0x1000}};
	static const struct pc_amd_entry psp[] = {{0x01, 0x290000, 0x8000},
	                                          {0x04, 0x100000, 0x10000}};

	pc_put_fmap(flash + 0x1f0000, SIZE, amd, 3);
	pc_put_efs(flash, SIZE, 0x420000, 0x280000, 0);
	pc_put_amd_dir(flash, SIZE, 0x280000, "$PSP", PC_AMD_OFFSET, psp, 2);
	for (int chip = 0; chip < 2; chip++) {
		chip ? find_on_chip() : find();
		ck_assert(found && layout.profile);
		ck_assert_uint_eq(layout_find(&layout, "COREBOOT")->len, 0x600000);
		ck_assert_uint_eq(layout_find(&layout, "psp")->start, 0x290000);
		ck_assert_uint_eq(layout_find(&layout, "psp-nvram")->len, 0x10000);
		ck_assert_uint_eq(np_ranges_bytes(&layout.unit), 0x10000);
	}
	ck_assert_uint_le(bytes_read, 0x1000 + SIZE / 0x1000 * 8);
}
END_TEST

/* Read in small pieces, and few of them. */
START_TEST(directories_alone)
{
	static const struct pc_amd_entry psp[] = {{0x04, 0x100000, 0x10000}};

	pc_put_efs(flash, SIZE, 0x420000, 0x280000, 0);
	pc_put_amd_dir(flash, SIZE, 0x280000, "$PSP", PC_AMD_PHYSICAL, psp, 1);
	pc_put_master_header(flash, SIZE, 0x7ff000, 0x600000, SIZE, 0x400);
	find_on_chip();
	ck_assert(found);
	ck_assert_ptr_nonnull(layout_find(&layout, "psp-nvram"));
	ck_assert_uint_eq(layout_find(&layout, "coreboot")->len, 0x200000);
	ck_assert_uint_le(bytes_read, 0x800 + SIZE / 0x1000 * 8);
	ck_assert_uint_le(reads, 16);
}
END_TEST

/* VPD that lies about its lengths. */
START_TEST(broken_values_are_left_out)
{
	put_chromebook();
	flash[0x400611] = 0xff;
	flash[0x400612] = 0xff;
	flash[0x400613] = 0xff;
	flash[0x400614] = 0xff;
	put_le32(flash + 0x404010, 0x4000);
	find();
	ck_assert(found);
	ck_assert_uint_eq(layout.field_count, 0);
	put_chromebook();
	put_le32(flash + 0x40060c, 0xffffffff);
	find();
	field_is("serial-number", "5CD123456X");
}
END_TEST

/* Flashes smaller than a descriptor. */
START_TEST(tiny_flashes)
{
	for (size_t len = 1; len < 0x1100; len += 0x10f) {
		put_pc();
		layout_free(&layout);
		ck_assert_int_eq(pc_map_find(flash, len, "t", &layout, &found, &err), 0);
		ck_assert(found == (len >= 0x1000));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pc_map");
	TCase *tc = tcase_create("pc_map");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_descriptor_alone);
	tcase_add_test(tc, an_fmap_alone);
	tcase_add_test(tc, an_fmap_anywhere);
	tcase_add_test(tc, no_fmap_costs_little);
	tcase_add_test(tc, random_descriptors_are_none);
	tcase_add_test(tc, both_are_joined);
	tcase_add_test(tc, maps_that_contradict);
	tcase_add_test(tc, strangers_have_none);
	tcase_add_test(tc, an_fmap_of_two_chips);
	tcase_add_test(tc, amd_within_an_fmap);
	tcase_add_test(tc, directories_alone);
	tcase_add_test(tc, broken_values_are_left_out);
	tcase_add_test(tc, tiny_flashes);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
