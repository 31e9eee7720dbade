#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: cmd/protect.c
# protect: status, on, off, by address range.

load common

parts=$BATS_TEST_DIRNAME/../data/parts.txt

@test "status of an unprotected chip" {
	exits 0 on_chip protect
	says "SR1=00" "nothing protected"
	exits 0 on_chip protect status
	says "nothing protected"
}

@test "on and off, by range and by region; jobs lift it and put it back" {
	text "$chip" 3 8388608
	poke "$chip" 0x7df100 '\364\362\155\1\2\3'
	exits 0 on_chip protect on 0-0x1ffff
	says "protected: 0x000000-0x01ffff"
	exits 0 on_chip protect
	says "protected: 0x000000-0x01ffff"
	cp "$chip" new
	poke new 0x100 'x'
	exits 0 on_chip write new --keep nothing --yes
	cmp new "$chip"
	exits 0 on_chip protect
	says "protected: 0x000000-0x01ffff"
	exits 0 on_chip protect off
	says "nothing protected"
	exits 0 on_chip protect on u-boot --layout tplink-mr200-v1
	says "0x000000-0x01ffff u-boot"
	exits 0 on_chip detect --layout tplink-mr200-v1
	says "0x000000-0x01ffff: u-boot"
}

@test "a range the part cannot express: the nearest it can is named" {
	refused_before=$("$norprog" -p "$sim" protect)
	exits 2 on_chip protect on 0+0x30000
	says "hint: " "0x"
	[ "$("$norprog" -p "$sim" protect 2> /dev/null)" = "$(tail -n 1 <<< "$refused_before")" ]
}

@test "--dry-run changes nothing" {
	exits 0 on_chip protect on 0-0x1ffff --dry-run
	says "dry run: would protect 0x000000-0x01ffff" "nothing protected"
	exits 0 on_chip protect
	says "nothing protected"
}

@test "protect --json" {
	exits 0 on_chip protect on 0-0x1ffff
	run --separate-stderr on_chip protect --json
	[ "$status" = 0 ]
	result '.protected == [{"start": 0, "length": 131072}] and .known and .locked == false and .wp_decides == false'
}

@test "what the bits mean is said, in text and in JSON" {
	exits 0 "$norprog" -p "sim:chip=MX25L12835F,file=$chip" protect
	says "T/B is one-time and not set" "norprog never sets it"
	run --separate-stderr "$norprog" -p "sim:chip=MX25L12835F,file=$chip" protect --json
	result '.meaning | length == 1 and (.[0] | startswith("T/B is one-time"))'
	rm "$chip"*
	run --separate-stderr on_chip protect --json
	result '.meaning == []'
}

@test "T/B that is set for ever counts from the bottom, and says so" {
	exits 0 "$norprog" -p "sim:chip=MX25L12835F,file=$chip,fault=cr=0x0f+sr1=0x08" protect
	says "protected: 0x000000-0x01ffff" "T/B is one-time and set: ranges count from the bottom, for ever"
	exits 2 "$norprog" -p "sim:chip=MX25L12835F,file=$chip,fault=cr=0x0f" protect on 0xfe0000-0xffffff
	says "cannot protect exactly" "the smallest it can that covers it: 0x000000+0x1000000"
	exits 0 "$norprog" -p "sim:chip=MX25L12835F,file=$chip,fault=cr=0x0f" protect on 0-0x1ffff
	says "SR1=08 CR=0F: protects 0x000000-0x01ffff"
}

@test "registers locked until power-off: status says so, off and write are refused" {
	locked="sim:chip=W25Q64FV,file=$chip,fault=sr1=0x1c+sr2=0x01"
	exits 0 "$norprog" -p "$locked" protect
	says "protects 0x000000-0x7fffff; locked" "SRP1 is set: the registers cannot be changed until power-off"
	exits 7 "$norprog" -p "$locked" protect off
	says "the protection does not lift" "hint: the status register is locked: cut the power"
	exits 7 "$norprog" -p "$locked" protect on 0-0x1ffff
	says "the protection could not be set"
	text new 7 8388608
	exits 7 "$norprog" -p "$locked" write new --yes
	says "the protection does not lift" "cut the power"
	exits 0 "$norprog" -p "$locked" protect
	says "SR1=1C SR2=01"
}

