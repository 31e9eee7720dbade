/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File systems of flash: squashfs, JFFS2. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/bytes.h"
#include "image/probe.h"

/* ---- squashfs ---- */

#define SQUASHFS_HEADER 96
#define SQUASHFS_LIMIT  (256u << 20)
#define SQUASHFS_BLOCK  8192u /* of a table */

static const char *squashfs_compression(unsigned id)
{
	static const char *const names[] = {"?", "gzip", "lzma", "lzo", "xz", "lz4", "zstd"};

	return id < sizeof(names) / sizeof(names[0]) ? names[id] : "?";
}

/* A table begins with a block of at most 8 KiB, behind its length. */
static bool table_begins(const uint8_t *h, size_t room, uint64_t at, uint64_t end)
{
	uint32_t len;

	if (at < SQUASHFS_HEADER || end > room || at >= end || end - at < 2)
		return false;
	len = le16(h + at) & 0x7fff;
	return len && len <= SQUASHFS_BLOCK && len <= end - at - 2;
}

/* The file system has no sum: do its tables stand where the header says, one behind the other? */
static bool squashfs_sound(const uint8_t *h, size_t room)
{
	uint64_t used = le64(h + 40), ids = le64(h + 48), inodes = le64(h + 64),
		 folders = le64(h + 72);

	if (inodes >= used || folders >= used || ids >= used)
		return false;
	/* Vendors with a magic of their own may have an order of their own. */
	if (h[0] != 'h' || used > room)
		return true;
	return inodes < folders && folders < ids && used - ids >= 8 && le64(h + ids) < ids &&
	       table_begins(h, room, inodes, folders) && table_begins(h, room, le64(h + ids), ids);
}

/* Version 4, little endian: the block size agrees with its logarithm. */
bool probe_squashfs(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *h = data + at;
	uint32_t block;
	uint64_t used;

	if (len - at < SQUASHFS_HEADER ||
	    (memcmp(h, "hsqs", 4) != 0 && memcmp(h, "shsq", 4) != 0 && memcmp(h, "qshs", 4) != 0))
		return false;
	block = le32(h + 12);
	used = le64(h + 40);
	if (le16(h + 28) != 4 || le16(h + 22) > 20 || block != 1u << le16(h + 22) ||
	    used < SQUASHFS_HEADER || used > SQUASHFS_LIMIT)
		return false;
	part->kind = PART_SQUASHFS;
	part->len = used;
	part->truncated = used > len - at;
	if (!squashfs_sound(h, len - at))
		part->check = CHECK_BAD;
	snprintf(part->text, sizeof(part->text), "4.%u %s, block %uK%s%s", le16(h + 30),
	         squashfs_compression(le16(h + 20)), block / 1024,
	         h[0] == 'h' ? "" : ", vendor's magic",
	         part->check == CHECK_BAD ? ", tables not where the header says" : "");
	return true;
}

/* ---- JFFS2 ---- */

#define JFFS2_NODE_MIN 12
#define JFFS2_NODE_MAX 0x20000
#define JFFS2_GAP      0x20000

/* The kernel's CRC-32 starts from 0 and ends without inversion. */
static uint32_t crc_raw(const uint8_t *data, size_t len)
{
	return ~np_crc32(0xffffffff, data, len);
}

/* Length of the sound node at data[at], rounded to 4; 0: none. */
static size_t jffs2_node(const uint8_t *data, size_t len, size_t at, bool *little)
{
	uint32_t total, crc;

	if (len - at < JFFS2_NODE_MIN)
		return 0;
	*little = data[at] == 0x85 && data[at + 1] == 0x19;
	if (!*little && !(data[at] == 0x19 && data[at + 1] == 0x85))
		return 0;
	total = *little ? le32(data + at + 4) : be32(data + at + 4);
	crc = *little ? le32(data + at + 8) : be32(data + at + 8);
	if (total < JFFS2_NODE_MIN || total > JFFS2_NODE_MAX || crc != crc_raw(data + at, 8))
		return 0;
	return (total + 3) & ~(size_t)3;
}

/* Node after node; blanks between them, as long as another node comes within an erase block or two.
 */
bool probe_jffs2(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	bool little, ignored;
	size_t node = jffs2_node(data, len, at, &little), end = at, nodes = 0, cursor = at;

	if (!node)
		return false;
	while (cursor < len && cursor - end < JFFS2_GAP) {
		node = jffs2_node(data, len, cursor, &ignored);
		if (!node) {
			cursor += 4;
			continue;
		}
		nodes++;
		cursor += node;
		end = cursor < len ? cursor : len;
	}
	part->kind = PART_JFFS2;
	part->len = end - at;
	part->check = CHECK_GOOD;
	snprintf(part->text, sizeof(part->text), "%s, %zu nodes",
	         little ? "little endian" : "big endian", nodes);
	return true;
}

bool probe_jffs2_end(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	if (len - at < 4 || be32(data + at) != 0xdeadc0de || at % 0x1000)
		return false;
	part->kind = PART_JFFS2_END;
	part->len = 4;
	snprintf(part->text, sizeof(part->text), "OpenWrt: the overlay is empty from here");
	return true;
}
