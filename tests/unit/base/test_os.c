/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: os.c os_linux.c os_posix.c */
/* What the rest relies on, whichever of the two files has it. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"
#include "support/suite.h"

static volatile sig_atomic_t caught;

static void note(int number)
{
	caught = number;
}

static char folder[] = "/tmp/norprog-os-XXXXXX";

static void make_folder(void)
{
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void remove_folder(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static bool is_private(int fd)
{
	return fcntl(fd, F_GETFD) & FD_CLOEXEC;
}

/* ---- waiting ---- */

START_TEST(a_pipe_is_inherited_by_nobody)
{
	int fds[2];

	ck_assert_int_eq(np_os_pipe(fds), 0);
	ck_assert(is_private(fds[0]) && is_private(fds[1]));
}
END_TEST

START_TEST(what_is_ready_shows)
{
	struct pollfd fds[4];
	struct timespec none = {0};
	int empty[2], full[2], closed[2];

	ck_assert(!np_os_pipe(empty) && !np_os_pipe(full) && !np_os_pipe(closed));
	ck_assert_int_eq(write(full[1], "x", 1), 1);
	close(closed[1]);
	fds[0] = (struct pollfd){empty[0], POLLIN, 0};
	fds[1] = (struct pollfd){full[0], POLLIN, 0};
	fds[2] = (struct pollfd){-1, POLLIN, 0};
	fds[3] = (struct pollfd){closed[0], POLLIN, 0};
	ck_assert_int_eq(np_os_poll(fds, 4, NULL, NULL), 2);
	ck_assert_int_eq(fds[0].revents, 0);
	ck_assert_int_eq(fds[1].revents, POLLIN);
	ck_assert_int_eq(fds[2].revents, 0);
	ck_assert_int_ne(fds[3].revents & POLLHUP, 0);
	ck_assert_int_eq(np_os_poll(fds, 1, &none, NULL), 0);
	fds[0] = (struct pollfd){empty[1], POLLOUT, 0};
	ck_assert_int_eq(np_os_poll(fds, 1, NULL, NULL), 1);
	ck_assert_int_eq(fds[0].revents, POLLOUT);
}
END_TEST

/* A lost one would wait for ever. */
START_TEST(a_signal_that_came_before_is_not_slept_over)
{
	struct sigaction action = {.sa_handler = note};
	struct pollfd fd;
	sigset_t block, before;
	int fds[2];

	caught = 0;
	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, &before);
	ck_assert_int_eq(np_os_pipe(fds), 0);
	kill(getpid(), SIGUSR1);
	ck_assert_int_eq(caught, 0);
	fd = (struct pollfd){fds[0], POLLIN, 0};
	ck_assert_int_eq(np_os_poll(&fd, 1, NULL, &before), -1);
	ck_assert_int_eq(errno, EINTR);
	ck_assert_int_eq(caught, SIGUSR1);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
END_TEST

/* Its end of the pipe closes when it dies; the reader would otherwise wait for ever. */
START_TEST(a_child_ends_with_its_parent)
{
	int fds[2], told[2];
	char c;

	ck_assert(!np_os_pipe(fds) && !np_os_pipe(told));
	if (fork() == 0) {
		if (fork() == 0) {
			signal(SIGTERM, SIG_DFL); /* libcheck's would end all of us */
			np_os_die_with_parent(SIGTERM);
			if (write(told[1], "x", 1) != 1)
				_exit(1);
			for (;;)
				pause();
		}
		_exit(read(told[0], &c, 1) != 1);
	}
	close(fds[1]);
	close(told[1]);
	ck_assert_int_eq(read(fds[0], &c, 1), 0);
	ck_assert_int_gt(wait(NULL), 0);
}
END_TEST

/* ---- sockets ---- */

static int listen_here(struct sockaddr_in *at)
{
	socklen_t len = sizeof(*at);
	int fd = np_os_socket(AF_INET, true);

	*at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)at, len), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)at, &len), 0);
	return fd;
}

