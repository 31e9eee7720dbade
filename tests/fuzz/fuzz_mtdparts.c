/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include "layout/source.h"

#define FLASH (16u << 20)

/* The end of the flash is not known until the chip is: what fits then keeps its promises. */
static void fit_later(const char *text, size_t size)
{
	struct np_error err = {0};
	struct layout layout;

	if (layout_parse_mtdparts(text, size, 0, "fuzz", &layout, &err))
		return;
	if (layout_fit(&layout, FLASH, &err))
		layout_free(&layout);
	else
		fuzz_layout(0, &layout, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct np_error err = {0};
	struct layout layout;
	int ret = layout_parse_mtdparts((const char *)data, size, FLASH, "fuzz", &layout, &err);

	fit_later((const char *)data, size);
	return fuzz_layout(ret, &layout, &err);
}
