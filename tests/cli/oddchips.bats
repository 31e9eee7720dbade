#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Chips that nobody entered, that lie, or that several parts could be: supply, size, protection.

load common

common="page=256 erase=20:4K,52:32K,D8:64K,C7:chip time=page:700,sr:10000,4k:45,32k:120,64k:150,chip:20000"

# le32 NUMBER: its bytes, lowest first, in hex.
le32() {
	printf '%02X%02X%02X%02X' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255))
}

# sfdp BYTES MINOR [MAKER SUPPLY]: a table of nine dwords for a chip of that size, and the maker's own.
sfdp() {
	local words=(0xFFF120E5 $(($1 * 8 - 1)) 0x6B08EB44 0xBB423B08 0xFFFFFFFE 0xFF00FFFF 0xEB21FFFF 0x520F200C
		0xFF00D810)
	local head
	(($1 > 16777216)) && words[0]=0xFFF320E5
	head=$(printf '53464450%02X01%02XFF00%02X0109300000FF' "$2" $(($# > 2)) "$2")
	(($# > 2)) && head+=$(printf '%02X000104600000FF' "$3")
	printf '%-96s' "$head" | tr ' ' F
	for word in "${words[@]}"; do le32 "$word"; done
	if (($# > 2)); then
		printf 'FFFFFFFFFFFFFFFFFFFFFFFF'
		le32 "$4"
		printf 'FFFFFFFFFFFFFFFFFFFFFFFF'
	fi
}

# put NAME KEYS...: a part of that name on the programmer.
put() {
	printf 'part %s %s\n' "$1" "${*:2}" >> parts.txt
	sim="sim:parts=$PWD/parts.txt,chip=$1,file=$chip"
}

status_writes() {
	grep -cE '^[0-9.]+ (01|31|11)( |$)' trace
}

# ---- supply ----

@test "an unknown part whose maker's table says 1.8 V is asked about" {
	put LOWVCC "id=C86714 size=1M $common sr1=FC sr2=43 wr=sr1 has=sr2,wr31,vol50,reset" \
		"rawsfdp=$(sfdp 1048576 6 0xC8 0x20001650)"
	exits 0 on_chip detect
	says "supply     1.65-2.00 V (by its SFDP): do not feed it 3.3 V"
	run --separate-stderr on_chip detect --json
	result '.low_voltage and .supply_mv == [1650, 2000] and .supply_from == "sfdp"'
	exits 0 on_chip read out.bin
	says "3.3 V may be too much"
	text image 1 1048576
	cp "$chip" before
	exits 7 on_chip write image --yes
	says "1.65-2.00 V" "--voltage-ok"
	cmp "$chip" before
	exits 0 on_chip write image --yes --voltage-ok
	cmp "$chip" image
}

@test "a part whose supply nothing tells is asked about, and null in JSON" {
	put NOVCC "id=5E5014 size=1M $common sr1=FC sr2=43 wr=sr1,sr2 prot=any:1C rawsfdp=$(sfdp 1048576 6)"
	exits 0 on_chip detect
	says "supply     not known"
	run --separate-stderr on_chip detect --json
	result '.low_voltage == null and .supply_mv == null and .supply_from == null and (.supply_ask | length > 0)'
	exits 7 on_chip erase --yes
	says "read the marking" "--voltage-ok"
	exits 0 on_chip erase --yes --voltage-ok
}

@test "an ID that parts for 3.3 V and for 1.8 V share is asked about, until the part is named" {
	put P25Q16H "id=856015 size=2M $common sr1=FC sr2=43 wr=sr1,sr2,clears has=sleep,sr2,vol50"
	exits 0 on_chip detect
	says "it may be P25Q16L"
	exits 7 on_chip erase --yes
	says "it may be P25Q16L"
	exits 0 on_chip -c P25Q16H erase --yes
}

@test "a part known for 3.3 V is not asked about" {
	exits 0 on_chip detect
	says "supply     2.7-3.6 V"
	run --separate-stderr on_chip detect --json
	result '.low_voltage == false and .supply_mv == [2700, 3600] and .supply_from == "table" and .supply_ask == null'
	exits 0 on_chip read out.bin
	says_not "3.3 V"
}

# ---- protection ----

@test "no protection bit set is nothing protected, whatever one of the candidates would make of bits" {
	put TWINS "id=C22016 size=4M $common sr1=FC wr=sr1 has=reset rawsfdp=$(sfdp 4194304 0 0xC2 0x36002650)"
	exits 0 on_chip detect
	says "SR1=00: nothing protected"
	run --separate-stderr on_chip detect --json
	result '.protection_known and .protected == []'
	text image 1 65536
	exits 0 on_chip write image --at 0 --yes --trace trace
	[ "$(status_writes)" = 0 ]
}

@test "an unknown part with CMP set: said, lifted, put back" {
	printf 'prot bpc 401c 0=none 4=t64K 8=t128K c=t256K 10=t512K 14=t1M 18=t2M 1c=all\n' > parts.txt
	put UNKCMP "id=7A5F14 size=1M $common sr1=FC sr2=43/0/40 wr=sr1 has=sr2,wr31,vol50,reset prot=any:401C" \
		"sfdp=1.6,qer6"
	exits 0 on_chip detect
	says "protection not known for this part (CMP set)"
	text image 1 1048576
	exits 0 on_chip write image --yes --voltage-ok
	cmp "$chip" image
	exits 0 on_chip protect
	says "CMP set"
}

@test "an unknown part whose protection does not lift is refused before the first erase" {
	put FIXED "id=7A5F14 size=1M $common sr1=FC sr2=03/0/40 wr=sr1 has=sr2,wr31,vol50,reset prot=any:401C" \
		"sfdp=1.6,qer6"
	text image 1 1048576
	exits 0 on_chip detect
	cp "$chip" before
	exits 7 on_chip write image --yes --voltage-ok --trace trace
	says "does not lift" "CMP set"
	cmp "$chip" before
	! grep -qE '^[0-9.]+ (20|52|d8|c7|60|02)( |$)' trace
}

@test "SFDP of an unknown part that is silent about QE: SR2 is written along with SR1" {
	put QUIET "id=7A5F14 size=1M $common sr1=FC sr2=43/0/02 wr=sr1,sr2,clears has=sr2,reset prot=any:1C" \
		"rawsfdp=$(sfdp 1048576 0)"
	exits 0 on_chip detect
	says "SR2=02"
	exits 0 on_chip protect off
	says "SR2=02"
	exits 0 on_chip detect
	says "SR2=02"
}

@test "a stranger of Macronix or ISSI is not sent 35h, which would change how it takes commands" {
	for id in C2E514 9D9914; do
		put "FOUR$id" "id=$id size=1M $common sr1=FC wr=sr1 has=reset prot=any:3C rawsfdp=$(sfdp 1048576 0)"
		exits 0 on_chip detect --trace trace
		says "driven by its SFDP), 1 MiB" "nothing protected"
		! grep -qE '^[0-9.]+ 35( |$)' trace
		rm -f trace "$chip" "$chip.regs"
	done
	put SIX "id=7A5F14 size=1M $common sr1=FC sr2=43/0/02 wr=sr1,sr2,clears has=sr2 prot=any:3C rawsfdp=$(sfdp 1048576 0)"
	exits 0 on_chip detect --trace trace
	grep -qE '^[0-9.]+ 35( |$)' trace
}

@test "an SR2 that nobody reads is never written: its one-time bits stay clear" {
	put NOSR2 "id=F83215 size=2M $common sr1=FC/00/1C sr2=43/38 wr=sr1,sr2 prot=any:1C"
	exits 0 on_chip detect
	says "SR1=1C SR2=FF: protected"
	exits 0 on_chip protect off --trace trace
	says "SR1=00 SR2=FF: nothing protected"
	grep -qE '^[0-9.]+ 01 00 pause' trace
}

# ---- size ----

short="id=1C4118 size=16M $common sr1=FC sr2=43 wr=sr1,sr2 prot=any:1C"

@test "ID and SFDP contradict each other, and what the chip holds settles it" {
	put SHORT "$short rawsfdp=$(sfdp 8388608 0)"
	text "$chip" 1 16777216
	exits 0 on_chip detect
	says "unknown part (driven by its SFDP), 16 MiB" "by its ID it has 16 MiB, but its SFDP says 8 MiB" \
		"holds something of its own"
	exits 0 on_chip read out.bin
	cmp out.bin "$chip"
	text "$chip" 1 8388608
	cat "$chip" "$chip" > twice
	cp twice "$chip"
	exits 0 on_chip detect
	says "driven by its SFDP), 8 MiB" "repeats the lower"
	exits 0 on_chip read --force out.bin
	[ "$(stat -c %s out.bin)" = 8388608 ]
}

@test "a chip that holds more than its SFDP says, and whose ID says nothing, is not read by half" {
	put MORE "id=6B12FF size=4M $common sr1=FC wr=sr1 prot=any:1C rawsfdp=$(sfdp 1048576 0)"
	text "$chip" 1 4194304
	exits 0 on_chip detect
	says "by what it holds it has 4 MiB, but its SFDP says 1 MiB" "--size 4M or --size 1M"
	exits 0 on_chip read out.bin
	cmp out.bin "$chip"
	exits 0 on_chip read --size 1M --force out.bin
	[ "$(stat -c %s out.bin)" = 1048576 ]
	text image 2 4194304
	exits 7 on_chip write image --yes --voltage-ok
	says "size is not certain"
	exits 0 on_chip write image --yes --voltage-ok --size 4M --keep nothing
	cmp "$chip" image
}

@test "where such a chip ends as SFDP says, it repeats: nothing is doubted" {
	put TRUE "id=6B12FF size=1M $common sr1=FC wr=sr1 prot=any:1C rawsfdp=$(sfdp 1048576 0)"
	text "$chip" 1 1048576
	exits 0 on_chip detect
	says "driven by its SFDP), 1 MiB"
	says_not "its SFDP says"
}

@test "a size that is no power of two is read rounded up, and not written" {
	put ODD "id=6B12FF size=512K $common sr1=FC wr=sr1 prot=any:1C rawsfdp=$(sfdp 393216 0)"
	text "$chip" 1 524288
	exits 0 on_chip read out.bin
	says "its SFDP says 384 KiB"
	cmp out.bin "$chip"
	exits 7 on_chip erase --yes --voltage-ok
	rm -f "$chip" "$chip.regs"
	put ODDER "id=C8B313 size=1M $common sr1=FC wr=sr1 prot=any:1C rawsfdp=$(sfdp 786432 0)"
	text "$chip" 1 1048576
	exits 0 on_chip read --force out.bin
	says "by its ID it has 512 KiB, but its SFDP says 768 KiB"
	cmp out.bin "$chip"
}

@test "what the chip holds does not settle it: read whole, not written until --size says which" {
	put SHORT "$short rawsfdp=$(sfdp 8388608 0)"
	exits 0 on_chip detect
	says "what it holds does not tell which" "--size 16M or --size 8M"
	run --separate-stderr on_chip detect --json
	result '.size == 16777216 and .size_certain == false and (.size_doubt | contains("8 MiB"))'
	exits 0 on_chip read out.bin
	[ "$(stat -c %s out.bin)" = 16777216 ]
	text image 1 16777216
	cp "$chip" before
	exits 7 on_chip write image --yes --voltage-ok
	says "size is not certain" "--size 16M"
	cmp "$chip" before
	exits 7 on_chip write image --yes --voltage-ok --size 4M
	cmp "$chip" before
	exits 0 on_chip write image --yes --voltage-ok --size 16M
	cmp "$chip" image
}

@test "a known part whose SFDP says another size is read, and written once it is settled" {
	put CLONE "id=EF4017 size=8M $common sr1=FC sr2=43 wr=sr1,sr2 has=sr2,vol50,reset rawsfdp=$(sfdp 2097152 0)"
	exits 0 on_chip detect --sfdp out.sfdp
	says "by the tables it has 8 MiB, but its SFDP says 2 MiB" "--size 8M"
	[ "$(head -c 4 out.sfdp)" = SFDP ]
	exits 0 on_chip read out.bin
	[ "$(stat -c %s out.bin)" = 8388608 ]
	text image 1 8388608
	exits 7 on_chip write image --yes
	exits 0 on_chip write image --yes --size 8M
	cmp "$chip" image
	exits 0 on_chip detect
	says "holds something of its own"
	exits 0 on_chip erase --keep nothing --yes
}

@test "a known lie of a known part: its row wins" {
	put CLONE "id=EF4018 size=16M $common sr1=FC sr2=43 wr=sr1,sr2 has=sr2,vol50,reset rawsfdp=$(sfdp 2097152 0)"
	exits 0 on_chip detect --sfdp out.sfdp
	says "ZD25Q128C, 16 MiB" "its SFDP says 2 MiB, which is not true"
	says_not "certain"
	[ -s out.sfdp ]
	text image 1 16777216
	exits 0 on_chip write image --yes
	cmp "$chip" image
}

@test "a chip that holds half of what it is sold for is told" {
	text half 1 4194304
	cat half half > "$chip"
	exits 0 on_chip detect
	says "repeat after 4 MiB"
	run --separate-stderr on_chip detect --json
	result '.repeats_after == 4194304'
	blank "$chip" 8388608
	exits 0 on_chip detect
	says_not "repeat"
	text "$chip" 1 8388608
	run --separate-stderr on_chip detect --json
	result '.repeats_after == null'
}

# ---- nothing known ----

@test "an unknown ID without SFDP is read with --size, and with nothing else" {
	put NOSFDP "id=7A5F17 size=8M $common sr1=FC sr2=43 wr=sr1,sr2 prot=any:1C"
	text "$chip" 1 8388608
	exits 4 on_chip read out.bin
	says "read --size 8M" "--chips FILE"
	exits 0 on_chip read --size 8M out.bin --trace trace
	says "03h" "cannot be written"
	cmp out.bin "$chip"
	! grep -qE '^[0-9.]+ (06|50|01|02|20|d8|c7|60|0b)( |$)' trace
	exits 4 on_chip erase --size 8M --yes --voltage-ok
	exits 4 on_chip protect off
	exits 4 on_chip read --size 32M out2.bin
	says "above 16 MiB" "--size 16M"
	exits 4 on_chip detect --sfdp out.sfdp
	[ "$(stat -c %s out.sfdp)" = 256 ]
}

@test "an ID a bit or two off a known one is told as bad contact" {
	put NEAR "id=F74017 size=8M $common sr1=FC sr2=43 wr=sr1,sr2"
	exits 4 on_chip detect
	says "EF 40 17" "bad contact" "HOLD#"
	put NEARSFDP "id=F74017 size=8M $common sr1=FC sr2=43 wr=sr1,sr2 rawsfdp=$(sfdp 8388608 0)"
	exits 0 on_chip detect
	says "bad contact"
	put STRANGE "id=7A5F17 size=8M $common sr1=FC sr2=43 wr=sr1,sr2"
	exits 4 on_chip detect
	says_not "bad contact"
}

@test "--chip for another ID: one hint says what would work" {
	exits 4 on_chip -c EN25QH128A detect
	says "leave --chip out" "--size" "--chips FILE"
}

# ---- other kinds ----

@test "a stack that answers as one of its dies is saved and written whole" {
	put STACK "id=C84019 size=64M die=32M erase=20:4K,52:32K,D8:64K,21:4K,5C:32K,DC:64K,C7:chip page=256" \
		"sr1=FC sr2=7A/38 sr3=F0 wr=sr1,sr2 has=dieselect,b7,read4,reset,sr2,sr3,vol50,write4" \
		"time=page:700,sr:10000,4k:45,32k:120,64k:150,chip:20000 sfdp=1.6,qer4,addr4"
	exits 0 on_chip detect
	says "GD25S512MD, 64 MiB"
	text image 1 65536
	exits 0 on_chip write image --at 0x2000000 --yes
	exits 0 on_chip read out.bin
	cmp out.bin "$chip"
	cmp -n 65536 -i 0:33554432 image "$chip"
	exits 4 on_chip -c GD25Q256D read half.bin
	says "stack of two dies"
	[ ! -e half.bin ]
}

@test "a NAND die in the package of a NOR is told" {
	local id
	for id in "EF4015 size=2M" "EF4016 size=4M" "EF4018 size=16M"; do
		rm -f "$chip"* trace
		put PAIR "id=$id pair=EFAA21 $common sr1=FC sr2=43 wr=sr1,sr2,clears has=sr2,vol50"
		exits 0 on_chip detect
		says "second die that is not saved" "NAND"
	done
	# A job sends nothing that an ordinary chip does not know.
	rm -f trace
	exits 0 on_chip read out.bin --trace trace
	[ -s trace ]
	exits 1 grep -E '^[0-9.]+ c2' trace
}

@test "no chip is asked for a second die that no pair with its ID has" {
	local part
	for part in W25Q64FV W25Q64JV W25Q256FV GD25Q128C; do
		rm -f "$chip"* trace
		exits 0 "$norprog" -p "sim:chip=$part,file=$chip" detect --trace trace
		[ -s trace ]
		exits 1 grep -E '^[0-9.]+ c2' trace
	done
}

@test "octal parts are read and not written, and say why" {
	put OCTAL "id=C28137 size=8M $common sr1=3C wr=sr1"
	text "$chip" 1 8388608
	exits 0 on_chip read out.bin
	cmp out.bin "$chip"
	cp "$chip" before
	exits 1 on_chip erase --yes --voltage-ok
	says "MX25UW6445G" "octal part" "--chips FILE"
	cmp "$chip" before
}

@test "DataFlash, FRAM and NAND are refused by name" {
	put AT45 "id=1F2600 size=2M $common sr1=3C wr=sr1"
	exits 4 on_chip detect
	says "DataFlash AT45DB161" "no SPI NOR"
	rm "$chip"
	put FRAM "id=7F7F7F size=64K $common sr1=3C wr=sr1"
	exits 4 on_chip read --size 64K out.bin
	says "FRAM"
	rm -f "$chip"
	put NAND "id=EFAA21 size=8M $common sr1=3C wr=sr1"
	exits 4 on_chip detect
	says "NAND"
}
