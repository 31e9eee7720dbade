#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# detect -v and --sfdp: SFDP shown and saved.

load common

@test "detect -v shows SFDP decoded, detect alone does not" {
	exits 0 on_chip detect
	says_not "basic table"
	exits 0 on_chip detect -v
	says "SFDP 1.0, basic table" "size 8 MiB" "erase 64 KiB: D8h"
}

@test "detect --sfdp saves it raw, once" {
	exits 0 on_chip detect --sfdp out.sfdp
	says "out.sfdp: "
	[ "$(head -c 4 out.sfdp)" = SFDP ]
	size=$(stat -c %s out.sfdp)
	[ "$size" -ge $((16 + 9 * 4)) ]
	[ "$size" -le 4096 ]
	# the size the basic table states: dword 2 of the table the first header points to
	at=$(od -An -tu1 -j 12 -N 1 out.sfdp)
	[ "$(od -An -tu4 -j $((at + 4)) -N 4 out.sfdp)" -eq $((8 * 8388608 - 1)) ]
	cp out.sfdp first
	refused 1 "out.sfdp exists and is not overwritten" -- on_chip detect --sfdp out.sfdp
	echo changed > out.sfdp
	exits 0 on_chip detect --sfdp out.sfdp --force
	cmp out.sfdp first
}

@test "detect --sfdp --json names the file" {
	run --separate-stderr on_chip detect --sfdp out.sfdp --json
	[ "$status" = 0 ]
	result '.sfdp and .sfdp_file == "out.sfdp"'
	[ -s out.sfdp ]
}

@test "of a chip without SFDP what it answers is saved" {
	exits 0 "$norprog" -p "sim:chip=EN25Q64,file=$chip" detect --sfdp out.sfdp
	says "out.sfdp: 256 bytes" "no SFDP"
	[ "$(stat -c %s out.sfdp)" = 256 ]
}

@test "a chip driven by its SFDP says so; the unique ID is in detect and in manifests" {
	exits 0 "$norprog" -p "sim:chip=TEST-SFDP,file=$chip" detect -v
	says "driven by its SFDP" "basic table"
	rm "$chip"
	run --separate-stderr on_chip detect --json
	uid=$(result .unique_id | tr -d ' ' | tr A-F a-f)
	[ "${#uid}" = 16 ]
	exits 0 on_chip read out.bin
	[ "$(jq -r .uid out.bin.json | tr A-F a-f)" = "$uid" ]
}

# ---- lies ----

# A part that no table knows, as parts= describes it: 4 MiB, and the SFDP that follows.
plain="id=7A5F16 size=4M erase=20:4K,52:32K,D8:64K,C7:chip sr1=FC wr=sr1 time=page:700,sr:5000,4k:50,32k:120,64k:150,chip:9000"

# Header of NPH+1 parameter headers, then the basic table's: dwords and pointer in hex.
header() {
	printf '53464450%s01%sFF00%s01%s%sFF' "${3:-06}" "${4:-00}" "${3:-06}" "$1" "$2"
}

# The basic table, little-endian: 4 KiB 20h, 64 KiB D8h, 4 MiB, all of JESD216B.
b1=E520F1FF b2=FFFFFF01 b3=44EB086B b4=083B42BB b5=EEFFFFFF b6=FFFF0000 b7=FFFF0000
b8=0C2010D8 b9=00000000 b10=24620100 b11=83E714C3 b12=00000080 b13=00000000 b14=07A2D55C
b15=000000FF b16=88100000

truth() {
	header 10 100000
	printf %s $b1 $b2 $b3 $b4 $b5 $b6 $b7 $b8 $b9 $b10 $b11 $b12 $b13 $b14 $b15 $b16
}

# liar SFDP: the part with it, in parts.txt.
liar() {
	printf 'part LIAR %s rawsfdp=%s\n' "$plain" "$1" > parts.txt
	[ -s "$chip" ] || head -c 4194304 /dev/urandom > "$chip"
	cp "$chip" before
}

