#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# doc/cookbook.md: every recipe is run as it is written, and leaves what it says.
load common

people() {
	python3 "$BATS_TEST_DIRNAME/../support/people.py" "$@"
}

# recipe NUMBER: runs its commands; a remark between them is a job for remark(). The question before an
# erase is answered.
recipe() {
	local line words ran=0
	while IFS= read -r line; do
		case $line in
		'$ '*)
			read -ra words <<< "${line#\$ }"
			[ "${words[0]}" = norprog ]
			case ${words[1]} in
			write | restore | erase | clone) words+=(--yes) ;;
			protect) [ "${words[2]}" != off ] || words+=(--yes) ;;
			esac
			case ${words[1]} in
			image) ;;
			unit) [ ${#words[@]} -gt 3 ] || words+=(-p "$sim") ;;
			layouts) [ "${words[2]}" != chip ] || words+=(-p "$sim") ;;
			*) words+=(-p "$sim") ;;
			esac
			exits 0 "$norprog" "${words[@]:1}" || return 1
			ran=$((ran + 1))
			;;
		'# '*) remark "${line#\# }" ;;
		esac
	done < <(awk -v n="## $1." '/^## / { on = index($0, n) == 1 } on && /^```/ { code = !code; next } on && code' \
		"$BATS_TEST_DIRNAME/../../doc/cookbook.md")
	[ "$ran" -gt 0 ]
}

chip_is() {
	sim="sim:chip=$1,file=$chip"
}

pc() {
	chip_is W25Q128FV
	people pc 0x1000000 1 10:60:4b:11:22:33 mine.bin 0x600000
	people pc 0x1000000 2 00:00:00:00:88:88 new.rom 0x600000
	cp mine.bin "$chip"
}

@test "1: keep what you have" {
	cp "$(composed mr200 7 a)" "$chip"
	recipe 1
	cmp backup.bin "$chip"
}

@test "2: an MR200 becomes stock and stays itself" {
	cp "$(composed mr200 7 a)" "$chip"
	cp "$chip" mine.bin
	cp "$(composed mr200 42 b)" stock.bin
	recipe 2
	same_bytes "$chip" mine.bin 0x7f0000 0x10000
	same_bytes "$chip" stock.bin 0 0x7d0000
}

@test "3: lost calibration" {
	cp "$(composed mr200 7 a)" backup.bin
	cp backup.bin "$chip"
	blank hole 65536
	dd if=hole of="$chip" bs=65536 seek=127 conv=notrunc status=none
	recipe 3
	cmp "$chip" backup.bin
}

@test "4: a radio block of another unit, but no placeholders" {
	chip_is EN25QH128A
	cp "$(composed mr500 7 a)" "$chip"
	blank hole 65536
	dd if=hole of="$chip" bs=65536 seek=255 conv=notrunc status=none
	cp "$chip" lost.bin
	cp "$(composed mr500 42 b)" public.bin
	poke public.bin 0xfcf100 '\360\361\362\363\364\365'
	poke public.bin 0xfcf500 001122334455667
	recipe 4
	same_bytes "$chip" lost.bin 0xfc0000 0x10000
	same_bytes "$chip" public.bin 0xff0000 0x10000
}

@test "5: a recovery file over the clip" {
	chip_is EN25QH128A
	c7_chip "$chip"
	cp "$chip" before.bin
	c7_image recovery.bin $((0x900000)) 0
	recipe 5
	cmp --bytes=$((0x900000)) --ignore-initial=0:$((0x20000)) recovery.bin "$chip"
	same_bytes "$chip" before.bin 0 0x20000
	same_bytes "$chip" before.bin 0x920000 0x6e0000
}

@test "6: a PC's BIOS, and nothing else" {
	pc
	recipe 6
	same_bytes "$chip" mine.bin 0 0x600000
	same_bytes "$chip" new.rom 0x600000 0xa00000
}

@test "7: the vendor's .CAP" {
	pc
	people capsule aptio new.rom BOARD.CAP
	recipe 7
	same_bytes "$chip" mine.bin 0x1000 0x2000
	same_bytes "$chip" new.rom 0x3000 0xffd000
}

@test "8: a PC that lost its Ethernet address" {
	pc
	cp mine.bin backup.bin
	poke "$chip" 0x1000 '\0\0\0\0\0\0'
	poke "$chip" 0x2000 '\0\0\0\0\0\0'
	recipe 8
	says "10:60:4b:11:22:33" " ok"
}

remark() {
	[[ $1 == *"second chip"* ]]
	chip=$work/second-chip.bin
	chip_is W25Q32FV
}

@test "9: one image in two chips" {
	people pc 0xc00000 5 3c:97:0e:0a:0b:0d was.bin 0x480000
	people pc 0xc00000 4 3c:97:0e:0a:0b:0c new.rom 0x480000
	head -c $((8 << 20)) was.bin > "$chip"
	tail -c $((4 << 20)) was.bin > second-chip.bin
	recipe 9
	cmp both.bin was.bin
	same_bytes chip.bin was.bin 0x1000 0x2000
	cmp second-chip.bin <(tail -c $((4 << 20)) new.rom)
}

@test "10: a Chromebook keeps its VPD" {
	people chromebook 1 5CD123456X "$chip"
	people chromebook 2 STRANGER99 coreboot.rom
	cp "$chip" mine.bin
	recipe 10
	same_bytes "$chip" mine.bin 0x400000 0x8000
	same_bytes "$chip" coreboot.rom 0x410000 0x3f0000
	cmp vpd.bin <(tail -c +$((0x400001)) mine.bin | head -c 16384)
}

@test "11: a new chip" {
	cp "$(composed mr200 7 a)" "$chip"
	exits 0 "$norprog" read backup.bin -p "$sim"
	blank "$chip" $((8 << 20))
	recipe 11
	cmp "$chip" backup.bin
}

@test "12: a dump from another tool" {
	head -c 131072 /bin/bash > right
	poke right 0 '\0\0\0\0'
	poke right 0x100 'U-Boot 1.1.4 (May 1 2012 - 10:00:00)\0'
	"$norprog" image swap right 2 -o dump.bin
	gzip -c right > right.bin.gz
	people hex right piece.hex
	blank "$chip" $((8 << 20))
	recipe 12
	cmp right.bin right
	same_bytes "$chip" right 0 131072
	cmp -n 131072 piece.bin right
}

@test "13: a protected chip" {
	recipe 13
}

@test "14: a device that nobody knows" {
	cat > boot.log <<- 'EOF'
		Creating 4 MTD partitions on "spi0.0":
		0x000000000000-0x000000020000 : "u-boot"
		0x000000020000-0x0000007e0000 : "firmware"
		0x0000007e0000-0x0000007f0000 : "config"
		0x0000007f0000-0x000000800000 : "art"
	EOF
	people router new.bin
	people router "$chip"
	poke "$chip" 0x7f0000 'calibration'
	cp "$chip" mine.bin
	poke new.bin 0x600000 'new'
	recipe 14
	same_bytes "$chip" mine.bin 0x7e0000 0x20000
	same_bytes "$chip" new.bin 0 0x7e0000
}

@test "every recipe has a test" {
	[ "$(grep -c '^## [0-9]' "$BATS_TEST_DIRNAME/../../doc/cookbook.md")" = "$(grep -c '^@test "[0-9]' "$BATS_TEST_FILENAME")" ]
}
