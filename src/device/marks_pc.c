/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a Chromebook keeps of its own, where no map says so: both begin at a multiple of 4 KiB. */
#include <string.h>

#include "base/bytes.h"
#include "device/marks_priv.h"

#define ALIGN      0x1000u
#define VPD_TABLE  0x600u /* in front of it is what SMBIOS may find (public: Chromium's vpd) */
#define VPD_MAX    0x10000u
#define GBB_HEADER 128u
#define GBB_HWID   16u /* offset and size of the HWID (public: vboot's gbb_header.h) */

static void mark_vpd(struct mark_search *s, size_t start)
{
	const uint8_t *table = s->data + start + VPD_TABLE;
	size_t left = s->len - start, pairs;

	if (left < VPD_TABLE + 17 || memcmp(table + 4, "gVpdInfo", 8) != 0)
		return;
	pairs = le32(table + 12);
	if (pairs >= 3 && pairs <= VPD_MAX && table[16] == 1)
		mark_add(s, MARK_PARTITION, (struct np_range){start, VPD_TABLE + 16 + pairs},
		         "VPD (serial number, addresses)");
}

static void mark_hwid(struct mark_search *s, size_t start)
{
	const uint8_t *gbb = s->data + start;
	size_t left = s->len - start, at, len;

	if (left < GBB_HEADER || memcmp(gbb, "$GBB\1", 5) != 0)
		return;
	at = le32(gbb + GBB_HWID);
	len = le32(gbb + GBB_HWID + 4);
	if (at >= GBB_HEADER && len && len <= 256 && at <= left && len <= left - at &&
	    !mark_blank(s, (int64_t)(start + at), len))
		mark_add(s, MARK_NUMBER, (struct np_range){start + at, len}, "HWID");
}

void mark_chromebook(struct mark_search *s)
{
	for (size_t at = 0; at < s->len; at += ALIGN) {
		mark_vpd(s, at);
		mark_hwid(s, at);
	}
}
