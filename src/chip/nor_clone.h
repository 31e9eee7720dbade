/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings of a chip that a board relies on, besides its contents: quad enable, driver strength,
 * the address mode at power-up. What of one chip's registers means the same on another. Pure.
 */
#ifndef NP_CHIP_NOR_CLONE_H
#define NP_CHIP_NOR_CLONE_H

#include "chip/nor_status.h"

enum nor_setting { NOR_SET_QUAD, NOR_SET_DRIVE, NOR_SET_ADDRESS, NOR_SETTINGS };

/* "quad enable (QE)", "driver strength", "4-byte address mode at power-up" */
const char *nor_setting_name(enum nor_setting setting);

/* Its value in these registers; false: this part has none, or it is not known where. */
bool nor_setting_get(const struct nor_chip *chip, const uint8_t sr[4], enum nor_setting setting,
                     uint8_t *value);

/*
 * Does a value mean on `to` what it means on `from`? Quad enable does wherever both have a bit for
 * it. The others are numbers of one maker's one part: only between rows of one name.
 */
bool nor_setting_alike(const struct nor_chip *from, const struct nor_chip *to,
                       enum nor_setting setting);

/* Change `sr`. Touches no other bit, and no one-time bit. False: this part has no such setting. */
bool nor_setting_put(const struct nor_chip *chip, uint8_t sr[4], enum nor_setting setting,
                     uint8_t value);

#endif
