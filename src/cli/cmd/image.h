/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of `image`; args[0] is the verb itself. */
#ifndef NP_CLI_CMD_IMAGE_H
#define NP_CLI_CMD_IMAGE_H

#include "cli/cli.h"

int image_verb_show(struct cli *cli, struct np_error *err);
int image_verb_diff(struct cli *cli, struct np_error *err);
int image_verb_extract(struct cli *cli, struct np_error *err);
int image_verb_merge(struct cli *cli, struct np_error *err);
int image_verb_patch(struct cli *cli, struct np_error *err);
int image_verb_pad(struct cli *cli, struct np_error *err);
int image_verb_trim(struct cli *cli, struct np_error *err);
int image_verb_convert(struct cli *cli, struct np_error *err);
int image_verb_swap(struct cli *cli, struct np_error *err);
int image_verb_invert(struct cli *cli, struct np_error *err);
int image_verb_join(struct cli *cli, struct np_error *err);
int image_verb_hex(struct cli *cli, struct np_error *err);
int image_verb_find(struct cli *cli, struct np_error *err);

#endif
