/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include "image/open.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct np_error err = {0};
	struct image_opened opened;

	if (image_open(data, size, "fuzz", &opened, &err) == 0 && opened.len &&
	    opened.data[0] + opened.data[opened.len - 1] > 510)
		err.code = 0;
	image_opened_free(&opened);
	return 0;
}
