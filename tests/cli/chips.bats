#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: cmd/chips.c
# chips, and --chips: parts of the user's own.

load common

# A part that no table knows and that has no SFDP.
nobody="sim:chip=TEST-NOSFDP"

on_nobody() {
	"$norprog" -p "$nobody,file=$chip" "$@"
}

own_chip() {
	cat > my.chips <<-CHIPS
		[chip MINE-1]
		id = $1
		size = $2
		erase = 4K 20 45 400, 64K D8 150 2000
		note = described here
	CHIPS
}

# what_is ID|SIZE: of the model's part, from norprog's own complaint and the file the simulator makes.
nobody_id() {
	on_nobody detect 2>&1 | sed -n 's/.*unknown chip: ID \(.. .. ..\).*/\1/p'
}

nobody_size() {
	on_nobody detect > /dev/null 2>&1 || true
	stat -c %s "$chip"
}

@test "an unknown part without SFDP is refused, and driven once it is described" {
	exits 4 on_nobody detect
	says "unknown chip" "--chips"
	own_chip "$(nobody_id)" "$(nobody_size)"
	exits 0 on_nobody --chips my.chips detect
	says "MINE-1" "4 KiB (45 ms), 64 KiB (150 ms)" "described here"
	text new 5 "$(nobody_size)"
	exits 0 on_nobody --chips my.chips write new --yes
	cmp new "$chip"
	exits 0 on_nobody --chips my.chips verify new
	exits 0 on_nobody --chips my.chips read back.bin
	cmp new back.bin
	[ "$(jq -r .chip back.bin.json)" = MINE-1 ]
	exits 0 on_nobody --chips my.chips erase --only 0x1000+4K --yes
	same_bytes "$chip" new 0 0x1000
}

@test "one's own description wins over the tables; --chip takes its name" {
	own_chip "EF 40 17" 8M
	exits 0 on_chip --chips my.chips detect
	says "MINE-1"
	exits 0 on_chip --chips my.chips -c mine-1 detect
	says "MINE-1"
	exits 0 on_chip detect
	says "W25Q64FV"
	own_chip "EF 40 18" 16M
	exits 4 on_chip --chips my.chips -c MINE-1 detect
	says "MINE-1 would answer EF 40 18"
}

@test "a size that SFDP contradicts is told, and read only" {
	own_chip "EF 40 17" 16M
	exits 0 on_chip --chips my.chips detect
	says "by the tables it has 16 MiB, but its SFDP says 8 MiB"
	exits 7 on_chip --chips my.chips erase --yes
}

@test "chips --chips lists what was understood" {
	own_chip "EF 40 17" 8M
	exits 0 "$norprog" chips --chips my.chips MINE
	says "MINE-1" "EF 40 17" "8 MiB"
	run --separate-stderr "$norprog" chips --chips my.chips MINE --json
	jq -se '.[0] | .event == "chip" and .name == "MINE-1" and .size == 8388608 and .proven == "table"' <<< "$output"
}

@test "a flaw is told with its line, before any programmer is opened" {
	own_chip "EF 40 17" 6M
	exits 2 "$norprog" -p nosuch --chips my.chips detect
	says "my.chips:3: not a power of two" "doc/CHIPS.md"
	exits 2 "$norprog" chips --chips my.chips
	says "my.chips:3:"
	exits 2 "$norprog" chips --chips nowhere.chips
	says "nowhere.chips"
	head -c 300000 /dev/zero > big.chips
	exits 2 "$norprog" chips --chips big.chips
}

@test "the example of the document is understood" {
	sed -n 's/^    //p' "$BATS_TEST_DIRNAME/../../doc/CHIPS.md" > doc.chips
	exits 0 "$norprog" chips --chips doc.chips ZX25
	says "ZX25Q64" "7E 40 17"
}

@test "the document names every key and word of the source" {
	root=$BATS_TEST_DIRNAME/../..
	local words=0
	while read -r word; do
		words=$((words + 1))
		grep -qF "\`$word\`" "$root/doc/CHIPS.md" || grep -qF "\`$word" "$root/doc/CHIPS.md" || {
			echo "doc/CHIPS.md lacks $word" >&2
			return 1
		}
	done < <(sed -n 's/^\t*{"\([a-z0-9_-]*\)", .*/\1/p' "$root/src/chip/chipfile_words.c" "$root/src/chip/chipfile_keys.c")
	[ "$words" -gt 60 ]
}

@test "chips: pattern, how far proven, --json" {
	exits 0 "$norprog" chips W25Q64FV
	says "W25Q64FV" "EF 40 17" "proven"
	exits 1 "$norprog" chips nosuchchip
	says "no chip matches 'nosuchchip'"
	run --separate-stderr "$norprog" chips --json
	[ "$status" = 0 ]
	jq -se 'map(select(.event == "chip")) | length >= 300 and all(.[]; .name and .jedec_id and .size and
		(.proven | IN("table", "model", "reported")))' <<< "$output"
	result '.count >= 300'
}

@test "chips finds what people type: IDs, markings, other tools' names" {
	for word in EF4018 0xef4018 "EF 40 18"; do
		exits 0 "$norprog" chips "$word"
		says "W25Q128JV" "EF 40 18"
		says_not "EF 40 17"
	done
	exits 0 "$norprog" chips 25Q128JVSQ
	says "W25Q128JV"
	says_not "W25Q64"
	exits 0 "$norprog" chips w25q128.v
	says "W25Q128FV" "W25Q128JV"
	exits 1 "$norprog" chips 24C02
	says "no chip matches"
	exits 0 on_chip -c 25Q64FVSIG detect
	says "W25Q64FV"
	says_not '\x0A'
}

@test "--chip takes the name of a family for the part of it that is there, and no other maker's" {
	for word in W25Q64 25q64 EF4017; do
		exits 0 on_chip -c "$word" detect
		says "W25Q64FV"
	done
	exits 2 on_chip -c W25Q128 detect
	says "unknown chip 'W25Q128'" "leave --chip out"
	exits 4 on_chip -c GD25Q64 detect
	says "GD25Q64" "would answer C8 40 17"
	exits 0 "$norprog" chips EN25Q128
	says "1 chip. Proven"
	says_not '\x0A'
}
