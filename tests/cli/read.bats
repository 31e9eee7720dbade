#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: cmd/verify.c session.c
# read: what it writes, when it refuses, and what it leaves behind when it fails.

load common

@test "read writes the chip and a manifest that describes it" {
	text "$chip" 3 8388608
	exits 0 on_chip read dump.bin
	says "reading chip 1/2" "reading chip 2/2" "2 passes, 0 blocks" "dump.bin: 8 MiB, SHA-256 $(sha256sum < "$chip" | cut -c1-64)"
	cmp dump.bin "$chip"
	jq -e --arg sha "$(sha256sum < "$chip" | cut -c1-64)" '.format == 1 and .chip == "W25Q64FV" and
		.jedec_id == "ef4017" and .size == 8388608 and .sha256 == $sha and .passes == 2 and
		.disagreements == 0 and .unstable == [] and (.date | test("^20.*Z$"))' dump.bin.json
	[ "$(find . -type f | wc -l)" = 3 ]
}

@test "read --passes 1 and 3" {
	exits 0 on_chip read a.bin --passes 1
	says "1 pass,"
	[ "$(jq .passes a.bin.json)" = 1 ]
	exits 0 on_chip read b.bin --passes 3
	says "reading chip 3/3"
}

@test "read never overwrites without --force" {
	text "$chip" 3 8388608
	echo precious > dump.bin
	refused 1 "dump.bin exists already" "--force" -- on_chip read dump.bin
	rm dump.bin
	echo precious > dump.bin.json
	refused 1 "dump.bin.json exists already" -- on_chip read dump.bin
	exits 0 on_chip read dump.bin --force
	cmp dump.bin "$chip"
}

@test "one region or range: FILE holds just those bytes" {
	text "$chip" 5 8388608
	exits 0 on_chip read radio.bin --layout tplink-mr200-v1 --only radio
	[ "$(stat -c %s radio.bin)" = 65536 ]
	cmp --ignore-initial=0:0x7f0000 --bytes=65536 radio.bin "$chip"
	jq -e '.segments == [.segments[0]] and .segments[0].start == 8323072 and .segments[0].length == 65536' \
		radio.bin.json
	exits 0 on_chip read mac.bin --range 0x7df100+6
	[ "$(stat -c %s mac.bin)" = 6 ]
	cmp --ignore-initial=0:0x7df100 --bytes=6 mac.bin "$chip"
}

@test "several regions: FILE is a folder of REGION.bin" {
	text "$chip" 5 8388608
	exits 0 on_chip read parts --layout tplink-mr200-v1 --only unit,0x100-0x1ff
	cmp --ignore-initial=0:0x7f0000 --bytes=65536 parts/radio.bin "$chip"
	cmp --ignore-initial=0:0x7d0000 --bytes=65536 parts/rom.bin "$chip"
	cmp --ignore-initial=0:0x100 --bytes=256 parts/0x000100-0x0001ff.bin "$chip"
	[ "$(find parts -type f | wc -l)" = 6 ]
	refused 1 "parts/rom.bin exists already" -- on_chip read parts --layout tplink-mr200-v1 --only unit
}

@test "reads that disagree but have a majority: voted, counted, exit 0" {
	text "$chip" 5 8388608
	exits 0 "$norprog" -p "$sim,fault=flip=3000000+seed=7" read dump.bin --speed 10M
	cmp dump.bin "$chip"
	[ "$(jq .disagreements dump.bin.json)" -gt 0 ]
	says "(4096 bytes)"
	says_not "bytes): reads disagree"
	says_not " 0 blocks"
}

@test "no majority: exit 4, FILE.unstable with the blocks listed, no FILE" {
	text "$chip" 5 8388608
	exits 4 "$norprog" -p "$sim,fault=weak-page=0x1000" read dump.bin --speed 10M
	[ ! -e dump.bin ] && [ ! -e dump.bin.json ]
	says "dump.bin.unstable is not a backup"
	[ "$(stat -c %s dump.bin.unstable)" = 8388608 ]
	jq -e '.unstable == [{"start": 4096, "length": 4096}]' dump.bin.unstable.json
	cmp --bytes=4096 dump.bin.unstable "$chip"
	same_bytes dump.bin.unstable "$chip" 0x2000 0x7fe000
}

@test "suspicious contents are warned about and flagged" {
	exits 0 on_chip read blank.bin
	says "warning: every byte read is FF"
	jq -e '.flags == ["all-ff"]' blank.bin.json
	head -c 8388608 /dev/zero > "$chip"
	exits 0 on_chip read zero.bin
	says "warning: every byte read is 00"
	text half 9 4194304
	cat half half > "$chip"
	exits 0 on_chip read twice.bin
	says "both halves"
	jq -e '.flags == ["equal-halves"]' twice.bin.json
}

@test "an output that cannot be written is refused before the chip is read" {
	text "$chip" 5 8388608
	refused 1 "nowhere" -- on_chip read nowhere/dump.bin
	says_not "reading chip"
	echo file > plain
	refused 1 "plain" -- on_chip read plain/dump.bin
	mkdir folder
	refused 1 "folder" -- on_chip read folder
}

@test "a disk that fills up half-way leaves no file under the final name" {
	text "$chip" 5 8388608
	freeze
	run bash -c 'ulimit -f 4096; "$0" -p "$1" read dump.bin' "$norprog" "$sim"
	[ "$status" = 1 ]
	says "dump.bin"
	untouched
}