START_TEST(sockets_are_private_and_block_as_asked)
{
	struct sockaddr_in at, peer;
	socklen_t len = sizeof(peer);
	int server = listen_here(&at), client = np_os_socket(AF_INET, false), one = 0, fd;
	socklen_t one_len = sizeof(one);

	ck_assert(is_private(server) && is_private(client));
	ck_assert(!(fcntl(server, F_GETFL) & O_NONBLOCK));
	ck_assert(fcntl(client, F_GETFL) & O_NONBLOCK);
	connect(client, (struct sockaddr *)&at, sizeof(at));
	fd = np_os_accept(server, (struct sockaddr *)&peer, &len);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(peer.sin_family, AF_INET);
	ck_assert(is_private(fd));
	ck_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
	np_os_watch_peer(fd, 4);
	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, &one_len), 0);
	ck_assert_int_ne(one, 0);
}
END_TEST

/* SIGPIPE would end the test, or be caught. */
START_TEST(sending_to_nobody_is_an_error_and_no_signal)
{
	struct sigaction action = {.sa_handler = _i ? note : SIG_DFL};
	int pair[2];

	caught = 0;
	sigaction(SIGPIPE, &action, NULL);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(np_os_send(pair[0], "ab", 2), 2);
	close(pair[1]);
	ck_assert_int_eq(np_os_send(pair[0], "ab", 2), -1);
	ck_assert_int_eq(errno, EPIPE);
	ck_assert_int_eq(caught, 0);
	if (_i)
		raise(SIGPIPE);
	ck_assert_int_eq(caught, _i ? SIGPIPE : 0);
}
END_TEST

/* ---- files ---- */

