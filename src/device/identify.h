/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict on a file or a dump: what it is, which device it is from or for, where it belongs.
 * Pure; made from what src/image finds in it and from the profiles. */
#ifndef NP_DEVICE_IDENTIFY_H
#define NP_DEVICE_IDENTIFY_H

#include "image/image.h"
#include "image/openwrt.h"
#include "image/tree.h"

enum image_kind {
	IMAGE_UNKNOWN,
	IMAGE_BLANK,
	IMAGE_FULL_DUMP,           /* of `profile` */
	IMAGE_FULL_DUMP_UNKNOWN,   /* a boot loader in front and unit data: some device's whole
	                            flash */
	IMAGE_DUMP_AND_MORE,       /* a full dump with something behind it, or the same twice */
	IMAGE_BOOT_AND_FIRMWARE,   /* boot loader and firmware, no unit data: vendor recovery, or a
	                            cut dump */
	IMAGE_VENDOR_UPGRADE,      /* TP-Link header or safeloader */
	IMAGE_VENDOR_UPGRADE_BOOT, /* the same with a boot loader inside */
	IMAGE_OPENWRT_SYSUPGRADE,
	IMAGE_OPENWRT_FACTORY,
	IMAGE_KERNEL,
	IMAGE_ROOTFS,
	IMAGE_BOOT_LOADER,
	IMAGE_CALIBRATION,
	IMAGE_DEVICE_TREE,
	IMAGE_PC_FIRMWARE,
	IMAGE_CAPSULE,        /* a vendor's header of `strip` bytes in front of an image */
	IMAGE_VENDOR_PACKAGE, /* an update program or package that norprog cannot take apart */
	IMAGE_PACKED,         /* an archive, or a compressed file */
	IMAGE_HEX,            /* Intel HEX, S-records */
	IMAGE_FOREIGN,        /* a web page, a document, a program, text */
	IMAGE_SWAPPED,        /* a dump in another order of bytes or bits, or shifted */
};

struct image_report {
	enum image_kind kind;
	char text[200]; /* one line for people: "full dump of TP-Link Archer MR200 v1" */
	char why[500];  /* what makes us think so */
	char profile[LAYOUT_NAME_MAX]; /* built-in profile of the device it is from or for, or "" */
	bool has_place;                /* where it belongs on that device's chip */
	uint64_t place;
	char region[LAYOUT_NAME_MAX]; /* the region that begins there, or "" */
	uint64_t strip; /* leading bytes (vendor header, boot loader) that do not go to `place` */
	uint64_t body;  /* of a capsule: length of the image in it; 0: to the end */
	char mend[96];  /* the command that makes an image of it, with FILE for its name; or "" */
	bool truncated; /* says itself that it should be longer */
	bool damaged;   /* a checksum is wrong */
	struct openwrt_devices devices; /* that a sysupgrade's metadata or a board.json names */
	struct image_parts parts;
};

/* NP_E_MEMORY. Free with image_report_free() in any case. */
int image_identify(const uint8_t *data, size_t len, struct image_report *report,
                   struct np_error *err);

/* The same with the trees of the image, already found: kernels are not unpacked again. */
int image_identify_with(const uint8_t *data, size_t len, const struct image_trees *trees,
                        struct image_report *report, struct np_error *err);
void image_report_free(struct image_report *report);

/* "full-dump", "vendor-upgrade", ...: for --json. */
const char *image_kind_name(enum image_kind kind);

#endif
