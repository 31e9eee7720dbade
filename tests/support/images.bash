# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Composed flash images (tests/demo/compose.sh), made once in a build and shared by all tests.

# composed MODEL UNIT RELEASE: prints the path of the image, which nobody changes; made where it is missing
# or older than its recipe.
composed() {
	local here=${BASH_SOURCE[0]%/*} folder image
	here=$(cd "$here/.." && pwd)
	folder=$(cd "$here/.." && cd "${BUILD:-build}" && pwd)/tests/images
	image=$folder/$1-$2-$3.bin
	mkdir -p "$folder"
	(
		flock 9
		[ "$image" -nt "$here/demo/compose.sh" ] ||
			{ "$here/demo/compose.sh" "$1" "$2" "$3" "$image.new" && mv "$image.new" "$image"; }
	) 9> "$image.lock" >&2 && printf '%s\n' "$image"
}

# c7_image FILE LEN BOOT: a TP-Link v1 header of an Archer C7 v2 with a right checksum, and its contents.
c7_image() {
	python3 - "$1" "$2" "$3" <<-'PY'
		import hashlib, struct, sys
		path, size, boot = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
		h = bytearray(512)
		struct.pack_into(">I", h, 0, 0x01000000)
		h[4:24] = b"TP-LINK Technologies"
		h[0x1c:0x24] = b"ver. 1.0"
		struct.pack_into(">II", h, 0x40, 0xc7000002, 1)
		struct.pack_into(">I", h, 0x7c, size)
		at = 512
		if boot:
		    struct.pack_into(">II", h, 0x90, at, boot)
		    at += boot
		struct.pack_into(">IIII", h, 0x80, at, 0x100000, at + 0x100000, size - at - 0x100000)
		body = bytearray(hashlib.shake_128(b"c7").digest(size - 512))
		salt = "8cef335bd5c5cefaa79c28dab2e90f42" if boot else "dcd73aa5c39598fbddf9e7f40eae4738"
		h[0x4c:0x5c] = bytes.fromhex(salt)
		h[0x4c:0x5c] = hashlib.md5(h + body).digest()
		open(path, "wb").write(h + body)
	PY
}

# An Archer C7 v2 whose firmware is damaged: boot loader with a MAC in it, calibration at the end.
c7_chip() {
	head -c 131072 "$(composed mr200 7 a)" > "$1"
	printf 'U-Boot 1.1.4 (May  8 2015 - 11:29:53)\0' | dd of="$1" bs=1 seek=$((0x15000)) conv=notrunc status=none
	printf '\xa0\xf3\xc1\x00\x00\x07' | dd of="$1" bs=1 seek=$((0x1fc00)) conv=notrunc status=none
	blank rest.bin $((0xfe0000))
	cat rest.bin >> "$1"
	printf '\1\0\0\0TP-LINK Technologies\0\0\0\0ver. 1.0' | dd of="$1" bs=1 seek=$((0x20000)) conv=notrunc status=none
	printf '\xc7\0\0\2' | dd of="$1" bs=1 seek=$((0x20040)) conv=notrunc status=none
	printf '\2\2\xa0\xf3\xc1\0\0\7' | dd of="$1" bs=1 seek=$((0xff1000)) conv=notrunc status=none
	printf '\x44\x08\0\0\0\0\xa0\xf3\xc1\0\0\6' | dd of="$1" bs=1 seek=$((0xff5000)) conv=notrunc status=none
}
