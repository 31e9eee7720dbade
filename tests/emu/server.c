/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire.h"

/* The preload's message numbers. */
enum { ASK_IOCTL = 1, ASK_READ = 7, ASK_WRITE = 8, ANSWER = 3 };

#define LOOK_AGAIN_NS 100000u /* real time: the least pause between two looks at the model */

struct message {
	unsigned long what, arg1, arg2;
};

/* Something epoll reports. */
struct source {
	enum { SOURCE_LISTEN, SOURCE_CLIENT, SOURCE_SIGNAL, SOURCE_TIMER } kind;
	int fd;
	size_t node;
	pid_t pid;  /* of a client */
	void *conn; /* what node->ops->open gave */
	struct source *next;
};

struct server {
	struct emu_clock *clock;
	struct server_events events;
	struct node *nodes[SERVER_MAX_NODES];
	bool ready[SERVER_MAX_NODES];
	size_t count;
	int epoll;
	struct source signals, timer;
	struct source *sources; /* listening sockets and clients */
	pid_t child;
	bool child_ended;
	int status;
};

static int watch(struct server *server, struct source *source)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};

	return epoll_ctl(server->epoll, EPOLL_CTL_ADD, source->fd, &event);
}

static struct source *add_source(struct server *server, int kind, int fd, size_t node)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	source->kind = kind;
	source->fd = fd;
	source->node = node;
	if (watch(server, source)) {
		free(source);
		return NULL;
	}
	source->next = server->sources;
	server->sources = source;
	return source;
}

static void remove_source(struct server *server, struct source *source)
{
	struct source **link = &server->sources;

	while (*link != source)
		link = &(*link)->next;
	*link = source->next;
	close(source->fd);
	free(source);
}

int server_create(struct emu_clock *clock, const struct server_events *events,
                  struct server **result, struct np_error *err)
{
	struct server *server = calloc(1, sizeof(*server));
	sigset_t set;

	if (!server)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	server->clock = clock;
	server->events = *events;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	server->signals =
		(struct source){.kind = SOURCE_SIGNAL, .fd = signalfd(-1, &set, SFD_CLOEXEC)};
	server->timer = (struct source){.kind = SOURCE_TIMER,
	                                .fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)};
	if (server->epoll < 0 || watch(server, &server->signals) || watch(server, &server->timer)) {
		server_free(server);
		return np_fail(err, NP_E_FAIL, "event queue: %s", strerror(errno));
	}
	*result = server;
	return 0;
}

int server_add(struct server *server, struct node *node, const char *socket_path,
               struct np_error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(socket_path) >= sizeof(addr.sun_path))
		return np_fail(err, NP_E_FAIL, "%s is too long for a socket: use a short TMPDIR",
		               socket_path);
	strcpy(addr.sun_path, socket_path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 8) ||
	    !add_source(server, SOURCE_LISTEN, fd, server->count))
		return np_fail(err, NP_E_FAIL, "listen at %s: %s", socket_path, strerror(errno));
	server->nodes[server->count++] = node;
	return 0;
}

static void accept_client(struct server *server, const struct source *listening)
{
	struct node *node = server->nodes[listening->node];
	int fd = accept4(listening->fd, NULL, NULL, SOCK_CLOEXEC);
	struct source *client;
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (fd < 0)
		return;
	client = add_source(server, SOURCE_CLIENT, fd, listening->node);
	if (!client) {
		close(fd);
		return;
	}
	if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		client->pid = peer.pid;
	client->conn = node->ops->open(node, client->pid);
	node->open++;
}

static void close_client(struct server *server, struct source *client)
{
	struct node *node = server->nodes[client->node];
	size_t index = client->node;

	if (client->conn)
		node->ops->close(node, client->conn);
	remove_source(server, client);
	if (!--node->open)
		clock_forget(server->clock);
	server->events.served(server->events.context, index);
}

static long answer_to(struct node *node, const struct source *client, const struct message *ask)
{
	if (!client->conn)
		return -ENODEV;
	switch (ask->what) {
	case ASK_IOCTL:
		return node->ops->ioctl(node, client->conn, (unsigned int)ask->arg1, ask->arg2);
	case ASK_READ:
	case ASK_WRITE:
		return node->ops->transfer(node, client->conn, ask->what == ASK_WRITE, ask->arg1,
		                           ask->arg2);
	default:
		return -EPROTO;
	}
}

