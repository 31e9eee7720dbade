#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds norprog and its unit tests for another machine and runs them with qemu: 32 bits, strict alignment
# and the other byte order show there. tests/cross/cross.sh ARCH BUILD [TARGET]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
arch=$1 build=$2/$1 target=${3:-unit}
case $arch in
arm64) triplet=aarch64-linux-gnu cpu=aarch64 loader=ld-linux-aarch64.so.1 ;;
armhf) triplet=arm-linux-gnueabihf cpu=arm loader=ld-linux-armhf.so.3 ;;
s390x) triplet=s390x-linux-gnu cpu=s390x loader=ld64.so.1 ;;
*) echo "cross: ARCH is arm64, armhf or s390x, not '$arch'" >&2; exit 2 ;;
esac
for need in "$triplet-gcc" "qemu-$cpu-static"; do
	command -v "$need" > /dev/null && continue
	echo "cross: $need is missing: apt-get install gcc-$triplet qemu-user-static" >&2
	exit 1
done

root=$build/sysroot
if ! [ -e "$root.done" ]; then
	rm -rf "$root"
	bash "$here/sysroot.sh" "$arch" "$root" libc6-dev libusb-1.0-0-dev libftdi1-dev libfdt-dev zlib1g-dev \
		libjansson-dev libmd-dev libinih-dev liblzma-dev libzstd-dev check
	: > "$root.done"
fi
root=$(realpath "$root")
export PKG_CONFIG_LIBDIR=$root/usr/lib/$triplet/pkgconfig:$root/usr/share/pkgconfig
export PKG_CONFIG_SYSROOT_DIR=$root
# Not by qemu's -L, because that sends the tests' own files below that folder too, but only some of the calls.
export RUNNER=qemu-$cpu-static
lib=$root/usr/lib/$triplet:$root/lib/$triplet
exec make BUILD="$build" CC="${CCACHE:-} $triplet-gcc --sysroot=$root" AR="$triplet-ar" OBJCOPY="$triplet-objcopy" \
	LDFLAGS="-Wl,--dynamic-linker=$root/lib/$loader -Wl,--disable-new-dtags,-rpath,$lib" "$target"
