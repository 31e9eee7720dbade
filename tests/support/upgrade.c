/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/upgrade.h"

#include <md5.h>
#include <string.h>

#include "support/rig.h"

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* A TP-Link upgrade file for an Archer C7 v2, with `boot` bytes of boot loader in front. */
void upgrade_make(uint8_t *file, uint32_t len, uint32_t boot)
{
	static const char *const salts[] = {
		"\xdc\xd7\x3a\xa5\xc3\x95\x98\xfb\xdd\xf9\xe7\xf4\x0e\xae\x47\x38",
		"\x8c\xef\x33\x5b\xd5\xc5\xce\xfa\xa7\x9c\x28\xda\xb2\xe9\x0f\x42"};
	MD5_CTX md5;

	rig_fill(file, len, 8);
	memset(file, 0, 512);
	put32(file, 0x01000000);
	memcpy(file + 4, "TP-LINK Technologies", 20);
	memcpy(file + 0x1c, "ver. 1.0", 8);
	put32(file + 0x40, 0xc7000002);
	put32(file + 0x44, 1);
	put32(file + 0x7c, len);
	put32(file + 0x80, 512 + boot);
	put32(file + 0x84, 0x10000);
	put32(file + 0x88, 512 + boot + 0x10000);
	put32(file + 0x8c, len - 512 - boot - 0x10000);
	if (boot) {
		put32(file + 0x90, 512);
		put32(file + 0x94, boot);
	}
	memcpy(file + 0x4c, salts[boot != 0], 16);
	MD5Init(&md5);
	MD5Update(&md5, file, len);
	MD5Final(file + 0x4c, &md5);
}
