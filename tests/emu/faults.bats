#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What goes wrong with adapters, and what norprog makes of it.

load common

part=W25Q16 size=2097152

usb() {
	local adapter
	for adapter in ch341a ft232h ch347; do
		rm -rf ./*
		"$@" "$adapter"
	done
}

silent() {
	exits 5 on "$1" --silent-at 1 -- detect
	says "does not answer" "timed out"
	random image 1 $size
	exits 5 on "$1" --chip $part --image image --silent-at 60 -- read dump --passes 1
	says "timed out"
	[ ! -e dump ]
}
@test "an adapter that falls silent is given up in bounded time" { usb silent; }

stalled() {
	exits 5 on "$1" --stall-at 12 -- detect
	says "USB stall"
	exits 0 "$emu" --device "$1" --stall-at 12 -- sh -c '
		"$0" -p "$1" detect; echo "first: $?"
		"$0" -p "$1" detect' "$norprog" "$(spec_of "$1")"
	says "first: 5" "ID reads agree"
}
@test "a STALL is named, and the next run is not troubled by it" { usb stalled; }

bus_error() {
	exits 5 on "$1" --fault fail-msg=20 -- detect
	says "USB bulk"
}
@test "a transfer that dies of a bus error ends the job" { usb bus_error; }

@test "a packet size that no FTDI chip has is refused, whatever the descriptors say" {
	local told adapter
	for told in 0 1 2 3 32 63 65 511 513 16384 16385 65535; do
		exits 5 on ft232h --packet-size $told -- detect
		says "packets of $told bytes" "replug"
	done
	exits 0 on ft232h --packet-size 512 -- detect
	for told in 0 1 31 33 64 65535; do
		for adapter in ch341a ch347; do
			run on $adapter --packet-size $told -- detect
			[ "$status" = 0 ] || [ "$status" = 5 ]
		done
	done
}

@test "short IN packets: the FT232H's bytes come later, the CH341A's are lost and missed" {
	random image 2 $size
	exits 0 on ft232h --chip $part --short-in 7 --image image -- read dump --passes 1
	cmp image dump
	exits 5 on ch341a --chip $part --short-in 500 --image image -- read dump2 --passes 1
	[ ! -e dump2 ]
}

stale() {
	random image 3 $size
	exits 0 on "$1" --chip $part --stale 62 --image image -- read dump --passes 1 --range 0+256K
	cmp <(head -c 262144 image) dump
}
@test "stale bytes of a killed predecessor are drained" { usb stale; }

few_in_flight() {
	random image 12 $size
	exits 0 on "$1" --chip $part --lose-over 128 --image image -- read dump --passes 1
	[ "$(figure .lost)" = 0 ]
	cmp image dump
}
@test "at most 128 transfers are in flight on any adapter" { usb few_in_flight; }

# lost ADAPTER: as through QEMU's xHCI, whose event ring overflows: all is answered, the end is not told
lost() {
	local over
	case $1 in ch341a) over=100 ;; ft232h) over=5 ;; ch347) over=40 ;; esac
	random image 9 $size
	exits 0 on "$1" --chip $part --lose-over $over --image image -- read dump --passes 1 --range 0+512K
	says "trying again with fewer at once"
	[ "$(grep -c "fewer at once" <<< "$output")" = 1 ]
	[ "$(figure .lost)" -gt 0 ]
	cmp <(head -c 524288 image) dump
	random wanted 10 65536
	exits 0 on "$1" --chip $part --lose-over $over --image image --save after -- \
		restore wanted --only 0x30000+64K --yes
	splice image 0x30000 wanted
	cmp image after
	# Even few are lost: an error, not a loop.
	exits 5 on "$1" --chip $part --lose-over 1 --image image -- read dump2 --passes 1 --range 0+512K
	[ ! -e dump2 ]
}
@test "lost completions: reads are tried again with a shallow queue" { usb lost; }

killed() {
	random image 4 $size
	exits 0 "$emu" --device "$1" --chip $part --image image -- sh -c '
		mkfifo told
		"$0" -p "$1" --json read first --passes 1 > told & pid=$!
		{ head -n 3 > /dev/null; kill -KILL $pid; cat > /dev/null; } < told
		wait $pid; echo "first: $?"
		"$0" -p "$1" read second --passes 1' "$norprog" "$(spec_of "$1")"
	says "first: 137"
	[ ! -e first ]
	cmp image second
}
@test "after a predecessor killed in mid-read everything reads as it should" { usb killed; }

claimed() {
	exits 3 on "$1" --claimed -- detect
	says "in use"
	exits 3 "$emu" --device "$1" --deny -- "$norprog" -p "$(spec_of "$1")" detect
	says "no permission" "60-norprog.rules"
	exits 0 on "$1" --kernel-driver somedriver -- detect
}
@test "in use, not permitted, bound to a kernel driver: told apart" { usb claimed; }

@test "no adapter is not the same as one that may not be opened" {
	exits 3 "$emu" --device ft232h -- "$norprog" -p ch341a detect
	says "no CH341A is attached"
	exits 3 "$emu" --device spidev -- "$norprog" -p spidev:dev=/dev/spidev7.0 detect
	exits 3 on spidev --deny -- detect
	says "no permission"
}

@test "a CH341A in serial mode, or a CH340: both are said" {
	local id
	for id in 1a86:5523 1a86:7523; do
		exits 3 "$emu" --device ch341a --id $id -- "$norprog" -p ch341a detect
		says "jumper" "CH340"
		exits 0 "$emu" --device ch341a --id $id -- "$norprog" list
		says "jumper" "CH340"
	done
}

@test "a CH347 without SPI is named, and what to do" {
	local id
	for id in 1a86:55da 1a86:55dc 1a86:55dd; do
		exits 3 "$emu" --device ch347 --id $id -- "$norprog" -p ch347 detect
		says "the CH347 at USB 1-1 is set to" "mode 1"
		exits 0 "$emu" --device ch347 --id $id -- "$norprog" list
		says "mode 1"
		exits 3 "$emu" --device ch347 --id $id -- "$norprog" detect
	done
	exits 0 "$emu" --device ch347 --id 1a86:55de -- "$norprog" detect
	says "ch347 at 1-1" "60 MHz"
}

@test "two adapters: the choice is left to the user" {
	exits 3 "$emu" --device ch341a --count 2 -- "$norprog" detect
	says "bus=1-1" "bus=1-2"
	exits 3 on ft232h --count 2 -- detect
	says "serial=FTEMU1"
}

@test "two spidev nodes: the choice is left to the user, and is kept" {
	exits 3 "$emu" --device spidev --count 2 -- "$norprog" -p spidev detect
	says "several spidev nodes" "dev=/dev/spidev0.0 dev=/dev/spidev0.1"
	random image 5 $size
	exits 0 "$emu" --device spidev --count 2 --chip $part --image image -- sh -c '
		"$0" list
		"$0" -p spidev:dev=/dev/spidev0.0 read first --passes 1
		"$0" -p spidev:dev=/dev/spidev0.1 verify --blank' "$norprog"
	says "spidev at /dev/spidev0.0" "spidev at /dev/spidev0.1"
	cmp image first
}

@test "a spidev node that another norprog has open is busy" {
	needs flock
	exits 3 "$emu" --device spidev -- sh -c '
		exec 9<> /dev/spidev0.0 && flock 9 && "$0" -p spidev detect' "$norprog"
	says "/dev/spidev0.0 is in use by another norprog"
}

@test "faults that an adapter cannot have are refused by emu-run, not forgotten" {
	local words
	for words in "spidev --claimed" "spidev --silent-at 3" "spidev --kernel-driver x" "spidev --unplug urbs=3" \
		"spidev --id 1:2" "spidev --stale 4" "spidev --short-in 2" "spidev --stall-at 1" "spidev --serial x" \
		"ch341a --refuse-speed" "ft232h --bufsiz 4096" "ft232h --hz 1M"; do
		# shellcheck disable=SC2086 # words
		exits 125 "$emu" --device $words -- true
		says "is nothing for this adapter"
	done
}

# pulled_while_opened ADAPTER: after each of the first ioctls
pulled_while_opened() {
	local n
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 14 16 20; do
		run "$emu" --device "$1" --unplug ioctls=$n -- "$norprog" -p "$(spec_of "$1")" detect
		printf 'after %s ioctls: exit %s\n%s\n' $n "$status" "$output"
		[ "$status" = 3 ] || [ "$status" = 5 ] # while it is being opened: absent or gone
		[[ $output == *"went away"* || $output == *"was unplugged"* ]]
		[[ $output == *"hint: plug it in again"* || $output == *"hint: bring it back"* ]]
	done
}
@test "unplugged while it is being opened: the same words whenever it happens" {
	pulled_while_opened ch341a
	pulled_while_opened ft232h
	pulled_while_opened spidev
}

@test "a spidev device that goes away during a read" {
	random image 5 $size
	exits 5 on spidev --chip $part --image image --unplug read=100000 -- read dump --passes 1
	says "/dev/spidev0.0 went away" "bring it back"
	[ ! -e dump ]
}

unplugged() {
	random image 5 $size
	exits 5 on "$1" --chip $part --image image --unplug read=100000 -- read dump --passes 1
	says "was unplugged"
	[ ! -e dump ]
}
@test "unplugged during a read" { usb unplugged; }

# unplugged_and_resumed ADAPTER WHEN WORDS: pulled in mid-write, put back, resumed to the last byte
unplugged_and_resumed() {
	rm -rf ./*
	random before 6 $size
	random wanted 7 65536
	exits 0 "$emu" --device "$1" --chip $part --image before --save after --unplug "$2" \
		--replug -- sh -c '
		"$0" -p "$1" restore wanted --only 0x30000+64K --yes; echo "first: $?"
		for _ in 1 2 3 4 5 6 7 8 9; do # plugged in again when somebody looks
			"$0" -p "$1" resume --yes
			code=$?
			[ $code = 3 ] || exit $code
		done' "$norprog" "$(spec_of "$1")"
	says "first: 5" "$3" "is half-written: \`norprog resume -p "
	splice before 0x30000 wanted
	cmp before after
}
@test "unplugged during program and erase: resume finishes" {
	local adapter
	for adapter in ch341a ft232h ch347; do
		unplugged_and_resumed $adapter pages=100 "was unplugged"
		unplugged_and_resumed $adapter erases=1 "was unplugged"
	done
	unplugged_and_resumed spidev pages=100 "/dev/spidev0.0 went away"
	unplugged_and_resumed spidev erases=1 "/dev/spidev0.0 went away"
}

@test "spidev: the speed is refused, a message fails" {
	exits 1 on spidev --refuse-speed -- detect
	says "refuses a clock of 20000000 Hz" "lower"
	exits 5 on spidev --fault fail-msg=5 -- detect
}

@test "a chip four times slower than typical: sent again, still exact" {
	random image 8 65536
	for adapter in ch341a ft232h spidev; do
		rm -rf state after
		exits 0 on $adapter --chip $part --fault slow=400 --save after -- write image --at 0x10000 --yes
		cmp --bytes=65536 --ignore-initial=$((0x10000)):0 after image
	done
}

@test "a chip that needs 20 ms after power-up is waited for" {
	for adapter in ch341a ft232h spidev; do
		exits 0 on $adapter --fault wake=20ms -- detect
		says "ID reads agree"
	done
}

@test "a silent chip and a stuck line are named, exit 4" {
	for adapter in ch341a ft232h spidev; do
		exits 4 on $adapter --fault silent -- detect
		exits 4 on $adapter --fault miso=low -- detect
	done
}

# NORPROG_SEEDS: how many of the seeded runs; the soak does them all.
seeds() {
	seq 1 "${NORPROG_SEEDS:-12}"
}

# turn SEED: the fast adapters take turns
turn() {
	[ $(($1 % 2)) = 0 ] && echo spidev || echo ft232h
}

# One flipped bit per million on MISO: voted right or refused, never silently wrong.
@test "seeded reads with flipping bits" {
	random image 9 $size
	local seed
	for seed in $(seeds); do
		rm -f dump*
		run on "$(turn "$seed")" --chip $part --image image --fault flip=125000+seed="$seed" -- \
			read dump --range 0x80000+1M
		echo "seed $seed: exit $status"
		[ "$status" = 0 ] || [ "$status" = 4 ]
		says "disagree"
		[ "$status" = 4 ] || cmp --bytes=1048576 --ignore-initial=0:$((0x80000)) dump image
	done
}

# The region write that once cost another program all but the region: only the plan's blocks may change.
@test "seeded region writes with flipping bits" {
	random before 10 $size
	random piece 11 65536
	local seed
	for seed in $(seeds); do
		rm -rf state after
		run on "$(turn "$seed")" --chip $part --image before --save after \
			--fault flip=20000+seed="$seed" -- restore piece --only 0x50000+64K --yes
		echo "seed $seed: exit $status: $output"
		[ "$status" = 0 ] || [ "$status" = 4 ] || [ "$status" = 6 ]
		cmp --bytes=$((0x50000)) before after
		cmp --ignore-initial=$((0x60000)) before after
		[ "$status" != 0 ] || cmp --bytes=65536 --ignore-initial=0:$((0x50000)) piece after
	done
}

@test "bytes lost in long reads: two reads that agree are not believed, and nothing is erased" {
	random before 3 2097152
	random new 4 2097152
	exits 4 on ft232h --chip W25Q16 --image before --wire byte-lost -- read dump
	says "bytes were lost on the way from the chip" "dump.unstable is not a backup" "another USB port"
	[ ! -e dump ]
	jq -e '.flags | index("shifted")' dump.unstable.json
	exits 4 on ft232h --chip W25Q16 --image before --wire byte-lost --save after -- write new --keep nothing --yes
	says "bytes were lost on the way from the chip"
	cmp before after
	[ "$(figure .chip.pages_programmed)" = 0 ]
	[ -z "$(find "$XDG_STATE_HOME"/norprog/jobs -name '*.json' 2> /dev/null)" ]
	# Asked twice, it goes on, and the manifest says what the backup is.
	run on ft232h --chip W25Q16 --image before --wire byte-lost -- write new --keep nothing --yes --override bad-read
	jq -e '.flags | index("shifted")' "$XDG_STATE_HOME"/norprog/backups/*.json
}

@test "a supply that sags while the second read is made is voted on, or said" {
	random before 3 2097152
	run on ft232h --chip W25Q16 --image before --wire sags -- read dump
	[ "$status" != 0 ] || cmp before dump
	grep -q "reads disagree" <<< "$output"
}
