/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/listen.h"

#include <norprog.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAITING 16

static int fail(struct ui_error *err, int code, const char *what, const char *why, const char *hint)
{
	snprintf(err->message, sizeof(err->message), "%s: %s", what, why);
	snprintf(err->hint, sizeof(err->hint), "%s", hint);
	return code;
}

static bool is_port(const char *text)
{
	return *text && strlen(text) <= 5 && strspn(text, "0123456789") == strlen(text) &&
	       strtoul(text, NULL, 10) <= 65535;
}

/* Splits a spec into its two parts. */
static bool split(const char *spec, char *host, size_t host_len, const char **port)
{
	const char *colon = strrchr(spec, ':'), *close = strchr(spec, ']');
	size_t len = colon ? (size_t)(colon - spec) : strlen(spec);

	*port = colon ? colon + 1 : "0";
	if (is_port(spec)) {
		snprintf(host, host_len, "127.0.0.1");
		*port = spec;
		return true;
	}
	if (spec[0] == '[') {
		if (!close || (close[1] && close[1] != ':'))
			return false;
		*port = close[1] ? close + 2 : "0";
		len = (size_t)(close - ++spec);
	}
	if (!len || len >= host_len || !is_port(*port))
		return false;
	memcpy(host, spec, len);
	host[len] = '\0';
	return true;
}

static bool is_loopback(const struct sockaddr_storage *at)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	memcpy(&six, at, sizeof(six));
	memcpy(&four, at, sizeof(four));
	if (at->ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
	return ntohl(four.sin_addr.s_addr) >> 24 == 127;
}

static int bind_to(const struct addrinfo *info, const char *spec, struct ui_listen *out,
                   struct ui_error *err)
{
	static const int yes = 1;
	int fd = socket(info->ai_family, SOCK_STREAM, 0);

	if (fd < 0)
		return fail(err, NORPROG_E_FAIL, spec, strerror(errno), "");
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, WAITING) == 0) {
		out->socket = fd;
		return 0;
	}
	fail(err, 0, spec, strerror(errno),
	     errno == EADDRINUSE ? "choose another port, or 0 for any that is free"
	                         : "choose an address of this machine (`ip address`)");
	close(fd);
	return errno == EADDRINUSE ? NORPROG_E_BUSY : NORPROG_E_USAGE;
}

/* Which port it became, and how a browser writes all that. */
static int describe(struct ui_listen *out, struct ui_error *err)
{
	struct sockaddr_storage at = {0};
	socklen_t len = sizeof(at);
	char host[64], port[16];

	if (getsockname(out->socket, (struct sockaddr *)&at, &len) ||
	    getnameinfo((struct sockaddr *)&at, len, host, sizeof(host), port, sizeof(port),
	                NI_NUMERICHOST | NI_NUMERICSERV)) {
		close(out->socket);
		return fail(err, NORPROG_E_FAIL, "listen", "its address is not to be had", "");
	}
	out->port = (unsigned)strtoul(port, NULL, 10);
	out->loopback = is_loopback(&at);
	snprintf(out->address, sizeof(out->address), at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
	         host, port);
	return 0;
}

int ui_listen_open(const char *spec, struct ui_listen *out, struct ui_error *err)
{
	static const char form[] = "as 127.0.0.1:8080, 0.0.0.0:8080, [::1]:8080 or 8080";
	struct addrinfo hints = {.ai_family = AF_UNSPEC,
	                         .ai_socktype = SOCK_STREAM,
	                         .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
	struct addrinfo *info;
	const char *port;
	char host[64];
	int ret;

	if (!spec)
		spec = "127.0.0.1:0";
	if (!split(spec, host, sizeof(host), &port))
		return fail(err, NORPROG_E_USAGE, spec, "no address to listen on", form);
	if (strcmp(host, "localhost") == 0)
		strcpy(host, "127.0.0.1");
	if (getaddrinfo(host, port, &hints, &info))
		return fail(err, NORPROG_E_USAGE, spec, "no address to listen on", form);
	ret = bind_to(info, spec, out, err);
	freeaddrinfo(info);
	return ret ? ret : describe(out, err);
}
