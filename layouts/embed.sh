#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Turns profile files into C: each packed with gzip, sorted by name.
set -eu
echo '/* Made by layouts/embed.sh from layouts/; do not edit. */'
echo '#include "layout/builtin.h"'
n=0
for file; do
	echo "static const unsigned char packed_${n}[] = {"
	gzip -9nc "$file" | od -An -v -tx1 | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
	echo '};'
	n=$((n + 1))
done
echo 'const struct layout_builtin layout_builtins[] = {'
n=0
for file; do
	printf '\t{ "%s", packed_%s, sizeof(packed_%s), %s },\n' "$(basename "$file" .ini)" $n $n $(($(wc -c < "$file")))
	n=$((n + 1))
done
echo '	{ 0, 0, 0, 0 },'
echo '};'
echo 'const char *const layout_builtin_list[] = {'
for file; do
	printf '\t"%s",\n' "$(basename "$file" .ini)"
done
echo '	0,'
echo '};'
