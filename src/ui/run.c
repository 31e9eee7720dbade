/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts the parts together, says where the page is, and waits for the end. */
#include "ui/ui.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ui/bench.h"
#include "ui/desk.h"
#include "ui/hub.h"
#include "ui/listen.h"
#include "ui/server.h"

#define POLL_NS 100000000

extern char **environ;

static int fail(struct ui_error *err, int code, const char *message)
{
	snprintf(err->message, sizeof(err->message), "%s", message);
	return code;
}

/* The desktop's own way to open an address. Its words are not for our terminal. */
static pid_t open_browser(const char *url)
{
	char *argv[] = {(char *)(uintptr_t) "xdg-open", (char *)(uintptr_t)url, NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid = 0;

	if (!getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY"))
		return 0;
	posix_spawn_file_actions_init(&actions);
	for (int fd = 0; fd <= 2; fd++)
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ))
		pid = 0;
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* The token stands behind '#': browsers send that part to no server. */
static void say_address(const struct ui_options *options, const char *address, const char *token)
{
	char line[UI_ADDRESS_MAX + UI_SECRET_LEN + 64];

	snprintf(line, sizeof(line), "http://%s/#%s", address, token);
	options->say(options->ctx, line);
}

/* One that listens on all addresses is reached by each of this machine's. True when there was
 * one. */
static bool say_each_address(const struct ui_options *options, unsigned port, const char *token)
{
	struct ifaddrs *all = NULL;
	char host[INET_ADDRSTRLEN], address[UI_ADDRESS_MAX];
	bool said = false;

	if (getifaddrs(&all))
		return false;
	for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
		struct sockaddr_in at;

		if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET ||
		    (one->ifa_flags & IFF_LOOPBACK))
			continue;
		memcpy(&at, one->ifa_addr, sizeof(at));
		inet_ntop(AF_INET, &at.sin_addr, host, sizeof(host));
		snprintf(address, sizeof(address), "%s:%u", host, port);
		say_address(options, address, token);
		said = true;
	}
	freeifaddrs(all);
	return said;
}

static void say_where(const struct ui_options *options, const struct ui_listen *where,
                      const char *token)
{
	bool all = strncmp(where->address, "0.0.0.0:", 8) == 0;

	if (!all || !say_each_address(options, where->port, token))
		say_address(options, where->address, token);
	if (!where->loopback)
		options->say(options->ctx,
		             "everybody on this network can reach the page; only who has the whole "
		             "address, token included, can use it. It is not encrypted.");
}

static void serve(const struct ui_options *options, const struct ui_listen *where,
                  const struct ui_server *server)
{
	char url[UI_ADDRESS_MAX + UI_SECRET_LEN + 16];
	pid_t browser;

	say_where(options, where, server->guard.once);
	snprintf(url, sizeof(url), "http://%s/#%s", where->address, server->guard.once);
	browser = options->browser ? open_browser(url) : 0;
	while (!options->stopped(options->ctx)) {
		if (browser && waitpid(browser, NULL, WNOHANG))
			browser = 0;
		nanosleep(&(struct timespec){0, POLL_NS}, NULL);
	}
}

/* Watchers see how the job ends, then the stream does. */
static int work(const struct ui_options *options, struct ui_listen *where, struct ui_server *server,
                struct ui_error *err)
{
	int ret = ui_bench_new(options, server->hub, server->desk, &server->bench, err);

	if (ret) {
		close(where->socket);
		return ret;
	}
	ret = ui_server_start(server, where->socket);
	if (ret)
		fail(err, ret, "the HTTP server cannot be started");
	else
		serve(options, where, server);
	ui_bench_free(server->bench);
	ui_hub_end(server->hub);
	ui_server_stop(server);
	return ret;
}

int ui_run(const struct ui_options *options, struct ui_error *err)
{
	struct ui_server server = {0};
	struct ui_listen where = {0};
	int ret;

	memset(err, 0, sizeof(*err));
	if (ui_secret_make(server.guard.key) || ui_secret_make(server.guard.once))
		return fail(err, NORPROG_E_FAIL, "the system gives no random numbers");
	ret = ui_listen_open(options->listen, &where, err);
	if (ret)
		return ret;
	server.guard.port = where.port;
	server.guard.loopback = where.loopback;
	server.hub = ui_hub_new();
	server.desk = server.hub ? ui_desk_new(server.hub) : NULL;
	if (server.desk)
		ret = work(options, &where, &server, err);
	else
		ret = fail(err, NORPROG_E_MEMORY, "out of memory");
	ui_desk_free(server.desk);
	ui_hub_free(server.hub);
	return ret;
}
