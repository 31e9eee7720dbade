/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queues and getting in step, with an adapter that says what the test wants. */
#include <stdint.h>

#include "support/suite.h"
#include "usb/usb_run.h"

static struct {
	int run, step; /* what they return */
	unsigned runs, steps;
	bool stop; /* the run is asked to */
} fake;

static int run(void *self, struct spi_msg *msgs, size_t count, size_t *done, struct usb_pace *pace,
               struct np_error *err)
{
	(void)self;
	(void)msgs;
	*done = count;
	pace->stopped = fake.stop;
	fake.runs++;
	return fake.run ? np_fail(err, fake.run, "run") : 0;
}

static int step(void *self, struct np_error *err)
{
	(void)self;
	fake.steps++;
	return fake.step ? np_fail(err, fake.step, "step") : 0;
}

static struct np_error err;
static bool lost;
static size_t done;

static int queue(int run_says, int step_says)
{
	const struct usb_queue q = {.run = run, .get_in_step = step, .lost = &lost};
	static struct spi_msg msgs[3];

	fake.run = run_says;
	fake.step = step_says;
	fake.runs = fake.steps = 0;
	return usb_queue_run(&q, msgs, 3, &done, NULL, NULL, &err);
}

START_TEST(what_failed_is_brought_in_step_at_once_or_before_the_next)
{
	lost = false;
	ck_assert_int_eq(queue(0, 0), 0);
	ck_assert(fake.runs == 1 && fake.steps == 0 && done == 3);
	ck_assert_int_eq(queue(NP_E_BUS, 0), NP_E_BUS);
	ck_assert(!lost && fake.steps == 1);
	/* Not now. */
	ck_assert_int_eq(queue(NP_E_BUS, NP_E_TIMEOUT), NP_E_BUS);
	ck_assert_str_eq(err.message, "run");
	ck_assert(lost && fake.steps == 1);
	/* Still not: nothing is sent, and nothing done. */
	ck_assert_int_eq(queue(0, NP_E_TIMEOUT), NP_E_TIMEOUT);
	ck_assert(lost && fake.runs == 0 && done == 0);
	ck_assert_int_eq(queue(0, 0), 0);
	ck_assert(!lost && fake.runs == 1 && fake.steps == 1);
}
END_TEST

START_TEST(what_is_gone_is_not_spoken_to)
{
	lost = false;
	ck_assert_int_eq(queue(NP_E_GONE, 0), NP_E_GONE);
	ck_assert(lost && fake.steps == 0);
}
END_TEST

START_TEST(a_run_that_was_stopped_is_told_so)
{
	lost = false;
	fake.stop = true;
	ck_assert_int_eq(queue(0, 0), NP_E_INTERRUPTED);
	ck_assert(!lost && fake.steps == 0);
	fake.stop = false;
}
END_TEST

START_TEST(echoes_come_after_what_is_stale)
{
	struct usb_echo echo = {.lens = {31, 15}, .stale_most = 5};
	static const size_t stale[] = {7, 31, 30, SIZE_MAX};

	/* A stale answer of the first length is taken for the first echo until another follows. */
	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(usb_echo_take(&echo, stale[i], &err), 1);
		ck_assert_uint_eq(usb_echo_want(&echo), stale[i] == 31 ? 1 : 2);
	}
	ck_assert_int_eq(usb_echo_take(&echo, 31, &err), 1);
	/* Twice the first: the second of them may be the echo. */
	ck_assert_int_eq(usb_echo_take(&echo, 31, &err), 1);
	ck_assert_uint_eq(usb_echo_want(&echo), 1);
	ck_assert_int_eq(usb_echo_take(&echo, 15, &err), 1);
	ck_assert_uint_eq(usb_echo_want(&echo), 0);
}
END_TEST

START_TEST(a_flood_ends)
{
	struct usb_echo echo = {.lens = {31, 15}, .stale_most = 5};
	unsigned taken = 0;

	while (usb_echo_take(&echo, 9, &err) == 1)
		taken++;
	ck_assert_uint_eq(taken, 5);
	ck_assert_int_eq(err.code, NP_E_BUS);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("usb_run");
	TCase *tc = suite_group(suite, "usb_run", NULL, NULL);

	tcase_add_test(tc, what_failed_is_brought_in_step_at_once_or_before_the_next);
	tcase_add_test(tc, what_is_gone_is_not_spoken_to);
	tcase_add_test(tc, a_run_that_was_stopped_is_told_so);
	tcase_add_test(tc, echoes_come_after_what_is_stale);
	tcase_add_test(tc, a_flood_ends);
	return run_suite(suite);
}
