/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of umockdev's preload: for each device node a socket on which clients ask for
 * ioctls, one message of three longs each way. One thread serves all nodes until the program under
 * test ends.
 */
#ifndef NP_EMU_SERVER_H
#define NP_EMU_SERVER_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "node.h"

enum { SERVER_MAX_NODES = 8 };

struct server;

/* What the test bed does when a node's poll state or presence changes. */
struct server_events {
	void *context;
	void (*ready)(void *context, size_t node, bool ready);
	/* After each ioctl and each close, for unplugging by a trigger. */
	void (*served)(void *context, size_t node);
};

int server_create(struct emu_clock *clock, const struct server_events *events,
                  struct server **server, struct np_error *err);

/* Listen at `socket_path` for `node` (borrowed). Its index is the order of adding. */
int server_add(struct server *server, struct node *node, const char *socket_path,
               struct np_error *err);

/* Serve until process `child` ends; its wait status goes to *status. Signals SIGTERM and SIGINT are
 * passed on to the child. */
int server_run(struct server *server, pid_t child, int *status, struct np_error *err);

void server_free(struct server *server);

#endif
