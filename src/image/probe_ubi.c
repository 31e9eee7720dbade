/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UBI (public: the kernel's ubi-media.h): each erase block has a header with the erase counter, and,
 * in use, one that says which block of which volume it is; both carry a CRC, the blocks of static
 * volumes one over their data. */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "image/probe.h"

#define HEADER      64u
#define PEB_MIN     0x1000u
#define PEB_MAX     0x100000u
#define TYPE_STATIC 2

/* The kernel's CRC-32 begins with ones and ends without inversion. */
static uint32_t crc(const uint8_t *p, size_t len)
{
	return np_crc32(0, p, len) ^ 0xffffffff;
}

/* Version 1 and zeros behind the magic; the letters alone stand in programs, too. */
static bool begins(const uint8_t *p, const char *magic)
{
	return memcmp(p, magic, 4) == 0 && p[4] == 1;
}

/* As much of a header as there is. */
static bool is_block(const uint8_t *p, size_t len)
{
	return memcmp(p, "UBI#\1\0\0", len < 8 ? len : 8) == 0;
}

static bool header_right(const uint8_t *p)
{
	return be32(p + 60) == crc(p, 60);
}

/* From here to the next block; 0: there is none. */
static size_t block_size(const uint8_t *p, size_t room)
{
	for (size_t size = PEB_MIN; size <= PEB_MAX && size + HEADER <= room; size *= 2)
		if (is_block(p + size, HEADER))
			return size;
	return 0;
}

/* The block of a volume, where one is in it. */
static bool volume_right(const uint8_t *block, size_t size)
{
	uint32_t at = be32(block + 16), data = be32(block + 20);
	const uint8_t *v = block + at;
	uint32_t len;

	if (at < HEADER || at > size - HEADER || !begins(v, "UBI!"))
		return true;
	if (!header_right(v))
		return false;
	len = be32(v + 20);
	if (v[5] != TYPE_STATIC || data > size || len > size - data)
		return true;
	return be32(v + 32) == crc(block + data, len);
}

static bool block_right(const uint8_t *block, size_t size)
{
	return header_right(block) && (!size || volume_right(block, size));
}

bool probe_ubi(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *first = data + at;
	size_t room = len - at, size, end = 0, i;
	unsigned blocks = 0, bad = 0;

	if (room < HEADER || !is_block(first, HEADER))
		return false;
	size = block_size(first, room);
	/* A lone header is one by its sum only. */
	if (!size && !header_right(first))
		return false;
	for (i = 0; i + HEADER <= room; i += size) {
		size_t here = size && room - i >= size ? size : 0;

		if (is_block(first + i, HEADER)) {
			blocks++;
			bad += !block_right(first + i, here);
			end = i + (size ? size : HEADER);
		} else if (!bytes_all(first + i, HEADER, 0xff)) {
			break;
		}
		if (!size)
			break;
	}
	if (size && i < room && room - i < HEADER && is_block(first + i, room - i))
		end = i + size; /* cut in its header */
	part->kind = PART_UBI;
	part->len = end;
	part->truncated = end > room;
	part->check = bad ? CHECK_BAD : part->truncated ? CHECK_NONE : CHECK_GOOD;
	snprintf(part->text, sizeof(part->text), "%u block%s of %zuK, %u with a wrong sum", blocks,
	         blocks == 1 ? "" : "s", size / 1024, bad);
	if (!size)
		snprintf(part->text, sizeof(part->text), "one block, data at +0x%x",
		         be32(first + 20));
	return true;
}
