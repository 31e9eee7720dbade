/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flashes of PCs and Chromebooks, composed from the public descriptions of their maps. */
#ifndef NP_TESTS_PC_H
#define NP_TESTS_PC_H

#include <stddef.h>
#include <stdint.h>

struct pc_region {
	unsigned number;
	uint32_t start, len;
};

/* A flash descriptor in flash[0..4 KiB) with a table of 16. */
void pc_put_descriptor(uint8_t *flash, const struct pc_region *regions, size_t count);

/* Two copies of 4 KiB with this MAC and right sums. */
void pc_put_gbe(uint8_t *gbe, const uint8_t mac[6]);

struct pc_area {
	const char *name;
	uint32_t start, len;
};

void pc_put_fmap(uint8_t *fmap, uint32_t flash_size, const struct pc_area *areas, size_t count);

/* A VPD area of `len` bytes with these pairs of key and value; NULL ends. */
void pc_put_vpd(uint8_t *vpd, size_t len, const char *const *pairs);

void pc_put_gbb(uint8_t *gbb, const char *hwid);

#endif
