/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --part 1/2 --split 8M+4M: one image in several chips. */
#ifndef NP_CLI_PART_H
#define NP_CLI_PART_H

#include "cli/options.h"
#include "job/intent.h"

/* Take the part that the options name, if they do, of the image that was opened. Errors: NP_E_USAGE,
 * NP_E_SIZE. */
int part_from_options(struct intent *intent, const struct cli_options *opt, struct np_error *err);

#endif
