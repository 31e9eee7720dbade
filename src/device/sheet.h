/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sheet of values for many units: CSV, whose first line names the columns. The first column says
 * whose row it is: `unique_id` (of the chip), `serial` (of the adapter) or `adapter` (its label or
 * place). The others are fields of the layout (mac, serial_number, ...). Pure.
 */
#ifndef NP_DEVICE_SHEET_H
#define NP_DEVICE_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define SHEET_COLUMNS 16
#define SHEET_BYTES   (1u << 20) /* longer files are refused */

enum sheet_key { SHEET_UID, SHEET_SERIAL, SHEET_ADAPTER };

struct sheet_row {
	unsigned line;                    /* in the file, from 1 */
	const char *cells[SHEET_COLUMNS]; /* the first is the key; "" where nothing stands */
	bool taken;                       /* by a unit of this job */
};

/* Zero-initialise; ends with sheet_free(). */
struct sheet {
	enum sheet_key key;
	const char *columns[SHEET_COLUMNS];
	size_t column_count;
	struct sheet_row *rows;
	size_t row_count;
	char *text; /* owned; what all strings point into */
};

/* Parse `text` (copied). `name` is the file's, for messages. NP_E_INPUT, with the line: the form is
 * wrong, a key or a value stands in it twice, or a MAC is none. NP_E_MEMORY. */
int sheet_parse(struct sheet *sheet, const char *text, size_t len, const char *name,
                struct np_error *err);

/* The row of this key, in any case (a unique ID also with spaces or colons); NULL: none. */
struct sheet_row *sheet_find(const struct sheet *sheet, const char *key);

/* Are these the same value of a field? MACs are the same however they are written. */
bool sheet_same(const char *field, const char *one, const char *other);

/* "unique_id", "serial", "adapter". */
const char *sheet_key_name(enum sheet_key key);

void sheet_free(struct sheet *sheet);

#endif
