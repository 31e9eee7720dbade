/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/suite.h"

#include <stddef.h>
#include <stdlib.h>

/* Before any group is made: no test has a limit on its time, because a loaded machine is no fault
 * of the code. What hangs is ended by tests/run. For a hunt: CK_DEFAULT_TIMEOUT=10 test_program. */
__attribute__((constructor)) static void set_no_time_limit(void)
{
	setenv("CK_DEFAULT_TIMEOUT", "0", 0);
}

/* What was written down last, by line. */
static struct {
	const char *file;
	int line;
} marked[64];

void suite_mark(const char *file, int line)
{
	size_t slot = (size_t)line % (sizeof(marked) / sizeof(marked[0]));

	if (marked[slot].file == file && marked[slot].line == line)
		return;
	marked[slot].file = file;
	marked[slot].line = line;
	(_mark_point)(file, line);
}

TCase *suite_group(Suite *suite, const char *name, SFun setup, SFun teardown)
{
	TCase *tc = tcase_create(name);

	if (setup)
		tcase_add_checked_fixture(tc, setup, teardown);
	suite_add_tcase(suite, tc);
	return tc;
}

int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
