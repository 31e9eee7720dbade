/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "image/pc_map.h"
#include "image/probe.h"

#define ANY       256 /* as a second byte: the probe says nothing of it */
#define FMAP_SIZE 18  /* in an FMAP: the flash's size */

/* The probes by the two bytes that they begin with. Those with a checksum over megabytes are capped, so
 * that a hostile file cannot make us hash it a thousand times. */
static const struct candidate {
	uint8_t first;
	uint16_t second;
	image_probe *probe;
	unsigned cap; /* 0: none */
} candidates[] = {
	{0x01, 0x00, probe_tplink_v1, 8},  {0x00, 0x00, probe_tplink_v2, 8},
	{0x02, 0x00, probe_tplink_v2, 8},  {0x03, 0x00, probe_tplink_v2, 8},
	{'f', 'w', probe_safeloader, 4},   {'p', 'a', probe_safe_table, 8},
	{'S', 'u', probe_support_list, 8}, {0x27, 0x05, probe_uimage, 16},
	{0x4f, 0x4b, probe_uimage, 16},    {'h', 's', probe_squashfs, 0},
	{'s', 'h', probe_squashfs, 0},     {'q', 's', probe_squashfs, 0},
	{0x85, 0x19, probe_jffs2, 0},      {0x19, 0x85, probe_jffs2, 0},
	{0xde, 0xad, probe_jffs2_end, 4},  {'U', 'B', probe_ubi, 16},
	{'U', '-', probe_uboot, 16},       {'m', 't', probe_partitions, 8},
	{'p', 'a', probe_partitions, 8},   {0xd0, 0x0d, probe_fit, 8},
	{0xd0, 0x0d, probe_fdt, 16},       {0x5d, 0x00, probe_lzma, 16},
	{0x6d, 0x00, probe_lzma, 16},      {0x5e, 0xa3, probe_seama, 8},
	{'H', 'D', probe_trx, 4},          {'F', 'W', probe_fwtool, 8},
	{'_', '_', probe_fmap, 4},         {0x5a, 0xa5, probe_ifd, 2},
	{'_', 'F', probe_uefi, 32},        {'L', 'A', probe_cbfs, 8},
	{'$', ANY, probe_amd, 32},
};

#define CANDIDATES (sizeof(candidates) / sizeof(candidates[0]))

struct scan {
	const uint8_t *data;
	size_t len;
	struct image_parts *parts;
	unsigned found[CANDIDATES];
	uint8_t first[256];       /* of the probes that want this first byte, 1-based; 0: none */
	uint8_t next[CANDIDATES]; /* the next one that wants the same, 1-based */
	uint8_t pairs[65536 / 8]; /* a bit for each two bytes (le16) that a probe wants */
	struct np_error *err;
};

static int keep(struct scan *scan, const struct image_part *part)
{
	struct image_parts *parts = scan->parts;

	if (parts->count == IMAGE_PARTS_MAX)
		return 0;
	if (parts->count == parts->room) {
		size_t room = parts->room ? parts->room * 2 : 16;
		struct image_part *at = realloc(parts->at, room * sizeof(*at));

		if (!at)
			return np_fail(scan->err, NP_E_MEMORY,
			               "out of memory for an image's parts");
		parts->at = at;
		parts->room = room;
	}
	parts->at[parts->count++] = *part;
	return 0;
}

/* Try all probes of this first byte. *skip: how far the scan may jump. */
static int try_at(struct scan *scan, size_t at, size_t *skip)
{
	*skip = 1;
	for (size_t n = scan->first[scan->data[at]]; n; n = scan->next[n - 1]) {
		const struct candidate *c = &candidates[n - 1];
		struct image_part part = {.start = at};
		int rc;

		if ((c->cap && scan->found[n - 1] >= c->cap) ||
		    !c->probe(scan->data, scan->len, at, &part))
			continue;
		scan->found[n - 1]++;
		rc = keep(scan, &part);
		if (rc)
			return rc;
		/* What is compressed or counted in nodes holds nothing of its own; what lies in UBI
		 * is cut in pieces. */
		if ((part.kind == PART_SQUASHFS && !part.truncated && part.check != CHECK_BAD) ||
		    part.kind == PART_JFFS2 || part.kind == PART_UBI || part.kind == PART_CBFS)
			*skip = part.truncated ? scan->len - at : part.len;
		return 0;
	}
	return 0;
}

/* Blocks that only an aligned place tells: calibration and environments. */
static int scan_aligned(struct scan *scan)
{
	static image_probe *const probes[] = {probe_mtk_cal, probe_ath_cal, probe_uboot_env};
	unsigned environments = 0;

	for (size_t at = 0; at < scan->len; at += 0x1000) {
		for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
			struct image_part part = {.start = at};
			int rc;

			if (environments >= 4 && probes[i] == probe_uboot_env)
				continue;
			if (!probes[i](scan->data, scan->len, at, &part))
				continue;
			environments += part.kind == PART_UBOOT_ENV;
			rc = keep(scan, &part);
			if (rc)
				return rc;
			break;
		}
	}
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct image_part *left = a, *right = b;

	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return (int)left->kind - (int)right->kind;
}

