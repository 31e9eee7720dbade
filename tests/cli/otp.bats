#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: cmd/otp.c
# otp: security registers and one-time areas of six makers. What stays needs --permanent.

load common

winbond="sim:chip=W25Q64FV"
eon="sim:chip=EN25QH128A"
macronix="sim:chip=MX25L12835F"
spansion="sim:chip=S25FL128S"
micron="sim:chip=N25Q128"
issi="sim:chip=IS25LP064,parts=$BATS_TEST_DIRNAME/../data/parts.txt"

# on PART COMMAND...: on a simulated part that keeps its state beside the contents.
on() {
	local part=$1
	shift
	"$norprog" -p "$part,file=$chip" "$@"
}

# dump PART AREA: the area's bytes in hex.
dump() {
	on "$1" otp show --area "$2" --json 2> /dev/null | tail -n 1 | jq -r '.areas[0].data'
}

@test "show names every area, its size and its lock" {
	exits 0 on "$winbond" otp show
	says "security register 1 (area 1): 256 bytes, not locked, blank" "security register 3 (area 3)"
	exits 0 on "$winbond" otp show --area 2
	says "security register 2"
	says_not "security register 1"
	rm "$chip"
	exits 0 on "$eon" otp show
	says "OTP sector" "512 bytes, not locked, blank"
	rm "$chip"
	exits 0 on "$macronix" otp show
	says "secured OTP area" "512 bytes, not locked, blank"
}

@test "write, read and show, on each maker's part" {
	printf 'serial 12345' > serial
	for part in "$winbond" "$eon" "$macronix" "$spansion" "$micron" "$issi"; do
		rm -f "$chip"* back
		area=0
		[ "$part" != "$winbond" ] || area=2
		exits 0 on "$part" otp write serial --area $area --at 0x20 --permanent --yes
		says "12 bytes at offset 32" "read back"
		exits 0 on "$part" otp read back --area $area
		same_bytes <(tail -c +33 back) serial 0 12
		[ "$(head -c 32 back | tail -c 16 | tr -d '\377' | wc -c)" = 0 ]
		exits 0 on "$part" otp show
		says "  0020 73 65 72 69 61 6c" "serial 12345"
		exits 0 on "$part" verify --blank
	done
}

@test "without --permanent nothing changes, whatever --yes says" {
	printf x > one
	exits 0 on "$winbond" otp show
	for words in "write one" erase lock; do
		# shellcheck disable=SC2086 # two words
		refused 7 "--permanent" -- on "$winbond" otp $words --area 1 --yes
	done
	says "cannot be taken back"
}

@test "--permanent without --yes asks, and without a terminal refuses" {
	printf x > one
	exits 0 on "$winbond" otp show
	refused 2 "no terminal to ask on" "add --yes" -- on "$winbond" otp write one --area 1 --permanent
	says_not "--dry-run"
	refused 2 "no terminal to ask on" -- on "$winbond" otp lock --area 1 --permanent
}

@test "bits only fall: what would mix with older bytes is refused before it is sent" {
	printf 'abc' > first
	printf 'xyz' > second
	exits 0 on "$winbond" otp write first --area 1 --permanent --yes
	before=$(dump "$winbond" 1)
	refused 7 "byte 0 of the security register 1 holds 61h and cannot become 78h" "norprog otp erase" \
		-- on "$winbond" otp write second --area 1 --permanent --yes
	[ "$(dump "$winbond" 1)" = "$before" ]
	exits 0 on "$winbond" otp erase --area 1 --permanent --yes
	says "is blank"
	exits 0 on "$winbond" otp write second --area 1 --permanent --yes
	[[ $(dump "$winbond" 1) == 78797aff* ]]
}

