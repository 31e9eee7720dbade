/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: identify.c identify_kind.c diff.c edit.c picture.c page.c stat.c probe_board.c probe_boot.c */
/* covers: probe_flash.c probe_tplink.c */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/identify.h"
#include "image/image.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/suite.h"
#include "device/load.h"

static struct image_report identify(struct blob blob)
{
	struct image_report report;
	struct np_error err = {0};

	ck_assert_msg(image_identify(blob.at, blob.len, &report, &err) == 0, "%s", err.message);
	return report;
}

static void expect(struct blob blob, enum image_kind kind, const char *in_why)
{
	struct image_report report = identify(blob);

	ck_assert_msg(report.kind == kind, "got %s: %s (%s)", image_kind_name(report.kind),
	              report.text, report.why);
	ck_assert_msg(strstr(report.why, in_why) != NULL, "why: %s", report.why);
	image_report_free(&report);
	free(blob.at);
}

static struct blob join(struct blob a, struct blob b, size_t at, size_t len)
{
	struct blob both = {malloc(len), len};

	memset(both.at, 0xff, len);
	memcpy(both.at, a.at, a.len);
	memcpy(both.at + at, b.at, b.len < len - at ? b.len : len - at);
	free(a.at);
	free(b.at);
	return both;
}

static struct blob cut(struct blob blob, size_t len)
{
	blob.len = len;
	return blob;
}

static struct blob shifted(struct blob blob, size_t by)
{
	struct blob more = {malloc(blob.len + by), blob.len + by};

	rig_noise(more.at, by, 77);
	memcpy(more.at + by, blob.at, blob.len);
	free(blob.at);
	return more;
}

START_TEST(vendor_headers_are_read_and_summed)
{
	expect(firmware_tplink_v1(0xc7000002, "TP-LINK Technologies", 0x100000, 0x300000, 0,
	                          0x500000),
	       IMAGE_VENDOR_UPGRADE, "hardware id c7000002 rev 1, checksum right");
	expect(firmware_tplink_v2(0xd7500001, 0x4a, 1, 0x100000, 0x200000, 0x400000),
	       IMAGE_VENDOR_UPGRADE, "hardware id d7500001 rev 4a, checksum right");
	expect(firmware_tplink_v2(0x12345678, 1, 0, 0x1000, 0x2000, 0x4000), IMAGE_VENDOR_UPGRADE,
	       "checksum right");
	expect(firmware_safeloader(0x50000), IMAGE_VENDOR_UPGRADE, "Archer C7, checksum right");
	expect(firmware_tplink_v1(0xc7000002, "OpenWrt", 0x1000, 0x2000, 0, 0x4000),
	       IMAGE_OPENWRT_FACTORY, "OpenWrt");
}
END_TEST

START_TEST(a_header_names_its_device_and_place)
{
	struct blob blob = firmware_tplink_v1(0xc7000002, "TP-LINK Technologies", 0x100000,
	                                      0x100000, 0, 0x300000);
	struct image_report report = identify(blob);

	ck_assert_str_eq(report.profile, "tplink-archer-c7-v2");
	ck_assert(report.has_place && report.place == 0x20000 && report.strip == 0);
	ck_assert_str_eq(report.region, "firmware");
	image_report_free(&report);
	free(blob.at);
	blob = firmware_tplink_v1(0x75000001, "TP-LINK Technologies", 0x100000, 0x100000, 0x20000,
	                          0x300000);
	report = identify(blob);
	ck_assert_int_eq(report.kind, IMAGE_VENDOR_UPGRADE_BOOT);
	ck_assert_str_eq(report.profile, "tplink-archer-c7-v1");
	ck_assert_uint_eq(report.strip, 0x20200);
	ck_assert(!report.damaged);
	image_report_free(&report);
	free(blob.at);
}
END_TEST

START_TEST(cut_and_damaged_files_are_told)
{
	struct blob blob = firmware_tplink_v1(0xc7000002, "TP-LINK Technologies", 0x100000,
	                                      0x300000, 0, 0x500000);
	struct image_report report;

	blob.at[0x3000] ^= 1;
	report = identify(blob);
	ck_assert(report.damaged && !report.truncated);
	image_report_free(&report);
	blob.len = 0x180000;
	report = identify(blob);
	ck_assert(report.truncated && !report.damaged);
	ck_assert_ptr_nonnull(strstr(report.why, "cut short"));
	image_report_free(&report);
	free(blob.at);
}
END_TEST

