/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does `norprog serve` answer at the addresses of the configuration? A process asks at each, because a
 * name that does not resolve and a host that is down keep one waiting as long as they like. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/os.h"
#include "base/units.h"
#include "cli/cli.h"

#define PATIENCE_US 3000000

struct host {
	char name[256];
	const char *port; /* in name */
	pid_t pid;
	int from; /* -1: it has spoken, or will not */
	char why; /* its word; 0: none yet */
};

enum { WORD_HERE = 'h', WORD_UNKNOWN = 'u', WORD_REFUSED = 'r', WORD_AWAY = 'a' };

/* In a process of its own. */
static char connect_to(struct host *host)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all, *one;
	char word = WORD_AWAY;

	if (getaddrinfo(np_bare_host(host->name), host->port, &hints, &all))
		return WORD_UNKNOWN;
	for (one = all; one && word != WORD_HERE; one = one->ai_next) {
		int fd = np_os_socket(one->ai_family, true);

		if (fd >= 0 && connect(fd, one->ai_addr, one->ai_addrlen) == 0)
			word = WORD_HERE;
		else if (errno == ECONNREFUSED)
			word = WORD_REFUSED;
		if (fd >= 0)
			close(fd);
	}
	freeaddrinfo(all);
	return word;
}

static void start(struct host *host, const char *address)
{
	int fds[2];

	snprintf(host->name, sizeof(host->name), "%s", address);
	host->port = strrchr(host->name, ':') + 1;
	host->name[host->port - host->name - 1] = '\0';
	host->from = -1;
	if (np_os_pipe(fds))
		return;
	host->pid = fork();
	if (host->pid == 0) {
		char word = connect_to(host);

		_exit(write(fds[1], &word, 1) != 1);
	}
	close(fds[1]);
	host->from = fds[0];
}

/* Waits for all of them together. */
static void await(struct host *hosts, size_t count)
{
	uint64_t end = np_now_us() + PATIENCE_US;
	struct pollfd fds[CONFIG_SERVE_MAX];
	size_t waiting = count;

	while (waiting && np_now_us() < end) {
		for (size_t i = 0; i < count; i++)
			fds[i] = (struct pollfd){.fd = hosts[i].from, .events = POLLIN};
		if (poll(fds, count, (int)((end - np_now_us()) / 1000) + 1) < 0)
			break; /* Ctrl-C */
		waiting = 0;
		for (size_t i = 0; i < count; i++) {
			if (fds[i].revents) {
				if (read(hosts[i].from, &hosts[i].why, 1) != 1)
					hosts[i].why = WORD_AWAY;
				close(hosts[i].from);
				hosts[i].from = -1;
			}
			waiting += hosts[i].from >= 0;
		}
	}
}

static void finish(struct host *host)
{
	if (host->from >= 0)
		close(host->from);
	if (host->pid <= 0)
		return;
	kill(host->pid, SIGKILL);
	while (waitpid(host->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void tell(struct report *report, const struct host *host)
{
	const char *words = host->why == WORD_HERE      ? "somebody listens there"
	                    : host->why == WORD_UNKNOWN ? "unreachable: no such host"
	                    : host->why == WORD_REFUSED ? "unreachable: nobody listens at this port"
	                                                : "unreachable: no answer within 3 s";
	char spec[300];

	snprintf(spec, sizeof(spec), "serprog:ip=%.255s@%.8s", host->name, host->port);
	report_say(report, "serprog at %s:%s: %s", host->name, host->port, words);
	if (host->why == WORD_HERE)
		report_say(report, "  use:  -p %s", spec);
	report_event(report, "host",
	             json_pack("{s:o, s:o, s:s, s:b, s:o}", "host", report_text(host->name), "port",
	                       report_text(host->port), "state", words, "reachable",
	                       host->why == WORD_HERE, "spec", report_text(spec)));
}

size_t hosts_list(struct cli *cli)
{
	const struct config *config = &cli->config;
	struct host hosts[CONFIG_SERVE_MAX] = {0};
	size_t reached = 0;

	for (size_t i = 0; i < config->serve_count; i++)
		start(&hosts[i], config->serve[i]);
	await(hosts, config->serve_count);
	for (size_t i = 0; i < config->serve_count; i++) {
		finish(&hosts[i]);
		tell(&cli->report, &hosts[i]);
		reached += hosts[i].why == WORD_HERE;
	}
	return reached;
}
