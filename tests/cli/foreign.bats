#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: report.c session.c
# Names that somebody else wrote, with orders to the terminal in them: none reaches it.

load common

orders=$'\033[2J\033]0;owned\007'

# raw WORDS...: norprog prints no control character but line ends, on either stream and in the log.
raw() {
	run --separate-stderr bash -c '"$@" > out 2> err' raw "$@" --log log
	for stream in out err log; do
		if LC_ALL=C grep -q $'[\001-\010\013-\037\177]' "$stream"; then
			LC_ALL=C cat -v "$stream"
			return 1
		fi
	done
	cat out err
}

@test "a file's name" {
	raw "$norprog" image identify "no$orders.bin"
	grep -qF '\x1B[2J\x1B]0;owned\x07' err
	text "evil$orders" 3 4096
	raw "$norprog" image identify "evil$orders"
	raw "$norprog" image show "evil$orders"
	raw "$norprog" -p "$sim" write "evil$orders" --range 0+4K --dry-run
}

@test "a region's name" {
	printf '0:fff re\033[2Jg\n1000:7fffff rest\n' > layout
	text "$chip" 3 8388608
	raw "$norprog" -p "$sim" read dump.bin -l layout --only nothing
	raw "$norprog" layouts ./layout
	raw "$norprog" image show "$chip" -l layout
}

@test "a manifest" {
	text "$chip" 3 8388608
	exits 0 on_chip read dump
	jq --arg o "$orders" '.uid = "0011223344556677" | .jedec_id = "c22017" | .chip = $o' dump.json > m
	mv m dump.json
	raw "$norprog" -p "$sim" restore dump --yes
	grep -qF '\x1B[2J' err
}

@test "a page and a picture" {
	printf '0:fff re\033<b>g\n1000:7fffff rest\n' > layout
	text "$chip" 3 8388608
	run "$norprog" image show "$chip" -l layout --svg a.svg --html a.html
	for file in a.svg a.html; do
		[ ! -e "$file" ] || ! LC_ALL=C grep -q $'[\001-\010\013-\037\177]\|<b>' "$file"
	done
}

# shellcheck disable=SC2016 # the inner shell expands them
@test "a trace that cannot be written ends the command with 1" {
	text "$chip" 3 8388608
	exits 1 bash -c 'ulimit -f 0; exec "$@"' limited "$norprog" -p "$sim" --trace trace.log detect
	says "the trace could not be written completely"
	exits 0 on_chip --trace whole.log detect
	[ -s whole.log ]
}
