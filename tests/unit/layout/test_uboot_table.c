/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What U-Boot's `mtdparts` prints, of several versions, and pasted badly.
 * covers: uboot_table.c */
#include <string.h>

#include "layout/layout.h"
#include "layout/source.h"
#include "support/suite.h"

static struct np_error err;
static struct layout layout;

static int parse(const char *text, const char *device)
{
	memset(&err, 0, sizeof(err));
	return layout_parse_uboot_table(text, strlen(text), device, "table", &layout, &err);
}

static void region_is(const char *name, uint64_t start, uint64_t len)
{
	const struct layout_region *region = layout_find(&layout, name);

	ck_assert_msg(region != NULL, "no region %s", name);
	ck_assert_uint_eq(region->start, start);
	ck_assert_uint_eq(region->len, len);
}

#define OLD                                                        \
	"=> mtdparts\r\n\r\ndevice nor0 <spi0.0>, # parts = 4\r\n" \
	" #: name\t\tsize\t\toffset\t\tmask_flags\r\n"             \
	" 0: u-boot              0x00040000\t0x00000000\t0\r\n"    \
	" 1: env                 0x00010000\t0x00040000\t0\r\n"    \
	" 2: art                 0x00010000\t0x00ff0000\t1\r\n"    \
	" 3: a-name-of-twenty-let0x00fa0000\t0x00050000\t0\r\n\r\n"

#define END                                                                                \
	"active partition: nor0,0 - (u-boot) 0x00040000 @ 0x00000000\r\n\r\ndefaults:\r\n" \
	"mtdids  : nor0=spi0.0\r\nmtdparts: none\r\n=> "

START_TEST(rows_in_any_order)
{
	ck_assert_int_eq(parse(OLD END, NULL), 0);
	ck_assert_uint_eq(layout.region_count, 4);
	region_is("env", 0x40000, 0x10000);
	region_is("art", 0xff0000, 0x10000);
	region_is("a-name-of-twenty-let", 0x50000, 0xfa0000);
	layout_free(&layout);
}
END_TEST

#define NEW                                                                       \
	"device nor0 <1f000000.spi>, # parts = 2\n"                               \
	" #: name\t\tsize\t\tnet size\toffset\t\tmask_flags\n"                    \
	" 0: boot                0x00020000\t0x00020000\t0x0000000000000000\t0\n" \
	" 1: kernel              0x00800000\t0x007e0000 (!)\t0x00020000\t0\n"

START_TEST(a_column_more_and_long_offsets)
{
	ck_assert_int_eq(parse(NEW, NULL), 0);
	region_is("kernel", 0x20000, 0x800000);
	region_is("boot", 0, 0x20000);
	layout_free(&layout);
}
END_TEST

START_TEST(two_flashes)
{
	static const char text[] = OLD "device nand0 <nand>, # parts = 1\n"
				       " 0: ubi                 0x08000000\t0x00000000\t0\n" END;

	ck_assert_int_eq(parse(text, NULL), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "spi0.0, nand"));
	ck_assert_ptr_nonnull(strstr(err.hint, "#DEVICE"));
	ck_assert_int_eq(parse(text, "spi0.1"), NP_E_INPUT);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(parse(text, i ? "nor0" : "spi0.0"), 0);
		ck_assert_uint_eq(layout.region_count, 4);
		layout_free(&layout);
	}
	ck_assert_int_eq(parse(text, "nand"), 0);
	region_is("ubi", 0, 0x8000000);
	layout_free(&layout);
	/* Printed twice it is one. */
	ck_assert_int_eq(parse(OLD OLD END, NULL), 0);
	ck_assert_uint_eq(layout.region_count, 4);
	layout_free(&layout);
}
END_TEST

START_TEST(cut_anywhere)
{
	static const char *const texts[] = {OLD END, NEW END};
	static const char *const ends[] = {"0x00050000", "0x00020000\t0\n"};

	for (size_t i = 0; i < 2; i++) {
		size_t all = strlen(texts[i]),
		       last = (size_t)(strstr(texts[i], ends[i]) - texts[i]);
		unsigned whole = 0;

		for (size_t len = 0; len <= all; len++) {
			if (layout_parse_uboot_table(texts[i], len, NULL, "table", &layout, &err))
				continue;
			region_is(i ? "kernel" : "a-name-of-twenty-let", i ? 0x20000 : 0x50000,
			          i ? 0x800000 : 0xfa0000);
			ck_assert_uint_ge(len, last + 10);
			whole++;
			layout_free(&layout);
		}
		ck_assert_uint_gt(whole, 0);
	}
}
END_TEST

START_TEST(strangers)
{
	static const char *const texts[] = {
		"",
		"device nor0 <spi0.0>, # parts = 0\n",
		"device nor0 <spi0.0>, # parts = 1\n 0: a 0x10 0x0 0\n",
		"device nor0 <spi0.0>, # parts = 1\n 1: a 0x00010000 0x00000000 0\n",
		"device nor0 <spi0.0>, # parts = 1\n 0: 0x00010000 0x00000000 0\n",
		"device nor0 <spi0.0>, # parts = 1\n 0: a 0x00010000 0\n",
		"device nor0 <spi0.0>, # parts = 2\n 0: a 0x00010000 0x00000000 0\n"
		" 1: b 0x00010000 0x00008000 0\n",
		" 0: a 0x00010000 0x00000000 0\n",
		"device nor0 <spi0.0>, # parts = 1\n 0: a 0x00000000 0x00000000 0\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(parse(texts[i], NULL) == NP_E_INPUT, "%zu", i);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("uboot_table");
	TCase *tc = suite_group(suite, "uboot_table", NULL, NULL);

	tcase_add_test(tc, rows_in_any_order);
	tcase_add_test(tc, a_column_more_and_long_offsets);
	tcase_add_test(tc, two_flashes);
	tcase_add_test(tc, cut_anywhere);
	tcase_add_test(tc, strangers);
	return run_suite(suite);
}
