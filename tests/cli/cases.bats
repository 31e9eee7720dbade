#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: chip_map.c pc_map.c dts.c part.c damage.c
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
	says "serial number, UUID" "the backup has them"
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

# ---- files ---------------------------------------------------------------------------------------

# A small flash: a boot loader and blanks, on a chip that holds something else.
firmware() {
	head -c 131072 /bin/bash > fw.bin
	poke fw.bin 0 '\0\0\0\0'
	poke fw.bin 0x100 "U-Boot 1.1.4 (May 1 2012 - 10:00:00)\\0"
	head -c 65536 /dev/zero | tr '\0' '\377' | dd of=fw.bin bs=65536 seek=2 status=none conv=notrunc
	text "$chip" 3 $((8 << 20))
}

@test "Intel HEX and S-records are images whose gaps are not written over" {
	firmware
	for form in hex srec; do
		text "$chip" 3 $((8 << 20))
		cp "$chip" was.bin
		people $form fw.bin fw.$form
		exits 0 on_chip write fw.$form --keep nothing --yes
		same_bytes fw.bin "$chip" 0 131072
		cmp -i 131072 was.bin "$chip"
		exits 0 on_chip verify fw.$form
		exits 0 "$norprog" image identify fw.$form
		says "U-Boot"
	done
	people hex fw.bin fw.hex
	sed -i '5s/.$/0/;6s/.$/0/' fw.hex
	refused 2 "fw.hex:" -- on_chip write fw.hex --yes
	printf ':020000040100F9\n:01000000AA55\n:00000001FF\n' > far.hex
	refused 2 "beyond the end of the chip" -- on_chip write far.hex --yes
	# Nearly a hex file is a text.
	printf ':020000040100 F9\n:01000000AA55\n' > near.hex
	refused 7 "its first record is broken" -- on_chip write near.hex --at 0 --yes
}

@test "gzip, xz, zstd, and zip with one file are opened in place" {
	firmware
	gzip -k fw.bin
	xz -k fw.bin
	zstd -qk fw.bin
	people zip fw.bin fw.zip
	people stored fw.bin fw-stored.zip
	for file in fw.bin.gz fw.bin.xz fw.bin.zst fw.zip fw-stored.zip; do
		text "$chip" 3 $((8 << 20))
		exits 0 on_chip write "$file" --at 0 --yes
		says "taken out of it"
		same_bytes fw.bin "$chip" 0 $((192 << 10))
		exits 0 on_chip verify "$file" --at 0
		exits 0 "$norprog" image identify "$file"
		says "U-Boot" "192 KiB"
	done
	exits 2 "$norprog" image pad fw.zip 1M --in-place
	says "packed"
	exits 0 "$norprog" image pad fw.zip 1M -o padded.bin
	same_bytes fw.bin padded.bin 0 $((192 << 10))
}

@test "archives of several files, cut ones and bombs: named, with the command that unpacks" {
	firmware
	people two fw.bin two.zip
	tar cf fw.tar fw.bin
	bzip2 -k fw.bin
	refused 7 "tar archive" "tar xf fw.tar" -- on_chip write fw.tar --at 0 --yes
	refused 7 "zip archive of fw.bin, readme.txt" "unzip two.zip, and take the file" -- on_chip write two.zip --at 0 --yes
	refused 7 "bzip2 file" "bunzip2 -k fw.bin.bz2" -- on_chip write fw.bin.bz2 --at 0 --yes
	refused 7 "tar archive" -- on_chip verify fw.tar --at 0
	gzip -kc fw.bin | head -c 20000 > cut.gz
	refused 2 "cut short or damaged" "download it again" -- on_chip write cut.gz --at 0 --yes
	people bomb - bomb.zip
	refused 2 "more than 256 MiB" -- on_chip write bomb.zip --at 0 --yes
	exits 2 "$norprog" layouts ./fw.tar
	says "tar archive" "unpack it first"
}

