/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields of a layout in an image, as words: shared by `unit show` and `image show`. */
#ifndef NP_CLI_UNIT_SHOW_H
#define NP_CLI_UNIT_SHOW_H

#include "cli/cli.h"
#include "layout/layout.h"

void unit_show_fields(struct report *report, const struct layout *layout, const uint8_t *data,
                      size_t len);

#endif
