/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every board that OpenWrt runs from SPI NOR: names, map, this unit's own data, and the signs its
 * firmware files carry. Compiled in from layouts/boards.txt (format: doc/BOARDS.md), read-only;
 * nothing is parsed before it is asked for. The hand-written profiles (layout_load_builtin()) know
 * more about a device, and go first.
 */
#ifndef NP_LAYOUT_BOARD_H
#define NP_LAYOUT_BOARD_H

#include "layout/layout.h"

struct board {
	char compatible[LAYOUT_NAME_MAX]; /* OpenWrt's name: "dlink,dir-842-c1" */
	char title[96];                   /* "D-Link DIR-842 C1" */
	uint64_t size;                    /* of the flash in bytes; 0: not known */
};

/* Boards have indexes 0 .. board_count()-1, sorted by compatible string. */
size_t board_count(void);
void board_at(size_t index, struct board *board);

/* Boards whose first compatible string is this one: 0, 1, or a few (one device of two flash sizes
 * or with another boot loader). Fills up to `room` of `found`; returns how many there are. */
size_t board_find_compatible(const char *compatible, size_t *found, size_t room);

/* Boards that `name` means whatever the case: by title, compatible string, OpenWrt's own short name
 * ("dlink_dir-842-c1"), or a name older releases gave them. Names of its own go before older ones.
 * Fills up to `room` of `found`; returns how many there are. */
size_t board_find_name(const char *name, size_t *found, size_t room);

/* Does a title, compatible string or alias hold `part`, whatever the case? */
bool board_matches(size_t index, const char *part);

/* What a board's firmware is told by. */
enum board_sign {
	BOARD_TPLINK_V1,    /* header's "HWID.REVISION", 8 hex digits and hex: "07030101.1" */
	BOARD_TPLINK_V2,    /* the same */
	BOARD_SAFELOADER,   /* OpenWrt's name of the support list: "EAP225-V3" */
	BOARD_SIGNATURE,    /* of a SEAMA or WRGG header: "wrgac65_dlink.2015_dir842" */
	BOARD_UIMAGE_MAGIC, /* 8 hex digits, where it is not the usual 27051956 */
	BOARD_UIMAGE_NAME,  /* image name, where the vendor's loader asks for it; what is not
	                       printable is a '\\' and two hex digits */
	BOARD_OTHER,        /* "KEY=VALUE" of the image recipe: "NETGEAR_BOARD_ID=EX7300series" */
};

/* Boards that carry this sign (compared without case). Fills up to `room`; returns how many there
 * are: a sign that several boards share names none of them. */
size_t board_find_sign(enum board_sign kind, const char *value, size_t *found, size_t room);

/* The layout of the board that `name` means; *found is false, and the layout empty, when there is
 * none. Boards of one name and one map are one; else NP_E_INPUT names them. */
int board_load_named(const char *name, struct layout *layout, bool *found, struct np_error *err);

/* The board's layout: as layout_from_tree() makes it from the board's tree, plus aliases, title,
 * size, the stock firmware's names, and the places of unit data that only OpenWrt's start-up scripts
 * know: where both are at hand, this one keeps more. NP_E_MEMORY. Free with layout_free(). */
int board_load_layout(size_t index, struct layout *layout, struct np_error *err);

#endif
