/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/wrap.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "image/front.h"
#include "image/hexfile.h"
#include "image/openwrt.h"
#include "image/zip.h"

#define TEXT_LOOK   4096u /* so much of a file is looked at to call it text */
#define LISTED_MOST 100u  /* files of an archive that are counted */
#define TAR_MAGIC   257u

/* ---- capsules ---- */

/* A GUID as it stands in a file: the first three groups are little endian. */
#define GUID(a, b, c, d, e, f, g, h, i, j, k)                                              \
	{                                                                                  \
		(a) & 0xff, (a) >> 8 & 0xff, (a) >> 16 & 0xff, (a) >> 24 & 0xff, (b)&0xff, \
			(b) >> 8 & 0xff, (c)&0xff, (c) >> 8 & 0xff, d, e, f, g, h, i, j, k \
	}

/* Where the length of what is in front stands. */
enum strip_at { STRIP_EFI /* 32 bits at 16 */, STRIP_APTIO /* 16 bits at 28 */, STRIP_NEVER };

/* Numbers: UEFI specification (capsule header), AMI's and the other makers' as UEFITool names
 * them. */
static const struct capsule {
	uint8_t guid[16];
	const char *name;
	enum strip_at strip;
} capsules[] = {
	/* clang-format off */
	{GUID(0x3b6686bdu, 0x0d76, 0x4030, 0xb7, 0x0e, 0xb5, 0x51, 0x9e, 0x2f, 0xc5, 0xa0),
	 "UEFI capsule", STRIP_EFI},
	{GUID(0x539182b9u, 0xabb5, 0x4391, 0xb6, 0x9a, 0xe3, 0xa9, 0x43, 0xf7, 0x2f, 0xcc),
	 "Intel UEFI capsule", STRIP_EFI},
	{GUID(0xe20bafd3u, 0x9914, 0x4f4f, 0x95, 0x37, 0x31, 0x29, 0xe0, 0x90, 0xeb, 0x3c),
	 "Lenovo UEFI capsule", STRIP_EFI},
	{GUID(0x25b5fe76u, 0x8243, 0x4a5c, 0xa9, 0xbd, 0x7e, 0xe3, 0x24, 0x61, 0x98, 0xb5),
	 "Lenovo UEFI capsule", STRIP_EFI},
	{GUID(0x3be07062u, 0x1d51, 0x45d2, 0x83, 0x2b, 0xf0, 0x93, 0x25, 0x7e, 0xd4, 0x61),
	 "Toshiba UEFI capsule", STRIP_EFI},
	{GUID(0x4a3ca68bu, 0x7723, 0x48fb, 0x80, 0x3d, 0x57, 0x8c, 0xc1, 0xfe, 0xc4, 0x4d),
	 "AMI APTIO capsule (signed)", STRIP_APTIO},
	{GUID(0x14eebb90u, 0x890a, 0x43db, 0xae, 0xd1, 0x5d, 0x3c, 0x45, 0x88, 0xa4, 0x18),
	 "AMI APTIO capsule", STRIP_APTIO},
	/* Its payload is a list of items for several devices of the board. */
	{GUID(0x6dcbd5edu, 0xe82d, 0x4c44, 0xbd, 0xa1, 0x71, 0x94, 0x19, 0x9a, 0xd9, 0x2a),
	 "UEFI firmware-management capsule", STRIP_NEVER},
	/* clang-format on */
};

static bool is_capsule(const uint8_t *data, size_t len, struct wrap *wrap)
{
	const struct capsule *found = NULL;
	uint64_t total;

	for (size_t i = 0; i < sizeof(capsules) / sizeof(capsules[0]) && len >= 32; i++)
		if (memcmp(data, capsules[i].guid, 16) == 0)
			found = &capsules[i];
	if (!found)
		return false;
	wrap->name = found->name;
	wrap->kind = found->strip == STRIP_NEVER ? WRAP_UPDATE : WRAP_CAPSULE;
	if (wrap->kind == WRAP_UPDATE)
		return true;
	wrap->strip = found->strip == STRIP_APTIO ? le16(data + 28) : le32(data + 16);
	total = le32(data + 24);
	wrap->truncated = total > len;
	/* A header that does not even hold itself, or leaves nothing, says nothing of use. */
	if (wrap->strip < 28 || wrap->strip >= len)
		wrap->kind = WRAP_UPDATE;
	else if (total > wrap->strip && total < len)
		wrap->body = total - wrap->strip;
	return true;
}

/* ---- magic numbers ---- */

static const struct magic {
	const char *bytes;
	size_t len, at;
	enum wrap_kind kind;
	const char *name, *unpack;
} magics[] = {
	/* clang-format off */
	{"\x1f\x8b\x08", 3, 0, WRAP_PACKED, "gzip file", "gunzip -k %s"},
	{"\xfd" "7zXZ\0", 6, 0, WRAP_PACKED, "xz file", "unxz -k %s"},
	{"\x28\xb5\x2f\xfd", 4, 0, WRAP_PACKED, "zstd file", "unzstd -k %s"},
	{"BZh", 3, 0, WRAP_PACKED, "bzip2 file", "bunzip2 -k %s"},
	{"PK\3\4", 4, 0, WRAP_PACKED, "zip archive", "unzip %s"},
	{"PK\5\6", 4, 0, WRAP_PACKED, "empty zip archive", "unzip %s"},
	{"7z\xbc\xaf\x27\x1c", 6, 0, WRAP_PACKED, "7z archive", "7z x %s"},
	{"Rar!\x1a\x07", 6, 0, WRAP_PACKED, "rar archive", "unrar x %s"},
	{"MSCF", 4, 0, WRAP_PACKED, "cabinet archive", "cabextract %s"},
	{"ustar", 5, TAR_MAGIC, WRAP_PACKED, "tar archive", "tar xf %s"},
	{"PFS.HDR.", 8, 0, WRAP_UPDATE, "Dell update package", NULL},
	{"\x7f" "ELF", 4, 0, WRAP_FOREIGN, "Linux program (ELF)", NULL},
	{"%PDF-", 5, 0, WRAP_FOREIGN, "PDF document", NULL},
	{"\x89PNG\r\n", 6, 0, WRAP_FOREIGN, "picture (PNG)", NULL},
	{"\xff\xd8\xff\xe0", 4, 0, WRAP_FOREIGN, "picture (JPEG)", NULL},
	{"version https://git-lfs", 23, 0, WRAP_FOREIGN,
	 "pointer to a file in Git LFS, not the file itself", NULL},
	/* clang-format on */
};

