#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: measure.c examine.c
# doctor in front of what can be wrong at the wire, in the chip and at the plug: the conclusion is the
# right one, never "ok" for what is broken, and in at most ten seconds of device time.

load common

setup_file() {
	seed=1
	openssl enc -aes-128-ctr -nosalt -pass pass:$seed -in /dev/zero 2> /dev/null | head -c 8388608 > "$BATS_FILE_TMPDIR/image"
}

# finds VERDICT EXIT ADAPTER [emu-run's options]
finds() {
	local verdict=$1 code=$2 adapter=$3 result
	shift 3
	program=("$norprog" -p "$(spec_of "$adapter")")
	[ "$adapter" != ft232h ] || program=("$norprog" -p ft232h)
	[ "$adapter" != spidev ] || program=("$norprog" -p spidev)
	run --separate-stderr behind "$adapter" --image "$BATS_FILE_TMPDIR/image" "$@" -- doctor --json
	result=$(grep '"event":"result"' <<< "$output" | tail -n 1)
	echo "$adapter $*: $(jq -r '"\(.verdict) exit \(.exit): \(.conclusion)"' <<< "$result"), wanted $verdict" >&2
	[ "$status" = "$code" ]
	[ "$(jq -r .verdict <<< "$result")" = "$verdict" ]
	[ "$(figure .device_us)" -le 10000000 ]
}

each() {
	local adapter verdict=$1 code=$2
	shift 2
	for adapter in ch341a ft232h spidev; do finds "$verdict" "$code" "$adapter" "$@"; done
}

@test "01-03 a good clip" { each ok 0; }
@test "04-06 MISO open, pulled up" { each no-answer-high 4 --wire open; }
@test "07-09 MISO open, pulled down" { each no-answer-low 4 --wire open-low; }
@test "10-12 MISO and MOSI exchanged" { each no-answer-high 4 --wire swapped; }
@test "13-15 CS does not arrive" { each no-answer-high 4 --wire cs-dead; }
@test "16-18 no clock" { each no-answer-high 4 --wire clk-dead; }
@test "19-21 no supply" { each no-answer-low 4 --wire unpowered; }
@test "22-24 a contact that comes and goes" { each contact 4 --wire contact; }
@test "25-27 the supply breaks down" { each power 4 --wire power; }
@test "28-30 another master" { each other-master 4 --wire master; }
@test "31-33 an address bit is lost" { each mirror 4 --wire lost-a22; }
@test "34 MOSI does not arrive" { finds no-answer-high 4 ch341a --wire mosi-dead; }
@test "35 MISO stuck high" { finds no-answer-high 4 ch341a --fault miso=high; }
@test "36 MISO stuck low" { finds no-answer-low 4 ch341a --fault miso=low; }
@test "37 noise on one bit in 2000 bytes" { finds noise 4 ch341a --fault flip=2000+seed=7; }
@test "38 clean up to 8 MHz" {
	finds ok 0 ft232h --fault max-hz=8M
	[ "$(grep '"event":"result"' <<< "$output" | jq '[.clocks[] | select(.pages_differ == 0 and .ids == .ids_agreed)] | length')" = 3 ]
}
@test "39 asleep" { finds ok 0 ch341a --fault asleep; }
@test "40 left in 4-byte mode" {
	random big 2 33554432
	finds ok 0 ft232h --chip W25Q256FV --fault 4byte --image big
}
@test "41 busy for ever" { finds busy 4 ch341a --fault start-busy+busy-forever; }
@test "42 write protected and WP# low" { finds ok 0 ch341a --fault wp+sr1=0x9c; }
@test "43 a page that never reads the same" { finds weak-place 4 ch341a --fault weak-page=0x20000; }
@test "44 no permission" {
	finds programmer 3 ch341a --deny
	[[ $(grep '"event":"result"' <<< "$output" | jq -r .action) == *"60-norprog.rules"* ]]
}
@test "45 in use by another program" { finds programmer 3 ch341a --claimed; }
@test "46 a CH341A in serial mode" {
	finds programmer 3 ch341a --id 1a86:5523
	[[ $(grep '"event":"result"' <<< "$output" | jq -r .action) == *"jumper"* ]]
}
@test "47 two adapters" { finds programmer 3 ch341a --count 2; }
@test "48 unplugged while it is asked" { finds adapter-failed 3 ch341a --unplug urbs=100; }
@test "50-52 MISO and MOSI touch: what is read is what is sent" {
	finds no-answer-high 4 ch341a --wire follow
	[[ $(grep '"event":"result"' <<< "$output" | jq -r .action) == *"touching it"* ]]
	finds no-answer-high 4 ft232h --wire follow
	finds no-answer-low 4 spidev --wire follow
	[[ $(grep '"event":"result"' <<< "$output" | jq -r .action) == *"touching pin 5"* ]]
}
@test "53-55 CS tied to ground" {
	each no-answer-low 4 --wire cs-low
	[[ $(grep '"event":"result"' <<< "$output" | jq -r .action) == *"pin 1 (CS, tied to ground?)"* ]]
}
@test "56 a chip that had just got its power" { finds ok 0 ch341a --fault wake=20ms; }
@test "57 half of what its ID says" { finds mirror 4 ch341a --fault real-size=4M; }
@test "58 noise on one bit in 20000 bytes" { finds noise 4 ch341a --fault flip=20000+seed=9; }
@test "59 answers are lost at the adapter" { finds adapter-failed 3 ch341a --short-in 7; }
@test "60 the adapter falls silent" { finds adapter-failed 3 ch341a --silent-at 50; }
@test "61 too fast at any clock that the adapter has" { finds contact 4 ch341a --fault max-hz=1M; }
@test "49 the Raspberry Pi's own boot EEPROM" {
	exits 0 "$emu" --device spidev --pi5 -- "$norprog" list
	says "the boot EEPROM of this Raspberry Pi 5" "never written"
	exits 3 "$emu" --device spidev --pi5 -- "$norprog" doctor
	says "no programmer found"
	exits 3 "$emu" --device spidev --pi5 -- "$norprog" -p spidev read dump
	says "not a programmer" "spi-spidev"
	exits 7 "$emu" --device spidev --pi5 -- "$norprog" -p /dev/spidev10.0 erase --yes
	says "the boot EEPROM of this Raspberry Pi 5"
	exits 3 "$emu" --device spidev --pi5 -- "$norprog" -p /dev/spidev10.0 doctor
	says "choose the programmer that the clip hangs on"
}