@test "a part of a flash that begins with a packed kernel is no packed file" {
	firmware
	{ gzip -c fw.bin; head -c 65536 /dev/zero | tr '\0' '\377'; } | head -c 65536 > kernel.bin
	exits 0 on_chip write kernel.bin --only 0x20000+64K --yes
	cmp -n 65536 -i 131072:0 "$chip" kernel.bin
	exits 0 on_chip read part.bin --only 0x20000+64K
	gzip -c fw.bin | head -c 65536 > /dev/null
	exits 0 on_chip restore part.bin
	cmp part.bin kernel.bin
}

@test "web pages, documents, programs, pointers: named and refused" {
	firmware
	printf '<!DOCTYPE html><html><body>404 Not Found</body></html>\n' > fw1
	printf '%%PDF-1.7\n' > fw2
	printf 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 8388608\n' > fw3
	cp /bin/true fw4
	printf 'This is not the file you are looking for.\n' > fw5
	local names=(x "web page" "PDF document" "Git LFS" "Linux program" text)
	for i in 1 2 3 4; do
		refused 7 "${names[i]}" -- on_chip write fw$i --at 0x100000 --yes
		exits 0 "$norprog" image identify fw$i
		says "${names[i]}"
	done
	refused 7 "too few" -- on_chip write fw5 --yes
	exits 0 on_chip write fw5 --at 0x100000 --yes
}

@test "dumps with swapped bytes, mirrored or inverted bits: named, and made right" {
	firmware
	for how in "swap fw.bin 2" "swap fw.bin 4" "swap fw.bin bits" "invert fw.bin"; do
		# shellcheck disable=SC2086 # words
		"$norprog" image $how -o other.bin --force
		command="image ${how/fw.bin/FILE}"
		exits 0 "$norprog" image identify other.bin
		says "$command"
		refused 7 "$command" -- on_chip write other.bin --at 0 --yes
	done
	exits 0 on_chip write fw.bin --at 0 --dry-run
}

@test "capsules: recognised, stripped, never written whole" {
	cp "$images/mine.bin" "$chip"
	people capsule aptio "$images/vendor.bin" aptio.cap
	tail -c +$((0x600001)) "$images/vendor.bin" > bios.bin
	people capsule efi bios.bin efi.cap
	exits 0 "$norprog" image identify aptio.cap
	says "AMI APTIO capsule" "0x800"
	refused 7 "no part of a flash" "--strip" -- on_pc write aptio.cap --yes
	refused 7 "--strip" -- on_pc write efi.cap --at bios --yes
	refused 7 "only this unit has" -- on_pc write aptio.cap --strip --yes
	exits 0 on_pc write efi.cap --strip --only bios --yes
	same_bytes "$chip" "$images/vendor.bin" 0x600000 0xa00000
	same_bytes "$chip" "$images/mine.bin" 0 0x600000
	exits 0 on_pc write aptio.cap --strip --keep unit --yes
	same_bytes "$chip" "$images/vendor.bin" 0x3000 0x5fd000
	# as people download it, and cut
	gzip -k efi.cap
	exits 0 on_pc write efi.cap.gz --strip --only bios --dry-run
	head -c 9000000 efi.cap > cut.cap
	exits 7 on_pc write cut.cap --strip --at bios --keep nothing --dry-run --explain || true
	says "cut short"
}

# ---- maps ----------------------------------------------------------------------------------------

@test "a device tree's source is a layout, through dtc" {
	cat > board.dts <<- 'EOF'
		/dts-v1/;
		/ { #address-cells = <1>; #size-cells = <1>;
		flash@0 { compatible = "jedec,spi-nor"; reg = <0 0x800000>;
		partitions { compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
		partition@0 { label = "u-boot"; reg = <0 0x20000>; };
		partition@20000 { label = "firmware"; reg = <0x20000 0x7d0000>; };
		partition@7f0000 { label = "art"; reg = <0x7f0000 0x10000>; }; }; }; };
	EOF
	exits 0 "$norprog" layouts ./board.dts
	says u-boot "0x020000-0x7effff" "0x7f0000-0x7fffff"
	sed -i 's/^.*0x20000>; };$/broken/' board.dts
	exits 2 "$norprog" layouts ./board.dts
	says "dtc refuses it"
	mkdir empty
	PATH=$PWD/empty exits 2 "$norprog" layouts ./board.dts
	says "dtc is not installed" "device-tree-compiler"
}

