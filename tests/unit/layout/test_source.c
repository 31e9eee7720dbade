/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: map.c fdt_sound.c */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/source.h"
#include "layout/tree.h"
#include "image/map.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/suite.h"
#include "device/load.h"

static struct np_error err;

static void region_is(const struct layout *layout, const char *name, uint64_t start, uint64_t len)
{
	const struct layout_region *region = layout_find(layout, name);

	ck_assert_msg(region != NULL, "no region %s", name);
	ck_assert_msg(region->start == start && region->len == len, "%s at 0x%llx+0x%llx", name,
	              (unsigned long long)region->start, (unsigned long long)region->len);
}

START_TEST(device_trees_of_dtc)
{
	struct blob dtb = firmware_dtb();
	struct layout layout;

	ck_assert_msg(layout_from_tree(dtb.at, dtb.len, "t", 0, &layout, &err) == 0, "%s",
	              err.message);
	ck_assert_str_eq(layout.device, "Some Router");
	ck_assert_uint_eq(layout.region_count, 3);
	region_is(&layout, "u-boot", 0, 0x20000);
	region_is(&layout, "firmware", 0x20000, 0x7d0000);
	region_is(&layout, "art", 0x7f0000, 0x10000);
	layout_free(&layout);
	ck_assert_int_eq(layout_from_tree(dtb.at, dtb.len - 40, "t", 0, &layout, &err), NP_E_INPUT);
	free(dtb.at);
}
END_TEST

START_TEST(mtdparts_strings)
{
	static const char text[] = "mtdparts=raspi:192k(u-boot)ro,64k(u-boot-env),64k(factory),"
				   "-(firmware) root=/dev/mtdblock5";
	static const char placed[] = "mtdparts=nor:0x10000@0x7f0000(art),1m@0(boot loader);x:1m(y)";
	struct layout layout;

	ck_assert_msg(layout_parse_mtdparts(text, strlen(text), 16 << 20, "t", &layout, &err) == 0,
	              "%s", err.message);
	ck_assert_uint_eq(layout.region_count, 4);
	region_is(&layout, "factory", 0x40000, 0x10000);
	region_is(&layout, "firmware", 0x50000, 0xfb0000);
	layout_free(&layout);
	ck_assert_int_eq(layout_parse_mtdparts(placed, strlen(placed), 0, "t", &layout, &err),
	                 NP_E_INPUT);
	ck_assert_int_eq(layout_parse_mtdparts("mtdparts=a:1k(b),", 17, 0, "t", &layout, &err),
	                 NP_E_INPUT);
	/* The kernel takes nothing behind the rest either; here it would stand at 0. */
	ck_assert_int_eq(layout_parse_mtdparts("a:-(x),64k(y)", 13, 0, "t", &layout, &err),
	                 NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "@OFFSET"));
	ck_assert_int_eq(layout_parse_mtdparts("a:-(x),64k(y)", 13, 1 << 20, "t", &layout, &err),
	                 NP_E_INPUT);
	ck_assert_int_eq(layout_parse_mtdparts("mtdparts=", 9, 0, "t", &layout, &err), NP_E_INPUT);
	ck_assert_int_eq(layout_parse_mtdparts("a:64k(x),64k@32k(y)", 19, 0, "t", &layout, &err),
	                 NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "overlap"));
}
END_TEST

