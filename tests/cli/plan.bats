#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: plan_show.c map.c progress.c
# The plan says what it is about to do to what, and all prose fits the terminal it is shown on.

load common

# wide COLUMNS [NAME=VALUE] WORDS...: norprog on a terminal of that width; its lines in `lines`.
wide() {
	local columns=$1 setting=LC_ALL=C
	shift
	[[ $1 != *=* ]] || {
		setting=$1
		shift
	}
	command -v script > /dev/null || skip "script(1) is missing (package bsdutils)"
	run script -q -e -c "stty cols $columns rows 40; exec env $setting $norprog $*" /dev/null < /dev/null
	output=${output//$'\r'/}
	mapfile -t lines <<< "$output"
}

# Nothing is wider than the terminal but what is one word: a path.
fits() {
	local line
	for line in "${lines[@]}"; do
		[ "${#line}" -le "$1" ] || [[ $line == *"$work"* ]] || {
			echo "wider than $1: $line" >&2
			return 1
		}
	done
}

fill() {
	text "$chip" 3 8388608
	cp "$chip" new
	text other 5 8388608
	splice new 0x10000 other 0x30000
}

# splice FILE AT FROM LEN
splice() {
	dd if="$3" of="$1" bs=4096 seek="$(($2 / 4096))" count="$(($4 / 4096))" conv=notrunc status=none
}

@test "the plan: file, chip, what is kept, the backup's path, time of all" {
	fill
	exits 0 on_chip write new --only 0x10000+0x30000 --keep 0x20000+0x1000 --yes
	says "plan: write new to Winbond W25Q64FV (8 MiB)" "kept    0x020000-0x020fff; all but 0x010000-0x03ffff" "in all;"
	# The path told before the question is the one that is made.
	path=$(sed -n 's/^  backup  //p' <<< "$output")
	[ -f "$path" ]
	says "backup: $path" "undo: norprog restore $path"
}

@test "the plan of a whole write says that nothing stays; of an erase that no file is involved" {
	fill
	exits 0 on_chip write new --keep nothing --dry-run
	says "kept    nothing of what is on the chip now"
	exits 0 on_chip erase --only 0+4K --keep nothing --dry-run
	says "plan: erase Winbond W25Q64FV (8 MiB)" "kept    all but 0x000000-0x000fff"
	exits 0 on_chip erase --only 0+4K --keep nothing --dry-run --no-backup
	says "none is kept once the job is done"
	exits 0 on_chip erase --only 0+4K --keep nothing --dry-run --backup mine.bin
	says "backup  mine.bin"
	[ ! -e mine.bin ]
}

@test "regions by their names" {
	fill
	exits 0 on_chip write new --only 0x10000+0x1000 --layout tplink-mr200-v1 --dry-run --override unit-data --override other-device
	says "kept    rom,radio (0x7d0000" "; all but u-boot (0x010000-0x010fff)"
}

@test "--json: file, backup, kept, what is to come" {
	fill
	run --separate-stderr on_chip write new --keep 0+4K --dry-run --json
	[ "$status" = 0 ]
	jq -s -e 'map(select(.event == "plan"))[0] | .file == "new" and (.backup | endswith(".bin")) and .kept == [{"start": 0, "len": 4096}] and .rest_s > 0.1' <<< "$output"
}

@test "60 columns: plan, hints, warnings and doctor's lines" {
	fill
	wide 60 -p "$sim" write new --only 0x10000+0x30000 --keep nothing --dry-run
	[ "$status" = 0 ]
	says "erase 3 x 64 KiB"
	fits 60
	wide 60 -p "sim:chip=W25Q64FV,fault=miso=high" doctor
	[ "$status" = 4 ]
	fits 60
	# What goes on is indented to where its field began.
	wide 60 -p "sim:chip=W25Q64FW" doctor
	says "wrong     supply      "
	fits 60
	grep -q '^ \{22\}[^ ]' <<< "$output"
	wide 60 -p sim:chip=W25Q64FV,fault=miso=high read x
	says "hint: "
	fits 60
}

@test "100 columns: rows of the plan have their pages, hints use the room" {
	fill
	wide 100 -p "$sim" write new --only 0x10000+0x30000 --keep nothing --dry-run
	says "pages"
	fits 100
	wide 100 -p sim:chip=W25Q64FV,fault=miso=high read x
	fits 100
	[[ $output == *"hint: "????????????????????????????????????????????????????????????????????????* ]]
}

@test "a pipe gets its lines whole" {
	exits 4 "$norprog" -p sim:chip=W25Q64FV,fault=miso=high read x
	[ "$(grep -c '^hint: .*3.3 V at pin 8' <<< "$output")" = 1 ]
}

@test "the map: from 100 columns on or with --map, its rows go with what is done" {
	text "$chip" 3 8388608
	text new 5 65536
	wide 100 NO_COLOR=1 -p "$sim,fault=weak-page=0x20000" read x
	[ "$status" = 4 ]
	says "8 KiB a cell: . unread"
	# The page that never reads the same is in cell 16.
	grep -q '^0x000000 ================!===============' <<< "$output"
	wide 60 -p "$sim,fault=weak-page=0x20000" read y
	says_not "a cell"
	wide 60 NO_COLOR=1 -p "$sim,fault=weak-page=0x20000" read z --map
	says "a cell"
	mapfile -t lines < <(grep -v SHA-256 <<< "$output")
	fits 60
	wide 100 -p "$sim,fault=weak-page=0x20000" read v --no-map
	says_not "a cell"
	exits 2 on_chip read w --map --no-map
	says "contradict each other"
}

@test "the map of a write: erased, written, read back" {
	text "$chip" 3 8388608
	text new 5 262144
	wide 100 NO_COLOR=1 -p "$sim,time=real" write new --at 0x40000 --keep nothing --yes
	[ "$status" = 0 ]
	grep -q '0x000000 [.-]\{32\}#*[ew]' <<< "$output"
	grep -q '0x000000 [.-]\{32\}#####' <<< "$output"
	says "ETA"
	# It is taken away when all went well.
	[[ ${lines[-1]} == undo:* ]]
}

@test "no map into a pipe" {
	text "$chip" 3 8388608
	on_chip read x --map > out 2>&1
	! grep -q "a cell" out
}

@test "a job's rest: to the plan first, then of all that comes" {
	text "$chip" 3 8388608
	text new 5 8388608
	wide 80 -p "$sim,time=real" write new --only 0+1M --keep nothing --yes --speed 10M
	[ "$status" = 0 ]
	says "to the plan" "ETA"
}