@test "a disk that fills up in one of several files leaves none of them, nor their folder" {
	text "$chip" 5 8388608
	freeze
	run bash -c 'ulimit -f 2048; "$0" -p "$1" read a/b/parts --range 0x100+64K,1M+3M,7M+64K' "$norprog" "$sim"
	[ "$status" = 1 ]
	says "a/b/parts/0x100000-0x3fffff.bin: File too large"
	untouched
	[ ! -e a ]
	mkdir a
	run bash -c 'ulimit -f 2048; "$0" -p "$1" read a/parts --range 0x100+64K,1M+3M' "$norprog" "$sim"
	[ "$status" = 1 ]
	[ -d a ] && [ ! -e a/parts ]
}

@test "an empty folder that was there stays when the read is refused" {
	local dots
	dots=$(printf './%.0s' {1..2038})
	text "$chip" 5 8388608
	freeze
	mkdir there
	refused 1 "path is too long" -- on_chip read "${dots}there" --range 0+64K,1M+64K
	[ -d there ]
}

@test "what a second pass corrects is corrected in the file, and in all files of a folder" {
	text "$chip" 5 8388608
	exits 0 "$norprog" -p "$sim,fault=flip=1000000+seed=7" read parts --range 0+4M,4M+1M,6M+2M --speed 10M
	cmp --bytes=4194304 parts/0x000000-0x3fffff.bin "$chip"
	cmp --ignore-initial=0:4194304 --bytes=1048576 parts/0x400000-0x4fffff.bin "$chip"
	cmp --ignore-initial=0:6291456 --bytes=2097152 parts/0x600000-0x7fffff.bin "$chip"
	says_not " 0 blocks"
	for file in parts/*.bin; do
		[ "$(jq -r .sha256 "$file.json")" = "$(sha256sum < "$file" | cut -d ' ' -f 1)" ]
	done
}

@test "--size overrides the size for reading only" {
	text "$chip" 5 8388608
	exits 0 on_chip read part.bin --size 4M
	[ "$(stat -c %s part.bin)" = 4194304 ]
	cmp --bytes=4194304 part.bin "$chip"
	refused 7 "size was overridden is read, never changed" -- on_chip write part.bin --size 4M --yes
}

@test "read --json: chip, progress with totals, file, result" {
	run --separate-stderr on_chip read dump.bin --json
	[ "$status" = 0 ]
	json -s 'map(.event) | index("chip") == 0 and .[-1] == "result" and any(. == "progress")'
	json -s 'map(select(.event == "progress")) | all(.phase == "read" and .total == 8388608 and
		.passes == 2) and .[0].done == 0 and .[-1].done == 8388608'
	result --arg sha "$(sha256sum < "$chip" | cut -c1-64)" '.ok and .code == "ok" and .exit == 0 and
		.sha256 == $sha and .passes == 2 and .file == "dump.bin"'
}

@test "-q says nothing but the answer; --trace records messages in a new file" {
	exits 0 on_chip read -q dump.bin --trace trace.txt --passes 1 --range 0+64K
	says_not "reading chip"
	grep -q '9f' trace.txt
	[ "$(wc -l < trace.txt)" -gt 5 ]
	refused 1 "trace file trace.txt" -- on_chip read other.bin --trace trace.txt
}

# A limit on the size of files stands in for a disk without room.
@test "a trace that does not fit on the disk is no success" {
	text "$chip" 3 8388608
	run bash -c 'trap "" XFSZ; ulimit -f 1; exec "$@"' - "$norprog" -p "sim:chip=W25Q64FV,file=$chip" detect --trace trace.txt
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"the trace could not be written completely"*"make room"* ]]
	[ "$(stat -c %s trace.txt)" = 1024 ]
}

@test "read - writes the bytes to standard output, and nothing else" {
	text "$chip" 1 8388608
	on_chip read - > piped
	cmp "$chip" piped
	on_chip read - --range 4K+64K > part
	same_bytes <(tail -c +4097 "$chip") part 0 65536
	[ ! -e - ] && [ ! -e -.json ]
	exits 2 on_chip read - --json
	says "both want standard output"
	exits 2 on_chip read - --range 0+4K --range 8K+4K
	says "name one region"
}

@test "a bit that never changes is told: no backup" {
	text plain 1 8388608
	exits 0 on_chip read whole
	says_not "in every byte"
	openssl enc -aes-128-ctr -nosalt -pass pass:1 -in /dev/zero 2> /dev/null | head -c 8388608 | tr '\000-\017\040-\057\100-\117\140-\157\200-\217\240-\257\300-\317\340-\357' '\020-\037\060-\077\120-\137\160-\177\220-\237\260-\277\320-\337\360-\377' > "$chip"
	exits 0 on_chip read stuck
	says "in every byte read the bits 10 are ones" "norprog doctor"
}

@test "reads that disagree are counted, not listed" {
	text "$chip" 1 8388608
	run "$norprog" -p "$sim,fault=flip=30000" --speed 1M read noisy
	[ "$(grep -c "reads disagree at 0x" <<< "$output")" -le 4 ]
	says "reads disagree at more places"
}

@test "a full disk is found before the first byte is read" {
	mkdir small
	unshare -m true 2> /dev/null || skip "no mount namespaces here"
	text "$chip" 3 8388608
	exits 1 unshare -m bash -c "mount -t tmpfs -o size=1M none small && exec $norprog -p $sim read small/dump"
	says "are needed there" "make room there, or choose a folder with more space"
	says_not "reading chip"
	exits 0 unshare -m bash -c "mount -t tmpfs -o size=1M none small && exec $norprog -p $sim read small/dump --range 0+64K"
}
