#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Several adapters at once, on one emulated bus: those of one speed share its line.

load common

part=W25Q16 size=2097152

# chips COUNT: in1, in2, ... of random contents
chips() {
	for ((i = 1; i <= $1; i++)); do random "in$i" "${seed:-$i}$i" $size; done
}

# specs KIND COUNT: the array `gang` with a -p for each
specs() {
	gang=()
	for ((i = 1; i <= $2; i++)); do gang+=(-p "$1:bus=1-$i"); done
}

# together DEVICES [emu-run's options] -- norprog's words
together() {
	local options words
	split "${@:2}"
	"$emu" --device "$1" --chip $part --pauses ignore --report report.json "${options[@]}" -- "$norprog" "${words[@]}"
}

@test "-p all: each CH341A into its own file, and no FTDI adapter, which may be a console; named, that is read too" {
	chips 4
	exits 0 together ch341a,ft232h,ch341a,ft232h --image in% -- read out -p all --only 0+64K --passes 1
	[ "$(find out -name '*.bin' | wc -l)" = 2 ]
	exits 0 together ch341a,ft232h,ch341a,ft232h --image in% -- read all -p all -p ft232h:bus=1-2 -p ft232h:bus=1-4 \
		--only 0+64K --passes 1 --label 1-1=one --label 1-2=two --label 1-3=three --label 1-4=four
	i=0
	for name in one two three four; do
		i=$((i + 1))
		cmp -n 65536 "all/$name.bin" "in$i"
	done
	[ "$(find all -name '*.bin' | wc -l)" = 4 ]
}

@test "two FT232H that say the same serial number are told apart by their place" {
	chips 2
	exits 3 together ft232h,ft232h --same-serial --serial CLONE -- read x.bin -p ft232h:serial=CLONE
	says "bus=1-1" "bus=1-2"
	exits 3 together ft232h,ft232h --same-serial --serial CLONE -- read out -p ft232h:serial=CLONE -p ft232h:bus=1-2
	specs ft232h 2
	exits 0 together ft232h,ft232h --same-serial --serial CLONE --image in% -- read out2 "${gang[@]}" --label 1-1=a --label 1-2=b
	cmp out2/a.bin in1
	cmp out2/b.bin in2
}

@test "four FT232H, random over random: at most 1.05 of the time of one" {
	chips 4
	random new 9 $size
	exits 0 together ft232h --image in% -- write new --keep nothing --yes -p ft232h:hz=30M
	one=$(figure .device_us)
	rm -r state
	specs ft232h 4
	exits 0 together ft232h --count 4 --image in% --save out% -- write new --keep nothing --yes "${gang[@]}" --speed 30M
	four=$(figure .device_us)
	for i in 1 2 3 4; do cmp new "out$i"; done
	echo "one $one, four $four"
	[ "$four" -le $((one * 105 / 100)) ]
	# Each had to wait for the line, if seldom: it is shared.
	[ "$(figure .high_speed_line_us)" -gt 0 ]
}

