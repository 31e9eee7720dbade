#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: stop.c
# SIGINT, SIGTERM and SIGKILL in each phase, and how resume goes on. The chip keeps real time, so that
# every phase lasts; the tests wait for events, never for time.

load common

# start WORDS...: norprog in the background, its events on fd 7. Shells make their children ignore SIGINT.
start() {
	rm -f events
	mkfifo events
	env --default-signal=INT,TERM "$norprog" -p "$sim,time=real" --json "$@" > events 2> err.txt &
	pid=$!
	exec 7< events
}

# await TEXT: reads events up to the first that has it.
await() {
	local line
	while read -r line <&7; do
		[[ $line != *"$1"* ]] || return 0
	done
	printf 'the events ended before %s\n' "$1" >&2
	return 1
}

# ends CODE: reads the remaining events, keeps the last, and asserts the exit code.
ends() {
	local code=0
	output=$(cat <&7)
	exec 7<&-
	rm -f events
	wait "$pid" || code=$?
	if [ "$code" != "$1" ]; then
		printf 'exit code %s, not %s\n%s\n' "$code" "$1" "$output" >&2
		return 1
	fi
}

fill() {
	text "$chip" 3 8388608
	cp "$chip" before
	text new 4 8388608
}

jobs_open() {
	find "$XDG_STATE_HOME/norprog/jobs" -type f 2> /dev/null | grep -q .
}

@test "SIGINT and SIGTERM while reading: exit 8, no file, no remains" {
	fill
	freeze
	for signal in INT TERM; do
		start read dump.bin --speed 1M
		await '"phase":"read"'
		kill "-$signal" "$pid"
		ends 8
		result '.code == "interrupted" and .exit == 8 and (.hint | contains("starts over"))'
		rm -f err.txt
		untouched
	done
}

@test "SIGINT in either pass of a read to a folder: no file, no folder, no remains" {
	fill
	freeze
	for pass in 1 2; do
		start read deep/parts --range 0+2M,4M+1M --speed 10M
		await "\"pass\":$pass"
		kill -INT "$pid"
		ends 8
		rm -f err.txt
		untouched
		[ ! -e deep ]
	done
}

@test "SIGINT while waiting for a chip that was found busy: exit 8 at once, and what it means" {
	fill
	sim="$sim,fault=start-busy+busy-forever"
	start detect
	await 'waiting for it'
	kill -INT "$pid"
	ends 8
	result '.code == "interrupted" and (.message | contains("busy")) and (.hint | contains("powered"))'
}

@test "SIGTERM while a write reads: nothing changed, no job stays open" {
	fill
	start write new --yes --speed 1M
	await '"phase":"read"'
	kill -TERM "$pid"
	ends 8
	cmp before "$chip"
	! jobs_open
	exits 0 on_chip write new --keep nothing --yes
	cmp new "$chip"
}

@test "SIGTERM in the second read, before anything is on disk" {
	fill
	start write new --only 0+1M --yes --speed 2M
	await '"phase":"reread"'
	kill -TERM "$pid"
	ends 8
	cmp before "$chip"
	! jobs_open
}

@test "Ctrl-C at the prompt: exit 8, nothing changed" {
	fill
	mkfifo to from
	env --default-signal=INT \
		script -q -e -f -c "exec $norprog -p $sim write new --only 0+64K" from < to > /dev/null 2>&1 &
	pid=$!
	exec 8> to 7< from
	while read -r -d ']' text <&7; do
		[[ $text != *"Go ahead? [y/N"* ]] || break
	done
	printf '\003' >&8
	ends 8
	exec 8>&-
	[[ $output == *"nothing was changed"* ]]
	cmp before "$chip"
	! jobs_open
}

@test "SIGTERM while everything is verified at the end: all is written, no job stays open" {
	fill
	start write new --only 0+1M --yes --verify-all --speed 5M
	await '"phase":"verify"'
	kill -TERM "$pid"
	ends 8
	result '.message | contains("all is written")'
	same_bytes "$chip" new 0 0x100000
	same_bytes "$chip" before 0x100000 0x700000
	! jobs_open
}

@test "SIGINT while writing: the block in work is completed, resume finishes byte-exact" {
	fill
	start write new --only 0+1M --yes
	await '"event":"step"'
	kill -INT "$pid"
	ends 8
	result '.code == "interrupted" and ((.message + .hint) | contains("resume"))'
	jobs_open
	for at in $(seq 0 65536 1048575); do
		same_bytes "$chip" before "$at" 65536 > /dev/null || same_bytes "$chip" new "$at" 65536
	done
	for command in "write new" "restore new --only 0+4K" erase; do
		# shellcheck disable=SC2086 # command and arguments
		exits 8 on_chip $command --yes
		says "norprog resume"
	done
	exits 0 on_chip resume --yes
	says "the job is finished"
	same_bytes "$chip" new 0 0x100000
	same_bytes "$chip" before 0x100000 0x700000
	! jobs_open
}

