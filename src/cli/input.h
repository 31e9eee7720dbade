/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The FILE argument of write, restore and verify: a full dump, exactly the selected bytes, a piece
 * for
 * --at, a folder of REGION.bin, or a partial backup with its manifest.
 */
#ifndef NP_CLI_INPUT_H
#define NP_CLI_INPUT_H

#include "cli/select.h"
#include "cli/session.h"

/* A chip-sized image; only the bytes inside `covers` mean anything. */
struct image {
	uint8_t *data; /* owned */
	struct np_ranges covers;
};

/* Can the file be used at all? Called before any programmer is opened. `size` receives its length,
 * 0 for a folder. Errors: NP_E_INPUT (missing, unreadable, empty, neither file nor folder). */
int image_check(const char *path, uint64_t *size, struct np_error *err);

/*
 * Load `path` for the selection. `own_places`: the file may say itself where it belongs (folder,
 * partial backup), and then a selection of everything shrinks to that. Free with image_free() in
 * any case. Errors: NP_E_INPUT, NP_E_SIZE (the hint names the option that would make sense),
 * NP_E_RANGE (the file does not hold what was selected), NP_E_MEMORY.
 */
int image_load(struct session *session, const char *path, bool own_places, struct selection *sel,
               struct image *image, struct np_error *err);

void image_free(struct image *image);

#endif