@test "four CH341A on one full-speed line, read: within 5 % of what the line allows" {
	chips 4
	exits 0 together ch341a --count 4 --image in% -- read out -p all --only 0+128K --passes 1
	i=0
	for file in out/*.bin; do
		found=0
		for i in 1 2 3 4; do ! cmp -s -n 131072 "$file" "in$i" || found=1; done
		[ $found = 1 ]
	done
	# 31 bytes of the chip are an OUT packet of 32 and an IN packet of 31, each with 13 bytes of protocol, at 12 Mbit/s.
	floor=$((4 * 131072 * (32 + 13 + 31 + 13) * 8 / 31 / 12))
	took=$(figure .device_us)
	echo "floor $floor us, took $took us"
	[ "$took" -ge "$floor" ]
	[ "$took" -le $((floor * 105 / 100)) ]
	# Alone one is held up by its SPI clock, not by the line: four do not take four times as long.
	exits 0 together ch341a --image in% -- read alone.bin --only 0+128K --passes 1
	[ "$took" -lt $((2 * $(figure .device_us))) ]
}

# unplugged DEVICES SEED: a write of a gang, in which one is pulled at some moment. The others hold what they should; the pulled one
# is finished by the command that the gang names.
unplugged() {
	local devices=$1 seed=$2 all victim at gang i spec
	local -a kinds triggers
	rm -rf ./*
	IFS=, read -r -a kinds <<< "$devices"
	RANDOM=$seed
	all=${#kinds[@]}
	victim=$((RANDOM % all + 1))
	triggers=("urbs=$((RANDOM % 400 + 1))" "pages=$((RANDOM % 700 + 1))" "erases=$((RANDOM % 3 + 1))" "read=$((RANDOM * 9 + 1))"
		"ioctls=$((RANDOM % 500 + 1))" "clocks=$((RANDOM * 60 + 1))")
	at=${triggers[RANDOM % ${#triggers[@]}]}
	echo "seed $seed: $devices, number $victim is pulled at $at"
	chips "$all"
	random block "$seed" 196608
	gang=()
	for ((i = 0; i < all; i++)); do
		gang+=(-p "${kinds[i]}:bus=1-$((i + 1))")
		cp "in$((i + 1))" "wanted$((i + 1))"
		splice "wanted$((i + 1))" 0x10000 block
	done
	cp wanted1 image
	run together "$devices" --image in% --save out% --unplug "$at" --victim "$victim" -- \
		write block --at 0x10000 --keep nothing --yes --json "${gang[@]}"
	for ((i = 1; i <= all; i++)); do
		[ "$i" = "$victim" ] || cmp "wanted$i" "out$i" || return 1
	done
	[ "$status" != 0 ] || { # it was done before its plug was pulled
		cmp "wanted$victim" "out$victim"
		return
	}
	[ "$status" = 3 ] || [ "$status" = 4 ] || [ "$status" = 5 ] || {
		printf 'exit code %s\n%s\n' "$status" "$output"
		return 1
	}
	tail -n 1 <<< "$output" | jq -e --argjson v $((victim - 1)) \
		'.event == "result" and (.adapters | map(.ok) | to_entries | all(.value == (.key != $v)))' > /dev/null || return 1
	spec=${gang[2 * victim - 1]}
	if [ -n "$(find state/norprog/jobs -name '*.json' 2> /dev/null)" ]; then
		tail -n 1 <<< "$output" | jq -e --arg s "norprog resume -p $spec" --argjson v $((victim - 1)) \
			'.adapters[$v].hint | contains($s)' > /dev/null || return 1
		exits 0 together "$devices" --image out% --save done% -- resume --yes -p "$spec" || return 1
	else
		exits 0 together "$devices" --image out% --save done% -- \
			write block --at 0x10000 --keep nothing --yes -p "$spec" || return 1
	fi
	cmp "wanted$victim" "done$victim"
}

@test "seeded: one of a gang is unplugged at any moment, the others are byte-exact and its job is finished later" {
	mkdir seeds
	cd seeds
	export XDG_STATE_HOME=$PWD/state
	for ((n = 1; n <= ${NORPROG_SEEDS:-6}; n++)); do
		case $((n % 3)) in
		0) unplugged ch341a,ft232h,ch341a "$n" ;;
		1) unplugged ft232h,ft232h,ft232h,ft232h "$n" ;;
		2) unplugged ch341a,ft232h,ft232h "$n" ;;
		esac
	done
}

@test "many programs start at once on the emulated bus, and each may watch it" {
	needs python3
	cat > watch.py <<-'end'
		import socket
		for _ in range(2000):
		    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15) as uevents:
		        uevents.bind((0, 1))
	end
	exits 0 "$emu" --device ft232h -- bash -c '
		for i in 1 2 3 4; do python3 watch.py & all+=($!); done
		for one in "${all[@]}"; do wait "$one" || exit; done'
}
