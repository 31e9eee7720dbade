/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a Chromebook's map is this unit's own. (Nesting: test_source.) */
#include <string.h>

#include "layout/layout.h"
#include "layout/source.h"
#include "support/firmware.h"
#include "support/suite.h"

static struct np_error err;
static uint8_t fmap[56 + 8 * 42];

static void put_area(unsigned number, uint32_t start, uint32_t len, const char *name)
{
	uint8_t *at = fmap + 56 + number * 42;

	memset(at, 0, 42);
	put_le32(at, start);
	put_le32(at + 4, len);
	memcpy(at + 8, name, strlen(name));
	fmap[54] = (uint8_t)(number + 1);
}

static void make(void)
{
	memset(fmap, 0, sizeof(fmap));
	memcpy(fmap, "__FMAP__\1\1", 10);
	put_le32(fmap + 18, 0x800000);
}

START_TEST(vpd_and_gbb_are_the_units_own)
{
	struct layout layout;

	put_area(0, 0, 0x800000, "FLASH");
	put_area(1, 0x600000, 0x200000, "WP_RO");
	put_area(2, 0x600000, 0x4000, "RO_VPD");
	put_area(3, 0x604000, 0x10000, "GBB");
	put_area(4, 0x500000, 0x2000, "RW_VPD");
	put_area(5, 0, 0x400000, "COREBOOT");
	ck_assert_int_eq(layout_parse_fmap(fmap, sizeof(fmap), 0, "t", &layout, &err), 0);
	ck_assert(layout.profile);
	ck_assert_uint_eq(np_ranges_bytes(&layout.unit), 0x16000);
	ck_assert(layout_find(&layout, "RO_VPD")->unit && layout_find(&layout, "GBB")->unit);
	ck_assert(!layout_find(&layout, "COREBOOT")->unit && !layout_find(&layout, "WP_RO")->unit);
	layout_free(&layout);
}
END_TEST

START_TEST(names_that_only_resemble_are_not)
{
	static const char *const names[] = {"RO_VPD2", "VPD",  "GBB_A",
	                                    "RW_VPDX", "FMAP", "RW_NVRAM"};
	struct layout layout;

	for (unsigned i = 0; i < 6; i++)
		put_area(i, i * 0x1000, 0x1000, names[i]);
	ck_assert_int_eq(layout_parse_fmap(fmap, sizeof(fmap), 0, "t", &layout, &err), 0);
	ck_assert(!layout.profile && !layout.unit.count);
	layout_free(&layout);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fmap");
	TCase *tc = suite_group(suite, "fmap", make, NULL);

	tcase_add_test(tc, vpd_and_gbb_are_the_units_own);
	tcase_add_test(tc, names_that_only_resemble_are_not);
	return run_suite(suite);
}
