/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <inttypes.h>
#include <stdlib.h>

#include "image/front.h"
#include "job/gate/gate.h"

/* Checksums inside a whole dump, of the images in it. */
static int check_range(const struct facts *facts, struct np_range range, struct verdict *verdict,
                       struct np_error *err)
{
	struct image_parts parts;
	uint64_t at;
	int by, ret = image_scan(facts->intent->image.data + range.start, range.len, &parts, err);

	if (ret)
		return ret;
	for (size_t i = 0; i < parts.count; i++) {
		if (range.len == facts->size && image_part_cut(&parts.at[i]))
			gate_warn(verdict,
			          "cut short: %s at 0x%06" PRIx64
			          " (%s) goes on behind the end of the flash",
			          image_part_name(parts.at[i].kind), parts.at[i].start,
			          parts.at[i].text);
		if (image_part_damaged(&parts.at[i]))
			gate_warn(verdict,
			          "damaged: %s at 0x%06" PRIx64 " (%s): its checksum is wrong",
			          image_part_name(parts.at[i].kind),
			          range.start + parts.at[i].start, parts.at[i].text);
	}
	by = front_shift(range.len, &parts, &at);
	if (by)
		gate_warn(verdict,
		          "the image has %d byte%s too %s in front, as a dump has that was read "
		          "badly: what lies at 0x%06" PRIx64 " begins a block in a flash; no board "
		          "starts from it",
		          abs(by), abs(by) == 1 ? "" : "s", by > 0 ? "many" : "few",
		          range.start + at);
	image_parts_free(&parts);
	return 0;
}

static int check_parts(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct np_ranges *todo = &facts->intent->selection.todo;
	int ret = 0;

	if (!facts->intent->image.data || facts->intent->image.misfit)
		return 0;
	for (size_t i = 0; i < todo->count && !ret; i++)
		if (todo->at[i].start + todo->at[i].len <= facts->size)
			ret = check_range(facts, todo->at[i], verdict, err);
	return ret;
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;
	const char *name = image->path ? image->path : "the image";

	if (!image->identified ||
	    (image->is.kind != IMAGE_VENDOR_UPGRADE && image->is.kind != IMAGE_VENDOR_UPGRADE_BOOT))
		return check_parts(facts, verdict, err);
	if (image->is.truncated)
		return gate_warn(verdict, "%s is cut short: its header says it should be longer",
		                 name);
	if (image->is.damaged)
		return gate_warn(verdict, "%s is damaged: its checksum is wrong", name);
	return 0;
}

const struct gate gate_damaged_file = {
	.name = "damaged-file",
	.stage = GATE_ASKED,
	.jobs = GATE_IMAGE,
	.protects = "A board that starts: a download that broke off or was damaged says so by "
		    "its own length and sums.",
	.ask = ask,
};
