/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "serprog/serial.h"

#define CONNECT_MS 5000
#define WRITE_MS   5000

struct tcp {
	int fd;
	char name[80];
};

static uint64_t tcp_now_us(void *self)
{
	struct timespec now;

	(void)self;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + now.tv_nsec / 1000;
}

static void tcp_sleep_us(void *self, uint32_t us)
{
	struct timespec time = {us / 1000000, us % 1000000 * 1000};

	(void)self;
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time) == EINTR)
		;
}

static int closed(const struct tcp *tcp, struct np_error *err)
{
	np_fail(err, NP_E_GONE, "%s closed the connection", tcp->name);
	return np_hint(err, "look at the program at the other end, then run norprog again");
}

static int tcp_write(void *self, const uint8_t *data, size_t len, struct np_error *err)
{
	struct tcp *tcp = self;

	while (len) {
		struct pollfd out = {tcp->fd, POLLOUT, 0};
		ssize_t n = send(tcp->fd, data, len, MSG_NOSIGNAL);

		if (n > 0) {
			data += n;
			len -= n;
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return closed(tcp, err);
		if (poll(&out, 1, WRITE_MS) == 0)
			return np_fail(err, NP_E_TIMEOUT, "%s takes no more bytes", tcp->name);
	}
	return 0;
}

static int tcp_read(void *self, uint8_t *buf, size_t len, uint32_t wait_us, size_t *got,
                    struct np_error *err)
{
	struct timespec wait = {wait_us / 1000000, wait_us % 1000000 * 1000};
	struct tcp *tcp = self;
	struct pollfd in = {tcp->fd, POLLIN, 0};
	ssize_t n;

	*got = 0;
	if (ppoll(&in, 1, &wait, NULL) <= 0)
		return 0;
	n = recv(tcp->fd, buf, len, 0);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return closed(tcp, err);
	*got = n > 0 ? (size_t)n : 0;
	return 0;
}

static void tcp_close(void *self)
{
	struct tcp *tcp = self;

	close(tcp->fd);
	free(tcp);
}

static const struct serial_ops tcp_ops = {
	.write = tcp_write,
	.read = tcp_read,
	.now_us = tcp_now_us,
	.sleep_us = tcp_sleep_us,
	.close = tcp_close,
};

/* A socket connected to one address, or -1 with errno. */
static int connect_to(const struct addrinfo *address)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, failure = 0;
	socklen_t len = sizeof(failure);
	struct pollfd out = {fd, POLLOUT, 0};

	if (fd < 0)
		return -1;
	if (connect(fd, address->ai_addr, address->ai_addrlen) && errno != EINPROGRESS)
		failure = errno;
	else if (poll(&out, 1, CONNECT_MS) <= 0)
		failure = ETIMEDOUT;
	else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len))
		failure = errno;
	if (failure) {
		close(fd);
		errno = failure;
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static int connect_any(const char *host, const char *port, struct np_error *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all;
	int fd = -1, ret = getaddrinfo(host, port, &hints, &all);

	if (ret)
		return np_fail(err, NP_E_NO_PROGRAMMER, "%s port %s: %s", host, port,
		               gai_strerror(ret));
	for (const struct addrinfo *at = all; at && fd < 0; at = at->ai_next)
		fd = connect_to(at);
	freeaddrinfo(all);
	if (fd < 0)
		return np_fail(err, NP_E_NO_PROGRAMMER, "cannot connect to %s port %s: %s", host,
		               port, strerror(errno));
	return fd;
}

int serial_open_tcp(const char *host, const char *port, struct serial *serial, struct np_error *err)
{
	struct tcp *tcp = calloc(1, sizeof(*tcp));
	int fd;

	if (!tcp)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	fd = connect_any(host, port, err);
	if (fd < 0) {
		free(tcp);
		return fd;
	}
	tcp->fd = fd;
	snprintf(tcp->name, sizeof(tcp->name), "%s:%s", host, port);
	serial->ops = &tcp_ops;
	serial->self = tcp;
	serial->latency_us = 2000;
	serial->slack_us = 2000000;
	snprintf(serial->name, sizeof(serial->name), "%s", tcp->name);
	return 0;
}
