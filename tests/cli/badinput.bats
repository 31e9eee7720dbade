#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: options.c select.c
# Bad input: each says what is wrong, exits as promised, and leaves the chip and all files as they were.

load common


fill() {
	text "$chip" 3 8388608
	text good 4 8388608
}

@test "images: missing, empty, unreadable, a folder, a device" {
	fill
	: > empty
	mkdir folder
	for command in write "restore --only 0+4K" verify; do
		# shellcheck disable=SC2086 # command and option
		set -- $command
		refused 2 "missing: No such file" -- on_chip "$1" missing "${@:2}"
		refused 2 "empty is empty" -- on_chip "$1" empty "${@:2}"
		refused 2 "/dev/null is neither a file nor a folder" -- on_chip "$1" /dev/null "${@:2}"
	done
	refused 2 "folder is a folder" -- on_chip write folder --yes
	refused 2 "folder holds no REGION.bin" -- on_chip restore folder --yes
}

@test "a dump that was read without contact is not written over the whole chip" {
	local byte
	fill
	cp "$chip" before
	for byte in 377 000; do
		head -c 8388608 /dev/zero | tr '\000' "\\$byte" > nothing
		refused 7 "nothing holds nothing but" "take another dump" "norprog erase" -- \
			on_chip write nothing --keep nothing --yes
		cmp "$chip" before
		exits 0 on_chip write nothing --only 0+64K --yes # a part may well be blank
		cmp -n 65536 nothing "$chip"
		exits 0 on_chip write nothing --keep nothing --override suspicious-file --yes
		cmp nothing "$chip"
		cp before "$chip"
		printf 'one byte that is something' | dd of=nothing bs=1 seek=5000000 conv=notrunc status=none
		exits 0 on_chip write nothing --keep nothing --yes
		cp before "$chip"
	done
}

# Root reads everything, unless it gives that up.
without_privilege() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --bounding-set=-dac_override,-dac_read_search "$@"
	else
		"$@"
	fi
}

@test "an image that may not be read" {
	fill
	echo x > probe
	chmod 0 probe
	! without_privilege cat probe 2> /dev/null || skip "this user reads everything"
	rm -f probe
	chmod 0 good
	freeze() { frozen=$(sha256sum "$chip"); }
	untouched() { [ "$frozen" = "$(sha256sum "$chip")" ]; }
	refused 2 "good: Permission denied" -- without_privilege "$norprog" -p "$sim" write good --yes
	refused 2 "good: Permission denied" -- without_privilege "$norprog" -p "$sim" verify good
}

# The chip file is the programmer here, so it is exit 3 as for a device node.
@test "a simulated chip that may not be opened" {
	fill
	echo x > probe
	chmod 0 probe
	! without_privilege cat probe 2> /dev/null || skip "this user reads everything"
	rm -f probe
	for mode in 0 400; do
		chmod "$mode" "$chip"
		exits 3 without_privilege "$norprog" -p "$sim" detect
		says "chip.bin: Permission denied" "hint: name a file that you may read and write"
	done
	chmod 600 "$chip"
	: > "$chip.regs"
	chmod 0 "$chip.regs"
	exits 3 without_privilege "$norprog" -p "$sim" detect
	says "chip.bin.regs: Permission denied"
}

@test "images: short, long, odd-sized" {
	fill
	head -c 65536 good > short
	cat good short > long
	head -c 12345 good > odd
	refused 7 "short has 65536 bytes, the chip 8388608" "--at ADDR" -- on_chip write short --yes
	refused 7 "odd has 12345 bytes" "--at ADDR" -- on_chip write odd --yes
	refused 7 "long has 8454144 bytes" "65536 too many" "--at or --only" -- on_chip write long --yes
	refused 7 "short has 65536 bytes" -- on_chip verify short
	refused 7 "odd has 12345 bytes" "4096" -- on_chip restore odd --only 0+4K --yes
	refused 7 "--at" -- on_chip write odd --only 0+64K --yes
	refused 7 "odd has 12345 bytes" -- on_chip verify odd --only 0+4K
	printf '0:ffff boot\n10000:7fffff rest\n' > my.layout
	refused 7 "region boot is exactly this long: --only boot" -- on_chip write short --layout ./my.layout --yes
}

