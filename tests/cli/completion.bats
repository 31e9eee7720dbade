#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion, asked as bash would ask it.

load common

# completes LINE...: the words before the cursor, the last one being completed.
completes() {
	run bash -c '
		source "$1"
		shift
		norprog=$1
		shift
		COMP_WORDS=(norprog "$@")
		COMP_CWORD=$#
		_norprog "$norprog" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>&1
		printf "%s\n" "${COMPREPLY[@]}"
	' bash "$BATS_TEST_DIRNAME/../../doc/norprog.bash-completion" "$norprog" "$@"
	[ "$status" = 0 ]
}

@test "commands" {
	completes re
	[ "$(sort <<< "$output" | tr '\n' ' ')" = "read report restore resume " ]
	completes -p sim: dete
	[ "$output" = detect ]
}

@test "programmers, as many as are built in" {
	completes -p c
	[ "$(tr '\n' ' ' <<< "$output")" = "ch341a ch347 " ]
	completes -p sim
	[ "$output" = sim ]
}

@test "options of the command, and only those" {
	completes read --f
	[ "$output" = --force ]
	completes write --f
	[ -z "$output" ]
	completes resume --d
	[ "$output" = --discard ]
}

@test "layouts, regions of the layout, and files" {
	completes read x --layout tplink-mr200-v1
	says "tplink-mr200-v1"
	completes read x --layout tplink-mr200-v1 --only r
	[ "$(sort <<< "$output" | tr '\n' ' ')" = "radio rom romfile " ]
	completes write x --layout tplink-mr200-v1 --keep u
	[ "$(sort <<< "$output" | tr '\n' ' ')" = "u-boot unit " ]
	completes read x --layout dlink,dir-842
	[ "$(sort <<< "$output" | tr '\n' ' ')" = "dlink,dir-842-c1 dlink,dir-842-c2 dlink,dir-842-c3 " ]
	echo 'mtdparts=spi0.0:128k(loader),-(others)' > parts.txt
	completes read x --layout parts.txt --only ""
	[ "$(sort <<< "$output" | tr '\n' ' ')" = "loader others unit " ]
	touch dump1.bin dump2.bin
	completes verify du
	[ "$(sort <<< "$output")" = $'dump1.bin\ndump2.bin' ]
	completes protect o
	[ "$(sort <<< "$output")" = $'off\non' ]
	completes backups p
	[ "$output" = prune ]
	completes backups prune --k
	[ "$output" = --keep ]
	completes otp e
	[ "$output" = erase ]
	completes otp write du
	[ "$(sort <<< "$output")" = $'dump1.bin\ndump2.bin' ]
}
