/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "image/probe.h"
#include "image/unpack.h"
#include "layout/tree.h"

#define TREE_MAGIC 0xd00dfeed
#define TREE_MIN   72 /* a header of version 17, an empty list of reservations, a root */
#define NESTED     2  /* streams in streams: a loader that is packed with its kernel */
#define TRIES      64 /* what looks like a tree and is none, before the search is given up */

struct search {
	struct image_trees *trees;
	uint64_t budget; /* bytes that may still be unpacked */
	uint64_t
		most; /* of one stream, which is held twice: unpacked, and as the library's dictionary */
	unsigned streams, tries;
	bool mapped; /* a tree has an SPI NOR flash's map */
	struct np_error *err;
};

/* Where the bytes that are being searched come from. */
struct source {
	const uint8_t *data;
	size_t len;
	uint64_t at;  /* in the image; of a stream: its beginning */
	uint64_t end; /* of the stream, in the image */
	int kind;     /* enum unpack_kind, or -1 for the image itself */
	int depth;
};

/* ---- trees ---- */

static bool has_map(const uint8_t *fdt, size_t len)
{
	struct layout layout;
	struct np_error ignored;
	bool yes;

	if (layout_from_tree(fdt, len, "tree", 0, &layout, &ignored))
		return false;
	yes = !layout.doubt[0] || strncmp(layout.doubt, "partitions", 10) == 0;
	layout_free(&layout);
	return yes;
}

static void describe(struct image_tree *tree, const struct source *source, bool in_fit)
{
	if (source->kind >= 0)
		snprintf(tree->from, sizeof(tree->from), "in %s stream",
		         source->kind == UNPACK_GZIP   ? "a gzip"
		         : source->kind == UNPACK_ZSTD ? "a zstd"
		         : source->kind == UNPACK_XZ   ? "an XZ"
		                                       : "an LZMA");
	else
		snprintf(tree->from, sizeof(tree->from), "%s", in_fit ? "in a FIT" : "plain");
}

/* Takes over `fdt`. */
static void keep_tree(struct search *s, const struct source *source, size_t at, uint8_t *fdt,
                      size_t len, bool in_fit)
{
	struct image_tree *tree = &s->trees->at[s->trees->count++];

	tree->fdt = fdt;
	tree->len = len;
	tree->at = source->kind < 0 ? at : source->at;
	tree->end = source->kind < 0 ? at + len : source->end;
	tree->into = source->kind < 0 ? 0 : at;
	describe(tree, source, in_fit);
	s->mapped |= has_map(fdt, len);
}

/* The tree of `len` bytes at `at`, if it is one and names a device; *kept tells. It is copied first,
 * because libfdt reads trees at multiples of eight only, and in a flash they lie anywhere. */
static int try_tree(struct search *s, const struct source *source, size_t at, size_t len,
                    bool in_fit, bool *kept)
{
	struct tree_identity identity;
	uint8_t *copy;

	*kept = false;
	if (s->trees->count == IMAGE_TREES_MAX || s->tries == TRIES) {
		s->trees->more = true;
		return 0;
	}
	copy = malloc(len);
	if (!copy)
		return np_fail(s->err, NP_E_MEMORY, "out of memory for a device tree");
	memcpy(copy, source->data + at, len);
	*kept = tree_identity(copy, len, &identity);
	if (*kept) {
		keep_tree(s, source, at, copy, len, in_fit);
	} else {
		s->tries++;
		free(copy);
	}
	return 0;
}

static int find_plain(struct search *s, const struct source *source)
{
	const uint8_t *data = source->data;
	size_t fit_end = 0;
	int rc = 0;

	for (size_t at = 0; at + TREE_MIN <= source->len && !rc && !s->trees->more; at++) {
		/* Several times as quick as a search for all four bytes of the magic. */
		const uint8_t *found = memchr(data + at, TREE_MAGIC >> 24, source->len - at);
		uint32_t total;
		bool kept = false;

		if (!found || source->len - (size_t)(found - data) < TREE_MIN)
			break;
		at = (size_t)(found - data);
		if (be32(found) != TREE_MAGIC)
			continue;
		total = be32(found + 4);
		if (total < TREE_MIN || total > source->len - at || be32(found + 20) != 17)
			continue;
		if (total <= IMAGE_TREE_MAX)
			rc = try_tree(s, source, at, total, at < fit_end, &kept);
		/* A FIT is a tree that names no device; those it holds lie inside. */
		if (kept)
			at += total - 1;
		else if (at + total > fit_end)
			fit_end = at + total;
	}
	return rc;
}

