#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: cmd/list.c programmer.c
# list, and which programmer is taken when none is named. Nothing is attached to a test machine, so the
# tests that need that say so.

load common

nothing_attached() {
	[ "$("$norprog" list --json 2> /dev/null | tail -n 1 | jq .count)" = 0 ] || skip "a programmer is attached"
}

@test "list with nothing attached names the drivers and the rehearsal" {
	nothing_attached
	exits 0 "$norprog" list
	says "no programmer is attached" "sim " "-p sim:chip=W25Q64FV,file=chip.bin"
}

@test "list --json ends with the result" {
	run --separate-stderr "$norprog" list --json
	[ "$status" = 0 ]
	result '.event == "result" and .command == "list" and .ok and (.count | type == "number")'
}

@test "without -p and with nothing certain attached: exit 3, and what to do" {
	nothing_attached
	refused 3 "no programmer found" "norprog list" "sim:" -- "$norprog" detect
	refused 3 "no programmer found" -- "$norprog" read dump.bin
}

@test "NORPROG_PROGRAMMER is taken when -p is not given, and -p wins" {
	NORPROG_PROGRAMMER=$sim exits 0 "$norprog" detect
	says "W25Q64FV"
	NORPROG_PROGRAMMER=nonsense exits 0 "$norprog" -p "$sim" detect
	NORPROG_PROGRAMMER=nonsense exits 2 "$norprog" detect
	says "unknown programmer 'nonsense'" "known programmers:"
}

@test "unknown programmer, key and value" {
	refused 2 "unknown programmer 'bp'" "known programmers: " "sim" -- "$norprog" -p bp detect
	refused 2 "unknown key 'colour'" "keys of sim: " -- "$norprog" -p sim:colour=red detect
	refused 2 "key 'chip' needs a value" -- "$norprog" -p sim:chip detect
	refused 2 "given twice" -- "$norprog" -p sim:chip=W25Q64FV,chip=W25Q64FV detect
	refused 2 "sometime" -- "$norprog" -p sim:chip=W25Q64FV,time=sometime detect
	refused 2 "W25Q9999" "W25Q64FV" -- "$norprog" -p sim:chip=W25Q9999 detect
	refused 2 "lightning" -- "$norprog" -p sim:chip=W25Q64FV,fault=lightning detect
}
