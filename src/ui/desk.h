/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files: the one in hand, and the backups that are kept. Has a handle of its own, so that looking at
 * files goes on while a job runs on the chip. Any thread; one at a time inside.
 */
#ifndef NP_UI_DESK_H
#define NP_UI_DESK_H

#include <norprog.h>

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/hub.h"
#include "ui/order.h"

struct ui_desk;

/* NULL: out of memory. The hub stays the caller's. */
struct ui_desk *ui_desk_new(struct ui_hub *hub);
void ui_desk_free(struct ui_desk *desk);

/* The longest file that is taken: twice the largest supported chip. */
size_t ui_desk_max(const struct ui_desk *desk);

/* All below return 0 or a code of the library; *error (a new object, or NULL) tells the rest. */

/* Take a file in hand; the bytes are copied. `name` is for showing. */
int ui_desk_take(struct ui_desk *desk, const char *name, const void *data, size_t len,
                 json_t **error);

/* Take a backup in hand. NORPROG_E_INPUT for a path that is none of the backups that are kept: no
 * other file can be read through this. */
int ui_desk_take_backup(struct ui_desk *desk, const char *path, json_t **error);

/* Put it away. */
void ui_desk_drop(struct ui_desk *desk);

/* Set a field of the file in hand, "mac=...". An order that keeps anything has to carry it, or
 * ui_desk_supply() refuses. */
int ui_desk_set_field(struct ui_desk *desk, const char *assignment, json_t **error);

/* Give a job what it works with: the file in hand, or the backup of the order. */
int ui_desk_supply(struct ui_desk *desk, const struct ui_order *order, norprog_job *job,
                   json_t **error);

/* Keep what was read of the chip, for looking and comparing; `layout` names its layout, or is NULL. */
int ui_desk_take_chip(struct ui_desk *desk, const char *name, const char *layout, const void *data,
                      size_t len, json_t **error);
void ui_desk_drop_chip(struct ui_desk *desk);

/* Bytes of a source ("file", "read" of the chip, or the path of a backup), to be freed. len 0: all from `start`. */
int ui_desk_bytes(struct ui_desk *desk, const char *source, uint64_t start, uint64_t len,
                  uint8_t **data, size_t *got, json_t **error);

/* Where the source holds a pattern, from `start` on; *at is UINT64_MAX when nowhere. */
int ui_desk_find(struct ui_desk *desk, const char *source, uint64_t start, const void *pattern,
                 size_t len, uint64_t *at, json_t **error);

/* Compare two sources of one length: an object with how many bytes differ ("bytes"), in which
 * regions ("parts"), in how many places ("count"), the first thousand of them ("differences"), and
 * the fields of both. */
int ui_desk_compare(struct ui_desk *desk, const char *a, const char *b, json_t **out,
                    json_t **error);

/* Layouts that match `pattern`, and one of them in full. */
json_t *ui_desk_layouts(struct ui_desk *desk, const char *pattern);

#endif
