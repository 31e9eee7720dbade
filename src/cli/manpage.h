/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command's manual page, made from what its --help is made from. */
#ifndef NP_CLI_MANPAGE_H
#define NP_CLI_MANPAGE_H

#include <stdio.h>

#include "cli/options.h"

/* Prints norprog-COMMAND(1) in mdoc: `norprog manpage COMMAND`, which `make man` runs. */
void manpage(FILE *out, const struct cli_command *command);

#endif
