#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: chip_map.c pc_map.c
# What people really have: PC boards, and files of every kind that is called firmware.
load common

people() {
	python3 "$BATS_TEST_DIRNAME/../support/people.py" "$@"
}

setup_file() {
	export images=$BATS_FILE_TMPDIR
	people pc 0x1000000 1 10:60:4b:11:22:33 "$images/mine.bin" 0x600000
	people pc 0x1000000 2 00:00:00:00:88:88 "$images/vendor.bin" 0x600000
	{ head -c $((0x600000)) /dev/zero | tr '\0' '\377'; tail -c +$((0x600001)) "$images/vendor.bin"; } > "$images/bios-only.bin"
}

on_pc() {
	"$norprog" -p "sim:chip=W25Q128FV,file=$chip" "$@"
}

# ---- PC boards ---------------------------------------------------------------------------------

@test "a vendor's image over a PC's chip: its Ethernet address is this unit's own" {
	cp "$images/mine.bin" "$chip"
	refused 7 "only this unit has: gbe" "--keep unit" -- on_pc write "$images/vendor.bin" --yes
	exits 0 on_pc write "$images/vendor.bin" --keep unit --yes
	says "mac stays 10:60:4b:11:22:33"
	same_bytes "$chip" "$images/mine.bin" 0x1000 0x2000
	same_bytes "$chip" "$images/vendor.bin" 0x3000 0xffd000
	exits 0 on_pc unit show
	says "10:60:4b:11:22:33" " ok"
}

@test "an address of its own in the vendor's image: both copies, the sums, and nothing else of the vendor's" {
	cp "$images/mine.bin" "$chip"
	poke "$chip" 0x1050 '\x12\x34'
	poke "$chip" 0x2050 '\x12\x34'
	# the sums again: two words less than FFFFh
	python3 - "$chip" <<- 'EOF'
		import struct, sys
		data = bytearray(open(sys.argv[1], "rb").read())
		for at in (0x1000, 0x2000):
		    words = struct.unpack_from("<63H", data, at)
		    struct.pack_into("<H", data, at + 0x7e, 0xbaba - sum(words) & 0xffff)
		open(sys.argv[1], "wb").write(data)
	EOF
	cp "$chip" before.bin
	exits 0 on_pc write "$images/vendor.bin" --keep unit --set mac=10:60:4b:11:22:34 --yes
	run cmp -l -i 4096 -n 8192 before.bin "$chip"
	# the last byte of the address, and the sum's byte that makes up for it
	[ "$(awk '{ print $1 }' <<< "$output" | tr '\n' ' ')" = "6 128 4102 4224 " ]
	exits 0 on_pc unit show
	says "10:60:4b:11:22:34" " ok"
}

@test "a file of just the BIOS region: never the whole chip, and --only bios is what was meant" {
	cp "$images/mine.bin" "$chip"
	refused 7 "has a flash descriptor" "descriptor,gbe,me" "--only bios" -- on_pc write "$images/bios-only.bin" --yes
	exits 0 on_pc write "$images/bios-only.bin" --only BIOS --yes
	same_bytes "$chip" "$images/mine.bin" 0 0x600000
	same_bytes "$chip" "$images/vendor.bin" 0x600000 0xa00000
	# The region alone, as long as it is.
	tail -c +$((0x600001)) "$images/mine.bin" > bios.bin
	refused 7 "region bios is exactly this long: --only bios" -- on_pc write bios.bin --yes
	exits 0 on_pc write bios.bin --only bios --yes
	cmp "$chip" "$images/mine.bin"
}

@test "a blank ME over a good one is a part of a flash, a cleaned one is not" {
	cp "$images/mine.bin" "$chip"
	cp "$images/mine.bin" part.bin
	head -c $((0x5fd000)) /dev/zero | tr '\0' '\377' | dd of=part.bin bs=4096 seek=3 conv=notrunc status=none
	poke part.bin 0x700000 '\0\0\0\0'
	refused 7 "blank where the chip holds me" "--only" -- on_pc write part.bin --yes
	poke part.bin 0x3010 '$FPT'
	exits 0 on_pc write part.bin --keep nothing --dry-run
}

@test "the chip's own map: names with no -l, in any case, and layouts chip" {
	cp "$images/mine.bin" "$chip"
	exits 0 on_pc layouts chip
	says "0x600000-0xffffff" bios descriptor gbe me
	exits 0 on_pc read gbe.bin --only GbE
	cmp gbe.bin <(tail -c +4097 "$images/mine.bin" | head -c 8192)
	exits 0 on_pc read unit.bin --only unit
	cmp gbe.bin unit.bin
	exits 2 on_pc read x.bin --only nvram
	says "no region 'nvram'" "its regions: descriptor, gbe, me, bios"
	exits 7 on_pc erase --yes
	says "only this unit has"
	blank "$chip" $((16 << 20))
	exits 1 on_pc layouts chip
	says "nothing tells how this chip is divided"
}

@test "a firmware whose regions moved is told, with what belongs together" {
	cp "$images/mine.bin" "$chip"
	people pc 0x1000000 2 10:60:4b:11:22:33 moved.bin 0x500000
	exits 0 on_pc write moved.bin --keep gbe --dry-run
	says "divides the flash otherwise" "the map is written with it"
	exits 0 on_pc write moved.bin --only bios --dry-run
	says "divides the flash otherwise" "bios 0x500000+0xb00000" "--only descriptor,me,bios"
	exits 0 on_pc write "$images/vendor.bin" --only bios --dry-run
	says_not "divides the flash otherwise"
}

@test "sixteen regions: all of them, by name or number" {
	people many many.bin
	exits 0 "$norprog" layouts ./many.bin
	says "0x600000-0x13fffff" region12 "0x500000-0x5fffff" ec bios me
}
