#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A replacement chip: a backup with the settings that the board relies on.
load common

# backup PART [REGISTERS]: backup.bin of such a chip; its manifest then tells these status registers.
backup() {
	text "$chip" 3 8388608
	exits 0 "$norprog" read backup.bin -q -p "sim:chip=$1,file=$chip"
	[ -z "$2" ] || python3 - "$2" <<-'END'
		import json, sys
		path = "backup.bin.json"
		with open(path) as file:
		    manifest = json.load(file)
		manifest["status"]["registers"] = json.loads(sys.argv[1])
		with open(path, "w") as file:
		    json.dump(manifest, file)
	END
}

clone() {
	"$norprog" clone backup.bin -p "sim:chip=$1,file=$work/new.bin" "${@:2}"
}

@test "a backup's manifest tells the status registers, of read and of what write makes" {
	backup W25Q64JV
	grep -q '"status"' backup.bin.json
	text other.bin 4 8388608
	exits 0 on_chip write other.bin --keep nothing --yes --backup before.bin
	grep -q '"registers"' before.bin.json
}

@test "clone: the same part takes contents, driver strength and quad enable" {
	backup W25Q64JV '[0, 0, 32]'
	exits 0 clone W25Q64JV --yes
	cmp backup.bin new.bin
	says "quad enable (QE) was 0, and is 1 here: set to 0" "driver strength was 1, and is 3 here" \
		"set and read back: SR1=00 SR2=00 SR3=20"
}

@test "clone: another part takes quad enable alone, and what differs is said" {
	backup W25Q64JV '[28, 2, 32]'
	exits 0 clone MX25L6433F --yes
	cmp backup.bin new.bin
	says "asks for the ID must know it" "set and read back: SR1=40" "driver strength was 1" \
		"norprog protect on 0x000000+0x800000"
	rm new.bin*
	exits 0 clone EN25QH64 --yes
	says "where this chip has it is not known: not set"
	says_not "set and read back"
}

@test "clone: a bigger part holds it from its beginning, and 4-byte addresses are told" {
	backup W25Q64FV '[0, 2]'
	exits 0 clone W25Q256FV --yes
	cmp --bytes=8388608 backup.bin new.bin
	tail -c +8388609 new.bin | tr -d '\377' | cmp - /dev/null
	says "this chip 32 MiB: what is behind it stays" "three address bytes" "quad enable (QE)"
}

@test "clone: refused on a smaller part, for parts of a chip, without a manifest, and when changed" {
	backup W25Q64FV
	blank new.bin 4194304
	refused 7 "the backup has 8 MiB, this chip 4 MiB" -- clone W25Q32FV --yes
	blank new.bin 8388608
	poke backup.bin 0x1000 'X'
	refused 7 "changed" -- clone W25Q64FV --yes
	mv backup.bin.json gone.json
	refused 2 "backup.bin.json" "write takes any image" -- clone W25Q64FV --yes
	exits 0 "$norprog" read part.bin -q -p "$sim" --range 0x1000+64K
	mv part.bin backup.bin && mv part.bin.json backup.bin.json
	refused 2 "only parts of a chip" -- clone W25Q64FV --yes
}

@test "clone: a dry run changes nothing, again is nothing to do, and an old manifest is told" {
	backup W25Q64JV '[0, 0, 32]'
	blank new.bin 8388608
	freeze
	exits 0 clone W25Q64JV --dry-run
	says "set to 1" "dry run"
	untouched
	exits 0 clone W25Q64JV --yes
	exits 0 clone W25Q64JV --yes
	says "nothing to do"
	sed -i 's/"status"/"other"/' backup.bin.json
	exits 0 clone W25Q64JV --yes
	says "does not tell the old chip's status registers"
}

@test "clone: a chip that holds another device's data is guarded as ever" {
	cp "$(composed mr200 7 a)" "$chip"
	exits 0 "$norprog" read backup.bin -q -p "$sim"
	cp "$(composed mr200 42 b)" new.bin
	refused 7 "--keep" -- clone W25Q64FV --yes
}

@test "clone: after a cut resume finishes the contents and says what sets the registers" {
	backup W25Q64JV '[0, 0, 32]'
	clone "W25Q64JV,fault=cut=200000000" --yes > said 2>&1 || true
	run cmp backup.bin new.bin
	[ "$status" = 1 ]
	exits 8 clone W25Q64JV --yes
	says "resume"
	exits 0 "$norprog" resume -p "sim:chip=W25Q64JV,file=$work/new.bin" --yes
	says "unfinished job: clone of backup.bin" "status registers" "backup.bin sets them"
	cmp backup.bin new.bin
	exits 0 clone W25Q64JV --yes
	says "set and read back: SR1=00 SR2=00 SR3=20"
	exits 0 clone W25Q64JV --yes
	says_not "set and read back"
	# Undone, nothing is said of registers: the old contents are back.
	rm -f new.bin*
	clone "W25Q64JV,fault=cut=200000000" --yes > said 2>&1 || true
	exits 0 "$norprog" resume --undo -p "sim:chip=W25Q64JV,file=$work/new.bin" --yes
	says_not "norprog clone"
}
