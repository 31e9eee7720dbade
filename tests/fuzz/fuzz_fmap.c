/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include "layout/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct np_error err = {0};
	struct layout layout;
	int ret = layout_parse_fmap(data, size, size & 1 ? size << 8 : 0, "fuzz", &layout, &err);

	return fuzz_layout(ret, &layout, &err);
}
