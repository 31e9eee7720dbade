/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TP-Link's own containers: the v1 and v2 headers, and the safeloader. */
#include <ctype.h>
#include <md5.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "image/probe.h"

#define HEADER_LEN  0x200
#define FLASH_LIMIT (64u << 20) /* no flash of these devices is larger */

static const uint8_t salt_v1[] = {0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb,
                                  0xdd, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x38};
static const uint8_t salt_v1_boot[] = {0x8c, 0xef, 0x33, 0x5b, 0xd5, 0xc5, 0xce, 0xfa,
                                       0xa7, 0x9c, 0x28, 0xda, 0xb2, 0xe9, 0x0f, 0x42};
static const uint8_t salt_v2[] = {0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb,
                                  0xdc, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x37};
static const uint8_t salt_v2_boot[] = {0x8c, 0xef, 0x33, 0x5f, 0xd5, 0xc5, 0xce, 0xfa,
                                       0xac, 0x9c, 0x28, 0xda, 0xb2, 0xe9, 0x0f, 0x42};
static const uint8_t salt_safeloader[] = {0x7a, 0x2b, 0x15, 0xed, 0x9b, 0x98, 0x59, 0x6d,
                                          0xe5, 0x04, 0xab, 0x44, 0xac, 0x2a, 0x9f, 0x4e};

void probe_text(char *to, size_t room, const uint8_t *from, size_t max)
{
	size_t n = 0;

	while (n < max && n + 1 < room && isprint(from[n])) {
		to[n] = (char)from[n];
		n++;
	}
	to[n] = '\0';
}

/* MD5 of data[0..len) with the 16 bytes at `sum` taken for the salt: is it what stands there? */
static bool md5_right(const uint8_t *data, size_t len, size_t sum, const uint8_t *salt)
{
	MD5_CTX md5;
	uint8_t digest[MD5_DIGEST_LENGTH];

	MD5Init(&md5);
	MD5Update(&md5, data, sum);
	MD5Update(&md5, salt, MD5_DIGEST_LENGTH);
	MD5Update(&md5, data + sum + MD5_DIGEST_LENGTH, len - sum - MD5_DIGEST_LENGTH);
	MD5Final(digest, &md5);
	return memcmp(digest, data + sum, MD5_DIGEST_LENGTH) == 0;
}

/* The places a header names, all relative to it. */
struct extents {
	uint32_t total, kernel, kernel_len, rootfs, rootfs_len, boot, boot_len;
};

static uint64_t furthest(const struct extents *e)
{
	uint64_t end = (uint64_t)e->kernel + e->kernel_len;

	if (e->rootfs_len && (uint64_t)e->rootfs + e->rootfs_len > end)
		end = (uint64_t)e->rootfs + e->rootfs_len;
	if (e->boot_len && (uint64_t)e->boot + e->boot_len > end)
		end = (uint64_t)e->boot + e->boot_len;
	return end;
}

static bool sensible(const struct extents *e)
{
	return e->kernel >= HEADER_LEN && e->kernel_len && e->total <= FLASH_LIMIT &&
	       furthest(e) <= FLASH_LIMIT && e->kernel + e->kernel_len <= FLASH_LIMIT;
}

/* The sum covers the whole file; stripped files still name the flash's size as their total, so both
 * the named total and what is here are tried. On a chip in use it no longer fits: that is no
 * damage. */
static void check_sum(const uint8_t *data, size_t here, const struct extents *e, size_t sum,
                      const uint8_t *salt, struct image_part *part)
{
	uint64_t end = furthest(e);

	part->len = e->total >= end && e->total <= here ? e->total : end;
	part->truncated = end > here;
	part->extra = e->boot_len;
	if (part->truncated)
		return;
	if (e->total <= here && e->total > sum + MD5_DIGEST_LENGTH &&
	    md5_right(data, e->total, sum, salt))
		part->check = CHECK_GOOD;
	else if (here <= FLASH_LIMIT && md5_right(data, here, sum, salt))
		part->check = CHECK_GOOD;
	else
		part->check = CHECK_BAD;
}

