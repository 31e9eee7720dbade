#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGTERM and Ctrl-C while a job waits for an adapter: at its erase, at its pages, at its reads. The serial lines
# have theirs in avr/arduino.bats.

load common

part=W25Q16 size=2097152

# stops ADAPTER SIGNAL PATTERN [again]: it comes with the first event that this pattern finds, of a write of three blocks; the block
# under way is finished, and the rest is not begun. Again and again it ends as soon as it can, and resume finishes.
stops() {
	local at
	rm -rf ./*
	random image 1 $size
	random block 2 65536
	cp image wanted
	for at in 0x30000 0x50000 0x70000; do
		splice wanted $at block
	done
	# shellcheck disable=SC2016 # expanded by the inner shell
	exits 8 "$emu" --device "$1" --chip $part --image image --save after --time real -- sh -c '
		mkfifo told
		env --default-signal=INT,TERM "$0" -p "$1" --json --yes write wanted \
			--range 0x30000+64K,0x50000+64K,0x70000+64K > told & pid=$!
		exec 3< told
		while read -r line <&3; do
			case $line in *$3*) kill "-$2" $pid; break ;; esac
		done
		cat <&3 >&2 &
		[ -z "$4" ] || while kill "-$2" $pid 2> /dev/null; do :; done
		wait $pid' "$norprog" "$(spec_of "$1")" "$2" "$3" "${4-}"
	says interrupted
	[ -n "${4-}" ] || says "no block is half-written"
	for at in 0x30000 0x50000 0x70000; do
		[ -n "${4-}" ] || cmp -s -i $((at)) -n 65536 wanted after || cmp -i $((at)) -n 65536 image after
	done
	cmp -i $((0x70000)) -n 65536 image after
	exits 0 "$emu" --device "$1" --chip $part --image after --save done -- \
		"$norprog" -p "$(spec_of "$1")" -q --yes resume
	cmp wanted done
}

@test "a CH341A: a write ends behind the block, exit 8" {
	stops ch341a TERM '"event":"step"'
	stops ch341a INT '"phase":"write","done":[1-9]'
	stops ch341a TERM '"phase":"write","done":[1-9]'
	stops ch341a INT '"phase":"write","done":[1-9]' again
}

@test "an FT232H: a write ends behind the block, exit 8" {
	stops ft232h TERM '"event":"step"'
	stops ft232h INT '"phase":"write","done":[1-9]'
	stops ft232h TERM '"phase":"write","done":[1-9]'
	stops ft232h INT '"phase":"write","done":[1-9]' again
}

@test "a CH347: a write ends behind the block, exit 8" {
	stops ch347 TERM '"event":"step"'
	stops ch347 INT '"phase":"write","done":[1-9]'
	stops ch347 TERM '"phase":"write","done":[1-9]'
	stops ch347 INT '"phase":"write","done":[1-9]' again
}

@test "a spidev: a write ends behind the block, exit 8" {
	stops spidev TERM '"event":"step"'
	stops spidev INT '"phase":"write","done":[1-9]'
	stops spidev TERM '"phase":"write","done":[1-9]'
	stops spidev INT '"phase":"write","done":[1-9]' again
}

reading_stops() {
	rm -rf ./*
	random image 2 $size
	# shellcheck disable=SC2016 # expanded by the inner shell
	exits 8 "$emu" --device "$1" --chip $part --image image --time real -- sh -c '
		mkfifo told
		env --default-signal=INT,TERM "$0" -p "$1" --json read dump --passes 2 > told & pid=$!
		exec 3< told
		while read -r line <&3; do
			case $line in *\"phase\":\"read\",\"done\":[1-9]*) kill -INT $pid; break ;; esac
		done
		cat <&3 >&2
		wait $pid' "$norprog" "$(spec_of "$1")"
	[ ! -e dump ]
}

@test "a read ends at once, exit 8, and leaves no file" {
	reading_stops ch341a
	reading_stops ft232h
	reading_stops ch347
	reading_stops spidev
}
