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
	/* Of a client among several that work together: */
	bool waiting; /* it has asked `ask`, and has no answer yet */
	bool idle;    /* it has slept ever since its last answer */
	struct message ask;
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
	size_t turn;     /* the node that had the last event */
	uint64_t now_ps; /* of the last event or answer, of those that work together */
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
		clock_forget(node->clock);
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

static void answer(struct server *server, struct source *client)
{
	struct node *node = server->nodes[client->node];
	struct message answer = {.what = ANSWER};
	size_t index = client->node;
	long result = answer_to(node, client, &client->ask);

	answer.arg1 = (unsigned long)(result < 0 ? -1 : result);
	answer.arg2 = (unsigned long)(result < 0 ? -result : 0);
	server->events.served(server->events.context, index);
	clock_answered(node->clock, client->pid);
	client->waiting = client->idle = false;
	if (send(client->fd, &answer, sizeof(answer), MSG_NOSIGNAL) != sizeof(answer))
		close_client(server, client);
}

static void serve_client(struct server *server, struct source *client)
{
	struct node *node = server->nodes[client->node];

	if (recv(client->fd, &client->ask, sizeof(client->ask), MSG_WAITALL) !=
	    sizeof(client->ask)) {
		close_client(server, client);
		return;
	}
	node->ioctls++;
	clock_asked(node->clock, client->pid, node->ioctl_ps);
	client->waiting = true;
	if (!node->together)
		answer(server, client);
	else if (client->idle) /* the others went on while it slept */
		clock_reach(node->clock, server->now_ps);
}

/* ---- several programs, each with an adapter: what happens, happens in the order of its time ---- */

/* Is this process waiting for something other than us? */
static bool sleeps(pid_t pid)
{
	char path[48], text[256];
	const char *end;
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return true;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	end = strrchr(text, ')');
	return !end || (end[1] && end[2] != 'R' && end[2] != 'D');
}

static bool asks_elsewhere(const struct server *server, const struct source *client)
{
	for (const struct source *s = server->sources; s; s = s->next)
		if (s->kind == SOURCE_CLIENT && s->pid == client->pid && s->waiting)
			return true;
	return false;
}

/* Will it ask something before it waits for anybody else? Then nothing may happen before. */
static bool runs(const struct server *server, const struct source *s)
{
	return s->kind == SOURCE_CLIENT && server->nodes[s->node]->together && !s->waiting &&
	       !s->idle && !asks_elsewhere(server, s);
}

static bool somebody_runs(const struct server *server)
{
	for (const struct source *s = server->sources; s; s = s->next)
		if (runs(server, s))
			return true;
	return false;
}

static void look_who_sleeps(struct server *server)
{
	for (struct source *s = server->sources; s; s = s->next)
		if (runs(server, s))
			s->idle = sleeps(s->pid);
}

static uint64_t when_of(const struct server *server, const struct source *client)
{
	struct node *node = server->nodes[client->node];

	if (client->ask.what != ASK_IOCTL || !client->conn || !node->ops->when)
		return clock_now(node->clock);
	return node->ops->when(node, client->conn, (unsigned int)client->ask.arg1);
}

static struct source *first_waiting(const struct server *server, uint64_t *at_ps)
{
	struct source *first = NULL;

	*at_ps = PS_NEVER;
	for (struct source *s = server->sources; s; s = s->next) {
		uint64_t when_ps;

		if (s->kind != SOURCE_CLIENT || !s->waiting)
			continue;
		when_ps = when_of(server, s);
		if (!first || when_ps < *at_ps) {
			first = s;
			*at_ps = when_ps;
		}
	}
	return first;
}

/* Of those at the same time each has its turn, as a host serves its endpoints. */
static struct node *first_event(struct server *server, uint64_t *at_ps, size_t *index)
{
	struct node *first = NULL;

	*at_ps = PS_NEVER;
	for (size_t i = 0; i < server->count; i++) {
		size_t which = (server->turn + 1 + i) % server->count;
		struct node *node = server->nodes[which];
		uint64_t next_ps = node->ops->next ? node->ops->next(node) : PS_NEVER;

		if (next_ps >= *at_ps)
			continue;
		*at_ps = next_ps;
		*index = which;
		first = node;
	}
	return first;
}

/* Nobody runs: the first thing happens, an event of an adapter or the answer to a program. False: nobody
 * waits for anything. */
static bool advance(struct server *server)
{
	uint64_t event_ps, answer_ps;
	size_t index = 0;
	struct source *client = first_waiting(server, &answer_ps);
	struct node *node = first_event(server, &event_ps, &index);

	if (!client)
		return false;
	if (node && event_ps < answer_ps) {
		node->ops->step(node, event_ps);
		server->turn = index;
		server->now_ps = event_ps > server->now_ps ? event_ps : server->now_ps;
		return true;
	}
	node = server->nodes[client->node];
	if (answer_ps != PS_NEVER) /* else nothing will ever come: it is told so */
		clock_reach(node->clock, answer_ps);
	if (clock_now(node->clock) > server->now_ps)
		server->now_ps = clock_now(node->clock);
	answer(server, client);
	return true;
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

/* How long to wait for the next message, ms; -1: for ever. */
static int patience(struct server *server)
{
	bool acted = false;

	if (somebody_runs(server))
		return 1;
	while (!somebody_runs(server) && advance(server))
		acted = true;
	return acted ? 1 : -1;
}

int server_run(struct server *server, pid_t child, int *status, struct np_error *err)
{
	struct epoll_event event;
	size_t i;

	server->child = child;
	for (i = 0; i < server->count; i++)
		server->ready[i] = true; /* as a fresh node is */
	while (!server->child_ended) {
		int wait_ms, n;

		refresh(server);
		wait_ms = patience(server);
		refresh(server);
		/* One at a time: an event may end the source of another. */
		n = epoll_wait(server->epoll, &event, 1, wait_ms);
		if (n < 0 && errno != EINTR)
			return np_fail(err, NP_E_FAIL, "wait for events: %s", strerror(errno));
		if (n == 1)
			serve(server, event.data.ptr);
		else
			look_who_sleeps(server);
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
