#!/usr/bin/env bats
# covers: intent_file.c intent_folder.c
# SPDX-License-Identifier: GPL-2.0-or-later
# write, restore, erase, verify: plans, backups, selections, refusals.

load common

mac='\364\362\155\1\2\3'

# unit FILE SEED MAC: a flash of the MR200 profile: any contents, but with a MAC where the profile has it.
unit() {
	text "$1" "$2" 8388608
	poke "$1" 0x7df100 "$3"
}

profile=(--layout tplink-mr200-v1)

@test "write shows the plan with costs, keeps a backup, and verifies" {
	text "$chip" 3 8388608
	cp "$chip" before
	cp "$chip" new
	poke new 0x12345 'Z'
	poke new 0x300000 '\0'
	exits 0 on_chip write new --keep nothing --yes
	says "plan:" "0x012000-0x012fff" "erase 4 KiB" "0x300000" "total" " s" "backup: $XDG_STATE_HOME/norprog/backups/W25Q64FV-" "done: erased"
	cmp new "$chip"
	backup=$(find "$XDG_STATE_HOME/norprog/backups" -name '*.bin')
	cmp "$backup" before
	jq -e '.operation == "write" and .size == 8388608' "$backup.json"
	[ -z "$(find "$XDG_STATE_HOME/norprog/jobs" -type f 2> /dev/null)" ]
}

@test "an image that the chip already holds: nothing to do, after one read pass" {
	text "$chip" 3 8388608
	cp "$chip" same
	freeze
	exits 0 on_chip write same --keep nothing --yes
	says "nothing to do: the chip already holds same" "reading chip: 8 MiB"
	says_not "backup:"
	untouched
}

@test "--dry-run shows the plan and changes nothing" {
	text "$chip" 3 8388608
	text new 4 8388608
	freeze
	exits 0 on_chip write new --keep nothing --dry-run
	says "plan:" "erase 128 x 64 KiB" "32768" "dry run: nothing was erased or written"
	untouched
}

@test "no terminal and no --yes: exit 2, before any erase" {
	text "$chip" 3 8388608
	text new 4 8388608
	refused 2 "plan:" "no terminal to ask on" "--yes" -- on_chip write new --keep nothing
	refused 2 "no terminal to ask on" -- on_chip erase --keep nothing
	refused 2 "no terminal to ask on" -- on_chip restore new --only 0+4K
}

@test "--backup names the backup, and never overwrites" {
	text "$chip" 3 8388608
	cp "$chip" before
	text new 4 8388608
	echo precious > old.bin
	echo precious > odd.bin.json
	for path in old.bin odd.bin nowhere/backup.bin; do
		refused 1 "$path" -- on_chip write new --keep nothing --yes --backup "$path"
		says_not "chip:" # before anybody waits for a read
	done
	exits 0 on_chip write new --keep nothing --dry-run --backup old.bin
	exits 0 on_chip write new --keep nothing --yes --backup my.bin
	cmp my.bin before
	cmp new "$chip"
	jq -e '.operation == "write"' my.bin.json
}

@test "--only with a whole dump writes just that slice; the backup holds just its blocks" {
	unit "$chip" 3 "$mac"
	unit new 4 "$mac"
	cp "$chip" before
	exits 0 on_chip write new "${profile[@]}" --only romfile --yes
	same_bytes "$chip" new 0x7e0000 0x10000
	same_bytes "$chip" before 0 0x7e0000
	same_bytes "$chip" before 0x7f0000 0x10000
	backup=$(find "$XDG_STATE_HOME/norprog/backups" -name '*.bin')
	[ "$(stat -c %s "$backup")" = 65536 ]
	jq -e '.segments[0].start == 8257536' "$backup.json"
	exits 0 on_chip restore "$backup" --yes
	cmp "$chip" before
}

@test "--only with a file of just the selected bytes; ranges are joined in address order" {
	text "$chip" 3 8388608
	cp "$chip" before
	text piece 9 6000
	exits 0 on_chip write piece --only 0x20000+2000,0x1000+4000 --yes
	cmp --bytes=4000 --ignore-initial=0:0x1000 piece "$chip"
	cmp --bytes=2000 --ignore-initial=4000:0x20000 piece "$chip"
	same_bytes "$chip" before 0 0x1000
	same_bytes "$chip" before 0x1fa0 0x1e060
	same_bytes "$chip" before 0x207d0 0x7df830
}

