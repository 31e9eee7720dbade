/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the parsers of other tools' maps, inside src/layout. */
#ifndef NP_LAYOUT_MAP_H
#define NP_LAYOUT_MAP_H

#include "layout/build.h"

/* NULL and NP_E_MEMORY in *err when there is no memory. */
struct layout_build *layout_map_begin(const char *name, struct layout *layout,
                                      struct np_error *err);

/* Finish unless `rc` is an error already; frees the builder. */
int layout_map_end(struct layout_build *build, int rc, struct layout *layout, struct np_error *err);

/* Add a region under a name made fit for options, and unlike those there are. */
int layout_map_add(struct layout_build *build, const char *name, size_t name_len, uint64_t start,
                   uint64_t len, struct np_error *err);

/* A map of two chips is on the first of them: that a region ends at `end`, behind the flash's end, is
 * told in the layout's doubt, once. `name` may be 32 bytes without an end. */
void layout_map_beyond(struct layout_build *build, const char *name, uint64_t end, uint64_t size);

#endif
