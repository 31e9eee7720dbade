/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of the `image` and `unit` commands: mapped, not read; their layout; and where
 * results go. */
#ifndef NP_CLI_MAPPED_FILE_H
#define NP_CLI_MAPPED_FILE_H

#include "cli/cli.h"
#include "image/open.h"
#include "image/tree.h"
#include "layout/layout.h"

struct image_file {
	const char *path;
	const uint8_t *data; /* read only: what the file holds, or the image that is packed in it */
	size_t len;
	const uint8_t *mapped; /* the file itself */
	size_t mapped_len;
	struct image_opened opened;
};

/* Map a file, and take the image out of it where it is packed or a hex file (image/open.h); _raw: the
 * file as it is. Errors: NP_E_INPUT (missing, unreadable, empty, a folder, damaged), NP_E_MEMORY. */
int image_file_open(struct image_file *file, const char *path, struct np_error *err);
int image_file_open_raw(struct image_file *file, const char *path, struct np_error *err);
void image_file_close(struct image_file *file);

/* A copy that may be changed; owned by the caller. */
int image_file_copy(const struct image_file *file, uint8_t **copy, struct np_error *err);

/*
 * The layout in force for these bytes: --layout, else the recognised profile, else the map found
 * inside. *has is false when there is none, which is no error. Says what was recognised. `layout`
 * is freed by the caller when *has. Errors: NP_E_INPUT, NP_E_SIZE, NP_E_RANGE (--layout that does
 * not fit).
 */
int image_file_layout(struct cli *cli, const uint8_t *data, size_t len, struct layout *layout,
                      bool *has, struct np_error *err);

/* What was found in an image already: kernels are unpacked once for all that ask. Owns nothing. */
struct image_found {
	const struct image_parts *parts;
	const struct image_trees *trees;
};

/* image_file_layout() with what was found. */
int image_file_layout_with(struct cli *cli, const uint8_t *data, size_t len,
                           const struct image_found *in, struct layout *layout, bool *has,
                           struct np_error *err);

/* The same, but none is an error that says what to do (NP_E_INPUT). */
int image_file_need_layout(struct cli *cli, const uint8_t *data, size_t len, struct layout *layout,
                           struct np_error *err);

/* Save a result under --output, or over `source` with --in-place. NP_E_USAGE when neither was
 * given; NP_E_OUTPUT. */
int image_file_save(struct cli *cli, const char *source, const uint8_t *data, size_t len,
                    struct np_error *err);

#endif