@test "a lock is for ever and for its area alone" {
	printf 'abc' > data
	exits 0 on "$winbond" otp write data --area 1 --permanent --yes
	exits 0 on "$winbond" otp lock --area 1 --permanent --yes
	says "locked for ever"
	exits 0 on "$winbond" otp show
	says "(area 1): 256 bytes, locked for ever" "(area 2): 256 bytes, not locked"
	refused 7 "locked for ever" -- on "$winbond" otp write data --area 1 --at 9 --permanent --yes
	refused 7 "locked for ever" -- on "$winbond" otp erase --area 1 --permanent --yes
	exits 0 on "$winbond" otp lock --area 1
	says "locked already"
	[[ $(dump "$winbond" 1) == 616263ff* ]]
	exits 0 on "$winbond" otp write data --area 2 --permanent --yes
}

@test "areas of Eon, Macronix, Spansion and Micron parts lock too, and cannot be erased" {
	printf 'abc' > data
	for part in "$eon" "$macronix" "$spansion" "$micron"; do
		rm -f "$chip"*
		exits 1 on "$part" otp erase --permanent --yes
		says "cannot be erased"
		exits 0 on "$part" otp lock --permanent --yes
		exits 0 on "$part" otp show
		says "locked for ever"
		exits 7 on "$part" otp write data --permanent --yes
	done
}

@test "Spansion's first bytes are the factory's" {
	printf 'abc' > data
	exits 0 on "$spansion" otp read back
	[ "$(head -c 16 back | tr -d '\377' | wc -c)" -gt 8 ]
	refused 2 "hold its locks" "choose an offset from 32 up" -- on "$spansion" otp write data --permanent --yes
}

@test "which area is meant must be said where there are several" {
	printf x > one
	exits 0 on "$winbond" otp show
	refused 2 "which of the 3 areas is meant?" "--area 1 to --area 3" -- on "$winbond" otp read out
	refused 2 "has no OTP area '4'" "--area 1 to --area 3" -- on "$winbond" otp write one --area 4 --permanent --yes
	refused 2 "has no OTP area 'two'" -- on "$winbond" otp lock --area two --permanent --yes
}

@test "wrong offsets and sizes" {
	blank long 257
	printf 'abcd' > four
	: > empty
	exits 0 on "$winbond" otp show
	refused 7 "long has 257 bytes" "takes 256" -- on "$winbond" otp write long --area 1 --permanent --yes
	refused 7 "takes 2 from offset 254" -- on "$winbond" otp write four --area 1 --at 254 --permanent --yes
	refused 7 "empty has 0 bytes" -- on "$winbond" otp write empty --area 1 --permanent --yes
	refused 2 "--at 256 is not an offset" -- on "$winbond" otp write four --area 1 --at 256 --permanent --yes
	refused 2 "nowhere" -- on "$winbond" otp write nowhere --area 1 --permanent --yes
}

@test "read replaces a file only with --force" {
	printf mine > out
	exits 0 on "$winbond" otp show
	refused 1 "out exists and is not overwritten" -- on "$winbond" otp read out --area 1
	exits 0 on "$winbond" otp read out --area 1 --force
	[ "$(wc -c < out)" = 256 ]
}

@test "verbs and their arguments" {
	refused 2 "'burn' is none of show, read, write, erase, lock" -- on "$winbond" otp burn
	refused 2 "otp read needs one FILE" -- on "$winbond" otp read --area 1
	refused 2 "otp lock takes no further argument" -- on "$winbond" otp lock now
	refused 2 "--at belongs to otp write" -- on "$winbond" otp show --at 5
	refused 2 "otp needs" -- on "$winbond" otp
}

@test "a part without such an area says so" {
	exits 1 on "sim:chip=TEST-SFDP" otp show
	says "has no OTP area that norprog knows"
}

@test "otp --json" {
	printf 'AB' > two
	run --separate-stderr on "$winbond" otp write two --area 3 --permanent --yes --json
	[ "$status" = 0 ]
	result '.ok and .command == "otp"'
	run --separate-stderr on "$winbond" otp show --json
	result '[.areas[].number] == [1, 2, 3]'
	result '.areas[2] | .name == "security register 3" and .size == 256 and .locked == false and .erasable'
	result '.areas[2].data | startswith("4142ffff") and length == 512'
	run --separate-stderr on "$winbond" otp lock --area 3 --json
	[ "$status" = 7 ]
	result '.ok == false and .code == "refused" and (.hint | contains("--permanent"))'
}
