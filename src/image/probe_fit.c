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
#define SUM_MAX    64
#define FRONT      (64u << 10) /* the images come in front of all that is long */

/* The bytes of an image: in the tree, or behind it. *size is set, too, where they are behind the end
 * of what is here, and the FIT then ends with them. */
static const uint8_t *find_data(const uint8_t *fit, size_t room, int node, size_t *size,
                                struct image_part *part)
{
	const fdt32_t *offset, *length;
	const uint8_t *data;
	int len = 0;
	uint64_t start = (fdt_totalsize(fit) + 3u) & ~3u;

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
		start = 0;
	}
	if (!offset || len != 4)
		return NULL;
	*size = fdt32_to_cpu(*length);
	start += fdt32_to_cpu(*offset);
	if (start > FIT_MAX || *size > FIT_MAX)
		return NULL;
	if (start + *size > part->len)
		part->len = start + *size;
	part->truncated |= start + *size > room;
	return start + *size > room ? NULL : fit + start;
}

static void sum_crc32(const void *data, size_t len, uint8_t *sum)
{
	uint32_t crc = np_crc32(0, data, len);

	for (int i = 0; i < 4; i++)
		sum[i] = (uint8_t)(crc >> (24 - 8 * i));
}

static const struct algorithm {
	const char *name;
	int len;
	void (*sum)(const void *data, size_t len, uint8_t *sum);
} algorithms[] = {
	{"crc32", 4, sum_crc32},       {"md5", 16, np_md5},           {"sha1", 20, np_sha1},
	{"sha256", 32, np_sha256_raw}, {"sha512", 64, np_sha512_raw},
};

/* Nothing is said of algorithms that are not known here. */
static enum image_check check_hash(const uint8_t *fit, int node, const uint8_t *data, size_t size)
{
	int algo_len = 0, len = 0;
	const char *algo = fdt_getprop(fit, node, "algo", &algo_len);
	const uint8_t *value = fdt_getprop(fit, node, "value", &len);
	uint8_t sum[SUM_MAX];

	if (!algo || algo_len < 4 || algo[algo_len - 1] || !value)
		return CHECK_NONE;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		if (strcmp(algo, algorithms[i].name) != 0 || len != algorithms[i].len)
			continue;
		algorithms[i].sum(data, size, sum);
		return memcmp(sum, value, (size_t)len) == 0 ? CHECK_GOOD : CHECK_BAD;
	}
	return CHECK_NONE;
}

static void check_image(const uint8_t *fit, size_t room, int node, struct image_part *part)
{
	size_t size = 0;
	const uint8_t *data = find_data(fit, room, node, &size, part);
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

/* Of a tree whose end is not here only that it has images can be told. */
static bool is_cut_fit(const uint8_t *fit, size_t room, struct image_part *part)
{
	static const uint8_t images[] = {0, 0, 0, FDT_BEGIN_NODE, 'i', 'm', 'a', 'g', 'e', 's', 0};

	if (be32(fit + 4) > FIT_MAX || !fdt_is_cut(fit, room) ||
	    !memmem(fit, room < FRONT ? room : FRONT, images, sizeof(images)))
		return false;
	part->kind = PART_FIT;
	part->len = be32(fit + 4);
	part->truncated = true;
	snprintf(part->text, sizeof(part->text), "a part of it");
	return true;
}

bool probe_fit(const uint8_t *data, size_t len, size_t at, struct image_part *part)
{
	const uint8_t *fit = data + at;
	size_t room = len - at, total;
	int images, node, count = 0;

	if (room < 40 || be32(fit) != 0xd00dfeed)
		return false;
	total = be32(fit + 4);
	if (total > room)
		return is_cut_fit(fit, room, part);
	if (total < 40 || total > FIT_MAX || !fdt_is_sound(fit, total))
		return false;
	images = fdt_path_offset(fit, "/images");
	if (images < 0)
		return false;
	part->kind = PART_FIT;
	part->len = total;
	for (node = fdt_first_subnode(fit, images); node >= 0 && count < IMAGES_MAX;
	     node = fdt_next_subnode(fit, node), count++)
		check_image(fit, room, node, part);
	/* What is here may be as it should; the rest is not. */
	if (part->truncated && part->check == CHECK_GOOD)
		part->check = CHECK_NONE;
	if (!part->text[0])
		snprintf(part->text, sizeof(part->text), "%d images", count);
	return true;
}
