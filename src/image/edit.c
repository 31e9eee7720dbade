/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/units.h"
#include "image/image.h"

int image_merge(uint8_t *image, size_t len, const struct layout_region *region, const uint8_t *file,
                size_t file_len, bool pad, struct np_error *err)
{
	char want[32], is[32];

	if (region->start > len || region->len > len - region->start)
		return np_fail(err, NP_E_RANGE, "region %s ends behind the image", region->name);
	if (file_len > region->len || (file_len < region->len && !pad)) {
		np_fail(err, NP_E_SIZE, "region %s has %s, the file %s", region->name,
		        np_format_size(region->len, want, sizeof(want)),
		        np_format_size(file_len, is, sizeof(is)));
		return file_len < region->len
		               ? np_hint(err, "--pad fills the rest of the region with FFh")
		               : np_hint(err,
		                         "is it a full dump? extract the region from it first");
	}
	memcpy(image + region->start, file, file_len);
	memset(image + region->start + file_len, 0xff, region->len - file_len);
	return 0;
}

uint64_t image_trimmed(const uint8_t *data, size_t len, uint64_t align)
{
	uint64_t end = len;

	while (end && data[end - 1] == 0xff)
		end--;
	if (align > 1)
		end = (end + align - 1) / align * align;
	return end < len ? end : len;
}
