/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of partitions as people paste them. */
#include "fuzz/fuzz.h"

#include "layout/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct np_error err = {0};
	struct layout layout;
	int ret = layout_parse_bootlog(text, size, NULL, "fuzz", &layout, &err);

	fuzz_layout(ret, &layout, &err);
	ret = layout_parse_uboot_table(text, size, NULL, "fuzz", &layout, &err);
	return fuzz_layout(ret, &layout, &err);
}