START_TEST(products_of_real_tools_are_known)
{
	expect(firmware_uimage(50000, "MIPS OpenWrt Linux-5.15"), IMAGE_KERNEL,
	       "'MIPS OpenWrt Linux-5.15', MIPS kernel, lzma, checksum right");
	expect(firmware_squashfs(), IMAGE_ROOTFS, "squashfs at 0x0: 4.0 xz");
	expect(firmware_jffs2(), IMAGE_ROOTFS, "little endian");
	expect(firmware_dtb(), IMAGE_DEVICE_TREE, "Some Router");
	expect(join(firmware_uimage(50000, "k"), firmware_squashfs(), 0x10000, 0x40000),
	       IMAGE_OPENWRT_FACTORY, "squashfs at 0x10000");
	expect(cut(firmware_uimage(50000, "k"), 3000), IMAGE_KERNEL, "cut short");
	expect(cut(firmware_squashfs(), 2000), IMAGE_ROOTFS, "cut short");
}
END_TEST

START_TEST(blocks_of_a_flash_are_known)
{
	struct blob blank = {malloc(0x10000), 0x10000}, dump = firmware_dump("tplink-mr500-v1", 1);
	struct blob radio = {malloc(0x10000), 0x10000};

	memset(blank.at, 0xff, blank.len);
	expect(blank, IMAGE_BLANK, "");
	memcpy(radio.at, dump.at + 0xff0000, 0x10000);
	free(dump.at);
	expect(radio, IMAGE_CALIBRATION, "MT7603, MAC a0:f3:c1:10:20:02");
	expect(firmware_uboot("U-Boot 1.1.4 (Jan  1 2014 - 12:00:00)"), IMAGE_BOOT_LOADER,
	       "U-Boot 1.1.4 (Jan  1 2014 - 12:00:00)");
}
END_TEST

START_TEST(full_dumps_are_known_and_only_they)
{
	static const char *const devices[] = {"tplink-mr200-v1", "tplink-mr500-v1",
	                                      "tplink-archer-c7-v2", "tplink-archer-c7-v5"};

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		struct blob dump = firmware_dump(devices[i], 1), part;
		struct image_report report = identify(dump);

		ck_assert_msg(report.kind == IMAGE_FULL_DUMP, "%s: %s", devices[i], report.text);
		ck_assert_str_eq(report.profile, devices[i]);
		image_report_free(&report);
		part = dump;
		for (int k = 1; k <= 4; k++) {
			part.len = dump.len * (size_t)k / 5;
			report = identify(part);
			ck_assert_msg(report.kind != IMAGE_FULL_DUMP &&
			                      report.kind != IMAGE_FULL_DUMP_UNKNOWN,
			              "%s cut to %zu: %s", devices[i], part.len, report.text);
			image_report_free(&report);
		}
		part = shifted(dump, 512);
		report = identify(part);
		ck_assert_msg(report.kind != IMAGE_FULL_DUMP, "%s shifted: %s", devices[i],
		              report.text);
		image_report_free(&report);
		/* By one byte, as a bit or byte slips on the wire: it starts nothing at 0. */
		memmove(part.at + 1, part.at + 512, dump.len - 1);
		report = identify(cut(part, dump.len));
		ck_assert_msg(!report.has_place, "%s by one: %s", devices[i], report.text);
		image_report_free(&report);
		free(part.at);
	}
}
END_TEST

