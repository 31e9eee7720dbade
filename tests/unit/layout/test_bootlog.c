/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boot logs as people paste them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/layout.h"
#include "layout/source.h"
#include "support/rig.h"
#include "support/suite.h"

static struct np_error err;

static int parse(const char *text, const char *device, struct layout *layout)
{
	memset(&err, 0, sizeof(err));
	return layout_parse_bootlog(text, strlen(text), device, "log", layout, &err);
}

static void region_is(const struct layout *layout, const char *name, uint64_t start, uint64_t len)
{
	const struct layout_region *region = layout_find(layout, name);

	ck_assert_msg(region != NULL, "no region %s", name);
	ck_assert_uint_eq(region->start, start);
	ck_assert_uint_eq(region->len, len);
}

#define FIRST  "[0.82] 0x000000000000-0x000000030000 : \"u-boot\"\n"
#define SECOND "[0.83] 0x000000030000-0x000000fc0000 : \"firmware\"\n"
#define THIRD  "[0.88] 0x000000fc0000-0x000000fd0000 : \"config\"\n"
#define FOURTH "[0.89] 0x000000fd0000-0x000001000000 : \"art\"\n"

/* What OpenWrt prints: splitters divide a partition while the list it stands in goes on. */
START_TEST(lists_inside_lists_and_other_lines)
{
	static const char *const texts[] = {
		"[0.80] 4 fixed-partitions partitions found on MTD device spi0.0\n"
		"[0.81] Creating 4 MTD partitions on \"spi0.0\":\n" FIRST SECOND
		"[0.84] 2 uimage-fw partitions found on MTD device firmware\n"
		"[0.85] Creating 2 MTD partitions on \"firmware\":\n"
		"[0.85] 0x000000000000-0x0000001a0000 : \"kernel\"\n"
		"[0.86] 0x0000001a0000-0x000000f80000 : \"rootfs\"\n"
		"[0.86] mtd: setting mtd4 (rootfs) as root device\n"
		"[0.87] 1 squashfs-split partitions found on MTD device rootfs\n"
		"[0.87] 0x000000500000-0x000000f80000 : \"rootfs_data\"\n" THIRD FOURTH,
		/* the splitter's lines without an announcement by "Creating" */
		"Creating 4 MTD partitions on \"spi0.0\":\n" FIRST SECOND
		"2 tplink-fw partitions found on MTD device firmware\n"
		"0x000000000000-0x0000001a0000 : \"kernel\"\n"
		"0x0000001a0000-0x000000f80000 : \"rootfs\"\n" THIRD
		"random: crng init done\n" FOURTH,
		/* nested lists behind the outer one */
		"Creating 4 MTD partitions on \"spi0.0\":\r\n" FIRST SECOND THIRD FOURTH
		"Creating 2 MTD partitions on \"firmware\":\n"
		"0x000000000000-0x0000001a0000 : \"kernel\"\n"
		"0x0000001a0000-0x000000f80000 : \"rootfs\"\n",
		/* a line printed into another */
		"Creating 4 MTD partitions on \"spi0.0\":\n" FIRST
		"usb 1-1: at 0x1000 new device\n[0.83] usb 0x12: 0x000000030000-0x000000fc0000 : "
		"\"firmware\"\n" THIRD FOURTH,
		/* two boots in one log: the last one counts */
		"Creating 2 MTD partitions on \"spi0.0\":\n" FIRST
		"0x000000030000-0x000001000000 : \"all\"\n"
		"Creating 4 MTD partitions on \"spi0.0\":\n" FIRST SECOND THIRD FOURTH,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct layout layout;

		ck_assert_msg(parse(texts[i], NULL, &layout) == 0, "%zu: %s", i, err.message);
		ck_assert_uint_eq(layout.region_count, 4);
		region_is(&layout, "firmware", 0x30000, 0xf90000);
		region_is(&layout, "config", 0xfc0000, 0x10000);
		region_is(&layout, "art", 0xfd0000, 0x30000);
		layout_free(&layout);
	}
}
END_TEST

/* A map with a hole would leave what is missing unprotected. */
START_TEST(a_list_that_is_cut_is_refused)
{
	static const char *const texts[] = {
		"Creating 4 MTD partitions on \"spi0.0\":\n" FIRST SECOND,
		"Creating 4 MTD partitions on \"spi0.0\":\n" FIRST SECOND THIRD,
		"Creating 4 MTD partitions on \"spi0.0\":\n",
		"Creating 4 MTD partitions on \"spi0.0\":\n" FIRST SECOND
		"Creating 2 MTD partitions on \"firmware\":\n"
		"0x000000000000-0x0000001a0000 : \"kernel\"\n" THIRD FOURTH,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct layout layout;

		ck_assert_msg(parse(texts[i], NULL, &layout) == NP_E_INPUT, "%zu", i);
		ck_assert_msg(strstr(err.message, "announces 4") != NULL, "%s", err.message);
		ck_assert(err.hint[0]);
	}
}
END_TEST

