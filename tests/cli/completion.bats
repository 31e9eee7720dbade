#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion, asked as the shells ask it, and the manual pages made from the same tables.
# covers: complete.c manpage.c

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
	' bash "$BATS_TEST_DIRNAME/../../packaging/completion/norprog.bash" "$norprog" "$@"
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
	completes write x --keep n
	[ "$output" = nothing ]
	completes write x --only n
	[ -z "$output" ]
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

@test "behind a comma the list goes on" {
	completes read x --layout tplink-mr200-v1 --only rom,ra
	[ "$output" = "rom,radio" ]
	completes erase --override mirror,unit-
	[[ $output == mirror,unit-* ]]
}

@test "commands, gates, chips and fields, each with what it is" {
	run "$norprog" complete write --override mirr
	[[ $output == mirror$'\t'* ]]
	run "$norprog" complete -c W25Q64FV
	[ "${lines[0]}" = $'W25Q64FV\tWinbond' ]
	run "$norprog" complete write x -l tplink-mr200-v1 --set m
	[ "$output" = "mac=" ]
	run "$norprog" complete write x --keep no
	[[ $output == nothing$'\t'* ]]
	run "$norprog" complete read x --wait ""
	[[ $output == *:files* || -z $output ]]
}

@test "every verb that is offered is one" {
	touch in.bin
	for command in image otp unit device; do
		for verb in $("$norprog" complete "$command" ""); do
			run "$norprog" "$command" "$verb" in.bin
			[[ $output != *"unknown verb"* && $output != *"is none of"* && $output != *"expected learn"* ]] || { echo "$command $verb: $output"; false; }
		done
	done
	run "$norprog" image no-such-verb in.bin
	[ "$status" = 2 ]
}

@test "names with control characters are not offered" {
	printf 'mtdparts=spi0.0:128k(a\033[31mred),-(rest)\n' > parts.txt
	run "$norprog" complete read x -l parts.txt --only ""
	[[ $output != *$'\033'* ]]
}

@test "hostile and empty lines end well" {
	for words in "" "-" "--" "-p" "--only" "no-such-command x" ",,,," "-l /dev/null --only x"; do
		read -ra line <<< "$words"
		run "$norprog" complete "${line[@]}" ""
		[ "$status" = 0 ]
	done
}

@test "zsh and fish ask the same" {
	if command -v zsh > /dev/null; then
		zsh -n "$BATS_TEST_DIRNAME/../../packaging/completion/_norprog"
	fi
	command -v fish > /dev/null || skip "no fish here"
	fish --no-execute "$BATS_TEST_DIRNAME/../../packaging/completion/norprog.fish"
	mkdir -p bin
	ln -s "$norprog" bin/norprog
	run env PATH="$PWD/bin:$PATH" HOME="$PWD" fish -c "
		source $BATS_TEST_DIRNAME/../../packaging/completion/norprog.fish
		complete -C 'norprog -p sim: dete'"
	[[ $output == detect$'\t'* ]]
}

@test "the manual page of each command is what --help says, and well formed" {
	local pages=$BATS_TEST_DIRNAME/../../doc/man
	for command in $("$norprog" complete "" | cut -f1 | grep -v '^help$'); do
		"$norprog" manpage "$command" > page.1
		diff "$pages/norprog-$command.1" page.1 || { echo "run: make man"; false; }
		! command -v mandoc > /dev/null || [ -z "$(mandoc -Tlint -W warning page.1)" ]
	done
	[ "$(find "$pages" -name '*.1' | wc -l)" = "$("$norprog" complete "" | grep -vc '^help')" ]
}
