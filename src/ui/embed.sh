#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes a C file of the page, each of its files packed with gzip: embed.sh FILE... > pages.c
set -eu

type_of() {
	case $1 in
	*.html) echo 'text/html; charset=utf-8' ;;
	*.css) echo 'text/css; charset=utf-8' ;;
	*.js) echo 'text/javascript; charset=utf-8' ;;
	*.svg) echo 'image/svg+xml' ;;
	*) echo "embed.sh: what is $1?" >&2 && exit 1 ;;
	esac
}

echo '/* Made by src/ui/embed.sh. */'
echo '#include "ui/server.h"'
n=0
for file; do
	echo "static const unsigned char page_${n}[] = {"
	gzip -9nc "$file" | od -An -v -tx1 | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
	echo '};'
	n=$((n + 1))
done
echo 'const struct ui_page ui_pages[] = {'
n=0
for file; do
	name=/$(basename "$file")
	[ "$name" != /index.html ] || name=/
	echo "	{\"$name\", \"$(type_of "$file")\", page_$n, sizeof(page_$n)},"
	n=$((n + 1))
done
echo '	{0},'
echo '};'
