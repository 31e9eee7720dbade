/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a test program of libcheck ends. */
#ifndef TESTS_SUPPORT_SUITE_H
#define TESTS_SUPPORT_SUITE_H

#include <check.h>

/* Run the suite, which is freed, and print what failed. Returns what main() returns. */
int run_suite(Suite *suite);

#endif
