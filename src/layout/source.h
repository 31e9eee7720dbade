/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layouts that come from elsewhere: partition strings, boot logs, tables inside a
 * dump. They name regions and know nothing of unit data. All of them take bytes in memory, are
 * bounded and checked, and fail with NP_E_INPUT; `name` is for messages. The layout is freed by the
 * caller with layout_free().
 */
#ifndef NP_LAYOUT_SOURCE_H
#define NP_LAYOUT_SOURCE_H

#include "layout/layout.h"

/* "mtdparts=ID:SIZE[@OFFSET](NAME)[ro],..." up to the first character that cannot belong to it;
 * only the first device. `flash_size` ends a partition of size "-"; 0: unknown, layout_fit() will.
 */
int layout_parse_mtdparts(const char *text, size_t len, uint64_t flash_size, const char *name,
                          struct layout *layout, struct np_error *err);

/* TP-Link's U-Boot variable: "partitions=" and offset, size (8 hex digits each) and name per
 * entry. */
int layout_parse_partitions(const char *text, size_t len, const char *name, struct layout *layout,
                            struct np_error *err);

/* A kernel's boot log, other lines in between and all: the partitions of the flash that it calls
 * `device` ("spi0.0"); NULL: of the only one. Lists that divide a partition are passed over. Also
 * NP_E_INPUT: several flashes and no `device`, or fewer partitions than the kernel announced. */
int layout_parse_bootlog(const char *text, size_t len, const char *device, const char *name,
                         struct layout *layout, struct np_error *err);

/* What U-Boot's command `mtdparts` prints; `device` ("nor0" or "spi0.0") as for a boot log, and the
 * same errors. */
int layout_parse_uboot_table(const char *text, size_t len, const char *device, const char *name,
                             struct layout *layout, struct np_error *err);

/* /proc/mtd, with whatever a forum post has around it. It tells sizes only: the partitions are
 * taken to follow each other from address 0, which `doubt` of the layout says. Also NP_E_INPUT: their
 * erase blocks differ, as those of several flashes do. */
int layout_parse_proc_mtd(const char *text, size_t len, const char *name, struct layout *layout,
                          struct np_error *err);

/* TP-Link's safeloader table: "partition NAME base 0x... size 0x..." lines. */
int layout_parse_safe_table(const char *text, size_t len, const char *name, struct layout *layout,
                            struct np_error *err);

/* coreboot's FMAP at data[0]; areas that hold others are groups. RO_VPD, RW_VPD, GBB and SI_GBE are
 * this unit's own. `flash_size` as for layout_parse_ifd(). */
int layout_parse_fmap(const uint8_t *data, size_t len, uint64_t flash_size, const char *name,
                      struct layout *layout, struct np_error *err);

/* The Intel flash descriptor in data[0..4 KiB): all regions, `regionN` where no name is known; the
 * GbE region is this unit's own, with its MAC as a field. `flash_size` ends what is kept of a map
 * over two chips, and `doubt` of the layout says so; 0: not known. */
int layout_parse_ifd(const uint8_t *data, size_t len, uint64_t flash_size, const char *name,
                     struct layout *layout, struct np_error *err);

/* A flash of which only what a parser asks for has to be there. */
struct layout_reader {
	const uint8_t *flash; /* `size` bytes */
	uint64_t size;
	/* Bring these bytes into `flash`; NULL: all are there. They lie within `size`. Its errors end
	 * the parsing and are handed on. */
	int (*need)(void *ctx, uint64_t start, uint64_t len, struct np_error *err);
	void *ctx;
};

/* AMD's embedded firmware structure and the directories that it points to. What the security
 * processor keeps (psp-nvram: the TPM's keys) is this unit's own. Directories whose checksum is
 * wrong are not followed. NP_E_INPUT: there is none that is sound. */
int layout_parse_amd(const struct layout_reader *from, const char *name, struct layout *layout,
                     struct np_error *err);

/* The length of an AMD directory at p, 0 where none begins; *sound: its checksum is right. */
size_t layout_amd_directory(const uint8_t *p, size_t len, bool *sound);

/* coreboot's CBFS master header, to which the flash's last four bytes point: the region `coreboot`,
 * with `cbfs` and `bootblock` in it where it has a boot block of its own. NP_E_INPUT: none. */
int layout_parse_cbfs(const struct layout_reader *from, const char *name, struct layout *layout,
                      struct np_error *err);

/* Two maps of one flash as one: the regions of `fine` lie within those of `coarse` or hold whole ones.
 * A name that both have goes to `coarse`. NP_E_INPUT when they cross each other, NP_E_MEMORY. */
int layout_join(const struct layout *coarse, const struct layout *fine, const char *name,
                struct layout *layout, struct np_error *err);

/* The layout as flashrom reads it: one "START:END name" line per region and group, into a
 * malloc()ed
 * text. NP_E_INPUT when one has no end yet. */
int layout_format_flashrom(const struct layout *layout, char **text, struct np_error *err);

#endif
