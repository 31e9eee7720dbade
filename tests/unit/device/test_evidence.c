/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: evidence.c recognise_load.c */
/* What names a device without a profile: metadata, support lists, the flash's own tree. */
#include <check.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "device/field.h"
#include "device/load.h"
#include "device/recognise.h"
#include "layout/board.h"
#include "support/boards.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/suite.h"

#define FLASH ((size_t)16 << 20)
#define PLACE 0x350000

static uint8_t *flash;

static void setup(void)
{
	flash = malloc(FLASH);
	rig_noise(flash, FLASH, 29);
}

static void teardown(void)
{
	free(flash);
}

static struct recognition look(void)
{
	struct recognition found;

	ck_assert_int_eq(recognise_dump(flash, FLASH, &found, NULL), 0);
	return found;
}

static const struct evidence *evidence_of(const struct recognition *found, const char *what)
{
	for (size_t i = 0; i < found->evidence.count; i++)
		if (strcmp(found->evidence.at[i].what, what) == 0)
			return &found->evidence.at[i];
	return NULL;
}

/* ---- OpenWrt's metadata ---- */

static void put_metadata(const char *json)
{
	size_t n = strlen(json);
	uint8_t *trailer = flash + PLACE + n;

	memcpy(flash + PLACE, json, n);
	memset(trailer, 0, 16);
	memcpy(trailer, "FWx0", 4);
	trailer[8] = 1;
	put_be32(trailer + 12, (uint32_t)n + 16);
}

START_TEST(a_sysupgrades_metadata_names_its_device)
{
	static const char *const texts[] = {
		"{\"metadata_version\":\"1.1\",\"supported_devices\":[\"dlink,dir-842-c1\"]}",
		"{\"metadata_version\":\"1.1\",\"compat_version\":\"1.1\",\"supported_devices\":"
		"[\"Device needs another layout, see the wiki\"],"
		"\"new_supported_devices\":[\"dlink,dir-842-c1\"]}",
		"{\"metadata_version\":\"1.0\",\"supported_devices\":[\"dir-842-c1\","
		"\"dlink,dir-842-c1\"]}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct recognition found;

		rig_noise(flash, FLASH, 29);
		put_metadata(texts[i]);
		found = look();
		ck_assert_str_eq(found.name, "dlink,dir-842-c1");
		ck_assert(!found.ambiguous);
		ck_assert_ptr_nonnull(evidence_of(&found, "OpenWrt's metadata"));
	}
}
END_TEST

START_TEST(metadata_that_name_nobody)
{
	struct recognition found;

	put_metadata("{\"metadata_version\":\"1.1\",\"supported_devices\":[\"acme,box-1\"]}");
	found = look();
	ck_assert_str_eq(found.name, "");
	ck_assert_ptr_nonnull(evidence_of(&found, "OpenWrt's metadata"));
	/* Cut, or a length that is none. */
	put_metadata("{\"metadata_version\":\"1.1\",\"supported_devices\":[\"dlink,dir-842-c1\"");
	found = look();
	ck_assert_str_eq(found.name, "");
	rig_noise(flash, FLASH, 29);
	memcpy(flash, "FWx0\0\0\0\0\1\0\0\0\xff\xff\xff\xff", 16);
	memcpy(flash + FLASH - 4, "FWx0", 4);
	found = look();
	ck_assert_uint_eq(found.evidence.count, 0);
}
END_TEST

/* ---- headers of kernels ---- */

static void put_kernel(uint32_t magic, const char *name)
{
	uint8_t *h = flash + 0x50000;

	memset(h, 0, 64);
	put_be32(h, magic);
	put_be32(h + 12, 0x180000);
	memcpy(h + 28, "\x05\x05\x02\x03", 4);
	memcpy(h + 32, name, strlen(name));
	put_be32(h + 4, np_crc32(0, h, 64));
}

START_TEST(a_kernels_name_that_one_device_has_names_it)
{
	struct recognition found;

	put_kernel(0x27051956, "R29");
	found = look();
	ck_assert_str_eq(found.name, "cudy,r700");
	flash[0x50021] ^= 1; /* the header's sum is wrong now */
	ck_assert_str_eq(look().name, "");
	/* Two have this one: both are named, and not one of them. */
	put_kernel(0x32303631, "anything");
	found = look();
	ck_assert(found.name[0] && found.ambiguous);
	ck_assert_ptr_nonnull(strstr(found.device, "WNR612 v2"));
	ck_assert_ptr_nonnull(strstr(found.device, "N150R"));
}
END_TEST

