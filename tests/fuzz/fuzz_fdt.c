/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include "layout/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct np_error err = {0};
	struct layout layout;
	int ret = layout_from_tree(data, size, "fuzz", 0, &layout, &err);

	return fuzz_layout(ret, &layout, &err);
}
