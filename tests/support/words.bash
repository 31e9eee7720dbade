# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # bats sets output and status
# What tests ask of a program: its exit code and its words.

# exits CODE COMMAND...: asserts the exit code; stderr is part of the output.
exits() {
	local code=$1
	shift
	run "$@" < /dev/null
	if [ "$status" != "$code" ]; then
		printf 'exit code %s, not %s: %s\n%s\n' "$status" "$code" "$*" "$output" >&2
		return 1
	fi
}

# says TEXT...: each occurs in the output.
says() {
	local text
	for text in "$@"; do
		if [[ $output != *"$text"* ]]; then
			printf 'not said: %s\nbut: %s\n' "$text" "$output" >&2
			return 1
		fi
	done
}

says_not() {
	if [[ $output == *"$1"* ]]; then
		printf 'said: %s\nin: %s\n' "$1" "$output" >&2
		return 1
	fi
}

# waits_for PID FILE WORD: until a line of the file has the word, or the process has ended.
waits_for() {
	grep -qm1 "$3" <(exec tail -f --pid="$1" -n +1 "$2" 2> /dev/null 3>&-)
}
