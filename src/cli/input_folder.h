/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders of region files, as `read` writes them for several regions. */
#ifndef NP_CLI_INPUT_FOLDER_H
#define NP_CLI_INPUT_FOLDER_H

#include "cli/input.h"

/*
 * Put each NAME.bin of the folder in its place: NAME is a region of the layout, or a range like
 * 0x7d0000-0x7dffff, or else NAME.bin.json says where it came from. Errors: NP_E_INPUT (no such
 * file, a name without a place, two files for the same bytes), NP_E_SIZE (longer or shorter than
 * its region).
 */
int image_load_folder(struct session *session, const char *path, struct image *image,
                      struct np_error *err);

#endif
