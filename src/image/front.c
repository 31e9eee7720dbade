/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/front.h"

#include <string.h>

#include "image/pc_map.h"
#include "image/probe.h"

#define HEADER_MOST  0x10000u /* vendors' headers are of a few hundred bytes to some KiB */
#define SMALLEST     0x80000u /* flash of a PC */
#define BLOCK        0x1000u  /* what lies in a flash by itself begins at a multiple of this */
#define SIGNATURE_AT 40u      /* "_FVH" in a volume's header */

/* ---- headers ---- */

/* Is there a map of a flash of this length, and is what it says true of where it lies itself? An FMAP
 * is found wherever it is; the others stand at fixed places. */
static bool is_flash(const uint8_t *data, size_t flash)
{
	const struct layout_region *own;
	struct np_error ignored;
	struct layout layout;
	bool found;

	if (pc_map_find(data, flash, "image", &layout, &found, &ignored) || !found)
		return false;
	own = layout_find(&layout, "FMAP");
	if (own && own->start <= flash - 8)
		found = memcmp(data + own->start, "__FMAP__", 8) == 0;
	layout_free(&layout);
	return found;
}

static uint64_t mapped_header(const uint8_t *data, size_t len, uint64_t *body)
{
	size_t flash = SMALLEST;

	while (flash <= len / 2)
		flash *= 2;
	if (len <= flash || len - flash > HEADER_MOST || !is_flash(data + len - flash, flash) ||
	    is_flash(data, flash))
		return 0;
	*body = flash;
	return len - flash;
}

/* How far off a block's beginning do all sound volumes begin? 0 where they do not agree, or there is
 * none near the beginning. */
static size_t volumes_off(const uint8_t *data, size_t len, size_t *first)
{
	const uint8_t *at = data;
	size_t off = 0;

	*first = len;
	while ((at = memmem(at, (size_t)(data + len - at), "_FVH", 4)) != NULL) {
		struct image_part part = {.start = (uint64_t)(at - data)};

		/* Volumes in files of a volume lie where they lie. */
		if (!probe_uefi(data, len, part.start, &part) || part.check != CHECK_GOOD) {
			at++;
			continue;
		}
		if (*first == len) {
			*first = part.start;
			off = part.start % BLOCK;
		} else if (part.start % BLOCK != off) {
			return 0;
		}
		if (!off || *first >= HEADER_MOST || part.len > (size_t)(data + len - at))
			break;
		at += part.len > SIGNATURE_AT ? part.len - SIGNATURE_AT : 4;
	}
	return *first < HEADER_MOST ? off : 0;
}

uint64_t front_header(const uint8_t *data, size_t len, uint64_t *body)
{
	uint64_t header;
	size_t off, first;

	*body = 0;
	/* A file of a flash's length has no room for a header. */
	if (len < BLOCK || !(len & (len - 1)))
		return 0;
	header = mapped_header(data, len, body);
	if (header)
		return header;
	off = volumes_off(data, len, &first);
	if (!off)
		return 0;
	return (len - off) % BLOCK == 0 ? off : first;
}

/* ---- shifted dumps ---- */

bool front_is_shifted(const struct image_parts *parts)
{
	static const enum image_part_kind kinds[] = {PART_TPLINK_V1,    PART_TPLINK_V2,
	                                             PART_UIMAGE,       PART_SAFE_TABLE,
	                                             PART_SUPPORT_LIST, PART_SQUASHFS};
	size_t odd = 0, even = 0;

	for (size_t i = 0; i < parts->count; i++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			if (parts->at[i].kind == kinds[k])
				parts->at[i].start % 4 ? odd++ : even++;
	return odd && !even;
}

/* What begins at a multiple of a block in every flash. */
static bool begins_blocks(const struct image_part *part)
{
	return part->kind == PART_TPLINK_V1 || part->kind == PART_TPLINK_V2 ||
	       part->kind == PART_UIMAGE || part->kind == PART_FIT || part->kind == PART_FMAP ||
	       (part->kind == PART_UEFI && part->check == CHECK_GOOD);
}

static bool is_flash_length(size_t len)
{
	return len >= SMALLEST && !(len & (len - 1));
}

int front_shift(size_t len, const struct image_parts *parts, uint64_t *at)
{
	size_t off = 0;
	int by;

	for (size_t i = 0; i < parts->count; i++) {
		const struct image_part *part = &parts->at[i];

		if (!begins_blocks(part))
			continue;
		/* A loader may have its kernel anywhere in front of it, but in words. */
		if (part->start % 4 == 0 || (off && part->start % BLOCK != off))
			return 0;
		if (!off)
			*at = part->start;
		off = part->start % BLOCK;
	}
	by = off <= BLOCK / 2 ? (int)off : (int)off - (int)BLOCK;
	/* As long as a flash, or longer or shorter by just these bytes. */
	return is_flash_length(len) || is_flash_length((size_t)((ptrdiff_t)len - by)) ? by : 0;
}
