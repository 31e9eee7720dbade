#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The drivers on the real libraries, in front of the emulated adapters: what is seen of them, who may open
# them, what their wire is used for, and what happens when they misbehave.

load common

# on ADAPTER emu-run's options -- norprog's words, the programmer among them
on() {
	program=("$norprog")
	behind "$@"
}

# no_worse NAME LIMIT: a figure of the last report
no_worse() {
	[ "$(figure "$1")" -le "$2" ] || {
		echo "$1: $(figure "$1"), not <= $2" >&2
		return 1
	}
}

# ---- seen ------------------------------------------------------------------------------------------

@test "list shows each adapter and how to choose it" {
	exits 0 on ch341a -- list
	says "ch341a at 1-1" "-p ch341a:bus=1-1"
	exits 0 on ft232h -- list
	says "ft232h at 1-1" "-p ft232h:type=232h,bus=1-1" FTEMU1
	exits 0 on spidev -- list
	says "spidev at /dev/spidev0.0" "-p spidev:dev=/dev/spidev0.0"
}

@test "only a CH341A is taken unasked" {
	exits 0 on ch341a -- detect
	exits 3 on ft232h -- detect
	exits 3 on spidev -- detect
}

@test "flashrom's spellings open the same adapters" {
	exits 0 on ch341a -- -p ch341a_spi detect
	exits 0 on ft232h -- -p ft2232_spi:type=232H,divisor=4,port=A detect
	says "15 MHz"
	exits 0 on spidev -- -p linux_spi:dev=/dev/spidev0.0,spispeed=4000 detect
	says "4 MHz"
}

@test "of two adapters one must be chosen, and can be" {
	local adapter
	for adapter in ch341a ft232h; do
		exits 3 on $adapter --count 2 -- -p $adapter detect
		says several bus=1-1 bus=1-2
		exits 0 on $adapter --count 2 -- -p $adapter:bus=1-2 detect
		exits 3 on $adapter --count 2 -- -p $adapter:bus=1-3 detect
		says "at bus path 1-3"
	done
	exits 0 on ft232h --count 2 -- -p ft232h:serial=FTEMU1 detect
}

@test "a CH341A in serial mode is told with the other thing it may be" {
	local id
	for id in 1a86:5523 1a86:7523; do
		exits 3 on ch341a --id $id -- -p ch341a detect
		says "$id" jumper "CH340 serial adapter"
		exits 0 on ch341a --id $id -- list
		says jumper "CH340 serial adapter"
		exits 3 on ch341a --id $id -- detect
	done
}

# ---- may not, cannot ---------------------------------------------------------------------------------

@test "permission denied is told from absent, with the rule that lifts it" {
	exits 3 on ch341a --deny -- -p ch341a detect
	says "no permission" "60-norprog.rules" "udevadm control --reload"
	exits 3 on ft232h --deny -- -p ft232h detect
	says "no permission" "60-norprog.rules"
	exits 3 on spidev --deny -- -p spidev detect
	says "no permission to open /dev/spidev0.0" sudo
	exits 0 on ch341a --deny -- list
	says "udev rule"
	exits 3 on ch341a -- -p ft232h detect
	says "is attached" "norprog list"
	exits 3 on ch341a -- -p spidev detect
	says "there is no" "Raspberry Pi"
}

@test "an interface that another program holds is busy" {
	exits 3 on ch341a --claimed -- -p ch341a detect
	says "in use"
	exits 3 on ft232h --claimed -- -p ft232h detect
	says "in use"
}

