/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layouts that come from elsewhere: partition strings, boot logs, tables inside a
 * dump. They name regions and know nothing of unit data. All of them take bytes in memory, are
 * bounded and checked, and fail with NP_E_INPUT; `name` is for messages. The layout is freed by the
 * caller with layout_free().
 */
#ifndef NP_LAYOUT_SOURCE_H
#define NP_LAYOUT_SOURCE_H

#include "layout/layout.h"

/* "mtdparts=ID:SIZE[@OFFSET](NAME)[ro],..." up to the first character that cannot belong to it;
 * only the first device. `flash_size` ends a partition of size "-"; 0: unknown, layout_fit() will.
 */
int layout_parse_mtdparts(const char *text, size_t len, uint64_t flash_size, const char *name,
                          struct layout *layout, struct np_error *err);

/* TP-Link's U-Boot variable: "partitions=" and offset, size (8 hex digits each) and name per entry.
 */
int layout_parse_partitions(const char *text, size_t len, const char *name, struct layout *layout,
                            struct np_error *err);

/* A kernel's boot log: the lines behind the first "Creating N MTD partitions". */
int layout_parse_bootlog(const char *text, size_t len, const char *name, struct layout *layout,
                         struct np_error *err);

/* TP-Link's safeloader table: "partition NAME base 0x... size 0x..." lines. */
int layout_parse_safe_table(const char *text, size_t len, const char *name, struct layout *layout,
                            struct np_error *err);

/* coreboot's FMAP at data[0]; areas that hold others are groups. */
int layout_parse_fmap(const uint8_t *data, size_t len, const char *name, struct layout *layout,
                      struct np_error *err);

/* The Intel flash descriptor at the start of a whole PC flash. */
int layout_parse_ifd(const uint8_t *data, size_t len, const char *name, struct layout *layout,
                     struct np_error *err);

/* The layout as flashrom reads it: one "START:END name" line per region and group, into a
 * malloc()ed
 * text. NP_E_INPUT when one has no end yet. */
int layout_format_flashrom(const struct layout *layout, char **text, struct np_error *err);

#endif
