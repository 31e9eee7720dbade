/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/pc.h"

#include <string.h>

#include "support/firmware.h"

void pc_put_descriptor(uint8_t *flash, const struct pc_region *regions, size_t count)
{
	memset(flash, 0xff, 0x1000);
	put_le32(flash + 0x10, 0x0ff0a55a);
	put_le32(flash + 0x14, 0x00040003);
	put_le32(flash + 0x18, 0x80 >> 4);
	for (unsigned i = 0; i < 16; i++)
		put_le32(flash + 0x40 + 4 * i, 0x00007fff);
	for (size_t i = 0; i < count; i++)
		put_le32(flash + 0x40 + 4 * regions[i].number,
		         (regions[i].start + regions[i].len - 1) >> 12 << 16 |
		                 regions[i].start >> 12);
}

void pc_put_gbe(uint8_t *gbe, const uint8_t mac[6])
{
	memset(gbe, 0xff, 0x2000);
	for (size_t at = 0; at < 0x2000; at += 0x1000) {
		uint16_t sum = 0;

		memcpy(gbe + at, mac, 6);
		for (size_t i = 0; i < 0x3f; i++)
			sum = (uint16_t)(sum + gbe[at + 2 * i] + (gbe[at + 2 * i + 1] << 8));
		sum = (uint16_t)(0xbaba - sum);
		gbe[at + 0x7e] = (uint8_t)sum;
		gbe[at + 0x7f] = (uint8_t)(sum >> 8);
	}
}

void pc_put_fmap(uint8_t *fmap, uint32_t flash_size, const struct pc_area *areas, size_t count)
{
	memset(fmap, 0, 56 + count * 42);
	memcpy(fmap, "__FMAP__\1\1", 10);
	put_le32(fmap + 18, flash_size);
	memcpy(fmap + 22, "FMAP", 4);
	fmap[54] = (uint8_t)count;
	for (size_t i = 0; i < count; i++) {
		uint8_t *area = fmap + 56 + i * 42;

		put_le32(area, areas[i].start);
		put_le32(area + 4, areas[i].len);
		strncpy((char *)area + 8, areas[i].name, 32);
	}
}

void pc_put_vpd(uint8_t *vpd, size_t len, const char *const *pairs)
{
	size_t at = 0x610;

	memset(vpd, 0xff, len);
	memcpy(vpd + 0x604, "gVpdInfo", 8);
	for (; pairs[0]; pairs += 2) {
		vpd[at++] = 1;
		for (int i = 0; i < 2; i++) {
			size_t n = strlen(pairs[i]);

			vpd[at++] = (uint8_t)n;
			memcpy(vpd + at, pairs[i], n);
			at += n;
		}
	}
	vpd[at++] = 0;
	put_le32(vpd + 0x60c, (uint32_t)(at - 0x610));
}

void pc_put_gbb(uint8_t *gbb, const char *hwid)
{
	memset(gbb, 0, 0x400);
	memcpy(gbb, "$GBB\1\2", 6);
	put_le32(gbb + 16, 0x80);
	put_le32(gbb + 20, 64);
	memcpy(gbb + 0x80, hwid, strlen(hwid));
}

/* ---- AMD ---- */

/* As the textbook has it: sums modulo 65535, where 0 is written as FFFFh. */
uint32_t pc_fletcher32(const uint8_t *p, size_t len)
{
	uint32_t a = 0, b = 0;

	for (size_t i = 0; i < len; i += 2) {
		a = (a + p[i] + 256u * p[i + 1]) % 65535;
		b = (b + a) % 65535;
	}
	return (b ? b : 65535) << 16 | (a ? a : 65535);
}

void pc_put_efs(uint8_t *flash, uint32_t size, uint32_t at, uint32_t psp, uint32_t bios)
{
	uint32_t window = size < 0x1000000 ? size : 0x1000000;

	memset(flash + at, 0, 0x50);
	put_le32(flash + at, 0x55aa55aa);
	put_le32(flash + at + 0x14, 0u - window + psp);
	put_le32(flash + at + 0x18, bios ? 0u - window + bios : 0);
}

void pc_put_amd_dir(uint8_t *flash, uint32_t size, uint32_t at, const char *cookie,
                    enum pc_amd_mode mode, const struct pc_amd_entry *entries, size_t count)
{
	uint32_t window = size < 0x1000000 ? size : 0x1000000;
	size_t step = cookie[1] == 'B' ? 24 : 16;
	uint8_t *dir = flash + at;

	memset(dir, 0, 16 + step * count);
	memcpy(dir, cookie, 4);
	put_le32(dir + 8, (uint32_t)count);
	put_le32(dir + 12, (uint32_t)mode << 29);
	for (size_t i = 0; i < count; i++) {
		uint8_t *entry = dir + 16 + step * i;

		entry[0] = entries[i].type;
		put_le32(entry + 4, entries[i].len);
		put_le32(entry + 8, mode == PC_AMD_PHYSICAL ? 0u - window + entries[i].start
		                    : mode == PC_AMD_TABLE  ? entries[i].start - at
		                                            : entries[i].start);
		if (mode == PC_AMD_TABLE)
			entry[15] = 2 << 6;
	}
	put_le32(dir + 4, pc_fletcher32(dir + 8, 8 + step * count));
}

/* ---- coreboot ---- */

void pc_put_master_header(uint8_t *flash, uint32_t size, uint32_t at, uint32_t start, uint32_t end,
                          uint32_t boot)
{
	memset(flash + at, 0, 32);
	put_be32(flash + at, 0x4f524243);
	put_be32(flash + at + 4, 0x31313132);
	put_be32(flash + at + 8, end);
	put_be32(flash + at + 12, boot);
	put_be32(flash + at + 16, 64);
	put_be32(flash + at + 20, start);
	put_le32(flash + size - 4, 0u - (size - at));
}
