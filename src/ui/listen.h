/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket to serve on. */
#ifndef NP_UI_LISTEN_H
#define NP_UI_LISTEN_H

#include <stdbool.h>

#include "ui/ui.h"

#define UI_ADDRESS_MAX 80

struct ui_listen {
	int socket;
	unsigned port;
	bool loopback;
	char address[UI_ADDRESS_MAX]; /* "127.0.0.1:40963", as a browser takes it */
};

/* "ADDR:PORT", "[ADDR]:PORT", "ADDR" or "PORT"; NULL: 127.0.0.1. Port 0: any that is free. Errors:
 * NORPROG_E_USAGE, NORPROG_E_BUSY, NORPROG_E_FAIL. */
int ui_listen_open(const char *spec, struct ui_listen *out, struct ui_error *err);

#endif
