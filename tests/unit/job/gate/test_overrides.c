/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "job/gate/gate.h"
#include "support/suite.h"

START_TEST(names_of_overrides)
{
	struct overrides overrides = {.count = 0};
	struct np_error err = {0};

	ck_assert_int_eq(overrides_add(&overrides, "unit-data", &err), 0);
	ck_assert_int_eq(overrides_add(&overrides, "unit-data", &err), 0);
	ck_assert_uint_eq(overrides.count, 1);
	ck_assert_int_eq(overrides_add(&overrides, "unit-dat", &err), NP_E_USAGE);
	ck_assert_ptr_nonnull(strstr(err.hint, "did you mean unit-data?"));
	ck_assert_int_eq(overrides_add(&overrides, "whatever", &err), NP_E_USAGE);
	ck_assert_ptr_nonnull(strstr(err.hint, "unit-data, unit-form"));
	/* Every name that can be given is in that list, which is not cut. */
	for (size_t i = 0; gate_table[i]; i++)
		if (gate_table[i]->can_be_overridden)
			ck_assert_ptr_nonnull(strstr(err.hint, gate_table[i]->name));
	ck_assert_int_eq(overrides_add(&overrides, "unfinished-job", &err), NP_E_USAGE);
	ck_assert_ptr_nonnull(strstr(err.message, "cannot be overridden"));
	ck_assert_ptr_nonnull(strstr(err.hint, "norprog resume"));
	/* In any case, and once. */
	ck_assert_int_eq(overrides_add(&overrides, "Unit-DATA", &err), 0);
	ck_assert_uint_eq(overrides.count, 1);
	ck_assert(overrides_has(&overrides, "unit-data") && !overrides_has(&overrides, "supply"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("job_overrides");
	TCase *tc = tcase_create("overrides");

	tcase_add_test(tc, names_of_overrides);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
