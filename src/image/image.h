/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in a flash image or a firmware file: structures found by signature and checked by length
 * and checksum; contents by region; differences;
 * edits. All of it works on bytes in memory (the command maps files), prints nothing and never
 * guesses by file name.
 */
#ifndef NP_IMAGE_IMAGE_H
#define NP_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "layout/layout.h"
#include "base/ranges.h"

/* ---- structures ---- */

enum image_part_kind {
	PART_TPLINK_V1,    /* header of 512 bytes and what it covers; BE fields */
	PART_TPLINK_V2,    /* version 2 or 3; LE or BE fields */
	PART_SAFELOADER,   /* TP-Link upgrade file with a fwup-ptn table */
	PART_SAFE_TABLE,   /* safeloader partition table in flash: the real map */
	PART_SUPPORT_LIST, /* product_name, product_ver */
	PART_UIMAGE,
	PART_SQUASHFS,
	PART_JFFS2,     /* a run of nodes */
	PART_JFFS2_END, /* OpenWrt's end-of-filesystem mark */
	PART_UBI,
	PART_UBOOT,      /* version string */
	PART_UBOOT_ENV,  /* environment with a right CRC */
	PART_PARTITIONS, /* "partitions=" or "mtdparts=" text */
	PART_FDT,
	PART_FMAP,
	PART_IFD,
	PART_MTK_CAL,
	PART_ATH_CAL,
	PART_LZMA,
	PART_SEAMA,
	PART_TRX,
	PART_FWTOOL, /* OpenWrt metadata at the end of a sysupgrade file */
	PART_UEFI,   /* a UEFI firmware volume: its header, and the files in it */
	PART_FIT,    /* a device tree that holds images with their hashes */
	PART_CBFS,   /* coreboot's files, one behind the other */
	PART_AMD,    /* directory of a processor's or a BIOS's parts */
};

enum image_check {
	CHECK_NONE, /* the format carries none, or it covers what is not here */
	CHECK_GOOD,
	CHECK_BAD,
};

struct image_part {
	enum image_part_kind kind;
	uint64_t start, len; /* len 0: the format does not say */
	enum image_check check;
	bool truncated; /* says it is longer than the image goes on */
	bool elsewhere; /* truncated, and by the map in front the flash goes on in a second chip */
	uint32_t id;    /* TP-Link: hardware id; calibration: chip number; uImage: type */
	uint32_t extra; /* TP-Link: boot loader's length inside; UBOOT_ENV: size */
	char text[128]; /* version, name, compression, ... */
};

struct image_parts {
	struct image_part *at; /* owned; by start */
	size_t count, room;
};

/* Find structures, at any alignment. One pass; contents of a sound squashfs are not looked into. At
 * most IMAGE_PARTS_MAX are kept. NP_E_MEMORY. */
#define IMAGE_PARTS_MAX 512
int image_scan(const uint8_t *data, size_t len, struct image_parts *parts, struct np_error *err);
void image_parts_free(struct image_parts *parts);

/* "TP-Link v2 header", "uImage", ... */
const char *image_part_name(enum image_part_kind kind);

/* Does this part's sum say that its bytes are wrong, though nothing that runs from a flash changes
 * them? A vendor's upgrade header covers the file, not what a flash holds later, and does not count. */
bool image_part_damaged(const struct image_part *part);

/* Does it go on behind the end of the data, by a header that is not there by chance? */
bool image_part_cut(const struct image_part *part);

/* ---- contents ---- */

enum image_class { CLASS_BLANK, CLASS_ZERO, CLASS_TEXT, CLASS_DATA, CLASS_DENSE };

struct image_stat {
	uint64_t blank, zero;   /* bytes FFh and 00h */
	double entropy;         /* bits per byte, 0..8; 7.9 and more is compressed or encrypted */
	enum image_class class; /* what most of it is */
};

void image_stat(const uint8_t *data, size_t len, struct image_stat *stat);
const char *image_class_name(enum image_class class);

/* Texts that tell versions and maps, in address order; `found` returns false to stop. `text` is
 * valid during the call and printable. */
void image_strings(const uint8_t *data, size_t len,
                   bool (*found)(void *ctx, uint64_t at, const char *text), void *ctx);

/* ---- differences ---- */

struct image_island {
	uint64_t start, len; /* from the first to the last differing byte */
	uint64_t bytes;      /* that differ */
	bool unit;           /* looks like, or is by the layout, this unit's own */
	char guess[64];      /* why: "mac", "MAC address", "15 digits", "calibration", or "" */
};

struct image_diff {
	uint64_t bytes;               /* that differ */
	uint64_t first;               /* address of the first; meaningless when bytes is 0 */
	struct image_island *islands; /* owned; differences closer than 64 bytes are one island */
	size_t count;
	bool more; /* islands beyond IMAGE_ISLANDS_MAX were left out */
};

#define IMAGE_ISLANDS_MAX 4096

/* Compare two images of one length. `layout` (may be NULL) helps to tell unit data. NP_E_MEMORY. */
int image_diff(const uint8_t *a, const uint8_t *b, size_t len, const struct layout *layout,
               struct image_diff *diff, struct np_error *err);
void image_diff_free(struct image_diff *diff);

/* Differing bytes inside a range. */
uint64_t image_differing(const uint8_t *a, const uint8_t *b, struct np_range range);

/* ---- edits ---- */

/* Put a file into a region of an image: exactly the region's size, or shorter with `pad` (the rest
 * becomes FFh). NP_E_SIZE naming both sizes. */
int image_merge(uint8_t *image, size_t len, const struct layout_region *region, const uint8_t *file,
                size_t file_len, bool pad, struct np_error *err);

/* The length without the FFh at the end, rounded up to `align` (1: none). */
uint64_t image_trimmed(const uint8_t *data, size_t len, uint64_t align);

/* ---- pictures ---- */

/* Text that grows; owned by the caller, freed with image_text_free(). */
struct image_text {
	char *at;
	size_t len, room;
	bool failed; /* out of memory: the text is cut */
};

/* One self-contained SVG of the flash map: regions to scale, what each stretch holds, unit data
 * marked, islands of `diff` (may be NULL). `layout` may be NULL. NP_E_MEMORY. */
int image_svg(const uint8_t *data, size_t len, const struct layout *layout,
              const struct image_diff *diff, const char *title, struct image_text *out,
              struct np_error *err);

/* A field whose value differs, as text. */
#define IMAGE_CHANGE_TEXT 160
struct image_change {
	const char *name;
	char was[IMAGE_CHANGE_TEXT], is[IMAGE_CHANGE_TEXT];
	bool unit; /* this unit's own */
};

/* What an image is compared with. */
struct image_other {
	const uint8_t *data; /* as long as the image */
	const struct image_change *changes;
	size_t change_count;
};

/* The same as one HTML page with the picture and a table of regions; no scripts, nothing from
 * elsewhere. With `diff` and `other` (either may be NULL) also fields that differ, and the first
 * bytes of each block that does. */
int image_html(const uint8_t *data, size_t len, const struct layout *layout,
               const struct image_diff *diff, const struct image_other *other, const char *title,
               struct image_text *out, struct np_error *err);

void image_text_free(struct image_text *text);

#endif
