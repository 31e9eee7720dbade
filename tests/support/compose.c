/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/compose.h"

#include <check.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "support/rig.h"

#define FIRMWARE_LEAST 0xa0000
#define KERNEL_ROOM    0x90000
#define PLAIN_ROOM     0x60000

uint64_t compose_size(const json_t *board)
{
	uint64_t size = 0x10000;

	while (size < boards_number(board, "end"))
		size *= 2;
	return size;
}

static uint64_t seed_of(const char *text)
{
	uint64_t seed = 5381;

	while (*text)
		seed = seed * 33 + (uint8_t)*text++;
	return seed;
}

/* ---- one unit's own data ---- */

struct unit {
	uint8_t *image;
	uint64_t size, seed;
	uint8_t mac[6];
	bool mediatek;
	struct compose_places *places;
};

static bool take(struct unit *u, uint64_t start, uint64_t len)
{
	if (!len || start + len > u->size || u->places->count == COMPOSE_PLACES)
		return false;
	u->places->at[u->places->count++] = (struct np_range){start, len};
	return u->seed != 0;
}

/* Numbers that MediaTek's drivers ask for, by the length that they read. */
static uint16_t mediatek_number(uint64_t start, uint64_t len)
{
	switch (len) {
	case 0x200:
		return start % 0x10000 ? 0x7612 : 0x7620;
	case 0x400:
		return start % 0x10000 ? 0x7603 : 0x7628;
	case 0x4da8:
		return 0x7663;
	case 0xe00:
	case 0x1000:
		return 0x7915;
	default:
		return 0x7603;
	}
}

/* The le16 words of an ath10k block give FFFFh together. */
static void ath10k(uint8_t *at, uint64_t len, const uint8_t *mac)
{
	uint16_t sum = 0xffff;

	at[0] = (uint8_t)len;
	at[1] = (uint8_t)(len >> 8);
	at[2] = at[3] = 0;
	memcpy(at + 6, mac, 6);
	for (uint64_t i = 0; i + 1 < len; i += 2)
		sum ^= (uint16_t)(at[i] | at[i + 1] << 8);
	at[2] = (uint8_t)sum;
	at[3] = (uint8_t)(sum >> 8);
}

static void put_calibration(struct unit *u, uint64_t start, uint64_t len)
{
	uint8_t *at = u->image + start;

	if (!take(u, start, len))
		return;
	rig_noise(at, len, u->seed + start);
	if (u->mediatek && len >= 0x100) {
		uint16_t number = mediatek_number(start, len);

		at[0] = (uint8_t)number;
		at[1] = (uint8_t)(number >> 8);
		at[2] = at[3] = 0;
		memcpy(at + 4, u->mac, 6);
	} else if (len == 0x844 || len == 0x2f20) {
		ath10k(at, len, u->mac);
	} else if (len == 0xeb8 || len == 0xebc || len == 0x3d8) {
		memcpy(at, "\xa5\x5a\x00\x00\x00\x03\x60\x00", 8);
		if (len > 0x220)
			memcpy(at + 0x20c, u->mac, 6);
	} else if (len >= 0x400) {
		memcpy(at, "\x02\x02", 2);
		memcpy(at + 2, u->mac, 6);
	}
}

static void put_mac(struct unit *u, uint64_t start, uint64_t len)
{
	char text[18];
	unsigned add = (unsigned)u->places->count % 4;

	if (!take(u, start, len))
		return;
	if (len < 12) {
		memcpy(u->image + start, u->mac, len < 6 ? len : 6);
		if (len >= 6)
			u->image[start + 5] = (uint8_t)(u->mac[5] + add);
		return;
	}
	snprintf(text, sizeof(text),
	         len < 17 ? "%02x%02x%02x%02x%02x%02x" : "%02x:%02x:%02x:%02x:%02x:%02x", u->mac[0],
	         u->mac[1], u->mac[2], u->mac[3], u->mac[4], u->mac[5]);
	memcpy(u->image + start, text, strlen(text));
}

