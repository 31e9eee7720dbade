/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/transform.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

static const enum transform all[] = {TRANSFORM_SWAP2, TRANSFORM_SWAP4, TRANSFORM_MIRROR,
                                     TRANSFORM_INVERT};

const char *transform_name(enum transform transform)
{
	static const char *const names[] = {
		[TRANSFORM_NONE] = "as it is",
		[TRANSFORM_SWAP2] = "bytes swapped in pairs",
		[TRANSFORM_SWAP4] = "bytes swapped in words of four",
		[TRANSFORM_MIRROR] = "bits of each byte in reverse order",
		[TRANSFORM_INVERT] = "all bits inverted",
	};

	return names[transform];
}

const char *transform_command(enum transform transform)
{
	static const char *const commands[] = {
		[TRANSFORM_NONE] = "",
		[TRANSFORM_SWAP2] = "image swap FILE 2 -o NEW",
		[TRANSFORM_SWAP4] = "image swap FILE 4 -o NEW",
		[TRANSFORM_MIRROR] = "image swap FILE bits -o NEW",
		[TRANSFORM_INVERT] = "image invert FILE -o NEW",
	};

	return commands[transform];
}

static void swap(uint8_t *data, size_t len, size_t word)
{
	for (size_t at = 0; at + word <= len; at += word) {
		for (size_t i = 0; i < word / 2; i++) {
			uint8_t byte = data[at + i];

			data[at + i] = data[at + word - 1 - i];
			data[at + word - 1 - i] = byte;
		}
	}
}

static void mirror(uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t b = data[i];

		b = (uint8_t)(b >> 4 | b << 4);
		b = (uint8_t)((b & 0xcc) >> 2 | (b & 0x33) << 2);
		data[i] = (uint8_t)((b & 0xaa) >> 1 | (b & 0x55) << 1);
	}
}

void transform_apply(enum transform transform, uint8_t *data, size_t len)
{
	switch (transform) {
	case TRANSFORM_NONE:
		break;
	case TRANSFORM_SWAP2:
		swap(data, len, 2);
		break;
	case TRANSFORM_SWAP4:
		swap(data, len, 4);
		break;
	case TRANSFORM_MIRROR:
		mirror(data, len);
		break;
	case TRANSFORM_INVERT:
		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t)~data[i];
		break;
	}
}

/* ---- what firmware shows ---- */

/* Long enough to stand in no image by chance. */
static const char *const texts[] = {"U-Boot 1.", "U-Boot 20", "Linux version ",   "console=ttyS",
                                    "bootcmd=",  "__FMAP__",  "fixed-partitions", "tp_recovery.bin",
                                    "Broadcom ", "Copyright "};

/* An Intel descriptor; the header of a UEFI firmware volume, whose checksum is a sum of words. */
static bool has_structure(const uint8_t *data, size_t len)
{
	if (len >= 0x1000 && le32(data + 0x10) == 0x0ff0a55a && data[0x14] < 0x10)
		return true;
	for (size_t at = 0; at + 0x48 <= len; at += 0x1000) {
		uint16_t sum = 0, header = le16(data + at + 0x30);

		if (memcmp(data + at + 0x28, "_FVH", 4) != 0 || header > len - at || header % 2)
			continue;
		for (size_t i = 0; i < header; i += 2)
			sum = (uint16_t)(sum + le16(data + at + i));
		if (!sum)
			return true;
	}
	return false;
}

static bool looks_like_firmware(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (memmem(data, len, texts[i], strlen(texts[i])))
			return true;
	return has_structure(data, len);
}

enum transform transform_guess(const uint8_t *data, size_t len)
{
	size_t look = len < TRANSFORM_LOOK ? len : TRANSFORM_LOOK;
	enum transform found = TRANSFORM_NONE;
	uint8_t *copy;

	if (!look || looks_like_firmware(data, look))
		return TRANSFORM_NONE;
	copy = malloc(look);
	if (!copy)
		return TRANSFORM_NONE;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && found == TRANSFORM_NONE; i++) {
		memcpy(copy, data, look);
		transform_apply(all[i], copy, look);
		if (looks_like_firmware(copy, look))
			found = all[i];
	}
	free(copy);
	return found;
}
