/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `norprog ui`: the whole job in a browser. One process serves one page set over HTTP and works with
 * the library through norprog.h alone, so that every check, backup and journal is the library's.
 */
#ifndef NP_UI_UI_H
#define NP_UI_UI_H

#include <stdbool.h>

struct ui_options {
	const char *programmer;                 /* as norprog_open(); NULL: the one attached */
	const char *chip, *chips_file, *layout; /* as the options of norprog_set(); or NULL */
	const char *listen; /* "ADDR:PORT", "[ADDR]:PORT" or "PORT"; NULL: 127.0.0.1, any port */
	bool browser;       /* open the desktop's browser where there is a desktop */
	void (*say)(void *ctx, const char *line); /* a line for the terminal */
	bool (*stopped)(void *ctx); /* polled: end, once what runs has come to a halt */
	void *ctx;
};

struct ui_error {
	char message[512], hint[512];
};

/*
 * Serve until `stopped` says so. A write that runs then ends behind its erase block, and can be
 * resumed. Blocks. Returns 0 or a code of enum norprog_code, with message and hint in *err:
 * NORPROG_E_USAGE (an address that makes no sense), NORPROG_E_BUSY (it is in use),
 * NORPROG_E_OUTPUT (no state folder), NORPROG_E_UNSUPPORTED (built without libmicrohttpd). A
 * programmer or chip that is missing is no error: the page says so and looks again.
 */
int ui_run(const struct ui_options *options, struct ui_error *err);

#endif