/* Read twice around, padded, with another dump or a few bytes behind: none is a dump of a flash. */
START_TEST(what_stands_behind_a_dump_is_told)
{
	struct blob dump = firmware_dump("tplink-mr200-v1", 1);
	struct blob twice = join(firmware_dump("tplink-mr200-v1", 1),
	                         firmware_dump("tplink-mr200-v1", 1), 8 << 20, 16 << 20);
	struct image_report report = identify(twice);

	ck_assert_msg(report.kind == IMAGE_DUMP_AND_MORE, "%s", report.text);
	ck_assert_str_eq(report.text, "full dump of TP-Link Archer MR200 v1 (8 MiB) twice: read "
	                              "beyond the end of its chip?");
	ck_assert(!report.has_place);
	image_report_free(&report);
	expect(join(firmware_dump("tplink-mr200-v1", 1), firmware_dump("tplink-mr500-v1", 1),
	            8 << 20, 24 << 20),
	       IMAGE_DUMP_AND_MORE, "0x020034");
	dump.at = realloc(dump.at, 16 << 20);
	memset(dump.at + (8 << 20), 0xff, 8 << 20);
	for (size_t len = (8 << 20) + 1; len <= 16 << 20; len += (8 << 20) - 1) {
		report = identify(cut(dump, len));
		ck_assert_msg(report.kind == IMAGE_DUMP_AND_MORE, "%s", report.text);
		ck_assert_ptr_nonnull(strstr(report.text, "of FFh behind it"));
		image_report_free(&report);
	}
	/* Nobody's flash, read twice around. */
	memset(dump.at + 0x7d0000, 0xff, 0x10000);
	memcpy(dump.at + (8 << 20), dump.at, 8 << 20);
	report = identify(cut(dump, 16 << 20));
	ck_assert_msg(report.kind == IMAGE_DUMP_AND_MORE, "%s", report.text);
	image_report_free(&report);
	/* The right bytes in the right places, and no boot loader. */
	memset(dump.at, 0, 8 << 20);
	memcpy(dump.at + 0x7df100, "\x50\xc7\xbf\0\0\1", 6);
	memcpy(dump.at + 0x7f0000, "\x20\x76", 2);
	memcpy(dump.at + 0x7f8000, "\x10\x76", 2);
	report = identify(cut(dump, 8 << 20));
	ck_assert_msg(report.kind == IMAGE_UNKNOWN, "%s", report.text);
	image_report_free(&report);
	free(dump.at);
	free(twice.at);
}
END_TEST

START_TEST(recovery_files_with_boot_loader_belong_at_zero)
{
	struct blob blob =
		join(firmware_uboot("U-Boot 1.1.3 (Mar  3 2015 - 10:00:00)"),
	             firmware_tplink_v2(0xd7500001, 0x4a, 1, 0x100000, 0x200000, 0x7a0000), 0x20000,
	             0x7c0000);
	struct image_report report = identify(blob);

	ck_assert_int_eq(report.kind, IMAGE_BOOT_AND_FIRMWARE);
	ck_assert(report.has_place && report.place == 0);
	image_report_free(&report);
	/* Padded to the chip's size it still is no dump: the unit's blocks are blank. */
	blob.at = realloc(blob.at, 8 << 20);
	memset(blob.at + blob.len, 0xff, (8 << 20) - blob.len);
	blob.len = 8 << 20;
	report = identify(blob);
	ck_assert_msg(report.kind == IMAGE_BOOT_AND_FIRMWARE, "%s", report.text);
	ck_assert_ptr_nonnull(strstr(report.text, "without this unit's data"));
	image_report_free(&report);
	free(blob.at);
}
END_TEST

START_TEST(a_sysupgrade_is_told_by_its_metadata)
{
	static const char json[] = "{\"metadata_version\":\"1.1\",\"supported_devices\":"
				   "[\"tplink,archer-c7-v2\"]}";
	struct blob blob = firmware_tplink_v1(0xc7000002, "OpenWrt", 0x1000, 0x2000, 0, 0x4000);
	size_t n = sizeof(json) - 1;
	uint8_t *trailer;

	blob.at = realloc(blob.at, blob.len + n + 16);
	memcpy(blob.at + blob.len, json, n);
	trailer = blob.at + blob.len + n;
	memset(trailer, 0, 16);
	memcpy(trailer, "FWx0", 4);
	trailer[8] = 1;
	put_be32(trailer + 12, (uint32_t)n + 16);
	blob.len += n + 16;
	expect(blob, IMAGE_OPENWRT_SYSUPGRADE, "hardware id is that of TP-Link Archer C7 v2");
}
END_TEST

START_TEST(noise_is_nothing)
{
	struct blob blob = {malloc(4 << 20), 4 << 20};

	for (unsigned seed = 1; seed <= 10; seed++) {
		struct image_report report;

		rig_noise(blob.at, blob.len, seed);
		report = identify(blob);
		ck_assert_msg(report.kind == IMAGE_UNKNOWN, "seed %u: %s", seed, report.text);
		image_report_free(&report);
	}
	free(blob.at);
}
END_TEST

/* ---- contents, differences, edits ---- */

