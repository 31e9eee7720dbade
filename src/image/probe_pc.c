/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies in a PC's flash beside UEFI: AMD's directories, and coreboot's file system (public: its
 * cbfs_serialized.h): files one behind the other, each with a header in big endian and attributes;
 * one of these may be a hash of the contents. */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "image/probe.h"
#include "layout/source.h"

#define HEADER      24u
#define ALIGN       64u
#define FILES_MAX   1024u
#define OFFSET_MAX  0x10000u /* of contents behind their header */
#define FILE_MAX    (256u << 20)
#define ATTR_HASH   0x68736148u
#define HASH_SHA256 2u
#define HASH_HEADER 12u /* tag, length, algorithm */

struct file {
	size_t offset, len; /* where its contents begin, and how many */
};

/* Does a file begin here? Its contents may go on behind the end of what is here. */
static bool begins(const uint8_t *p, size_t room, struct file *file)
{
	if (room < HEADER || memcmp(p, "LARCHIVE", 8) != 0)
		return false;
	file->len = be32(p + 8);
	file->offset = be32(p + 20);
	return file->offset >= HEADER && file->offset <= OFFSET_MAX && file->len <= FILE_MAX;
}

static bool is_whole(const struct file *file, size_t room)
{
	return file->offset <= room && file->len <= room - file->offset;
}

static enum image_check check_hash(const uint8_t *p, const struct file *file)
{
	size_t at = be32(p + 16);
	uint8_t sum[32];

	while (at >= HEADER && at + HASH_HEADER + sizeof(sum) <= file->offset) {
		uint32_t len = be32(p + at + 4);

		if (be32(p + at) == ATTR_HASH && be32(p + at + 8) == HASH_SHA256 &&
		    len >= HASH_HEADER + sizeof(sum)) {
			np_sha256_raw(p + file->offset, file->len, sum);
			return memcmp(sum, p + at + HASH_HEADER, sizeof(sum)) == 0 ? CHECK_GOOD
			                                                           : CHECK_BAD;
		}
		if (len < 8 || len > file->offset - at)
			break;
		at += len;
	}
	return CHECK_NONE;
}

static void keep_name(const uint8_t *p, const struct file *file, struct image_part *part)
{
	size_t max = file->offset - HEADER;
	char name[64];

	probe_text(name, sizeof(name), p + HEADER, max < 63 ? max : 63);
	snprintf(part->text, sizeof(part->text), "file '%s'", name);
}

bool probe_cbfs(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *p = data + at;
	size_t room = len - at, i = 0;
	unsigned files = 0;
	struct file file;

	while (files < FILES_MAX && i < room && begins(p + i, room - i, &file)) {
		bool whole = is_whole(&file, room - i);
		enum image_check check = whole ? check_hash(p + i, &file) : CHECK_NONE;

		if (check == CHECK_BAD && part->check != CHECK_BAD)
			keep_name(p + i, &file, part);
		if (check != CHECK_NONE && part->check != CHECK_BAD)
			part->check = check;
		files++;
		part->len = i + file.offset + file.len;
		part->truncated = !whole;
		if (!whole)
			break;
		i = (part->len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	}
	if (!files)
		return false;
	part->kind = PART_CBFS;
	if (part->truncated && part->check == CHECK_GOOD)
		part->check = CHECK_NONE;
	if (part->check != CHECK_BAD)
		snprintf(part->text, sizeof(part->text), "%u file%s", files, files == 1 ? "" : "s");
	return true;
}

/* Each copy stands for itself, at a multiple of 16; four letters in a program are none. */
bool probe_amd(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	bool sound;

	part->len = at % 16 ? 0 : layout_amd_directory(data + at, len - at, &sound);
	if (!part->len || (!sound && at % 0x100))
		return false;
	part->kind = PART_AMD;
	/* PSPTool meets vendors' images whose sum is not right: told, and called no damage. */
	part->check = sound ? CHECK_GOOD : CHECK_NONE;
	snprintf(part->text, sizeof(part->text), "'%.4s', %u entries%s", (const char *)data + at,
	         (unsigned)le32(data + at + 8), sound ? "" : ", whose sum is not right");
	return true;
}
