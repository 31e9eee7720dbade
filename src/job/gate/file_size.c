/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <inttypes.h>
#include <stdio.h>

#include "base/io.h"
#include "job/gate/gate.h"

/* The only region of exactly this size; NULL when there is none, or more than one. */
static const char *region_of_size(const struct layout *layout, uint64_t size)
{
	const char *name = NULL;

	for (size_t i = 0; layout && i < layout->region_count; i++) {
		if (layout->regions[i].len != size)
			continue;
		if (name)
			return NULL;
		name = layout->regions[i].name;
	}
	return name;
}

static bool has_manifest(const char *path)
{
	char name[NP_PATH_MAX];

	return path && (size_t)snprintf(name, sizeof(name), "%s.json", path) < sizeof(name) &&
	       np_io_exists(name);
}

/* An image for a board with two chips: the rest of it has a size that chips have. */
static bool second_chip(uint64_t len, uint64_t chip)
{
	uint64_t rest = len - chip;

	return rest >= 512u << 10 && rest <= 4 * chip && !(rest & (rest - 1)) &&
	       !(chip & (chip - 1));
}

static const char *short_size(uint64_t len, char *buf, size_t room)
{
	bool mib = len % (1u << 20) == 0;

	snprintf(buf, room, "%" PRIu64 "%c", len >> (mib ? 20 : 10), mib ? 'M' : 'K');
	return buf;
}

/* On the known boards with two chips the bigger one holds the beginning of the image. */
static int hint_parts(const char *path, uint64_t len, uint64_t chip, struct verdict *verdict)
{
	bool first = 2 * chip >= len;
	uint64_t low = first ? chip : len - chip;
	char a[32], b[32];

	short_size(low, a, sizeof(a));
	short_size(len - low, b, sizeof(b));
	return gate_hint(verdict,
	                 "does the image go on in a second chip of the board? Then this one holds "
	                 "its %s part: --part %d/2 --split %s+%s (cut out: image extract %s "
	                 "0x%06" PRIx64 "+%s)",
	                 first ? "first" : "second", first ? 1 : 2, a, b, path, first ? 0 : low,
	                 first ? a : b);
}

static int refuse_whole(const struct facts *facts, const char *path, struct verdict *verdict)
{
	uint64_t len = intent_image_bytes(&facts->intent->image), chip = facts->size;
	const struct layout *layout = facts->job->layout ? facts->job->layout : facts->guard;
	const char *region = region_of_size(layout, len);

	gate_refuse(verdict, NP_E_SIZE,
	            "%s has %" PRIu64 " bytes, the chip %" PRIu64 ": %" PRIu64 " too %s", path, len,
	            chip, len < chip ? chip - len : len - chip, len < chip ? "few" : "many");
	if (len > chip && !facts->intent->image.part && second_chip(len, chip))
		return hint_parts(path, len, chip, verdict);
	if (len > chip)
		return gate_hint(verdict,
		                 "this is not an image of this chip; to write a part of it, cut "
		                 "that out and say where it belongs with --at or --only");
	if (facts->job_bit == GATE_WRITE && has_manifest(facts->intent->image.path))
		return gate_hint(
			verdict,
			"it has a manifest: `norprog restore %s` puts it where it came from", path);
	if (region)
		return gate_hint(verdict, "region %s is exactly this long: --only %s", region,
		                 region);
	return gate_hint(verdict, "say where it belongs: --at ADDR (or --at REGION with --layout)");
}

static int refuse_part(const struct facts *facts, const char *path, struct verdict *verdict)
{
	uint64_t len = facts->intent->image.len;
	uint64_t selected = np_ranges_bytes(&facts->intent->selection.only);

	gate_refuse(verdict, NP_E_SIZE,
	            "%s has %" PRIu64 " bytes; --only wants a dump of the whole chip (%" PRIu64
	            ") or just the selected bytes (%" PRIu64 ")",
	            path, len, facts->size, selected);
	if (len < selected && facts->job_bit != GATE_RESTORE)
		return gate_hint(verdict, "for a piece shorter than its region use --at REGION or "
		                          "--at ADDR instead of --only");
	return gate_hint(verdict, "check that it is the file you mean, and the ranges of --only");
}

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	const struct intent_image *image = &facts->intent->image;
	const char *path = image->path ? image->path : "the image";

	(void)err;
	if (!image->misfit)
		return 0;
	return selection_is_whole(&facts->intent->selection) ? refuse_whole(facts, path, verdict)
	                                                     : refuse_part(facts, path, verdict);
}

const struct gate gate_file_size = {
	.name = "file-size",
	.stage = GATE_ASKED,
	.jobs = GATE_IMAGE | GATE_VERIFY,
	.ends = true,
	.protects = "Protects everything behind the file's end: a file that is shorter or "
		    "longer than its place is neither padded nor cut.",
	.ask = ask,
};
