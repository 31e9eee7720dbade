/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said once about each adapter. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/adapter.h"
#include "support/rig.h"
#include "support/suite.h"

static struct rig rig;

static void setup(void)
{
	rig_init(&rig);
}

static void teardown(void)
{
	rig_free(&rig);
}

/* As one run of the command sees it. */
static bool is_new(const char *name, const char *serial)
{
	struct store store = {.dir = rig.dir};
	bool answer = adapter_is_new(&store, name, serial);

	store_close(&store);
	return answer;
}

START_TEST(each_place_once)
{
	ck_assert(is_new("ch341a at 1-2", ""));
	ck_assert(!is_new("ch341a at 1-2", ""));
	ck_assert(is_new("ch341a at 1-2.1", ""));
	ck_assert(is_new("ch347 at 1-2", ""));
	ck_assert(is_new("ch341a", ""));
	ck_assert(!is_new("ch341a at 1-2", ""));
}
END_TEST

START_TEST(a_serial_number_counts_wherever_it_is_plugged_in)
{
	ck_assert(is_new("ch347 at 1-2", "A1"));
	ck_assert(!is_new("ch347 at 3-4", "A1"));
	ck_assert(is_new("ch347 at 1-2", "A2"));
	ck_assert(is_new("ch347 at 1-2", ""));
	ck_assert(is_new("ft232h at 1-2", "A1"));
	/* Where the name ends and the serial begins is not to be faked. */
	ck_assert(is_new("ch347A1", ""));
	ck_assert(is_new("ch347A", "1"));
}
END_TEST

START_TEST(any_text_is_a_serial_number)
{
	static const char *const odd[] = {"../../x", "/etc/passwd", ".", "..",
	                                  "a\nb",    "\xff\xfe",    "%s"};
	char path[600];

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		ck_assert_msg(is_new("ch347 at 1-2", odd[i]), "%zu", i);
		ck_assert_msg(!is_new("ch347 at 1-2", odd[i]), "%zu", i);
	}
	ck_assert_uint_eq(rig_files(&rig, "adapters"), sizeof(odd) / sizeof(odd[0]));
	snprintf(path, sizeof(path), "%s/x", rig.dir);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(what_cannot_be_remembered_is_said_again)
{
	char folder[600], elsewhere[600];

	snprintf(folder, sizeof(folder), "%s/adapters", rig.dir);
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", rig.dir);
	ck_assert(is_new("ch341a at 1-2", ""));
	ck_assert_int_eq(rename(folder, elsewhere), 0);
	ck_assert_int_eq(symlink(elsewhere, folder), 0);
	ck_assert(is_new("ch341a at 1-2", ""));
	ck_assert(is_new("ch341a at 5-6", ""));
	ck_assert(is_new("ch341a at 5-6", ""));
	ck_assert_uint_eq(rig_files(&rig, "elsewhere"), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("adapter");
	TCase *tc = tcase_create("adapter");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_place_once);
	tcase_add_test(tc, a_serial_number_counts_wherever_it_is_plugged_in);
	tcase_add_test(tc, any_text_is_a_serial_number);
	tcase_add_test(tc, what_cannot_be_remembered_is_said_again);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
