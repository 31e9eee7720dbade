/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device trees in a flash or a file: plain, in a FIT, or inside compressed kernels (LZMA, XZ, gzip,
 * zstd) behind whatever headers. Pure; works on bytes in memory. Bounded: see the figures below.
 */
#ifndef NP_IMAGE_TREE_H
#define NP_IMAGE_TREE_H

#include "image/image.h"

#define IMAGE_TREES_MAX    16            /* trees kept */
#define IMAGE_TREE_MAX     (1u << 20)    /* bytes of one tree */
#define IMAGE_UNPACKED_MAX (64ull << 20) /* bytes unpacked of all streams together */
#define IMAGE_STREAM_MAX   (16u << 20)   /* bytes unpacked of one, and a quarter of the image's */
#define IMAGE_STREAMS_MAX  8             /* streams unpacked */

struct image_tree {
	uint8_t *fdt; /* owned; fdt_is_sound() */
	size_t len;
	uint64_t at;   /* in the image: where the tree begins, or the stream that holds it */
	uint64_t end;  /* in the image: where that tree or stream ends */
	uint64_t into; /* in the unpacked stream; 0 for a plain one */
	char from[32]; /* "plain", "in a FIT", "in an LZMA stream", ... */
};

struct image_trees {
	struct image_tree at[IMAGE_TREES_MAX]; /* in address order */
	size_t count;
	bool more;       /* there were more of them, or a bound was met */
	char unread[48]; /* a stream could not be looked into, because this build lacks the
	                     library ("zstd"); "" when none */
};

/* Find the sound trees whose root names a device: plain ones anywhere (of a FIT those it holds, not
 * itself), and those inside compressed streams. Streams are unpacked in address order until one
 * holds a tree, and not at all where a plain tree has the map of an SPI NOR flash already; what a
 * sound squashfs holds is passed over. A stream that is cut or damaged is searched as far as it
 * goes. NP_E_MEMORY. Free with image_trees_free() in any case. */
int image_find_trees(const uint8_t *data, size_t len, struct image_trees *trees,
                     struct np_error *err);
void image_trees_free(struct image_trees *trees);

#endif
