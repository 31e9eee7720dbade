/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: usb_sysfs_posix.c */
/* Words for what stands in the way of an adapter, who holds it, and how often progress is told. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "usb/usb.h"
#include "usb/usb_pace.h"
#include "usb/usb_sysfs.h"
#include "support/suite.h"

static const struct usb_seen adapter = {
	.vendor = 0x1a86,
	.product = 0x5512,
	.where = "9-9.9",
	.node = "/dev/bus/usb/199/098",
	.name = "USB UART-LPT",
};

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

START_TEST(an_adapter_is_known_by_its_numbers)
{
	static const struct usb_id ids[] = {{0x1a86, 0x55db}, {0x1a86, 0x5512}};
	struct usb_choice choice = {.ids = ids, .id_count = 2};

	ck_assert(usb_is(&choice, &adapter));
	choice.id_count = 1;
	ck_assert(!usb_is(&choice, &adapter));
}
END_TEST

START_TEST(no_permission_comes_with_the_whole_rule)
{
	struct np_error err = {0};
	struct spi_found found = {0};

	ck_assert_int_eq(usb_fail_access(&adapter, &err), NP_E_ACCESS);
	ck_assert(has(err.message, "/dev/bus/usb/199/098"));
	ck_assert_str_eq(
		err.hint,
		"install norprog's udev rules once (`sudo make install`, or copy "
		"udev/60-norprog.rules to /etc/udev/rules.d/), then `sudo udevadm control --reload && "
		"sudo udevadm trigger` and replug it; the group is plugdev (`sudo groupadd -f plugdev "
		"&& sudo usermod -aG plugdev $USER`, then log in again); at once: sudo setfacl -m "
		"u:$USER:rw /dev/bus/usb/199/098");
	usb_describe(&adapter, 0, &found);
	ck_assert(!found.may_open);
	ck_assert(has(found.note, "replug it"));
	ck_assert_str_eq(found.where, "9-9.9");
	ck_assert_str_eq(found.product, "USB UART-LPT");
	ck_assert_str_eq(found.bound, "");
}
END_TEST

START_TEST(a_device_that_is_gone_is_no_programmer)
{
	struct np_error err = {0};
	struct usb_seen here = adapter;

	ck_assert_int_eq(usb_fail_open(&adapter, "why", &err), NP_E_NO_PROGRAMMER);
	strcpy(here.node, "/dev/null");
	ck_assert_int_eq(usb_fail_open(&here, "this is why", &err), NP_E_BUS);
	ck_assert(has(err.message, "this is why"));
}
END_TEST

static pid_t child_that_opens(const char *path)
{
	int ready[2];
	char byte;
	pid_t child;

	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		if (open(path, O_RDONLY) >= 0 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

START_TEST(the_process_that_holds_a_node_is_named)
{
	char root[] = "/tmp/norprog-usb.XXXXXX", path[128], holder[96], pid[32];
	struct np_error err = {0};
	pid_t child;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/098", root);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_msg(!usb_sysfs_holder(path, holder, sizeof(holder)), "named itself: %s", holder);
	close(fd);
	child = child_that_opens(path);
	snprintf(pid, sizeof(pid), "(pid %d)", (int)child);
	ck_assert(usb_sysfs_holder(path, holder, sizeof(holder)));
	ck_assert_msg(has(holder, pid), "%s", holder);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ck_assert(!usb_sysfs_holder(path, holder, sizeof(holder)));
	ck_assert_int_eq(usb_fail_busy(&adapter, 0, &err), NP_E_BUSY);
	ck_assert(has(err.hint, "fuser -v /dev/bus/usb/199/098"));
	unlink(path);
	rmdir(root);
}
END_TEST

/* Where the system tells nothing (make OS_PLAIN=1), opening tells, and no advice is Linux's. */
START_TEST(elsewhere_only_opening_tells)
{
	struct usb_seen unknown = adapter;
	struct np_error err = {0};
	char text[96] = "x";

	ck_assert(usb_sysfs_may_open(unknown.node) && !usb_sysfs_gone(unknown.node));
	ck_assert(!usb_sysfs_holder("/dev/null", text, sizeof(text)));
	ck_assert_str_eq(text, "");
	strcpy(text, "x");
	usb_sysfs_text("1-1", "serial", text, sizeof(text));
	ck_assert_str_eq(text, "");
	ck_assert_int_eq(usb_fail_open(&unknown, "this is why", &err), NP_E_BUS);
	ck_assert_int_eq(usb_fail_access(&unknown, &err), NP_E_ACCESS);
	ck_assert(has(err.hint, "devfs") && !has(err.hint, "udev"));
}
END_TEST

static int count_calls(void *ctx, size_t msg, size_t bytes)
{
	unsigned *calls = ctx;

	(void)msg;
	(void)bytes;
	return ++*calls == 3;
}

START_TEST(progress_is_told_every_64_KiB_and_a_stop_once)
{
	struct usb_pace pace;
	unsigned calls = 0;
	bool stop = false;

	usb_pace_begin(&pace, count_calls, &calls);
	ck_assert(!usb_pace_tell(&pace, 0, 65536));
	ck_assert(!usb_pace_tell(&pace, 0, 131072));
	ck_assert_uint_eq(calls, 2);
	stop = usb_pace_tell(&pace, 0, 196608);
	ck_assert(stop && pace.stopped);
	ck_assert(!usb_pace_tell(&pace, 0, 1 << 20));
	ck_assert_uint_eq(calls, 3);
	usb_pace_begin(&pace, NULL, NULL);
	ck_assert(!usb_pace_tell(&pace, 0, 1 << 20));
}
END_TEST

START_TEST(silence_is_bounded_by_the_pauses_asked_for)
{
	struct spi_msg msgs[3] = {{.pause_us = 150000}, {.pause_us = 0}, {.pause_us = UINT32_MAX}};

	ck_assert_uint_ge(usb_pace_stall_ms(msgs, 2), 1150);
	ck_assert_uint_le(usb_pace_stall_ms(msgs, 2), 1200);
	ck_assert_uint_ge(usb_pace_stall_ms(msgs, 3), UINT32_MAX / 1000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("usb_find");
	TCase *cases = tcase_create("words");

	tcase_add_test(cases, an_adapter_is_known_by_its_numbers);
	if (OS_LINUX) {
		tcase_add_test(cases, no_permission_comes_with_the_whole_rule);
		tcase_add_test(cases, a_device_that_is_gone_is_no_programmer);
		tcase_add_test(cases, the_process_that_holds_a_node_is_named);
	} else {
		tcase_add_test(cases, elsewhere_only_opening_tells);
	}
	tcase_add_test(cases, progress_is_told_every_64_KiB_and_a_stop_once);
	tcase_add_test(cases, silence_is_bounded_by_the_pauses_asked_for);
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
