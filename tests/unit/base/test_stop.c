/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stop requests and log lines: the common ones, and those that belong to one thread's work. */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "base/log.h"
#include "base/stop.h"
#include "support/suite.h"

START_TEST(test_common)
{
	ck_assert_int_eq(np_stop_level(), 0);
	ck_assert_int_eq(np_stop_request(), 1);
	ck_assert_int_eq(np_stop_level(), 1);
	ck_assert_int_eq(np_stop_request(), NP_STOP_MOST);
	ck_assert_int_eq(np_stop_request(), NP_STOP_MOST);
	ck_assert_int_eq(np_stop_level(), NP_STOP_MOST);
	np_stop_clear();
	ck_assert_int_eq(np_stop_level(), 0);
}
END_TEST

START_TEST(test_bound)
{
	struct np_stop mine = {0}, other = {0};

	ck_assert_ptr_null(np_stop_bind(&mine));
	np_stop_ask(&other);
	ck_assert_int_eq(np_stop_level(), 0);
	np_stop_ask(&mine);
	ck_assert_int_eq(np_stop_level(), 1);
	np_stop_ask(&mine);
	np_stop_ask(&mine);
	ck_assert_int_eq(np_stop_level(), 2);
	np_stop_forget(&mine);
	ck_assert_int_eq(np_stop_level(), 0);
	/* Ctrl-C reaches everybody. */
	np_stop_request();
	ck_assert_int_eq(np_stop_level(), 1);
	np_stop_ask(&mine);
	np_stop_ask(&mine);
	ck_assert_int_eq(np_stop_level(), 2);
	ck_assert_ptr_eq(np_stop_bind(NULL), &mine);
	ck_assert_int_eq(np_stop_level(), 1);
	np_stop_clear();
}
END_TEST

static bool is_ignored(int number)
{
	struct sigaction now;

	ck_assert_int_eq(sigaction(number, NULL, &now), 0);
	return now.sa_handler == SIG_IGN;
}

/* Thousands a second would otherwise leave no time for the work that is to end. */
START_TEST(test_signals_cost_nothing_after_the_second)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	np_stop_catch();
	raise(SIGTERM);
	ck_assert_int_eq(np_stop_level(), 1);
	ck_assert(!is_ignored(SIGTERM) && !is_ignored(SIGINT) && !is_ignored(SIGHUP));
	raise(SIGINT);
	ck_assert_int_eq(np_stop_level(), NP_STOP_MOST);
	ck_assert(is_ignored(SIGTERM) && is_ignored(SIGINT) && is_ignored(SIGHUP));
	np_stop_clear();
}
END_TEST

START_TEST(test_an_ignored_signal_stays_ignored)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_IGN);
	np_stop_catch();
	raise(SIGHUP);
	ck_assert_int_eq(np_stop_level(), 0);
	raise(SIGINT);
	ck_assert_int_eq(np_stop_level(), 1);
	np_stop_clear();
}
END_TEST

static void *level_elsewhere(void *ctx)
{
	*(int *)ctx = np_stop_level();
	return NULL;
}

START_TEST(test_other_thread)
{
	struct np_stop mine = {0};
	pthread_t thread;
	int level = -1;

	np_stop_bind(&mine);
	np_stop_ask(&mine);
	pthread_create(&thread, NULL, level_elsewhere, &level);
	pthread_join(thread, NULL);
	ck_assert_int_eq(level, 0);
	ck_assert_int_eq(np_stop_level(), 1);
	np_stop_bind(NULL);
}
END_TEST

static void keep(void *ctx, enum np_log_level level, const char *line)
{
	(void)level;
	strcat(ctx, line);
}

START_TEST(test_log)
{
	char common[64] = "", mine[64] = "";
	struct np_log_sink sink = {keep, mine}, nowhere = {0};

	np_log_set_sink(keep, common);
	np_log(NP_LOG_WARN, "a");
	ck_assert_ptr_null(np_log_bind(&sink));
	np_log(NP_LOG_WARN, "b");
	ck_assert_ptr_eq(np_log_bind(&nowhere), &sink);
	np_log(NP_LOG_WARN, "c");
	ck_assert_ptr_eq(np_log_bind(NULL), &nowhere);
	np_log(NP_LOG_WARN, "%s", "d");
	ck_assert_str_eq(common, "ad");
	ck_assert_str_eq(mine, "b");
	np_log_set_sink(NULL, NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stop");
	TCase *tc = suite_group(suite, "all", NULL, NULL);

	tcase_add_test(tc, test_common);
	tcase_add_test(tc, test_bound);
	tcase_add_test(tc, test_other_thread);
	tcase_add_test(tc, test_signals_cost_nothing_after_the_second);
	tcase_add_test(tc, test_an_ignored_signal_stays_ignored);
	tcase_add_test(tc, test_log);
	return run_suite(suite);
}
