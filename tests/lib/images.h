/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flashes and files that the gates judge. All are the caller's to free. */
#ifndef TESTS_LIB_IMAGES_H
#define TESTS_LIB_IMAGES_H

#include <stddef.h>
#include <stdint.h>

#define UPGRADE_LEN  0x200000u
#define UPGRADE_BOOT 0x20000u /* behind the header of 512 bytes */

/* A U-Boot image with a MIPS kernel. */
uint8_t *kernel(size_t *len);

/* A TP-Link upgrade file with a boot loader inside. Its sum is not right, which is a warning. */
uint8_t *upgrade(size_t *len);

/* A flash of no known device: noise, and with `forms` a calibration block of its own. */
uint8_t *stranger(uint32_t seed, int forms);

/* The flash of a PC: descriptor, management engine, BIOS from `bios_at` to the end. */
uint8_t *pc_flash(uint32_t seed, uint32_t bios_at);

#endif