@test "region names that would lead out of the folder" {
	fill
	printf '0:ffff ../up\n10000:1ffff a/b\n20000:7fffff rest\n' > paths.layout
	mkdir -p out/a
	refused 2 "region '../up' cannot be a file" "by its addresses" -- \
		on_chip read out --layout ./paths.layout --only rest,../up
	refused 2 "region 'a/b'" -- on_chip read out --layout ./paths.layout --only rest,a/b
	exits 0 on_chip read up.bin --layout ./paths.layout --only ../up
	same_bytes up.bin "$chip" 0 65536
}

@test "folders: a wrong size, a name without a place, two files for the same bytes" {
	fill
	mkdir parts
	head -c 65535 good > parts/radio.bin
	refused 7 "parts/radio.bin has 65535 bytes, its region 65536" -- \
		on_chip restore parts --layout tplink-mr200-v1 --yes
	refused 2 "radio.bin.json" "--layout" -- on_chip restore parts --yes
	rm parts/radio.bin
	head -c 4096 good > parts/0x1000-0x1fff.bin
	head -c 4096 good > parts/0x1800+0x1000.bin
	refused 2 "another file of the folder holds too" -- on_chip restore parts --yes
	rm parts/0x1800*
	head -c 4096 good > parts/0x800000+4K.bin
	refused 2 "beyond the end of the chip" -- on_chip restore parts --yes
	rm parts/0x8*
	refused 2 "does not hold all of 0x002000-0x002fff" -- on_chip restore parts --only 0x2000+4K --yes
}

@test "partial backups: of another chip, with a manifest that lies, without what is asked for" {
	fill
	exits 0 on_chip write good --only 0x1000+4K --yes --backup part
	refused 2 "part does not hold all of 0x008000-0x009fff" -- on_chip restore part --only 0x8000+8K --yes
	exits 0 on_chip restore part --only 0x8000+4K --dry-run
	says "warning: part.json says that these bytes come from 0x001000-0x001fff"
	blank "$chip.16" 16777216
	refused 7 "part" "16777216" -- "$norprog" -p "sim:chip=EN25QH128A,file=$chip.16" restore part --yes
	cp part.json saved
	for lie in '.segments[0].start = 8388608' '.segments[0].length = -1' '.size = 5' '.format = 2' \
		'.segments = 7' '.chip_size = "big"' 'del(.sha256)'; do
		jq "$lie" saved > part.json
		refused 2 "part" -- on_chip restore part --yes
	done
	head -c 100 saved > part.json
	refused 2 "part.json" -- on_chip restore part --yes
}

@test "a file of --at that reaches beyond its region or the chip" {
	fill
	head -c 65537 good > long
	printf '0:ffff boot\n10000:7fffff rest\n' > my.layout
	refused 7 "1 byte longer than region boot" -- on_chip write long --layout ./my.layout --at boot --yes
	refused 2 "beyond the end of the chip" "8 MiB" -- on_chip write long --at 0x7f0000 --yes
	refused 2 "neither an address nor a region" -- on_chip write long --at boot --yes
	refused 2 "neither an address nor a region of the layout" -- \
		on_chip write long --layout ./my.layout --at kernel --yes
}

@test "a range that ends before it begins is refused without asking the chip what it is" {
	fill
	refused 2 "'0x2000-0x1000' is no range" "START+LEN" -- on_chip read dump --only 0x2000-0x1000
	says_not "recognised"
	refused 2 "'0x2000+' is no range" -- on_chip erase --only 0x2000+ --yes
	says_not "chip:"
}

@test "faults of the simulated chip: a value that is none is told from what it takes" {
	fill
	sim="$sim,fault=miso=0"
	refused 2 "fault 'miso=0'" "miso=high|low" "flip=N" -- on_chip detect
}

@test "outputs: a folder that is missing, a place that is no folder" {
	fill
	refused 1 "nowhere" -- on_chip read nowhere/dump.bin
	refused 1 "nowhere" -- on_chip write good --keep nothing --yes --backup nowhere/backup.bin
	refused 1 "nowhere" -- on_chip detect --trace nowhere/trace
	refused 1 "nowhere" -- on_chip detect --log nowhere/log
	echo x > plain
	XDG_STATE_HOME=$work/plain refused 1 "plain" -- on_chip write good --keep nothing --yes
}

@test "outputs: what is no plain file is never replaced, a link stays a link" {
	fill
	mkfifo pipe
	refused 1 "pipe is a pipe" "a file name" -- on_chip read pipe --force
	refused 1 "pipe is a pipe" -- on_chip detect --sfdp pipe --force
	refused 1 "pipe is a pipe" -- "$norprog" layouts tplink-mr200-v1 -o pipe --force
	[ -p pipe ]
	echo old > real
	ln -s real link
	refused 1 "link exists" -- on_chip read link
	exits 0 on_chip read link --force
	[ -L link ]
	cmp "$chip" real
}

