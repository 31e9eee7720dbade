/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waits that signals do not shorten. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "serprog/serial_wait.h"
#include "support/suite.h"

static volatile sig_atomic_t signals;

static void count(int number)
{
	(void)number;
	signals = signals + 1;
}

static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = count};

	signals = 0;
	sigaction(SIGUSR1, &action, NULL);
}

struct sender {
	pthread_t to;
	int fd;         /* written to after the signals; -1: not */
	unsigned count; /* signals */
};

/* Signal, and go on only when that one was taken: each of them interrupts a wait. */
static void *send_signals(void *arg)
{
	const struct sender *sender = arg;

	for (unsigned i = 0; i < sender->count; i++) {
		pthread_kill(sender->to, SIGUSR1);
		while (signals <= (int)i)
			usleep(100);
	}
	if (sender->fd >= 0)
		ck_assert_int_eq(write(sender->fd, "x", 1), 1);
	return NULL;
}

START_TEST(a_byte_behind_signals_is_waited_for)
{
	struct sender sender = {.to = pthread_self(), .count = 20};
	pthread_t thread;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	sender.fd = fds[1];
	pthread_create(&thread, NULL, send_signals, &sender);
	/* An hour: only a wait that goes on after each signal sees the byte, and it ends with it. */
	ck_assert_int_eq(serial_wait(fds[0], POLLIN, 3600u * 1000000u), POLLIN);
	pthread_join(thread, NULL);
	ck_assert_int_eq(signals, 20);
}
END_TEST

START_TEST(without_a_byte_the_whole_time_is_waited)
{
	struct sender sender = {.to = pthread_self(), .count = 5, .fd = -1};
	uint64_t before = serial_now_us(NULL);
	pthread_t thread;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	pthread_create(&thread, NULL, send_signals, &sender);
	ck_assert_int_eq(serial_wait(fds[0], POLLIN, 50000), 0);
	ck_assert_uint_ge(serial_now_us(NULL) - before, 50000);
	pthread_join(thread, NULL);
}
END_TEST

START_TEST(a_closed_line_is_no_time_out)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	close(fds[1]);
	ck_assert(serial_wait(fds[0], POLLIN, 3600u * 1000000u) & POLLHUP);
	close(fds[0]);
	ck_assert(serial_wait(fds[0], POLLIN, 3600u * 1000000u) & (POLLNVAL | POLLERR));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("serial_wait");
	TCase *tc = suite_group(suite, "serial_wait", catch_signals, NULL);

	tcase_add_test(tc, a_byte_behind_signals_is_waited_for);
	tcase_add_test(tc, without_a_byte_the_whole_time_is_waited);
	tcase_add_test(tc, a_closed_line_is_no_time_out);
	return run_suite(suite);
}
