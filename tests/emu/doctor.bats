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

# How many conclusions were right, of how many.
teardown_file() {
	[ ! -e "$BATS_FILE_TMPDIR/said" ] || echo "# doctor: $(grep -c right "$BATS_FILE_TMPDIR/said") of $(wc -l < "$BATS_FILE_TMPDIR/said") right" >&3
}

# finds VERDICT EXIT ADAPTER [emu-run's options]: a case. What is broken and called ok, or takes too long, fails at
# once; what is only called something else is counted, and the last test fails if that is more than two of 48.
finds() {
	local verdict=$1 code=$2 adapter=$3 result
	shift 3
	program=("$norprog" -p "$(spec_of "$adapter")")
	[ "$adapter" != ft232h ] || program=("$norprog" -p ft232h)
	[ "$adapter" != spidev ] || program=("$norprog" -p spidev)
	run --separate-stderr behind "$adapter" --image "$BATS_FILE_TMPDIR/image" "$@" -- doctor --json
	result=$(grep '"event":"result"' <<< "$output" | tail -n 1)
	echo "$adapter $*: $(jq -r '"\(.verdict) exit \(.exit): \(.conclusion)"' <<< "$result"), wanted $verdict" >&2
	said=$(jq -r .verdict <<< "$result")
	[ "$said" != ok ] || [ "$verdict" = ok ]
	[ "$status" != 0 ] || [ "$code" = 0 ]
	[ "$(figure .device_us)" -le 10000000 ]
	[ "$said $status" = "$verdict $code" ] && echo right >> "$BATS_FILE_TMPDIR/said" || echo "wrong: $said" >> "$BATS_FILE_TMPDIR/said"
}

# advises WORDS...: of the last case
advises() {
	local action words
	action=$(grep '"event":"result"' <<< "$output" | jq -r .action)
	for words; do
		[[ $action == *"$words"* ]] || {
			echo "not advised: $words, but: $action" >&2
			return 1
		}
	done
}

each() {
	local adapter verdict=$1 code=$2
	shift 2
	for adapter in ch341a ft232h spidev; do finds "$verdict" "$code" "$adapter" "$@"; done
}

@test "a good clip" { each ok 0; }
@test "MISO open, pulled up" { each no-answer-high 4 --wire open; }
@test "MISO open, pulled down" { each no-answer-low 4 --wire open-low; }
@test "MISO and MOSI exchanged" { each no-answer-high 4 --wire swapped; }
@test "CS does not arrive" { each no-answer-high 4 --wire cs-dead; }
@test "no clock" { each no-answer-high 4 --wire clk-dead; }
@test "no supply" { each no-answer-low 4 --wire unpowered; }
@test "a contact that comes and goes" { each contact 4 --wire contact; }
@test "the supply breaks down" { each power 4 --wire power; }
@test "another master" { each other-master 4 --wire master; }
@test "an address bit is lost" { each mirror 4 --wire lost-a22; }
@test "MOSI does not arrive" { finds no-answer-high 4 ch341a --wire mosi-dead; }
@test "MISO stuck high" { finds no-answer-high 4 ch341a --fault miso=high; }
@test "MISO stuck low" { finds no-answer-low 4 ch341a --fault miso=low; }
@test "noise on one bit in 2000 bytes" { finds noise 4 ch341a --fault flip=2000+seed=7; }
@test "asleep" { finds ok 0 ch341a --fault asleep; }
@test "left in 4-byte mode" {
	random big 2 33554432
	finds ok 0 ft232h --chip W25Q256FV --fault 4byte --image big
}
@test "busy for ever" { finds busy 4 ch341a --fault start-busy+busy-forever; }
@test "write protected, and WP# is low: a backup is fine, and what to tie is said" {
	each ok 0 --wire wp-low --fault sr1=0x9c
	grep '"name":"protection"' <<< "$output" | jq -r .text | grep -q "locked while WP# (pin 3) is low"
}
@test "HOLD# is low: nobody answers, and pin 7 is among those to look at" {
	each no-answer-high 4 --wire hold-low
	advises "pin 7 (HOLD#, high)"
}
@test "left in QPI mode: brought back, and said" {
	each ok 0 --fault qpi
	grep '"name":"state"' <<< "$output" | jq -r .text | grep -q "left in QPI"
}
@test "every answer a bit late" {
	each shifted 4 --wire late
	advises "pin 6 (CLK)" "pin 1 (CS)"
}
@test "a byte is lost now and then" { each shifted 4 --wire byte-lost; }
@test "the supply sags for moments" {
	each power 4 --wire sags
	advises "pin 8 (3.3 V with the clip on)"
}
@test "a low address bit is lost" {
	each mirror 4 --wire lost-a13
	advises "pin 5"
}
@test "a page that never reads the same" { finds weak-place 4 ch341a --fault weak-page=0x20000; }
@test "no permission" {
	finds programmer 3 ch341a --deny
	advises "60-norprog.rules"
}
@test "in use by another program" { finds programmer 3 ch341a --claimed; }
@test "a CH341A in serial mode" {
	finds programmer 3 ch341a --id 1a86:5523
	advises "jumper"
}
@test "two adapters" { finds programmer 3 ch341a --count 2; }
@test "unplugged while it is asked" { finds adapter-failed 3 ch341a --unplug urbs=100; }
@test "MISO and MOSI touch: what is read is what is sent" {
	finds no-answer-high 4 ch341a --wire follow
	advises "touching it"
	finds no-answer-high 4 ft232h --wire follow
	finds no-answer-low 4 spidev --wire follow
	advises "touching pin 5"
}
@test "CS tied to ground" {
	each no-answer-low 4 --wire cs-low
	advises "pin 1 (CS, tied to ground?)"
}
@test "a chip that had just got its power" { finds ok 0 ch341a --fault wake=20ms; }
@test "half of what its ID says" { finds mirror 4 ch341a --fault real-size=4M; }
@test "noise on one bit in 20000 bytes" { finds noise 4 ch341a --fault flip=20000+seed=9; }
@test "answers are lost at the adapter" { finds adapter-failed 3 ch341a --short-in 7; }
@test "the adapter falls silent" { finds adapter-failed 3 ch341a --silent-at 50; }
@test "too fast for the wires at the one clock of a CH341A: no advice to lower it" {
	finds contact 4 ch341a --fault max-hz=1M
	! advises "--speed" 2> /dev/null
	advises "shorten the wires"
}
@test "garbled at 12 MHz, clean at 5: the highest clean clock is named" {
	for adapter in ft232h spidev; do
		finds ok 0 "$adapter" --fault max-hz=8M
		grep '"name":"clock"' <<< "$output" | jq -r .text | grep -q "clean up to 5.*errors above"
	done
}
@test "a weak page between the places, where the wire is fast enough to read it all" {
	finds weak-place 4 ft232h --fault weak-page=0x31000
	# Where it is not, no more is claimed than was looked at.
	finds ok 0 ch341a --fault weak-page=0x31000
	[[ $(grep '"event":"result"' <<< "$output" | jq -r .conclusion) == *"where it was looked (256 KiB"* ]]
}
@test "the Raspberry Pi's own boot EEPROM" {
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
@test "at least 46 of 48 conclusions are right" {
	right=$(grep -c right "$BATS_FILE_TMPDIR/said") all=$(wc -l < "$BATS_FILE_TMPDIR/said")
	grep -v right "$BATS_FILE_TMPDIR/said" >&2 || true
	[ "$all" -ge 48 ]
	[ $((right * 48)) -ge $((all * 46)) ]
}
