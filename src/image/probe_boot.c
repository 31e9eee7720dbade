/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What boot loaders bring and load: U-Boot and its environment, uImage, device trees, LZMA,
 * wrappers. */
#include <ctype.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/bytes.h"
#include "layout/fdt_sound.h"
#include "image/openwrt.h"
#include "image/probe.h"

#define IMAGE_LIMIT (256u << 20)

/* ---- uImage ---- */

#define UIMAGE_MAGIC  0x27051956
#define OKLI_MAGIC    0x4f4b4c49 /* OpenWrt's loader takes the same header under another magic */
#define UIMAGE_HEADER 64

static bool uimage_header_right(const uint8_t *h)
{
	uint8_t copy[UIMAGE_HEADER];

	memcpy(copy, h, UIMAGE_HEADER);
	memset(copy + 4, 0, 4);
	return np_crc32(0, copy, UIMAGE_HEADER) == be32(h + 4);
}

static const char *uimage_name_of(uint8_t id, const char *const *names, size_t count)
{
	return id < count && names[id] ? names[id] : "?";
}

bool probe_uimage(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	static const char *const arch[] = {
		[2] = "ARM", [3] = "x86", [5] = "MIPS", [7] = "PowerPC", [22] = "ARM64"};
	static const char *const type[] = {
		[1] = "standalone", [2] = "kernel", [3] = "ramdisk",   [4] = "multi",
		[5] = "firmware",   [6] = "script", [7] = "filesystem"};
	static const char *const comp[] = {"uncompressed", "gzip", "bzip2", "lzma",
	                                   "lzo",          "lz4",  "zstd"};
	const uint8_t *h = data + at;
	char name[33];
	size_t here;

	if (len - at < UIMAGE_HEADER || (be32(h) != UIMAGE_MAGIC && be32(h) != OKLI_MAGIC) ||
	    !uimage_header_right(h) || be32(h + 12) > IMAGE_LIMIT)
		return false;
	part->kind = PART_UIMAGE;
	part->id = h[30];
	part->len = UIMAGE_HEADER + (uint64_t)be32(h + 12);
	here = len - at;
	part->truncated = part->len > here;
	if (!part->truncated)
		part->check = np_crc32(0, h + UIMAGE_HEADER, be32(h + 12)) == be32(h + 24)
		                      ? CHECK_GOOD
		                      : CHECK_BAD;
	probe_text(name, sizeof(name), h + 32, 32);
	snprintf(part->text, sizeof(part->text), "'%s', %s %s, %s", name,
	         uimage_name_of(h[29], arch, sizeof(arch) / sizeof(arch[0])),
	         uimage_name_of(h[30], type, sizeof(type) / sizeof(type[0])),
	         uimage_name_of(h[31], comp, sizeof(comp) / sizeof(comp[0])));
	return true;
}

/* ---- U-Boot ---- */

/* "U-Boot 1.1.3 (Mar  3 2015 ...": a version and a date, not the word in a help text. */
bool probe_uboot(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *h = data + at;
	const char *bracket;
	char line[96];

	if (len - at < 24 || memcmp(h, "U-Boot ", 7) != 0 || !isdigit(h[7]))
		return false;
	probe_text(line, sizeof(line), h, len - at);
	bracket = strstr(line, " (");
	if (!bracket || bracket - line > 60 || !strchr(bracket, ':'))
		return false;
	line[strcspn(line, ")")] = '\0';
	part->kind = PART_UBOOT;
	snprintf(part->text, sizeof(part->text), "%s)", line);
	return true;
}

/* name=value, a NUL, and another one or the end: cheap to ask before any sum is made. */
static bool env_begins(const uint8_t *p, size_t len)
{
	size_t n = 0;
	const uint8_t *end;

	while (n < len && n < 40 && (isalnum(p[n]) || p[n] == '_' || p[n] == '-'))
		n++;
	if (!n || n >= len || p[n] != '=')
		return false;
	end = memchr(p + n, 0, len - n);
	return end && end + 1 < p + len && (end[1] == 0 || isalnum(end[1]) || end[1] == '_');
}

/* CRC-32 (either byte order), perhaps a flag byte, then name=value strings; the size is not stored.
 */
bool probe_uboot_env(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	static const uint32_t sizes[] = {0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000};
	const uint8_t *h = data + at;

	for (size_t skip = 4; skip <= 5; skip++) {
		if (len - at < 0x1000 || !env_begins(h + skip, 0x1000 - skip))
			continue;
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			uint32_t crc;

			if (sizes[i] > len - at)
				break;
			crc = np_crc32(0, h + skip, sizes[i] - skip);
			if (crc != le32(h) && crc != be32(h))
				continue;
			part->kind = PART_UBOOT_ENV;
			part->len = sizes[i];
			part->extra = (uint32_t)skip;
			part->check = CHECK_GOOD;
			probe_text(part->text, sizeof(part->text), h + skip, 100);
			return true;
		}
	}
	return false;
}