START_TEST(a_way_leads_on_and_no_link_does)
{
	int at, next;

	ck_assert_int_eq(mkdir("real", 0700), 0);
	ck_assert_int_eq(mkdir("real/below", 0700), 0);
	ck_assert_int_eq(symlink("real", "link"), 0);
	at = np_os_open_way(AT_FDCWD, "real", O_NOFOLLOW);
	ck_assert_int_ge(at, 0);
	ck_assert(is_private(at));
	next = np_os_open_way(at, "below", O_NOFOLLOW);
	ck_assert_int_ge(next, 0);
	ck_assert_int_eq(mkdirat(next, "new", 0700), 0);
	ck_assert_int_eq(access("real/below/new", F_OK), 0);
	ck_assert_int_eq(np_os_open_way(AT_FDCWD, "link", O_NOFOLLOW), -1);
	ck_assert(errno == ELOOP || errno == ENOTDIR);
	ck_assert_int_ge(np_os_open_way(AT_FDCWD, "link", 0), 0);
	ck_assert_int_eq(np_os_open_way(AT_FDCWD, "none", 0), -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(a_nameless_file_is_a_file)
{
	int fd = np_os_nameless(), other = np_os_nameless();
	char *mapped;
	struct stat st;

	ck_assert(fd >= 0 && other >= 0 && is_private(fd));
	ck_assert_int_eq(write(fd, "abc", 3), 3);
	mapped = mmap(NULL, 3, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ck_assert_ptr_ne(mapped, MAP_FAILED);
	ck_assert_int_eq(memcmp(mapped, "abc", 3), 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq((int)st.st_nlink, 0);
	ck_assert_int_eq(fstat(other, &st), 0);
	ck_assert_int_eq((int)st.st_size, 0);
	ck_assert_int_eq(np_os_sync(fd), 0);
}
END_TEST

START_TEST(of_two_openings_one_has_the_lock)
{
	int a = open("lock", O_RDWR | O_CREAT, 0600), b = open("lock", O_RDWR);
	int look = open("lock", O_RDONLY);

	ck_assert(!np_os_is_locked(look));
	ck_assert_int_eq(np_os_lock(a, NP_OS_GATE), 0);
	ck_assert(!np_os_is_locked(look));
	ck_assert_int_eq(np_os_lock(a, NP_OS_LIFE), 0);
	np_os_unlock(a, NP_OS_GATE);
	ck_assert_int_eq(np_os_lock(b, NP_OS_LIFE), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert(np_os_is_locked(look));
	ck_assert(np_os_is_locked(b));
	np_os_unlock(a, NP_OS_LIFE);
	ck_assert(!np_os_is_locked(look));
	ck_assert_int_eq(np_os_lock(b, NP_OS_LIFE), 0);
	close(b); /* as a process does that dies */
	ck_assert(!np_os_is_locked(look));
}
END_TEST

START_TEST(a_file_tells_when_it_was_written)
{
	struct timespec times[2] = {{100, 0}, {1234567, 890}};
	struct stat st;

	close(open("old", O_RDWR | O_CREAT, 0600));
	ck_assert_int_eq(utimensat(AT_FDCWD, "old", times, 0), 0);
	ck_assert_int_eq(stat("old", &st), 0);
	ck_assert_int_eq(np_os_written(&st).tv_sec, 1234567);
}
END_TEST

/* ---- the rest ---- */

START_TEST(random_bytes_are_not_the_same_twice)
{
	uint8_t a[32] = {0}, b[32] = {0};

	ck_assert_int_eq(np_os_random(a, sizeof(a)), 0);
	ck_assert_int_eq(np_os_random(b, sizeof(b)), 0);
	ck_assert_int_ne(memcmp(a, b, sizeof(a)), 0);
}
END_TEST

START_TEST(what_is_too_much_does_not_grow)
{
	int *at = np_os_grow(NULL, 2, sizeof(*at));

	ck_assert_ptr_nonnull(at);
	at[1] = 7;
	at = np_os_grow(at, 1000, sizeof(*at));
	ck_assert_int_eq(at[1], 7);
	ck_assert_ptr_null(np_os_grow(at, SIZE_MAX / 2, 4));
	ck_assert_int_eq(errno, ENOMEM);
	free(at);
}
END_TEST

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

START_TEST(places_are_in_the_order_of_their_numbers)
{
	static const char *const order[] = {"",    "/dev/ttyACM0", "/dev/ttyACM2", "/dev/ttyACM10",
	                                    "1-1", "1-1.2",        "1-1.2.1",      "1-1.10",
	                                    "1-2", "1-10",         "2-1",          "10-1",
	                                    "a"};
	size_t count = sizeof(order) / sizeof(order[0]);

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++)
			ck_assert_msg(sign(np_os_compare_places(order[i], order[j])) ==
			                      (i > j) - (i < j),
			              "%s, %s", order[i], order[j]);
}
END_TEST

START_TEST(the_environment_is_this_process_s)
{
	bool found = false;

	setenv("NORPROG_TEST_OS", "x", 1);
	for (char **at = np_os_environ(); *at; at++)
		found |= strcmp(*at, "NORPROG_TEST_OS=x") == 0;
	ck_assert(found);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("os");
	TCase *tc = suite_group(suite, "os", make_folder, remove_folder);

	tcase_add_test(tc, a_pipe_is_inherited_by_nobody);
	tcase_add_test(tc, what_is_ready_shows);
	tcase_add_test(tc, a_signal_that_came_before_is_not_slept_over);
	tcase_add_test(tc, a_child_ends_with_its_parent);
	tcase_add_test(tc, sockets_are_private_and_block_as_asked);
	tcase_add_loop_test(tc, sending_to_nobody_is_an_error_and_no_signal, 0, 2);
	tcase_add_test(tc, a_way_leads_on_and_no_link_does);
	tcase_add_test(tc, a_nameless_file_is_a_file);
	tcase_add_test(tc, of_two_openings_one_has_the_lock);
	tcase_add_test(tc, a_file_tells_when_it_was_written);
	tcase_add_test(tc, random_bytes_are_not_the_same_twice);
	tcase_add_test(tc, what_is_too_much_does_not_grow);
	tcase_add_test(tc, places_are_in_the_order_of_their_numbers);
	tcase_add_test(tc, the_environment_is_this_process_s);
	return run_suite(suite);
}