START_TEST(stretches_are_classed)
{
	uint8_t *data = malloc(0x10000);
	struct image_stat stat;

	memset(data, 0xff, 0x10000);
	image_stat(data, 0x10000, &stat);
	ck_assert_int_eq(stat.class, CLASS_BLANK);
	ck_assert_uint_eq(stat.blank, 0x10000);
	rig_noise(data, 0x10000, 1);
	image_stat(data, 0x10000, &stat);
	ck_assert_int_eq(stat.class, CLASS_DENSE);
	ck_assert(stat.entropy > 7.95 && stat.entropy <= 8);
	memset(data, 'a', 0x8000);
	memset(data + 0x8000, 'b', 0x8000);
	image_stat(data, 0x10000, &stat);
	ck_assert_int_eq(stat.class, CLASS_TEXT);
	ck_assert(stat.entropy > 0.99 && stat.entropy < 1.01);
	memset(data, 0, 0x10000);
	image_stat(data, 0x10000, &stat);
	ck_assert_int_eq(stat.class, CLASS_ZERO);
	free(data);
}
END_TEST

START_TEST(islands_are_found_and_guessed)
{
	struct blob a = firmware_dump("tplink-mr500-v1", 1),
		    b = firmware_dump("tplink-mr500-v1", 2);
	struct layout layout;
	struct image_diff diff;
	struct np_error err = {0};
	uint64_t bytes = 0;

	ck_assert_int_eq(layout_load("tplink-mr500-v1", &layout, &err), 0);
	memset(b.at + 0x30000, 0x12, 5);
	ck_assert_int_eq(image_diff(a.at, b.at, a.len, NULL, &diff, &err), 0);
	for (size_t i = 0; i < a.len; i++)
		bytes += a.at[i] != b.at[i];
	ck_assert_uint_eq(diff.bytes, bytes);
	ck_assert_uint_eq(image_differing(a.at, b.at, (struct np_range){0, a.len}), bytes);
	ck_assert_uint_eq(diff.first, 0x30000);
	ck_assert(!diff.islands[0].unit);
	ck_assert_str_eq(diff.islands[1].guess, "MAC address");
	ck_assert_uint_eq(diff.islands[1].start, 0xfcf105);
	ck_assert(diff.islands[2].unit);
	ck_assert_ptr_nonnull(strstr(diff.islands[2].guess, "digits"));
	image_diff_free(&diff);
	ck_assert_int_eq(image_diff(a.at, b.at, a.len, &layout, &diff, &err), 0);
	ck_assert_str_eq(diff.islands[1].guess, "mac");
	ck_assert_str_eq(diff.islands[2].guess, "imei");
	ck_assert(diff.islands[3].unit);
	image_diff_free(&diff);
	ck_assert_int_eq(image_diff(a.at, a.at, a.len, &layout, &diff, &err), 0);
	ck_assert(diff.bytes == 0 && diff.count == 0);
	image_diff_free(&diff);
	layout_free(&layout);
	free(a.at);
	free(b.at);
}
END_TEST

START_TEST(regions_are_merged_by_exact_size)
{
	struct layout_region region = {.name = "radio", .start = 0x100, .len = 0x20};
	uint8_t image[0x200], file[0x20];
	struct np_error err = {0};

	memset(image, 0xaa, sizeof(image));
	memset(file, 0x55, sizeof(file));
	ck_assert_int_eq(image_merge(image, sizeof(image), &region, file, 0x10, false, &err),
	                 NP_E_SIZE);
	ck_assert_ptr_nonnull(strstr(err.message, "32 bytes, the file 16 bytes"));
	ck_assert_uint_eq(image[0x100], 0xaa);
	ck_assert_int_eq(image_merge(image, sizeof(image), &region, file, 0x10, true, &err), 0);
	ck_assert_uint_eq(image[0xff], 0xaa);
	ck_assert_uint_eq(image[0x10f], 0x55);
	ck_assert_uint_eq(image[0x11f], 0xff);
	ck_assert_uint_eq(image[0x120], 0xaa);
	ck_assert_int_eq(image_merge(image, 0x110, &region, file, 0x20, false, &err), NP_E_RANGE);
}
END_TEST

START_TEST(trimming_cuts_blank_tails_only)
{
	uint8_t data[100];

	memset(data, 0xff, sizeof(data));
	ck_assert_uint_eq(image_trimmed(data, 100, 1), 0);
	data[41] = 0;
	ck_assert_uint_eq(image_trimmed(data, 100, 1), 42);
	ck_assert_uint_eq(image_trimmed(data, 100, 16), 48);
	ck_assert_uint_eq(image_trimmed(data, 100, 64), 64);
	ck_assert_uint_eq(image_trimmed(data, 50, 64), 50);
}
END_TEST

