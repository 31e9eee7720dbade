#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Turns layouts/boards.txt into C: its maps, its cells and its boards, one string a line.
table() {
	echo "const char *const $2[] = {"
	awk -v kind="$1" '$1 == kind { gsub(/\\/, "\\\\"); printf "\t\"%s\",\n", substr($0, 3) }' "$3"
	echo '};'
	echo "const unsigned $2_count = $(grep -c "^$1 " "$3");"
}
echo '/* Made by layouts/embed-boards.sh from layouts/boards.txt; do not edit. */'
echo '#include "layout/board_table.h"'
table V board_sources "$1"
table M board_maps "$1"
table C board_cells "$1"
table B board_rows "$1"
