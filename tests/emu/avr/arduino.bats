#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The Arduino with its real firmware behind a pty: first flashrom, which nobody here wrote, then norprog.

load ../common

part=W25Q16 size=2097152

setup() {
	bats_require_minimum_version 1.5.0
	root=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
	build=$(cd "$root" && cd "${BUILD:-build}" && pwd)
	emu=$build/tests/emu-avr
	norprog=$build/norprog
	[ -x "$emu" ] || skip "libsimavr is missing (libsimavr-dev): no emu-avr"
	[ -e "$build/firmware/norprog-atmega328p-16mhz-2000000.elf" ] ||
		skip "gcc-avr or avr-libc is missing: no firmware"
	work=$BATS_TEST_TMPDIR
	export XDG_STATE_HOME=$work/state
	unset NORPROG_PROGRAMMER
	cd "$work" || return 1
}

# board emu-avr's options -- program
board() {
	"$emu" --baud 2000000 --chip "$part" --report report.json "$@"
}

flashrom_on() {
	local options words
	split "$@"
	board "${options[@]}" -- flashrom -p 'serprog:dev={}:2000000' -c W25Q16.V "${words[@]}"
}

norprog_on() {
	local options words
	split "$@"
	board "${options[@]}" -- "$norprog" -p 'arduino:dev={}@2000000' "${words[@]}"
}

nothing_ignored() {
	[ "$(figure '.chip | .ignored_busy + .ignored_latch + .ignored_protected + .unknown + .lost_bits + .page_wraps')" = 0 ]
	[ "$(figure .overruns)" = 0 ]
}

@test "flashrom identifies the chip behind the bridge" {
	needs flashrom
	exits 0 board -- flashrom -p 'serprog:dev={}:2000000'
	says 'serprog: Programmer name is "norprog bridge' 'Found Winbond flash chip "W25Q16.V"'
	[ "$(figure .pins_driven)" = false ]
}

@test "flashrom reads 2 MiB at 98 % of the line" {
	needs flashrom
	random image 1 $size
	exits 0 flashrom_on --image image -- -r dump
	cmp image dump
	nothing_ignored
	[ "$(figure '.bytes_in * 10 / 2000000 * 1000000 / (.device_us - .host_pause_us) * 100 | floor')" -ge 97 ]
}

@test "flashrom writes and verifies a block, and the rest stays" {
	needs flashrom
	random image 1 $size
	random block 2 65536
	cp image wanted
	splice wanted 0x30000 block
	exits 0 flashrom_on --image image --save after -- -w wanted
	says VERIFIED
	cmp wanted after
	nothing_ignored
}

@test "flashrom survives the reset that opening the port causes" {
	needs flashrom
	exits 0 board --boot 600 -- flashrom -p 'serprog:dev={}:2000000' -c W25Q16.V
	[ "$(figure .resets)" -ge 1 ]
}

@test "norprog reads, twice, the second time as CRCs alone" {
	random image 1 $size
	exits 0 norprog_on --image image -- -q read dump --range 0x80000+512K
	cmp -i $((0x80000)):0 -n 524288 image dump
	nothing_ignored
	[ "$(figure .bytes_in)" -le $((524288 * 102 / 100)) ]
}

@test "norprog writes a region and verifies it" {
	random image 1 $size
	random block 2 65536
	cp image wanted
	splice wanted 0x30000 block
	# On a machine so busy that an answer comes too late, a request is sent again: one of six goes without that.
	for _ in 1 2 3 4 5 6; do
		exits 0 norprog_on --image image --save after -- -q --yes write wanted --range 0x30000+64K
		cmp wanted after
		nothing_ignored
		[ "$(figure .bytes_out)" -gt 70000 ] || break
	done
	[ "$(figure .bytes_out)" -le 70000 ] || { figure .; false; }
	exits 0 norprog_on --image after -- -q verify wanted
	[ "$(figure '.bytes_in + .bytes_out')" -le 20000 ]
}

@test "norprog waits for the boot loader and climbs from a wrong rate" {
	exits 0 board --boot 1500 -- "$norprog" -p 'serprog:dev={}:2000000' detect
	says W25Q16
	exits 0 board -- "$norprog" -p 'serprog:dev={}@500000' detect
	says 'answers at 2000000 baud, not at 500000' W25Q16
}

@test "an 8 MHz board reads, writes and verifies like the others" {
	local eight=$build/firmware/norprog-atmega328p-8mhz-1000000.elf
	random image 1 $size
	random block 2 65536
	cp image wanted
	splice wanted 0x30000 block
	exits 0 board --firmware "$eight" --image image --save after -- \
		"$norprog" -p 'arduino:dev={}@1000000' -q --yes write wanted --range 0x30000+64K
	cmp wanted after
	nothing_ignored
	exits 0 board --firmware "$eight" --image after -- "$norprog" -p 'arduino:dev={}@1000000' -q verify wanted
	nothing_ignored
}

# breaks_off fault words...: a write that breaks off says so, refuses to be begun anew, and is finished.
breaks_off() {
	random image 1 $size
	random block 2 65536
	cp image wanted
	splice wanted 0x30000 block
	exits 5 norprog_on --image image --save broken --line "$1" -- \
		-q --yes write wanted --range 0x30000+64K
	says "${@:2}" 'block 0x030000 (64 KiB) is half-written' 'norprog resume'
	run ! cmp -s image broken
	run ! cmp -s wanted broken
	exits 8 norprog_on --image broken -- -q --yes write wanted --range 0x30000+64K
	exits 0 norprog_on --image broken --save after -- -q --yes resume
	cmp wanted after
}

