/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile proposed from dumps of a device that is not described yet. Pure. */
#ifndef NP_DEVICE_LEARN_H
#define NP_DEVICE_LEARN_H

#include "base/err.h"
#include "image/image.h"

#define LEARN_MAX 8 /* dumps at once */

struct learn_dump {
	const uint8_t *data;
	const char *name; /* for the remark where the facts come from */
};

/*
 * The text of a profile (doc/PROFILES.md) for a flash of `len` bytes: the map that the first dump
 * carries (its device tree, or a table in it), what looks like unit data in it, signs that name the
 * device, and with dumps of several units what differs between them in few bytes. It is a proposal:
 * every guess has its `doubt`. Errors: NP_E_INPUT (`len` is no flash's size, all blank),
 * NP_E_MEMORY. Free the text with image_text_free() in any case.
 */
int learn_profile(const struct learn_dump *dumps, size_t count, size_t len, struct image_text *text,
                  struct np_error *err);

#endif
