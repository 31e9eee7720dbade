/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recognition: whose flash a dump (or what was read from a chip) is, and why. Only contents count,
 * never a file's name. Only an identity names a device (device/evidence.h): trees before headers
 * and signs, and these before fields that stand together; what contradicts puts out. An identity
 * may fit several devices: then all are named, and their layout is used only if they share it. What
 * many devices share is counted as a score and lists relatives: see recognise_family().
 */
#ifndef NP_DEVICE_RECOGNISE_H
#define NP_DEVICE_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "device/evidence.h"
#include "layout/layout.h"

#define RECOGNISE_ENOUGH 6
#define RECOGNISE_ALSO   6

struct recognition {
	char name[LAYOUT_NAME_MAX]; /* of a profile or board, as -l takes it, or of the tree's own
	                             device; "": of none */
	char device[160];           /* for people: "TP-Link Archer C7 v2", "A or B" */
	char why[400];              /* what spoke for it, or why it is of none */
	bool by_tree;    /* the flash's own device tree named it: recognise_load() uses its map */
	bool boot_blank; /* the boot loader's place is blank: no whole dump */
	uint64_t flash_size; /* of the device's own flash; differs where the chip was replaced by
	                        a bigger one; 0: not known */
	char also[RECOGNISE_ALSO][LAYOUT_NAME_MAX]; /* others that the same evidence fits */
	size_t also_count;
	bool ambiguous; /* `also` is not empty: do not trust `name` alone */
	bool alike;     /* but all of them divide the flash the same way: the layout is certain */
	struct evidence_list evidence;
};

/* Whose flash is it? NP_E_MEMORY. */
int recognise_dump(const uint8_t *image, size_t len, struct recognition *result,
                   struct np_error *err);

/* The same with the device trees that image_find_trees() found in this image, or in a longer one that
 * begins with it: unpacking kernels takes most of the time. NULL: they are looked for. */
int recognise_dump_with(const uint8_t *image, size_t len, const struct image_trees *trees,
                        struct recognition *result, struct np_error *err);
int recognise_load_with(const struct recognition *found, const uint8_t *image, size_t len,
                        const struct image_trees *trees, struct layout *layout,
                        struct np_error *err);

/*
 * The layout of what was recognised in `image`: the profile's or the board's, with the unit data
 * that the flash's own tree names besides. On a bigger flash than the device's, unit data at the
 * old flash's end are looked for where they were and at the new end; layout->doubt says so. Errors:
 * NP_E_MEMORY, NP_E_INPUT. The caller frees the layout.
 */
int recognise_load(const struct recognition *found, const uint8_t *image, size_t len,
                   struct layout *layout, struct np_error *err);

/* Is it certain how the flash is divided: by one name, or by several whose layouts are alike? */
static inline bool recognise_certain(const struct recognition *found)
{
	return found->name[0] && (!found->ambiguous || found->alike);
}

/* Is this a region that a firmware upgrade replaces ("firmware", "rootfs")? */
bool recognise_is_firmware(const struct layout_region *region);

/* ---- a chip, in steps ---- */

/* Read these ranges of the chip into `image` at their own addresses. */
typedef int recognise_read(void *ctx, const struct np_ranges *places, uint8_t *image,
                           struct np_error *err);

/*
 * Whose chip is it, reading little: the signs at fixed places first, then only what the short list
 * needs; at most RECOGNISE_READ_MAX bytes before it is clear that nothing fits. A device tree in a
 * compressed kernel is not looked for. `image` has `size` bytes, all FFh. Errors: NP_E_MEMORY,
 * those of `read`.
 */
#define RECOGNISE_READ_MAX 0x4000
int recognise_chip(uint64_t size, uint8_t *image, recognise_read *read, void *ctx,
                   struct recognition *result, struct np_error *err);

/* Places where kernels begin on flashes of this size, then what of them must be read for the device
 * tree: for whoever needs a name and got none from recognise_chip(). Errors: as there. */
int recognise_chip_tree(uint64_t size, uint8_t *image, recognise_read *read, void *ctx,
                        struct recognition *result, struct np_error *err);

/* The places that recognise_chip() looks at first, whole 4 KiB blocks: for whoever takes the rest
 * of a chip on trust. NP_E_MEMORY. */
int recognise_places(uint64_t size, struct np_ranges *places, struct np_error *err);

/* ---- family ---- */

/*
 * Score one layout by what many share: a plausible MAC 2 (as text 5), calibration that begins with
 * its chip number 4 (blank: -1, another number: -3), an IMEI 6 (a placeholder 4), a PIN 2, a hint
 * at an exact address or of 20 bytes and more 4, a shorter one 2. Negative: out, and `why` says
 * what is wrong.
 */
int recognise_score(const struct layout *layout, const uint8_t *image, size_t len, char *why,
                    size_t why_len);

struct recognise_family {
	char names[RECOGNISE_ALSO][LAYOUT_NAME_MAX]; /* some of them */
	size_t name_count, count;
};

/* Boards that divide a flash of this size so that what is there fits. NP_E_MEMORY. */
int recognise_family(const uint8_t *image, size_t len, struct recognise_family *family,
                     struct np_error *err);

/* Do both layouts divide the flash the same way, with the same unit data? */
bool recognise_same_map(const struct layout *a, const struct layout *b);

#endif
