/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map that a chip carries itself (image/pc_map.h), read from it in a few small reads. */
#ifndef NP_DEVICE_CHIP_MAP_H
#define NP_DEVICE_CHIP_MAP_H

#include "device/recognise.h"

#define CHIP_MAP_NAME "the chip's own map"

/*
 * Descriptor: 32 bytes, and 4 KiB where those call for it. FMAP: eight bytes at each 64 KiB of the chip,
 * or of the BIOS region where a descriptor says which that is; where `thorough`, or what is on the chip,
 * makes it worth the time, then at half the distance until one is found, down to 4 KiB. AMD's and
 * coreboot's directories: four bytes at a few places, and what these point to. Then the areas that hold a
 * unit's values. `thorough`: the map is needed, since regions are named. `image` has `size` bytes, FFh
 * where nothing was read yet. *found is false when the chip carries no sound map. Errors: NP_E_MEMORY,
 * those of `read`.
 */
int chip_map_read(uint64_t size, bool thorough, uint8_t *image, recognise_read *read, void *ctx,
                  struct layout *layout, bool *found, struct np_error *err);

#endif
