#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: cmd/doctor.c
# doctor: what it says, its page, its exit codes. The faults at the wire are in tests/emu/doctor.bats.

load common

@test "a good clip: exit 0, and the next command" {
	text "$chip" 1 8388608
	exits 0 on_chip doctor
	says "64 of 64 ID reads agree" "W25Q64FV" "conclusion: all is well" "next: \`norprog read backup.bin -p $sim\`"
	says_not "CS  1-"
}

@test "nobody answers: the pins, and a picture of them" {
	exits 4 "$norprog" -p sim:chip=W25Q64FV,fault=silent doctor
	says "conclusion: nobody answers: MISO stays high" "pin 1 (dot, CS)" " CS  1-|o  |-8 3.3 V"
}

@test "a 1.8 V part: exit 7 until it is said that the supply suits" {
	exits 7 "$norprog" -p sim:chip=W25Q64FW doctor
	says "--voltage-ok"
	exits 0 "$norprog" -p sim:chip=W25Q64FW doctor --voltage-ok
}

@test "a programmer that cannot be opened: what to do next is never empty" {
	exits 3 "$norprog" -p sim:chip=W25Q64FV,file=/nonexistent/chip.bin doctor
	[[ $output =~ next:\ [a-z]+ ]] || { echo "$output"; false; }
}

@test "no programmer: exit 3" {
	exits 3 "$norprog" -p /dev/spidev77.0 doctor
	says "wrong     programmer" "conclusion: "
	exits 2 "$norprog" -p nonsense doctor
}

@test "the page, and that it replaces nothing unasked" {
	exits 4 "$norprog" -p sim:chip=W25Q64FV,fault=silent doctor --html page.html
	grep -q "<b>nobody answers" page.html
	grep -q "SOIC16" page.html
	[ "$(grep -c '<svg' page.html)" = 2 ]
	[ "$(grep -c '</svg>' page.html)" = 2 ]
	exits 1 on_chip doctor --html page.html
	exits 0 on_chip doctor --html page.html --force
	grep -q "all is well" page.html
}

@test "doctor only reads" {
	text "$chip" 2 8388608
	freeze
	on_chip doctor > /dev/null
	untouched
}

@test "an interrupted job: no backup from here" {
	text "$chip" 2 8388608
	text new 5 8388608
	"$norprog" -p "$sim,fault=cut=200000000" write new --keep nothing --yes > /dev/null 2>&1 || true
	ls "$XDG_STATE_HOME"/norprog/jobs/*.json
	exits 7 on_chip doctor
	says "interrupted job" "norprog resume -p $sim"
}

@test "--json: checks, clocks, verdict" {
	run --separate-stderr on_chip doctor --json
	[ "$status" = 0 ]
	result '.verdict == "ok" and .exit == 0 and (.clocks | length) == 6'
	json -s 'map(select(.event == "check") | .name) | index("programmer") == 0 and index("reads") > 0'
}

@test "contents that no chip holds: zeros everywhere, a bit that never changes" {
	head -c 8388608 /dev/zero > "$chip"
	exits 4 on_chip doctor
	says "every byte read is 00" "look at pin 2 (MISO)"
	openssl enc -aes-128-ctr -nosalt -pass pass:1 -in /dev/zero 2> /dev/null | head -c 8388608 | LC_ALL=C tr '\000-\017\040-\057\100-\117\140-\157\200-\217\240-\257\300-\317\340-\357' '\020-\037\060-\077\120-\137\160-\177\220-\237\260-\277\320-\337\360-\377' > "$chip"
	exits 4 on_chip doctor
	says "in every byte the bits 10 are ones" "conclusion: bits that never change"
}