@test "streams that are closed: nothing is printed into the chip instead" {
	fill
	cp "$chip" before
	for streams in '>&-' '2>&-' '<&- >&- 2>&-'; do
		for json in "" --json; do
			cp before "$chip"
			status=0
			eval "\"\$norprog\" -p \"\$sim\" write good --only 0+8K --yes -v $json $streams" || status=$?
			[ "$streams" = '2>&-' ] || [ "$status" = 1 ]
			same_bytes "$chip" good 0 8192
			same_bytes "$chip" before 8192 $((8388608 - 8192))
		done
	done
}

# ends_by_itself WORDS...: whatever the code, but no signal's. One that waits is ended by tests/run.
ends_by_itself() {
	run "$norprog" "$@" < /dev/null
	[ "$status" -lt 128 ]
}

@test "inputs that are pipes nobody writes to: refused at once, not waited for" {
	fill
	mkfifo pipe
	ends_by_itself image identify pipe
	[ "$status" = 2 ]
	says "pipe is no regular file"
	ends_by_itself unit show pipe
	[ "$status" = 2 ]
	ends_by_itself -p "$sim" write pipe --yes
	[ "$status" = 2 ]
	ends_by_itself -p "$sim" write good --base pipe --yes
	ends_by_itself -p "$sim" detect --chips pipe
	ends_by_itself -p "$sim" read dump --layout ./pipe --only boot
	[ "$status" = 2 ]
	cmp "$chip" <(seq 3 7 90000000 | head -c 8388608)
}

@test "layouts and chip files may come through a pipe" {
	fill
	# More than a pipe holds, so that the reader finds it empty in between.
	remarks() {
		seq 1 20000 | sed 's/^/# /'
	}
	exits 0 on_chip read dump --layout <(remarks; printf '0:ffff boot\n10000:7fffff rest\n') --only boot
	same_bytes dump "$chip" 0 65536
	exits 2 on_chip detect --chips <(remarks)
	says ":20000: no chip is described here"
}

@test "names that are not UTF-8: JSON says them with a stand-in, the journal refuses them" {
	fill
	odd=$(printf 'a\377b')
	cp good "$odd.image"
	exits 0 on_chip read "$odd.dump" --only 0+4K --json
	result '.file == "a\ufffdb.dump"'
	json -s '.[] | select(.event == "file") | .path == "a\ufffdb.dump"'
	exits 2 on_chip write "$odd.missing" --json --yes
	tail -n 1 <<< "$output" | jq -e '.message | startswith("a\ufffdb.missing: No such")'
	printf '0:ffff %s\n' "$odd" > odd.layout
	exits 0 "$norprog" layouts ./odd.layout --json
	json -s '.[0].regions[0].name == "a\ufffdb"'
	# A message cut in the middle of a letter.
	exits 2 on_chip write "$(printf 'ü%.0s' {1..600})x" --json --yes
	tail -n 1 <<< "$output" | jq -e '.message | startswith("üüü")'
	cp "$chip" before
	exits 1 on_chip write "$odd.image" --only 0+4K --yes --backup "$odd.backup"
	says "not UTF-8" "--backup"
	cmp before "$chip"
	exits 0 on_chip write "$odd.image" --only 0+4K --yes
}

@test "a disk that fills up while the backup is written: nothing erased, no half backup" {
	fill
	freeze
	run bash -c 'ulimit -f 4096; "$0" -p "$1" write good --keep nothing --yes' "$norprog" "$sim" < /dev/null
	[ "$status" = 1 ]
	says "backup"
	untouched
}

@test "chip names: unknown, and one that contradicts the ID" {
	fill
	refused 2 "W25Q9999" -- on_chip write good --yes --chip W25Q9999
	refused 4 "EN25QH128A" -- on_chip write good --yes --chip EN25QH128A
	refused 4 "MX25L6405D" -- on_chip read dump --chip MX25L6405D
}

