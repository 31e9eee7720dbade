/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calibration blocks of Wi-Fi chips: by the number or length they begin with, and by where they
 * begin and end. */
#include <string.h>

#include "base/bytes.h"
#include "device/marks_priv.h"

#define GRID      0x400 /* all known blocks begin at a multiple of this */
#define ALONE     16    /* blanks that set a block apart */
#define TAIL      64    /* blanks behind a block of which only the length is known */
#define AFTER_END 3     /* a block may end with bytes that look blank */

/* Lengths of the blocks that drivers read, in bytes. */
static const uint32_t lengths[] = {0x200, 0x3d8,  0x400,  0x440,  0x844,  0xe00,
                                   0xeb8, 0x1000, 0x2f20, 0x4da8, 0x5000, 0x19c10};

#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

/* Contents of a few pages or sectors are nothing special: only an odd length tells. */
static bool tells(uint32_t len)
{
	return len % 0x100 != 0;
}

struct family {
	const char *name;
	uint8_t begins[4];
	size_t begins_len;
	uint32_t len; /* shortest block of the family */
	uint16_t mac; /* offset of the address inside; 0: none */
};

static const struct family families[] = {
	{"Atheros AR93xx", {0x02, 0x02}, 2, 0x440, 2},
	{"Atheros AR93xx", {0x02, 0x03}, 2, 0x440, 2},
	{"Atheros AR93xx", {0x02, 0x04}, 2, 0x440, 2},
	{"Atheros AR93xx", {0x02, 0x05}, 2, 0x440, 2},
	{"Atheros AR93xx", {0x02, 0x06}, 2, 0x440, 2},
	{"Atheros QCA988x", {0x44, 0x08}, 2, 0x844, 6},
	{"Atheros QCA99xx", {0x20, 0x2f}, 2, 0x2f20, 6},
	{"Atheros AR92xx", {0xa5, 0x5a, 0x00, 0x00}, 4, 0x3d8, 0x20c},
	{"Atheros AR92xx", {0x5a, 0xa5, 0x00, 0x00}, 4, 0x3d8, 0x20c},
	{"Realtek RTL81xx", {0x29, 0x81, 0x00, 0x00}, 4, 0x200, 0},
	{"Realtek RTL88xx", {0x29, 0x88, 0x00, 0x00}, 4, 0x200, 0},
	{"Broadcom SROM", {0x01, 0x28, 0x00, 0x00}, 4, 0x100, 0},
};

static bool mediatek(unsigned number)
{
	static const uint16_t known[] = {0x3050, 0x3052, 0x3352, 0x3883, 0x5350, 0x5390, 0x5392,
	                                 0x5592, 0x7600, 0x7602, 0x7603, 0x7610, 0x7612, 0x7613,
	                                 0x7615, 0x7620, 0x7622, 0x7626, 0x7628, 0x7629, 0x7630,
	                                 0x7650, 0x7662, 0x7663, 0x7688, 0x7902, 0x7906, 0x7915,
	                                 0x7916, 0x7981, 0x7986, 0x7990, 0x7992};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == number)
			return true;
	return false;
}

static bool stands_alone(const struct mark_search *s, uint64_t at)
{
	return mark_blank(s, (int64_t)at - ALONE, ALONE);
}

/* Does what begins here end where a calibration block of a known length would? */
static uint32_t known_length(const struct mark_search *s, uint64_t at)
{
	for (size_t i = 0; i < LENGTHS; i++) {
		uint64_t end = at + lengths[i];

		if (end <= s->len && mark_blank(s, (int64_t)end, ALONE) &&
		    !mark_blank(s, (int64_t)end - ALONE, ALONE))
			return lengths[i];
	}
	return 0;
}

/* To where the block is filled: a run of blanks ends it, or the next 32 KiB boundary. */
static uint64_t filled(const struct mark_search *s, uint64_t at, uint64_t least)
{
	uint64_t end = at + least, limit = (at | 0x7fff) + 1;

	while (end < s->len && end < limit && !mark_blank(s, (int64_t)end, 2 * TAIL))
		end += ALONE;
	return end < s->len ? end - at : s->len - at;
}

