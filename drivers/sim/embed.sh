#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Turns the file of parts into C: its text without comments, and the names in it.
echo '/* Made by drivers/sim/embed.sh from drivers/sim/parts.txt; do not edit. */'
echo '#include "sim/norsim_part.h"'
echo 'const char norsim_builtin_text[] ='
awk '/^(part|prot) / { gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); printf "\t\"%s\\n\"\n", $0 }' "$1"
echo '	;'
echo 'const char *const norsim_builtin_names[] = {'
awk '$1 == "part" { printf "\t\"%s\",\n", $2 }' "$1"
echo '	0,'
echo '};'
