/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The map that the flash of a PC or a Chromebook carries: Intel's descriptor, coreboot's FMAP or CBFS
 * master header, AMD's directories, or several as one layout, with the values of a unit that stand where they say: the MAC of the GbE
 * region, the keys of RO_VPD, the HWID of the GBB. Pure.
 */
#ifndef NP_IMAGE_PC_MAP_H
#define NP_IMAGE_PC_MAP_H

#include "layout/source.h"

#define PC_DESCRIPTOR  0x1000u /* bytes from the start of the flash */
#define PC_FMAP_ALIGN  0x1000u /* where an FMAP is looked for in a chip */
#define PC_FMAP_HEADER 56u
#define PC_FMAP_AREA   42u

/* Is there a flash descriptor at data[0]? */
bool pc_has_descriptor(const uint8_t *data, size_t len);

/* Where the flash ends that the descriptor at data[0] divides: behind `len` when it goes on in a second
 * chip, or when this is a part of it. 0: there is no descriptor. */
uint64_t pc_flash_end(const uint8_t *data, size_t len);

/* Does an FMAP begin at data[at], of this version and inside `len`? Returns its length, else 0. Of
 * an FMAP that is cut by `len` the header alone tells. */
size_t pc_fmap_len(const uint8_t *data, size_t len, size_t at);

/* The first FMAP that is sound and has an area in this flash. */
bool pc_fmap_find(const uint8_t *flash, size_t len, const char *name, struct layout *layout);

/* Have all bytes brought that pc_map_find() looks at for AMD's and coreboot's own maps: a few
 * hundred, in small pieces. *found: there is such a map. NP_E_MEMORY, those of `chip->need`. */
int pc_map_touch(const struct layout_reader *chip, bool *found, struct np_error *err);

/* The map of a whole flash. *found is false when it carries none that is sound. NP_E_MEMORY. */
int pc_map_find(const uint8_t *flash, size_t len, const char *name, struct layout *layout,
                bool *found, struct np_error *err);

#endif
