/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The GbE region: two copies, a sum of words, and the field that stands for them. */
#include <string.h>

#include "device/field.h"
#include "device/gbe.h"
#include "support/suite.h"

static uint8_t gbe[2 * GBE_COPY_LEN];
static const uint8_t own[] = {0x10, 0x60, 0x4b, 0x11, 0x22, 0x33};
static const uint8_t other[] = {0x3c, 0x97, 0x0e, 0x0a, 0x0b, 0x0c};

/* The definition, word by word, apart from the code under test. */
static uint16_t sum_of(const uint8_t *copy)
{
	unsigned sum = 0;

	for (int i = 0; i < 0x40; i++)
		sum += copy[2 * i] + 256u * copy[2 * i + 1];
	return (uint16_t)sum;
}

static void make(void)
{
	memset(gbe, 0xff, sizeof(gbe));
	for (size_t at = 0; at < sizeof(gbe); at += GBE_COPY_LEN) {
		unsigned rest;

		memcpy(gbe + at, own, 6);
		memset(gbe + at + 6, 0x5a, 0x78);
		gbe[at + 0x7e] = gbe[at + 0x7f] = 0;
		rest = 0xbabau - sum_of(gbe + at);
		gbe[at + 0x7e] = (uint8_t)rest;
		gbe[at + 0x7f] = (uint8_t)(rest >> 8);
	}
}

START_TEST(the_valid_copy_counts)
{
	uint8_t mac[6];

	ck_assert_ptr_null(gbe_read_mac(gbe, sizeof(gbe), mac));
	ck_assert_mem_eq(mac, own, 6);
	gbe[0] ^= 0x40; /* the first copy is damaged: the controller takes the second */
	ck_assert_ptr_null(gbe_read_mac(gbe, sizeof(gbe), mac));
	ck_assert_mem_eq(mac, own, 6);
	gbe[GBE_COPY_LEN + 2] ^= 1;
	ck_assert_str_eq(gbe_read_mac(gbe, sizeof(gbe), mac), "checksum wrong");
	memset(gbe, 0xff, sizeof(gbe));
	ck_assert_str_eq(gbe_read_mac(gbe, sizeof(gbe), mac), "blank");
	ck_assert_str_eq(gbe_read_mac(gbe, 0, mac), "blank");
}
END_TEST

START_TEST(copies_that_differ_are_told)
{
	uint8_t mac[6];

	ck_assert(gbe_write_mac(gbe, GBE_COPY_LEN, other));
	ck_assert_ptr_nonnull(strstr(gbe_read_mac(gbe, sizeof(gbe), mac), "different"));
}
END_TEST

START_TEST(setting_mends_both_copies_and_the_sums)
{
	uint8_t mac[6];

	ck_assert(gbe_write_mac(gbe, sizeof(gbe), other));
	for (size_t at = 0; at < sizeof(gbe); at += GBE_COPY_LEN) {
		ck_assert_mem_eq(gbe + at, other, 6);
		ck_assert_uint_eq(sum_of(gbe + at), 0xbaba);
		ck_assert_uint_eq(gbe[at + 0x40], 0x5a);
	}
	ck_assert_ptr_null(gbe_read_mac(gbe, sizeof(gbe), mac));
	/* A copy that is blank stays so; a region that is blank cannot hold an address. */
	memset(gbe + GBE_COPY_LEN, 0xff, GBE_COPY_LEN);
	ck_assert(gbe_write_mac(gbe, sizeof(gbe), own));
	ck_assert_uint_eq(gbe[GBE_COPY_LEN], 0xff);
	memset(gbe, 0xff, sizeof(gbe));
	ck_assert(!gbe_write_mac(gbe, sizeof(gbe), own));
	ck_assert_uint_eq(gbe[0], 0xff);
}
END_TEST

