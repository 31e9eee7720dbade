/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server: it lets one client in at a time and tells the others who is. Each client is served by
 * a child process, which is what makes the rest simple: whatever happens to it, the kernel gives
 * the adapter back, and the server itself is always there to answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/os.h"
#include "base/stop.h"
#include "serprog/greeting.h"
#include "serve/serve.h"

#define ROUND_MS     200 /* between looks for a stop request */
#define LINGER_MS    2000
#define LEAVE_MS     1000 /* a client that hung up may take this long to release the programmer */
#define END_MS       5000 /* a child that was asked to end is killed after this */
#define LINE_MAX_LEN 1024

#define DEAD_AFTER_S 4 /* silence of a client's computer, while something is owed or asked */

struct server {
	const struct serve_options *options;
	pid_t child; /* 0: no client is served */
	int words;   /* what the child tells, a line each */
	time_t since;
	char holder[80];
	char line[LINE_MAX_LEN];
	size_t line_len;
};

static void tell(const struct server *server, const char *client, const char *what)
{
	if (server->options->tell)
		server->options->tell(server->options->ctx, client, what);
}

/* ---- in the child ---- */

static void say_up(void *ctx, enum np_log_level level, const char *line)
{
	char text[LINE_MAX_LEN];
	int len = snprintf(text, sizeof(text), "%s\n", line);

	if (level == NP_LOG_DEBUG)
		return;
	if (len >= (int)sizeof(text)) {
		len = sizeof(text) - 1;
		text[len - 1] = '\n';
	}
	if (write(*(const int *)ctx, text, (size_t)len) < 0)
		return;
}

/* A client whose computer is gone, or whose cable is, is noticed within DEAD_AFTER_S. */
static void watch_peer(int fd)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	np_os_watch_peer(fd, DEAD_AFTER_S);
}