@test "--at puts a short file where it belongs" {
	unit "$chip" 3 "$mac"
	cp "$chip" before
	text piece 9 5001
	exits 0 on_chip write piece --at 0x12345 --yes
	cmp --bytes=5001 --ignore-initial=0:0x12345 piece "$chip"
	same_bytes "$chip" before 0 0x12345
	same_bytes "$chip" before $((0x12345 + 5001)) 0x100000
	exits 0 on_chip verify piece --at 74565
	exits 0 on_chip write piece "${profile[@]}" --at romfile --yes
	cmp --bytes=5001 --ignore-initial=0:0x7e0000 piece "$chip"
}

@test "--keep unit: all but this unit's own data becomes the image" {
	unit "$chip" 3 "$mac"
	unit stock 4 '\0\1\2\3\4\5'
	cp "$chip" before
	exits 0 on_chip write stock "${profile[@]}" --keep unit --yes
	same_bytes "$chip" stock 0 0x7d0000
	same_bytes "$chip" before 0x7d0000 0x10000
	same_bytes "$chip" stock 0x7e0000 0x10000
	same_bytes "$chip" before 0x7f0000 0x10000
	exits 0 on_chip verify stock "${profile[@]}" --keep unit
	exits 6 on_chip verify stock "${profile[@]}"
	says "first at 0x7d0" "region rom"
}

@test "--keep of an odd range inside an erase block" {
	text "$chip" 3 8388608
	text new 4 8388608
	cp "$chip" before
	exits 0 on_chip write new --keep 0x7df101+5 --yes
	same_bytes "$chip" new 0 0x7df101
	same_bytes "$chip" before 0x7df101 5
	same_bytes "$chip" new 0x7df106 0x20efa
}

@test "unit data is not replaced unless named" {
	unit "$chip" 3 "$mac"
	unit stock 4 '\0\1\2\3\4\5'
	refused 7 "only this unit has" "radio" "--keep unit" -- on_chip write stock "${profile[@]}" --yes
	refused 7 "only this unit has" -- on_chip erase "${profile[@]}" --yes
	refused 7 "only this unit has" -- on_chip restore stock "${profile[@]}" --only 0x7c0000-0x7fffff --yes
	exits 0 on_chip write stock "${profile[@]}" --only unit --yes
	same_bytes "$chip" stock 0x7d0000 0x10000
	same_bytes "$chip" stock 0x7f0000 0x10000
}

@test "--yes does not lift a refusal" {
	unit "$chip" 3 "$mac"
	text short 4 4096
	refused 7 -- on_chip write short --yes
	refused 7 -- on_chip erase "${profile[@]}" --yes
}

@test "a profile that does not fit the chip is not trusted" {
	text "$chip" 3 8388608
	poke "$chip" 0x7df100 '\377\377\377\377\377\377'
	text stock 4 8388608
	refused 7 "does not fit this chip" -- on_chip write stock "${profile[@]}" --keep unit --yes
	refused 7 "16 MiB" -- on_chip write stock --layout tplink-mr500-v1 --keep unit --yes
}

@test "restore --only from a full dump; the rest stays" {
	unit "$chip" 3 "$mac"
	cp "$chip" dump
	exits 0 on_chip erase --range 0x7f0000+64K --yes
	poke "$chip" 0x100 'x'
	cp "$chip" before
	exits 0 on_chip restore dump "${profile[@]}" --only radio --yes
	says "0x7f0000-0x7fffff" "radio"
	same_bytes "$chip" dump 0x7f0000 0x10000
	same_bytes "$chip" before 0 0x7f0000
	# Both may be of one second, so their names do not tell which is the later.
	[ "$(jq -r .operation state/norprog/backups/*.json | sort | xargs)" = "erase restore" ]
}