START_TEST(two_flashes_are_asked_about)
{
	static const char text[] = "Creating 2 MTD partitions on \"spi0.0\":\n"
				   "0x00000000-0x00020000 : \"boot\"\n"
				   "0x00020000-0x00800000 : \"firmware\"\n"
				   "Creating 1 MTD partitions on \"nand0\":\n"
				   "0x00000000-0x08000000 : \"ubi\"\n";
	struct layout layout;

	ck_assert_int_eq(parse(text, NULL, &layout), NP_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.message, "spi0.0, nand0"));
	ck_assert_ptr_nonnull(strstr(err.hint, "-l log#"));
	ck_assert_int_eq(parse(text, "spi0.1", &layout), NP_E_INPUT);
	ck_assert_int_eq(parse(text, "spi0.0", &layout), 0);
	ck_assert_uint_eq(layout.region_count, 2);
	layout_free(&layout);
	ck_assert_int_eq(parse(text, "nand0", &layout), 0);
	region_is(&layout, "ubi", 0, 0x8000000);
	layout_free(&layout);
}
END_TEST

/* Never a map from what is none; never a crash. */
START_TEST(strangers)
{
	static const char *const texts[] = {
		"",
		"hello\n",
		"Creating 0 MTD partitions on \"spi0.0\":\n",
		"Creating 4000000000 MTD partitions on \"spi0.0\":\n" FIRST,
		"Creating x MTD partitions on spi0.0\n" FIRST,
		"partitions found on MTD device spi0.0\n" FIRST,
		FIRST SECOND,
		"Creating 1 MTD partitions on \"spi0.0\":\n0x10-0x10 : \"empty\"\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct layout layout;

		ck_assert_msg(parse(texts[i], NULL, &layout) == NP_E_INPUT, "%zu", i);
	}
}
END_TEST

/* ---- composed at random ---- */

#define MOST 12

static void add(char *text, size_t room, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A line with a time or none, and what a kernel says in between. */
static void add(char *text, size_t room, const char *format, ...)
{
	static const char *const others[] = {
		"random: crng init done",
		"mtd: setting mtd4 (rootfs) as root device",
		"usb 1-1: new device 0x1000-0x2000 : found",
		"spi-nor spi0.0: w25q128 (16384 Kbytes)",
		"switch0: Atheros AR8327 rev. 4 switch registered on mdio-bus",
	};
	const char *end = rand() % 2 ? "\n" : "\r\n";
	size_t n = strlen(text);
	va_list args;

	if (rand() % 2)
		n += (size_t)snprintf(text + n, room - n, "[ %4d.%06d] %s%s", rand() % 99,
		                      rand() % 1000000, others[rand() % 5], end);
	if (rand() % 2)
		n += (size_t)snprintf(text + n, room - n, "[ %4d.%06d] ", rand() % 99,
		                      rand() % 1000000);
	va_start(args, format);
	n += (size_t)vsnprintf(text + n, room - n, format, args);
	va_end(args);
	snprintf(text + n, room - n, "%s", end);
}

/* Partitions of a flash; `lost` of them is not printed. */
static void add_flash(char *text, size_t room, const char *device, size_t count,
                      const uint64_t *ends, size_t lost)
{
	add(text, room, "Creating %zu MTD partitions on \"%s\":", count, device);
	for (size_t i = 0; i < count; i++) {
		if (i != lost)
			add(text, room, "0x%012llx-0x%012llx : \"part%zu\"",
			    (unsigned long long)(i ? ends[i - 1] : 0), (unsigned long long)ends[i],
			    i);
		if (i != 1 || rand() % 2)
			continue;
		add(text, room, "Creating 2 MTD partitions on \"part1\":");
		add(text, room, "0x000000000000-0x000000010000 : \"kernel\"");
		add(text, room, "0x000000010000-0x000000020000 : \"rootfs\"");
	}
}

START_TEST(any_log)
{
	srand((unsigned)rig_seed(1132));
	for (int round = 0; round < 300; round++) {
		char text[8192] = "";
		uint64_t ends[MOST], other = 0x4000000;
		size_t count = 2 + (size_t)rand() % (MOST - 1), lost;
		bool two = rand() % 2;
		struct layout layout;

		for (size_t i = 0; i < count; i++)
			ends[i] = (i ? ends[i - 1] : 0) + ((uint64_t)(2 + rand() % 16) << 16);
		if (two)
			add_flash(text, sizeof(text), "nand0", 1, &other, 1);
		add_flash(text, sizeof(text), "spi0.0", count, ends, count);
		ck_assert_msg(parse(text, two ? "spi0.0" : NULL, &layout) == 0, "%s in\n%s",
		              err.message, text);
		ck_assert_uint_eq(layout.region_count, count);
		for (size_t i = 0; i < count; i++)
			ck_assert_uint_eq(layout.regions[i].start + layout.regions[i].len, ends[i]);
		layout_free(&layout);
		if (two)
			ck_assert_int_eq(parse(text, NULL, &layout), NP_E_INPUT);
		lost = (size_t)rand() % count;
		text[0] = '\0';
		add_flash(text, sizeof(text), "spi0.0", count, ends, lost);
		ck_assert_msg(parse(text, NULL, &layout) == NP_E_INPUT, "%zu lost in\n%s", lost,
		              text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bootlog");
	TCase *tc = suite_group(suite, "bootlog", NULL, NULL);

	tcase_add_test(tc, lists_inside_lists_and_other_lines);
	tcase_add_test(tc, a_list_that_is_cut_is_refused);
	tcase_add_test(tc, two_flashes_are_asked_about);
	tcase_add_test(tc, strangers);
	tcase_add_test(tc, any_log);
	return run_suite(suite);
}