@test "regions: unknown, without a layout, out of range, nothing left" {
	fill
	refused 2 "kernel" "radio" -- on_chip read dump --layout tplink-mr200-v1 --only kernel
	refused 2 "radio" -- on_chip read dump --only radio
	refused 2 "unit" -- on_chip write good --keep unit --yes
	refused 2 "0x800000" -- on_chip read dump --range 0x800000+1
	refused 2 "0x7fffff" -- on_chip erase --range 0x7fffff+2 --yes
	refused 2 "0x900000" -- on_chip write good --keep 0x900000-0x9fffff --yes
	refused 2 "nothing is left to do" -- on_chip write good --layout tplink-mr200-v1 --only radio --keep unit --yes
	refused 2 "nothing is left to do" -- on_chip erase --range 0x1000+4K --keep 0-0x1fff --yes
	refused 2 "nothing is left to do" -- on_chip erase --keep 0+8M --yes
}

@test "ranges that are none" {
	fill
	for range in 5 0x10- +5 10-5 5+0 0x1g+5 -5+3 1+99999999999999999999; do
		refused 2 -- on_chip erase "--range=$range" --yes
	done
}

@test "layout files: malformed, overlapping, empty, missing; the line is named" {
	fill
	printf '0:ffff boot\nnonsense\n' > bad.layout
	printf '0:ffff boot\n8000:1ffff os\n' > overlap.layout
	printf '1000:fff boot\n' > backwards.layout
	: > empty.layout
	head -c 300 /dev/urandom > noise.layout
	refused 2 "bad.layout:2" -- on_chip read dump --layout ./bad.layout --only boot
	refused 2 "overlap.layout" "boot" "os" -- on_chip read dump --layout ./overlap.layout --only boot
	refused 2 "backwards.layout:1" -- on_chip read dump --layout ./backwards.layout --only boot
	refused 2 "empty.layout" -- on_chip read dump --layout ./empty.layout --only boot
	refused 2 "noise.layout" -- on_chip read dump --layout ./noise.layout --only boot
	refused 2 "missing.layout" -- on_chip read dump --layout ./missing.layout --only boot
	refused 2 "tplink-mr200-v9" "tplink-mr200-v1" -- on_chip read dump --layout tplink-mr200-v9 --only boot
}

@test "profiles: malformed; the line is named" {
	fill
	printf '[device]\nname = x\nsize = 8M\n\n[region boot]\nstart = zero\n' > bad.ini
	refused 2 "bad.ini:6" -- on_chip read dump --layout ./bad.ini --only boot
}

@test "layouts that reach beyond the chip" {
	fill
	printf '0:ffff boot\n10000:8fffff rest\n' > big.layout
	refused 2 "rest" -- on_chip write good --layout ./big.layout --only boot --yes
	refused 7 "tplink-mr500-v1" -- on_chip read dump --layout tplink-mr500-v1 --only radio
}

@test "protection that does not lift (WP# held): exit 7, the pin is named" {
	text good 4 8388608
	text "$chip" 3 8388608
	exits 0 on_chip protect on 0-0x7fffff
	freeze
	exits 7 "$norprog" -p "$sim,fault=wp" write good --keep nothing --yes
	says "WP#"
	cmp <(head -c 8388608 "$chip") <(seq 3 7 90000000 | head -c 8388608)
	exits 0 on_chip protect
	says "0x000000-0x7fffff"
	exits 7 "$norprog" -p "$sim,fault=wp" erase --keep nothing --yes
}

@test "protect: words that make no sense, ranges the part cannot protect" {
	fill
	refused 2 "none of status, off, on" -- on_chip protect maybe
	refused 2 "protect on needs a RANGE" -- on_chip protect on
	refused 2 "protect off takes no range" -- on_chip protect off 0+1
	refused 2 "hint: " -- on_chip protect on 0x1234+77
	refused 2 -- on_chip protect on 0x800000+1
}

@test "two norprogs on one chip file: the second is refused" {
	fill
	mkfifo events
	"$norprog" -p "$sim,time=real" read one.bin --speed 1M --json > events 2> first.err &
	first=$!
	exec 7< events
	grep -q -m1 '"phase":"read"' <&7
	exits 3 on_chip read two.bin
	says "$chip" "in use"
	exits 3 on_chip write good --keep nothing --yes
	kill -TERM "$first"
	cat <&7 > /dev/null
	wait "$first" || first_status=$?
	[ "$first_status" = 8 ]
	[ ! -e two.bin ] && [ ! -e one.bin ]
}

@test "resume with no job, and of another chip" {
	fill
	refused 2 "no" -- on_chip resume --yes
	refused 2 "no" -- on_chip resume --undo --yes
	refused 2 "no" -- on_chip resume --discard
}