@test "a second SIGTERM stops at the page; resume --undo puts the backup back" {
	fill
	start write new --only 0+1M --yes
	await '"event":"step"'
	kill -TERM "$pid"
	kill -TERM "$pid"
	ends 8
	jobs_open
	same_bytes "$chip" before 0x100000 0x700000
	exits 0 on_chip resume --undo --yes
	says "the backup is back"
	cmp before "$chip"
	! jobs_open
}

@test "SIGKILL while writing: the next write refuses, resume ends byte-exact with kept bytes" {
	fill
	start write new --only 0+1M --keep 0x8101+7 --yes
	await '"event":"step"'
	kill -KILL "$pid"
	ends 137
	exits 8 on_chip write new --only 0+1M --keep 0x8101+7 --yes
	says "norprog resume"
	exits 0 on_chip resume --yes
	same_bytes "$chip" new 0 0x8101
	same_bytes "$chip" before 0x8101 7
	same_bytes "$chip" new 0x8108 $((0x100000 - 0x8108))
	same_bytes "$chip" before 0x100000 0x700000
}

@test "SIGKILL while a resume writes: the next resume finishes" {
	fill
	start write new --only 0+1M --yes
	await '"event":"step"'
	kill -KILL "$pid"
	ends 137
	start resume --yes
	await '"event":"step"'
	kill -KILL "$pid"
	ends 137
	exits 0 on_chip resume --yes
	same_bytes "$chip" new 0 0x100000
	same_bytes "$chip" before 0x100000 0x700000
}

@test "SIGTERM while a resume writes: exit 8, and the next finishes" {
	fill
	start write new --only 0+1M --yes
	await '"event":"step"'
	kill -TERM "$pid"
	ends 8
	start resume --yes
	await '"event":"step"'
	kill -TERM "$pid"
	ends 8
	exits 0 on_chip resume --yes
	same_bytes "$chip" new 0 0x100000
}

@test "SIGINT while erasing; resume --discard leaves the chip as it is" {
	fill
	start erase --only 0+1M --yes
	await '"event":"step"'
	kill -INT "$pid"
	ends 8
	cp "$chip" half
	refused 2 "about to forget the job" "--yes" "what the chip held before: $XDG_STATE_HOME" -- on_chip resume --discard
	exits 0 on_chip resume --discard --yes
	says "forgotten"
	cmp half "$chip"
	! jobs_open
	exits 2 on_chip resume --yes
}

@test "SIGTERM while verifying" {
	fill
	start verify before --speed 1M
	await '"phase":"verify"'
	kill -TERM "$pid"
	ends 8
	cmp before "$chip"
}

@test "protection is put back after an interrupted write" {
	fill
	exits 0 on_chip protect on 0-0x7fffff
	start write new --only 0+1M --yes
	await '"event":"step"'
	kill -TERM "$pid"
	ends 8
	exits 0 on_chip protect
	says "protected: 0x000000-0x7fffff"
	exits 0 on_chip resume --yes
	same_bytes "$chip" new 0 0x100000
	exits 0 on_chip protect
	says "protected: 0x000000-0x7fffff"
}

@test "beyond 16 MiB: a write that is stopped, or refused half-way, leaves 4-byte mode" {
	text "$chip" 3 33554432
	text new 4 33554432
	sim="sim:chip=W25Q256FV,file=$chip"
	start write new --only 16M+1M --yes --trace trace
	await '"event":"step"'
	kill -INT "$pid"
	ends 8
	[ "$(grep -oE '^[0-9.]+ (b7|e9)' trace | tail -n 1 | cut -d ' ' -f 2)" = e9 ]
	exits 0 on_chip resume --discard --yes
	sim="$sim,fault=weak-page=20M"
	rm trace
	exits 4 on_chip write new --only 20M+64K --yes --trace trace
	[ "$(grep -oE '^[0-9.]+ (b7|e9)' trace | tail -n 1 | cut -d ' ' -f 2)" = e9 ]
}

@test "SIGINT that was ignored at the start stays ignored (nohup, background jobs)" {
	fill
	rm -f events
	mkfifo events
	env --ignore-signal=INT "$norprog" -p "$sim,time=real" --json read dump.bin --range 0+1M > events 2> err.txt &
	pid=$!
	exec 7< events
	await '"phase":"read"'
	kill -INT "$pid"
	ends 0
	same_bytes dump.bin before 0 0x100000
}
