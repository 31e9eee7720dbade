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

# ---- what must stay, at places of their own ------------------------------------------------------

# odd FILE SEED MAC: 4 MiB; GbE behind the ME, the BIOS at 1.5 MiB.
odd() {
	python3 - "$@" <<- 'EOF'
		import random, struct, sys
		path, seed, mac = sys.argv[1:]
		flash = bytearray(random.Random(int(seed)).randbytes(4 << 20))
		flash[:0x1000] = b"\xff" * 0x1000
		struct.pack_into("<III", flash, 0x10, 0x0FF0A55A, 0x00060003, 0x8)
		regions = {0: (0, 0x1000), 1: (0x180000, 0x400000), 2: (0x1000, 0x160000), 3: (0x160000, 0x162000), 4: (0x170000, 0x178000)}
		for n in range(9):
		    start, end = regions.get(n, (0x7FFF000, 0x1000))
		    struct.pack_into("<I", flash, 0x60 + 4 * n, (end - 1 >> 12) << 16 | start >> 12)
		for at in (0x160000, 0x161000):
		    flash[at:at + 0x1000] = bytes.fromhex(mac) + random.Random(int(seed) + 9).randbytes(0x80 - 6) + b"\xff" * 0xF80
		    struct.pack_into("<H", flash, at + 0x7E, (0xBABA - sum(struct.unpack_from("<63H", flash, at))) & 0xFFFF)
		open(path, "wb").write(flash)
	EOF
}

on_4m() {
	"$norprog" -p "sim:chip=W25Q32FV,file=$chip" "$@"
}

@test "nobody is told to replace what only this unit has, whatever the image lacks" {
	odd mine.bin 1 0021cc010203
	odd vendor.bin 2 888888888788
	cp mine.bin "$chip"
	# no descriptor; blank or zeros but for the BIOS; the ME missing
	cp vendor.bin a.bin
	dd if=/dev/urandom of=a.bin bs=4096 count=1 conv=notrunc status=none
	{ head -c $((0x180000)) /dev/zero; tail -c +$((0x180001)) vendor.bin; } > b.bin
	{ head -c $((0x180000)) /dev/zero | tr '\0' '\377'; tail -c +$((0x180001)) vendor.bin; } > c.bin
	cp vendor.bin d.bin
	head -c $((0x15f000)) /dev/zero | tr '\0' '\377' | dd of=d.bin bs=4096 seek=1 conv=notrunc status=none
	local image
	for image in a b c d; do
		refused 7 "--only" -- on_4m write $image.bin --yes
		says_not "--only gbe" ",gbe"$'\n' ",gbe,platform,bios"
		hint=$(sed -n 's/^hint: to write what is in it: //p' <<< "$output")
		[ -n "$hint" ]
		# What the hint says does not lose it.
		# shellcheck disable=SC2086 # words
		exits 0 on_4m write $image.bin $hint --yes
		same_bytes mine.bin "$chip" 0x160000 0x2000
		cp mine.bin "$chip"
	done
	refused 7 "--only bios" "blank where the chip holds descriptor,me,gbe,platform" -- on_4m write b.bin --yes
}

@test "--set mac= on a board whose copies differ, or are damaged: its own settings stay, both sums are right" {
	odd mine.bin 1 0021cc010203
	odd vendor.bin 2 888888888788
	sums() {
		python3 - "$chip" <<- 'EOF'
			import struct, sys
			data = open(sys.argv[1], "rb").read()
			for at in (0x160000, 0x161000):
			    assert sum(struct.unpack_from("<64H", data, at)) & 0xFFFF == 0xBABA, hex(at)
			    assert data[at:at + 6].hex() == "0021cc090807", hex(at)
			assert data[0x160006:0x16007E] == data[0x161006:0x16107E]
		EOF
	}
	# another address in the second copy, with a right sum
	cp mine.bin "$chip"
	poke "$chip" 0x161004 '\x03\x02'
	cp "$chip" differ.bin
	python3 - differ.bin <<- 'EOF'
		import struct, sys
		data = bytearray(open(sys.argv[1], "rb").read())
		struct.pack_into("<H", data, 0x16107E, (0xBABA - sum(struct.unpack_from("<63H", data, 0x161000))) & 0xFFFF)
		open(sys.argv[1], "wb").write(data)
	EOF
	# a damaged setting in either copy
	cp mine.bin first.bin
	poke first.bin 0x160020 '\0\0\0\0'
	cp mine.bin second.bin
	poke second.bin 0x161020 '\0\0\0\0'
	for was in mine differ first second; do
		cp $was.bin "$chip"
		exits 0 on_4m write vendor.bin --set mac=00:21:cc:09:08:07 --yes
		says "becomes 00:21:cc:09:08:07" "set     gbe" "kept    nothing else"
		sums
		same_bytes mine.bin "$chip" 0x160006 0x78
		same_bytes vendor.bin "$chip" 0x180000 0x280000
		exits 0 on_4m unit show
		says "00:21:cc:09:08:07" " ok" "the map that it carries itself"
	done
}

@test "four bytes that look like a descriptor's sign are none" {
	head -c $((4 << 20)) /dev/urandom > noise.bin
	poke noise.bin 0x10 '\x5a\xa5\xf0\x0f'
	exits 0 "$norprog" image identify noise.bin
	says_not "descriptor" "PC firmware"
	cp noise.bin "$chip"
	exits 1 on_4m layouts chip
}

@test "a Chromebook without Intel's descriptor: its FMAP is found wherever it is, and guards" {
	python3 - arm.bin <<- 'EOF'
		import random, struct, sys
		flash = bytearray(random.Random(4).randbytes(8 << 20))
		areas = [("WP_RO", 0, 0x400000), ("RO_VPD", 0x3f0000, 0x4000), ("GBB", 0x300000, 0x4000), ("RW_LEGACY", 0x500000, 0x100000)]
		fmap = b"__FMAP__\1\1" + bytes(8) + struct.pack("<I32sH", len(flash), b"FMAP", len(areas))
		for name, start, size in areas:
		    fmap += struct.pack("<II32sH", start, size, name.encode(), 0)
		flash[0x35000:0x35000 + len(fmap)] = fmap
		pairs = b"\1\rserial_number\nNXABC12345\0"
		flash[0x3f0000:0x3f4000] = b"\xff" * 0x4000
		flash[0x3f0604:0x3f0610] = b"gVpdInfo" + struct.pack("<I", len(pairs))
		flash[0x3f0610:0x3f0610 + len(pairs)] = pairs
		open(sys.argv[1], "wb").write(flash)
	EOF
	cp arm.bin "$chip"
	exits 0 on_chip layouts chip
	says RO_VPD "0x3f0000" RW_LEGACY
	head -c 65536 /dev/urandom > piece.bin
	refused 7 "VPD (serial number, addresses)" "--keep 0x3f0000" -- on_chip write piece.bin --at 0x3f0000 --yes
	exits 0 on_chip write piece.bin --at 0x2f0000 --yes
	exits 0 on_chip read vpd.bin --only RO_VPD
	same_bytes vpd.bin <(tail -c +$((0x3f0001)) arm.bin) 0 0x4000
}
