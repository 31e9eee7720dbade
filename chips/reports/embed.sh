#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Turns the hardware reports in this folder into C strings.
echo '/* Made by chips/reports/embed.sh; do not edit. */'
echo '#include "store/hwreport.h"'
echo 'const char *const hwreport_builtin[] = {'
for file in "$@"; do
	awk '{ gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); printf "\t\"%s\\n\"\n", $0 }' "$file"
	echo '	,'
done
echo '	0,'
echo '};'
