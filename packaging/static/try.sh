#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Does the static program do its work where there is nothing else? In an empty root it reads and writes a
# simulated chip, and finds an adapter in a made-up /sys. packaging/static/try.sh PROGRAM ARCH
# Needs root, or a kernel that lets users have namespaces; for another machine qemu-user-static.
set -euo pipefail

program=$1 arch=$2
jail=$(mktemp -d)
trap 'rm -rf "$jail"' EXIT
case $arch in
"$(dpkg --print-architecture)") emulator= ;;
arm64) emulator=qemu-aarch64-static ;;
armhf) emulator=qemu-arm-static ;;
*) echo "try: no emulator is known for $arch" >&2; exit 2 ;;
esac
enter=()
[ "$(id -u)" = 0 ] || enter=(unshare --map-root-user)

mkdir -p "$jail"/{state,dev}
cp "$program" "$jail/norprog"
[ -z "$emulator" ] || cp "$(command -v "$emulator")" "$jail/emulator"
run() {
	"${enter[@]}" env -i PATH="$PATH" NORPROG_STATE=/state HOME=/ chroot "$jail" ${emulator:+/emulator} /norprog "$@"
}
fail() {
	echo "try: $*" >&2
	exit 1
}

run --version | grep -q '^norprog [0-9]' || fail "it does not start"
head -c 8388608 /dev/urandom > "$jail/chip.bin"
cp "$jail/chip.bin" "$jail/before.bin"
head -c 65536 /dev/urandom > "$jail/part.bin"
run -p sim:chip=W25Q64FV,file=/chip.bin read /backup.bin
cmp "$jail/backup.bin" "$jail/chip.bin" || fail "the backup is not the chip"
run -p sim:chip=W25Q64FV,file=/chip.bin write --yes --at 1M --keep nothing /part.bin
dd if="$jail/part.bin" of="$jail/before.bin" bs=64K seek=16 conv=notrunc status=none
cmp "$jail/before.bin" "$jail/chip.bin" || fail "the chip does not hold what was written"

# A CH341A as sysfs shows it: two entries that are devices, and one that is an interface.
sys=$jail/sys/bus/usb/devices
mkdir -p "$sys"/{usb1,1-1,1-1:1.0}
device() { # NAME NUMBER VENDOR PRODUCT, little endian
	echo 1 > "$sys/$1/busnum"
	echo "$2" > "$sys/$1/devnum"
	echo 12 > "$sys/$1/speed"
	echo 1 > "$sys/$1/bConfigurationValue"
	# A device and one configuration without an interface.
	# shellcheck disable=SC2059 # the numbers come as escapes of printf
	printf "\22\1\20\1\0\0\0\10$3$4\0\1\0\0\0\1\11\2\11\0\0\1\0\200\62" > "$sys/$1/descriptors"
}
device usb1 1 '\153\35' '\1\0'
device 1-1 4 '\206\32' '\22\125'
run list > "$jail/list" 2>&1 || true
# A 32-bit libusb cannot stat() this folder on file systems with longer numbers than sysfs has.
if [ "$arch" = armhf ] && [ "$(stat -c %i "$sys")" -gt 4294967295 ]; then
	echo "static $arch: the listing from /sys was not tried: inode numbers here are of 64 bits"
elif ! grep -q 'ch341a.*1-1' "$jail/list"; then
	cat "$jail/list"
	fail "the adapter in /sys is not listed"
fi
echo "static $arch: reads, writes and lists in an empty root"