@test "boot logs and /proc/mtd as they are pasted" {
	cat > boot.log <<- 'EOF'
		[    0.80] 6 fixed-partitions partitions found on MTD device spi0.0
		[    0.81] Creating 6 MTD partitions on "spi0.0":
		[    0.82] 0x000000000000-0x000000030000 : "u-boot"
		[    0.82] 0x000000030000-0x000000040000 : "factory"
		[    0.83] 0x000000040000-0x000000fc0000 : "firmware"
		[    0.84] 2 uimage-fw partitions found on MTD device firmware
		[    0.85] Creating 2 MTD partitions on "firmware":
		[    0.85] 0x000000000000-0x0000001a0000 : "kernel"
		[    0.86] 0x0000001a0000-0x000000f80000 : "rootfs"
		[    0.88] 0x000000fc0000-0x000000fd0000 : "crash"
		[    0.88] 0x000000fd0000-0x000000fe0000 : "config"
		[    0.89] 0x000000fe0000-0x000001000000 : "art"
	EOF
	exits 0 "$norprog" layouts ./boot.log
	says u-boot factory firmware crash config art
	says_not kernel
	head -n 4 boot.log > cut.log
	exits 2 "$norprog" layouts ./cut.log
	says "announces 6 partitions"
	printf 'dev:    size   erasesize  name\nmtd0: 00020000 00010000 "u-boot"\nmtd1: 00fe0000 00010000 "rest"\n' > mtd.txt
	exits 0 "$norprog" layouts ./mtd.txt
	says u-boot "0x020000-0xffffff" "taken to follow each other"
}

@test "what U-Boot prints of its partitions, and all of the flash as a partition of /proc/mtd" {
	cat > table.txt <<- 'EOF'
		=> mtdparts

		device nor0 <spi0.0>, # parts = 3
		 #: name		size		offset		mask_flags
		 0: u-boot              0x00040000	0x00000000	0
		 1: art                 0x00010000	0x007f0000	0
		 2: firmware            0x007b0000	0x00040000	0

		active partition: nor0,0 - (u-boot) 0x00040000 @ 0x00000000
	EOF
	exits 0 "$norprog" layouts ./table.txt
	says "0x7f0000-0x7fffff" "0x040000-0x7effff"
	text "$chip" 3 $((8 << 20))
	exits 0 on_chip read art.bin --only art -l table.txt
	same_bytes art.bin <(tail -c 65536 "$chip") 0 65536
	sed -i '/ 2: /d' table.txt
	exits 2 "$norprog" layouts ./table.txt
	says "announces 3 partitions on spi0.0 and lists 2" "copy it again"
	printf 'mtd0: 00800000 00010000 "ALL"\nmtd1: 00030000 00010000 "Bootloader"\nmtd2: 00010000 00010000 "Factory"\nmtd3: 007c0000 00010000 "Kernel"\n' > mtd.txt
	exits 0 "$norprog" layouts ./mtd.txt
	says "0x030000-0x03ffff"
	says_not ALL
	printf 'mtd0: 00040000 00010000 "u-boot"\nmtd1: 08000000 00020000 "ubi"\n' > mtd.txt
	exits 2 "$norprog" layouts ./mtd.txt
	says "more than one flash" "boot log"
}

# ---- damage --------------------------------------------------------------------------------------

@test "a dump that was read with two flipped bits: told by identify, show, write, restore and read" {
	people router good.bin
	cp good.bin bad.bin
	poke bad.bin 0x60000 '\x55\xaa'
	for verb in identify show; do
		exits 0 "$norprog" image $verb bad.bin
		says "damaged at 0x050000" "uImage" "checksum is wrong"
		exits 0 "$norprog" image $verb good.bin
		says_not "damaged"
	done
	cp good.bin "$chip"
	poke "$chip" 0x500000 '\0\0\0\0'
	exits 0 on_chip write bad.bin --keep nothing --dry-run
	says "damaged: uImage at 0x050000"
	exits 0 on_chip restore bad.bin --only 0x50000+2M --dry-run
	says "damaged: uImage at 0x050000"
	exits 0 on_chip write good.bin --keep nothing --dry-run
	says_not "damaged"
	cp bad.bin "$chip"
	exits 0 on_chip read read.bin
	says "the chip is damaged at 0x050000" "bad contact" "--speed"
	cmp read.bin bad.bin
	cp good.bin "$chip"
	exits 0 on_chip read again.bin
	says_not "damaged"
}