START_TEST(the_rest_of_a_flash_ends_where_the_chip_does)
{
	static const char text[] = "mtdparts=spi0.0:128k(u-boot)ro,64k@0x7f0000(art),-@128k(rest)";
	static const char last[] = "mtdparts=spi0.0:128k(u-boot),-(rest)";
	struct np_ranges set = {0};
	struct layout layout;
	char *lines;

	ck_assert_msg(layout_parse_mtdparts(text, strlen(text), 0, "t", &layout, &err) == 0, "%s",
	              err.message);
	ck_assert_ptr_nonnull(layout_find(&layout, "rest"));
	ck_assert_int_eq(layout_format_flashrom(&layout, &lines, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "rest"));
	ck_assert_msg(layout_fit(&layout, 8 << 20, &err) == 0, "%s", err.message);
	region_is(&layout, "rest", 0x20000, 0x7e0000);
	ck_assert_str_eq(layout_at(&layout, 0x7f0000)->name, "art");
	ck_assert_msg(layout_resolve(&layout, "rest", 8 << 20, &set, &err) == 0, "%s", err.message);
	ck_assert_int_eq(layout_format_flashrom(&layout, &lines, &err), 0);
	ck_assert_ptr_nonnull(strstr(lines, "00020000:007fffff rest\n"));
	free(lines);
	np_ranges_free(&set);
	layout_free(&layout);
	/* Nothing is left for it. */
	ck_assert_int_eq(layout_parse_mtdparts(last, strlen(last), 0, "t", &layout, &err), 0);
	ck_assert_int_eq(layout_fit(&layout, 0x20000, &err), NP_E_RANGE);
	ck_assert_ptr_nonnull(strstr(err.message, "rest"));
	layout_free(&layout);
	ck_assert_int_eq(layout_parse_mtdparts("a:-(all)", 8, 0, "t", &layout, &err), 0);
	ck_assert_int_eq(layout_fit(&layout, 1 << 20, &err), 0);
	region_is(&layout, "all", 0, 1 << 20);
	layout_free(&layout);
}
END_TEST

START_TEST(tp_links_partitions_variable)
{
	static const char text[] = "partitions=0000000000020000uboot,0002000000200000os-image,"
				   "0022000000da0000file-system,00ff000000010000radio";
	struct layout layout;

	ck_assert_msg(layout_parse_partitions(text, strlen(text), "t", &layout, &err) == 0, "%s",
	              err.message);
	region_is(&layout, "radio", 0xff0000, 0x10000);
	region_is(&layout, "file-system", 0x220000, 0xda0000);
	layout_free(&layout);
	ck_assert_int_eq(layout_parse_partitions("partitions=0000zz", 17, "t", &layout, &err),
	                 NP_E_INPUT);
}
END_TEST

START_TEST(boot_logs)
{
	static const char text[] = "[    0.540000] spi-mt7621: chip en25qh128a\n"
				   "[    0.550000] Creating 4 MTD partitions on \"raspi\":\r\n"
				   "[    0.560000] 0x000000000000-0x000000020000 : \"boot\"\r\n"
				   "[    0.570000] 0x000000020000-0x000000220000 : \"kernel\"\n"
				   "[    0.580000] 0x000000220000-0x000000fc0000 : \"rootfs\"\n"
				   "[    0.590000] 0x000000fe0000-0x000000ff0000 : \"radio\"\n"
				   "[    0.600000] Creating 2 MTD partitions on \"rootfs\":\n"
				   "[    0.610000] 0x000000000000-0x000000100000 : \"sub\"\n";
	struct layout layout;

	ck_assert_msg(layout_parse_bootlog(text, strlen(text), NULL, "t", &layout, &err) == 0, "%s",
	              err.message);
	ck_assert_uint_eq(layout.region_count, 4);
	region_is(&layout, "rootfs", 0x220000, 0xda0000);
	layout_free(&layout);
	ck_assert_int_eq(layout_parse_bootlog("hello\n", 6, NULL, "t", &layout, &err), NP_E_INPUT);
}
END_TEST

START_TEST(safeloader_tables)
{
	static const char text[] = "partition fs-uboot base 0x00000 size 0x20000\r\n"
				   "partition firmware base 0xc0000 size 0xf00000\r\n"
				   "partition log base 0xfa0000 size 0x20000\r\n\0\0";
	struct layout layout;

	ck_assert_msg(layout_parse_safe_table(text, sizeof(text), "t", &layout, &err) == 0, "%s",
	              err.message);
	region_is(&layout, "firmware", 0xc0000, 0xee0000);
	region_is(&layout, "log", 0xfa0000, 0x20000);
	layout_free(&layout);
}
END_TEST

