/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include "image/pc_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct np_error err = {0};
	struct layout layout = {0};
	bool found;

	if (pc_map_find(data, size, "fuzz", &layout, &found, &err) == 0 && found)
		for (size_t i = 0; i < layout.field_count; i++)
			if (layout.fields[i].start > size ||
			    layout.fields[i].len > size - layout.fields[i].start)
				__builtin_trap();
	layout_free(&layout);
	return 0;
}
