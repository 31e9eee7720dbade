/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is an image what a flash holds, with other firmware? Pure. */
#ifndef NP_DEVICE_OWN_H
#define NP_DEVICE_OWN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * True when two images of one size differ as an upgrade makes them differ, and no dump of another
 * unit: in long runs of blocks that are filled from their beginning, as firmware is, never in the
 * first one, and something else is alike. A block with a hole in front of its contents, as
 * calibration and numbers stand, belongs to no upgrade. `have` is the flash. Equal images are no
 * upgrade but true as well.
 */
bool own_with_other_firmware(const uint8_t *have, const uint8_t *want, uint64_t size);

#endif
