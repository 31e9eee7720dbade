/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of one unit's own data a write would destroy, by what chip and image hold and by nothing
 * else: no profile, no name. Pure. */
#ifndef NP_DEVICE_LOSS_H
#define NP_DEVICE_LOSS_H

#include "device/marks.h"

struct unit_loss {
	struct np_range at;
	char what[80];
};

struct unit_losses {
	struct unit_loss *at; /* owned; by start */
	size_t count;
	struct np_ranges ranges; /* owned: all of it, merged */
	bool told; /* the chip's contents tell where this unit's data lie (unit_marks_tell()) */
};

struct unit_view {
	const uint8_t *have, *want; /* chip-sized; `want` is FFh where the chip is erased */
	uint64_t size;
	const struct np_ranges *known; /* where both are true; NULL: everywhere */
	bool described; /* a map that is certain says what is this unit's: then an island must be
	                 an address to count */
	const struct np_ranges *firmware; /* not unit data by a map that is certain; may be NULL */
};

/*
 * Marks of unit data in `have` (unit_marks_find()) that `want` holds otherwise, and small islands
 * of difference: bytes like an address or a number inside a 4 KiB block that is otherwise alike, or
 * a few bytes in one that is otherwise blank. Blank bytes are no loss. Contents of whole firmware
 * images with a right checksum, and of file systems, are left aside. NP_E_MEMORY. Free with
 * unit_losses_free() in any case.
 */
int unit_losses_find(const struct unit_view *view, struct unit_losses *losses,
                     struct np_error *err);
void unit_losses_free(struct unit_losses *losses);

#endif
