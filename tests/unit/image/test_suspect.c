/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/suspect.h"
#include "support/rig.h"
#include "support/suite.h"

#define LEN (256u << 10)

static uint8_t data[LEN], other[LEN];
static uint8_t ones, zeros;

START_TEST(each_stuck_bit_is_named)
{
	for (unsigned bit = 0; bit < 8; bit++) {
		rig_fill(data, LEN, bit + 1);
		for (size_t i = 0; i < LEN; i++)
			data[i] |= (uint8_t)(1 << bit);
		image_stuck_bits(data, LEN, &ones, &zeros);
		ck_assert_uint_eq(ones, 1u << bit);
		ck_assert_uint_eq(zeros, 0);
		for (size_t i = 0; i < LEN; i++)
			data[i] &= (uint8_t) ~(1 << bit);
		image_stuck_bits(data, LEN, &ones, &zeros);
		ck_assert_uint_eq(ones, 0);
		ck_assert_uint_eq(zeros, 1u << bit);
	}
}
END_TEST

START_TEST(honest_contents_have_none)
{
	rig_fill(data, LEN, 3);
	image_stuck_bits(data, LEN, &ones, &zeros);
	ck_assert_uint_eq(ones | zeros, 0);
	/* blank, wiped, text, a counter of few values, a little only */
	memset(data, 0xff, LEN);
	image_stuck_bits(data, LEN, &ones, &zeros);
	ck_assert_uint_eq(ones | zeros, 0);
	memset(data, 0, LEN);
	image_stuck_bits(data, LEN, &ones, &zeros);
	ck_assert_uint_eq(ones | zeros, 0);
	for (size_t i = 0; i < LEN; i++)
		data[i] = (uint8_t)(' ' + i * i % 95);
	image_stuck_bits(data, LEN, &ones, &zeros);
	ck_assert_uint_eq(ones | zeros, 0);
	for (size_t i = 0; i < LEN; i++)
		data[i] = (uint8_t)(i % 64);
	image_stuck_bits(data, LEN, &ones, &zeros);
	ck_assert_uint_eq(ones | zeros, 0);
	rig_fill(data, 4096, 3);
	for (size_t i = 0; i < 4096; i++)
		data[i] |= 1;
	image_stuck_bits(data, 4096, &ones, &zeros);
	ck_assert_uint_eq(ones | zeros, 0);
	image_stuck_bits(data, 0, &ones, &zeros);
	ck_assert_uint_eq(ones | zeros, 0);
}
END_TEST

START_TEST(lost_and_doubled_bytes_are_counted)
{
	rig_fill(data, LEN, 9);
	for (int by = 1; by <= 8; by++) {
		memcpy(other, data, LEN);
		memmove(other + 5000, other + 5000 + by, LEN - 5000 - (size_t)by);
		ck_assert_int_eq(image_shift(data, other, LEN), by);
		ck_assert_int_eq(image_shift(other, data, LEN), -by);
	}
}
END_TEST

START_TEST(other_differences_are_no_shift)
{
	rig_fill(data, LEN, 9);
	memcpy(other, data, LEN);
	ck_assert_int_eq(image_shift(data, other, LEN), 0);
	other[77] ^= 4;
	ck_assert_int_eq(image_shift(data, other, LEN), 0);
	rig_fill(other, LEN, 10);
	ck_assert_int_eq(image_shift(data, other, LEN), 0);
	memset(data, 0xff, LEN);
	memset(other, 0xff, LEN);
	other[100] = 0;
	ck_assert_int_eq(image_shift(data, other, LEN), 0);
	/* bits that flipped in blank flash, a byte apart in both reads */
	data[101] = 0;
	ck_assert_int_eq(image_shift(data, other, LEN), 0);
	/* a table of words, one of them misread */
	for (size_t i = 0; i < LEN; i++)
		data[i] = (uint8_t)(i % 8 * 37);
	memcpy(other, data, LEN);
	other[100] ^= 1;
	ck_assert_int_eq(image_shift(data, other, LEN), 0);
	for (size_t len = 0; len < 64; len++) {
		rig_fill(data, LEN, len + 1);
		memcpy(other, data + 1, len);
		image_shift(data, other, len); /* nothing is read beyond: the sanitizer sees it */
	}
}
END_TEST

