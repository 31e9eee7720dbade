/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of protection rest on: no write that sets a bit for ever goes uncounted. */
#include <stdlib.h>

#include "sim/norsim.h"
#include "support/frames.h"
#include "support/suite.h"

static void part(const char *name)
{
	sim = open_part(name, NULL, NULL);
}

static void done(void)
{
	norsim_close(sim);
	sim = NULL;
}

static void write_enabled(const uint8_t *bytes, size_t len)
{
	SEND(0x06);
	frame(bytes, len, NULL, 0);
	wait_ready();
}

#define WRITE(...) write_enabled(BYTES(__VA_ARGS__), sizeof(BYTES(__VA_ARGS__)))

static void set_for_ever_so_far(uint64_t count)
{
	ck_assert_uint_eq(norsim_stats(sim)->once_set, count);
}

START_TEST(lock_bits_are_counted)
{
	part("W25Q64FV");
	WRITE(0x01, 0x1C, 0x02); /* BP and QE are not for ever */
	WRITE(0x01, 0x00, 0x00);
	SEND(0x50);
	SEND(0x01, 0x00, 0x08);
	wait_ready();
	set_for_ever_so_far(0);
	WRITE(0x01, 0x00, 0x08);
	set_for_ever_so_far(1);
	WRITE(0x01, 0x00, 0x00); /* it stays, and nothing new is set */
	WRITE(0x01, 0x00, 0x08);
	ck_assert_uint_eq(status(0x35) & 0x38, 0x08);
	set_for_ever_so_far(1);
	WRITE(0x01, 0x00, 0x30);
	set_for_ever_so_far(2);
	done();
}
END_TEST

START_TEST(t_b_and_otp_locks_are_counted)
{
	part("MX25L12835F");
	WRITE(0x01, 0x00, 0x00);
	set_for_ever_so_far(0);
	WRITE(0x01, 0x00, 0x08); /* T/B */
	set_for_ever_so_far(1);
	WRITE(0x2F); /* the OTP area */
	set_for_ever_so_far(2);
	done();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("norsim once");
	SRunner *runner = srunner_create(suite);
	TCase *tc = tcase_create("once");
	int failed;

	tcase_add_test(tc, lock_bits_are_counted);
	tcase_add_test(tc, t_b_and_otp_locks_are_counted);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
