/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/mtd as it stands in forum posts. */
#include <string.h>

#include "layout/layout.h"
#include "layout/source.h"
#include "support/suite.h"

static struct np_error err;

static int parse(const char *text, struct layout *layout)
{
	memset(&err, 0, sizeof(err));
	return layout_parse_proc_mtd(text, strlen(text), "mtd", layout, &err);
}

static void region_is(const struct layout *layout, const char *name, uint64_t start, uint64_t len)
{
	const struct layout_region *region = layout_find(layout, name);

	ck_assert_msg(region != NULL, "no region %s", name);
	ck_assert_uint_eq(region->start, start);
	ck_assert_uint_eq(region->len, len);
}

START_TEST(sizes_in_order_with_a_remark)
{
	struct layout layout;

	ck_assert_int_eq(parse("root@OpenWrt:~# cat /proc/mtd\r\n"
	                       "dev:    size   erasesize  name\r\n"
	                       "> mtd0: 00020000 00010000 \"u-boot\"\r\n"
	                       "mtd1: 00fa0000 00010000 \"firmware\"\n"
	                       "mtd2: 00030000 00010000 \"config\"\n"
	                       "mtd3: 00010000 00010000 \"art\"\nroot@OpenWrt:~# ",
	                       &layout),
	                 0);
	ck_assert_uint_eq(layout.region_count, 4);
	region_is(&layout, "config", 0xfc0000, 0x30000);
	region_is(&layout, "art", 0xff0000, 0x10000);
	ck_assert_ptr_nonnull(strstr(layout.doubt, "follow each other"));
	layout_free(&layout);
}
END_TEST

/* OpenWrt lists what is inside `firmware` as well, in the middle or at the end. */
START_TEST(what_is_inside_another_takes_no_room)
{
	struct layout layout;

	ck_assert_int_eq(parse("mtd0: 00020000 00010000 \"u-boot\"\n"
	                       "mtd1: 00fa0000 00010000 \"firmware\"\n"
	                       "mtd2: 00170000 00010000 \"kernel\"\n"
	                       "mtd3: 00e30000 00010000 \"rootfs\"\n"
	                       "mtd4: 00c00000 00010000 \"rootfs_data\"\n"
	                       "mtd5: 00040000 00010000 \"art\"\n",
	                       &layout),
	                 0);
	ck_assert_uint_eq(layout.region_count, 3);
	region_is(&layout, "art", 0xfc0000, 0x40000);
	layout_free(&layout);
	/* A stock firmware's kernel and rootfs are partitions of the flash. */
	ck_assert_int_eq(parse("mtd0: 00020000 00010000 \"boot\"\n"
	                       "mtd1: 00140000 00010000 \"kernel\"\n"
	                       "mtd2: 00670000 00010000 \"rootfs\"\n"
	                       "mtd3: 00010000 00010000 \"radio\"\n",
	                       &layout),
	                 0);
	region_is(&layout, "radio", 0x7d0000, 0x10000);
	layout_free(&layout);
}
END_TEST

/* Ralink's kernels list the whole flash first, some vendors' last. */
START_TEST(all_of_the_flash_is_no_partition)
{
	static const char *const texts[] = {
		"mtd0: 00800000 00010000 \"ALL\"\nmtd1: 00030000 00010000 \"Bootloader\"\n"
		"mtd2: 00010000 00010000 \"Config\"\nmtd3: 00010000 00010000 \"Factory\"\n"
		"mtd4: 007b0000 00010000 \"Kernel\"\n",
		"mtd0: 00030000 00010000 \"Bootloader\"\nmtd1: 00010000 00010000 \"Config\"\n"
		"mtd2: 00010000 00010000 \"Factory\"\nmtd3: 00700000 00010000 \"Kernel\"\n"
		"mtd4: 00800000 00010000 \"fullflash\"\n",
	};
	struct layout layout;

	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(parse(texts[i], &layout), 0);
		ck_assert_uint_eq(layout.region_count, 4);
		region_is(&layout, "Factory", 0x40000, 0x10000);
		layout_free(&layout);
	}
	/* A small partition of such a name is one. */
	ck_assert_int_eq(parse("mtd0: 00030000 00010000 \"boot\"\nmtd1: 00010000 00010000 \"all\"\n"
	                       "mtd2: 00010000 00010000 \"art\"\n",
	                       &layout),
	                 0);
	region_is(&layout, "art", 0x40000, 0x10000);
	layout_free(&layout);
}
END_TEST

/* NOR and NAND in one list: where anything lies is not known. */
START_TEST(two_flashes)
{
	struct layout layout;

	ck_assert_int_eq(
		parse("mtd0: 00040000 00010000 \"u-boot\"\nmtd1: 00010000 00010000 \"art\"\n"
	              "mtd2: 08000000 00020000 \"ubi\"\n",
	              &layout),
		NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "more than one flash"));
	ck_assert_ptr_nonnull(strstr(err.hint, "boot log"));
}
END_TEST

START_TEST(strangers)
{
	static const char *const texts[] = {
		"",
		"dev:    size   erasesize  name\n",
		"mtd1: 00020000 00010000 \"boot\"\n",
		"mtd0: 00020000 00010000 \"boot\"\nmtd2: 00020000 00010000 \"art\"\n",
		"mtd0: 00020000 00010000 \"boot\"\nmtd0: 00020000 00010000 \"boot\"\n",
		"mtd0: ffffffffffffffff 00010000 \"boot\"\nmtd1: ffffffffffffffff 00010000 \"b\"\n",
		"mtd0: 00000000 00010000 \"boot\"\n",
		"mtd0 00020000 00010000 boot\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct layout layout;

		ck_assert_msg(parse(texts[i], &layout) == NP_E_INPUT, "%zu", i);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proc_mtd");
	TCase *tc = suite_group(suite, "proc_mtd", NULL, NULL);

	tcase_add_test(tc, sizes_in_order_with_a_remark);
	tcase_add_test(tc, what_is_inside_another_takes_no_room);
	tcase_add_test(tc, all_of_the_flash_is_no_partition);
	tcase_add_test(tc, two_flashes);
	tcase_add_test(tc, strangers);
	return run_suite(suite);
}
