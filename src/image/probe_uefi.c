/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UEFI firmware volumes (public: the PI specification, volume 3): the header's sum of words, and the
 * sums of the files in it. */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "image/probe.h"

#define SIGNATURE_AT  0x28
#define HEADER_MIN    0x48
#define ERASED_IS_ONE 0x800 /* attribute */
#define FILE_HEADER   24u
#define FILE_HEADER_3 32u
#define FILES_MAX     4096u
#define STATE_VALID   0x07u
#define ATTR_LARGE    0x01u
#define ATTR_CHECKSUM 0x40u
#define NO_CHECKSUM   0xaau /* in the place of the sum */

/* Volumes that hold files, of the second and the third kind of headers. */
static const uint8_t ffs2[16] = {0x78, 0xe5, 0x8c, 0x8c, 0x3d, 0x8a, 0x1c, 0x4f,
                                 0x99, 0x35, 0x89, 0x61, 0x85, 0xc3, 0x2d, 0xd3};
static const uint8_t ffs3[16] = {0x7a, 0xc0, 0x73, 0x54, 0xcb, 0x3d, 0xca, 0x4d,
                                 0xbd, 0x6f, 0x1e, 0x96, 0x89, 0xe7, 0x34, 0x9a};

static uint8_t sum8(const uint8_t *p, size_t len)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + p[i]);
	return sum;
}

static bool header_sound(const uint8_t *volume, size_t header)
{
	uint16_t sum = 0;

	for (size_t i = 0; i < header; i += 2)
		sum = (uint16_t)(sum + le16(volume + i));
	return !sum;
}

struct file {
	size_t header, len;
	bool valid; /* neither deleted nor half written */
	bool good;
};

/* False: no file begins here, or it runs over the end. */
static bool read_file(const uint8_t *p, size_t len, bool one, struct file *f)
{
	uint8_t state;

	if (len < FILE_HEADER)
		return false;
	*f = (struct file){.header = FILE_HEADER, .len = le32(p + 20) & 0xffffff};
	if (p[19] & ATTR_LARGE) {
		if (len < FILE_HEADER_3 || le64(p + 24) > len)
			return false;
		f->header = FILE_HEADER_3;
		f->len = (size_t)le64(p + 24);
	}
	if (f->len < f->header || f->len > len)
		return false;
	state = one ? (uint8_t)~p[23] : p[23];
	f->valid = (state & 0x3f) == STATE_VALID;
	/* The header's sum leaves out the state and the sum of the body. */
	f->good = (uint8_t)(sum8(p, f->header) - p[23] - p[17]) == 0;
	if (p[19] & ATTR_CHECKSUM)
		f->good &= (uint8_t)(sum8(p + f->header, f->len - f->header) + p[17]) == 0;
	else
		f->good &= p[17] == NO_CHECKSUM;
	return true;
}

/* Files follow each other at multiples of eight; blanks end them. */
static void check_files(const uint8_t *volume, size_t at, size_t len, struct image_part *part)
{
	bool one = le32(volume + 44) & ERASED_IS_ONE;
	uint8_t blank = one ? 0xff : 0;
	unsigned files = 0, bad = 0;

	while (at + FILE_HEADER <= len && files < FILES_MAX &&
	       !bytes_all(volume + at, FILE_HEADER, blank)) {
		struct file f;

		if (!read_file(volume + at, len - at, one, &f)) {
			bad++;
			break;
		}
		files++;
		bad += f.valid && !f.good;
		at = (at + f.len + 7) & ~(size_t)7;
	}
	if (bad)
		part->check = CHECK_BAD;
	snprintf(part->text, sizeof(part->text), "%u file%s, %u with a wrong sum", files,
	         files == 1 ? "" : "s", bad);
}

bool probe_uefi(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *volume;
	size_t header, room, first, extended;
	uint64_t size;

	if (at < SIGNATURE_AT || len - at < 0x20 || memcmp(data + at, "_FVH", 4) != 0)
		return false;
	volume = data + at - SIGNATURE_AT;
	room = len - (at - SIGNATURE_AT);
	size = le64(volume + 0x20);
	header = le16(volume + 0x30);
	if (header < HEADER_MIN || header % 2 || header > room || size < header || size > 1u << 28)
		return false;
	part->kind = PART_UEFI;
	part->start = at - SIGNATURE_AT;
	part->len = size;
	part->truncated = size > room;
	part->check = header_sound(volume, header) ? CHECK_GOOD : CHECK_BAD;
	/* Words that look like the signature stand in programs, too. */
	if (part->check == CHECK_BAD && !(bytes_all(volume, 16, 0) && !(size & 0xfff)))
		return false;
	first = header;
	extended = le16(volume + 0x34);
	if (extended && extended <= room - 20 && extended >= header &&
	    le32(volume + extended + 16) <= room - extended)
		first = (extended + le32(volume + extended + 16) + 7) & ~(size_t)7;
	if (part->check == CHECK_GOOD && !part->truncated &&
	    (memcmp(volume + 16, ffs2, 16) == 0 || memcmp(volume + 16, ffs3, 16) == 0))
		check_files(volume, first, (size_t)size, part);
	else if (part->check == CHECK_BAD)
		snprintf(part->text, sizeof(part->text), "header");
	return true;
}
