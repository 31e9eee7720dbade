#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# detect -v and --sfdp: SFDP shown and saved.

load common

@test "detect -v shows SFDP decoded, detect alone does not" {
	exits 0 on_chip detect
	says_not "basic table"
	exits 0 on_chip detect -v
	says "SFDP 1.0, basic table" "size 8 MiB" "erase 64 KiB: D8h"
}

@test "detect --sfdp saves it raw, once" {
	exits 0 on_chip detect --sfdp out.sfdp
	says "out.sfdp: "
	[ "$(head -c 4 out.sfdp)" = SFDP ]
	size=$(stat -c %s out.sfdp)
	[ "$size" -ge $((16 + 9 * 4)) ]
	[ "$size" -le 4096 ]
	# the size the basic table states: dword 2 of the table the first header points to
	at=$(od -An -tu1 -j 12 -N 1 out.sfdp)
	[ "$(od -An -tu4 -j $((at + 4)) -N 4 out.sfdp)" -eq $((8 * 8388608 - 1)) ]
	cp out.sfdp first
	refused 1 "out.sfdp exists and is not overwritten" -- on_chip detect --sfdp out.sfdp
	echo changed > out.sfdp
	exits 0 on_chip detect --sfdp out.sfdp --force
	cmp out.sfdp first
}

@test "detect --sfdp --json names the file" {
	run --separate-stderr on_chip detect --sfdp out.sfdp --json
	[ "$status" = 0 ]
	result '.sfdp and .sfdp_file == "out.sfdp"'
	[ -s out.sfdp ]
}

@test "a chip without SFDP has none to save" {
	exits 1 "$norprog" -p "sim:chip=EN25Q64,file=$chip" detect --sfdp out.sfdp
	says "has no SFDP to save"
	[ ! -e out.sfdp ]
}

@test "a chip driven by its SFDP says so; the unique ID is in detect and in manifests" {
	exits 0 "$norprog" -p "sim:chip=TEST-SFDP,file=$chip" detect -v
	says "driven by its SFDP" "basic table"
	rm "$chip"
	run --separate-stderr on_chip detect --json
	uid=$(result .unique_id | tr -d ' ' | tr A-F a-f)
	[ "${#uid}" = 16 ]
	exits 0 on_chip read out.bin
	[ "$(jq -r .uid out.bin.json | tr A-F a-f)" = "$uid" ]
}