/* Image recipes of some boards ask for these, and so does every kit. */
START_TEST(what_any_kernel_is_called_names_nobody)
{
	static const struct {
		uint32_t magic;
		const char *name;
	} kernels[] = {
		{0x27051956, "Linux Kernel Image"},
		{0x27051956, "linux kernel image"},
		{0x27051956, "MIPS OpenWrt Linux-6.12.40"},
		{0x27051956, "9.9.9.9"},
		{0x27051956, "2.2.2.0"},
		{0x4f4b4c49, "OKLI kernel"},
		{0x68737173, "squashfs"},
		{0x83800000, "of a switch"},
	};

	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		put_kernel(kernels[i].magic, kernels[i].name);
		for (size_t size = 4 << 20; size <= FLASH; size *= 2) {
			struct recognition found;

			ck_assert_int_eq(recognise_dump(flash, size, &found, NULL), 0);
			ck_assert_msg(!found.name[0], "%s: %s", kernels[i].name, found.device);
		}
	}
}
END_TEST

/* ---- support lists ---- */

static void put_list(size_t at, const char *products)
{
	memset(flash + at, 0, 0x400);
	sprintf((char *)flash + at + 8, "SupportList:\n%s", products);
}

START_TEST(a_support_list_of_one_product_names_it)
{
	struct recognition found;

	put_list(PLACE, "{product_name:Archer C7,product_ver:5.0.0,special_id:45550000}\n"
	                "{product_name:Archer C7,product_ver:5.0.0,special_id:55530000}\n");
	found = look();
	ck_assert_str_eq(found.name, "tplink-archer-c7-v5");
	ck_assert(!found.ambiguous);
}
END_TEST

START_TEST(a_support_list_of_several_products_names_none_alone)
{
	struct recognition found;

	put_list(PLACE, "{product_name:Archer C59,product_ver:1.0.0,special_id:45550000}\n"
	                "{product_name:Archer C7,product_ver:5.0.0,special_id:45550000}\n");
	found = look();
	ck_assert(found.ambiguous && !found.alike);
	/* Of nobody known; cut off; a dump that lost a byte. */
	put_list(PLACE, "{product_name:Archer Q99,product_ver:1.0.0,special_id:45550000}\n");
	ck_assert_str_eq(look().name, "");
	put_list(PLACE, "{product_name:Archer C7,product_ver");
	ck_assert_str_eq(look().name, "");
	rig_noise(flash, FLASH, 29);
	put_list(PLACE + 1, "{product_name:Archer C7,product_ver:5.0.0,special_id:45550000}\n");
	ck_assert_str_eq(look().name, "");
}
END_TEST

/* Lists name products by title: every TP-Link with a version in its title is found by its own list,
 * and no two have the same. */
START_TEST(lists_tell_all_boards_apart)
{
	unsigned tried = 0;

	for (size_t i = 0; i < board_count(); i++) {
		struct evidence_list list = {0};
		char products[160], name[64];
		struct board board;
		int version;

		board_at(i, &board);
		if (sscanf(board.title, "TP-Link %63[^v] v%d", name, &version) != 2 ||
		    strlen(board.title) != strlen("TP-Link  v") + strlen(name) - 1 +
		                                   (size_t)snprintf(NULL, 0, "%d", version))
			continue;
		name[strlen(name) - 1] = '\0';
		snprintf(products, sizeof(products), "{product_name:%s,product_ver:%d.0.0}\n", name,
		         version);
		put_list(PLACE, products);
		ck_assert_int_eq(evidence_find(flash + PLACE, 0x1000, NULL, &list, NULL), 0);
		ck_assert_msg(list.count == 1 && list.at[0].name_count >= 1, "%s", board.title);
		ck_assert_msg(list.at[0].name_count == 1, "%s: %s, %s", board.title,
		              list.at[0].names[0], list.at[0].names[1]);
		ck_assert_str_eq(list.at[0].names[0], evidence_device_name(board.compatible));
		tried++;
	}
	ck_assert_uint_ge(tried, 100);
}
END_TEST

/* ---- the flash's own tree ---- */

static struct blob strangers_tree(void)
{
	static const char known[] = "tplink,mr600-v2-eu", stranger[] = "acmeco,wr900x-v7eu";
	json_t *facts = boards_facts();
	struct blob tree = {NULL, 0};
	uint8_t *at;

	for (size_t i = 0; i < json_array_size(facts); i++)
		if (strcmp(boards_text(json_array_get(facts, i), "board"), "tplink_mr600-v2-eu") ==
		    0)
			tree = boards_tree(json_array_get(facts, i));
	ck_assert_ptr_nonnull(tree.at);
	while ((at = memmem(tree.at, tree.len, known, sizeof(known))) != NULL)
		memcpy(at, stranger, sizeof(stranger));
	json_decref(facts);
	return tree;
}

