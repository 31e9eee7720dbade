/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include "device/identify.h"
#include "image/image.h"
#include "layout/source.h"
#include "image/map.h"

/* TP-Link headers, safeloader, uImage, squashfs, JFFS2, UBI, environments, TRX, SEAMA: whatever the
 * scan finds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_report report;
	struct layout layout;
	bool found;

	if (image_identify(data, size, &report, NULL))
		return 0;
	for (size_t i = 0; i < report.parts.count; i++) {
		const struct image_part *part = &report.parts.at[i];

		if (part->start >= size || (!part->truncated && part->len > size - part->start) ||
		    memchr(part->text, 0, sizeof(part->text)) == NULL)
			abort();
	}
	image_report_free(&report);
	if (image_find_map(data, size, "fuzz", &layout, &found, NULL) == 0 && found)
		layout_free(&layout);
	return 0;
}
