/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map that a dump carries itself. */
#ifndef NP_IMAGE_MAP_H
#define NP_IMAGE_MAP_H

#include "layout/layout.h"

/* The first of these that a dump carries, in order of trust: safeloader table, U-Boot's partitions=
 * and mtdparts=, device tree, flash descriptor and FMAP. *found is false when there is none or none is
 * sound. */
int image_find_map(const uint8_t *data, size_t len, const char *name, struct layout *layout,
                   bool *found, struct np_error *err);

#endif
