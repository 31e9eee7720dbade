/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CSV file of --set-from: whatever it holds, each row that is taken is found by its key, and no value stands
 * in two. */
#include <stdlib.h>

#include "device/sheet.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct np_error err = {0};
	struct sheet sheet = {0};
	int ret = sheet_parse(&sheet, (const char *)data, size, "fuzz", &err);

	if (ret && (ret != NP_E_INPUT || !err.message[0] || !err.hint[0]))
		abort();
	for (size_t i = 0; !ret && i < sheet.row_count; i++) {
		const struct sheet_row *row = &sheet.rows[i];

		if (sheet_find(&sheet, row->cells[0]) != row)
			abort();
		for (size_t c = 1; c < sheet.column_count; c++)
			for (size_t k = 0; k < i; k++)
				if (row->cells[c][0] && sheet_same(sheet.columns[c], row->cells[c],
				                                   sheet.rows[k].cells[c]))
					abort();
	}
	sheet_free(&sheet);
	return 0;
}
