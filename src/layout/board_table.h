/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of layouts/boards.txt (the arrays are generated; the format is doc/BOARDS.md). */
#ifndef NP_LAYOUT_BOARD_TABLE_H
#define NP_LAYOUT_BOARD_TABLE_H

extern const char *const board_sources[], *const board_maps[], *const board_cells[],
								       *const board_rows[];
extern const unsigned board_sources_count, board_maps_count, board_cells_count, board_rows_count;

#endif
