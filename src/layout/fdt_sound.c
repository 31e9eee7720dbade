/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout/fdt_sound.h"

#include <libfdt.h>
#include <string.h>

#include "base/bytes.h"

#define HEADER_LEN  40
#define VERSION     17
#define DEPTH_LIMIT 64

/* The two blocks that are walked. */
struct blocks {
	const uint8_t *structure, *strings;
	size_t structure_len, strings_len;
};

static bool inside(uint32_t start, uint32_t len, uint32_t total)
{
	return start <= total && len <= total - start;
}

static bool header_is_sound(const uint8_t *data, size_t len)
{
	uint32_t total, structure, reserved;

	if (len < HEADER_LEN || be32(data) != FDT_MAGIC || be32(data + 20) != VERSION ||
	    be32(data + 24) > VERSION)
		return false;
	total = be32(data + 4);
	structure = be32(data + 8);
	reserved = be32(data + 16);
	return total >= HEADER_LEN && structure % 4 == 0 && reserved % 8 == 0 &&
	       inside(structure, be32(data + 36), total) &&
	       inside(be32(data + 12), be32(data + 32), total) && inside(reserved, 16, total);
}

static bool find_blocks(const uint8_t *data, size_t len, struct blocks *b)
{
	if (!header_is_sound(data, len) || be32(data + 4) > len)
		return false;
	*b = (struct blocks){data + be32(data + 8), data + be32(data + 12), be32(data + 36),
	                     be32(data + 32)};
	return true;
}

static size_t aligned(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

/* Behind the name of a node; 0: it does not end. */
static size_t skip_name(const struct blocks *b, size_t at)
{
	const uint8_t *end =
		at < b->structure_len ? memchr(b->structure + at, 0, b->structure_len - at) : NULL;

	return end ? aligned((size_t)(end - b->structure) + 1) : 0;
}

static size_t skip_property(const struct blocks *b, size_t at)
{
	uint32_t len, name;

	if (b->structure_len - at < 8)
		return 0;
	len = be32(b->structure + at);
	name = be32(b->structure + at + 4);
	if (len > b->structure_len - at - 8 || name >= b->strings_len ||
	    !memchr(b->strings + name, 0, b->strings_len - name))
		return 0;
	return at + 8 + aligned(len);
}

static bool walk(const struct blocks *b)
{
	unsigned depth = 0;
	bool rooted = false;

	for (size_t at = 0; at <= b->structure_len && b->structure_len - at >= 4;) {
		uint32_t token = be32(b->structure + at);

		at += 4;
		if (token == FDT_END)
			return rooted && !depth;
		if (token == FDT_NOP)
			continue;
		/* One root, nothing behind it, properties only inside nodes. */
		if (token == FDT_BEGIN_NODE && (depth || !rooted) && depth < DEPTH_LIMIT) {
			at = skip_name(b, at);
			rooted = true;
			depth++;
		} else if (token == FDT_END_NODE && depth) {
			depth--;
			continue;
		} else if (token == FDT_PROP && depth) {
			at = skip_property(b, at);
		} else {
			return false;
		}
		if (!at)
			return false;
	}
	return false;
}

bool fdt_is_cut(const uint8_t *data, size_t len)
{
	size_t root = header_is_sound(data, len) ? be32(data + 8) : len;

	/* The root has no name. */
	return root < len && len - root >= 8 && be32(data + 4) > len &&
	       be32(data + root) == FDT_BEGIN_NODE && be32(data + root + 4) == 0;
}

bool fdt_is_sound(const uint8_t *data, size_t len)
{
	struct blocks b;

	return find_blocks(data, len, &b) && fdt_check_header(data) == 0 && walk(&b);
}
