/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the computer behind a spidev node is: which nodes are a part of it, and which clock it makes.
 * Pure: device trees come as bytes. */
#ifndef NP_DRIVERS_SPIDEV_HOST_H
#define NP_DRIVERS_SPIDEV_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What hangs on the node `name` ("spidev10.0") when that is the computer's own: "the boot EEPROM of
 * this Raspberry Pi 5". NULL when nothing known does. `board` and `device` are the `compatible`
 * properties of the tree's root and of the node's device: names that each end with a NUL, of `len`
 * bytes in all (0: not known). Returns a static string.
 * Numbers from Linux: bcm2712 names its SPI10 for the boot EEPROM (arch/arm64/boot/dts/broadcom).
 */
const char *spidev_host_own(const char *name, const char *board, size_t board_len,
                            const char *device, size_t device_len);

/*
 * The clock that comes out when `asked_hz` is asked of a controller that divides `core_hz` by even
 * numbers from 2 to 65536, as those of all Raspberry Pis do; rounded up to whole Hz, so that asking for
 * the result gives the same divider. Numbers from Linux: spi-bcm2835.c, spi-dw-core.c.
 */
uint32_t spidev_divided_hz(uint32_t core_hz, uint32_t asked_hz);

/* What is divided on this board: *fixed_hz is 200 MHz for the RP1 of a Raspberry Pi 5, and 0 where it is
 * the core clock of an older one, which the firmware chooses. False: not such a board. */
bool spidev_is_divided(const char *name, const char *board, size_t board_len, uint32_t *fixed_hz);

/* What `list` calls the bus, with the clock that it really makes where that is known. `core_hz` 0: only
 * root may see it. */
void spidev_bus_text(bool divided, uint32_t core_hz, char *buf, size_t len);

#endif
