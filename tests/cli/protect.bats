#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# protect: status, on, off, by address range.

load common

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
	exits 0 on_chip write new --yes
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