/* A partition map as text, in an environment or a kernel command line. */
bool probe_partitions(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *h = data + at;
	size_t n = 0;

	if (len - at < 24 || (memcmp(h, "mtdparts=", 9) != 0 && memcmp(h, "partitions=", 11) != 0))
		return false;
	if (at && (isalnum(data[at - 1]) || data[at - 1] == '_'))
		return false;
	while (n < len - at && n < 1024 && isgraph(h[n]))
		n++;
	if (!memchr(h, h[0] == 'm' ? '(' : ',', n))
		return false;
	part->kind = PART_PARTITIONS;
	part->len = n;
	probe_text(part->text, sizeof(part->text), h, n);
	return true;
}

/* ---- device trees, compressed kernels, wrappers ---- */

bool probe_fdt(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *h = data + at;
	const char *model;
	uint32_t total;
	int model_len = 0;

	if (len - at < 40 || be32(h) != FDT_MAGIC)
		return false;
	total = be32(h + 4);
	if (total < 40 || total > (1u << 20))
		return false;
	part->kind = PART_FDT;
	part->len = total;
	part->truncated = fdt_is_cut(h, len - at);
	if (part->truncated)
		return true;
	if (total > len - at || !fdt_is_sound(h, total))
		return false;
	part->check = CHECK_GOOD;
	model = fdt_getprop(h, 0, "model", &model_len);
	if (model && model_len > 0)
		probe_text(part->text, sizeof(part->text), (const uint8_t *)model,
		           (size_t)model_len);
	return true;
}

/* The 13-byte header of .lzma: properties, a dictionary of a usual size, a length that fits or -1;
 * the range coder's first byte is 0. */
bool probe_lzma(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *h = data + at;
	uint32_t dictionary;
	uint64_t size;

	if (len - at < 64 || (h[0] != 0x5d && h[0] != 0x6d) || h[13] != 0)
		return false;
	dictionary = le32(h + 1);
	size = le64(h + 5);
	if (dictionary < (1u << 12) || dictionary > (1u << 26) || (dictionary & (dictionary - 1)))
		return false;
	if (size != UINT64_MAX && (size < 1024 || size > IMAGE_LIMIT))
		return false;
	part->kind = PART_LZMA;
	if (size == UINT64_MAX)
		snprintf(part->text, sizeof(part->text), "dictionary %uK", dictionary / 1024);
	else
		snprintf(part->text, sizeof(part->text), "dictionary %uK, %llu bytes unpacked",
		         dictionary / 1024, (unsigned long long)size);
	return true;
}

bool probe_seama(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *h = data + at;
	uint32_t size;

	if (len - at < 12 || be32(h) != 0x5ea3a417 || be16(h + 6) > 1024)
		return false;
	size = be32(h + 8);
	if (size > IMAGE_LIMIT)
		return false;
	part->kind = PART_SEAMA;
	part->len = 12 + (uint64_t)be16(h + 6) + (size ? 16 + (uint64_t)size : 0);
	part->truncated = part->len > len - at;
	/* Behind the names: an MD5 of what follows. */
	if (size && !part->truncated) {
		const uint8_t *md5 = h + 12 + be16(h + 6);
		uint8_t sum[16];

		np_md5(md5 + 16, size, sum);
		part->check = memcmp(sum, md5, 16) == 0 ? CHECK_GOOD : CHECK_BAD;
	}
	return true;
}

bool probe_trx(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *h = data + at;
	uint32_t size;

	if (len - at < 28 || memcmp(h, "HDR0", 4) != 0)
		return false;
	size = le32(h + 4);
	if (size < 28 || size > IMAGE_LIMIT || (le16(h + 14) != 1 && le16(h + 14) != 2))
		return false;
	part->kind = PART_TRX;
	part->len = size;
	part->truncated = size > len - at;
	if (!part->truncated)
		part->check =
			~np_crc32(0, h + 12, size - 12) == le32(h + 8) ? CHECK_GOOD : CHECK_BAD;
	return true;
}

/* OpenWrt's trailer of 16 bytes; the JSON it counts lies in front. */
bool probe_fwtool(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *h = data + at, *json;
	struct openwrt_devices devices;
	uint32_t size;

	if (len - at < 16 || memcmp(h, "FWx0", 4) != 0 || h[8] > 1)
		return false;
	size = be32(h + 12);
	if (size < 16 || size > 0x10000 || size - 16 > at)
		return false;
	json = h - (size - 16);
	part->kind = PART_FWTOOL;
	part->start = (uint64_t)(json - data);
	part->len = size;
	if (openwrt_find_metadata(data, at + 16, &devices))
		snprintf(part->text, sizeof(part->text), "for %s%s", devices.at[0],
		         devices.count > 1 || devices.more ? " and others" : "");
	return true;
}
