/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <inttypes.h>
#include <stdlib.h>

#include "image/front.h"
#include "job/gate/gate.h"

/* A file that is put somewhere, and is no copy of a region: what is in it must be all there. A region's
 * copy may well hold a kernel whose rest lies in the next one. */
static bool is_lone_file(const struct facts *facts, struct np_range range)
{
	const struct layout *layout = facts->job->layout;

	if (!facts->intent->selection.placed)
		return false;
	for (size_t i = 0; layout && i < layout->region_count; i++)
		if (layout->regions[i].start == range.start && layout->regions[i].len == range.len)
			return false;
	return true;
}

static void warn_cut(const struct facts *facts, struct np_range range,
                     const struct image_part *part, struct verdict *verdict)
{
	bool whole = range.len == facts->size;

	if (!image_part_cut(part) || (!whole && !is_lone_file(facts, range)))
		return;
	gate_warn(verdict,
	          "cut short: %s at 0x%06" PRIx64 "%s%s%s goes on behind the end of the %s",
	          image_part_name(part->kind), range.start + part->start, part->text[0] ? " (" : "",
	          part->text, part->text[0] ? ")" : "", whole ? "flash" : "file");
}

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
		const struct image_part *part = &parts.at[i];

		warn_cut(facts, range, part, verdict);
		if (image_part_damaged(part))
			gate_warn(verdict,
			          "damaged: %s at 0x%06" PRIx64 "%s%s%s: its checksum is wrong",
			          image_part_name(part->kind), range.start + part->start,
			          part->text[0] ? " (" : "", part->text, part->text[0] ? ")" : "");
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
	.protects = "Warns of a file that is incomplete or damaged, by the lengths and "
		    "checksums in it: a board may not start from it.",
	.ask = ask,
};
