/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/damage.h"

#include <inttypes.h>

static void tell_part(struct report *report, const char *where, uint64_t len,
                      const struct image_part *part)
{
	const char *open = part->text[0] ? " (" : "", *close = part->text[0] ? ")" : "";

	if (image_part_cut(part))
		report_warn(report,
		            "%s is cut short: the %s at 0x%06" PRIx64 "%s%s%s goes on for %" PRIu64
		            " bytes behind its end",
		            where, image_part_name(part->kind), part->start, open, part->text,
		            close, part->start + part->len - len);
	else
		report_warn(
			report, "%s is damaged at 0x%06" PRIx64 ": %s%s%s%s: its checksum is wrong",
			where, part->start, image_part_name(part->kind), open, part->text, close);
}

bool damage_tell(struct report *report, const char *where, uint64_t len,
                 const struct image_parts *parts)
{
	bool damaged = false;

	for (size_t i = 0; i < parts->count; i++) {
		const struct image_part *part = &parts->at[i];

		if (!image_part_cut(part) && !image_part_damaged(part))
			continue;
		damaged = true;
		tell_part(report, where, len, part);
	}
	return damaged;
}
