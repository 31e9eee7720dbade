/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few JSON shapes that manifests and journals share, over jansson. */
#ifndef NP_STORE_JSON_H
#define NP_STORE_JSON_H

#include <jansson.h>

#include "base/io.h"
#include "base/ranges.h"

/* [{"start": .., "length": ..}, ...]; NULL on lack of memory. */
json_t *json_from_ranges(const struct np_ranges *set);

/* The string at `key` into buf. Errors: NP_E_INPUT when missing, no string, or too long. */
int json_get_text(const json_t *object, const char *key, char *buf, size_t len,
                  struct np_error *err);

/* The integer at `key`, not negative. Errors: NP_E_INPUT. */
int json_get_number(const json_t *object, const char *key, uint64_t *value, struct np_error *err);

/* {"start", "length"} of an object, inside [0, limit). Errors: NP_E_INPUT. */
int json_get_range(const json_t *object, uint64_t limit, struct np_range *range,
                   struct np_error *err);

/* The array of ranges at `key` (missing: empty). Errors: NP_E_INPUT, NP_E_MEMORY. */
int json_get_ranges(const json_t *object, const char *key, uint64_t limit, struct np_ranges *set,
                    struct np_error *err);

/* Write `root` (reference taken over, also on failure; NULL: lack of memory) to a file just begun,
 * and commit it; `ret` is what beginning it returned. */
int json_finish(json_t *root, struct np_io_out *out, int ret, struct np_error *err);

/* The same to `path`. */
int json_save(json_t *root, const char *path, enum np_io_mode mode, struct np_error *err);

/* Parse the text of a file; the root is an object with "format": 1. `path` is for messages. *root is
 * the caller's, NULL after a failure. Errors: NP_E_INPUT with the line. */
int json_parse(const char *text, size_t len, const char *path, json_t **root, struct np_error *err);

/* Read a file and parse it: by path, or in an open folder. */
int json_open(const char *path, json_t **root, struct np_error *err);
int json_open_in(const struct np_io_dir *dir, const char *name, json_t **root,
                 struct np_error *err);

#endif
