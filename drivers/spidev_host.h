/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which spidev nodes are a part of the computer itself. Pure: device trees come as bytes. */
#ifndef NP_DRIVERS_SPIDEV_HOST_H
#define NP_DRIVERS_SPIDEV_HOST_H

#include <stddef.h>

/*
 * What hangs on the node `name` ("spidev10.0") when that is the computer's own: "the boot EEPROM of
 * this Raspberry Pi 5". NULL when nothing known does. `board` and `device` are the `compatible`
 * properties of the tree's root and of the node's device: names that each end with a NUL, of `len`
 * bytes in all (0: not known). Returns a static string.
 * Numbers from Linux: bcm2712 names its SPI10 for the boot EEPROM (arch/arm64/boot/dts/broadcom).
 */
const char *spidev_host_own(const char *name, const char *board, size_t board_len,
                            const char *device, size_t device_len);

#endif