static void put_area(uint8_t *at, uint32_t start, uint32_t len, const char *name)
{
	put_le32(at, start);
	put_le32(at + 4, len);
	strcpy((char *)at + 8, name);
}

static void put_fmap(uint8_t *at)
{
	memset(at, 0, 56 + 3 * 42);
	memcpy(at, "__FMAP__\1", 9);
	put_le32(at + 18, 0x100000);
	strcpy((char *)at + 22, "FLASH");
	at[54] = 3;
	put_area(at + 56, 0, 0x100000, "FLASH");
	put_area(at + 56 + 42, 0, 0x10000, "RO VPD");
	put_area(at + 56 + 84, 0x10000, 0xf0000, "COREBOOT");
}

START_TEST(fmaps)
{
	uint8_t data[56 + 3 * 42];
	struct layout layout;

	put_fmap(data);
	ck_assert_msg(layout_parse_fmap(data, sizeof(data), 0, "t", &layout, &err) == 0, "%s",
	              err.message);
	ck_assert_uint_eq(layout.region_count, 2);
	region_is(&layout, "RO-VPD", 0, 0x10000);
	region_is(&layout, "COREBOOT", 0x10000, 0xf0000);
	layout_free(&layout);
	ck_assert_int_eq(layout_parse_fmap(data, sizeof(data) - 1, 0, "t", &layout, &err),
	                 NP_E_INPUT);
}
END_TEST

/* As a Chromebook's: WP_RO holds RO_SECTION, which holds what is in it. */
static size_t put_nested_fmap(uint8_t *at)
{
	memset(at, 0, 56 + 6 * 42);
	memcpy(at, "__FMAP__\1", 9);
	put_le32(at + 18, 0x100000);
	at[54] = 6;
	put_area(at + 56, 0x40000, 0x80000, "COREBOOT");
	put_area(at + 56 + 42, 0, 0x100000, "FLASH");
	put_area(at + 56 + 84, 0x20000, 0x20000, "RO_VPD");
	put_area(at + 56 + 126, 0, 0x20000, "RW");
	put_area(at + 56 + 168, 0x40000, 0xc0000, "RO_SECTION");
	put_area(at + 56 + 210, 0x20000, 0xe0000, "WP_RO");
	return 56 + 6 * 42;
}

