#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The main jobs through the emulated adapters, below the real libraries. Each runs on all three.

load common

# Big enough for several erase blocks of each size; a CH341A takes a request for every 31 bytes of it.
part=W25Q40BV size=524288

setup_file() {
	export parts=$BATS_TEST_DIRNAME/../data/parts.txt
}

each() {
	local adapter
	for adapter in ch341a ft232h spidev; do
		rm -rf ./*
		"$@" "$adapter"
	done
}

detect() {
	exits 0 on "$1" --chip W25Q64FV ${2+--image "$2"} -- detect
	says "Winbond W25Q64FV, 8 MiB" "EF 40 17" "ID reads agree"
	[ "$(figure '.device_us <= 20000')" = true ]
	nothing_ignored
}
@test "detect says who is there, within 20 ms of device time" {
	local adapter
	random image 2 8388608
	for adapter in ch341a ft232h spidev; do
		detect $adapter # a blank chip is looked at longest
		detect $adapter image
	done
}

read_back() {
	random image 3 $size
	exits 0 on "$1" --parts "$parts" --chip $part --image image -- read dump --passes 1
	cmp image dump
	nothing_ignored
}
@test "read is byte-exact" { each read_back; }

@test "a CH341A's answers are taken by the handful, to be woken less often, and it never waits for that" {
	random image 3 $size
	exits 0 on ch341a --parts "$parts" --chip $part --image image -- read dump --passes 1
	[ "$(figure '.host_pause_us * 5 >= .device_us')" = true ]
	[ "$(figure '.device_us <= .spi_clocks / 1.5 * 1.25')" = true ]
}

write_blank() {
	random image 4 131072
	exits 0 on "$1" --parts "$parts" --chip $part --save after -- write image --at 0x40000 --yes
	cmp --bytes=131072 --ignore-initial=0:$((0x40000)) image after
	nothing_ignored
	[ "$(figure .chip.pages_programmed)" = 512 ]
}
@test "write on a blank chip is byte-exact, and each page is programmed once" { each write_blank; }

write_over() {
	random before 5 $size
	cp before wanted
	random piece 6 70000
	splice wanted 0x40000 piece
	exits 0 on "$1" --parts "$parts" --chip $part --image before --save after -- write wanted --keep nothing --yes
	cmp wanted after
	says "backup"
	nothing_ignored
	[ "$(figure '.chip.pages_programmed <= 288')" = true ] # what shares an erase block with the piece
}
@test "write changes what differs and nothing else" { each write_over; }

restore_region() {
	random before 7 $size
	random dump 8 $size
	cp before wanted
	splice wanted 0x60000 <(tail -c +$((0x60000 + 1)) dump | head -c 65536)
	exits 0 on "$1" --parts "$parts" --chip $part --image before --save after -- restore dump --only 0x60000+64K --yes
	cmp wanted after
	nothing_ignored
}
@test "restore --only puts back one region" { each restore_region; }

counts_repeat() {
	local first
	random before 9 $size
	random image 10 65536
	on "$1" --parts "$parts" --chip $part --image before --pauses ignore -- restore image --only 0x10000+64K --yes
	first=$(figure '[.spi_clocks, .transfers_out, .host_waits, .chip]')
	rm -rf state
	on "$1" --parts "$parts" --chip $part --image before --pauses ignore -- restore image --only 0x10000+64K --yes
	[ "$first" = "$(figure '[.spi_clocks, .transfers_out, .host_waits, .chip]')" ]
}
@test "the same job makes the same traffic" { each counts_repeat; }

@test "list shows adapters with what to type, and who may open them" {
	exits 0 "$emu" --device ch341a -- "$norprog" list
	says "ch341a at 1-1" "-p ch341a:bus=1-1"
	says "(taken when -p is not given)"
	exits 0 "$emu" --device ch341a --count 2 -- "$norprog" list
	says "-p ch341a:bus=1-1" "-p ch341a:bus=1-2"
	[[ $output != *"taken when -p"* ]]
	exits 0 "$emu" --device ft232h --serial XYZZY -- "$norprog" list
	says "ft232h at 1-1" "serial XYZZY"
	exits 0 "$emu" --device spidev -- "$norprog" list
	says "spidev at /dev/spidev0.0" "-p spidev:dev=/dev/spidev0.0"
	exits 0 "$emu" --device ch341a --deny -- "$norprog" list
	says "you may not open it" "60-norprog.rules" "udevadm control --reload"
}

@test "without -p the one CH341A is taken, an FTDI adapter is not" {
	exits 0 "$emu" --device ch341a -- "$norprog" detect
	says "programmer ch341a at 1-1"
	exits 3 "$emu" --device ft232h -- "$norprog" detect
}

@test "one of two adapters is chosen by its bus path or serial number" {
	random image 11 $size
	exits 0 "$emu" --device ch341a --parts "$parts" --chip $part --count 2 --image image -- \
		"$norprog" -p ch341a:bus=1-1 read first --passes 1
	cmp image first
	exits 0 "$emu" --device ft232h --parts "$parts" --chip $part --count 2 --serial AB --image image -- \
		"$norprog" -p ft232h:serial=AB1,hz=30M verify --blank
}

@test "bufsiz 1024 and 65536, and no file that tells it" {
	random image 12 $size
	for bufsiz in 1024 65536 0; do
		rm -f dump*
		exits 0 on spidev --parts "$parts" --chip $part --bufsiz $bufsiz --image image -- read dump --passes 1
		cmp image dump
	done
	exits 0 on spidev --parts "$parts" --chip $part --bufsiz 1024 --save after -- write image --yes
	cmp image after
	nothing_ignored
}

@test "in real time too: detect and a region" {
	random image 13 65536
	for adapter in ch341a ft232h spidev; do
		rm -rf state after
		exits 0 on $adapter --parts "$parts" --chip $part --time real --save after -- \
			restore image --only 0x20000+64K --yes --passes 1
		cmp --bytes=65536 --ignore-initial=$((0x20000)):0 after image
		nothing_ignored
	done
}

@test "what a programmer's supply and signals do is said at the first job with it, and by detect always" {
	random image 9 $size
	local levels="drives its signals with about 5 V"

	job() {
		exits 0 on ch341a "${@:2}" --parts "$parts" --chip $part --image image -- $1
	}
	job detect
	says "$levels"
	job "read one --passes 1"
	says "$levels"
	says "said once"
	job "read two --passes 1"
	says_not "$levels"
	job "erase --only 0+4K --yes"
	says_not "$levels"
	job detect
	says "$levels"
	job "erase --only 0+4K --yes" --serial B2
	says "$levels"
	job "erase --only 0+4K --yes" --serial B2
	says_not "$levels"
	rm -r "$XDG_STATE_HOME"
	job "write image --yes"
	says "$levels"
	job "write image --yes"
	says_not "$levels"
}