@test "restore from a file of exactly the region, and from a folder that read wrote" {
	unit "$chip" 3 "$mac"
	cp "$chip" dump
	exits 0 on_chip read radio.bin "${profile[@]}" --only radio
	exits 0 on_chip read parts "${profile[@]}" --only unit
	exits 0 on_chip erase --range 0x7d0000-0x7fffff --yes
	poke "$chip" 0x7df100 "$mac"
	exits 0 on_chip restore radio.bin "${profile[@]}" --only radio --yes
	same_bytes "$chip" dump 0x7f0000 0x10000
	exits 0 on_chip restore parts "${profile[@]}" --only rom --yes
	same_bytes "$chip" dump 0x7d0000 0x10000
	exits 0 on_chip erase --range 0x7d0000-0x7fffff --yes
	exits 0 on_chip restore parts --yes
	same_bytes "$chip" dump 0x7d0000 0x10000
	same_bytes "$chip" dump 0x7f0000 0x10000
}

@test "restore of a full dump with its manifest and no --only: the whole chip, and that is said first" {
	text "$chip" 3 8388608
	cp "$chip" before
	exits 0 on_chip read dump.bin --passes 1
	text "$chip" 4 8388608
	refused 2 "no --only given: restoring the whole chip (8 MiB)" "no terminal to ask on" -- on_chip restore dump.bin
	exits 0 on_chip restore dump.bin --yes --keep 0x10000+4K
	says "no --only given: restoring the whole chip (8 MiB)"
	cp before wanted
	text other 4 8388608
	dd if=other of=wanted bs=4096 skip=16 seek=16 count=1 conv=notrunc status=none
	cmp wanted "$chip"
	exits 0 on_chip restore dump.bin --only 0x20000+4K --yes
	says_not "whole chip"
	exits 0 "$norprog" restore --help
	says "WHOLE chip"
}

@test "restore of a full dump wants --only" {
	text "$chip" 3 8388608
	text dump 4 8388608
	refused 2 "say which regions, with --only" "norprog write dump" -- on_chip restore dump --yes
}

@test "a dump that was changed after its manifest is not put on a chip without a word" {
	text "$chip" 3 8388608
	exits 0 on_chip read dump
	poke dump 0x1000 'x'
	refused 7 "dump was changed after its manifest was written" "--override changed-file" -- \
		on_chip restore dump --only 0x1000+4K --yes
	refused 7 "dump was changed after its manifest was written" -- on_chip write dump --yes
	exits 0 on_chip restore dump --only 0x1000+4K --override changed-file --yes
	says "warning: changed-file overridden: dump was changed"
	same_bytes "$chip" dump 0 8388608
}

@test "a damaged partial backup is refused" {
	text "$chip" 3 8388608
	text new 4 8388608
	exits 0 on_chip write new --only 0x10000+64K --yes --backup part.bin
	poke part.bin 5 'x'
	refused 7 "part.bin was changed" "SHA-256" "--override changed-file" -- on_chip restore part.bin --yes
	mkdir parts
	cp part.bin parts/any.bin
	cp part.bin.json parts/any.bin.json
	refused 7 "any.bin was changed" -- on_chip restore parts --yes
	same_bytes "$chip" new 65536 65536
	exits 0 on_chip restore part.bin --yes --override changed-file
	cmp -i 65536:0 -n 65536 "$chip" part.bin
	refused 7 "norprog restore part.bin" -- on_chip write part.bin --yes
}

@test "erase: a range, the whole chip, what is blank already" {
	text "$chip" 3 8388608
	cp "$chip" before
	exits 0 on_chip erase --range 0x12345+1000 --yes
	blank ff 1000
	cmp --bytes=1000 --ignore-initial=0:0x12345 ff "$chip"
	same_bytes "$chip" before 0 0x12345
	same_bytes "$chip" before $((0x12345 + 1000)) 0x100000
	exits 0 on_chip verify --blank --range 0x12345+1000
	exits 6 on_chip verify --blank
	says "differs from blank" "first at 0x000000" "expected ff"
	exits 0 on_chip erase --keep nothing --yes
	exits 0 on_chip verify --blank
	says "8388608 bytes compared: they are blank"
	exits 0 on_chip erase --keep nothing --yes
	says "nothing to do: it is blank already"
}

