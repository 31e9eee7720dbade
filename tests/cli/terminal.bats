#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: welcome.c
# On a terminal: the prompt and the bar. script(1) lends one.

load common

setup_file() {
	command -v script > /dev/null || skip "script(1) is missing (package bsdutils)"
}

# on_terminal ANSWER WORDS...: norprog with a terminal for all three streams.
on_terminal() {
	local answer=$1
	shift
	printf '%s\n' "$answer" > answer
	run script -q -e -c "exec $norprog -p $sim $*" /dev/null < answer
	rm answer
}

fill() {
	text "$chip" 3 8388608
	cp "$chip" before
	cp "$chip" new
	poke new 0x1000 'xyz'
}

@test "y at the prompt goes ahead" {
	fill
	on_terminal y write new --keep nothing
	[ "$status" = 0 ]
	says "Go ahead? [y/N]" "done: erased"
	cmp new "$chip"
}

@test "n, nothing and rubbish at the prompt: exit 8, nothing changed" {
	fill
	for answer in n "" maybe; do
		on_terminal "$answer" write new --keep nothing
		[ "$status" = 8 ]
		says "Go ahead? [y/N]" "nothing was changed"
		cmp before "$chip"
	done
	[ -z "$(find "$XDG_STATE_HOME" -type f 2> /dev/null)" ]
}

@test "--yes asks nothing" {
	fill
	on_terminal n write new --keep nothing --yes
	[ "$status" = 0 ]
	says_not "Go ahead"
	cmp new "$chip"
}

@test "a bar with rate and ETA" {
	fill
	sim="$sim,time=real"
	on_terminal "" read dump.bin --range 0+1M --speed 10M --passes 1
	[ "$status" = 0 ]
	says "reading chip [" "#" "%" "iB/s" "ETA"
	cmp --bytes=1048576 dump.bin before
}

@test "bare norprog says what is attached, what is on the clip and what to type" {
	text "$chip" 1 8388608
	NORPROG_PROGRAMMER=$sim run script -q -e -c "exec $norprog" /dev/null < /dev/null
	[ "$status" = 0 ]
	says "on the clip: W25Q64FV, 8 MiB" "next:  norprog read backup.bin" "norprog help"
	[ "${#lines[@]}" -le 6 ]
	NORPROG_PROGRAMMER=sim:chip=W25Q64FV,fault=silent run script -q -e -c "exec $norprog" /dev/null < /dev/null
	[ "$status" = 0 ]
	says "no answer" "next:  norprog doctor"
}

@test "a read whose sums are wrong is offered again, slower; without a terminal the command is named" {
	python3 "$BATS_TEST_DIRNAME/../support/people.py" router "$chip"
	exits 0 on_chip read good.bin
	says_not "norprog read"
	poke "$chip" 0x60000 '\377\0\377\0\1\2'
	exits 0 on_chip read dump.bin
	says "damaged at 0x050000" "norprog read dump.bin --force --speed 12500k"
	on_terminal y read slow.bin
	[ "$status" = 0 ]
	says "Read again now, at 12500kHz? [y/N]" "read again more slowly: it is damaged all the same"
	cmp slow.bin "$chip"
	on_terminal n read fast.bin
	[ "$status" = 0 ]
	says "Read again now"
	says_not "read slower"
	cmp fast.bin "$chip"
}