@test "a reset in mid-write is told, and resume finishes" {
	breaks_off reset=30000 'was reset'
}

@test "a board that falls silent in mid-write is told, and resume finishes" {
	random image 1 $size
	random block 2 65536
	cp image wanted
	splice wanted 0x30000 block
	exits 0 norprog_on --image image -- -q --yes write wanted --range 0x30000+64K
	# The last answers are 256 pages' acknowledgements and a few more: silence in the midst of them.
	breaks_off silent=$(($(figure .bytes_in) - 150)) 'stopped answering'
}

@test "noise on the line costs time only" {
	random image 1 $size
	random block 2 65536
	cp image wanted
	splice wanted 0x30000 block
	exits 0 norprog_on --image image --save after --line seed=3,flip=20000,drop=20000 -- \
		-q --yes write wanted --range 0x30000+64K
	cmp wanted after
	[ "$(figure '.flips + .drops')" -ge 1 ]
}

@test "no port, a silent board, a port in use: exit 3 and what to do" {
	exits 3 "$norprog" -p serprog:dev=/dev/ttyACM99 detect
	says 'there is no /dev/ttyACM99' 'norprog list'
	exits 3 norprog_on --line silent=1 -- detect
	says 'answers as a serprog device' 'ARDUINO.md'
	# shellcheck disable=SC2016 # $1 and $2 belong to the inner shell
	exits 3 board -- flock {} sh -c '"$1" -p "serprog:dev=$2" detect' - "$norprog" {}
	says 'in use by another program'
	exits 2 "$norprog" -p serprog:dev=/dev/null@5 detect
	exits 2 "$norprog" -p serprog detect
	exits 2 "$norprog" -p serprog:ip=nowhere detect
}

# A program that listens on a port of its own, which it prints, and passes one connection on to a serial port.
relay() {
	cat << 'END'
import os, select, socket, sys, termios, tty
line = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(line)
mode = termios.tcgetattr(line)
mode[4] = mode[5] = termios.B2000000
termios.tcsetattr(line, termios.TCSANOW, mode)
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
host = server.accept()[0]
host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
while True:
    ready = select.select([line, host], [], [])[0]
    if host in ready:
        sent = host.recv(4096)
        if not sent:
            break
        while sent:
            sent = sent[os.write(line, sent):]
    if line in ready:
        host.sendall(os.read(line, 4096))
END
}

# stops SIGNAL [KEYS [again]]: it comes while the second of three blocks is written; that one is finished, or not begun.
# Again and again, the job ends as soon as it can, and resume finishes. KEYS that begin with "tcp": by a relay.
stops() {
	relay > relay.py
	random image 1 $size
	random block 2 65536
	cp image wanted
	for at in 0x30000 0x50000 0x70000; do
		splice wanted $at block
	done
	# shellcheck disable=SC2016 # expanded by the inner shell
	exits 8 board --image image --save after -- sh -c '
		mkfifo told
		bus=arduino:dev=$1@2000000$3
		case $3 in tcp*)
			mkfifo port
			python3 relay.py "$1" > port &
			read -r port < port
			bus=serprog:ip=127.0.0.1@$port${3#tcp} ;;
		esac
		env --default-signal=INT,TERM "$0" -p "$bus" --json --yes write wanted \
			--range 0x30000+64K,0x50000+64K,0x70000+64K > told & pid=$!
		exec 3< told
		while read -r line <&3; do
			case $line in *"\"event\":\"step\""*) kill "-$2" $pid; break ;; esac
		done
		cat <&3 >&2 &
		[ -z "$4" ] || while kill "-$2" $pid 2> /dev/null; do :; done
		wait $pid' "$norprog" {} "$1" "${2-}" "${3-}"
	says interrupted
	cmp -n $((0x40000)) wanted after
	[ -n "${3-}" ] || {
		says "no block is half-written"
		cmp -s -i $((0x50000)) -n 65536 wanted after || cmp -i $((0x50000)) -n 65536 image after
	}
	cmp -i $((0x70000)) -n 65536 image after
	exits 0 norprog_on --image after --save done -- -q --yes resume
	cmp wanted done
}

@test "SIGTERM and Ctrl-C in mid-write end behind the block, exit 8" {
	stops TERM
	rm -rf ./*
	stops INT
}

@test "the same where nothing protects the line, at three moments" {
	for signal in TERM INT TERM; do
		stops $signal ,bridge=no
		rm -rf ./*
	done
}

@test "again and again: what comes after the second time costs nothing, and the job ends" {
	for keys in '' ,bridge=no; do
		stops INT "$keys" again
		rm -rf ./*
	done
}

@test "SIGTERM and Ctrl-C over TCP, with the bridge and without" {
	command -v python3 > /dev/null || skip "python3 is missing"
	stops TERM tcp
	rm -rf ./*
	for signal in TERM INT; do
		stops $signal tcp,bridge=no
		rm -rf ./*
	done
	stops TERM tcp,bridge=no again
}
