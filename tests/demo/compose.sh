#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Compose a full flash image of one unit from real files of Debian packages:
#   compose.sh mr200|mr500 UNIT RELEASE OUT
# UNIT (a number) seeds what is this unit's own: MAC, PIN, IMEI, calibration. RELEASE (a or b) chooses the
# firmware: other files in the root file system. The boot loader is a little-endian MIPS U-Boot
# (u-boot-qemu), the kernel a Linux-boot-protocol image (ipxe), the root file system a squashfs of the
# host's own programs.
set -euo pipefail

model=$1 unit=$2 release=$3 out=$4
uboot=/usr/lib/u-boot/maltael/u-boot.bin
kernel=/usr/lib/ipxe/ipxe.lkrn
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for need in "$uboot" "$kernel"; do
	[ -r "$need" ] || { echo "compose: $need is missing: run make deps" >&2; exit 1; }
done

case $model in
mr200) size=8388608 root_at=$((0x160000)) root_max=$((0x640000)) root_take=9000000 ;;
mr500) size=16777216 root_at=$((0x220000)) root_max=$((0xd80000)) root_take=18000000 ;;
*) echo "compose: unknown model $model" >&2; exit 2 ;;
esac

# put ADDRESS: stdin goes into the image there.
put() {
	dd of="$work/image" bs=4096 seek="$1" oflag=seek_bytes conv=notrunc iflag=fullblock status=none
}

# own NAME BYTES: bytes that only this unit has, as dense as calibration and packed settings are.
own() {
	awk -v name="$1" -v unit="$unit" -v bytes="$2" 'BEGIN {
		state = (length(name) * 7919 + unit * 104729) % 2147483646 + 1
		for (i = 0; i < bytes; i++) {
			state = state * 16807 % 2147483647
			printf "\\0%03o%s", int(state / 1024) % 256, i % 512 == 511 ? "\n" : ""
		}
		printf "\n"
	}' | while read -r line; do printf '%b' "$line"; done
}

hex() { printf '%b' "$(printf '%s' "$1" | sed 's/../\\x&/g')"; }

# A unicast, globally administered MAC of this unit.
mac=$(printf '50c7bf%06x' $((0x100000 + unit * 257)))

# The WPS PIN: seven digits and their checksum.
pin() {
	local seven=$((1000000 + unit * 12347 % 9000000)) digits sum=0 i
	digits=$(printf '%07d' "$seven")
	for i in 0 2 4 6; do sum=$((sum + 3 * ${digits:i:1})); done
	for i in 1 3 5; do sum=$((sum + ${digits:i:1})); done
	printf '%s%d' "$digits" $(((10 - sum % 10) % 10))
}

# An IMEI with its Luhn digit.
imei() {
	local base sum=0 i d
	base=$(printf '86%012d' $((350000000000 + unit * 7919)))
	for ((i = 0; i < 14; i++)); do
		d=${base:i:1}
		if [ $((i % 2)) = 1 ]; then d=$((d * 2)); [ $d -gt 9 ] && d=$((d - 9)); fi
		sum=$((sum + d))
	done
	printf '%s%d' "$base" $(((10 - sum % 10) % 10))
}

# radio ADDRESS CHIP24 CHIP5: two EEPROMs, each led by its chip number, little endian, and the MAC.
radio() {
	{ hex "$2"; hex 0000; hex "$mac"; own cal24 502; } | put "$1"
	{ hex "$3"; hex 0000; hex "$mac"; own cal5 502; } | put $(($1 + 0x8000))
}

root_tree() {
	local total=0 file bytes
	mkdir -p "$work/root/etc" "$work/root/bin"
	printf 'release %s\n' "$release" > "$work/root/etc/release"
	cp /etc/services /etc/protocols "$work/root/etc/" 2>/dev/null || true
	find /usr/bin /usr/sbin -xdev -type f -size -1500k -size +8k | LC_ALL=C sort |
		if [ "$release" = a ]; then cat; else tac; fi > "$work/files"
	while read -r file; do
		bytes=$(stat -c %s "$file")
		[ $((total + bytes)) -le $root_take ] || break
		total=$((total + bytes))
		cp "$file" "$work/root/bin/"
	done < "$work/files"
}

# The TP-Link header in front of the kernel: version, text, and what names the device. The MR500's id is not known: its boot
# loader's time of birth tells.
tplink_tag() {
	hex 02000000
	printf 'TP-LINK Technologies  ver. 1.%s' "$release" | head -c 48 | dd bs=48 conv=sync status=none |
		tr ' ' '\0'
	if [ "$model" = mr200 ]; then hex 010050d74a000000; else hex 0000000000000000; fi
}

head -c "$size" /dev/zero | tr '\0' '\377' > "$work/image"
head -c $((0x20000)) "$uboot" | put 0
[ "$model" = mr200 ] || printf 'U-Boot 1.1.3 (Apr 14 2023 - 10:53:34)\0' | put $((0x1f000))
tplink_tag | put $((0x20000))
mkimage -A mips -O linux -T kernel -C none -a 0x80000000 -e 0x80000000 -n "norprog demo $release" \
	-d "$kernel" "$work/uimage" > /dev/null
put $((0x20200)) < "$work/uimage"
root_tree
SOURCE_DATE_EPOCH=1700000000 mksquashfs "$work/root" "$work/squashfs" -comp xz -noappend -no-progress \
	-all-root -quiet > /dev/null
if [ "$(stat -c %s "$work/squashfs")" -gt "$root_max" ]; then
	echo "compose: the squashfs does not fit ($(stat -c %s "$work/squashfs") bytes)" >&2
	exit 1
fi
put "$root_at" < "$work/squashfs"

case $model in
mr200)
	hex "$mac" | put $((0x7df100))
	pin | put $((0x7df200))
	printf '<Profile isp="%s" locked="%d"/>\n' "carrier-$unit" $((unit % 2)) | put $((0x7e0000))
	radio $((0x7f0000)) 2076 1076
	;;
mr500)
	hex "$mac" | put $((0xfcf100))
	own device 4 | put $((0xfcf200))
	printf '%s' "device-$unit" | sha1sum | cut -c1-40 | tr -d '\n' | put $((0xfcf400))
	imei | put $((0xfcf500))
	own settings $((0xa300)) | put $((0xfd0000))
	radio $((0xff0000)) 0376 6376
	;;
esac
mv "$work/image" "$out"