bool probe_tplink_v1(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *h = data + at;
	struct extents e;
	char vendor[25], version[37];

	if (len - at < HEADER_LEN || be32(h) != 0x01000000)
		return false;
	e = (struct extents){be32(h + 0x7c), be32(h + 0x80), be32(h + 0x84), be32(h + 0x88),
	                     be32(h + 0x8c), be32(h + 0x90), be32(h + 0x94)};
	probe_text(vendor, sizeof(vendor), h + 4, 24);
	probe_text(version, sizeof(version), h + 0x1c, 36);
	if (strlen(vendor) < 3 || h[4 + strlen(vendor)] != 0 || !be32(h + 0x40) || !sensible(&e))
		return false;
	part->kind = PART_TPLINK_V1;
	part->id = be32(h + 0x40);
	check_sum(h, len - at, &e, 0x4c, e.boot_len ? salt_v1_boot : salt_v1, part);
	snprintf(part->text, sizeof(part->text), "%s %s, hardware id %08x rev %x%s", vendor,
	         version, part->id, be32(h + 0x44), e.boot_len ? ", with boot loader" : "");
	return true;
}

bool probe_tplink_v2(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *h = data + at;
	uint32_t (*get)(const uint8_t *) = be32;
	struct extents e;
	char version[49];

	if (len - at < HEADER_LEN || h[0x90] != 0xa5 ||
	    (le32(h) != 2 && le32(h) != 3 && be32(h) != 2 && be32(h) != 3))
		return false;
	if (be16(h + 0x8c) == 0xaa55)
		get = le32;
	else if (be16(h + 0x8c) != 0x55aa)
		return false;
	e = (struct extents){get(h + 0x70), get(h + 0x74), get(h + 0x78), get(h + 0x7c),
	                     get(h + 0x80), get(h + 0x84), get(h + 0x88)};
	if (!sensible(&e))
		return false;
	probe_text(version, sizeof(version), h + 4, 48);
	part->kind = PART_TPLINK_V2;
	part->id = get(h + 0x34);
	check_sum(h, len - at, &e, 0x40, e.boot_len ? salt_v2_boot : salt_v2, part);
	snprintf(part->text, sizeof(part->text), "%s, hardware id %08x rev %x%s", version, part->id,
	         get(h + 0x38), e.boot_len ? ", with boot loader" : "");
	return true;
}

/* `at` is where the table's first line begins, 0x1014 behind the file's start. */
bool probe_safeloader(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	static const char line[] = "fwup-ptn ";
	size_t start = at - 0x1014;
	uint32_t size;
	const uint8_t *h;

	if (at < 0x1014 || len - at < sizeof(line) ||
	    memcmp(data + at, line, sizeof(line) - 1) != 0)
		return false;
	h = data + start;
	size = be32(h);
	if (size < 0x1814 || size > FLASH_LIMIT)
		return false;
	part->kind = PART_SAFELOADER;
	part->start = start;
	part->len = size;
	part->truncated = size > len - start;
	if (!part->truncated)
		part->check =
			md5_right(h + 4, size - 4, 0, salt_safeloader) ? CHECK_GOOD : CHECK_BAD;
	/* Some models put a length in front of the vendor's text. */
	probe_text(part->text, sizeof(part->text), isprint(h[0x14]) ? h + 0x14 : h + 0x18, 64);
	return true;
}

bool probe_safe_table(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	static const char line[] = "partition ";
	char first[80];
	char name[33];
	unsigned long base, size;

	if (len - at < sizeof(first) || memcmp(data + at, line, sizeof(line) - 1) != 0 ||
	    (at && data[at - 1] == '\n'))
		return false;
	memcpy(first, data + at, sizeof(first) - 1);
	first[sizeof(first) - 1] = '\0';
	if (sscanf(first, "partition %32s base 0x%lx size 0x%lx", name, &base, &size) != 3)
		return false;
	part->kind = PART_SAFE_TABLE;
	while (at + part->len < len &&
	       (isprint(data[at + part->len]) || isspace(data[at + part->len])))
		part->len++;
	snprintf(part->text, sizeof(part->text), "begins with %s 0x%lx+0x%lx", name, base, size);
	return true;
}

bool probe_support_list(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	static const char head[] = "SupportList:";
	const uint8_t *first;
	size_t window = len - at < 0x400 ? len - at : 0x400;

	if (len - at < sizeof(head) || memcmp(data + at, head, sizeof(head) - 1) != 0)
		return false;
	first = memmem(data + at, window, "{product_name:", 14);
	part->kind = PART_SUPPORT_LIST;
	if (first)
		probe_text(part->text, sizeof(part->text), first + 1,
		           window - (size_t)(first + 1 - (data + at)));
	part->text[strcspn(part->text, "}")] = '\0';
	return true;
}
