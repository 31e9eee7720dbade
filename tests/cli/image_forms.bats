#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: cmd/image_convert.c cmd/image_hex.c pattern.c
# The same bytes in another form: hex files, swapped dumps, images in several pieces; bytes shown.
load common

# A boot loader in front, blank behind: as a board's small flash.
firmware() {
	head -c 65536 /bin/bash > fw.bin
	printf 'U-Boot 1.1.4 (May 1 2012)\0' | dd of=fw.bin bs=1 seek=512 conv=notrunc status=none
	head -c 65536 /dev/zero | tr '\0' '\377' >> fw.bin
	printf 'end' | dd of=fw.bin bs=1 seek=131069 conv=notrunc status=none
}

@test "convert: to Intel HEX and S-records and back, as objcopy reads them" {
	firmware
	for form in hex srec; do
		"$norprog" image convert fw.bin -o "fw.$form"
		"$norprog" image convert "fw.$form" -o "back.$form.bin"
		cmp fw.bin "back.$form.bin"
	done
	objcopy -I ihex -O binary --gap-fill 0xff fw.hex theirs.bin
	cmp fw.bin theirs.bin
	run "$norprog" image convert fw.hex -o gaps.bin
	[[ $output == *"are gaps"* ]]
}

@test "convert: a hex file with one bad digit is refused with its line" {
	firmware
	"$norprog" image convert fw.bin -o fw.hex
	sed -i '3s/.$/X/' fw.hex
	run "$norprog" image convert fw.hex -o bad.bin
	[ "$status" = 2 ]
	[[ $output == *"fw.hex:3:"* ]]
	[ ! -e bad.bin ]
}

@test "swap and invert undo themselves" {
	firmware
	for how in "swap fw.bin 2" "swap fw.bin 4" "swap fw.bin bits" "invert fw.bin"; do
		# shellcheck disable=SC2086 # words
		"$norprog" image $how -o one.bin --force
		! cmp -s one.bin fw.bin
		# shellcheck disable=SC2086
		"$norprog" image ${how/fw.bin/one.bin} -o two.bin --force
		cmp two.bin fw.bin
	done
	run "$norprog" image swap fw.bin 3 -o no.bin
	[ "$status" = 2 ]
	[[ $output == *"neither 2, 4 nor bits"* ]]
}

@test "join: two pieces make the image again" {
	firmware
	head -c 65536 fw.bin > one
	tail -c 65536 fw.bin > two
	"$norprog" image join one two -o joined.bin
	cmp joined.bin fw.bin
	run "$norprog" image join one missing -o no.bin
	[ "$status" = 2 ]
	[ ! -e no.bin ]
}

@test "hex: a range, stars for rows that repeat, and the first 4 KiB by itself" {
	firmware
	run "$norprog" image hex fw.bin 0x200+32
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[0]} == "00000200  55 2d 42 6f 6f 74 20 31  2e 31 2e 34 20"*"|U-Boot 1.1.4 (Ma|"* ]]
	run "$norprog" image hex fw.bin 0x10000-0x1ffff
	[ "${#lines[@]}" = 3 ]
	[ "${lines[1]}" = "*" ]
	[[ ${lines[2]} == *"65 6e 64"* ]]
	run "$norprog" image hex fw.bin
	[[ $output == *"the first 4 KiB"* ]]
	run "$norprog" image hex fw.bin 0x30000+1
	[ "$status" = 2 ]
}

@test "find: text, bytes in hex, and nothing" {
	firmware
	run "$norprog" image find fw.bin "U-Boot 1"
	[[ $output == "00000200  "* ]]
	run "$norprog" image find fw.bin "55 2d 42 6f 6f 74"
	[[ $output == "00000200  "* ]]
	run "$norprog" image find fw.bin 0x552d426f6f74
	[[ $output == "00000200  "* ]]
	run "$norprog" image find fw.bin "no such text"
	[ "$status" = 0 ]
	[ "$output" = "not found" ]
}

@test "find on the chip: the same, with the names that its own map gives" {
	python3 "$BATS_TEST_DIRNAME/../support/people.py" pc 0x800000 1 10:60:4b:11:22:33 "$chip"
	cp "$chip" before.bin
	exits 0 on_chip image find chip 10:60:4b:11:22:33
	says "00001000  10 60 4b 11 22 33" "00002000  10 60 4b 11 22 33"
	exits 0 on_chip image find chip "no such text anywhere"
	says "not found"
	cmp "$chip" before.bin
	# A file of that name is a file.
	echo "a chip of wood" > chip
	exits 0 "$norprog" image find chip wood
	says "0000000a"
}

# sysupgrade FILE DEVICES [COMPAT]: kernel and metadata as OpenWrt's build appends them.
sysupgrade() {
	python3 "$BATS_TEST_DIRNAME/../support/people.py" sysupgrade "$@"
}

@test "a sysupgrade file says which devices take it, and goes on no other" {
	cp "$(composed mr200 7 a)" "$chip"
	sysupgrade other.bin tplink,archer-c7-v2,archer-c7-v2
	exits 0 "$norprog" image identify other.bin
	says "for tplink,archer-c7-v2 and others" "device: tplink-archer-c7-v2" "firmware"
	refused 7 "is OpenWrt for tplink,archer-c7-v2" "--override other-device" -- \
		on_chip write other.bin --at firmware --yes
	sysupgrade mine.bin tplink,archer-mr200 1.1
	exits 0 on_chip write mine.bin --at firmware --yes
	says_not "is OpenWrt for"
	cmp --bytes=65536 --ignore-initial=0:0x20000 mine.bin "$chip"
	exits 0 "$norprog" image identify mine.bin
	says "compat_version 1.1"
	# Names in it are no paths.
	sysupgrade path.bin ./other.bin
	exits 0 "$norprog" image identify path.bin
	says "for ./other.bin"
}

@test "a board.json names the device's layout" {
	printf '{"model":{"id":"tplink,archer-c7-v2","name":"TP-Link Archer C7 v2"}}' > board.json
	exits 0 "$norprog" layouts board.json
	says "TP-Link Archer C7 v2" firmware art
	blank "$chip" 8388608
	refused 7 "board.json" -- on_chip write board.json --at 0 --yes
	printf '{"model":{"id":"nobody,nothing"}}' > board.json
	exits 2 "$norprog" layouts board.json
	says "nobody,nothing" "no layout"
}

# Kilobytes that a command took at most, children and all.
peak() {
	python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}

@test "what a 16 MiB file is told in three times its size and 16 MiB, whatever is packed in it" {
	! grep -q __asan_init "$norprog" || skip "sanitizers take memory of their own"
	head -c $((256 << 20)) /dev/zero | xz --format=lzma -9 > bomb.lzma
	head -c $((20 << 20)) /dev/zero | gzip > bomb.gz
	blank flash.bin $((16 << 20))
	poke flash.bin 0x200 "U-Boot 1.1.3"
	dd if=bomb.lzma of=flash.bin bs=65536 seek=5 conv=notrunc status=none
	dd if=bomb.gz of=flash.bin bs=65536 seek=32 conv=notrunc status=none
	for verb in identify show; do
		kilobytes=$(peak "$norprog" image $verb flash.bin)
		echo "$verb: $kilobytes KiB"
		[ "$kilobytes" -lt $((4 * 16 << 10)) ]
	done
}