START_TEST(areas_that_hold_others_keep_their_names)
{
	uint8_t data[56 + 6 * 42];
	size_t len = put_nested_fmap(data);
	struct np_ranges set = {0};
	struct layout layout, again;
	char *text;

	ck_assert_msg(layout_parse_fmap(data, len, 0, "t", &layout, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(layout.region_count, 3);
	ck_assert_uint_eq(layout.group_count, 3);
	region_is(&layout, "WP_RO", 0x20000, 0xe0000);
	region_is(&layout, "RO_SECTION", 0x40000, 0xc0000);
	region_is(&layout, "FLASH", 0, 0x100000);
	ck_assert_str_eq(layout_at(&layout, 0x50000)->name, "COREBOOT");
	ck_assert_ptr_null(layout_at(&layout, 0xd0000));
	ck_assert_msg(layout_resolve(&layout, "WP_RO", 0x100000, &set, &err) == 0, "%s",
	              err.message);
	ck_assert_uint_eq(np_ranges_bytes(&set), 0xe0000);
	np_ranges_free(&set);
	ck_assert_int_eq(layout_check(&layout, 0xf0000, &err), NP_E_RANGE);
	ck_assert_int_eq(layout_resolve(&layout, "RO", 0x100000, &set, &err), NP_E_RANGE);
	ck_assert_ptr_nonnull(strstr(err.hint, "WP_RO"));
	/* And through a flashrom layout file. */
	ck_assert_int_eq(layout_format_flashrom(&layout, &text, &err), 0);
	ck_assert_msg(layout_parse_flashrom(text, strlen(text), "f", &again, &err) == 0, "%s",
	              err.message);
	ck_assert_uint_eq(again.region_count, 3);
	region_is(&again, "WP_RO", 0x20000, 0xe0000);
	free(text);
	layout_free(&again);
	layout_free(&layout);
	/* Half inside is no nesting. */
	put_area(data + 56, 0x10000, 0x80000, "COREBOOT");
	ck_assert_int_eq(layout_parse_fmap(data, len, 0, "t", &layout, &err), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "overlap"));
}
END_TEST

START_TEST(intel_descriptors)
{
	uint8_t *data = calloc(1, 0x800000);
	struct layout layout;

	memset(data, 0xff, 0x1000);
	put_le32(data + 0x10, 0x0ff0a55a);
	put_le32(data + 0x14, 0x00040003);
	put_le32(data + 0x40, 0x00000000);
	put_le32(data + 0x44, 0x07ff0200);
	put_le32(data + 0x48, 0x01ff0003);
	put_le32(data + 0x4c, 0x00020001);
	for (int i = 4; i < 9; i++)
		put_le32(data + 0x40 + 4 * i, 0x00007fff);
	ck_assert_msg(layout_parse_ifd(data, 0x800000, 0x800000, "t", &layout, &err) == 0, "%s",
	              err.message);
	ck_assert_uint_eq(layout.region_count, 4);
	region_is(&layout, "descriptor", 0, 0x1000);
	region_is(&layout, "bios", 0x200000, 0x600000);
	region_is(&layout, "me", 0x3000, 0x1fd000);
	region_is(&layout, "gbe", 0x1000, 0x2000);
	layout_free(&layout);
	free(data);
}
END_TEST

START_TEST(maps_are_found_inside_dumps)
{
	static const char env[] = "bootargs=console=ttyS0\0mtdparts=spi0.0:128k(u-boot),-(rest)";
	uint8_t *data = malloc(0x100000);
	struct layout layout;
	bool found;

	rig_noise(data, 0x100000, 5);
	ck_assert_int_eq(image_find_map(data, 0x100000, "t", &layout, &found, &err), 0);
	ck_assert(!found);
	put_fmap(data + 0x8000);
	ck_assert_int_eq(image_find_map(data, 0x100000, "t", &layout, &found, &err), 0);
	ck_assert(found);
	region_is(&layout, "COREBOOT", 0x10000, 0xf0000);
	layout_free(&layout);
	memcpy(data + 0x3000, env, sizeof(env));
	ck_assert_int_eq(image_find_map(data, 0x100000, "t", &layout, &found, &err), 0);
	ck_assert(found);
	region_is(&layout, "rest", 0x20000, 0xe0000);
	layout_free(&layout);
	free(data);
}
END_TEST

START_TEST(flashrom_files_round_trip)
{
	struct layout layout, again;
	char *text;

	ck_assert_int_eq(layout_load("tplink-mr500-v1", &layout, &err), 0);
	ck_assert_int_eq(layout_format_flashrom(&layout, &text, &err), 0);
	ck_assert_int_eq(strncmp(text, "00000000:0001ffff u-boot\n", 25), 0);
	ck_assert_int_eq(layout_parse_flashrom(text, strlen(text), "t", &again, &err), 0);
	ck_assert_uint_eq(again.region_count, layout.region_count);
	for (size_t i = 0; i < layout.region_count; i++)
		region_is(&again, layout.regions[i].name, layout.regions[i].start,
		          layout.regions[i].len);
	free(text);
	layout_free(&layout);
	layout_free(&again);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("layout_source");
	TCase *tc = tcase_create("sources");

	tcase_add_test(tc, device_trees_of_dtc);
	tcase_add_test(tc, mtdparts_strings);
	tcase_add_test(tc, the_rest_of_a_flash_ends_where_the_chip_does);
	tcase_add_test(tc, tp_links_partitions_variable);
	tcase_add_test(tc, boot_logs);
	tcase_add_test(tc, safeloader_tables);
	tcase_add_test(tc, fmaps);
	tcase_add_test(tc, areas_that_hold_others_keep_their_names);
	tcase_add_test(tc, intel_descriptors);
	tcase_add_test(tc, maps_are_found_inside_dumps);
	tcase_add_test(tc, flashrom_files_round_trip);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
