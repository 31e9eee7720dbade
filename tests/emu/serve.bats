#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: stream.c bridge.c
# A served FT232H: proven by flashrom, and no slower for norprog than the adapter itself.

load common

size=8388608

teardown() {
	[ -z "${server:-}" ] || kill "$(pgrep -P "$server")" 2> /dev/null || true
}

# serving [emu-run's options]: port
serving() {
	: > serve.out
	"$emu" --device ft232h --save after --report report.json "$@" -- "$norprog" serve -p ft232h:hz=30M \
		--listen 127.0.0.1:0 > serve.out 2> serve.err 3>&- &
	server=$!
	waits_for "$server" serve.out served
	port=$(sed -n 's/.*served at 127.0.0.1:\([0-9]*\)$/\1/p' serve.out)
}

# ended: the server, asked to; then its report is there.
ended() {
	kill -TERM "$(pgrep -P "$server")"
	wait "$server"
	server=
}

@test "flashrom reads, writes and verifies a served FT232H" {
	needs flashrom
	random image 1 2097152
	cp image wanted
	splice wanted 0x30000 <(random /dev/stdout 2 4096)
	serving --chip W25Q16 --image image
	exits 0 flashrom -p "serprog:ip=127.0.0.1:$port" -c W25Q16.V -r dump
	cmp image dump
	exits 0 flashrom -p "serprog:ip=127.0.0.1:$port" -c W25Q16.V -w wanted
	says VERIFIED
	ended
	cmp wanted after
	nothing_ignored
}

@test "a read through it costs at most 5 % more than without it" {
	random image 1 $size
	exits 0 on ft232h --image image --pauses ignore -- read local --passes 1
	cmp local image
	local_us=$(figure .device_us)
	serving --image image --pauses ignore
	exits 0 "$norprog" -p "serprog:ip=127.0.0.1@$port" read far --passes 1
	cmp far image
	ended
	[ "$(figure .device_us)" -le $((local_us * 105 / 100)) ]
}

@test "a write through it is byte-exact, and nothing reaches the chip that it must ignore" {
	random image 1 2097152
	random wanted 2 2097152
	exits 0 on ft232h --chip W25Q16 --image image --pauses ignore -- write wanted --keep nothing --yes
	local_us=$(figure .device_us)
	rm -rf "$XDG_STATE_HOME"
	serving --chip W25Q16 --image image --pauses ignore
	exits 0 "$norprog" -p "serprog:ip=127.0.0.1@$port" write wanted --keep nothing --yes
	ended
	cmp wanted after
	[ "$(figure '.chip | .ignored_busy + .ignored_latch + .lost_bits + .page_wraps + .ignored_protected')" = 0 ]
	[ "$(figure .device_us)" -le $((local_us * 105 / 100)) ]
}
