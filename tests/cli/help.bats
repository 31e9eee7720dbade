#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Help, usage errors, and that what the help says is true.

load common

commands="serve list detect report doctor read write restore clone verify erase protect resume backups chips layouts image unit device otp ui"

# options_of COMMAND: the long options its --help lists.
options_of() {
	"$norprog" "$1" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+'
}

@test "--help names every command and fits 80 columns" {
	exits 0 "$norprog" --help
	for command in $commands; do says "  $command "; done
	[ "$(sed -n '/^Commands:/,/^$/p' <<< "$output" | grep -c '^  ')" = "$(wc -w <<< "$commands")" ]
	says "Exit codes" "norprog help COMMAND"
	[ "$(wc -L <<< "$output")" -le 80 ]
}

@test "every command has --help with an example that fits 100 columns" {
	for command in $commands; do
		exits 0 "$norprog" "$command" --help
		says "Usage: norprog $command" "Example:" "norprog $command"
		[ "$(wc -L <<< "$output")" -le 100 ]
	done
}

@test "every option a command's help lists is accepted by that command" {
	for command in $commands; do
		while read -r option; do
			run "$norprog" "$command" "$option" 1+1 --help
			says_not "unknown option"
			says_not "does not belong"
		done < <(options_of "$command")
	done
}

@test "the manual page knows every command and every option" {
	manual=$BATS_TEST_DIRNAME/../../doc/norprog.1
	for command in $commands; do
		grep -q "^\.It Cm $command\b" "$manual"
		while read -r option; do
			grep -qE -- "^\.It.* Fl (. , )?-${option#--}( |\$)" "$manual" || {
				echo "the manual page lacks $option" >&2
				return 1
			}
		done < <(options_of "$command")
	done
}

@test "--help before the command and after it; --version" {
	exits 0 "$norprog" -h
	says "Usage: norprog [options] COMMAND"
	exits 0 "$norprog" --version
	[[ $output =~ ^norprog\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "no command, an unknown command" {
	refused 2 "no command given" "norprog --help" -- "$norprog"
	refused 2 "unknown command 'raed'" "did you mean" -- "$norprog" raed
	refused 2 "unknown command 'frobnicate'" "norprog --help" -- "$norprog" frobnicate
}

@test "unknown, incomplete and misplaced options" {
	refused 2 "unknown option '--colour'" "norprog read --help" -- "$norprog" read x --colour
	refused 2 "unknown option '-z'" -- "$norprog" read x -z
	refused 2 "--programmer needs a value" -- "$norprog" read x -p
	refused 2 "--only needs a value" -- "$norprog" read x --only
	refused 2 "--json takes no value" -- "$norprog" list --json=yes
	refused 2 "--undo does not belong to 'read'" -- "$norprog" read x --undo
	refused 2 "--keep does not belong to 'read'" -- "$norprog" --keep unit read x
	refused 2 "--chip given twice" -- "$norprog" detect -c A -c B
}

@test "values that are no values" {
	refused 2 "'fast' is not a clock" -- "$norprog" detect --speed fast
	refused 2 "'0' is not a number" -- "$norprog" read x --passes 0
	refused 2 "6 is not within 1..5" -- "$norprog" read x --passes 6
	refused 2 "'8Q' is not a number" -- "$norprog" read x --size 8Q
	refused 2 "an empty name in the list" -- "$norprog" read x --only a,,b
}

@test "options that contradict each other" {
	refused 2 "--backup and --no-backup contradict" -- "$norprog" write x --backup b --no-backup
	refused 2 "--no-verify and --verify-all contradict" -- "$norprog" write x --no-verify --verify-all
	refused 2 "--undo and --discard contradict" -- "$norprog" resume --undo --discard
	refused 2 "--at and --only/--range contradict" -- "$norprog" write x --at 0 --range 0+1
	refused 2 "--quiet and --verbose contradict" -- "$norprog" list -q -v
	refused 2 "--chip-erase and --keep contradict" -- "$norprog" erase --chip-erase --keep 0+1
}

@test "missing and superfluous arguments" {
	refused 2 "read needs FILE" "norprog read --help" -- "$norprog" read
	refused 2 "one argument too many: 'b'" -- "$norprog" read a b
	refused 2 "one argument too many: 'a'" -- "$norprog" verify --blank a
	refused 2 "one argument too many: 'a'" -- "$norprog" erase a
}

@test "a usage error is JSON where JSON was asked for" {
	exits 2 "$norprog" read x --undo --json
	run --separate-stderr "$norprog" read x --undo --json
	[ "$(wc -l <<< "$output")" = 1 ]
	result '.event == "result" and .ok == false and .code == "usage" and .exit == 2'
	result -e '.message | contains("--undo")'
	result -e '.hint == "norprog read --help"'
}

@test "standard output that cannot be written is a failure" {
	[ -e /dev/full ] || skip "no /dev/full"
	run bash -c '"$0" layouts > /dev/full' "$norprog"
	[ "$status" = 1 ]
	says "standard output could not be written"
	run bash -c '"$0" --help > /dev/full' "$norprog"
	[ "$status" = 1 ]
}

@test "--log gets messages with their time; a log that cannot be written is refused" {
	exits 2 "$norprog" --log log.txt erase --range 5 -p sim:chip=W25Q64FV
	grep -qE '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T.*Z error: ' log.txt
	exits 1 "$norprog" list --log nowhere/log.txt
	says "log file nowhere/log.txt" "No such file"
}
