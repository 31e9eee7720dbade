/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A programmer for others: the far side of the serprog protocol and of the bridge's addition to it
 * (doc/BRIDGE.md), over a TCP connection or any other byte line. All that a client sends is bounded
 * and checked; a client that stops in the middle of a request loses it, and one that goes away
 * releases the programmer's pins.
 */
#ifndef NP_SERVE_SERVE_H
#define NP_SERVE_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"
#include "serprog/serial.h"
#include "spi/spi.h"

/* What is served. It is opened when a client first needs it and closed when that client goes. */
struct serve_target {
	int (*open)(void *ctx, struct spi_bus **bus, struct np_error *err);
	void *ctx;
	struct spi_caps caps; /* as it was when the server began */
};

/* Speak with one client until it leaves or a stop is asked for. `line` stays the caller's. Returns 0,
 * or why the programmer failed. */
int serve_client(const struct serial *line, const struct serve_target *target,
                 struct np_error *err);

/* ---- who may connect (door.c) ---- */

#define SERVE_ALLOW_MAX 32

/* Addresses that may connect: an address, and how many of its bits count. */
struct serve_net {
	bool v6;
	uint8_t addr[16];
	unsigned bits;
};

struct serve_door {
	struct serve_net allow[SERVE_ALLOW_MAX];
	size_t allow_count;      /* 0: only this computer itself */
	struct np_secret secret; /* len 0: none is asked for */
};

/* "192.168.1.0/24", "10.0.0.7", "fd00::/8". NP_E_USAGE. */
int serve_allow(struct serve_door *door, const char *text, struct np_error *err);

struct sockaddr;

bool serve_is_loopback(const struct sockaddr *peer);

/* May this peer come in at all? This computer itself always may. */
bool serve_admits(const struct serve_door *door, const struct sockaddr *peer);

/* "127.0.0.1:4141", "[::1]:51012" into buf; returns `buf`. */
const char *serve_peer_text(const struct sockaddr *peer, char *buf, size_t len);

/* Ask for the secret, where there is one: 0 when the client knows it. At most 5 s. NP_E_ACCESS. */
int serve_ask_secret(const struct serve_door *door, const struct serial *line,
                     struct np_error *err);

/* ---- the server (listen.c, serve.c) ---- */

/* A socket that listens at "ADDR:PORT" (port 0: any free one), or the one that systemd gave us where
 * `text` is NULL; its address goes to `where`, and *loopback says whether only this computer reaches
 * it. Errors: NP_E_USAGE, NP_E_BUSY (taken), NP_E_ACCESS, NP_E_FAIL. */
int serve_listen(const char *text, char *where, size_t len, bool *loopback, int *fd,
                 struct np_error *err);

/* Told as it happens, in the server's own process. */
typedef void serve_tell_fn(void *ctx, const char *client, const char *what);

struct serve_options {
	int fd; /* from serve_listen() */
	const struct serve_door *door;
	const struct serve_target *target;
	serve_tell_fn *tell;
	void *ctx;
};

/* Serve one client after the other until a stop is asked for. Each has a process of its own, so that
 * none can take the server with it. Errors: NP_E_FAIL. */
int serve_run(const struct serve_options *options, struct np_error *err);

#endif
