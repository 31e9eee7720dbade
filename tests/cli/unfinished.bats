#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: contents.c
# While a job is open on a chip, whoever looks at it is told; and what a read betrays.

load common

# cut_off: a write of new.bin that the power ended.
cut_off() {
	text "$chip" 2 8388608
	cp "$chip" before
	text new.bin 5 8388608
	"$norprog" -p "$sim,fault=cut=200000000" write new.bin --keep nothing --yes > /dev/null 2>&1 || true
	ls "$XDG_STATE_HOME"/norprog/jobs/*.json > /dev/null
}

@test "detect, protect, unit and read name the open job, and how to end it" {
	cut_off
	for words in detect protect "read dump"; do
		# shellcheck disable=SC2086 # two words
		exits 0 on_chip $words
		says "warning: an unfinished write of new.bin, begun 20" "half old, half new" \
			"\`norprog resume -p $sim\` finishes it, \`norprog resume --undo -p $sim\` puts the backup back"
	done
	run --separate-stderr on_chip detect --json
	result '.unfinished_job == true'
}

@test "list names it with no chip asked, and doctor" {
	cut_off
	exits 0 "$norprog" list
	says "unfinished: write of new.bin on W25Q64FV" "norprog resume"
	exits 7 on_chip doctor
	says "wrong     job" "write of new.bin"
}

@test "a backup read meanwhile says so, and is not restored unasked" {
	cut_off
	on_chip read dump
	jq -e '.flags | index("unfinished-job")' dump.json
	exits 0 on_chip resume --undo --yes
	cmp before "$chip"
	refused 7 "half old, half new" "suspicious-file" -- on_chip restore dump --keep nothing --yes
	exits 0 on_chip restore dump --keep nothing --yes --override suspicious-file
	exits 0 on_chip detect
	says_not "unfinished"
}

@test "resume names job, file, regions and backup" {
	text "$chip" 2 8388608
	head -c 65536 /dev/zero > part.bin
	for cut in $(seq 200000 200000 8000000); do
		"$norprog" -p "$sim,fault=cut=$cut" write part.bin -l tplink-mr200-v1 --at romfile --yes > said 2>&1 || true
		! ls "$XDG_STATE_HOME"/norprog/jobs/*.json 2> /dev/null || break
	done
	ls "$XDG_STATE_HOME"/norprog/jobs/*.json
	exits 0 on_chip resume --yes
	says "the unfinished job: write of part.bin to romfile, begun 20" "what the chip held before: $XDG_STATE_HOME"
}

@test "an address line that is lost is told, kept in the manifest, and keeps a whole write away" {
	openssl enc -aes-128-ctr -nosalt -pass pass:7 -in /dev/zero 2> /dev/null | head -c 4194304 > half
	# bit 20 does not arrive
	for i in 0 1 2 3; do
		for copy in 1 2; do dd if=half bs=1M skip=$i count=1 status=none; done
	done > "$chip"
	exits 0 on_chip read dump
	says "everything stands twice, 1 MiB apart" "not a backup" "norprog doctor"
	exits 4 on_chip doctor
	says "address bit 20 changes nothing"
	jq -e '.flags == ["address-line"] and .entropy > 7.9' dump.json
	text new.bin 5 8388608
	refused 4 "an address line is lost" "--override bad-read" -- on_chip write new.bin --keep nothing --yes
	exits 0 on_chip write new.bin --keep nothing --yes --override bad-read
	jq -e '.flags | index("address-line")' "$XDG_STATE_HOME"/norprog/backups/*.json
}

@test "all zeros, and bursts of zeros, are no backup either" {
	text new.bin 5 8388608
	head -c 8388608 /dev/zero > "$chip"
	refused 4 "every byte is 00" "--override bad-read" -- on_chip write new.bin --keep nothing --yes
	openssl enc -aes-128-ctr -nosalt -pass pass:7 -in /dev/zero 2> /dev/null | head -c 8388608 > "$chip"
	for i in $(seq 0 40); do
		dd if=/dev/zero of="$chip" bs=1 seek=$((100003 + i * 90001)) count=300 conv=notrunc status=none
	done
	refused 4 "the supply breaks down" "--override bad-read" -- on_chip write new.bin --keep nothing --yes
	exits 0 on_chip read bursts
	says "long regular bursts of 00"
	jq -e '.flags == ["zero-bursts"]' bursts.json
	exits 4 on_chip doctor
	says "stretches of zeros at even distances" "pin 8 (3.3 V with the clip on)"
	exits 0 on_chip write new.bin --keep nothing --yes --override bad-read
	jq -e '.flags | index("zero-bursts")' "$XDG_STATE_HOME"/norprog/backups/*.json
}

@test "a bit that never changes is told, kept in the manifest, and keeps a whole write away" {
	text new.bin 5 8388608
	openssl enc -aes-128-ctr -nosalt -pass pass:1 -in /dev/zero 2> /dev/null | head -c 8388608 | LC_ALL=C tr '\000-\017\040-\057\100-\117\140-\157\200-\217\240-\257\300-\317\340-\357' '\020-\037\060-\077\120-\137\160-\177\220-\237\260-\277\320-\337\360-\377' > "$chip"
	exits 0 on_chip read stuck
	says "in every byte read the bits 10 are ones" "not a backup"
	jq -e '.flags == ["stuck-bits"]' stuck.json
	refused 4 "in every byte the bits 10 are ones" "--override bad-read" -- on_chip write new.bin --keep nothing --yes
	exits 0 on_chip write new.bin --keep nothing --yes --override bad-read
	jq -e '.flags | index("stuck-bits")' "$XDG_STATE_HOME"/norprog/backups/*.json
}

@test "two equal halves: exit 4 like every other bad sign, whoever sees them" {
	text new.bin 5 8388608
	openssl enc -aes-128-ctr -nosalt -pass pass:7 -in /dev/zero 2> /dev/null | head -c 4194304 > half
	cat half half > "$chip"
	refused 4 "repeats after 4 MiB" "--override mirror" -- on_chip write new.bin --keep nothing --yes
	exits 4 on_chip doctor
	says "they repeat after 4 MiB"
	exits 0 on_chip write new.bin --keep nothing --yes --override mirror
}

@test "a blank chip is written unasked, and the backup of it restored" {
	blank "$chip" 8388608
	text new.bin 5 8388608
	exits 0 on_chip write new.bin --yes
	undo=$(grep '^undo: ' <<< "$output")
	eval "\"$norprog\" ${undo#undo: norprog } --keep nothing --yes"
	cmp "$chip" <(head -c 8388608 /dev/zero | tr '\0' '\377')
}

@test "with no job open, resume says so and where earlier ones left their backups" {
	text "$chip" 2 8388608
	exits 2 on_chip resume --yes
	says "no unfinished job is open" "nothing is to be finished or undone" "norprog backups list"
}
