/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Status registers in a manifest: there and back, and what are none. */
#include <stdlib.h>
#include <string.h>

#include "store/status.h"
#include "support/suite.h"

static struct np_error err;

START_TEST(there_and_back)
{
	static const struct manifest_status all[] = {
		{true, {0x1c}, 1, NOR_REG4_NONE},
		{true, {0, 2, 0x60}, 3, NOR_REG4_NONE},
		{true, {0xff, 0xff, 0xff}, 2, NOR_REG4_NONE},
		{true, {0x40, 0, 0, 0x07}, 1, NOR_REG4_CONFIG},
		{true, {0x40, 0, 0, 0x02}, 1, NOR_REG4_FUNCTION},
		{true, {0x40, 0, 0, 0x01}, 1, NOR_REG4_EON_OTP},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct manifest_status again;
		json_t *object = status_pack(&all[i]);

		ck_assert_int_eq(status_load(object, &again, &err), 0);
		ck_assert(again.told);
		ck_assert_uint_eq(again.count, all[i].count);
		ck_assert_int_eq(again.reg4, all[i].reg4);
		ck_assert_int_eq(memcmp(again.sr, all[i].sr, all[i].count), 0);
		ck_assert_uint_eq(again.sr[3], all[i].sr[3]);
		json_decref(object);
	}
}
END_TEST

START_TEST(an_older_manifest_tells_none)
{
	struct manifest_status status;

	ck_assert_int_eq(status_load(NULL, &status, &err), 0);
	ck_assert(!status.told);
}
END_TEST

START_TEST(what_are_none)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"{\"registers\":[]}",
		"{\"registers\":[1,2,3,4]}",
		"{\"registers\":[256]}",
		"{\"registers\":[-1]}",
		"{\"registers\":[\"00\"]}",
		"{\"registers\":[0],\"fourth\":7}",
		"{\"registers\":[0],\"fourth\":7,\"fourth_is\":\"\"}",
		"{\"registers\":[0],\"fourth\":7,\"fourth_is\":\"what\"}",
		"{\"registers\":[0],\"fourth\":700,\"fourth_is\":\"configuration\"}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct manifest_status status;
		json_t *object = json_loads(texts[i], 0, NULL);

		ck_assert_msg(status_load(object, &status, &err) == NP_E_INPUT, "%s", texts[i]);
		ck_assert(!status.told);
		json_decref(object);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("status");
	TCase *tc = suite_group(suite, "status", NULL, NULL);

	tcase_add_test(tc, there_and_back);
	tcase_add_test(tc, an_older_manifest_tells_none);
	tcase_add_test(tc, what_are_none);
	return run_suite(suite);
}