static void serve_client(struct server *server, struct source *client)
{
	struct node *node = server->nodes[client->node];
	struct message ask, answer = {.what = ANSWER};
	size_t index = client->node;
	long result;

	if (recv(client->fd, &ask, sizeof(ask), MSG_WAITALL) != sizeof(ask)) {
		close_client(server, client);
		return;
	}
	node->ioctls++;
	clock_asked(server->clock, client->pid, node->ioctl_ps);
	result = answer_to(node, client, &ask);
	answer.arg1 = (unsigned long)(result < 0 ? -1 : result);
	answer.arg2 = (unsigned long)(result < 0 ? -result : 0);
	server->events.served(server->events.context, index);
	clock_answered(server->clock, client->pid);
	if (send(client->fd, &answer, sizeof(answer), MSG_NOSIGNAL) != sizeof(answer))
		close_client(server, client);
}

static void serve_signal(struct server *server)
{
	struct signalfd_siginfo info;
	pid_t pid;
	int status;

	if (read(server->signals.fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo != SIGCHLD) {
		kill(server->child, (int)info.ssi_signo);
		return;
	}
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == server->child) {
			server->child_ended = true;
			server->status = status;
		}
	}
}

static void serve_timer(const struct server *server)
{
	uint64_t times;

	if (read(server->timer.fd, &times, sizeof(times)) < 0)
		return; /* the refresh that follows looks at all nodes anyway */
}

static void serve(struct server *server, struct source *source)
{
	switch (source->kind) {
	case SOURCE_LISTEN:
		accept_client(server, source);
		break;
	case SOURCE_CLIENT:
		serve_client(server, source);
		break;
	case SOURCE_SIGNAL:
		serve_signal(server);
		break;
	case SOURCE_TIMER:
		serve_timer(server);
	}
}

static void arm_timer(const struct server *server, uint64_t due_ps)
{
	uint64_t now_ns = clock_now(server->clock) / PS_PER_NS, due_ns = due_ps / PS_PER_NS;
	uint64_t in_ns = due_ns > now_ns + LOOK_AGAIN_NS ? due_ns - now_ns : LOOK_AGAIN_NS;
	struct itimerspec when = {.it_value = {.tv_sec = (time_t)(in_ns / 1000000000u),
	                                       .tv_nsec = (long)(in_ns % 1000000000u)}};

	timerfd_settime(server->timer.fd, 0, &when, NULL);
}

/* Tell the test bed which nodes would now answer a poll, and in real time when to look again. */
static void refresh(struct server *server)
{
	uint64_t due_ps = PS_NEVER;
	size_t i;

	for (i = 0; i < server->count; i++) {
		struct node *node = server->nodes[i];
		bool ready = node->gone || node->ops->ready(node);
		uint64_t node_due_ps = node->open ? node->ops->due(node) : PS_NEVER;

		if (ready != server->ready[i])
			server->events.ready(server->events.context, i, ready);
		server->ready[i] = ready;
		if (!ready && node_due_ps < due_ps)
			due_ps = node_due_ps;
	}
	if (server->clock->real && due_ps != PS_NEVER)
		arm_timer(server, due_ps);
}

int server_run(struct server *server, pid_t child, int *status, struct np_error *err)
{
	struct epoll_event event;
	size_t i;

	server->child = child;
	for (i = 0; i < server->count; i++)
		server->ready[i] = true; /* as a fresh node is */
	while (!server->child_ended) {
		int n;

		refresh(server);
		/* One at a time: an event may end the source of another. */
		n = epoll_wait(server->epoll, &event, 1, -1);
		if (n < 0 && errno != EINTR)
			return np_fail(err, NP_E_FAIL, "wait for events: %s", strerror(errno));
		if (n == 1)
			serve(server, event.data.ptr);
	}
	*status = server->status;
	return 0;
}

void server_free(struct server *server)
{
	if (!server)
		return;
	while (server->sources) {
		struct source *source = server->sources;

		if (source->kind == SOURCE_CLIENT && source->conn)
			server->nodes[source->node]->ops->close(server->nodes[source->node],
			                                        source->conn);
		remove_source(server, source);
	}
	close(server->signals.fd);
	close(server->timer.fd);
	close(server->epoll);
	free(server);
}
