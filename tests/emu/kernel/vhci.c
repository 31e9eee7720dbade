/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vhci.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONTROLLER "/sys/devices/platform/vhci_hcd.0/"

enum {
	STATE_FREE = 4,
	SPEED_FULL = 2,
	SPEED_HIGH = 3
}; /* as vhci_hcd's status and attach say them */

/* The first free high-speed port (full speed goes into these, too) that is `wanted`; -1: none. */
static int find_free(int wanted)
{
	FILE *file = fopen(CONTROLLER "status", "re");
	char line[128];
	unsigned number, state;
	int found = -1;

	while (file && found < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "hs %u %u", &number, &state) == 2 && state == STATE_FREE &&
		    (wanted < 0 || (unsigned)wanted == number))
			found = (int)number;
	if (file)
		fclose(file);
	return found;
}

static int attach(unsigned port, int fd, bool high_speed, struct np_error *err)
{
	FILE *file = fopen(CONTROLLER "attach", "we");
	int failed = !file;

	if (file) {
		fprintf(file, "%u %d %u %d", port, fd, port + 1,
		        high_speed ? SPEED_HIGH : SPEED_FULL);
		failed = fclose(file);
	}
	if (failed)
		return np_fail(err, NP_E_FAIL, "plug into port %u of vhci_hcd: %s", port,
		               strerror(errno));
	return 0;
}

int vhci_plug(bool high_speed, unsigned *port, int *fd, struct np_error *err)
{
	int found = find_free(-1), ends[2], result;

	if (found < 0)
		return np_fail(err, NP_E_FAIL,
		               "no free port at vhci_hcd: it takes root and the module vhci-hcd");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return np_fail(err, NP_E_FAIL, "socket: %s", strerror(errno));
	*port = (unsigned)found;
	*fd = ends[0];
	result = attach(*port, ends[1], high_speed, err);
	close(ends[1]); /* the kernel has its own hold on it */
	if (result)
		close(ends[0]);
	return result;
}

bool vhci_is_free(unsigned port)
{
	return find_free((int)port) >= 0;
}