/* The names in a zip archive, as many as there is room for. */
static void list_zip(const uint8_t *data, size_t len, struct wrap *wrap)
{
	char name[64];
	size_t n = 0;
	unsigned files = 0, more = 0;

	for (; files < LISTED_MOST && zip_name(data, len, files, name, sizeof(name)); files++) {
		if (more || n + strlen(name) + 24 > sizeof(wrap->holds))
			more++;
		else
			n += (size_t)snprintf(wrap->holds + n, sizeof(wrap->holds) - n, "%s%s",
			                      files ? ", " : "", name);
	}
	if (more)
		snprintf(wrap->holds + n, sizeof(wrap->holds) - n, ", and %u%s more", more,
		         files == LISTED_MOST ? " or" : "");
}

static bool is_magic(const uint8_t *data, size_t len, struct wrap *wrap)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		const struct magic *m = &magics[i];

		if (len < m->at + m->len || memcmp(data + m->at, m->bytes, m->len) != 0)
			continue;
		wrap->kind = m->kind;
		wrap->name = m->name;
		wrap->unpack = m->unpack;
		if (memcmp(data, "PK", 2) == 0 && m->at == 0)
			list_zip(data, len, wrap);
		return true;
	}
	return false;
}

/* MZ alone is two letters; the header it points to decides. */
static bool is_windows_program(const uint8_t *data, size_t len, struct wrap *wrap)
{
	size_t pe;

	if (len < 0x40 || memcmp(data, "MZ", 2) != 0)
		return false;
	pe = le32(data + 0x3c);
	if (pe > len - 4 || memcmp(data + pe, "PE\0\0", 4) != 0)
		return false;
	wrap->kind = WRAP_UPDATE;
	wrap->name = memmem(data, len, "$_IFLASH_BIOSIMG", 16)
	                     ? "Windows update program (Insyde) with an image inside"
	                     : "Windows program";
	return true;
}

/* ---- text ---- */

static size_t text_start(const uint8_t *data, size_t len)
{
	size_t at = len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (at < len && at < TEXT_LOOK && isspace(data[at]))
		at++;
	return at;
}

static bool begins(const uint8_t *data, size_t len, size_t at, const char *word)
{
	size_t n = strlen(word);

	return len - at >= n && strncasecmp((const char *)data + at, word, n) == 0;
}

/* Firmware holds a NUL or an odd byte, mostly within a few KiB. Bytes of FFh are blank flash, not
 * letters of some language. */
static bool is_text(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((!isprint(data[i]) && !isspace(data[i]) && data[i] < 0x80) || data[i] == 0xff)
			return false;
	return len;
}

/* ":10..." or "S1..." */
static bool like_records(const uint8_t *data, size_t len, size_t at)
{
	return len - at >= 8 && (data[at] == ':' || (data[at] == 'S' && isdigit(data[at + 1]))) &&
	       isxdigit(data[at + 2]) && isxdigit(data[at + 3]) && isxdigit(data[at + 4]);
}

static bool is_some_text(const uint8_t *data, size_t len, struct wrap *wrap)
{
	size_t at = text_start(data, len);
	struct openwrt_devices board;
	enum hexfile_kind hex;

	if (!is_text(data, len))
		return false;
	hex = hexfile_detect(data, len);
	wrap->kind = hex == HEXFILE_NONE ? WRAP_FOREIGN : WRAP_TEXT_IMAGE;
	if (hex != HEXFILE_NONE)
		wrap->name = hexfile_kind_name(hex);
	else if (begins(data, len, at, "<!doctype html") || begins(data, len, at, "<html") ||
	         begins(data, len, at, "<head"))
		wrap->name = "web page, not a download";
	else if (like_records(data, len, at))
		wrap->name = "text like a hex file, but its first record is broken";
	else if (openwrt_parse_board(data, len, &board))
		wrap->name = "OpenWrt's board.json";
	else if (begins(data, len, at, "<?xml"))
		wrap->name = "XML text";
	else
		wrap->name = "text";
	return true;
}

void wrap_detect(const uint8_t *data, size_t len, struct wrap *wrap)
{
	*wrap = (struct wrap){.name = ""};
	if (is_capsule(data, len, wrap) || is_magic(data, len, wrap) ||
	    is_windows_program(data, len, wrap) || is_some_text(data, len, wrap))
		return;
	wrap->strip = front_header(data, len, &wrap->body);
	if (!wrap->strip)
		return;
	wrap->kind = WRAP_CAPSULE;
	wrap->name = "image behind an unknown header";
}
