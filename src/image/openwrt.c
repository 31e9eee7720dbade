/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/openwrt.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

#define TRAILER        16u /* magic, CRC, type, size with itself */
#define TRAILER_HEADER 8u  /* version and flags, both 0, in front of the JSON */
#define TYPE_SIGNATURE 0
#define TYPE_METADATA  1
#define CHAIN_MAX      4

/* Names are compared with those of boards and go to terminals: a word, or nothing. */
static bool take_word(const json_t *value, char *to, size_t room)
{
	const char *text = json_string_value(value);
	size_t len = text ? strlen(text) : 0;

	if (!len || len >= room)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isprint((unsigned char)text[i]))
			return false;
	memcpy(to, text, len + 1);
	return true;
}

static void add_device(const json_t *value, struct openwrt_devices *devices)
{
	char word[sizeof(devices->at[0])];

	if (!take_word(value, word, sizeof(word))) {
		devices->more |= json_is_string(value);
		return;
	}
	for (size_t i = 0; i < devices->count; i++)
		if (strcmp(devices->at[i], word) == 0)
			return;
	if (devices->count == OPENWRT_DEVICES)
		devices->more = true;
	else
		memcpy(devices->at[devices->count++], word, sizeof(word));
}

static json_t *parse(const uint8_t *json, size_t len)
{
	size_t at = 0;

	while (at < len && isspace(json[at]))
		at++;
	if (len > OPENWRT_JSON_MAX || at == len || json[at] != '{')
		return NULL;
	return json_loadb((const char *)json, len, 0, NULL);
}

bool openwrt_parse_metadata(const uint8_t *json, size_t len, struct openwrt_devices *devices)
{
	json_t *root = parse(json, len);
	const json_t *lists[2] = {json_object_get(root, "new_supported_devices"),
	                          json_object_get(root, "supported_devices")};

	*devices = (struct openwrt_devices){.compat_version = "1.0"};
	/* From compat_version 1.1 on the old list holds a text for people with the new one beside it. */
	for (size_t i = 0; i < 2 && !devices->count; i++)
		for (size_t n = 0; n < json_array_size(lists[i]); n++)
			add_device(json_array_get(lists[i], n), devices);
	take_word(json_object_get(json_object_get(root, "version"), "board"), devices->board,
	          sizeof(devices->board));
	take_word(json_object_get(root, "compat_version"), devices->compat_version,
	          sizeof(devices->compat_version));
	json_decref(root);
	return devices->count;
}

/* Early ones have no header. */
static bool parse_chunk(const uint8_t *chunk, size_t len, struct openwrt_devices *devices)
{
	size_t skip =
		len > TRAILER_HEADER && bytes_all(chunk, TRAILER_HEADER, 0) ? TRAILER_HEADER : 0;

	return openwrt_parse_metadata(chunk + skip, len - skip, devices);
}

bool openwrt_find_metadata(const uint8_t *file, size_t len, struct openwrt_devices *devices)
{
	for (unsigned i = 0; i < CHAIN_MAX && len >= TRAILER; i++) {
		const uint8_t *trailer = file + len - TRAILER;
		size_t size = be32(trailer + 12), body;

		if (memcmp(trailer, "FWx0", 4) != 0 || size < TRAILER || size > OPENWRT_JSON_MAX ||
		    size > len)
			break;
		body = size - TRAILER;
		if (trailer[8] == TYPE_METADATA)
			return parse_chunk(trailer - body, body, devices);
		if (trailer[8] != TYPE_SIGNATURE)
			break;
		len -= size;
	}
	*devices = (struct openwrt_devices){0};
	return false;
}

bool openwrt_parse_board(const uint8_t *json, size_t len, struct openwrt_devices *devices)
{
	json_t *root = parse(json, len);
	const json_t *model = json_object_get(root, "model");

	*devices = (struct openwrt_devices){0};
	add_device(json_object_get(model, "id"), devices);
	take_word(json_object_get(model, "name"), devices->model, sizeof(devices->model));
	json_decref(root);
	return devices->count;
}