static bool collect(void *ctx, uint64_t at, const char *text)
{
	(void)at;
	strcat(ctx, text);
	return true;
}

START_TEST(texts_of_interest_are_found)
{
	struct blob boot = firmware_uboot("U-Boot 1.1.3 (Mar  3 2015 - 10:00:00)");
	char found[4096] = "";

	image_strings(boot.at, boot.len, collect, found);
	ck_assert_ptr_nonnull(strstr(found, "U-Boot 1.1.3"));
	free(boot.at);
}
END_TEST

/* Every tag that opens closes: enough of XML to catch a broken picture. */
static void check_balanced(const char *text)
{
	char stack[32][16];
	size_t depth = 0;

	for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<')) {
		const char *end = strchr(at, '>');
		size_t n = strcspn(at + 1, " >/");

		ck_assert_ptr_nonnull(end);
		if (at[1] == '!' || end[-1] == '/' || strncmp(at, "<meta", 5) == 0)
			continue;
		if (at[1] == '/') {
			ck_assert_uint_gt(depth, 0);
			depth--;
			ck_assert_uint_eq(strlen(stack[depth]), (size_t)(end - at - 2));
			ck_assert_int_eq(strncmp(stack[depth], at + 2, strlen(stack[depth])), 0);
			continue;
		}
		ck_assert_uint_lt(depth, 32);
		snprintf(stack[depth++], 16, "%.*s", (int)n, at + 1);
	}
	ck_assert_uint_eq(depth, 0);
}

START_TEST(pictures_show_what_is_there)
{
	struct blob a = firmware_dump("tplink-mr500-v1", 1),
		    b = firmware_dump("tplink-mr500-v1", 2);
	struct layout layout;
	struct image_diff diff;
	struct image_text text;
	struct np_error err = {0};

	ck_assert_int_eq(layout_load("tplink-mr500-v1", &layout, &err), 0);
	ck_assert_int_eq(image_diff(a.at, b.at, a.len, &layout, &diff, &err), 0);
	ck_assert_int_eq(image_svg(a.at, a.len, &layout, NULL, "a <b> & c", &text, &err), 0);
	check_balanced(text.at);
	ck_assert_ptr_nonnull(strstr(text.at, "a &#60;b&#62; &#38; c"));
	ck_assert_ptr_nonnull(strstr(text.at, "data-name=\"radio\""));
	ck_assert_ptr_nonnull(strstr(text.at, "class=\"unit\""));
	ck_assert_ptr_null(strstr(text.at, "class=\"diff\""));
	image_text_free(&text);
	ck_assert_int_eq(image_html(a.at, a.len, &layout, &diff, NULL, "x", &text, &err), 0);
	check_balanced(text.at);
	ck_assert_ptr_nonnull(strstr(text.at, "class=\"diff\""));
	ck_assert_ptr_nonnull(strstr(text.at, "<td>imei</td>"));
	ck_assert_ptr_null(strstr(text.at, "<script"));
	image_text_free(&text);
	ck_assert_int_eq(image_svg(a.at, 4096, NULL, NULL, "bare", &text, &err), 0);
	check_balanced(text.at);
	image_text_free(&text);
	image_diff_free(&diff);
	layout_free(&layout);
	free(a.at);
	free(b.at);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("image");
	TCase *tc = tcase_create("image");

	tcase_add_test(tc, vendor_headers_are_read_and_summed);
	tcase_add_test(tc, a_header_names_its_device_and_place);
	tcase_add_test(tc, cut_and_damaged_files_are_told);
	tcase_add_test(tc, products_of_real_tools_are_known);
	tcase_add_test(tc, blocks_of_a_flash_are_known);
	tcase_add_test(tc, full_dumps_are_known_and_only_they);
	tcase_add_test(tc, what_stands_behind_a_dump_is_told);
	tcase_add_test(tc, recovery_files_with_boot_loader_belong_at_zero);
	tcase_add_test(tc, a_sysupgrade_is_told_by_its_metadata);
	tcase_add_test(tc, noise_is_nothing);
	tcase_add_test(tc, stretches_are_classed);
	tcase_add_test(tc, islands_are_found_and_guessed);
	tcase_add_test(tc, regions_are_merged_by_exact_size);
	tcase_add_test(tc, trimming_cuts_blank_tails_only);
	tcase_add_test(tc, texts_of_interest_are_found);
	tcase_add_test(tc, pictures_show_what_is_there);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