static void put_fit(struct blob tree)
{
	void *fit = flash + 0x20000;

	ck_assert_int_eq(fdt_create(fit, 1 << 20), 0);
	fdt_finish_reservemap(fit);
	fdt_begin_node(fit, "");
	fdt_begin_node(fit, "images");
	fdt_begin_node(fit, "fdt-1");
	fdt_property_string(fit, "type", "flat_dt");
	fdt_property(fit, "data", tree.at, (int)tree.len);
	fdt_end_node(fit);
	fdt_end_node(fit);
	fdt_end_node(fit);
	ck_assert_int_eq(fdt_finish(fit), 0);
}

static void knows_the_units_data(const struct layout *layout)
{
	char text[32];
	bool wan = false, radio = false;

	ck_assert(np_ranges_contain(&layout->unit, (struct np_range){0xfcf100, 6}));
	ck_assert(np_ranges_contain(&layout->unit, (struct np_range){0xff0000, 0x400}));
	ck_assert(np_ranges_contain(&layout->unit, (struct np_range){0xff8000, 0x4da8}));
	ck_assert_ptr_nonnull(layout_find(layout, "firmware"));
	ck_assert_ptr_null(layout_find(layout, "decoy"));
	memcpy(flash + 0xfcf100, "\xa0\xf3\xc1\x12\x34\xff", 6);
	for (size_t i = 0; i < layout->derived_count; i++) {
		unit_derived_text(layout, &layout->derived[i], flash, FLASH, text, sizeof(text));
		wan |= strcmp(text, "a0:f3:c1:12:35:00") == 0;
		radio |= strcmp(text, "a0:f3:c1:12:34:fe") == 0;
	}
	ck_assert(wan && radio);
}

/* A chip that nobody knows carries all there is to know: its name, its map among several flashes,
 * addresses with their arguments, calibration. No profile is needed. */
START_TEST(a_tree_in_a_fit_is_enough)
{
	struct blob tree = strangers_tree();
	struct recognition found;
	struct layout layout;

	put_fit(tree);
	found = look();
	ck_assert_str_eq(found.name, "acmeco,wr900x-v7eu");
	ck_assert(found.by_tree && !found.ambiguous);
	ck_assert_int_eq(recognise_load(&found, flash, FLASH, &layout, NULL), 0);
	knows_the_units_data(&layout);
	layout_free(&layout);
	free(tree.at);
}
END_TEST

/* The same tree as a file that -l is given. */
START_TEST(a_tree_in_a_file_tells_the_same)
{
	struct blob tree = strangers_tree();
	char path[] = "/tmp/np-tree-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "wb");
	struct np_error err = {0};
	struct layout layout;

	ck_assert_uint_eq(fwrite(tree.at, 1, tree.len, file), tree.len);
	fclose(file);
	ck_assert_msg(layout_load(path, &layout, &err) == 0, "%s", err.message);
	remove(path);
	knows_the_units_data(&layout);
	layout_free(&layout);
	free(tree.at);
}
END_TEST

/* A kit's tree, as chip makers put them into boot loaders, names no device. */
START_TEST(a_reference_designs_tree_names_nobody)
{
	struct blob tree = strangers_tree();
	uint8_t *at;

	while ((at = memmem(tree.at, tree.len, "acmeco,wr900x-v7eu", 19)) != NULL)
		memcpy(at, "acmeco,mt7621-rfb1", 19);
	put_fit(tree);
	ck_assert_str_eq(look().name, "");
	free(tree.at);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("evidence");
	TCase *tc = suite_group(suite, "evidence", setup, teardown);

	tcase_add_test(tc, a_sysupgrades_metadata_names_its_device);
	tcase_add_test(tc, metadata_that_name_nobody);
	tcase_add_test(tc, a_kernels_name_that_one_device_has_names_it);
	tcase_add_test(tc, what_any_kernel_is_called_names_nobody);
	tcase_add_test(tc, a_support_list_of_one_product_names_it);
	tcase_add_test(tc, a_support_list_of_several_products_names_none_alone);
	tcase_add_test(tc, lists_tell_all_boards_apart);
	tcase_add_test(tc, a_tree_in_a_fit_is_enough);
	tcase_add_test(tc, a_tree_in_a_file_tells_the_same);
	tcase_add_test(tc, a_reference_designs_tree_names_nobody);
	return run_suite(suite);
}
