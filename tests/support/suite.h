/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a test program of libcheck is put together, and how it ends. */
#ifndef TESTS_SUPPORT_SUITE_H
#define TESTS_SUPPORT_SUITE_H

#include <check.h>

/* A group of tests of the suite; setup (may be NULL) and teardown run around each. */
TCase *suite_group(Suite *suite, const char *name, SFun setup, SFun teardown);

/* libcheck writes each assertion that holds to a file, to tell after which of them a test crashed. In
 * loops over bytes that costs more than what is tested, so a place is written when it is reached for
 * the first time (or again, after others): after a crash the place told may be a little early. Failed
 * assertions are told as ever. */
void suite_mark(const char *file, int line);
#define _mark_point(file, line) suite_mark((file), (line))

/* Run the suite, which is freed, and print what failed. Returns what main() returns. */
int run_suite(Suite *suite);

#endif