# ---- two chips -----------------------------------------------------------------------------------

@test "one image in two chips: proposed, written part by part, the wrong half refused, joined again" {
	people pc 0xc00000 4 3c:97:0e:0a:0b:0c two.bin 0x480000
	local first="sim:chip=W25Q64FV,file=first.bin" second="sim:chip=W25Q32FV,file=second.bin"
	people pc 0xc00000 5 3c:97:0e:0a:0b:0d was.bin 0x480000
	head -c $((8 << 20)) was.bin > first.bin
	tail -c $((4 << 20)) was.bin > second.bin
	refused 7 "too many" "second chip" "--part 1/2 --split 8M+4M" "image extract two.bin 0x000000+8M" -- \
		"$norprog" -p "$first" write two.bin --yes
	refused 7 "--part 2/2 --split 8M+4M" "0x800000+4M" -- "$norprog" -p "$second" write two.bin --yes
	refused 7 "only this unit has" -- "$norprog" -p "$first" write two.bin --part 1/2 --split 8M+4M --yes
	refused 7 "has 4194304 bytes, the chip 8388608" -- "$norprog" -p "$first" write two.bin --part 2/2 --split 8M+4M --yes
	exits 0 "$norprog" -p "$first" write two.bin --part 1/2 --split 8M+4M --keep unit --yes
	same_bytes first.bin was.bin 0x1000 0x2000
	same_bytes first.bin two.bin 0x3000 0x7fd000
	exits 0 "$norprog" -p "$second" write two.bin --part 2/2 --split 8M+4M --keep nothing --yes
	exits 0 "$norprog" -p "$second" verify two.bin --part 2/2 --split 8M+4M
	exits 0 "$norprog" image join first.bin second.bin -o joined.bin
	same_bytes joined.bin two.bin 0x3000 0xbfd000
	# Two chips of one size: what they hold tells them apart.
	head -c $((8 << 20)) was.bin > first.bin
	cat two.bin <(head -c $((4 << 20)) /dev/zero) > even.bin
	refused 7 "first part's chip" "other chip" -- "$norprog" -p "$first" write even.bin --part 2/2 --split 8M+8M --keep nothing --yes
	for wrong in "--part 1/2" "--part 3/2 --split 8M+4M" "--part 1/2 --split 8M" "--part x --split 8M+4M"; do
		# shellcheck disable=SC2086
		exits 2 "$norprog" -p "$first" write two.bin $wrong --yes
	done
	refused 7 "its parts together" -- "$norprog" -p "$first" write two.bin --part 1/2 --split 8M+8M --yes
}

@test "a map that passes the chip's end is kept as far as it fits, and that is said" {
	people pc 0xc00000 4 3c:97:0e:0a:0b:0c two.bin 0x480000
	head -c $((8 << 20)) two.bin > "$chip"
	exits 0 on_chip read bios.bin --only bios
	says "goes on in a second chip"
	[ "$(stat -c %s bios.bin)" = $((0x380000)) ]
}

@test "image hex chip: just the bytes that are shown, by address or by the names of the chip's own map" {
	cp "$images/mine.bin" "$chip"
	exits 0 on_pc_image hex chip 0x1000+16
	says "00001000  10 60 4b 11 22 33 ff ff"
	exits 0 on_pc_image hex chip gbe
	says "[gbe]" "<mac>" "10 60 4b 11 22 33"
	exits 0 on_pc_image hex chip
	says "00000010  5a a5 f0 0f"
	exits 2 on_pc_image hex chip nvram
	exits 2 on_pc_image hex chip 0x1000000+1
}