static void note_pairs(struct scan *scan, const struct candidate *c)
{
	unsigned from = c->second == ANY ? 0 : c->second, to = c->second == ANY ? 255 : c->second;

	for (unsigned second = from; second <= to; second++) {
		unsigned pair = c->first | second << 8;

		scan->pairs[pair / 8] |= (uint8_t)(1u << pair % 8);
	}
}

static void begin(struct scan *scan)
{
	/* Backwards, so that the chains keep the table's order. */
	for (size_t i = CANDIDATES; i-- > 0;) {
		scan->next[i] = scan->first[candidates[i].first];
		scan->first[candidates[i].first] = (uint8_t)(i + 1);
		note_pairs(scan, &candidates[i]);
	}
}

/* The next place from `at` on whose two bytes a probe wants; no structure is a single byte. Every byte
 * of an image comes by here. */
static size_t next_place(const struct scan *scan, size_t at)
{
	const uint8_t *data = scan->data;

	for (; at + 1 < scan->len; at++) {
		unsigned pair = le16(data + at);

		if (!(scan->pairs[pair / 8] & 1u << pair % 8))
			continue;
		/* Long runs of zeros would ask the v2 header's probe at every byte. */
		if (data[at] || (at % 16 == 0 && at + 4 <= scan->len && data[at + 3] <= 3))
			return at;
	}
	return scan->len;
}

/* The first of two chips that share an image ends anywhere in a volume or a file. */
static void note_second_chip(const struct scan *scan)
{
	uint64_t end = pc_flash_end(scan->data, scan->len);
	bool is_chip = (scan->len & (scan->len - 1)) == 0;

	for (size_t i = 0; i < scan->parts->count && !end; i++)
		if (scan->parts->at[i].kind == PART_FMAP)
			end = le32(scan->data + scan->parts->at[i].start + FMAP_SIZE);
	for (size_t i = 0; i < scan->parts->count && is_chip && end > scan->len; i++) {
		struct image_part *part = &scan->parts->at[i];

		part->elsewhere = part->truncated && part->start + part->len <= end;
	}
}

int image_scan(const uint8_t *data, size_t len, struct image_parts *parts, struct np_error *err)
{
	struct scan scan = {.data = data, .len = len, .parts = parts, .err = err};
	int rc = 0;

	*parts = (struct image_parts){0};
	begin(&scan);
	for (size_t at = next_place(&scan, 0), skip; at < len && !rc;
	     at = next_place(&scan, at + skip))
		rc = try_at(&scan, at, &skip);
	if (!rc)
		rc = scan_aligned(&scan);
	if (!rc)
		note_second_chip(&scan);
	if (rc)
		image_parts_free(parts);
	else if (parts->count)
		qsort(parts->at, parts->count, sizeof(*parts->at), by_start);
	return rc;
}

void image_parts_free(struct image_parts *parts)
{
	free(parts->at);
	*parts = (struct image_parts){0};
}

bool image_part_damaged(const struct image_part *part)
{
	return part->check == CHECK_BAD && !part->truncated && part->kind != PART_TPLINK_V1 &&
	       part->kind != PART_TPLINK_V2;
}

bool image_part_cut(const struct image_part *part)
{
	static const bool sure[] = {
		[PART_SQUASHFS] = true, [PART_UIMAGE] = true, [PART_FIT] = true,
		[PART_FDT] = true,      [PART_TRX] = true,    [PART_SEAMA] = true,
		[PART_UBI] = true,      [PART_CBFS] = true};

	if (!part->truncated || part->elsewhere)
		return false;
	if (part->kind == PART_UEFI)
		return part->check == CHECK_GOOD;
	return part->kind < sizeof(sure) && sure[part->kind];
}

const char *image_part_name(enum image_part_kind kind)
{
	static const char *const names[] = {
		[PART_TPLINK_V1] = "TP-Link v1 header",
		[PART_TPLINK_V2] = "TP-Link v2 header",
		[PART_SAFELOADER] = "TP-Link safeloader file",
		[PART_SAFE_TABLE] = "safeloader partition table",
		[PART_SUPPORT_LIST] = "TP-Link support list",
		[PART_UIMAGE] = "uImage",
		[PART_SQUASHFS] = "squashfs",
		[PART_JFFS2] = "JFFS2",
		[PART_JFFS2_END] = "end of file system mark",
		[PART_UBI] = "UBI",
		[PART_UBOOT] = "U-Boot",
		[PART_UBOOT_ENV] = "U-Boot environment",
		[PART_PARTITIONS] = "partition list",
		[PART_FDT] = "device tree",
		[PART_FMAP] = "FMAP",
		[PART_IFD] = "Intel flash descriptor",
		[PART_MTK_CAL] = "MediaTek calibration",
		[PART_ATH_CAL] = "Atheros calibration",
		[PART_LZMA] = "LZMA stream",
		[PART_SEAMA] = "SEAMA image",
		[PART_TRX] = "TRX image",
		[PART_FWTOOL] = "OpenWrt metadata",
		[PART_UEFI] = "UEFI volume",
		[PART_FIT] = "FIT image",
		[PART_AMD] = "AMD directory",
		[PART_CBFS] = "coreboot file system (CBFS)",
	};

	return names[kind];
}
