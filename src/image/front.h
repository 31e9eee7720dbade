/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in front of an image without a name of its own: an update program's header, or bytes
 * that came or went on the wire while a chip was read. Told by where the things behind it lie. Pure. */
#ifndef NP_IMAGE_FRONT_H
#define NP_IMAGE_FRONT_H

#include <stdbool.h>

#include "image/image.h"

/* The bytes in front of a PC's image: of a file a little longer than a flash, whose map is right once
 * they are gone; or of UEFI volumes that all begin equally far off a block's beginning. 0: none.
 * *body is that image's length, 0: to the end. */
uint64_t front_header(const uint8_t *data, size_t len, uint64_t *body);

/* Bytes that a dump has too many in front, or, negative, too few; 0: none. *at is what tells it. */
int front_shift(size_t len, const struct image_parts *parts, uint64_t *at);

/* A byte that was lost or doubled on the wire: what a boot loader looks for stands at odd places
 * alone. Such a dump starts no board, whatever can still be read in it. */
bool front_is_shifted(const struct image_parts *parts);

#endif
