/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FIT images (public: U-Boot's doc/usage/fit): a device tree whose /images hold data and hashes. */
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "image/probe.h"
#include "layout/fdt_sound.h"

#define FIT_MAX    (64u << 20)
#define IMAGES_MAX 16
#define HASHES_MAX 8

/* The bytes of an image: in the tree, or behind it. */
static const uint8_t *find_data(const uint8_t *fit, size_t room, int node, size_t *size)
{
	const fdt32_t *offset, *length;
	const uint8_t *data;
	int len = 0;
	size_t base = (fdt_totalsize(fit) + 3u) & ~3u;

	data = fdt_getprop(fit, node, "data", &len);
	if (data && len > 0) {
		*size = (size_t)len;
		return data;
	}
	length = fdt_getprop(fit, node, "data-size", &len);
	if (!length || len != 4)
		return NULL;
	offset = fdt_getprop(fit, node, "data-offset", &len);
	if (!offset) {
		offset = fdt_getprop(fit, node, "data-position", &len);
		base = 0;
	}
	*size = fdt32_to_cpu(*length);
	if (!offset || len != 4 || base > room || fdt32_to_cpu(*offset) > room - base ||
	    *size > room - base - fdt32_to_cpu(*offset))
		return NULL;
	return fit + base + fdt32_to_cpu(*offset);
}

/* Nothing is said of algorithms that are not known here. */
static enum image_check check_hash(const uint8_t *fit, int node, const uint8_t *data, size_t size)
{
	int algo_len = 0, len = 0;
	const char *algo = fdt_getprop(fit, node, "algo", &algo_len);
	const uint8_t *value = fdt_getprop(fit, node, "value", &len);
	uint8_t sum[32];

	if (!algo || algo_len < 4 || algo[algo_len - 1] || !value)
		return CHECK_NONE;
	if (strcmp(algo, "crc32") == 0 && len == 4)
		return np_crc32(0, data, size) == be32(value) ? CHECK_GOOD : CHECK_BAD;
	if (strcmp(algo, "md5") == 0 && len == 16)
		np_md5(data, size, sum);
	else if (strcmp(algo, "sha256") == 0 && len == 32)
		np_sha256_raw(data, size, sum);
	else
		return CHECK_NONE;
	return memcmp(sum, value, (size_t)len) == 0 ? CHECK_GOOD : CHECK_BAD;
}

static void check_image(const uint8_t *fit, size_t room, int node, struct image_part *part)
{
	size_t size = 0;
	const uint8_t *data = find_data(fit, room, node, &size);
	int hash, count = 0;

	if (!data)
		return;
	for (hash = fdt_first_subnode(fit, node); hash >= 0 && count < HASHES_MAX;
	     hash = fdt_next_subnode(fit, hash), count++) {
		enum image_check check = check_hash(fit, hash, data, size);
		const char *name = fdt_get_name(fit, node, NULL);

		if (check == CHECK_BAD && part->check != CHECK_BAD)
			probe_text(part->text, sizeof(part->text), (const uint8_t *)name,
			           strnlen(name, 64));
		if (check != CHECK_NONE && part->check != CHECK_BAD)
			part->check = check;
	}
}

bool probe_fit(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *fit = data + at;
	size_t room = len - at, total;
	int images, node, count = 0;

	if (room < 40 || be32(fit) != 0xd00dfeed)
		return false;
	total = be32(fit + 4);
	if (total < 40 || total > FIT_MAX || total > room || !fdt_is_sound(fit, total))
		return false;
	images = fdt_path_offset(fit, "/images");
	if (images < 0)
		return false;
	part->kind = PART_FIT;
	part->len = total;
	for (node = fdt_first_subnode(fit, images); node >= 0 && count < IMAGES_MAX;
	     node = fdt_next_subnode(fit, node), count++)
		check_image(fit, room, node, part);
	if (!part->text[0])
		snprintf(part->text, sizeof(part->text), "%d images", count);
	return true;
}
