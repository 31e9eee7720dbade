#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: cmd/backups.c kept.c shelf.c
# What was kept: listed, shown, checked, thinned out, taken elsewhere.

load common

kept() { ls "$XDG_STATE_HOME"/norprog/backups/*.bin 2> /dev/null | wc -l; }

# three_jobs: three whole backups of one chip, of which the first holds `first`.
three_jobs() {
	text "$chip" 1 8388608
	cp "$chip" first
	for seed in 2 3 4; do
		text new$seed.bin $seed 8388608
		on_chip write new$seed.bin --keep nothing --yes > /dev/null
	done
	[ "$(kept)" = 3 ]
}

# without_uid: the newest backup's manifest loses what tells the chip.
without_uid() {
	for json in "$XDG_STATE_HOME"/norprog/backups/*.json; do
		jq '.uid = null' "$json" > changed && cat changed > "$json"
	done
}

@test "nothing yet" {
	exits 0 "$norprog" backups
	says "no backups are kept yet"
	exits 0 "$norprog" backups prune --keep 1
	says "nothing to remove"
	[ ! -e "$XDG_STATE_HOME" ]
	exits 2 "$norprog" backups shwo
	says "list, show, verify, prune, export"
}

@test "the list: newest first, what for, where; numbers name them" {
	three_jobs
	exits 0 "$norprog" backups
	says "1  20" "W25Q64FV" "ID " "8 MiB, before write of new4.bin" "before write of new2.bin" "$XDG_STATE_HOME/norprog/backups/"
	[ "$(grep -n "new4.bin" <<< "$output" | cut -d: -f1)" -lt "$(grep -n "new2.bin" <<< "$output" | cut -d: -f1)" ]
	exits 0 "$norprog" backups show 3
	says "before write of new2.bin" "SHA-256 $(sha256sum < first | cut -d' ' -f1)" "to put it back: norprog restore "
	run --separate-stderr "$norprog" backups --json
	result '.count == 3'
	json -s 'map(select(.event == "backup")) | length == 3 and .[0].whole and (.[0].file | endswith("new4.bin"))'
	exits 2 "$norprog" backups show 4
	says "no backup is called '4'" "norprog backups"
	exits 2 "$norprog" backups show W25Q64FV
	says "3 backups have 'W25Q64FV' in their names"
	exits 2 "$norprog" backups show
	says "which one?"
}

@test "device and MAC of a recognised board" {
	cp "$(composed mr200 7 a)" "$chip"
	cp "$chip" new
	poke new 0x100000 'xyz'
	exits 0 on_chip write new --yes
	exits 0 "$norprog" backups
	mac=$("$norprog" unit show "$chip" | grep -oiE '([0-9a-f]{2}:){5}[0-9a-f]{2}' | head -n 1)
	[ -n "$mac" ]
	says "Archer MR200" "$mac"
}

@test "verify finds the one that changed, and the one that is gone" {
	three_jobs
	exits 0 "$norprog" backups verify
	[ "$(grep -c "^ok" <<< "$output")" = 3 ]
	newest=$("$norprog" backups show 1 | grep -o "$XDG_STATE_HOME.*\.bin" | head -n 1)
	poke "$newest" 0x1000 'xyz'
	rm "$("$norprog" backups show 3 | grep -o "$XDG_STATE_HOME.*\.bin" | head -n 1)"
	exits 2 "$norprog" backups verify
	says "2 of 3 backups" "DAMAGED"
	exits 2 "$norprog" backups verify 1
	says "SHA-256 differs"
	exits 0 "$norprog" backups verify 2
}

@test "prune keeps the newest of each chip, asks, and says what goes" {
	three_jobs
	sim="sim:chip=MX25L6405D,file=$chip" # another chip, with one backup
	on_chip write first --keep nothing --yes --override other-type > /dev/null
	[ "$(kept)" = 4 ]
	exits 2 "$norprog" backups prune --keep 1
	says "no terminal to ask on"
	exits 0 "$norprog" backups prune --keep 1 --dry-run
	[ "$(kept)" = 4 ]
	exits 0 "$norprog" backups prune --keep 2 --yes
	says "removed 1 backup, 8 MiB"
	[ "$(kept)" = 3 ]
	exits 0 "$norprog" backups
	says "new4.bin" "new3.bin" "before write of first"
	says_not "new2.bin"
	for keep in 0 x -1 unit "1 2"; do
		exits 2 "$norprog" backups prune --keep "$keep" --yes
	done
	exits 2 "$norprog" backups prune --yes
	says "--keep 3"
	[ "$(kept)" = 3 ]
}

@test "prune never takes the only good one" {
	three_jobs
	newest=$("$norprog" backups show 1 | grep -o "$XDG_STATE_HOME.*\.bin" | head -n 1)
	poke "$newest" 0x1000 'xyz'
	exits 0 "$norprog" backups prune --keep 1 --yes
	says "stays: $newest (it is damaged" "removed 1 backup"
	exits 0 "$norprog" backups verify 2
	[ "$(kept)" = 2 ]
}

@test "prune never takes the only whole one for newer parts" {
	three_jobs
	head -c 4096 /dev/urandom > part
	for at in 0x100000 0x200000 0x300000; do
		on_chip write part --at $at --keep nothing --yes > /dev/null
	done
	exits 0 "$norprog" backups prune --keep 2 --yes
	exits 0 "$norprog" backups
	[ "$(grep -c "8 MiB, before" <<< "$output")" = 1 ]
	[ "$(kept)" = 3 ]
}

@test "prune leaves what does not tell whose it is" {
	three_jobs
	without_uid
	exits 0 "$norprog" backups prune --keep 1 --yes
	says "nothing tells which chip it is of" "nothing to remove"
	[ "$(kept)" = 3 ]
}

@test "prune leaves what an unfinished job needs, and stops at a record that cannot be read" {
	three_jobs
	text last.bin 9 8388608
	"$norprog" -p "$sim,fault=cut=200000000" write last.bin --keep nothing --yes > /dev/null 2>&1 || true
	record=$(ls "$XDG_STATE_HOME"/norprog/jobs/*.json)
	needed=$(jq -r .backup "$record")
	# newer backups of the same chip, as another state folder's jobs would leave
	for n in 1 2; do
		cp "$needed" "${needed%.bin}-$n.bin"
		jq ".sequence += $n | .date = \"2099-01-0${n}T00:00:00Z\"" "$needed.json" > "${needed%.bin}-$n.bin.json"
	done
	exits 0 "$norprog" backups
	says "an unfinished job needs it"
	exits 0 "$norprog" backups prune --keep 1 --yes
	[ -e "$needed" ] && [ -e "$needed.json" ]
	echo '{' > "$record"
	refused 7 "record of an unfinished job is damaged" "norprog resume" -- "$norprog" backups prune --keep 1 --yes
}

@test "export: a copy with its manifest, that restore takes" {
	three_jobs
	exits 0 "$norprog" backups export 3 mine.bin
	cmp mine.bin first
	jq -e '.operation == "write"' mine.bin.json
	exits 1 "$norprog" backups export 3 mine.bin
	says "exists"
	exits 0 "$norprog" backups export 2 mine.bin --force
	cmp mine.bin new2.bin
	exits 2 "$norprog" backups export 2
	says "where to?"
	exits 0 on_chip restore mine.bin --keep nothing --yes
	cmp new2.bin "$chip"
	poke "$("$norprog" backups show 1 | grep -o "$XDG_STATE_HOME.*\.bin" | head -n 1)" 0 'x'
	exits 2 "$norprog" backups export 1 bad.bin
	[ ! -e bad.bin ] && [ ! -e bad.bin.json ]
}

@test "links, strangers' files and nonsense in the folder" {
	three_jobs
	cd "$XDG_STATE_HOME"/norprog/backups
	echo '{"format": 1}' > a.bin.json
	echo 'x' > b.bin.json
	ln -s /etc/passwd c.bin.json
	mkdir d.bin.json
	exits 0 "$norprog" backups
	says "more cannot be read"
	[ "$(grep -c "before write" <<< "$output")" = 3 ]
	exits 0 "$norprog" backups prune --keep 1 --yes
	[ -e a.bin.json ] && [ -e b.bin.json ] && [ -L c.bin.json ] && [ -d d.bin.json ]
}
