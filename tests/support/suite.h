/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a test program of libcheck is put together, and how it ends. */
#ifndef TESTS_SUPPORT_SUITE_H
#define TESTS_SUPPORT_SUITE_H

#include <check.h>

/* A group of tests of the suite; setup (may be NULL) and teardown run around each. */
TCase *suite_group(Suite *suite, const char *name, SFun setup, SFun teardown);

/* Run the suite, which is freed, and print what failed. Returns what main() returns. */
int run_suite(Suite *suite);

#endif
