#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds without the libraries that norprog can do without. What does not depend on them is taken from the
# build under test.

load common

setup_file() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export top
}

# without PACKAGES...: build the command in ./build with a pkg-config that knows none of them.
without() {
	printf '#!/bin/sh\nfor word in "$@"; do case $word in %s) exit 1 ;; esac; done\nexec pkg-config "$@"\n' \
		"$(IFS='|' && echo "$*")" > pkg-config
	chmod +x pkg-config
	mkdir -p build
	cp -al "$(cd "$top/$BUILD" && pwd)/obj" build/
	rm -rf build/obj/gen build/obj/src/image/unpack.*
	make -C "$top" --no-print-directory BUILD="$PWD/build" PKG_CONFIG="$PWD/pkg-config" CC="${CC:-cc}" \
		CFLAGS="$(flags CFLAGS)" SANFLAGS="$(flags SANFLAGS)" "$PWD/build/norprog" > made 2>&1 || cat made
	norprog=$PWD/build/norprog
}

# The flags of the build under test: its objects are linked again.
flags() {
	case $1:$BUILD in
	CFLAGS:*asan*) echo "-O1 -g -fno-omit-frame-pointer" ;;
	CFLAGS:*) echo "-O2 -g" ;;
	SANFLAGS:*asan*) echo "-fsanitize=address,undefined" ;;
	esac
}

works() {
	exits 0 "$norprog" -p sim:chip=W25Q64FV detect
	says "W25Q64FV"
}

@test "without libusb: one line says what is left out, and the rest works" {
	without libusb-1.0
	[ "$(grep -c ^note: made)" = 1 ]
	grep -qx "note: libusb-1.0 not found: built without ch341a ch347 ft232h" made
	refused 2 "known programmers: spidev, serprog, sim" -- "$norprog" -p ch341a detect
	! ldd "$norprog" | grep -qE 'libusb|libftdi'
	works
}

@test "without libftdi1: ft232h is left out, the other USB programmers are not" {
	without libftdi1
	[ "$(grep -c ^note: made)" = 1 ]
	grep -qx "note: libftdi1 not found: built without ft232h" made
	refused 2 "known programmers: ch341a, ch347, spidev, serprog, sim" -- "$norprog" -p ft232h detect
	works
}

@test "without liblzma and libzstd: one line for each" {
	without liblzma libzstd
	[ "$(grep -c ^note: made)" = 2 ]
	grep -qx "note: liblzma not found: device trees in kernels packed with it are not seen" made
	grep -qx "note: libzstd not found: device trees in kernels packed with it are not seen" made
	! ldd "$norprog" | grep -qE 'liblzma|libzstd'
	works
}