/* Settings that are damaged must not get a right sum, or the controller takes them. */
START_TEST(a_damaged_copy_becomes_the_valid_one)
{
	for (size_t bad = 0; bad < sizeof(gbe); bad += GBE_COPY_LEN) {
		make();
		gbe[bad + 0x30] ^= 0x10;
		gbe[bad + 0x200] = 0x77; /* not under the sum: what a driver keeps there stays */
		ck_assert(gbe_has_valid_copy(gbe, sizeof(gbe)));
		ck_assert(gbe_write_mac(gbe, sizeof(gbe), other));
		for (size_t at = 0; at < sizeof(gbe); at += GBE_COPY_LEN) {
			ck_assert_mem_eq(gbe + at, other, 6);
			ck_assert_uint_eq(gbe[at + 0x30], 0x5a);
			ck_assert_uint_eq(sum_of(gbe + at), 0xbaba);
		}
		ck_assert_uint_eq(gbe[bad + 0x200], 0x77);
	}
	make();
	gbe[3] ^= 1;
	gbe[GBE_COPY_LEN + 3] ^= 1;
	ck_assert(!gbe_has_valid_copy(gbe, sizeof(gbe)));
	/* A copy of zeros is none. */
	make();
	memset(gbe, 0, GBE_COPY_LEN);
	ck_assert(gbe_write_mac(gbe, sizeof(gbe), other));
	ck_assert_uint_eq(gbe[0] | gbe[0x7e], 0);
	ck_assert_mem_eq(gbe + GBE_COPY_LEN, other, 6);
}
END_TEST

START_TEST(the_field_reads_and_sets_it)
{
	struct layout_field field = {
		.name = "mac", .type = FIELD_GBE_MAC, .start = 0, .len = sizeof(gbe)};
	struct np_error err = {0};
	struct unit_value value;
	static const uint8_t reference[] = {0x88, 0x88, 0x88, 0x88, 0x87, 0x88};

	ck_assert(unit_field_read(&field, gbe, sizeof(gbe), &value));
	ck_assert_int_eq(value.state, UNIT_GOOD);
	ck_assert_str_eq(value.text, "10:60:4b:11:22:33");
	ck_assert_int_eq(unit_field_write(&field, "3c:97:0e:0a:0b:0c", gbe, sizeof(gbe), &err), 0);
	ck_assert(unit_field_read(&field, gbe, sizeof(gbe), &value));
	ck_assert_str_eq(value.text, "3c:97:0e:0a:0b:0c");
	ck_assert_int_eq(value.state, UNIT_GOOD);
	ck_assert_int_eq(unit_field_write(&field, "01:00:5e:00:00:01", gbe, sizeof(gbe), &err),
	                 NP_E_USAGE);
	ck_assert_uint_eq(sum_of(gbe), 0xbaba);
	gbe_write_mac(gbe, sizeof(gbe), reference);
	unit_field_read(&field, gbe, sizeof(gbe), &value);
	ck_assert_int_eq(value.state, UNIT_PLACEHOLDER);
	gbe[5] ^= 1;
	gbe[GBE_COPY_LEN + 5] ^= 1;
	unit_field_read(&field, gbe, sizeof(gbe), &value);
	ck_assert_int_eq(value.state, UNIT_DOUBTFUL);
	memset(gbe, 0xff, sizeof(gbe));
	ck_assert_int_eq(unit_field_write(&field, "3c:97:0e:0a:0b:0c", gbe, sizeof(gbe), &err),
	                 NP_E_USAGE);
	ck_assert_ptr_nonnull(strstr(err.message, "blank"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("gbe");
	TCase *tc = suite_group(suite, "gbe", make, NULL);

	tcase_add_test(tc, the_valid_copy_counts);
	tcase_add_test(tc, copies_that_differ_are_told);
	tcase_add_test(tc, setting_mends_both_copies_and_the_sums);
	tcase_add_test(tc, a_damaged_copy_becomes_the_valid_one);
	tcase_add_test(tc, the_field_reads_and_sets_it);
	return run_suite(suite);
}
