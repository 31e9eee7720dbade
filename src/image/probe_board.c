/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calibration blocks of Wi-Fi chips, and the maps of PC flashes. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "image/pc_map.h"
#include "image/probe.h"
#include "base/idnum.h"

/* ---- calibration ---- */

/* A chip number and a MAC are eight bytes; where a block begins and nothing stands in front of it,
 * they are enough. */
static bool begins_alone(const uint8_t *data, size_t at)
{
	static const uint8_t blank[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t zero[16];

	if (at < 16)
		return at == 0;
	return memcmp(data + at - 16, blank, 16) == 0 || memcmp(data + at - 16, zero, 16) == 0;
}

static bool mtk_known(uint16_t number)
{
	static const uint16_t known[] = {0x7603, 0x7610, 0x7612, 0x7613, 0x7615, 0x7620, 0x7628,
	                                 0x7650, 0x7662, 0x7663, 0x7915, 0x7916, 0x7981};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == number)
			return true;
	return false;
}

bool probe_mtk_cal(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *h = data + at;
	char mac[IDNUM_MAC_TEXT];

	if (len - at < 0x200 || (at % 0x8000 && at % 0x10000 != 0x2000 && at % 0x10000 != 0x4000) ||
	    !mtk_known(le16(h)) || h[3] > 0x10 || idnum_mac_flaw(h + 4) || !begins_alone(data, at))
		return false;
	part->kind = PART_MTK_CAL;
	part->len = 0x200;
	part->id = le16(h);
	snprintf(part->text, sizeof(part->text), "MT%04X, MAC %s", part->id,
	         idnum_mac_format(h + 4, mac));
	return true;
}

/* AR9300 family: version 2, MAC at +2. QCA988x and later: the length in front, MAC at +6. */
bool probe_ath_cal(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *h = data + at;
	bool ar9300 = at % 0x10000 == 0x1000 && h[0] == 2;
	char mac[IDNUM_MAC_TEXT];
	size_t at_mac = ar9300 ? 2 : 6;

	if (len - at < 0x440 || !begins_alone(data, at))
		return false;
	if (!ar9300 && (at % 0x10000 != 0x5000 || (le16(h) != 0x844 && le16(h) != 0x2f20)))
		return false;
	if (idnum_mac_flaw(h + at_mac))
		return false;
	part->kind = PART_ATH_CAL;
	part->len = ar9300 ? 0x440 : le16(h);
	part->id = le16(h);
	snprintf(part->text, sizeof(part->text), "%s, MAC %s", ar9300 ? "AR9300 family" : "QCA98xx",
	         idnum_mac_format(h + at_mac, mac));
	return true;
}

/* ---- PC flashes ---- */

#define FMAP_HEADER 56
#define FMAP_AREA   42

bool probe_fmap(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *h = data + at;
	char name[33];
	unsigned areas;

	if (len - at < FMAP_HEADER || memcmp(h, "__FMAP__", 8) != 0 || h[8] != 1)
		return false;
	areas = le16(h + 54);
	if (!areas || areas > 256 || FMAP_HEADER + (size_t)areas * FMAP_AREA > len - at)
		return false;
	probe_text(name, sizeof(name), h + 22, 32);
	part->kind = PART_FMAP;
	part->len = FMAP_HEADER + (uint64_t)areas * FMAP_AREA;
	snprintf(part->text, sizeof(part->text), "'%s', %u areas, %u KiB", name, areas,
	         le32(h + 18) / 1024);
	return true;
}

/* The signature stands at 0x10, in older descriptors at 0; the descriptor is the flash's first 4
 * KiB. */
bool probe_ifd(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	uint64_t end;

	if ((at != 0x10 && at != 0) || len < 0x1000 || le32(data + at) != 0x0ff0a55a)
		return false;
	end = pc_flash_end(data, len);
	if (!end)
		return false;
	part->kind = PART_IFD;
	part->start = 0;
	part->len = 0x1000;
	part->truncated = end > len;
	snprintf(part->text, sizeof(part->text), "divides %llu KiB",
	         (unsigned long long)end / 1024);
	return true;
}
