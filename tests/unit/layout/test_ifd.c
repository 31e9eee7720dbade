/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map of a PC's flash: Intel's descriptor, of every generation and length. */
#include <string.h>

#include "layout/layout.h"
#include "layout/source.h"
#include "support/firmware.h"
#include "support/suite.h"

static struct np_error err;
static uint8_t data[0x1000];

/* `count` regions, all unused, the next structure right behind the table. */
static void make(unsigned count)
{
	memset(data, 0xff, sizeof(data));
	put_le32(data + 0x10, 0x0ff0a55a);
	put_le32(data + 0x14, 0x00040003);
	put_le32(data + 0x18, (0x40 + 4 * count) >> 4);
	for (unsigned i = 0; i < count; i++)
		put_le32(data + 0x40 + 4 * i, 0x00007fff);
}

static void put_region(unsigned number, uint32_t start, uint32_t len)
{
	put_le32(data + 0x40 + 4 * number, (start + len - 1) >> 12 << 16 | start >> 12);
}

static void put_usual(void)
{
	make(16);
	put_region(0, 0, 0x1000);
	put_region(1, 0x600000, 0xa00000);
	put_region(2, 0x3000, 0x5fd000);
	put_region(3, 0x1000, 0x2000);
}

static int parse(uint64_t size, struct layout *layout)
{
	memset(&err, 0, sizeof(err));
	return layout_parse_ifd(data, sizeof(data), size, "t", layout, &err);
}

static void region_is(const struct layout *layout, const char *name, uint64_t start, uint64_t len)
{
	const struct layout_region *region = layout_find(layout, name);

	ck_assert_msg(region != NULL, "no region %s", name);
	ck_assert_uint_eq(region->start, start);
	ck_assert_uint_eq(region->len, len);
}

START_TEST(gbe_is_the_units_own)
{
	struct layout layout;
	const struct layout_field *mac;

	put_usual();
	ck_assert_int_eq(parse(16 << 20, &layout), 0);
	ck_assert_uint_eq(layout.region_count, 4);
	region_is(&layout, "fd", 0, 0x1000);
	region_is(&layout, "bios", 0x600000, 0xa00000);
	ck_assert(layout_find(&layout, "bios")->boot);
	ck_assert(layout_find(&layout, "gbe")->unit && !layout_find(&layout, "me")->unit);
	ck_assert(layout.profile);
	ck_assert_uint_eq(np_ranges_bytes(&layout.unit), 0x2000);
	mac = layout_field(&layout, "mac");
	ck_assert_ptr_nonnull(mac);
	ck_assert_int_eq(mac->type, FIELD_GBE_MAC);
	ck_assert_uint_eq(mac->start, 0x1000);
	ck_assert_uint_eq(mac->len, 0x2000);
	layout_free(&layout);
	/* A board without Intel Ethernet has nothing of its own that the descriptor names. */
	put_le32(data + 0x4c, 0x00007fff);
	ck_assert_int_eq(parse(16 << 20, &layout), 0);
	ck_assert(!layout.profile && !layout.field_count);
	layout_free(&layout);
}
END_TEST

START_TEST(all_sixteen_have_a_name)
{
	static const char *const names[] = {"descriptor", "bios",     "me",       "gbe",
	                                    "platform",   "region5",  "bios2",    "region7",
	                                    "ec",         "region9",  "ie",       "region11",
	                                    "region12",   "region13", "region14", "region15"};
	struct layout layout;

	make(16);
	for (unsigned i = 0; i < 16; i++)
		put_region(i, i * 0x10000, 0x10000);
	ck_assert_msg(parse(16 << 20, &layout) == 0, "%s", err.message);
	ck_assert_uint_eq(layout.region_count, 16);
	for (unsigned i = 0; i < 16; i++)
		region_is(&layout, names[i], i * 0x10000, 0x10000);
	region_is(&layout, "10gbe1", 0xc0000, 0x10000);
	layout_free(&layout);
}
END_TEST

/* ICH8 to ICH10 list five regions; what stands behind their table is another structure. */
START_TEST(older_tables_are_shorter)
{
	struct layout layout;

	make(5);
	data[0x18] = 0x60 >> 4;
	put_region(0, 0, 0x1000);
	put_region(1, 0x200000, 0x200000);
	put_le32(data + 0x60, 0x01ff0100); /* masters, which would be a region, too */
	ck_assert_int_eq(parse(4 << 20, &layout), 0);
	ck_assert_uint_eq(layout.region_count, 2);
	layout_free(&layout);
	memset(data + 0x54, 0, 12); /* entries of zeros are unused */
	ck_assert_int_eq(parse(4 << 20, &layout), 0);
	ck_assert_uint_eq(layout.region_count, 2);
	layout_free(&layout);
	/* The oldest descriptors begin with the signature. */
	memmove(data, data + 0x10, 16);
	memset(data + 0x10, 0xff, 16);
	ck_assert_int_eq(parse(4 << 20, &layout), 0);
	ck_assert_uint_eq(layout.region_count, 2);
	layout_free(&layout);
}
END_TEST

START_TEST(a_map_over_two_chips)
{
	struct layout layout;

	put_usual();
	put_region(1, 0x480000, 0x780000);
	put_region(2, 0x3000, 0x47d000);
	put_region(8, 0x900000, 0x10000);
	ck_assert_int_eq(parse(8 << 20, &layout), 0);
	region_is(&layout, "bios", 0x480000, 0x380000);
	ck_assert_ptr_null(layout_find(&layout, "ec"));
	ck_assert_ptr_nonnull(strstr(layout.doubt, "second chip"));
	layout_free(&layout);
	/* Its size not known: nothing is cut. */
	put_le32(data + 0x40 + 4 * 8, 0x00007fff);
	ck_assert_int_eq(parse(0, &layout), 0);
	region_is(&layout, "bios", 0x480000, 0x780000);
	ck_assert_str_eq(layout.doubt, "");
	layout_free(&layout);
}
END_TEST

START_TEST(strangers)
{
	struct layout layout;

	put_usual();
	data[0x10] ^= 1;
	ck_assert_int_eq(parse(16 << 20, &layout), NP_E_INPUT);
	put_usual();
	ck_assert_int_eq(layout_parse_ifd(data, 0xfff, 0, "t", &layout, &err), NP_E_INPUT);
	put_usual();
	put_region(2, 0x2000, 0x5fd000); /* regions that overlap */
	ck_assert_int_eq(parse(16 << 20, &layout), NP_E_INPUT);
	memset(data, 0xff, sizeof(data));
	put_le32(data + 0x10, 0x0ff0a55a); /* a table at FF0h, which ends with the page */
	ck_assert_int_eq(parse(16 << 20, &layout), NP_E_INPUT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ifd");
	TCase *tc = suite_group(suite, "ifd", NULL, NULL);

	tcase_add_test(tc, gbe_is_the_units_own);
	tcase_add_test(tc, all_sixteen_have_a_name);
	tcase_add_test(tc, older_tables_are_shorter);
	tcase_add_test(tc, a_map_over_two_chips);
	tcase_add_test(tc, strangers);
	return run_suite(suite);
}