on_liar() {
	rm -f trace
	"$norprog" -p "sim:chip=LIAR,parts=$PWD/parts.txt,file=$chip" --trace trace "$@"
}

# Commands that set the write latch or a register, or that need it.
writes='^[0-9.]+ (06|50|01|31|11|02|12|ad|af|20|21|52|5c|d7|d8|dc|60|c7|c4|42|44|62|64|2f|98|b7|e9|c5|17)( |$)'

nothing_written() {
	[ -s trace ]
	! grep -qE "$writes" trace
	cmp "$chip" before
	[ ! -e "$chip.regs" ]
}

@test "the plain truth is driven: the lies below are lies" {
	liar "$(truth)"
	exits 0 on_liar detect
	says "driven by its SFDP"
	head -c 4194304 /dev/urandom > image
	exits 0 on_liar write image --yes --voltage-ok --keep nothing
	cmp "$chip" image
	grep -qE "$writes" trace
}

# lies SFDP REASON: every command refuses with the reason, and writes nothing.
lies() {
	liar "$1"
	head -c 4194304 /dev/zero > image
	for command in "detect" "read out" "write image --yes" "erase --yes" "erase --chip-erase --yes" \
		"restore image --only 0+4K --yes" "protect off --yes" "protect on 0+1M --yes" "verify image" \
		"otp show" "otp lock --permanent --yes"; do
		# shellcheck disable=SC2086 # words
		exits 4 on_liar $command
		says "unknown chip" "$2"
		nothing_written
	done
}

@test "lies about the size: none, endless, beyond three address bytes, odd" {
	lies "$(b2=00000000 && truth)" "SFDP refused"
	lies "$(b2=FFFFFFFF && truth)" "SFDP refused"
	lies "$(b2=FFFFFF7F && truth)" "SFDP refused"
	lies "$(b2=FEFFFF01 && truth)" "SFDP refused"
}

@test "lies about opcodes: a chip erase, a status write, a program as block erase; two sizes of one" {
	lies "$(b8=0C2010C7 && truth)" "SFDP refused"
	lies "$(b8=0C201001 && truth)" "SFDP refused"
	lies "$(b8=0C201002 && truth)" "SFDP refused"
	lies "$(b8=0C201020 && truth)" "SFDP refused"
	lies "$(b8=0C201FD8 && truth)" "SFDP refused"
}

@test "loops: a table inside the headers, or that is its own header; headers without end" {
	lies "$(header 10 080000)$(truth | tail -c +33)" "lies inside the headers"
	lies "$(header 10 000000)$(truth | tail -c +33)" "lies inside the headers"
	lies "$(header 10 100000 06 FF)" "SFDP refused"
}

@test "truncated: too short a table, behind the end, nothing but headers, nothing but the signature" {
	lies "$(header 08 100000)$(truth | tail -c +33)" "SFDP refused"
	lies "$(header 10 F8FF0F)$(truth | tail -c +33)" "SFDP refused"
	lies "$(header 10 100000)" "SFDP refused"
	lies 53464450 "SFDP refused"
}

@test "detect --sfdp saves what an unknown chip says, though it is refused" {
	liar "$(b2=00000000 && truth)"
	exits 4 on_liar detect --sfdp out.sfdp
	says "SFDP refused" "out.sfdp: 80 bytes of SFDP, unused: send them to the developers"
	[ "$(od -An -tx1 -v out.sfdp | tr -d ' \n' | tr a-f A-F)" = "$(b2=00000000 && truth)" ]
	nothing_written
	exits 4 on_liar detect --sfdp out.sfdp
	says "SFDP refused" "out.sfdp was not written" "exists and is not overwritten"
	run --separate-stderr on_liar detect --sfdp again.sfdp --json
	[ "$status" = 4 ]
	result '.ok == false and .sfdp_file == "again.sfdp"'
	cmp out.sfdp again.sfdp
	printf 'part LIAR %s\n' "$plain" > parts.txt
	exits 4 on_liar detect --sfdp none.sfdp
	says "no usable SFDP" "none.sfdp: 256 bytes"
	[ "$(stat -c %s none.sfdp)" = 256 ]
}
