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
#include <unistd.h>

#include "base/os.h"
#include "serprog/serial.h"
#include "serprog/serial_wait.h"

#define CONNECT_US 5000000u
#define WRITE_US   5000000u

struct tcp {
	int fd;
	char name[80];
};

static int closed(const struct tcp *tcp, struct np_error *err)
{
	np_fail(err, NP_E_GONE, "%s closed the connection", tcp->name);
	return np_hint(err, "look at the program at the other end, then run norprog again");
}

static int tcp_write(void *self, const uint8_t *data, size_t len, struct np_error *err)
{
	struct tcp *tcp = self;

	while (len) {
		ssize_t n = np_os_send(tcp->fd, data, len);

		if (n > 0) {
			data += n;
			len -= n;
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return closed(tcp, err);
		if (!serial_wait(tcp->fd, POLLOUT, WRITE_US))
			return np_fail(err, NP_E_TIMEOUT, "%s does not take what is sent",
			               tcp->name);
	}
	return 0;
}

static int tcp_read(void *self, uint8_t *buf, size_t len, uint32_t wait_us, size_t *got,
                    struct np_error *err)
{
	struct tcp *tcp = self;
	ssize_t n;

	*got = 0;
	if (!serial_wait(tcp->fd, POLLIN, wait_us))
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
	.now_us = serial_now_us,
	.sleep_us = serial_sleep_us,
	.close = tcp_close,
};

/* A socket connected to one address, or -1 with errno. */
static int connect_to(const struct addrinfo *address)
{
	int fd = np_os_socket(address->ai_family, false);
	int one = 1, failure = 0;
	socklen_t len = sizeof(failure);

	if (fd < 0)
		return -1;
	if (connect(fd, address->ai_addr, address->ai_addrlen) && errno != EINPROGRESS)
		failure = errno;
	else if (!serial_wait(fd, POLLOUT, CONNECT_US))
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

	if (ret) {
		np_fail(err, NP_E_NO_PROGRAMMER, "%s port %s: %s", host, port, gai_strerror(ret));
		return np_hint(err, "is the name right? An address does as well");
	}
	for (const struct addrinfo *at = all; at && fd < 0; at = at->ai_next)
		fd = connect_to(at);
	freeaddrinfo(all);
	if (fd < 0) {
		np_fail(err, NP_E_NO_PROGRAMMER, "cannot connect to %s port %s: %s", host, port,
		        strerror(errno));
		return np_hint(err,
		               "does `norprog serve` or a serprog device listen there, at this "
		               "port, and does no firewall stand between?");
	}
	return fd;
}

int serial_adopt_tcp(int fd, const char *name, struct serial *serial, struct np_error *err)
{
	struct tcp *tcp = calloc(1, sizeof(*tcp));

	if (!tcp) {
		close(fd);
		return np_fail(err, NP_E_MEMORY, "out of memory");
	}
	tcp->fd = fd;
	snprintf(tcp->name, sizeof(tcp->name), "%s", name);
	serial->ops = &tcp_ops;
	serial->self = tcp;
	serial->latency_us = 2000;
	serial->slack_us = 2000000;
	snprintf(serial->name, sizeof(serial->name), "%s", tcp->name);
	return 0;
}

int serial_open_tcp(const char *host, const char *port, struct serial *serial, struct np_error *err)
{
	int fd = connect_any(host, port, err);
	char name[80];

	if (fd < 0)
		return fd;
	snprintf(name, sizeof(name), "%s:%s", host, port);
	return serial_adopt_tcp(fd, name, serial, err);
}
