/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What speaks against putting a file on a chip, by the manifest beside it. Only facts: what is
 * refused, and what lifts the refusal, is decided above.
 */
#ifndef NP_STORE_TRUST_H
#define NP_STORE_TRUST_H

#include "store/manifest.h"

enum trust_kind {
	TRUST_FILE,       /* the file is not what its manifest says: its length or SHA-256 */
	TRUST_SEGMENT,    /* a piece that is asked for is not: its own SHA-256 */
	TRUST_UNSTABLE,   /* reads of it never agreed */
	TRUST_ASSUMED,    /* never read: only --base says what it holds */
	TRUST_ONE_READ,   /* read once: a bit that flipped on the way would not have been seen */
	TRUST_SUSPICIOUS, /* contents that a bad contact often reads */
	TRUST_OTHER_CHIP, /* made from a chip of another JEDEC ID or size */
	TRUST_OTHER_UNIT, /* made from a chip of another unique ID */
	TRUST_KINDS,
};

struct trust_finding {
	bool found;
	struct np_ranges where; /* owned: on the chip, inside what was asked for; may be empty */
	char text[256];         /* what was found, half a sentence */
};

struct trust {
	bool has_manifest; /* else nothing is known, and nothing found */
	char path[NP_PATH_MAX];
	struct trust_finding at[TRUST_KINDS];
};

/*
 * Look at `path` and its manifest for what is to be taken from it: `only` (NULL: all it holds), for
 * the chip `info`. Reads the whole file. A file without a manifest is no error. Errors: NP_E_INPUT
 * (the file or the manifest cannot be read or understood), NP_E_MEMORY. Free in any case.
 */
int trust_examine(struct trust *trust, const char *path, const struct nor_info *info,
                  const struct np_ranges *only, struct np_error *err);
void trust_free(struct trust *trust);

#endif
