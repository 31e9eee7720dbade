/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may come in: addresses and the secret. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "serprog/greeting.h"
#include "serve/serve.h"

static bool parse_net(const char *text, struct serve_net *net)
{
	char addr[INET6_ADDRSTRLEN], *end;
	size_t len = strcspn(text, "/");
	unsigned long bits;

	if (len >= sizeof(addr))
		return false;
	memcpy(addr, text, len);
	addr[len] = '\0';
	net->v6 = strchr(addr, ':') != NULL;
	net->bits = net->v6 ? 128 : 32;
	if (inet_pton(net->v6 ? AF_INET6 : AF_INET, addr, net->addr) != 1)
		return false;
	if (!text[len])
		return true;
	if (text[len + 1] < '0' || text[len + 1] > '9')
		return false;
	bits = strtoul(text + len + 1, &end, 10);
	if (*end || bits > net->bits)
		return false;
	net->bits = (unsigned)bits;
	return true;
}

int serve_allow(struct serve_door *door, const char *text, struct np_error *err)
{
	if (door->allow_count == SERVE_ALLOW_MAX)
		return np_fail(err, NP_E_USAGE, "--allow: more than %d addresses", SERVE_ALLOW_MAX);
	if (parse_net(text, &door->allow[door->allow_count])) {
		door->allow_count++;
		return 0;
	}
	np_fail(err, NP_E_USAGE, "--allow: '%s' is no address", text);
	return np_hint(err, "like 192.168.1.7 or 192.168.1.0/24");
}

/* The address in its shortest form, because an IPv4 address may arrive inside an IPv6 one
 * (::ffff:192.0.2.1). */
static const uint8_t *plain_address(const struct sockaddr *peer, bool *v6)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	const struct sockaddr_in6 *six = (const void *)peer;

	*v6 = peer->sa_family == AF_INET6;
	if (!*v6)
		return peer->sa_family == AF_INET
		               ? (const uint8_t *)&((const struct sockaddr_in *)(const void *)peer)
		                         ->sin_addr
		               : NULL;
	if (memcmp(&six->sin6_addr, mapped, sizeof(mapped)) != 0)
		return (const uint8_t *)&six->sin6_addr;
	*v6 = false;
	return (const uint8_t *)&six->sin6_addr + sizeof(mapped);
}

static bool lies_in(const struct serve_net *net, bool v6, const uint8_t *addr)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;

	return net->v6 == v6 && memcmp(net->addr, addr, whole) == 0 &&
	       (!rest || (net->addr[whole] ^ addr[whole]) >> (8 - rest) == 0);
}

bool serve_is_loopback(const struct sockaddr *peer)
{
	static const uint8_t one[16] = {[15] = 1};
	bool v6;
	const uint8_t *addr = plain_address(peer, &v6);

	return addr && (v6 ? memcmp(addr, one, sizeof(one)) == 0 : addr[0] == 127);
}

bool serve_admits(const struct serve_door *door, const struct sockaddr *peer)
{
	bool v6;
	const uint8_t *addr = plain_address(peer, &v6);

	if (serve_is_loopback(peer))
		return true;
	for (size_t i = 0; addr && i < door->allow_count; i++)
		if (lies_in(&door->allow[i], v6, addr))
			return true;
	return false;
}

const char *serve_peer_text(const struct sockaddr *peer, char *buf, size_t len)
{
	char addr[INET6_ADDRSTRLEN] = "?";
	const struct sockaddr_in6 *six = (const void *)peer;
	bool v6;
	const uint8_t *bytes = plain_address(peer, &v6);

	if (!bytes) {
		snprintf(buf, len, "a client on this computer");
		return buf;
	}
	/* The port stands at the same place in both. */
	inet_ntop(v6 ? AF_INET6 : AF_INET, bytes, addr, sizeof(addr));
	snprintf(buf, len, v6 ? "[%s]:%u" : "%s:%u", addr, ntohs(six->sin6_port));
	return buf;
}

static int say(const struct serial *line, const char *text, struct np_error *err)
{
	char whole[GREETING_MAX + 1];

	snprintf(whole, sizeof(whole), "%s\n", text);
	return line->ops->write(line->self, (const uint8_t *)whole, strlen(whole), err);
}

int serve_ask_secret(const struct serve_door *door, const struct serial *line, struct np_error *err)
{
	char nonce[NP_NONCE_HEX + 1], want[NP_NONCE_HEX + 1], text[GREETING_MAX];
	struct np_error told = {0};
	int ret;

	if (!door->secret.len)
		return 0;
	ret = np_secret_challenge(nonce, err);
	if (ret)
		return ret;
	np_secret_answer(&door->secret, nonce, want);
	snprintf(text, sizeof(text), "%s%s", GREETING_ASK, nonce);
	ret = say(line, text, err);
	if (ret)
		return ret;
	ret = greeting_read(line, text, &told);
	if (!ret && strlen(text) == NP_NONCE_HEX && np_secret_same(text, want))
		return say(line, GREETING_WELCOME, err);
	(void)say(line, GREETING_SORRY "that is not the secret", NULL);
	return np_fail(err, NP_E_ACCESS, "refused: it does not know the secret");
}
