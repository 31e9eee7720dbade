/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The GbE region of an Intel PC flash: two copies of 4 KiB, each with the MAC in its first 6 bytes
 * and a word at 7Eh that makes the sum of words 0 to 3Fh BABAh. The controller takes whichever copy
 * is valid. (Public: Intel's 82579 and I217 data sheets, NVM map; flashrom's ich_descriptors_tool.)
 */
#ifndef NP_DEVICE_GBE_H
#define NP_DEVICE_GBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/idnum.h"

#define GBE_COPY_LEN 0x1000u

/* The MAC of the first copy of `len` bytes at `gbe` whose sum is right, else of the first that is
 * not blank. NULL when all is well, else what is wrong ("blank", "checksum wrong", "the two copies
 * hold different addresses"). */
const char *gbe_read_mac(const uint8_t *gbe, size_t len, uint8_t mac[IDNUM_MAC_LEN]);

bool gbe_has_valid_copy(const uint8_t *gbe, size_t len);

/* Put the MAC into each copy that is not blank and make its sum right; a copy whose sum was wrong gets
 * the other words of the valid one. False, and nothing is written, when all copies are blank: there
 * is nothing to put it into. */
bool gbe_write_mac(uint8_t *gbe, size_t len, const uint8_t mac[IDNUM_MAC_LEN]);

#endif