START_TEST(each_lost_address_bit_is_found)
{
	for (size_t step = 64; step <= LEN / 2; step *= 2) {
		rig_fill(data, LEN, step);
		for (size_t i = 0; i < LEN; i++)
			other[i] = data[i & ~step];
		ck_assert_uint_eq(image_address_line(other, LEN), step);
		/* one byte that is not copied, in a place that only the bit tells from its copy */
		other[LEN - 1] ^= 1;
		ck_assert_uint_eq(image_address_line(other, LEN), 0);
	}
}
END_TEST

START_TEST(what_repeats_by_itself_is_no_lost_address)
{
	memset(data, 0xff, LEN);
	ck_assert_uint_eq(image_address_line(data, LEN), 0);
	memset(data, 0, LEN);
	ck_assert_uint_eq(image_address_line(data, LEN), 0);
	/* a little, twice */
	rig_fill(data, 512, 4);
	memcpy(data + LEN / 2, data, 512);
	ck_assert_uint_eq(image_address_line(data, LEN), 0);
	/* two firmwares, and a serial number behind one of them */
	rig_fill(data, LEN / 2, 4);
	memcpy(data + LEN / 2, data, LEN / 2);
	memcpy(data + LEN - 8, "12345678", 8);
	ck_assert_uint_eq(image_address_line(data, LEN), 0);
	rig_fill(data, LEN, 5);
	for (size_t len = 0; len < 200; len++)
		ck_assert_uint_eq(image_address_line(data, len), 0);
}
END_TEST

START_TEST(bursts_have_a_beat)
{
	rig_fill(data, LEN, 6);
	for (size_t i = 0; i < LEN; i++)
		data[i] |= 1;
	ck_assert(!image_zero_bursts(data, LEN));
	for (size_t at = 1003; at + 300 < LEN; at += 9001)
		memset(data + at, 0, 300);
	ck_assert(image_zero_bursts(data, LEN));
	/* sections padded to round addresses */
	rig_fill(data, LEN, 6);
	for (size_t at = 0; at + 300 < LEN; at += 4096)
		memset(data + at + 4096 - 256, 0, 256);
	ck_assert(!image_zero_bursts(data, LEN));
	ck_assert(!image_zero_bursts(data, 0));
}
END_TEST

START_TEST(entropy_from_none_to_noise)
{
	memset(data, 0x55, LEN);
	ck_assert_uint_eq(image_entropy(data, LEN), 0);
	for (size_t i = 0; i < LEN; i++)
		data[i] = i & 1;
	ck_assert_uint_eq(image_entropy(data, LEN), 1000);
	for (size_t i = 0; i < LEN; i++)
		data[i] = (uint8_t)i;
	ck_assert_uint_eq(image_entropy(data, LEN), 8000);
	ck_assert_uint_eq(image_entropy(data, 0), 0);
	/* The odd one at the end counts. */
	ck_assert_uint_eq(image_entropy(data, 3), 1585);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("suspect");
	TCase *tc = suite_group(suite, "suspect", NULL, NULL);

	tcase_add_test(tc, each_stuck_bit_is_named);
	tcase_add_test(tc, honest_contents_have_none);
	tcase_add_test(tc, lost_and_doubled_bytes_are_counted);
	tcase_add_test(tc, other_differences_are_no_shift);
	tcase_add_test(tc, each_lost_address_bit_is_found);
	tcase_add_test(tc, what_repeats_by_itself_is_no_lost_address);
	tcase_add_test(tc, bursts_have_a_beat);
	tcase_add_test(tc, entropy_from_none_to_noise);
	return run_suite(suite);
}
