#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: contact.c
# --wait: for clips held by hand.

load common

@test "contact at once: nothing is said and the command goes on" {
	text "$chip" 1 8388608
	exits 0 on_chip read dump --wait
	says_not "waiting"
	cmp "$chip" dump
	exits 0 on_chip detect --wait 30s
	says "W25Q64FV"
	exits 0 "$norprog" -p "$sim,fault=asleep" detect --wait=2m
}

@test "no contact within the time given: exit 4, and who can tell more" {
	exits 4 "$norprog" -p sim:chip=W25Q64FV,fault=silent detect --wait 100ms
	says "waiting for the clip" "no steady contact within" "FF FF FF" "norprog doctor -p sim:chip=W25Q64FV,fault=silent"
	exits 4 "$norprog" -p sim:chip=W25Q64FV,fault=flip=20 read dump --wait 100ms
	[ ! -e dump ]
}

@test "Ctrl-C ends the waiting" {
	: > said
	env --default-signal=INT "$norprog" -p sim:chip=W25Q64FV,fault=silent detect --wait 2> said 3>&- &
	pid=$!
	waits_for $pid said waiting
	kill -INT $pid
	wait $pid || code=$?
	[ "$code" = 8 ]
	grep -q "stopped while waiting" said
}

@test "what is no time is a file, or refused" {
	exits 2 on_chip detect --wait=soon
	says "'soon' is not a time like 30s or 2m"
	text "$chip" 1 8388608
	exits 0 on_chip read --wait 30 --passes 1
	cmp 30 "$chip"
	exits 2 "$norprog" list --wait
	says "--wait does not belong to 'list'"
}

@test "on a terminal: a bar of the last second, a cell for each try, and the ID as it is read" {
	command -v script > /dev/null || skip "script(1) is missing (package bsdutils)"
	run script -q -e -c "stty cols 60; exec $norprog -p sim:chip=W25Q64FV,fault=silent detect --wait 500ms" /dev/null < /dev/null
	[ "$status" = 4 ]
	says "contact [                   .]  FF FF FF  0 of 64" "contact [                 ...]"
	run script -q -e -c "stty cols 60; exec $norprog -p sim:chip=W25Q64FV,fault=flip=20 detect --wait 2500ms" /dev/null < /dev/null
	[ "$status" = 4 ]
	# It moves to the left, and no line of it is wider than 60 columns.
	[[ $output =~ contact\ \[[+-]{20}\]\ \ EF\ 40\ 17 ]]
	[ "$(tr '\r' '\n' <<< "$output" | sed 's/\x1b\[K//g' | grep '^contact \[' | wc -L)" -le 60 ]
}
