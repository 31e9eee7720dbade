/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of USB when libusb does not work, for a moment or for good. */
#include <libusb.h>
#include <stdint.h>
#include <string.h>

#include "support/suite.h"
#include "usb/usb.h"

#define MANY 4

static unsigned failures, starts; /* libusb_init() fails so often, and was called so often */
static ssize_t listed;
static struct np_error err;

/* In the place of libusb's own. */
int libusb_init(libusb_context **context)
{
	*context = NULL;
	return starts++ < failures ? LIBUSB_ERROR_OTHER : 0;
}

void libusb_exit(libusb_context *context)
{
	(void)context;
}

ssize_t libusb_get_device_list(libusb_context *context, libusb_device ***list)
{
	(void)context;
	*list = NULL;
	return listed;
}

void libusb_free_device_list(libusb_device **list, int unref)
{
	(void)list;
	(void)unref;
}

static int list(unsigned fails)
{
	struct usb_seen seen[MANY];
	size_t count = MANY;
	int ret;

	failures = fails;
	starts = 0;
	memset(&err, 0, sizeof(err));
	ret = usb_list(seen, MANY, &count, &err);
	ck_assert_uint_eq(count, 0);
	return ret;
}

START_TEST(a_start_that_fails_for_a_moment_is_tried_again)
{
	listed = 0;
	ck_assert_int_eq(list(0), 0);
	ck_assert_uint_eq(starts, 1);
	ck_assert_int_eq(list(1), 0);
	ck_assert_int_eq(list(2), 0);
	ck_assert_uint_eq(starts, 3);
}
END_TEST

START_TEST(one_that_fails_for_good_says_what_to_do)
{
	listed = 0;
	ck_assert_int_eq(list(UINT32_MAX), NP_E_FAIL);
	ck_assert_uint_le(starts, 5);
	ck_assert_ptr_nonnull(strstr(err.message, "libusb does not start"));
	ck_assert_ptr_nonnull(strstr(err.hint, "ulimit -n"));
}
END_TEST

/* Nothing was seen because nothing could be looked at: that is not "no adapter". */
START_TEST(a_list_that_cannot_be_made_is_not_an_empty_one)
{
	listed = LIBUSB_ERROR_NO_MEM;
	ck_assert_int_eq(list(0), NP_E_FAIL);
	ck_assert(err.hint[0]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("usb");
	TCase *group = suite_group(suite, "libusb", NULL, NULL);

	tcase_add_test(group, a_start_that_fails_for_a_moment_is_tried_again);
	tcase_add_test(group, one_that_fails_for_good_says_what_to_do);
	tcase_add_test(group, a_list_that_cannot_be_made_is_not_an_empty_one);
	return run_suite(suite);
}