on_pc_image() {
	"$norprog" image "$@" -p "sim:chip=W25Q128FV,file=$chip"
}

@test "a squashfs or a kernel that the end of a dump cuts off is told, and none that ends there" {
	mkdir files
	head -c 900000 /dev/urandom > files/data
	mksquashfs files root.squashfs -quiet -noappend -comp xz > /dev/null
	blank good.bin $((8 << 20))
	dd if=root.squashfs of=good.bin bs=65536 seek=$((128 - (900000 + 65536) / 65536 - 1)) conv=notrunc status=none
	blank bad.bin $((8 << 20))
	dd if=root.squashfs bs=65536 count=8 status=none | dd of=bad.bin bs=65536 seek=120 conv=notrunc status=none
	[ "$(stat -c %s good.bin)$(stat -c %s bad.bin)" = 83886088388608 ]
	exits 0 "$norprog" image identify good.bin
	says_not "cut short" damaged
	exits 0 "$norprog" image identify bad.bin
	says "cut short: the squashfs at 0x780000" "bytes behind its end"
	text "$chip" 3 8388608
	exits 0 on_chip write bad.bin --keep nothing --dry-run
	says "cut short: squashfs at 0x780000"
	# A region alone is no flash: that its neighbour has the rest is no damage.
	exits 0 on_chip write bad.bin --only 0x780000+64K --keep nothing --dry-run
	says_not "cut short"
	cp bad.bin "$chip"
	exits 0 on_chip read read.bin
	says "the chip is cut short"
}

@test "a download that broke off is told before it is written, whatever in it is cut" {
	mkdir files
	head -c 300000 /dev/urandom > files/data
	mksquashfs files root.squashfs -quiet -noappend -comp xz > /dev/null
	people sysupgrade kernel.bin "tplink,archer-c7-v2"
	cat kernel.bin root.squashfs > both.bin
	blank "$chip" $((8 << 20))
	local cut
	for cut in 100 40000 400000 524288 524900 700000; do
		head -c $cut both.bin > cut.bin
		exits 0 on_chip write cut.bin --at 0x50000 --keep nothing --dry-run
		says "cut short: " "goes on behind the end of the file"
	done
	exits 0 on_chip write both.bin --at 0x50000 --keep nothing --dry-run
	says_not "cut short"
	# A region's copy is as long as the region: the rest may lie in the next one.
	printf '0x0:0x4ffff boot\n0x50000:0x6ffff kernel\n0x70000:0x7fffff rest\n' > map.layout
	head -c 131072 both.bin > cut.bin
	exits 0 on_chip write cut.bin --at kernel -l map.layout --keep nothing --dry-run
	says_not "cut short"
	exits 0 on_chip write cut.bin --at rest -l map.layout --keep nothing --dry-run
	says "cut short"
}

@test "the first of two chips ends within a file or a volume: no damage, and no bad contact" {
	people pc 0xc00000 4 3c:97:0e:0a:0b:0c two.bin 0x480000
	# a coreboot file from 5 MiB to 9 MiB
	printf 'LARCHIVE\0\x40\0\0\0\0\0\x50\0\0\0\0\0\0\0\x28payload\0\0\0\0\0\0\0\0\0' |
		dd of=two.bin bs=1M seek=5 conv=notrunc status=none
	head -c $((8 << 20)) two.bin > "$chip"
	exits 0 on_chip read first.bin
	says_not "cut short" "bad contact"
	exits 0 "$norprog" image identify first.bin
	says "divides 12288 KiB" "goes on in a second chip"
	says_not "cut short"
	exits 0 "$norprog" image identify two.bin
	says_not "second chip" "cut short"
	# No chip has this length: it is a part of the file.
	head -c 9000000 two.bin > part.bin
	exits 0 "$norprog" image identify part.bin
	says "cut short"
	# Without a map that says so, it is damage.
	blank empty 4096
	dd if=empty of="$chip" conv=notrunc status=none
	exits 0 on_chip read lost.bin
	says "the chip is cut short: the coreboot file system" "bad contact"
}
