/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user's configuration: ~/.config/norprog/config, key = value. Options win over environment, and
 * environment over file. What comes from it is said where it matters.
 */
#ifndef NP_CLI_CONFIG_H
#define NP_CLI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/io.h"

#define CONFIG_SERVE_MAX 16

struct cli;

enum config_colour { CONFIG_COLOUR_NEVER, CONFIG_COLOUR_AUTO, CONFIG_COLOUR_ALWAYS };

/* All zero: nothing is configured. */
struct config {
	char path[NP_PATH_MAX]; /* of the file; "": none was read */
	char programmer[512];   /* a -p argument; "": none */
	char layouts[NP_PATH_MAX];
	enum config_colour colour;
	char serve[CONFIG_SERVE_MAX][256]; /* HOST:PORT */
	size_t serve_count;
};

/* Called for what is no error but should be known: a key that nobody knows. */
typedef void config_warn_fn(void *ctx, const char *text);

/* Read the file, if there is one and --no-config was not given, and apply colour and the layouts
 * folder. Errors: NP_E_INPUT. */
int config_load(struct cli *cli, struct np_error *err);

/* The programmer to use where -p and NORPROG_PROGRAMMER say none: says where it comes from. NULL: none
 * is configured. */
const char *config_programmer(struct cli *cli);

/* ---- hosts.c ---- */

/* For `list`: is somebody there, at each of the serve addresses? Takes at most three seconds in all.
 * Returns how many answer. */
size_t hosts_list(struct cli *cli);

#endif
