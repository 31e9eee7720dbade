#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: sheet.c given.c
# --set-from: fields of each unit from a CSV file, and that no value is given to two.

load common

# two boards: a and b, with the array `gang`
boards() {
	cp "$(composed mr200 7 a)" a.bin
	cp "$(composed mr200 8 a)" b.bin
	cp a.bin a.before && cp b.bin b.before
	cp "$(composed mr200 9 b)" stock
	gang=(-p "sim:chip=W25Q64FV,file=$work/a.bin" -p "sim:chip=W25Q64FV,file=$work/b.bin")
	labels=(--label a.bin=left --label b.bin=right)
}

write() {
	"$norprog" write stock --layout tplink-mr200-v1 --keep unit --set-from units.csv --yes "$@"
}

mac_of() {
	"$norprog" unit show "$1" --layout tplink-mr200-v1 | grep -i '^ *mac ' | head -n 1
}

untouched_boards() {
	cmp a.bin a.before && cmp b.bin b.before
}

@test "each unit is given the MAC of its row, by label, by place and by unique ID" {
	boards
	printf 'adapter,mac\nleft,a0:f3:c1:11:22:01\nright,A0-F3-C1-11-22-02\n' > units.csv
	exits 0 write "${gang[@]}" "${labels[@]}"
	[[ $(mac_of a.bin) == *a0:f3:c1:11:22:01* ]]
	[[ $(mac_of b.bin) == *a0:f3:c1:11:22:02* ]]
	boards
	printf 'adapter;mac\n' > units.csv
	exits 2 write "${gang[@]}"
	printf '# of today\r\nAdapter, mac\r\n\r\n"b.bin","a0f3c1112203"\r\na.bin,a0:f3:c1:11:22:04' > units.csv
	rm -r state
	exits 0 write "${gang[@]}"
	[[ $(mac_of b.bin) == *a0:f3:c1:11:22:03* ]]
	boards
	rm -r state
	uid=$("$norprog" read x.bin "${gang[@]:0:2}" > /dev/null 2>&1 && jq -r .uid x.bin.json)
	[ "${#uid}" = 16 ]
	printf 'unique_id,mac\n%s,a0:f3:c1:11:22:05\n' "${uid^^}" > units.csv
	exits 7 write "${gang[@]}"
	says "b.bin: units.csv has no row of unique_id"
	[[ $(mac_of a.bin) == *a0:f3:c1:11:22:05* ]]
	cmp b.bin b.before
}

@test "one adapter alone may take its fields from the file, too" {
	boards
	printf 'adapter,mac\na.bin,a0:f3:c1:11:22:01\n' > units.csv
	exits 0 write "${gang[@]:0:2}"
	[[ $(mac_of a.bin) == *a0:f3:c1:11:22:01* ]]
}

@test "a value is given once: another chip is refused it in a later run, the same chip is not" {
	boards
	printf 'adapter,mac\nleft,a0:f3:c1:11:22:01\n' > units.csv
	exits 0 write "${gang[@]:0:2}" --label a.bin=left
	# The same chip again, after its contents were lost.
	cp a.before a.bin
	exits 0 write "${gang[@]:0:2}" --label a.bin=left
	[[ $(mac_of a.bin) == *a0:f3:c1:11:22:01* ]]
	# The next board in the same fixture, by the same row; or by another file, written otherwise.
	exits 7 write "${gang[@]:2:2}" --label b.bin=left
	says "mac a0:f3:c1:11:22:01 was given to the chip of unique ID" "units.csv:2" "another value"
	printf 'adapter,mac\nleft,A0-F3-C1-11-22-01\n' > units.csv
	exits 7 write "${gang[@]:2:2}" --label b.bin=left
	cmp b.bin b.before
}

@test "--dry-run and a refused question give nothing away" {
	boards
	printf 'adapter,mac\nleft,a0:f3:c1:11:22:01\n' > units.csv
	exits 0 "$norprog" write stock --layout tplink-mr200-v1 --keep unit --set-from units.csv --dry-run "${gang[@]:0:2}" --label a.bin=left
	exits 2 "$norprog" write stock --layout tplink-mr200-v1 --keep unit --set-from units.csv "${gang[@]:0:2}" --label a.bin=left
	[ ! -e state/norprog/given ]
	exits 0 write "${gang[@]:2:2}" --label b.bin=left
	[ "$(wc -l < state/norprog/given)" = 1 ]
}

