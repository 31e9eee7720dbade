#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: log.c main.c progress.c report.c prompt.c plan_show.c trace.c cmd/detect.c
# detect, chips, layouts: what they tell.

load common

@test "detect tells who is on the clip" {
	exits 0 on_chip detect
	says "Winbond W25Q64FV" "8 MiB" "EF 40 17" "SFDP" "unique ID" "4 KiB" "64 KiB" "SR1=00" \
		"ID reads agree" "sim"
	[ "$(grep -c "Winbond W25Q64FV" <<< "$output")" = 1 ]
}

@test "detect --json carries the same as fields" {
	run --separate-stderr on_chip detect --json
	[ "$status" = 0 ]
	result '.ok and .size == 8388608 and .jedec_id == "EF 40 17" and .sfdp'
	result '.name | contains("W25Q64FV")'
	result '.protected == [] and .protection_known'
}

@test "detect on the other chip" {
	exits 0 "$norprog" -p "sim:chip=EN25QH128A,file=$chip" detect
	says "EN25QH128A" "16 MiB" "1C 70 18"
}

@test "no chip: MISO high, MISO low, and a silent chip each name their cause" {
	exits 4 "$norprog" -p "$sim,fault=miso=high" detect
	says "FF" "hint: "
	exits 4 "$norprog" -p "$sim,fault=miso=low" detect
	says "00" "hint: "
	exits 4 "$norprog" -p "$sim,fault=silent" detect
	says "hint: "
}

@test "--chip that contradicts the ID, and one that nobody knows" {
	on_chip detect
	refused 4 "EN25QH128A" "EF 40 17" -- on_chip detect -c EN25QH128A
	refused 2 "W25Q9999" -- on_chip detect -c W25Q9999
	exits 0 on_chip detect -c w25q64fv
}

@test "--speed is kept" {
	exits 0 on_chip detect --speed 2M
	says "clock      2 MHz"
}

@test "chips lists, filters by name, maker, ID and pattern" {
	exits 0 "$norprog" chips
	says "W25Q64FV" "EN25QH128A" "Macronix" "proven"
	exits 0 "$norprog" chips w25q64fv
	says "W25Q64FV"
	says_not "EN25QH128A"
	exits 0 "$norprog" chips eon
	says "EN25QH128A"
	exits 0 "$norprog" chips "1C 70 18"
	says "EN25QH128"
	says_not "W25Q64FV"
	exits 0 "$norprog" chips '*Q64FV*'
	says "W25Q64FV"
	exits 1 "$norprog" chips nosuchpart
	says "no chip matches 'nosuchpart'" "hint: "
}

@test "chips --json: one line a chip, then the count" {
	run --separate-stderr "$norprog" chips --json
	[ "$status" = 0 ]
	[ "$(result .count)" = "$(($(wc -l <<< "$output") - 1))" ]
	json -s 'map(select(.event == "chip")) | all(.size > 0 and (.jedec_id | length) >= 8)'
}

@test "layouts lists the profiles; one alone is shown with its regions" {
	exits 0 "$norprog" layouts
	says "tplink-mr200-v1" "tplink-archer-c7-v2"
	says_not "radio"
	exits 0 "$norprog" layouts tplink-mr200-v1
	says "0x7f0000-0x7fffff" "radio" "unit" "mac" "source: "
	exits 0 "$norprog" layouts -v mr
	says "tplink-mr200-v1" "radio"
	exits 1 "$norprog" layouts nosuchdevice
	says "no layout matches 'nosuchdevice'"
}

@test "a profile answers to OpenWrt's and the vendor's names of its device" {
	exits 0 "$norprog" layouts "tplink,archer-c7-v2"
	says "TP-Link Archer C7 v2" "also called: tplink,archer-c7-v2" "also called: Archer C7 v2" "0xff0000-0xffffff"
	exits 0 "$norprog" layouts "archer mr500 V1"
	says "tplink-mr500-v1" "0xff0000-0xffffff"
	exits 0 "$norprog" layouts "tplink,mr600"
	says "tplink-mr600-v2" "also called: tplink,mr600-v2-eu"
	exits 0 on_chip read first.bin -l "tplink,archer-mr200" --only u-boot
	[ "$(stat -c %s first.bin)" = 131072 ]
	run --separate-stderr "$norprog" layouts "tplink,archer-mr200" --json
	json -s '.[0].name == "tplink-mr200-v1" and (.[0].aliases | index("tplink,archer-mr200") != null) and
		(.[0].doubt | length) > 0'
}

