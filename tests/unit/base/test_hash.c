/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "support/rig.h"
#include "support/suite.h"

/* The examples of FIPS 180-2, appendix B, and the empty message. */
START_TEST(sha256_is_the_standards)
{
	static const struct {
		const char *text, *hex;
	} known[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	char hex[NP_SHA256_HEX];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		np_sha256_hex(known[i].text, strlen(known[i].text), hex);
		ck_assert_str_eq(hex, known[i].hex);
	}
}
END_TEST

/* The check value of CRC-32/ISO-HDLC in the catalogue of CRCs. */
START_TEST(crc32_is_the_one_of_ethernet_and_zlib)
{
	ck_assert_uint_eq(np_crc32(0, "123456789", 9), 0xcbf43926);
	ck_assert_uint_eq(np_crc32(0, "", 0), 0);
}
END_TEST

START_TEST(pieces_make_the_same_sum_as_the_whole)
{
	uint64_t state = rig_seed(21);
	uint8_t data[5000];
	char whole[NP_SHA256_HEX], pieces[NP_SHA256_HEX];

	rig_fill(data, sizeof(data), 3);
	np_sha256_hex(data, sizeof(data), whole);
	for (int round = 0; round < 50; round++) {
		struct np_sha256 sha;
		uint32_t crc = 0;

		np_sha256_begin(&sha);
		for (size_t at = 0, n; at < sizeof(data); at += n) {
			n = rig_random(&state) % 200;
			if (n > sizeof(data) - at)
				n = sizeof(data) - at;
			np_sha256_add(&sha, data + at, n);
			crc = np_crc32(crc, data + at, n);
		}
		np_sha256_end(&sha, pieces);
		ck_assert_str_eq(whole, pieces);
		ck_assert_uint_eq(crc, np_crc32(0, data, sizeof(data)));
	}
}
END_TEST

START_TEST(one_bit_changes_both_sums)
{
	uint8_t data[256];
	char before[NP_SHA256_HEX], after[NP_SHA256_HEX];
	uint32_t crc;

	memset(data, 0xff, sizeof(data));
	np_sha256_hex(data, sizeof(data), before);
	crc = np_crc32(0, data, sizeof(data));
	for (size_t bit = 0; bit < 8 * sizeof(data); bit++) {
		data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		np_sha256_hex(data, sizeof(data), after);
		ck_assert_str_ne(before, after);
		ck_assert_uint_ne(crc, np_crc32(0, data, sizeof(data)));
		data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hash");
	TCase *tc = suite_group(suite, "hash", NULL, NULL);

	tcase_add_test(tc, sha256_is_the_standards);
	tcase_add_test(tc, crc32_is_the_one_of_ethernet_and_zlib);
	tcase_add_test(tc, pieces_make_the_same_sum_as_the_whole);
	tcase_add_test(tc, one_bit_changes_both_sums);
	return run_suite(suite);
}
