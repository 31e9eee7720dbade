/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map that a dump carries itself. */
#ifndef NP_IMAGE_MAP_H
#define NP_IMAGE_MAP_H

#include "image/tree.h"
#include "layout/layout.h"

/* The first of these that a dump carries, in order of trust: safeloader table, U-Boot's partitions=
 * and mtdparts=, device tree, and those of pc_map.h. *found is false when there is none or none is
 * sound. */
int image_find_map(const uint8_t *data, size_t len, const char *name, struct layout *layout,
                   bool *found, struct np_error *err);

/* The same with what is in the dump, already found. `trees` NULL: they are looked for where they
 * count. */
int image_find_map_with(const uint8_t *data, size_t len, const struct image_parts *parts,
                        const struct image_trees *trees, const char *name, struct layout *layout,
                        bool *found, struct np_error *err);

#endif