@test "busy: the kernel driver or the process that holds it is named, with what lets go" {
	local adapter driver node=$BATS_TEST_TMPDIR/dev/bus/usb/001/002 holder
	for adapter in ch341a:spi-ch341 ft232h:ftdi_sio; do
		driver=${adapter#*:}
		adapter=${adapter%:*}
		exits 3 on $adapter --claimed --kernel-driver $driver -- -p $adapter detect
		says "USB 1-1 is held by the kernel driver $driver" "/sys/bus/usb/drivers/$driver/unbind"
		# Nobody can be named: how to find out.
		exits 3 on $adapter --claimed -- -p $adapter detect
		says "USB 1-1 is in use by another program" "fuser -v /dev/bus/usb/001/002"
	done
	# An emulated node shows as a socket in /proc: the holder has a file open whose path ends as the node's.
	mkdir -p "${node%/*}"
	echo held > "$node"
	tail -f "$node" > /dev/null 3>&- &
	holder=$!
	until [ "$(readlink /proc/$holder/fd/* | grep -cx "$node")" = 1 ]; do kill -0 $holder; done
	for adapter in ch341a ft232h; do
		run on $adapter --claimed -- -p $adapter detect
		says "USB 1-1 is in use by tail (pid $holder)" "let it finish, or end it" || break
	done
	kill $holder
	[ "$status" = 3 ]
	says "(pid $holder)"
}

@test "a kernel driver is named by list and stands aside for a job" {
	exits 0 on ft232h --kernel-driver ftdi_sio -- list
	says "ftdi_sio"
	exits 0 on ft232h --kernel-driver ftdi_sio -- -p ft232h detect
	exits 0 on ch341a --kernel-driver spi-ch341 -- -p ch341a detect
}

# let_go CODE WORDS...: after this exit no pin is driven and the kernel's driver is back.
let_go() {
	local code=$1
	shift
	exits "$code" on "$adapter" --chip W25Q16 --kernel-driver somedriver "${faults[@]}" -- -p "$adapter" "$@"
	[ "$(figure '.kernel_driver, .pins_driven' | xargs)" = "somedriver false" ] || {
		figure '.kernel_driver, .pins_driven' >&2
		return 1
	}
}

# stopped_read NORPROG ADAPTER: a program that stops norprog once it reads, and fails unless it exits 8 then.
write_stopped_read() {
	cat > stopped_read <<- 'END'
		#!/bin/bash
		mkfifo events
		"$1" -p "$2" --json read --passes 5 dump > events &
		exec 7< events
		while read -r event <&7 && [[ $event != *'"phase":"read"'* ]]; do :; done
		kill -TERM $!
		cat <&7 > /dev/null
		rm events
		wait $!
		[ $? = 8 ]
	END
	chmod +x stopped_read
}

@test "on every way out the pins are released and the kernel's driver is put back" {
	write_stopped_read
	random image 7 2097152
	head -c 4096 image > part
	for adapter in ch341a ft232h; do
		faults=()
		let_go 0 detect
		let_go 0 write part --at 0x10000 --yes
		faults=(--image image)
		let_go 2 erase --range 0x1000+4K
		let_go 6 verify --blank --range 0x1000+4K
		let_go 2 write image --at 0 --strip --yes
		faults=(--fault silent)
		let_go 4 detect
		faults=(--stall-at 30)
		let_go 5 detect
		exits 0 "$emu" --device $adapter --chip W25Q16 --time real --image image \
			--kernel-driver somedriver --report report.json -- "$work/stopped_read" "$norprog" $adapter
		[ "$(figure '.kernel_driver, .pins_driven' | xargs)" = "somedriver false" ]
	done
}

@test "a spidev node that takes no clock is used at its own, unless one was asked for" {
	exits 0 on spidev --refuse-speed -- -p spidev detect
	says "refuses a clock" "using its own 20000000 Hz"
	exits 1 on spidev --refuse-speed -- -p spidev:hz=8M detect
	says "refuses a clock of 8000000 Hz" "lower"
}

# ---- the wire ----------------------------------------------------------------------------------------

# A quarter of the chip: 13.3 s, 0.575 s and 0.865 s are a quarter of what the whole may take.
@test "a read is as fast as the wire" {
	local adapter
	random image 3 8388608
	head -c 2097152 image > wanted
	for adapter in ch341a:13300000 ft232h:575000 spidev:865000; do
		rm -f dump*
		exits 0 on "${adapter%:*}" --image image --pauses ignore -- -p "${adapter%:*}" -q \
			read --passes 1 --range 0+2M dump
		cmp dump wanted
		no_worse .device_us "${adapter#*:}"
		[ "$(figure .chip.unknown)" = 0 ]
	done
	# One message: 1 MiB per thousand transfers and a few to find the chip.
	exits 0 on ft232h --image image -- -p ft232h -q read --passes 1 --range 0+2M --force dump
	no_worse .transfers 500
}

@test "spidev fills whatever buffer the kernel has" {
	local size
	random image 4 8388608
	head -c 1048576 image > wanted
	for size in 1024 4096 65536 0; do
		exits 0 on spidev --bufsiz $size --image image --pauses ignore -- -p spidev -v \
			read --passes 1 --range 0+1M --force dump
		cmp dump wanted
	done
	exits 0 on spidev --bufsiz 65536 --image image --pauses ignore -- -p spidev -q \
		read --passes 1 --range 0+1M --force dump
	no_worse .host_waits 60
	exits 0 on spidev --bufsiz 1024 -- -p spidev -v detect
	says "bufsiz=65536" "% faster"
}

# ---- misbehaviour ------------------------------------------------------------------------------------

@test "stale answers of a killed program are not taken for the chip's" {
	local bytes
	for bytes in 1 31 62 100; do
		exits 0 on ch341a --stale $bytes -- -p ch341a detect
		says "EF 40 17" "72 of 72"
		exits 0 on ft232h --stale $bytes -- -p ft232h detect
		says "EF 40 17" "72 of 72"
	done
}

@test "a silent adapter ends in bounded time" {
	local adapter n
	for adapter in ch341a ft232h; do
		for n in 1 30; do
			exits 5 on $adapter --silent-at $n -- -p $adapter detect
			says "timed out"
		done
	done
}

@test "a stall ends the job, or is cleared while the adapter is opened" {
	exits 0 on ch341a --stall-at 1 -- -p ch341a detect
	exits 5 on ch341a --stall-at 40 -- -p ch341a detect
	says "USB stall"
	exits 5 on ft232h --stall-at 30 -- -p ft232h detect
	says "USB stall"
}

@test "lost bytes are noticed, never passed on" {
	random image 5 8388608
	exits 5 on ch341a --image image --short-in 5000 -- -p ch341a -q read --passes 1 dump
	says "answers were lost"
	[ ! -e dump ]
	# The FT232H keeps what a short packet left behind.
	exits 0 on ft232h --image image --short-in 7 -- -p ft232h -q read --passes 1 dump
	cmp image dump
}

@test "unplugged: exit 3 before the job, exit 5 within it, nothing left behind" {
	local adapter
	for adapter in ch341a ft232h; do
		exits 3 on $adapter --unplug open -- -p $adapter detect
		says "went away"
		exits 5 on $adapter --unplug urbs=30 -- -p $adapter detect
		says unplugged
		exits 5 on $adapter --unplug read=200000 -- -p $adapter -q read dump
		says unplugged
		[ ! -e dump ]
	done
}
