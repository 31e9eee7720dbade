/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of an image says by its own sum that it is damaged. */
#ifndef NP_CLI_DAMAGE_H
#define NP_CLI_DAMAGE_H

#include "cli/report.h"
#include "image/image.h"

/* A warning for each part whose sum is wrong (image_part_damaged()), or that goes on behind the end at
 * `len`; `where` is the file or "the chip". True when there is one. */
bool damage_tell(struct report *report, const char *where, uint64_t len,
                 const struct image_parts *parts);

#endif
