/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dumps that another tool wrote in another order: bytes swapped in words of two or four, bits
 * reversed, bits inverted. Each of these undoes itself. Pure.
 */
#ifndef NP_IMAGE_TRANSFORM_H
#define NP_IMAGE_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum transform {
	TRANSFORM_NONE,
	TRANSFORM_SWAP2,
	TRANSFORM_SWAP4,
	TRANSFORM_MIRROR,
	TRANSFORM_INVERT
};

/* "bytes swapped in pairs", ... */
const char *transform_name(enum transform transform);

/* The command that undoes it: "image swap FILE 2", ... */
const char *transform_command(enum transform transform);

/* In place. What is left over behind the last whole word of a swap stays as it is. */
void transform_apply(enum transform transform, uint8_t *data, size_t len);

/* What has to be applied so that texts and structures of firmware appear of which there are none
 * now. TRANSFORM_NONE: there are some as it is, or nothing helps, or there is no memory for a copy
 * of the first TRANSFORM_LOOK bytes. */
#define TRANSFORM_LOOK ((size_t)8 << 20)
enum transform transform_guess(const uint8_t *data, size_t len);

#endif
