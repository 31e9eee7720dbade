/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what is known of a board - partitions, places of unit data and who uses them - to a layout.
 * Device trees and the table of boards both go this way, so that one board is one layout whichever
 * told. Inside src/layout only.
 */
#ifndef NP_LAYOUT_FACTS_H
#define NP_LAYOUT_FACTS_H

#include "layout/build.h"

#define FACTS_CELLS 96
#define FACTS_USES  192
#define FACTS_STOCK 48

enum facts_kind {
	FACTS_NONE, /* not this unit's own: firmware of a PHY, a boot selector */
	FACTS_MAC,  /* 6 bytes, or 12 or 17 characters */
	FACTS_CAL,  /* calibration of a radio, whatever its format */
	FACTS_ENV,  /* somewhere in a U-Boot environment, which lies at start, len */
};

struct facts_cell {
	uint64_t start, len; /* absolute */
	enum facts_kind kind;
	unsigned field; /* FACTS_MAC: which of the MAC fields it became, from 1 */
};

/* `name` uses the MAC of a cell plus an offset. */
struct facts_use {
	char name[LAYOUT_NAME_MAX];
	size_t cell;
	int offset;
};

/* A partition of the vendor's own firmware. */
struct facts_stock {
	char name[LAYOUT_NAME_MAX];
	uint64_t start, len;
};

struct facts {
	struct layout_build *build;
	struct facts_cell cells[FACTS_CELLS];
	struct facts_use uses[FACTS_USES];
	struct facts_stock stock[FACTS_STOCK];
	size_t cell_count, use_count, stock_count;
};

/* NULL and NP_E_MEMORY in *err when there is no memory. */
struct facts *facts_begin(const char *name, struct layout *layout, struct np_error *err);

/* `len` 0: to the end of the flash. */
int facts_part(struct facts *facts, const char *label, size_t label_len, uint64_t start,
               uint64_t len, struct np_error *err);

/* What a user calls a cell ("mac-address", "eeprom"), or else the cell's own name, says what it is.
 */
enum facts_kind facts_kind_of(const char *word, size_t len);

/* What a partition's name says of it: a boot loader; what an update replaces; this unit's data,
 * though no driver of OpenWrt's reads any there. */
bool facts_is_boot(const char *name);
bool facts_is_firmware(const char *name);
bool facts_is_unit_name(const char *name);

/* Add a place; *index is the cell's, for facts_use(). What there is no room for makes the layout
 * doubtful. */
void facts_cell(struct facts *facts, const struct facts_cell *told, size_t *index);
void facts_use(struct facts *facts, const char *user, size_t user_len, size_t cell, int offset);

/* How the vendor's own firmware divides the flash. Its names work beside OpenWrt's: of one region as
 * its alias, of a part of one as a region in it, which is kept as that is. Where both divide across
 * each other OpenWrt's stands, and the layout's `doubt` tells. */
void facts_stock(struct facts *facts, const char *name, size_t name_len, uint64_t start,
                 uint64_t len);

/* Finish unless `rc` is an error already; frees the facts. The layout counts as a profile when
 * anything in it is this unit's own. */
int facts_end(struct facts *facts, int rc, struct layout *layout, struct np_error *err);

#endif