static bool try_mediatek(struct mark_search *s, uint64_t at)
{
	const uint8_t *p = s->data + at;
	bool mac = mark_mac_real(p + 4);
	uint32_t len;

	if (!mediatek(le16(p)) || !(stands_alone(s, at) || at % 0x8000 == 0))
		return false;
	/* Between number and address stands a small version. */
	mac &= p[2] <= 0x10 && p[3] <= 0x10;
	len = known_length(s, at);
	if (!len && !mac)
		return false;
	if (mac)
		mark_anchor(s, p + 4, at + 4);
	mark_add(s, MARK_CAL, (struct np_range){at, len ? len : filled(s, at, 0x200)},
	         "MT%04X calibration", le16(p));
	return true;
}

static bool try_family(struct mark_search *s, uint64_t at, const struct family *f)
{
	const uint8_t *p = s->data + at;
	bool mac = f->mac && mark_mac_real(p + f->mac);
	uint32_t len;

	if (memcmp(p, f->begins, f->begins_len) != 0 || !stands_alone(s, at))
		return false;
	len = known_length(s, at);
	if (!len && !mac)
		return false;
	if (mac)
		mark_anchor(s, p + f->mac, at + f->mac);
	mark_add(s, MARK_CAL, (struct np_range){at, len ? len : filled(s, at, f->len)},
	         "%s calibration", f->name);
	return true;
}

/* Blanks in front, exactly the length of a calibration block, blanks behind: that is enough
 * whatever chip number it begins with. */
static void try_length(struct mark_search *s, uint64_t at)
{
	if (at % 0x1000 || !mark_blank(s, (int64_t)at - TAIL, TAIL))
		return;
	for (size_t i = 0; i < LENGTHS; i++) {
		uint64_t end = at + lengths[i];

		if (!tells(lengths[i]) || end > s->len || !mark_blank(s, (int64_t)end, TAIL) ||
		    mark_blank(s, (int64_t)end - AFTER_END, AFTER_END) ||
		    mark_blank(s, (int64_t)(at + lengths[i] / 2), TAIL))
			continue;
		mark_add(s, MARK_CAL, (struct np_range){at, lengths[i]},
		         "a block as long as calibration");
		return;
	}
}

/* ---- Broadcom's NVRAM ---- */

#define NVRAM_HEADER 20

static bool holds(const uint8_t *at, size_t len, const char *word)
{
	return memmem(at, len, word, strlen(word)) != NULL;
}

/* Variables behind "FLSH" and their length. Where radios have their power tables in it, it is
 * calibration, and not only an address in a text. */
static void try_nvram(struct mark_search *s, uint64_t at)
{
	static const char *const tables[] = {
		"pa0b0=", "pa2ga0=", "pa2gw0a0=", "pa5ga0=", "pa1itssit="};
	const uint8_t *p = s->data + at;
	uint32_t len = s->len - at >= NVRAM_HEADER ? le32(p + 4) : 0;

	if (len <= NVRAM_HEADER || len > 0x20000 || len > s->len - at || !holds(p, len, "macaddr="))
		return;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (!holds(p, len, tables[i]))
			continue;
		mark_add(s, MARK_CAL, (struct np_range){at, len}, "Broadcom NVRAM");
		return;
	}
}

void mark_calibration(struct mark_search *s)
{
	for (uint64_t at = 0; at + 0x220 <= s->len; at += GRID) {
		bool found = try_mediatek(s, at);

		if (mark_blank(s, (int64_t)at, ALONE))
			continue;
		for (size_t i = 0; i < sizeof(families) / sizeof(families[0]) && !found; i++)
			found = try_family(s, at, &families[i]);
		if (memcmp(s->data + at, "FLSH", 4) == 0)
			try_nvram(s, at);
		else if (!found)
			try_length(s, at);
	}
}
