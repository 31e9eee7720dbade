/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware files and flash dumps as real tools and real devices make them, for tests. */
#ifndef NP_TESTS_FIRMWARE_H
#define NP_TESTS_FIRMWARE_H

#include <stddef.h>
#include <stdint.h>

#include "support/rig.h"

/* Compressed firmware looks like this. */
#define firmware_noise rig_noise

struct blob {
	uint8_t *at; /* owned; freed with free() */
	size_t len;
};

/* Run a shell command that leaves its product in $OUT; dies with its message when it fails. */
struct blob firmware_run(const char *command);

struct blob firmware_uimage(size_t payload, const char *name);
struct blob firmware_squashfs(void);
struct blob firmware_jffs2(void);
struct blob firmware_dtb(void);

/* Headers written byte by byte from the public descriptions. `total` is what the header claims and,
 * when `pad`, what the file has. */
struct blob firmware_tplink_v1(uint32_t hwid, const char *vendor, size_t kernel, size_t rootfs,
                               size_t boot, size_t total);
struct blob firmware_tplink_v2(uint32_t hwid, uint32_t hwrev, int little, size_t kernel,
                               size_t rootfs, size_t total);
struct blob firmware_safeloader(size_t payload);

/* U-Boot of 128 KiB with this version line. */
struct blob firmware_uboot(const char *version);

/* A full dump of a built-in profile: boot loader, firmware with a right header, unit data. */
struct blob firmware_dump(const char *profile, unsigned unit);

void put_be32(uint8_t *p, uint32_t value);
void put_le32(uint8_t *p, uint32_t value);

#endif
