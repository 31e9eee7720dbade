#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: amd.c cbfs.c fmap.c other_map.c
# Maps beside Intel's descriptor: AMD's directories, coreboot's FMAP and master header.
load common

people() {
	python3 "$BATS_TEST_DIRNAME/../support/people.py" "$@"
}

on_pc() {
	"$norprog" -p "sim:chip=W25Q128FV,file=$chip" "$@"
}

on_small() {
	"$norprog" -p "sim:chip=W25Q64FV,file=$chip" "$@"
}

@test "an AMD board: what the security processor keeps is this unit's own, with no -l" {
	people amd 1 "$chip"
	people amd 2 vendor.bin
	cp "$chip" mine.bin
	refused 7 "only this unit has: psp-nvram" "--keep unit" -- on_pc write vendor.bin --yes
	cmp "$chip" mine.bin
	exits 0 on_pc write vendor.bin --keep unit --yes
	same_bytes "$chip" mine.bin 0x600000 0x20000
	same_bytes "$chip" vendor.bin 0x620000 0x9e0000
	refused 7 "only this unit has" -- on_pc erase --yes
}

@test "an AMD board's regions by name: layouts, read, write --only" {
	people amd 1 "$chip"
	people amd 2 vendor.bin
	cp "$chip" mine.bin
	exits 0 on_pc layouts chip
	says efs "psp-dir" "bios-dir" apcb "0x600000-0x61ffff" psp-nvram "0xf00000-0xffffff" bios-start
	exits 0 on_pc read apcb.bin --only apcb
	cmp apcb.bin <(tail -c +$((0x51001)) mine.bin | head -c $((0x2000)))
	exits 0 on_pc write vendor.bin --only bios-start --yes
	same_bytes "$chip" vendor.bin 0xf00000 0x100000
	same_bytes "$chip" mine.bin 0 0xf00000
	# A file says the same as the chip that it was read from.
	exits 0 "$norprog" layouts ./mine.bin
	says psp-nvram apcb
}

@test "a directory whose sum is wrong names nothing" {
	people amd 1 "$chip"
	poke "$chip" 0x4a010 '\x05'
	exits 0 on_pc layouts chip
	says apcb
	says_not psp-nvram
	poke "$chip" 0x40004 '\0\0\0\0'
	poke "$chip" 0x50004 '\0\0\0\0'
	exits 1 on_pc layouts chip
	says "nothing tells how this chip is divided"
}

@test "coreboot's master header is a map, too" {
	people coreboot 1 "$chip"
	people coreboot 2 other.rom
	cp "$chip" mine.bin
	exits 0 on_small layouts chip
	says "0x600000-0x7ffbff" cbfs "0x7ffc00-0x7fffff" bootblock
	exits 0 on_small write other.rom --only coreboot --yes
	same_bytes "$chip" mine.bin 0 0x600000
	same_bytes "$chip" other.rom 0x600000 0x200000
}

# As chromebook of people.py, with other areas: NAME START SIZE...
fmap() {
	python3 - "$@" <<- 'EOF'
		import struct, sys
		path, at, areas = sys.argv[1], int(sys.argv[2], 0), sys.argv[3:]
		data = bytearray(open(path, "rb").read())
		fmap = b"__FMAP__\1\1" + bytes(8) + struct.pack("<I32sH", len(data), b"FMAP", len(areas) // 3)
		for name, start, size in zip(*[iter(areas)] * 3):
		    fmap += struct.pack("<II32sH", int(start, 0), int(size, 0), name.encode(), 0)
		data[at:at + len(fmap)] = fmap
		open(path, "wb").write(data)
	EOF
}

@test "a Chromebook's firmware whose areas moved is told, with what belongs together" {
	people chromebook 1 5CD123456X "$chip"
	people chromebook 2 5CD123456X same.rom
	cp same.rom moved.rom
	fmap moved.rom 0x410000 WP_RO 0x400000 0x400000 RO_VPD 0x400000 0x4000 GBB 0x404000 0x4000 \
		FMAP 0x410000 0x1000 COREBOOT 0x500000 0x300000 RW_A 0 0x400000 RW_NEW 0x420000 0xe0000
	exits 0 on_small write same.rom --keep unit --dry-run
	says_not "divides the flash otherwise"
	exits 0 on_small write moved.rom --keep unit --dry-run
	says "divides the flash otherwise" "COREBOOT 0x500000+0x300000" "RW_NEW new" "the map is written with it"
	exits 0 on_small write moved.rom --only COREBOOT --dry-run
	says "divides the flash otherwise" "--only FMAP,"
	says_not "the map is written with it"
	exits 0 on_small write same.rom --only COREBOOT --dry-run
	says_not "divides the flash otherwise"
}

@test "an FMAP over two chips: what fits is kept, and that there is more is said" {
	people chromebook 1 5CD123456X two.rom
	cat two.rom two.rom > whole.rom
	fmap whole.rom 0x410000 RO_VPD 0x400000 0x4000 FMAP 0x410000 0x1000 RW_A 0x500000 0x800000 COREBOOT 0xd00000 0x300000
	head -c $((8 << 20)) whole.rom > "$chip"
	exits 0 on_small layouts chip
	says "0x500000-0x7fffff" RW_A "second chip"
	says_not COREBOOT
	exits 0 on_small read rw.bin --only RW_A
	[ "$(stat -c %s rw.bin)" = $((0x300000)) ]
}
