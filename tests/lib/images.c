/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images.h"
#include "scene.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

uint8_t *kernel(size_t *len)
{
	uint8_t *image = calloc(1, 64 + 5000);

	memset(image + 64, 0x5a, 5000);
	put32(image, 0x27051956);
	put32(image + 12, 5000);
	put32(image + 16, 0x80000000);
	put32(image + 20, 0x80000000);
	put32(image + 24, (uint32_t)crc32(0, image + 64, 5000));
	memcpy(image + 28, "\5\5\2\3MIPS OpenWrt Linux", 22);
	put32(image + 4, (uint32_t)crc32(0, image, 64));
	*len = 64 + 5000;
	return image;
}

uint8_t *upgrade(size_t *len)
{
	uint8_t *image = dump_of("mr200", 1, 8);

	memset(image, 0, 512);
	put32(image, 0x01000000);
	memcpy(image + 4, "TP-LINK Technologies", 20);
	memcpy(image + 0x1c, "ver. 1.0", 8);
	put32(image + 0x40, 0xc7000002);
	put32(image + 0x44, 1);
	put32(image + 0x7c, UPGRADE_LEN);
	put32(image + 0x80, 512 + UPGRADE_BOOT);
	put32(image + 0x84, 0x10000);
	put32(image + 0x88, 512 + UPGRADE_BOOT + 0x10000);
	put32(image + 0x8c, UPGRADE_LEN - 512 - UPGRADE_BOOT - 0x10000);
	put32(image + 0x90, 512);
	put32(image + 0x94, UPGRADE_BOOT);
	*len = UPGRADE_LEN;
	return image;
}

uint8_t *stranger(uint32_t seed, int forms)
{
	uint8_t *image = malloc(SIZE);
	uint32_t state = seed;

	for (size_t i = 0; i < SIZE; i++) {
		state = state * 1664525u + 1013904223u;
		image[i] = (uint8_t)(state >> 24);
	}
	if (forms) {
		memset(image + CAL_2G_AT, 0xff, 0x10000);
		for (size_t i = 0; i < 0x200; i++)
			image[CAL_2G_AT + i] = image[i];
		memcpy(image + CAL_2G_AT, "\x20\x76\0\0\x50\xc7\xbf\x10\x07", 9);
	}
	return image;
}

static void put_le32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

uint8_t *pc_flash(uint32_t seed, uint32_t bios_at)
{
	uint32_t regions[3][3] = {{0, 0, 0xfff}, {1, bios_at, SIZE - 1}, {2, 0x1000, bios_at - 1}};
	uint8_t *image = stranger(seed, 0);

	memset(image, 0xff, 0x1000);
	put_le32(image + 0x10, 0x0ff0a55a);
	put_le32(image + 0x14, 0x00040003);
	put_le32(image + 0x18, 0x80 >> 4);
	for (unsigned i = 0; i < 16; i++)
		put_le32(image + 0x40 + 4 * i, 0x00007fff);
	for (unsigned i = 0; i < 3; i++)
		put_le32(image + 0x40 + 4 * regions[i][0],
		         regions[i][2] >> 12 << 16 | regions[i][1] >> 12);
	return image;
}
