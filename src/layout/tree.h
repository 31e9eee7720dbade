/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a flattened device tree tells: which device it is for, how that device's SPI NOR flash is
 * divided, and where in it this unit's own data lie. Pure; the tree is untrusted and checked first.
 */
#ifndef NP_LAYOUT_TREE_H
#define NP_LAYOUT_TREE_H

#include "layout/layout.h"

#define TREE_NAMES 8

/* The root node's `compatible` list, most special first ("dlink,dir-842-c1", "qca,qca9563"), and
 * `model`. Only the first names one device; the others are its relatives and its SoC. */
struct tree_identity {
	char compatible[TREE_NAMES][LAYOUT_NAME_MAX];
	size_t count;
	char model[160];
};

/* False when the tree is not sound or its root names nothing. */
bool tree_identity(const uint8_t *fdt, size_t len, struct tree_identity *identity);

/*
 * The map below the tree's `jedec,spi-nor` node as a layout: regions (those that nest become
 * groups), this unit's data by the consumers of its nvmem cells, addresses derived from a stored
 * one. `flash_size` in bytes, or 0 when it is not known: where a device has several flashes, the
 * map that ends there is taken, else the first one. A tree without any such node gives the first
 * `fixed-partitions` there is, with `doubt` set.
 *
 * layout->name is the device's first compatible string, or `name` where it has none; `name` also
 * stands in front of messages. layout->profile is true when anything in it is this unit's own.
 * layout->size is 0: a tree does not say how big the flash is.
 * Errors: NP_E_INPUT: not sound, or no map in it; NP_E_MEMORY. Free with layout_free().
 */
int layout_from_tree(const uint8_t *fdt, size_t len, const char *name, uint64_t flash_size,
                     struct layout *layout, struct np_error *err);

#endif
