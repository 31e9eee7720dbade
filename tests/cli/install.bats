#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What `make install` lays down, and that `make uninstall` and `make dist` keep their word.

load common

setup_file() {
	export STAGE=$BATS_FILE_TMPDIR/stage
	cd "$BATS_TEST_DIRNAME/../.." || return
	make -s install BUILD="$BUILD" DESTDIR="$STAGE" PREFIX=/opt/np LIBDIR=/opt/np/lib/multi UDEV_DIR=/opt/np/udev > /dev/null
}

@test "everything that belongs to it is installed, where it was told" {
	local share=$STAGE/opt/np/share
	[ -x "$STAGE/opt/np/bin/norprog" ]
	[ -e "$STAGE/opt/np/lib/multi/libnorprog.so" ]
	[ -e "$STAGE/opt/np/udev/60-norprog.rules" ]
	for file in bash-completion/completions/norprog zsh/site-functions/_norprog fish/vendor_completions.d/norprog.fish \
		man/man1/norprog.1 man/man1/norprog-write.1 doc/norprog/COPYING doc/norprog/README.md doc/norprog/cookbook.md \
		doc/norprog/how-to/add-a-chip.md doc/norprog/examples/restore_region.c; do
		[ -s "$share/$file" ] || { echo "$file is missing"; false; }
	done
	command -v avr-gcc > /dev/null || skip "no avr-gcc, so no firmware"
	[ "$(find "$share/norprog/firmware" -name '*.hex' | wc -l)" = 7 ]
}

@test "every page and picture that an installed page names is installed" {
	local page link
	cd "$STAGE/opt/np/share/doc/norprog"
	[ "$(grep -c '](' README.md)" -gt 5 ]
	find . -name '*.md' | while read -r page; do
		grep -oE '\]\([^)#]+' "$page" | cut -c3- | grep -vE '^(https?|mailto):' | while read -r link; do
			[ -s "${page%/*}/$link" ] || { echo "$page names $link"; exit 1; }
		done || exit 1
	done
}

@test "pkg-config is told the folder of the library" {
	run env PKG_CONFIG_PATH="$STAGE/opt/np/lib/multi/pkgconfig" pkg-config --variable=libdir norprog
	[ "$output" = /opt/np/lib/multi ]
}

@test "nothing but the command's own files, and uninstall leaves none of them" {
	mkdir -p "$STAGE/opt/np/share/man/man1"
	touch "$STAGE/opt/np/share/man/man1/other.1" "$STAGE/opt/np/bin/other"
	make -s -C "$BATS_TEST_DIRNAME/../.." uninstall BUILD="$BUILD" DESTDIR="$STAGE" PREFIX=/opt/np LIBDIR=/opt/np/lib/multi UDEV_DIR=/opt/np/udev
	run find "$STAGE" ! -type d
	[ "$(sort <<< "$output")" = "$STAGE/opt/np/bin/other"$'\n'"$STAGE/opt/np/share/man/man1/other.1" ]
	[ ! -e "$STAGE/opt/np/share/doc/norprog" ]
	[ ! -e "$STAGE/opt/np/share/norprog" ]
}

@test "a release is the same bytes wherever and whenever it is made" {
	local root=$BATS_TEST_DIRNAME/../..
	git -C "$root" rev-parse HEAD > /dev/null 2>&1 || skip "no git here"
	git clone -q "$root" elsewhere
	umask 077
	make -s -C elsewhere dist BUILD="$PWD/one" > /dev/null
	umask 022
	TZ=Asia/Tokyo make -s -C "$root" dist BUILD="$PWD/two" > /dev/null
	cmp one/norprog-*.tar.gz two/norprog-*.tar.gz
}

@test "versions agree: source, change log, packages" {
	local root=$BATS_TEST_DIRNAME/../.. version
	version=$(sed -n 's/^#define NORPROG_VERSION "\(.*\)"/\1/p' "$root/src/base/version.h")
	[ "$("$norprog" --version)" = "norprog $version" ]
	grep -q "^## \[*$version" "$root/CHANGELOG.md"
	[[ $(head -n 1 "$root/debian/changelog") == "norprog ($version-1)"* ]]
	grep -qx "Version: *$version" "$root/packaging/rpm/norprog.spec"
	grep -qx "pkgver=$version" "$root/packaging/arch/PKGBUILD"
	grep -q "version = \"$version\"" "$root/packaging/nix/default.nix"
	grep -q "norprog-$version.tar.gz" "$root/packaging/homebrew/norprog.rb"
}

@test "--version -v says what it was built with, and so does the list of libraries" {
	run "$norprog" --version -v
	[ "$status" = 0 ]
	says "norprog "
	[[ $output == *"compiler   "* && $output == *"libraries  "*"zlib "[0-9]* && $output == *"drivers   "*" sim"* ]]
	make -s -C "$BATS_TEST_DIRNAME/../.." sbom BUILD="$PWD/sbom" > /dev/null
	jq -e '.packages | map(.name) | index("norprog") != null and index("zlib") != null' sbom/*.spdx.json
	jq -e '[.packages[] | select(.licenseDeclared == "NOASSERTION")] | length == 0' sbom/*.spdx.json
}
