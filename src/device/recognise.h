/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recognition: which built-in profile a full dump (or what was read from a chip) belongs to, and
 * why. Only contents count, never a file's name. Pure.
 *
 * A profile is out when the size differs, a `need` sign is missing, the boot loader's first block
 * is blank, or a MAC field holds something that is no MAC. What is left is scored: a plausible MAC
 * 2 (written as text 5), calibration that begins with its chip number 4 (blank: -1, another number:
 * -3), an IMEI 6 (a placeholder 4), a PIN 2, a `hint` at an exact address or of 20 bytes and more
 * 4, a shorter one 2. At least RECOGNISE_ENOUGH and one strong sign are needed: a MAC alone is six
 * bytes that many things look like.
 */
#ifndef NP_DEVICE_RECOGNISE_H
#define NP_DEVICE_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "layout/layout.h"

#define RECOGNISE_ENOUGH 6
#define RECOGNISE_ALSO   6

struct recognition {
	const char *name; /* built-in profile, or NULL: nobody's */
	int score;
	char why[400]; /* what spoke for it; for nobody: the nearest miss and what spoke
	                  against it */
	int miss;      /* how much speaks for the nearest miss; 0: there is none */
	const char *also[RECOGNISE_ALSO]; /* others that fit as well */
	size_t also_count;
	bool ambiguous; /* `also` holds a profile with another map: do not trust `name` alone */
};

/* Score one layout. Negative: out, and `why` says what is wrong. */
int recognise_score(const struct layout *layout, const uint8_t *image, size_t len, char *why,
                    size_t why_len);

/* Try all built-in profiles. NP_E_MEMORY. */
int recognise_dump(const uint8_t *image, size_t len, struct recognition *result,
                   struct np_error *err);

/* Which bytes of a flash of `size` recognition looks at, whole 4 KiB blocks: enough to read when a
 * chip is to be recognised and nothing else is wanted from it. The rest may be left FFh.
 * NP_E_MEMORY. */
int recognise_places(uint64_t size, struct np_ranges *places, struct np_error *err);

/* What any built-in profile of a flash of `size` calls its unit's own. NP_E_MEMORY. */
int recognise_unit_data(uint64_t size, struct np_ranges *unit, struct np_error *err);

/* Do both layouts divide the flash the same way, with the same unit data? */
bool recognise_same_map(const struct layout *a, const struct layout *b);

#endif