@test "verify names the first differing address, region and bytes" {
	unit "$chip" 3 "$mac"
	cp "$chip" dump
	exits 0 on_chip verify dump
	says "8388608 bytes compared: the chip holds dump"
	poke dump 0x7e0123 '\1'
	poke dump 0x7e0125 '\1'
	refused 6 "2 bytes" "first at 0x7e0123 (region romfile)" "expected 01" -- on_chip verify dump "${profile[@]}"
	exits 0 on_chip verify dump "${profile[@]}" --only firmware
}

@test "--base blank writes a blank chip without reading it all, and notices a lie" {
	blank "$chip" 8388608
	text new 4 8388608
	exits 0 on_chip write new --keep nothing --base blank --yes --trace trace
	cmp new "$chip"
	exits 0 on_chip write new --keep nothing --base blank --yes
	cmp new "$chip"
	text other 5 8388608
	exits 0 on_chip write other --keep nothing --base new --yes
	cmp other "$chip"
	text short 5 100
	refused 7 "--base short has 100 bytes" -- on_chip write new --base short --yes
	refused 2 "missing" -- on_chip write new --base missing --yes
}

@test "--chip-erase, --boot-last, --verify-all, --no-verify, --no-backup end byte-exact" {
	unit "$chip" 3 "$mac"
	unit a 4 "$mac"
	unit b 5 "$mac"
	exits 0 on_chip write a --keep nothing --chip-erase --verify-all --yes
	cmp a "$chip"
	exits 0 on_chip write b "${profile[@]}" --only u-boot,firmware --boot-last --no-verify --yes
	same_bytes b "$chip" 0 0x7d0000
	freeze=$(find "$XDG_STATE_HOME" -type f | wc -l)
	exits 0 on_chip write a --keep nothing --no-backup --yes
	cmp a "$chip"
	[ "$(find "$XDG_STATE_HOME" -type f | wc -l)" = "$freeze" ]
}

@test "write --json: plan, backup, steps, result" {
	text "$chip" 3 8388608
	cp "$chip" new
	poke new 0x12345 'Z'
	run --separate-stderr on_chip write new --keep nothing --yes --json
	[ "$status" = 0 ]
	json -s 'map(.event) | . as $e | ["chip", "plan", "backup", "step", "result"] |
		map(. as $n | $e | index($n)) | . == sort and all(. != null)'
	json -s 'map(select(.event == "plan"))[0] | .pages == 16 and .erase_bytes == 4096 and
		.cost_s > 0 and (.steps | length) == 1 and .steps[0].addr == 73728 and .steps[0].erase == 4096'
	result '.ok and .changed_bytes == 1 and .erased_bytes == 4096 and (.backup | test("backups")) and
		(.target_sha256 | length) == 64 and .nothing_to_do == false and .dry_run == false'
	[ -z "$stderr" ]
}

@test "verify --json carries where and what" {
	text "$chip" 3 8388608
	cp "$chip" dump
	poke dump 0x100 '\1'
	run --separate-stderr on_chip verify dump --json
	[ "$status" = 6 ]
	result '.ok == false and .code == "verify" and .exit == 6 and .first == 256 and .differing_bytes == 1 and
		.file_byte == 1'
}

@test "--verify-all of a part compares the rest with the last whole backup, and says with which" {
	text "$chip" 3 8388608
	text new 4 8388608
	exits 0 on_chip write new --only 0x10000+4K --verify-all --yes
	says "8188 KiB outside" "not checked (no earlier backup of the whole chip in $XDG_STATE_HOME"
	exits 0 on_chip read mine
	exits 0 on_chip restore mine --only 0x10000+4K --verify-all --yes
	says "nothing to do" "against mine" "as in mine"
	poke "$chip" 0x10000 'x'
	exits 0 on_chip restore mine --only 0x10000+4K --verify-all --yes --json
	result '.rest_backup == "mine" and .rest_bytes == 8384512 and .rest_unknown_bytes == 0'
	poke "$chip" 0x10000 'x'
	poke "$chip" 0x7f0001 'x'
	exits 6 on_chip restore mine --only 0x10000+4K --verify-all --yes
	says "outside them 4 KiB differs from the backup" "0x7f0000+0x1000" "restore mine --only 0x7f0000+0x1000"
	same_bytes mine "$chip" 0 0x7f0000
	[ -z "$(find "$XDG_STATE_HOME/norprog/jobs" -type f)" ]
}
