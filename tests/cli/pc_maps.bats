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
	exits 0 on_pc write vendor.bin --only bios-start --dry-run
	says_not "UUID"
	exits 0 on_pc write vendor.bin --keep unit --yes
	says "serial number, UUID"
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

@test "identify names AMD's directories and says whether their sums are right" {
	people amd 1 amd.bin
	exits 0 "$norprog" image identify amd.bin
	says "PC firmware (AMD)" "'\$PSP', 2 entries, checksum right"
	poke amd.bin 0x50018 '\1'
	exits 0 "$norprog" image show amd.bin
	says "'\$PSP', 2 entries" "'\$BHD', 2 entries, whose sum is not right"
	says_not "is damaged"
	# The letters alone, in a program or in noise.
	people coreboot 3 noise.bin
	for at in 0x10000 0x20008 0x30010; do poke noise.bin $at '$PSP\0\0\0\0\0\0\0\0'; done
	poke noise.bin 0x40004 '$BHD\1\2\3\4\1\0\0\0'
	exits 0 "$norprog" image show noise.bin
	says_not "AMD directory"
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

# ---- what other programs make of them ----------------------------------------------------------------

@test "an image of cbfstool, fmaptool and futility: the same areas, the same HWID, sums that are checked" {
	command -v cbfstool fmaptool futility > /dev/null || skip "needs coreboot-utils and vboot-kernel-utils"
	cat > board.fmd <<- 'EOF'
		FLASH@0xff800000 0x800000 {
			SI_ALL@0x0 0x200000 { SI_DESC@0x0 0x1000 SI_ME@0x1000 0x1ff000 }
			SI_BIOS@0x200000 0x600000 {
				RW_VPD(PRESERVE)@0x10000 0x2000
				RW_SECTION_A@0x20000 0x100000 { VBLOCK_A@0x0 0x10000 FW_MAIN_A(CBFS)@0x10000 0xf0000 }
				WP_RO@0x200000 0x400000 {
					RO_VPD(PRESERVE)@0x0 0x4000
					FMAP@0x4000 0x800
					GBB@0x5000 0x2f000
					COREBOOT(CBFS)@0x40000 0x3c0000
				}
			}
		}
	EOF
	fmaptool board.fmd board.map
	cbfstool board.rom create -M board.map -r COREBOOT,FW_MAIN_A
	head -c 200000 /bin/bash > payload
	cbfstool board.rom add -r COREBOOT -f payload -n fallback/payload -t raw -A sha256
	cbfstool board.rom add -r FW_MAIN_A -f payload -n fallback/payload -t raw -c lzma
	cbfstool board.rom add-master-header -r COREBOOT
	futility gbb --create=0x100,0x1000,0x400,0x1000 gbb.bin
	futility gbb -s --hwid="NORPROG TEST 1234" gbb.bin
	cbfstool board.rom write -r GBB -f gbb.bin -u
	exits 0 "$norprog" layouts ./board.rom -o board.layout
	while read -r name start size; do
		grep -qi "^0*$(printf %x "$start"):0*$(printf %x $((start + size - 1))) $name\$" board.layout || {
			echo "$name"
			false
		}
	done < <(futility dump_fmap -p board.rom)
	exits 0 "$norprog" unit show board.rom
	says "NORPROG TEST 1234" " ok"
	exits 0 "$norprog" image identify board.rom
	says "coreboot or Chromebook firmware"
	says_not wrong damaged
	# A bit of the file with a hash, and of the master header's file system.
	cbfstool board.rom print -r COREBOOT
	python3 - <<- 'EOF'
		data = bytearray(open("board.rom", "rb").read())
		data[0x440000 + data[0x440000:].index(b"\x7fELF") + 5000] ^= 4
		open("bad.rom", "wb").write(data)
	EOF
	exits 0 "$norprog" image show bad.rom
	says "its checksum is wrong" "fallback/payload"
	# Read from a chip it divides that as well.
	cp board.rom "$chip"
	exits 0 on_small read vpd.bin --only RO_VPD
	[ "$(stat -c %s vpd.bin)" = $((0x4000)) ]
}

@test "a legacy image of cbfstool has its map in the master header" {
	command -v cbfstool > /dev/null || skip "needs coreboot-utils"
	head -c 65536 /bin/bash > boot.bin
	for size in 0x100000 0x400000 0x800000; do
		cbfstool old.rom create -m x86 -s $size -B boot.bin
		exits 0 "$norprog" layouts ./old.rom
		says coreboot cbfs bootblock "0x$(printf %06x $((size - 65536)))-0x$(printf %06x $((size - 1)))"
		exits 0 "$norprog" image identify old.rom
		says "coreboot firmware"
		rm old.rom
	done
}

@test "a descriptor that ifdtool reads is read alike" {
	command -v ifdtool > /dev/null || skip "needs coreboot-utils"
	people pc 0x800000 1 10:60:4b:11:22:33 board.rom
	ifdtool -f ifdtool.layout board.rom
	exits 0 "$norprog" layouts ./board.rom -o norprog.layout
	cat ifdtool.layout norprog.layout
	while read -r range name; do
		case $name in fd) name=descriptor ;; pd) name=platform ;; esac
		grep -i "^${range}" norprog.layout | grep -q " $name\$" || {
			echo "$range $name"
			false
		}
	done < ifdtool.layout
}

