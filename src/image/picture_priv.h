/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the picture and the page around it share. */
#ifndef NP_IMAGE_PICTURE_PRIV_H
#define NP_IMAGE_PICTURE_PRIV_H

#include "image/image.h"

#define NAME_MOST 1024 /* of a name or a title, bytes */

/* Append; a lack of memory is kept in `out` and returned by picture_finish(). */
void picture_put(struct image_text *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Names come from files: they are printed as on a terminal, and nothing in them becomes markup. */
const char *picture_escaped(const char *text, char *buf, size_t len);

/* How many regions lie inside the image. */
size_t picture_rows(const struct layout *layout, size_t len);

void picture_put_svg(struct image_text *out, const uint8_t *data, size_t len,
                     const struct layout *layout, const struct image_diff *diff, const char *title);

int picture_finish(struct image_text *out, struct np_error *err);

#endif
