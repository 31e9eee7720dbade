/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenWrt's JSON: the devices a sysupgrade is for, and whose board.json it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/identify.h"
#include "image/openwrt.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/suite.h"

#define JSON(devices) "{\"metadata_version\":\"1.1\"," devices "\"version\":{\"board\":\"x\"}}"

static struct openwrt_devices devices;

static bool metadata(const char *json)
{
	return openwrt_parse_metadata((const uint8_t *)json, strlen(json), &devices);
}

static bool board(const char *json)
{
	return openwrt_parse_board((const uint8_t *)json, strlen(json), &devices);
}

/* A chunk as fwtool appends it, its header of eight bytes included where `header`. */
static void append(struct blob *blob, unsigned type, const char *text, bool header)
{
	size_t n = strlen(text), front = header ? 8 : 0;

	blob->at = realloc(blob->at, blob->len + front + n + 16);
	memset(blob->at + blob->len, 0, front + n + 16);
	memcpy(blob->at + blob->len + front, text, n);
	blob->len += front + n + 16;
	memcpy(blob->at + blob->len - 16, "FWx0", 4);
	blob->at[blob->len - 8] = (uint8_t)type;
	put_be32(blob->at + blob->len - 4, (uint32_t)(front + n + 16));
}

START_TEST(metadata_name_devices)
{
	ck_assert(metadata(JSON("\"supported_devices\":[\"a,b\",\"old-b\",\"a,b\"],")));
	ck_assert_uint_eq(devices.count, 2);
	ck_assert_str_eq(devices.at[0], "a,b");
	ck_assert_str_eq(devices.at[1], "old-b");
	ck_assert_str_eq(devices.compat_version, "1.0");
	ck_assert_str_eq(devices.board, "x");
	ck_assert(!devices.more);
}
END_TEST

/* From 1.1 on old systems are to refuse: the old list holds a sentence for people. */
START_TEST(the_newer_list_goes_first)
{
	ck_assert(metadata(JSON("\"compat_version\":\"2.0\",\"supported_devices\":[\"a sentence\"],"
	                        "\"new_supported_devices\":[\"a,b\"],")));
	ck_assert_uint_eq(devices.count, 1);
	ck_assert_str_eq(devices.at[0], "a,b");
	ck_assert_str_eq(devices.compat_version, "2.0");
}
END_TEST

START_TEST(strangers_name_none)
{
	static const char *const texts[] = {
		"",
		"{}",
		"[]",
		"nothing",
		"{\"supported_devices\":\"a,b\"}",
		"{\"supported_devices\":[]}",
		"{\"supported_devices\":[1,null,{}]}",
		"{\"supported_devices\":[\"a,b\"]",
		"{\"supported_devices\":[\"a\\u001b[2J\"]}",
		"{\"supported_devices\":[\"\"]}",
		"{\"model\":{\"id\":\"a,b\"}}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(!metadata(texts[i]), "%s", texts[i]);
	ck_assert(!board("{\"model\":\"a,b\"}"));
	ck_assert(!board("{\"model\":{\"name\":\"Archer\"}}"));
	ck_assert(!board("{\"supported_devices\":[\"a,b\"]}"));
	ck_assert(!board("{\"model\":{\"id\":\"\\u0007\"}}"));
}
END_TEST

START_TEST(long_lists_and_names_are_bounded)
{
	char text[8192] = "{\"supported_devices\":[";
	size_t n = strlen(text);

	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\"vendor,board-%d\"",
		                      i ? "," : "", i);
	snprintf(text + n, sizeof(text) - n, ",\"%0200d\"]}", 1);
	ck_assert(metadata(text));
	ck_assert_uint_eq(devices.count, OPENWRT_DEVICES);
	ck_assert(devices.more);
}
END_TEST

START_TEST(metadata_are_found_behind_a_file)
{
	for (int variant = 0; variant < 4; variant++) {
		struct blob blob = {malloc(4096), 4096};

		rig_noise(blob.at, blob.len, 3);
		ck_assert(!openwrt_find_metadata(blob.at, blob.len, &devices));
		append(&blob, 1, JSON("\"supported_devices\":[\"a,b\"],"), variant & 1);
		if (variant & 2)
			append(&blob, 0, "untrusted comment: a signature", true);
		ck_assert_msg(openwrt_find_metadata(blob.at, blob.len, &devices), "%d", variant);
		ck_assert_str_eq(devices.at[0], "a,b");
		for (size_t len = 0; len < blob.len; len++)
			ck_assert(!openwrt_find_metadata(blob.at, len, &devices) ||
			          (variant & 2 && devices.count == 1));
		free(blob.at);
	}
}
END_TEST

START_TEST(a_sysupgrade_names_its_device_and_place)
{
	struct blob blob = firmware_uimage(0x8000, "MIPS OpenWrt");
	struct image_report report;
	struct np_error err;

	append(&blob, 1, JSON("\"supported_devices\":[\"dlink,dir-842-c1\"],"), true);
	ck_assert_int_eq(image_identify(blob.at, blob.len, &report, &err), 0);
	ck_assert_int_eq(report.kind, IMAGE_OPENWRT_SYSUPGRADE);
	ck_assert_str_eq(report.profile, "dlink,dir-842-c1");
	ck_assert_str_eq(report.devices.at[0], "dlink,dir-842-c1");
	ck_assert(report.has_place && report.place);
	image_report_free(&report);
	free(blob.at);
}
END_TEST

START_TEST(a_board_json_is_told)
{
	static const char text[] =
		"\t{\n\"model\": {\"id\": \"tplink,archer-c7-v2\", \"name\": \"TP-Link Archer C7 v2\"},"
		"\"network\": {\"lan\": {\"macaddr\": \"02:00:00:00:00:01\"}}}\n";
	struct image_report report;
	struct np_error err;

	ck_assert(board(text));
	ck_assert_str_eq(devices.at[0], "tplink,archer-c7-v2");
	ck_assert_int_eq(image_identify((const uint8_t *)text, sizeof(text) - 1, &report, &err), 0);
	ck_assert_int_eq(report.kind, IMAGE_FOREIGN);
	ck_assert_msg(strstr(report.text, "Archer C7 v2"), "%s", report.text);
	ck_assert_str_eq(report.profile, "tplink-archer-c7-v2");
	image_report_free(&report);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("openwrt");
	TCase *tc = suite_group(suite, "openwrt", NULL, NULL);

	tcase_add_test(tc, metadata_name_devices);
	tcase_add_test(tc, the_newer_list_goes_first);
	tcase_add_test(tc, strangers_name_none);
	tcase_add_test(tc, long_lists_and_names_are_bounded);
	tcase_add_test(tc, metadata_are_found_behind_a_file);
	tcase_add_test(tc, a_sysupgrade_names_its_device_and_place);
	tcase_add_test(tc, a_board_json_is_told);
	return run_suite(suite);
}