@test "registers locked for ever: status says so; with WP# low it names the pin" {
	exits 0 "$norprog" -p "sim:chip=W25Q64FV,file=$chip,fault=sr1=0x9c+sr2=0x01" protect
	says "SRP1 and SRP0 are set: the registers can never be changed again"
	exits 7 "$norprog" -p "sim:chip=W25Q64FV,file=$chip,fault=sr1=0x9c+sr2=0x00+wp" protect off
	says "SRP set (WP# low locks it)" "hint: tie WP# (pin 3) to 3.3 V"
}

@test "WPS: blocks with locks of their own; a job uses the ranges and puts WPS back" {
	wps="sim:chip=W25Q64JV,file=$chip,fault=sr3=0x64"
	exits 0 "$norprog" -p "$wps" protect
	says "SR3=64: protects 0x000000-0x7fffff" "WPS is set: every block has a lock of its own"
	text new 5 8388608
	exits 0 "$norprog" -p "$wps" write new --yes
	cmp new "$chip"
}

@test "a part whose ranges are not known says so, lifts, and is not protected by guess" {
	odd="sim:chip=MX25L25635E,parts=$parts,file=$chip"
	exits 0 "$norprog" -p "$odd,fault=sr1=0x14" protect
	says "range not known for this part (BP0 BP2 set)" "protected: range not known for this part" \
		"which addresses those bits protect is not known"
	run --separate-stderr "$norprog" -p "$odd,fault=sr1=0x14" protect --json
	result '.known == false and .protected == []'
	exits 2 "$norprog" -p "$odd" protect on 0-0xffff
	says "is not known for this part: nothing was changed"
	exits 0 "$norprog" -p "$odd" protect off
	says "nothing protected"
}

@test "two schemes under one ID: what both say is shown, and --chip tells more" {
	twin="sim:chip=MX25L6433F,parts=$parts,file=$chip"
	exits 0 "$norprog" -p "$twin" protect on 0-0x7fffff
	says "protected: 0x000000-0x7fffff"
	exits 0 "$norprog" -p "$twin" protect
	says "SR1=3C: protects 0x000000-0x7fffff"
	exits 2 "$norprog" -p "$twin" protect on 0x7e0000-0x7fffff
	says "cannot protect exactly" "0x000000+0x800000; more may be possible with --chip NAME"
	exits 0 "$norprog" -p "$twin" --chip MX25L6433F protect on 0x7e0000-0x7fffff
	says "protected: 0x7e0000-0x7fffff"
	exits 0 "$norprog" -p "$twin" protect
	says "range not known for this part (BP1 set)" "--chip NAME tells which of them it is"
	exits 0 "$norprog" -p "$twin" protect off
	says "nothing protected"
}

@test "Atmel: sectors by range; what shares a sector is named, and nothing changes" {
	atmel="sim:chip=AT25DF321A,parts=$parts,file=$chip"
	exits 0 "$norprog" -p "$atmel" protect on 0x30000-0x4ffff
	says "protected: 0x030000-0x04ffff" "what is set here holds until power-off"
	exits 2 "$norprog" -p "$atmel" protect on 0x30000-0x30fff
	says "the smallest it can that covers it: 0x030000+0x10000"
	exits 0 "$norprog" -p "$atmel" protect off
	says "nothing protected"
}

@test "a one-time T/B in a register of its own: ISSI's and Eon's" {
	exits 0 "$norprog" -p "sim:chip=IS25LP128,parts=$parts,file=$chip,fault=sr1=0x0c+cr=0x02" protect
	says "FR=02: protects 0x000000-0x03ffff" "T/B is one-time and set"
	rm "$chip"*
	exits 0 "$norprog" -p "sim:chip=EN25QH64A,parts=$parts,file=$chip,fault=sr1=0x0c" protect
	says "OTP=00: protects 0x7c0000-0x7fffff" "T/B is one-time and not set"
}
