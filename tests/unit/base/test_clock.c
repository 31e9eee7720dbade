/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sleep that signals do not shorten. */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/suite.h"

#define SIGNALS 20

static volatile sig_atomic_t signals;

static void count(int number)
{
	(void)number;
	signals = signals + 1;
}

static void *send_signals(void *arg)
{
	for (int i = 0; i < SIGNALS; i++) {
		pthread_kill(*(pthread_t *)arg, SIGUSR1);
		while (signals <= i)
			usleep(100);
	}
	return NULL;
}

START_TEST(signals_do_not_shorten_it)
{
	struct sigaction action = {.sa_handler = count};
	pthread_t me = pthread_self(), thread;
	uint64_t before = np_now_us();

	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, send_signals, &me);
	np_sleep_us(60000);
	ck_assert_uint_ge(np_now_us() - before, 60000);
	pthread_join(thread, NULL);
	ck_assert_int_eq(signals, SIGNALS);
}
END_TEST

START_TEST(the_clock_goes_forward)
{
	uint64_t before = np_now_us();

	for (int i = 0; i < 1000; i++) {
		uint64_t now = np_now_us();

		ck_assert_uint_ge(now, before);
		before = now;
	}
	np_sleep_us(0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("clock");
	TCase *tc = suite_group(suite, "clock", NULL, NULL);

	tcase_add_test(tc, signals_do_not_shorten_it);
	tcase_add_test(tc, the_clock_goes_forward);
	return run_suite(suite);
}