@test "a chip without unique ID: its value is not given again, as nobody can tell whose it is" {
	head -c 8388608 /dev/urandom > a.bin
	cp a.bin a.before
	cp a.bin stock
	printf '[layout]\nname = test\nsize = 8M\n\n[region data]\nstart = 0\nlen = 8M\n' > l.ini
	boards
	gang=(-p "sim:chip=MX25L6405D,file=$work/a.bin" -p "sim:chip=MX25L6405D,file=$work/b.bin")
	printf 'adapter,mac\na.bin,a0:f3:c1:11:22:01\nb.bin,a0:f3:c1:11:22:02\n' > units.csv
	exits 0 write "${gang[@]}"
	cp a.before a.bin
	exits 7 write "${gang[@]}"
	says "a chip without unique ID" "norprog/given"
	cmp a.bin a.before
}

@test "a damaged record refuses, and is not thrown away" {
	boards
	printf 'adapter,mac\nleft,a0:f3:c1:11:22:01\n' > units.csv
	exits 0 write "${gang[@]:0:2}" --label a.bin=left
	printf 'adapter,mac\nleft,a0:f3:c1:11:22:02\n' > units.csv
	echo rubbish >> state/norprog/given
	cp state/norprog/given was
	exits 2 write "${gang[@]:2:2}" --label b.bin=left
	says "given is damaged"
	cmp was state/norprog/given
	cmp b.bin b.before
}

@test "a file that is wrong is refused as a whole, with its line" {
	boards
	while IFS='|' read -r text words; do
		printf '%b' "$text" > units.csv
		exits 2 write "${gang[@]}" "${labels[@]}"
		says "units.csv:" "$words"
		untouched_boards
	done <<- 'CASES'
		|there is no row
		adapter,mac\n|there is no row
		mac,adapter\n1,2\n|units.csv:1: the first column is not
		adapter\nleft\n|names no field
		adapter,mac,MAC\nleft,,\n|stands there twice
		adapter,m=c\nleft,1\n|not the name of a field
		adapter,mac\nleft,a0:f3:c1:11:22\n|units.csv:2: not a MAC
		adapter,mac\nleft,hello\n|units.csv:2: not a MAC: 'hello'
		adapter,mac\n\nleft,a0:f3:c1:11:22:01\nright,A0F3C1112201\n|units.csv:4: a value that another row has
		adapter,mac\nleft,a0:f3:c1:11:22:01\nLEFT,a0:f3:c1:11:22:02\n|units.csv:3: a unit that has a row already
		adapter,mac\nleft\n|not as many cells
		adapter,mac\nleft,a0:f3:c1:11:22:01,5\n|not as many cells
		adapter,mac\n,a0:f3:c1:11:22:01\n|whose row it is
		adapter,mac\n"left,a0:f3:c1:11:22:01\n|a quote that does not end
		adapter,mac\nleft,a0:f3:c1:11:22:01\n\0|not a table of text
		\xff\xfea\0d\0|text (UTF-8), columns separated by commas
		adapter\tmac\nleft\ta0:f3:c1:11:22:01\n|columns separated by commas
		adapter,mac\nleft,a0:f3:c1:11:22\n|correct that line: no chip was touched
	CASES
	rm units.csv
	exits 2 write "${gang[@]}"
	untouched_boards
}

@test "a column that is no field of the layout, and a value that is none, refuse that adapter" {
	boards
	printf 'adapter,colour\nleft,blue\n' > units.csv
	exits 2 write "${gang[@]:0:2}" --label a.bin=left
	says "colour"
	untouched_boards
	# Multicast: nobody's address.
	printf 'adapter,mac\nleft,01:00:5e:11:22:01\nright,a0:f3:c1:11:22:02\n' > units.csv
	run write "${gang[@]}" "${labels[@]}"
	[ "$status" != 0 ]
	cmp a.bin a.before
	[[ $(mac_of b.bin) == *a0:f3:c1:11:22:02* ]]
}

@test "adapters without a serial number, and two that say the same one, are told what to do" {
	boards
	printf 'serial,mac\n123,a0:f3:c1:11:22:01\n' > units.csv
	exits 7 write "${gang[@]}"
	says "goes by serial, and here is none" "column 'adapter'"
	untouched_boards
}