@test "Debian's UEFI volumes are PC firmware" {
	[ -e /usr/share/OVMF/OVMF_CODE.fd ] || skip "needs ovmf"
	exits 0 "$norprog" image identify /usr/share/OVMF/OVMF_CODE.fd
	says "UEFI firmware" "checksum right"
	says_not "checksum wrong" damaged
}

# ---- headers without a name, and dumps that are not straight -----------------------------------------

@test "an update file with a header of a maker that nobody knows is not written with it" {
	people amd 1 mine.bin
	people amd 2 vendor.bin
	cp mine.bin "$chip"
	for bytes in 16 640 2048 4096 65536; do
		{ tail -c $bytes /bin/bash; cat vendor.bin; } > update.bin
		exits 0 "$norprog" image identify update.bin
		says "unknown header" "begins at 0x$(printf %x $bytes)"
		refused 7 "of header" "--strip" -- on_pc write update.bin --yes
		exits 2 on_pc write update.bin --at 0 --keep unit --yes
		cmp mine.bin "$chip"
	done
	exits 0 on_pc write update.bin --strip --keep unit --yes
	same_bytes "$chip" mine.bin 0x600000 0x20000
	same_bytes "$chip" vendor.bin 0x620000 0x9e0000
}

@test "UEFI volumes behind a header of HP's length: not with it, not even to an address" {
	[ -e /usr/share/OVMF/OVMF_CODE.fd ] || skip "needs ovmf"
	{ tail -c 640 /bin/bash; cat /usr/share/OVMF/OVMF_CODE.fd; } > firmware.bin
	text "$chip" 3 $((16 << 20))
	refused 7 "640 bytes of header" "--strip" -- on_pc write firmware.bin --at 0x600000 --yes
	exits 0 on_pc write firmware.bin --at 0x600000 --strip --keep nothing --yes
	cmp <(tail -c +$((0x600001)) "$chip" | head -c "$(stat -c %s /usr/share/OVMF/OVMF_CODE.fd)") /usr/share/OVMF/OVMF_CODE.fd
}

@test "a dump with a byte too many or too few is told, by identify and before it is written" {
	[ -e /usr/share/OVMF/OVMF_CODE.fd ] || skip "needs ovmf"
	{ cat /usr/share/OVMF/OVMF_CODE.fd; head -c $((8 << 20)) /dev/zero; } | head -c $((8 << 20)) > right.bin
	{ printf x; cat right.bin; } | head -c $((8 << 20)) > many.bin
	{ tail -c +4 right.bin; printf xxx; } > few.bin
	exits 0 "$norprog" image identify right.bin
	says_not "in front"
	exits 0 "$norprog" image identify many.bin
	says "1 byte too many in front" "read the chip again"
	exits 0 "$norprog" image identify few.bin
	says "3 bytes too few in front"
	text "$chip" 3 $((8 << 20))
	exits 0 on_small write many.bin --keep nothing --dry-run
	says "1 byte too many in front"
}