/* ---- streams ---- */

static int search_in(struct search *s, const struct source *source);

static int search_stream(struct search *s, const struct source *source, size_t at,
                         enum unpack_kind kind)
{
	struct unpacked out = {.max = s->budget < s->most ? s->budget : s->most};
	size_t before = s->trees->count;
	struct source inside = {.at = source->kind < 0 ? at : source->at,
	                        .kind = (int)kind,
	                        .depth = source->depth + 1};
	int rc;

	if (!unpack_can(kind)) {
		snprintf(s->trees->unread, sizeof(s->trees->unread), "%s", unpack_name(kind));
		return 0;
	}
	rc = unpack_stream(kind, source->data + at, source->len - at, &out, s->err);
	s->streams++;
	s->budget -= out.len;
	inside.end = source->kind < 0 ? at + out.used : source->end;
	inside.data = out.at;
	inside.len = out.len;
	if (!rc && out.len)
		rc = search_in(s, &inside);
	free(out.at);
	/* Cut by a bound of ours, and nothing found in it. */
	s->trees->more |= !out.whole && out.len == out.max && s->trees->count == before;
	return rc;
}

/* How far to the next byte that may begin a stream; what a squashfs holds is none of ours: its
 * blocks are streams, too, thousands of them. */
static size_t skip_over(const struct source *source, size_t at)
{
	struct image_part part = {.start = at};

	if (source->data[at] == 'h' && probe_squashfs(source->data, source->len, at, &part))
		return part.truncated ? source->len - at : (size_t)part.len;
	return 1;
}

/* The first bytes of LZMA (two), gzip, XZ and zstd streams and of a squashfs, each with 1 + the second
 * byte. Every byte of an image is asked, hence a table. */
static const uint16_t begins[256] = {[0x5d] = 1 + 0x00, [0x6d] = 1 + 0x00, [0x1f] = 1 + 0x8b,
                                     [0xfd] = 1 + '7',  [0x28] = 1 + 0xb5, ['h'] = 1 + 's'};

static int find_streams(struct search *s, const struct source *source)
{
	size_t before = s->trees->count;
	int rc = 0;

	for (size_t at = 0; at + 32 <= source->len && !rc; at += skip_over(source, at)) {
		enum unpack_kind kind;

		while (at + 32 <= source->len &&
		       begins[source->data[at]] != 1 + source->data[at + 1])
			at++;
		if (at + 32 > source->len)
			break;
		if (!unpack_begins(source->data + at, source->len - at, &kind))
			continue;
		if (s->streams == IMAGE_STREAMS_MAX || !s->budget) {
			s->trees->more = true;
			break;
		}
		rc = search_stream(s, source, at, kind);
		if (s->trees->count > before)
			break;
	}
	return rc;
}

static int search_in(struct search *s, const struct source *source)
{
	size_t before = s->trees->count;
	int rc = find_plain(s, source);

	/* A boot loader's own tree is plain and tells no map: the kernel's is looked for then. */
	if (rc || s->mapped || source->depth == NESTED ||
	    (source->depth && s->trees->count > before))
		return rc;
	return find_streams(s, source);
}

int image_find_trees(const uint8_t *data, size_t len, struct image_trees *trees,
                     struct np_error *err)
{
	struct search s = {.trees = trees,
	                   .budget = IMAGE_UNPACKED_MAX,
	                   .most = IMAGE_STREAM_MAX + len / 4,
	                   .err = err};
	struct source image = {.data = data, .len = len, .kind = -1};

	*trees = (struct image_trees){0};
	return search_in(&s, &image);
}

void image_trees_free(struct image_trees *trees)
{
	for (size_t i = 0; i < trees->count; i++)
		free(trees->at[i].fdt);
	*trees = (struct image_trees){0};
}
