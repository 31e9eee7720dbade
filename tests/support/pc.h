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

struct pc_amd_entry {
	uint8_t type;
	uint32_t start, len;
};

enum pc_amd_mode { PC_AMD_PHYSICAL, PC_AMD_OFFSET, PC_AMD_TABLE };

/* AMD's checksum of a directory, over an even count of bytes. */
uint32_t pc_fletcher32(const uint8_t *p, size_t len);

/* AMD's embedded firmware structure at `at`, which points to these directories. */
void pc_put_efs(uint8_t *flash, uint32_t size, uint32_t at, uint32_t psp, uint32_t bios);

/* A directory of the processor ("$PSP", "$PL2") or of the BIOS ("$BHD", "$BL2"), its sum right. */
void pc_put_amd_dir(uint8_t *flash, uint32_t size, uint32_t at, const char *cookie,
                    enum pc_amd_mode mode, const struct pc_amd_entry *entries, size_t count);

/* coreboot's CBFS master header at `at`, and the pointer at the flash's end. */
void pc_put_master_header(uint8_t *flash, uint32_t size, uint32_t at, uint32_t start, uint32_t end,
                          uint32_t boot);

#endif
