/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/guard.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define HOST_MAX 64

/* Splits "a.b.c.d:port" or "[v6]:port"; without a port it is HTTP's own, 80. */
static bool split_host(const char *host, char *name, unsigned *port)
{
	const char *end = host[0] == '[' ? strchr(host, ']') : strchr(host, ':');
	size_t len = end ? (size_t)(end - host) : strlen(host);
	const char *rest = host + len;
	unsigned value = 0;

	if (host[0] == '[') {
		if (!end)
			return false;
		host++;
		len--;
		rest = end + 1;
	}
	if (!len || len >= HOST_MAX)
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	*port = 80;
	if (!*rest)
		return true;
	if (*rest++ != ':' || !*rest || strlen(rest) > 5)
		return false;
	for (; *rest; rest++) {
		if (*rest < '0' || *rest > '9')
			return false;
		value = value * 10 + (unsigned)(*rest - '0');
	}
	*port = value;
	return true;
}

bool ui_guard_host(const struct ui_guard *guard, const char *host)
{
	char name[HOST_MAX];
	struct in6_addr six;
	struct in_addr four;
	unsigned port;

	if (!host || !split_host(host, name, &port) || port != guard->port)
		return false;
	if (strcmp(name, "localhost") == 0 && host[0] != '[')
		return true;
	if (host[0] == '[')
		return inet_pton(AF_INET6, name, &six) == 1 &&
		       (!guard->loopback || IN6_IS_ADDR_LOOPBACK(&six));
	return inet_pton(AF_INET, name, &four) == 1 &&
	       (!guard->loopback || (ntohl(four.s_addr) >> 24) == 127);
}

bool ui_guard_origin(const char *host, const char *origin)
{
	static const char scheme[] = "http://";

	if (!origin)
		return true;
	return host && strncmp(origin, scheme, sizeof(scheme) - 1) == 0 &&
	       strcmp(origin + sizeof(scheme) - 1, host) == 0;
}

bool ui_guard_secret(const char *secret, const char *given)
{
	unsigned differ = 0;

	if (strlen(secret) != UI_SECRET_LEN || !given || strlen(given) != UI_SECRET_LEN)
		return false;
	for (size_t i = 0; i < UI_SECRET_LEN; i++)
		differ |= (unsigned char)(secret[i] ^ given[i]);
	return !differ;
}

bool ui_guard_take_once(struct ui_guard *guard, const char *given)
{
	if (!ui_guard_secret(guard->once, given))
		return false;
	memset(guard->once, 0, sizeof(guard->once));
	return true;
}
