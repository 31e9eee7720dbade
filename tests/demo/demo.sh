#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The demo: another unit's stock dump is written over this unit's flash, and the unit stays itself.
# Runs on the simulated programmer with images of real files. demo.sh BUILD [PROGRAM]
set -euo pipefail

here=$(dirname "$0")
rm -rf "$1/demo"
mkdir -p "$1/demo"
work=$(realpath "$1/demo")
norprog=$(realpath "${2:-$1/norprog}")
export XDG_STATE_HOME=$work/state # nothing of the demo outside its folder

run() {
	printf '\n$ norprog %s\n' "${*//$work\//}"
	"$norprog" "$@"
}

# same A B START LEN WHAT: byte for byte, by cmp.
same() {
	cmp --bytes="$4" --ignore-initial="$3" "$1" "$2" || { echo "demo: $5 differs" >&2; exit 1; }
	printf 'cmp: %-46s same\n' "$5"
}

# rescue MODEL CHIP PROFILE MAC_AT KEPT_AT RADIO_AT SIZE
rescue() {
	local model=$1 chip=$2 profile=$3 mac=$4 kept=$5 radio=$6 size=$7
	local mine=$work/$model-mine.bin stock=$work/$model-stock.bin flash=$work/$model-chip.bin
	local p="sim:chip=$chip,file=$flash"

	printf '\n==== %s: %s on a simulated %s\n' "$model" "$profile" "$chip"
	"$here/compose.sh" "$model" 7 a "$mine" &
	"$here/compose.sh" "$model" 42 b "$stock"
	wait $!
	cp "$mine" "$flash"

	run -p "$p" detect
	run -p "$p" read "$work/$model-backup.bin"
	run -p "$p" write "$stock" --layout "$profile" --keep unit --yes
	run -p "$p" verify "$stock" --layout "$profile" --keep unit
	same "$flash" "$mine" "$mac" 6 "the MAC at $mac is still this unit's"
	same "$flash" "$mine" "$radio" 65536 "the calibration at $radio is still this unit's"
	same "$flash" "$stock" 0 "$((kept))" "0x000000..$kept is the stock dump"

	printf '\nNow somebody erases the radio calibration, and it is put back alone:\n'
	run -p "$p" erase --range "$radio+64K" --yes
	run -p "$p" restore "$work/$model-backup.bin" --layout "$profile" --only radio --yes
	same "$flash" "$mine" "$radio" 65536 "the calibration is back"
	same "$flash" "$stock" 0 "$((kept))" "the rest is still the stock dump"
	[ "$(stat -c %s "$flash")" = "$size" ]
}

rescue mr200 W25Q64FV tplink-mr200-v1 0x7df100 0x7d0000 0x7f0000 8388608
rescue mr500 EN25QH128A tplink-mr500-v1 0xfcf100 0xfc0000 0xff0000 16777216
printf '\nBoth units run the stock firmware and are still themselves. Backups and images: %s\n' "$work"
