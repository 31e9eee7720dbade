/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket: ADDR:PORT, or the one that systemd opened for us. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/os.h"
#include "serve/serve.h"

#define SYSTEMD_FD 3 /* the first that it passes */

static int bad_place(const char *text, struct np_error *err)
{
	np_fail(err, NP_E_USAGE, "--listen: '%s' is no ADDR:PORT", text);
	return np_hint(err, "like 127.0.0.1:4141, [::1]:4141, or port 0 for any free one");
}

/* "ADDR:PORT", "[ADDR]:PORT" into its halves. */
static bool split(const char *text, char *host, size_t len, const char **port)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;
	unsigned long number;

	if (!n || n >= len || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")])
		return false;
	number = strtoul(colon + 1, NULL, 10);
	if (text[0] == '[' && text[n - 1] == ']')
		snprintf(host, len, "%.*s", (int)(n - 2), text + 1);
	else
		snprintf(host, len, "%.*s", (int)n, text);
	*port = colon + 1;
	return number <= 65535 && host[0];
}

static int fail_bind(const char *text, struct np_error *err)
{
	switch (errno) {
	case EADDRINUSE:
		np_fail(err, NP_E_BUSY, "%s: another program listens there already", text);
		return np_hint(err, "choose another port; port 0 takes any free one");
	case EACCES:
		np_fail(err, NP_E_ACCESS, "%s: only root may use this port", text);
		return np_hint(err, "choose a port above 1023");
	case EADDRNOTAVAIL:
		np_fail(err, NP_E_USAGE, "%s: this computer has no such address", text);
		return np_hint(err, "`ip address` shows those that it has");
	}
	return np_fail(err, NP_E_FAIL, "%s: %s", text, strerror(errno));
}

static int bind_one(const struct addrinfo *at)
{
	int one = 1, fd = np_os_socket(at->ai_family, false);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, 8) == 0)
		return fd;
	one = errno;
	close(fd);
	errno = one;
	return -1;
}

static int open_place(const char *text, int *fd, struct np_error *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *found;
	const char *port;
	char host[256];
	int ret;

	if (!split(text, host, sizeof(host), &port))
		return bad_place(text, err);
	ret = getaddrinfo(host, port, &hints, &found);
	if (ret) {
		np_fail(err, NP_E_USAGE, "--listen: %s: %s", host, gai_strerror(ret));
		return np_hint(err, "name an address of this computer: `ip address` shows them");
	}
	*fd = bind_one(found);
	freeaddrinfo(found);
	return *fd < 0 ? fail_bind(text, err) : 0;
}

/* What sd_listen_fds(3) does: LISTEN_PID names this process, and LISTEN_FDS says that there is
 * one socket. */
static int take_from_systemd(int *fd, struct np_error *err)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	int listens = 0;
	socklen_t len = sizeof(listens);

	if (!pid || !count || strtol(pid, NULL, 10) != getpid()) {
		np_fail(err, NP_E_USAGE, "serve needs --listen ADDR:PORT");
		return np_hint(err, "norprog serve -p SPEC --listen 127.0.0.1:4141");
	}
	if (strcmp(count, "1") != 0 ||
	    getsockopt(SYSTEMD_FD, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) || !listens) {
		np_fail(err, NP_E_USAGE, "systemd did not pass one listening socket");
		return np_hint(err, "the socket unit has one ListenStream= and Accept=no");
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	*fd = SYSTEMD_FD;
	return 0;
}

int serve_listen(const char *text, char *where, size_t len, bool *loopback, int *fd,
                 struct np_error *err)
{
	struct sockaddr_storage own = {0};
	socklen_t own_len = sizeof(own);
	int ret = text ? open_place(text, fd, err) : take_from_systemd(fd, err);

	if (ret)
		return ret;
	if (getsockname(*fd, (struct sockaddr *)&own, &own_len)) {
		close(*fd);
		return np_fail(err, NP_E_FAIL, "getsockname: %s", strerror(errno));
	}
	/* A socket in the file system has its own permissions. */
	*loopback = own.ss_family == AF_UNIX || serve_is_loopback((struct sockaddr *)&own);
	serve_peer_text((struct sockaddr *)&own, where, len);
	return 0;
}
