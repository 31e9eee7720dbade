#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: run.c members.c member.c answers.c show.c
# Several adapters at once, on simulated chips: each its own file, its own backup, its own end.

load common

part=W25Q16
size=2097152

# chips NAME...: a chip file of random contents for each, and the array `gang` with a -p for each.
chips() {
	gang=()
	for one in "$@"; do
		head -c $size /dev/urandom > "$one.bin"
		cp "$one.bin" "$one.before"
		gang+=(-p "sim:chip=$part,file=$work/$one.bin")
	done
}

uid_of() {
	"$norprog" detect --json -p "sim:chip=$part,file=$work/$1.bin" | jq -r 'select(.event == "result").unique_id // empty' | tail -n 1
}

jobs_open() {
	find "$XDG_STATE_HOME/norprog/jobs" -type f 2> /dev/null | grep -q .
}

@test "read DIR/: a file with manifest for each, named by its chip's unique ID; contents byte by byte" {
	chips a b c
	exits 0 "$norprog" read out/ "${gang[@]}"
	says "adapter" "a.bin" "b.bin" "c.bin"
	[ "$(find out -name '*.bin' | wc -l)" = 3 ]
	for one in a b c; do
		found=0
		for file in out/*.bin; do
			! cmp -s "$file" "$one.before" || found=1
			[ "$(basename "$file" .bin)" = "$(jq -r .uid "$file.json")" ]
		done
		[ $found = 1 ]
	done
	# They exist now: none is overwritten, and nothing else fails.
	exits 1 "$norprog" read out "${gang[@]}"
	says "exists already"
}

@test "labels name the files, the lines and the events; several regions make a folder for each" {
	chips a b
	exits 0 "$norprog" read out "${gang[@]}" --label a.bin=left --label "$work/b.bin=right"
	says "left: out/left.bin" "right: out/right.bin"
	cmp out/left.bin a.before
	cmp out/right.bin b.before
	exits 0 "$norprog" read parts "${gang[@]}" --label a.bin=left --only 0+64K,0x20000+64K --json
	[ "$(find parts/left -name '*.bin' | wc -l)" = 2 ]
	json -s 'map(select(.event == "adapter_result")) | map(.adapter) | sort == ["b.bin", "left"]'
	json -s 'map(select(.event != "result")) | all(.adapter)'
}

@test "read DIR/ of which nothing comes leaves no folder that it made, and those that were there" {
	chips a b
	for folder in one/two/ there/new there; do
		run bash -c 'ulimit -f 1024; "$0" read "$@"' "$norprog" "$folder" "${gang[@]}"
		[ "$status" = 1 ]
		says "File too large"
		[ ! -e one ] && [ ! -e there/new ]
		mkdir -p there
	done
	[ -d there ]
	[ -z "$(ls there)" ]
}

@test "one chip that does not answer: the others are read and written all the same; the exit code is its" {
	chips a b c
	gang+=(-p "sim:chip=$part,fault=silent")
	exits 4 "$norprog" read out "${gang[@]}" --label a.bin=one
	[ "$(find out -name '*.bin' | wc -l)" = 3 ]
	says "1 of 4 adapters" "no answer" "next, for"
	head -c $size /dev/urandom > new
	exits 4 "$norprog" write new --keep nothing --yes "${gang[@]}"
	for one in a b c; do cmp new "$one.bin"; done
	[ "$(find "$XDG_STATE_HOME/norprog/backups" -name '*.bin' | wc -l)" = 3 ]
	! jobs_open
}

@test "equal situations are shown as one plan, others as their own; nothing is written by --dry-run" {
	chips a b c
	cp a.bin b.bin
	cp a.bin new
	poke new 0x1000 'xyz'
	cp new c.bin
	poke c.bin 0x100000 'abc'
	cp c.bin c.before
	exits 0 "$norprog" write new --keep nothing --dry-run "${gang[@]}"
	says "a.bin, b.bin, all the same" "c.bin (" "planned, nothing done"
	[ "$(grep -c 'plan:' <<< "$output")" = 2 ]
	cmp a.bin a.before
	cmp c.bin c.before
}

@test "without a terminal and --yes: exit 2, nothing is changed on any" {
	chips a b
	head -c $size /dev/urandom > new
	exits 2 "$norprog" write new --keep nothing "${gang[@]}"
	says "no terminal to ask on" "about to change 2 chips"
	for one in a b; do cmp "$one.bin" "$one.before"; done
	! jobs_open
}

@test "restore DIR and verify DIR: to each its own; who has no file there is refused, the others are not" {
	chips a b
	labels=(--label a.bin=left --label b.bin=right)
	exits 0 "$norprog" read out "${gang[@]}" "${labels[@]}"
	exits 0 "$norprog" erase --yes --keep nothing "${gang[@]}"
	exits 6 "$norprog" verify out "${gang[@]}" "${labels[@]}"
	exits 0 "$norprog" restore out/ --yes "${gang[@]}" "${labels[@]}"
	for one in a b; do cmp "$one.bin" "$one.before"; done
	exits 0 "$norprog" verify out "${gang[@]}" "${labels[@]}"
	says "out/left.bin" "out/right.bin"
	rm out/right.bin
	poke a.bin 0x1000 'damage'
	poke b.bin 0x1000 'damage'
	exits 2 "$norprog" restore out/ --yes "${gang[@]}" "${labels[@]}"
	says "right: out/ holds nothing of this unit"
	cmp a.bin a.before
	! cmp -s b.bin b.before
}

@test "restore DIR with the labels exchanged: each is refused the other's data" {
	chips a b
	exits 0 "$norprog" read out "${gang[@]}" --label a.bin=left --label b.bin=right
	exits 7 "$norprog" restore out --yes "${gang[@]}" --label a.bin=right --label b.bin=left
	for one in a b; do cmp "$one.bin" "$one.before"; done
}

@test "write DIR: what norprog does not find there is no common file either" {
	chips a b
	mkdir images
	head -c $size /dev/urandom > images/boot.bin
	exits 2 "$norprog" write images --keep nothing --yes "${gang[@]}"
	for one in a b; do cmp "$one.bin" "$one.before"; done
}

@test "each keeps its own: bytes that --keep names stay what they were on each chip" {
	chips a b
	head -c $size /dev/urandom > new
	exits 0 "$norprog" write new --keep 0x1f0000+64K --yes "${gang[@]}"
	for one in a b; do
		same_bytes "$one.bin" "$one.before" 0x1f0000 0x10000
		same_bytes "$one.bin" new 0 0x1f0000
	done
}

@test "--keep unit: each board keeps its own MAC and calibration" {
	cp "$(composed mr200 7 a)" a.bin
	cp "$(composed mr200 8 a)" b.bin
	stock=$(composed mr200 9 b)
	! cmp -s a.bin b.bin
	cp a.bin a.before && cp b.bin b.before
	gang=(-p "sim:chip=W25Q64FV,file=$work/a.bin" -p "sim:chip=W25Q64FV,file=$work/b.bin")
	exits 0 "$norprog" write "$stock" --keep unit --yes "${gang[@]}"
	for one in a b; do
		"$norprog" unit show "$one.before" > "$one.was"
		"$norprog" unit show "$one.bin" > "$one.is"
		cmp "$one.was" "$one.is"
		! cmp -s "$one.bin" "$one.before"
	done
	! cmp -s a.is b.is
}

@test "--json: the adapter in each event, the last line sums up" {
	chips a b
	gang+=(-p "sim:chip=$part,fault=silent")
	exits 4 "$norprog" erase --only 0+64K --yes --json "${gang[@]}"
	grep '^{' <<< "$output" > events
	output=$(< events)
	json -s 'map(select(.event != "result")) | length > 6 and all(.adapter)'
	result '.event == "result" and .command == "erase" and (.ok | not) and .exit == 4 and (.adapters | length) == 3'
	result '.adapters | map(.exit) | sort == [0, 0, 4]'
	result '.adapters[0] | .ok and .adapter == "a.bin" and (.programmer | startswith("sim:")) and (.backup | endswith(".bin"))'
	json -s 'map(select(.event == "plan")) | length == 2'
}

@test "the exit code is the worst: what differs counts more than what was refused" {
	chips a b
	cp a.bin image
	gang+=(-p "sim:chip=W25Q32FV,file=$work/big.bin")
	exits 6 "$norprog" verify image "${gang[@]}"
	says "2 of 3 adapters"
	rm -f big.bin
	exits 7 "$norprog" verify image "${gang[@]:0:2}" "${gang[@]:4:2}"
}

@test "what cannot be meant is refused before any chip is touched" {
	chips a b
	head -c $size /dev/urandom > new
	refused 2 "one programmer at a time" -- "$norprog" detect "${gang[@]}"
	refused 2 "one programmer at a time" -- "$norprog" resume -p all
	refused 2 "given twice" "each adapter once" -- "$norprog" erase --yes "${gang[@]}" "${gang[@]:0:2}"
	refused 2 "--backup names one file" "leave it out" -- "$norprog" write new --backup x --yes "${gang[@]}"
	refused 2 "--trace names one file" -- "$norprog" write new --trace x --yes "${gang[@]}"
	refused 2 "one stream" "one adapter" -- "$norprog" read - "${gang[@]}"
	refused 1 "not a folder" -- "$norprog" read new "${gang[@]}"
	refused 2 "this job has no adapter there" "a.bin" -- "$norprog" read out "${gang[@]}" --label 1-9=left
	refused 2 "called 'x'" "a name of its own" -- "$norprog" read out "${gang[@]}" --label a.bin=x --label b.bin=x
	refused 2 "is 'x' already" "one --label" -- "$norprog" read out "${gang[@]}" --label a.bin=x --label a.bin=y
	for label in a.bin a.bin= =x 'a.bin=../x' 'a.bin=x/y' a.bin=.x "a.bin=$(printf 'x%.0s' {1..40})"; do
		refused 2 "not PATH=NAME" -- "$norprog" read out "${gang[@]}" --label "$label"
	done
	refused 2 "unknown programmer" -- "$norprog" read out -p nothing "${gang[@]}"
	refused 3 "-p all" -- "$norprog" read out -p all
	[ ! -e out ]
}

@test "two chips that say the same unique ID: both are read, and neither is given the other's bytes" {
	# Without a file the model's ID hangs on the part alone.
	gang=(-p "sim:chip=$part" -p "sim:chip=$part,until=0")
	exits 0 "$norprog" read out "${gang[@]}"
	[ "$(find out -name '*.bin' | wc -l)" = 2 ]
	[ "$(find out -name '*-at-sim-chip-*.bin' | wc -l)" = 1 ]
	exits 7 "$norprog" restore out --yes "${gang[@]}"
	says "two chips of the unique ID"
	exits 0 "$norprog" read labelled "${gang[@]}" --label "sim:chip=$part=left" --label "sim:chip=$part,until=0=right"
	exits 0 "$norprog" verify labelled "${gang[@]}" --label "sim:chip=$part=left" --label "sim:chip=$part,until=0=right"
}

@test "the same chip twice is refused, by whatever names; one that another program has fails alone" {
	chips a b
	ln -s a.bin link
	for other in ./a.bin link "$work/a.bin,until=0"; do
		refused 2 "are the same adapter" -- "$norprog" read other "${gang[@]}" -p "sim:chip=$part,file=$other"
	done
	exec 8< a.bin
	flock 8
	exits 3 "$norprog" read out "${gang[@]}"
	exec 8<&-
	says "in use by another process"
	[ "$(find out -name '*.bin' | wc -l)" = 1 ]
	refused 2 "are the same adapter" -- "$norprog" read other "${gang[@]}" -p "sim:chip=$part,file=$work/a.bin,until=0"
}

# ---- Ctrl-C ----

# start WORDS...: the gang in the background, its events on fd 7
start() {
	rm -f events
	mkfifo events
	env --default-signal=INT,TERM "$norprog" --json "$@" > events 2> err.txt &
	pid=$!
	exec 7< events
}

await() {
	local line
	while read -r line <&7; do
		[[ $line != *"$1"* ]] || return 0
	done
	return 1
}

ends() {
	local code=0
	output=$(cat <&7)
	exec 7<&-
	wait "$pid" || code=$?
	[ "$code" = "$1" ] || {
		printf 'exit code %s\n%s\n' "$code" "$output" >&2
		return 1
	}
}

@test "SIGINT and SIGTERM are for all: each finishes its block, and resume with its -p finishes each job" {
	head -c $size /dev/urandom > new
	for signal in INT TERM; do
		chips a b
		slow=()
		for one in "${gang[@]}"; do slow+=("${one/%.bin/.bin,time=real}"); done
		start write new --keep nothing --yes "${slow[@]}"
		await '"event":"step","adapter":"a.bin"'
		kill "-$signal" "$pid"
		ends 8
		result '.exit == 8 and (.adapters | map(.exit) == [8, 8])'
		for i in 0 1; do
			result ".adapters[$i].hint | contains(\"norprog resume -p sim:chip=$part,file=$work/\")"
		done
		for one in a b; do
			! cmp -s new "$one.bin"
			exits 0 "$norprog" resume --yes -p "sim:chip=$part,file=$work/$one.bin"
			cmp new "$one.bin"
		done
		! jobs_open
	done
}

@test "one that is killed does not stop the others, and is told with the command that finishes its job" {
	chips a b
	head -c $size /dev/urandom > new
	start write new --keep nothing --yes -p "sim:chip=$part,file=$work/a.bin,time=real" "${gang[@]:2}"
	await '"event":"step","adapter":"a.bin"'
	# The member that holds a's chip file.
	for child in $(pgrep -P "$pid"); do
		ls -l "/proc/$child/fd" | grep -q "$work/a.bin" && kill -KILL "$child"
	done
	ends 1
	result '.adapters[0].message | contains("signal 9")'
	result '.adapters[0].hint | contains("norprog resume -p")'
	result '.adapters[1].ok'
	cmp new b.bin
	exits 0 "$norprog" resume --yes -p "sim:chip=$part,file=$work/a.bin"
	cmp new a.bin
}

@test "killed as a whole, the gang leaves nothing running; its jobs can be resumed" {
	chips a b
	head -c $size /dev/urandom > new
	slow=()
	for one in "${gang[@]}"; do slow+=("${one/%.bin/.bin,time=real}"); done
	start write new --keep nothing --yes "${slow[@]}"
	await '"event":"step","adapter":"b.bin"'
	children=$(pgrep -P "$pid")
	kill -KILL "$pid"
	exec 7<&-
	for child in $children; do tail -f /dev/null --pid="$child"; done
	for one in a b; do
		exits 0 "$norprog" resume --yes -p "sim:chip=$part,file=$work/$one.bin"
		cmp new "$one.bin"
	done
}

# ---- on a terminal ----

on_terminal() {
	command -v script > /dev/null || skip "script(1) is missing (package bsdutils)"
	local answer=$1
	shift
	printf '%s\n' "$answer" > answer
	run script -q -e -c "exec $norprog $*" /dev/null < answer
	rm answer
}

@test "on a terminal: a status line for each adapter, one question for all" {
	chips a b
	cp a.bin new
	cp a.bin b.bin
	poke new 0x1000 xyz
	on_terminal y write new --keep nothing "${gang[@]/%.bin/.bin,time=real}" --label a.bin=left
	[ "$status" = 0 ]
	says "left     " "reading chip" "write" "iB/s" "Go ahead? [y/N]" "left, b.bin, all the same"
	[ "$(grep -o 'Go ahead' <<< "$output" | wc -l)" = 1 ]
	for one in a b; do cmp new "$one.bin"; done
	# The table is what stands there at the end.
	[[ $(tail -n 3 <<< "$output") == *adapter*exit*left*b.bin* ]]
}

@test "n to the one question: exit 8, no chip was changed" {
	chips a b
	head -c $size /dev/urandom > new
	on_terminal n write new --keep nothing "${gang[@]}"
	[ "$status" = 8 ]
	for one in a b; do cmp "$one.bin" "$one.before"; done
	! jobs_open
}