@test "an Archer C7 v3 is a v2 to all that is known, and that is said; v1 to v5 are there" {
	for version in 1 2 3 4 5; do
		exits 0 "$norprog" layouts "Archer C7 v$version"
		says "TP-Link Archer C7 v" "source: OpenWrt"
	done
	exits 0 "$norprog" layouts "Archer C7 v3"
	says "tplink-archer-c7-v2" "doubtful: no map of a v3 was seen" "TL-WDR7500"
	blank "$chip" 8388608
	# OpenWrt's "Archer C7 v3" of old has 8 MiB: the size tells them apart before anything is written.
	refused 7 "is for a flash of 16 MiB, this one has 8 MiB" -- on_chip erase -l "Archer C7 v3" --only art --yes
}

@test "every board that OpenWrt runs from SPI NOR answers to its names" {
	exits 0 "$norprog" layouts dir-842
	says "dlink,dir-842-c1" "D-Link DIR-842 C3"
	says_not "0xfd0000"
	exits 0 "$norprog" layouts "DLINK,dir-842-C1"
	says "0xfd0000-0xfdffff"
	exits 0 "$norprog" layouts "dlink,dir-842-c1"
	says "0xfd0000-0xfdffff" "unit" "source: OpenWrt"
	exits 0 "$norprog" layouts "phicomm,k2-v22.4"
	says "also called: psg1218" "0x040028 mac"
	run --separate-stderr "$norprog" layouts dlink,dir-842-c1 --json
	json -s '(.[0].fields | map(.type) | index("calibration") != null) and (.[0].regions | map(select(.unit)) | length) == 3'
	# A profile knows more, and stands for its board.
	exits 0 "$norprog" layouts "archer-c7-v2"
	says "tplink-archer-c7-v2"
	says_not "tplink,archer-c7-v2  "
	exits 1 "$norprog" layouts "dlink,dir-842-c9"
}

@test "-l takes a board; an older name of several boards is refused" {
	truncate -s 8388608 "$chip"
	exits 0 on_chip read part.bin -l "vocore,VoCore-8M" --only factory
	[ "$(stat -c %s part.bin)" = 65536 ]
	refused 2 "2 boards are called 'vocore', and their maps differ" "hint: name one of them: vocore,vocore-16m, vocore,vocore-8m" -- \
		on_chip read other.bin -l vocore --only factory
	refused 2 "no built-in layout, no board and no file is named" "dlink,dir-842-c1" -- on_chip read other.bin -l dlink,dir-842-c9
	refused 7 "is for a flash of 16 MiB, this one has 8 MiB" -- on_chip erase -l dlink,dir-842-c1 --only firmware --yes
	# A file of the same name is meant where there is one.
	printf '00000000:0000ffff mine\n' > vocore,vocore-8m
	exits 0 on_chip read mine.bin -l vocore,vocore-8m --only mine
}

@test "layouts shows a layout file" {
	printf '00000000:0001ffff boot\n00020000:007fffff rest\n' > my.layout
	exits 0 "$norprog" layouts ./my.layout
	says "0x000000-0x01ffff" "boot" "0x020000-0x7fffff" "rest"
	exits 2 "$norprog" layouts ./missing.layout
	says "missing.layout"
}

@test "layouts --json" {
	run --separate-stderr "$norprog" layouts tplink-mr200-v1 --json
	[ "$status" = 0 ]
	json -s '.[0].event == "layout" and (.[0].regions | map(select(.name == "radio")) |
		.[0].start == 8323072 and .[0].unit)'
}
