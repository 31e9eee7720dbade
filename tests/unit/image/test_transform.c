/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps in another order of bytes or bits. */
#include <stdlib.h>
#include <string.h>

#include "image/transform.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/suite.h"

static const enum transform all[] = {TRANSFORM_SWAP2, TRANSFORM_SWAP4, TRANSFORM_MIRROR,
                                     TRANSFORM_INVERT};

START_TEST(each_undoes_itself)
{
	uint8_t data[1027], before[1027];

	rig_noise(data, sizeof(data), 2);
	memcpy(before, data, sizeof(data));
	for (size_t i = 0; i < 4; i++) {
		transform_apply(all[i], data, sizeof(data));
		ck_assert_mem_ne(data, before, 1024);
		transform_apply(all[i], data, sizeof(data));
		ck_assert_mem_eq(data, before, sizeof(data));
	}
}
END_TEST

START_TEST(bytes_go_where_they_should)
{
	uint8_t data[9] = "\1\2\3\4\5\6\7\x80";

	transform_apply(TRANSFORM_SWAP4, data, 7);
	ck_assert_mem_eq(data, "\4\3\2\1\5\6\7", 7);
	transform_apply(TRANSFORM_SWAP2, data, 8);
	ck_assert_mem_eq(data, "\3\4\1\2\6\5\x80\7", 8);
	transform_apply(TRANSFORM_MIRROR, data, 8);
	ck_assert_mem_eq(data, "\xc0\x20\x80\x40\x60\xa0\x01\xe0", 8);
	transform_apply(TRANSFORM_INVERT, data, 1);
	ck_assert_uint_eq(data[0], 0x3f);
}
END_TEST

START_TEST(guessed_by_trying)
{
	uint64_t seed = rig_seed(3);

	for (unsigned run = 0; run < 24; run++) {
		struct blob blob = firmware_uboot("U-Boot 1.1.4 (May 1 2012)");
		enum transform which = all[run % 4];

		memset(blob.at + 0x14000, 0, 64);
		memcpy(blob.at + 0x100 + rig_random(&seed) % 0x1000, "U-Boot 1.1.4", 12);
		ck_assert_int_eq(transform_guess(blob.at, blob.len), TRANSFORM_NONE);
		transform_apply(which, blob.at, blob.len);
		ck_assert_int_eq(transform_guess(blob.at, blob.len), which);
		free(blob.at);
	}
}
END_TEST

START_TEST(a_pc_is_known_by_its_descriptor)
{
	static uint8_t data[0x10000];

	for (size_t i = 0; i < 4; i++) {
		rig_noise(data, sizeof(data), (unsigned)i);
		put_le32(data + 0x10, 0x0ff0a55a);
		put_le32(data + 0x14, 0x00040003);
		ck_assert_int_eq(transform_guess(data, sizeof(data)), TRANSFORM_NONE);
		transform_apply(all[i], data, sizeof(data));
		ck_assert_int_eq(transform_guess(data, sizeof(data)), all[i]);
	}
}
END_TEST

START_TEST(noise_is_nothing_in_any_order)
{
	static uint8_t data[0x100000];

	for (unsigned i = 0; i < 8; i++) {
		rig_noise(data, sizeof(data), 50 + i);
		ck_assert_int_eq(transform_guess(data, sizeof(data)), TRANSFORM_NONE);
	}
	memset(data, 0xff, sizeof(data));
	ck_assert_int_eq(transform_guess(data, sizeof(data)), TRANSFORM_NONE);
	memset(data, 0, sizeof(data));
	ck_assert_int_eq(transform_guess(data, sizeof(data)), TRANSFORM_NONE);
	ck_assert_int_eq(transform_guess(data, 0), TRANSFORM_NONE);
	ck_assert_int_eq(transform_guess(data, 3), TRANSFORM_NONE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("transform");
	TCase *tc = suite_group(suite, "transform", NULL, NULL);

	tcase_add_test(tc, each_undoes_itself);
	tcase_add_test(tc, bytes_go_where_they_should);
	tcase_add_test(tc, guessed_by_trying);
	tcase_add_test(tc, a_pc_is_known_by_its_descriptor);
	tcase_add_test(tc, noise_is_nothing_in_any_order);
	return run_suite(suite);
}