static void serve_and_exit(const struct serve_options *options, int fd, const char *client,
                           int words)
{
	struct np_error err = {0};
	struct serial line;
	int ret;

	np_os_die_with_parent(SIGTERM);
	np_log_set_sink(say_up, &words);
	close(options->fd);
	watch_peer(fd);
	ret = serial_adopt_tcp(fd, client, &line, &err);
	if (!ret) {
		ret = serve_ask_secret(options->door, &line, &err);
		if (!ret)
			ret = serve_client(&line, options->target, &err);
		line.ops->close(line.self);
	}
	if (ret)
		np_log(NP_LOG_WARN, "%s", err.message);
	_exit(ret ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* ---- at the door ---- */

/* Say why the client is turned away, and wait until it has read that: a close with unread bytes
 * in the buffer resets the connection, and the message would be lost. */
static void turn_away(int fd, const char *why)
{
	char text[GREETING_MAX];
	struct pollfd line = {fd, POLLIN, 0};
	pid_t pid = fork();

	if (pid)
		return;
	np_os_die_with_parent(SIGKILL);
	snprintf(text, sizeof(text), "%s%s\n", GREETING_SORRY, why);
	if (np_os_send(fd, text, strlen(text)) > 0) {
		shutdown(fd, SHUT_WR);
		for (int left = LINGER_MS; left > 0 && poll(&line, 1, ROUND_MS) >= 0;
		     left -= ROUND_MS)
			if (line.revents && recv(fd, text, sizeof(text), MSG_DONTWAIT) <= 0)
				break;
	}
	_exit(EXIT_SUCCESS);
}

static void let_in(struct server *server, int fd, const char *client)
{
	int pipe_fds[2] = {-1, -1};
	pid_t pid = np_os_pipe(pipe_fds) ? -1 : fork();

	if (pid == 0) {
		close(pipe_fds[0]);
		serve_and_exit(server->options, fd, client, pipe_fds[1]);
	}
	if (pipe_fds[1] >= 0)
		close(pipe_fds[1]);
	if (pid < 0) {
		if (pipe_fds[0] >= 0)
			close(pipe_fds[0]);
		tell(server, client, "cannot be served: no process could be started");
		return;
	}
	server->child = pid;
	server->words = pipe_fds[0];
	server->line_len = 0;
	server->since = time(NULL);
	snprintf(server->holder, sizeof(server->holder), "%s", client);
	tell(server, client, "connected");
}

static void reap(struct server *server);

/* When one program follows another at once, the first has hung up already, but the process that
 * served it has not put the chip back yet. */
static bool wait_for_turn(struct server *server)
{
	for (int left = LEAVE_MS; server->child && left > 0; left -= ROUND_MS / 10) {
		(void)poll(NULL, 0, ROUND_MS / 10);
		reap(server);
	}
	return !server->child;
}

static void answer_door(struct server *server)
{
	const struct serve_options *options = server->options;
	struct sockaddr_storage peer = {0};
	socklen_t len = sizeof(peer);
	char client[80], why[GREETING_MAX - 40];
	int fd = np_os_accept(options->fd, (struct sockaddr *)&peer, &len);

	if (fd < 0)
		return;
	serve_peer_text((struct sockaddr *)&peer, client, sizeof(client));
	if (peer.ss_family != AF_UNIX && !serve_admits(options->door, (struct sockaddr *)&peer)) {
		tell(server, client, "refused: its address is not one of --allow");
		turn_away(fd, "this address is not allowed");
	} else if (!wait_for_turn(server)) {
		snprintf(why, sizeof(why), "the programmer is in use by %s, for %ld s",
		         server->holder, (long)(time(NULL) - server->since));
		tell(server, client, "refused: somebody else is served");
		turn_away(fd, why);
	} else {
		let_in(server, fd, client);
	}
	close(fd);
}

/* ---- the child's words and end ---- */

static void hear(struct server *server)
{
	char *end;
	size_t room = sizeof(server->line) - 1 - server->line_len;
	ssize_t n = read(server->words, server->line + server->line_len, room);

	if (n <= 0)
		return;
	server->line_len += (size_t)n;
	server->line[server->line_len] = '\0';
	while ((end = strchr(server->line, '\n')) || server->line_len == sizeof(server->line) - 1) {
		size_t used = end ? (size_t)(end - server->line) + 1 : server->line_len;

		if (end)
			*end = '\0';
		tell(server, server->holder, server->line);
		server->line_len -= used;
		memmove(server->line, server->line + used, server->line_len + 1);
	}
}

static void reap(struct server *server)
{
	char what[64];
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != server->child)
			continue;
		hear(server);
		if (WIFSIGNALED(status))
			snprintf(what, sizeof(what), "lost: its process died (signal %d)",
			         WTERMSIG(status));
		else
			snprintf(what, sizeof(what), "left after %ld s",
			         (long)(time(NULL) - server->since));
		close(server->words);
		server->child = 0;
		tell(server, server->holder, what);
	}
}

/* Ask the child to release the programmer, and kill it if it does not. */
static void end_child(struct server *server)
{
	if (!server->child)
		return;
	kill(server->child, SIGTERM);
	for (int left = END_MS; server->child && left > 0; left -= ROUND_MS / 10) {
		(void)poll(NULL, 0, ROUND_MS / 10);
		reap(server);
	}
	if (server->child) {
		kill(server->child, SIGKILL);
		(void)waitpid(server->child, NULL, 0);
		close(server->words);
	}
}

int serve_run(const struct serve_options *options, struct np_error *err)
{
	struct server server = {.options = options};
	int ret = 0;

	while (!ret && !np_stop_level()) {
		struct pollfd fds[2] = {{options->fd, POLLIN, 0},
		                        {server.child ? server.words : -1, POLLIN, 0}};

		if (poll(fds, 2, ROUND_MS) < 0 && errno != EINTR)
			ret = np_fail(err, NP_E_FAIL, "poll: %s", strerror(errno));
		if (fds[1].revents & POLLIN)
			hear(&server);
		reap(&server);
		if (fds[0].revents & POLLIN)
			answer_door(&server);
	}
	end_child(&server);
	return ret;
}