/* U-Boot's environment with its sum; only the address in it is this unit's. */
static void put_env(struct unit *u, uint64_t start)
{
	static const char before[] = "bootcmd=run boot\0bootdelay=2\0baudrate=115200\0ethaddr=";
	uint8_t *at = u->image + start;
	uint64_t len = 0x1000;
	char text[18];
	uint32_t sum;

	if (!take(u, start + 4 + sizeof(before) - 1, 17))
		return;
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", u->mac[0], u->mac[1],
	         u->mac[2], u->mac[3], u->mac[4], u->mac[5]);
	memset(at, 0, len);
	memcpy(at + 4, before, sizeof(before) - 1);
	memcpy(at + 4 + sizeof(before) - 1, text, 17);
	sum = np_crc32(0, at + 4, len - 4);
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(sum >> (8 * i));
}

static bool is_used_as(const json_t *cell, const char *a, const char *b)
{
	const json_t *used = json_object_get(cell, "used");

	for (size_t i = 0; i < json_array_size(used); i++) {
		const char *use = json_string_value(json_array_get(json_array_get(used, i), 1));

		if (strstr(use, a) || strstr(use, b))
			return true;
	}
	return false;
}

static const json_t *part_of(const json_t *board, const char *label)
{
	const json_t *parts = json_object_get(board, "parts");

	for (size_t i = 0; i < json_array_size(parts); i++)
		if (strcmp(boards_text(json_array_get(parts, i), "label"), label) == 0)
			return json_array_get(parts, i);
	return NULL;
}

/* What start-up scripts take from the flash: [label, kind, offset, len]. */
static void put_script(struct unit *u, const json_t *board, const json_t *script, bool blocks)
{
	const char *kind = json_string_value(json_array_get(script, 1));
	const json_t *part = part_of(board, json_string_value(json_array_get(script, 0)));
	uint64_t start, len = (uint64_t)json_integer_value(json_array_get(script, 3));

	if (!part)
		return;
	start = boards_number(part, "start") +
	        (uint64_t)json_integer_value(json_array_get(script, 2));
	if (blocks && strcmp(kind, "cal") == 0)
		put_calibration(u, start, len);
	else if (blocks && strcmp(kind, "env") == 0)
		put_env(u, start);
	else if (!blocks && strcmp(kind, "mac") == 0)
		put_mac(u, start, len);
}

/* Blocks first: addresses lie within some of them. */
static void put_unit(struct unit *u, const json_t *board, bool blocks)
{
	const json_t *cells = json_object_get(board, "cells");
	const json_t *scripts = json_object_get(board, "scripts");

	for (size_t i = 0; i < json_array_size(scripts); i++)
		put_script(u, board, json_array_get(scripts, i), blocks);
	for (size_t i = 0; i < json_array_size(cells); i++) {
		const json_t *cell = json_array_get(cells, i);
		uint64_t start = boards_number(cell, "part_start") + boards_number(cell, "off");

		if (json_object_get(cell, "layout") && blocks)
			put_env(u, boards_number(cell, "part_start"));
		else if (blocks && is_used_as(cell, "eeprom", "cal"))
			put_calibration(u, start, boards_number(cell, "size"));
		else if (!blocks && is_used_as(cell, "mac-address", "macaddr"))
			put_mac(u, start, boards_number(cell, "size"));
	}
}

static bool is_mediatek(const json_t *board)
{
	const json_t *names = json_object_get(board, "compatible");
	const char *soc = json_string_value(json_array_get(names, json_array_size(names) - 1));

	return strncmp(soc, "ralink,", 7) == 0 || strncmp(soc, "mediatek,", 9) == 0;
}

/* ---- firmware ---- */

