/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a file as people have it to the image in it: Intel HEX and S-records are read, gzip, xz, zstd
 * and zip with one file are unpacked, one in the other if need be. Bounded in memory; pure.
 */
#ifndef NP_IMAGE_OPEN_H
#define NP_IMAGE_OPEN_H

#include "base/err.h"
#include "base/ranges.h"
#include "image/wrap.h"

#define IMAGE_OPEN_MAX ((size_t)256 << 20) /* bytes unpacked: no SPI NOR is bigger */

struct image_opened {
	const uint8_t *data; /* the image: the file itself, or `owned` */
	size_t len;
	uint8_t *owned;
	struct np_ranges covers; /* owned: what a hex file names; empty: all of it */
	char from[96];           /* "gzip file", "zip archive, Intel HEX"; "" for the file itself */
	struct wrap wrap;        /* what is left around or instead of an image */
};

/*
 * Archives that cannot be opened here, capsules and foreign files stay as they are: `wrap` says what
 * they are. `name` is for messages; `file` must stay while the result is used. Free with
 * image_opened_free() in any case. Errors: NP_E_INPUT (a hex file or a stream that is damaged or cut,
 * a bomb), NP_E_MEMORY.
 */
int image_open(const uint8_t *file, size_t len, const char *name, struct image_opened *opened,
               struct np_error *err);
void image_opened_free(struct image_opened *opened);

#endif
