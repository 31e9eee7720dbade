/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands behind one device node: the server speaks to it in these terms. */
#ifndef NP_EMU_NODE_H
#define NP_EMU_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "clock.h"

struct node;

struct node_ops {
	/* A program opened the node; the result stands for its connection. NULL: refused. */
	void *(*open)(struct node *node, pid_t pid);
	void (*close)(struct node *node, void *conn);
	/* As in the kernel: a result >= 0, or a negative errno. */
	long (*ioctl)(struct node *node, void *conn, unsigned int request, uint64_t arg);
	/* read() and write(). */
	long (*transfer)(struct node *node, void *conn, bool write, uint64_t addr, size_t len);
	/* Would an ioctl find something completed (poll's POLLOUT)? */
	bool (*ready)(struct node *node);
	/* When this ioctl can be answered, with the time as it is; PS_NEVER when an event has to come
	 * first. NULL: at once. */
	uint64_t (*when)(struct node *node, void *conn, unsigned int request);
	/* Its next event (virtual), and do it. NULL: it has none. */
	uint64_t (*next)(struct node *node);
	void (*step)(struct node *node, uint64_t at_ps);
	/* Real time: when to look again; PS_NEVER when not. */
	uint64_t (*due)(struct node *node);
};

struct node {
	const struct node_ops *ops;
	void *state;
	struct emu_clock *clock; /* its programs' time; without `together` shared by all nodes */
	const char *path;        /* "/dev/..." */
	uint64_t ioctl_ps;       /* host time one ioctl costs (virtual) */
	uint64_t ioctls;         /* seen */
	unsigned open;           /* connections */
	bool gone;               /* unplugged */
	bool together;           /* others have events, too: only the server runs them, in order */
};

#endif
