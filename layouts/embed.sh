#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Turns profile files into C: one string per file, sorted by name.
echo '/* Made by layouts/embed.sh from layouts/; do not edit. */'
echo '#include "layout/builtin.h"'
echo 'const struct layout_builtin layout_builtins[] = {'
for file in "$@"; do
	printf '\t{ "%s",\n' "$(basename "$file" .ini)"
	awk '{ gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); printf "\t\t\"%s\\n\"\n", $0 }' "$file"
	printf '\t},\n'
done
echo '	{ 0, 0 },'
echo '};'
echo 'const char *const layout_builtin_list[] = {'
for file in "$@"; do
	printf '\t"%s",\n' "$(basename "$file" .ini)"
done
echo '	0,'
echo '};'
