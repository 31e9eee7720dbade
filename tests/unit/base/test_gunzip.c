/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/gunzip.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "support/suite.h"

#define LEN 5000

static unsigned char packed[2 * LEN];
static char plain[LEN], *out;
static size_t packed_len;
static struct np_error err;

static void pack(void)
{
	z_stream z = {.next_in = (unsigned char *)plain, .avail_in = LEN};

	for (size_t i = 0; i < LEN; i++)
		plain[i] = (char)(i * i / 7);
	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = packed;
	z.avail_out = sizeof(packed);
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	packed_len = sizeof(packed) - z.avail_out;
	deflateEnd(&z);
}

START_TEST(what_was_packed_comes_out)
{
	ck_assert_int_eq(np_gunzip(packed, packed_len, LEN, &out, &err), 0);
	ck_assert_mem_eq(out, plain, LEN);
	ck_assert_int_eq(out[LEN], 0);
	free(out);
}
END_TEST

START_TEST(no_other_length_is_taken)
{
	ck_assert_int_eq(np_gunzip(packed, packed_len, LEN - 1, &out, &err), NP_E_FAIL);
	ck_assert_ptr_null(out);
	ck_assert_int_eq(np_gunzip(packed, packed_len, LEN + 1, &out, &err), NP_E_FAIL);
	ck_assert_str_ne(err.message, "");
}
END_TEST

START_TEST(cut_or_damaged_is_refused)
{
	for (size_t len = 0; len < packed_len; len++)
		ck_assert_int_eq(np_gunzip(packed, len, LEN, &out, &err), NP_E_FAIL);
	/* The checksum in the last eight bytes tells of any bit of the contents. */
	packed[packed_len - 5] ^= 1;
	ck_assert_int_eq(np_gunzip(packed, packed_len, LEN, &out, &err), NP_E_FAIL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("gunzip");
	TCase *tc = suite_group(suite, "gunzip", pack, NULL);

	tcase_add_test(tc, what_was_packed_comes_out);
	tcase_add_test(tc, no_other_length_is_taken);
	tcase_add_test(tc, cut_or_damaged_is_refused);
	return run_suite(suite);
}