static bool is_firmware(const char *label)
{
	static const char *const names[] = {"firmware", "kernel", "rootfs",  "os-image",   "linux",
	                                    "fwconcat", "ubi",    "upgrade", "file-system"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(label, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

void compose_firmware(const json_t *board, struct np_ranges *firmware)
{
	const json_t *parts = json_object_get(board, "parts");

	for (size_t i = 0; i < json_array_size(parts); i++) {
		const json_t *part = json_array_get(parts, i);
		struct np_range range = {boards_number(part, "start"), boards_number(part, "len")};

		if (is_firmware(boards_text(part, "label")))
			ck_assert_int_eq(np_ranges_add(firmware, range, NULL), 0);
	}
}

static size_t make_kernel(uint8_t *out, const json_t *board, bool with_tree, uint64_t release)
{
	static uint8_t plain[PLAIN_ROOM];
	lzma_options_lzma options;
	lzma_stream stream = LZMA_STREAM_INIT;
	struct blob tree = {NULL, 0};

	rig_noise(plain, 0x20000, release);
	memset(plain + 0x20000, 'k', 0x20000);
	if (with_tree)
		tree = boards_tree(board);
	if (tree.len)
		memcpy(plain + 0x40000, tree.at, tree.len);
	lzma_lzma_preset(&options, 0);
	ck_assert_int_eq(lzma_alone_encoder(&stream, &options), LZMA_OK);
	stream.next_in = plain;
	stream.avail_in = 0x40000 + tree.len;
	stream.next_out = out;
	stream.avail_out = KERNEL_ROOM;
	ck_assert_int_eq(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
	lzma_end(&stream);
	free(tree.at);
	return KERNEL_ROOM - stream.avail_out;
}

/* "key=value" of the image recipe; NULL: it has none. */
static const char *recipe(const json_t *board, const char *key)
{
	const char *at = strstr(boards_text(board, "signs"), key);

	return at ? at + strlen(key) : NULL;
}

static void text_until(const char *from, const char *end, char *to, size_t room)
{
	size_t n = strcspn(from, end);

	snprintf(to, room, "%.*s", (int)(n < room ? n : room - 1), from);
}

static void put_uimage(uint8_t *h, size_t len, const json_t *board, const char *name)
{
	const char *magic = recipe(board, "uimage magic="), *own = recipe(board, "uimage name=");
	char text[33];

	memset(h, 0, 64);
	put_be32(h, magic ? (uint32_t)strtoul(magic, NULL, 0) : 0x27051956);
	put_be32(h + 12, (uint32_t)len);
	put_be32(h + 24, np_crc32(0, h + 64, len));
	memcpy(h + 28, "\x05\x05\x02\x03", 4);
	text_until(own && !strchr(own, '\\') ? own : name, ";", text, sizeof(text));
	memcpy(h + 32, text, strlen(text));
	put_be32(h + 4, np_crc32(0, h, 64));
}

/* The vendor's header around `len` bytes; returns its length. */
static size_t put_header(uint8_t *h, size_t len, const json_t *board, const char *name, bool write)
{
	const char *v1 = recipe(board, "tplink v1 hwid="), *v2 = recipe(board, "tplink v2 hwid=");
	const char *seama = recipe(board, "seama signature="), *id = v1 ? v1 : v2;
	char *end = NULL, text[64];
	uint32_t number = id ? (uint32_t)strtoul(id, &end, 0) : 0;
	uint32_t revision = end && *end == '/' ? (uint32_t)strtoul(end + 1, NULL, 0) : 1;
	size_t header = id ? 0x200 : seama ? 0x60 : 64;

	if (!write)
		return header;
	if (v1) {
		memset(h, 0, header);
		put_be32(h, 0x01000000);
		memcpy(h + 4, "TP-LINK Technologies\0\0\0\0ver. 1.0", 32);
		put_be32(h + 0x40, number);
		put_be32(h + 0x44, revision);
		put_be32(h + 0x7c, (uint32_t)(header + len));
		put_be32(h + 0x80, (uint32_t)header);
		put_be32(h + 0x84, (uint32_t)len);
	} else if (v2) {
		memset(h, 0, header);
		put_le32(h, 2);
		memcpy(h + 4, "ver. 2.0", 8);
		put_le32(h + 0x34, number);
		put_le32(h + 0x38, revision);
		h[0x90] = 0xa5;
	} else if (seama) {
		text_until(seama, ";", text, sizeof(text));
		memset(h, 0, header);
		put_be32(h, 0x5ea3a417);
		h[7] = 0x54;
		put_be32(h + 8, (uint32_t)len);
		snprintf((char *)h + 12, 0x54, "signature=%s", text);
	} else {
		put_uimage(h, len, board, name);
	}
	return header;
}

/* The list of products that stock firmware keeps where the facts say. */
static void put_support_list(uint8_t *image, const json_t *board)
{
	const json_t *stock = json_object_get(board, "stock");
	const char *title = boards_text(board, "title"), *version = strrchr(title, 'v');
	char *at;

	for (size_t i = 0; i < json_array_size(stock); i++) {
		const json_t *part = json_array_get(stock, i);

		if (strcmp(json_string_value(json_array_get(part, 0)), "support-list") != 0)
			continue;
		if (strncmp(title, "TP-Link ", 8) != 0 || !version)
			return;
		at = (char *)image + json_integer_value(json_array_get(part, 1));
		memset(at, 0, 8);
		sprintf(at + 8,
		        "SupportList:\n{product_name:%.*s,product_ver:%d.0.0,special_id:45550000}\n",
		        (int)(version - title - 9), title + 8, atoi(version + 1));
	}
}

static bool put_firmware(uint8_t *image, const json_t *board, enum compose_variant variant,
                         uint64_t release)
{
	const json_t *parts = json_object_get(board, "parts"), *part = NULL;
	static uint8_t kernel[KERNEL_ROOM];
	size_t len, room, header, root;
	uint8_t *at;

	/* What begins at 0 under that name is a boot loader (ESPRESSObin). */
	for (size_t i = 0; i < json_array_size(parts) && !part; i++) {
		const json_t *one = json_array_get(parts, i);

		if (is_firmware(boards_text(one, "label")) && boards_number(one, "start") &&
		    boards_number(one, "len") >= FIRMWARE_LEAST)
			part = one;
	}
	if (!part)
		return false;
	at = image + boards_number(part, "start");
	room = boards_number(part, "len");
	memset(at, 0xff, room);
	if (variant == COMPOSE_STOCK) {
		rig_noise(at, room * 7 / 8, release);
		put_header(at, 0x80000, board, "Linux Kernel Image", true);
		put_support_list(image, board);
		return true;
	}
	len = make_kernel(kernel, board, variant == COMPOSE_TREE, release);
	header = put_header(NULL, len, board, "", false);
	memcpy(at + header, kernel, len);
	put_header(at, len, board, "MIPS OpenWrt Linux-6.12.40", true);
	root = (header + len + 0xffff) & ~(size_t)0xffff;
	rig_noise(at + root, (room - root) / 2 + release % 3 * 4096, release + 1);
	return true;
}

bool compose_image(uint8_t *image, const json_t *board, enum compose_variant variant, uint64_t unit,
                   uint64_t release, struct compose_places *places)
{
	struct unit u = {.image = image,
	                 .size = compose_size(board),
	                 .seed = unit,
	                 .mac = {0x40, 0x9b, 0xcd},
	                 .mediatek = is_mediatek(board),
	                 .places = places};

	places->count = 0;
	rig_noise(u.mac + 3, 3, unit);
	u.mac[3] |= 1;
	memset(image, 0xff, u.size);
	rig_noise(image, 0x8000, seed_of(boards_text(board, "board")));
	memcpy(image + 0x7000, "U-Boot 1.1.3 (Mar  3 2015 - 11:11:11)", 38);
	if (!put_firmware(image, board, variant, release))
		return false;
	put_unit(&u, board, true);
	put_unit(&u, board, false);
	return true;
}
