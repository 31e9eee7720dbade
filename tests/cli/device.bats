#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: learn.c
# Know the device: recognition, refusals, and the three rescues, each checked byte by byte with cmp.

load common

setup_file() {
	export images=$BATS_FILE_TMPDIR
	for model in mr200 mr500; do
		cp "$(composed $model 7 a)" "$images/$model-mine.bin"
		cp "$(composed $model 42 b)" "$images/$model-stock.bin"
	done
}

# same A B START LEN
same() {
	cmp --bytes="$4" --ignore-initial="$3" "$1" "$2"
}

on_mr500() {
	"$norprog" -p "sim:chip=EN25QH128A,file=$chip" "$@"
}

censor() {
	printf '\360\361\362\363\364\365' | dd of="$1" bs=1 seek=$((0xfcf100)) conv=notrunc status=none
	printf 001122334455667 | dd of="$1" bs=1 seek=$((0xfcf500)) conv=notrunc status=none
}

@test "rescue 1: an ISP-locked MR200 becomes stock and stays itself, radio and all" {
	cp "$images/mr200-mine.bin" "$chip"
	exits 0 on_chip write "$images/mr200-stock.bin" --keep unit --yes
	says "recognised: TP-Link Archer MR200 v1" "mac stays 50:c7:bf:10:07:07"
	same "$images/mr200-stock.bin" "$chip" 0 $((0x7d0000))
	same "$images/mr200-mine.bin" "$chip" $((0x7d0000)) $((0x10000))
	same "$images/mr200-stock.bin" "$chip" $((0x7e0000)) $((0x10000))
	same "$images/mr200-mine.bin" "$chip" $((0x7f0000)) $((0x10000))
}

@test "rescue 2: an MR500 that lost its radio block takes the public dump, not its placeholders" {
	cp "$images/mr500-mine.bin" "$chip"
	blank ff.bin 65536
	dd if=ff.bin of="$chip" bs=64K seek=255 conv=notrunc status=none
	cp "$chip" lost.bin
	cp "$images/mr500-stock.bin" public.bin
	censor public.bin
	# Whole, the dump would censor this unit; with --keep unit it would keep a blank radio block.
	refused 7 "romfile" "--keep unit" -- on_mr500 write public.bin --yes
	refused 7 "radio is blank on this chip" "restore BACKUP --only radio" -- \
		on_mr500 write public.bin --keep unit --yes
	cmp lost.bin "$chip"
	exits 0 on_mr500 write public.bin --keep romfile --yes
	says "mac stays 50:c7:bf:10:07:07"
	same public.bin "$chip" 0 $((0xfc0000))
	same "$images/mr500-mine.bin" "$chip" $((0xfc0000)) $((0x10000))
	same public.bin "$chip" $((0xfd0000)) $((0x30000))
	# And the own calibration again, from the backup of better days.
	exits 0 on_mr500 restore "$images/mr500-mine.bin" --only radio --yes
	same "$images/mr500-mine.bin" "$chip" $((0xff0000)) $((0x10000))
}

@test "rescue 3: a vendor recovery image over the clip, where TFTP dies" {
	c7_chip "$chip"
	cp "$chip" before.bin
	c7_image recovery.bin $((0x900000)) 0
	exits 0 "$norprog" image identify recovery.bin
	says "tplink-archer-c7-v2" "belongs: at 0x020000" "checksum right"
	refused 7 "at address 0" "--at 0x020000" -- on_mr500 write recovery.bin --yes
	refused 7 "at address 0" "--at 0x020000" -- on_mr500 write recovery.bin --at 0 --yes
	cmp before.bin "$chip"
	exits 0 on_mr500 write recovery.bin --at firmware --yes
	says "Archer C7 v2"
	cmp --bytes=$((0x900000)) --ignore-initial=0:$((0x20000)) recovery.bin "$chip"
	same before.bin "$chip" 0 $((0x20000))
	same before.bin "$chip" $((0x920000)) $((0x6e0000))
}

@test "a download that broke off or was damaged is said to be, before it is written" {
	c7_chip "$chip"
	c7_image whole.bin $((0x400000)) 0
	exits 0 on_mr500 write whole.bin --at firmware --dry-run
	says_not "cut short"
	says_not "is damaged"
	head -c 3000000 whole.bin > short.bin
	exits 0 on_mr500 write short.bin --at firmware --dry-run
	says "warning" "short.bin is cut short"
	poke whole.bin 0x300000 broken
	exits 0 on_mr500 write whole.bin --at firmware --dry-run
	says "whole.bin is damaged: its checksum is wrong"
}

@test "a download with a boot loader inside needs --strip" {
	c7_chip "$chip"
	cp "$chip" before.bin
	c7_image download.bin $((0x400000)) $((0x20000))
	refused 7 "vendor header and boot loader" "--strip" -- on_mr500 write download.bin --at 0x20000 --yes
	exits 0 on_mr500 write download.bin --at firmware --strip --yes
	cmp --bytes=$((0x3dfe00)) --ignore-initial=$((0x20200)):$((0x20000)) download.bin "$chip"
	same before.bin "$chip" 0 $((0x20000))
	refused 2 "--strip" -- on_mr500 write before.bin --at 0 --strip --yes
}

@test "the six bytes inside the C7's boot loader survive its replacement" {
	c7_chip "$chip"
	cp "$chip" before.bin
	c7_chip donor.bin
	text other.bin 3 4096
	dd if=other.bin of=donor.bin bs=4096 seek=1 conv=notrunc status=none
	printf '\xa0\xf3\xc1\x77\x77\x77' | dd of=donor.bin bs=1 seek=$((0x1fc00)) conv=notrunc status=none
	printf 31415924 | dd of=donor.bin bs=1 seek=$((0x1fe00)) conv=notrunc status=none
	exits 0 on_mr500 write donor.bin --keep unit --yes
	cmp -n $((0x1fc00)) donor.bin "$chip"
	same before.bin "$chip" $((0x1fc00)) 6
	same donor.bin "$chip" $((0x1fc06)) $((0x1fe00 - 0x1fc06))
	# Its PIN stands there too.
	same before.bin "$chip" $((0x1fe00)) 8
	same donor.bin "$chip" $((0x1fe08)) $((0xfd0000))
}

@test "without a layout the recognised profile guards write and erase" {
	cp "$images/mr200-mine.bin" "$chip"
	refused 7 "only this unit has" "--keep unit" -- on_chip write "$images/mr200-stock.bin" --yes
	says "recognised: TP-Link Archer MR200 v1"
	refused 7 "only this unit has" "--only rom,radio" -- on_chip erase --yes
	cmp "$images/mr200-mine.bin" "$chip"
	exits 0 on_chip write "$images/mr200-mine.bin" --yes
	says "nothing to do"
}

@test "the plan names the regions of a profile that was recognised" {
	cp "$images/mr200-mine.bin" "$chip"
	cp "$images/mr200-mine.bin" next.bin
	dd if="$images/mr200-stock.bin" of=next.bin bs=64K skip=22 seek=22 count=20 conv=notrunc status=none
	exits 0 on_chip write next.bin --dry-run
	says "recognised: TP-Link Archer MR200 v1"
	grep -E '^  0x160000-0x29ffff +firmware ' <<< "$output"
	exits 0 on_chip write next.bin --dry-run --json
	grep '^{' <<< "$output" | jq -es 'map(select(.event == "plan"))[0].steps[0].regions == "firmware"'
}

@test "addresses alone do not run over what only this unit has" {
	cp "$images/mr200-mine.bin" "$chip"
	tail -c +131073 "$images/mr200-stock.bin" > behind-boot.bin
	refused 7 "only this unit has" "rom,radio" -- on_chip write behind-boot.bin --at 0x20000 --yes
	says "recognised: TP-Link Archer MR200 v1"
	refused 7 "only this unit has" -- on_chip write "$images/mr200-stock.bin" --range 0x20000-0x7fffff --yes
	refused 7 "only this unit has" -- on_chip erase --range 0x7c0000-0x7fffff --yes
	cmp "$images/mr200-mine.bin" "$chip"
	# Named exactly, or with the region's name beside the range, it is meant.
	exits 0 on_chip write "$images/mr200-stock.bin" --only 0x20000-0x7fffff,rom,radio --yes
	cmp "$images/mr200-stock.bin" "$chip"
	exits 0 on_chip erase --range 0x7f0000+64K --yes
	# Far from all unit data nobody is asked.
	exits 0 on_chip erase --range 0x100000+64K --yes
}

@test "firmware of a version that divides its flash alike, and starts no other" {
	cp "$images/mr200-mine.bin" "$chip"
	poke "$chip" 0x1f000 'LTE AC750 v2.0.0'
	poke "$chip" 0x20034 12345678
	exits 0 "$norprog" image identify "$chip"
	says "full dump of TP-Link Archer MR200 v2"
	refused 7 "dump of TP-Link Archer MR200 v1" "this is TP-Link Archer MR200 v2" -- \
		on_chip write "$images/mr200-stock.bin" --keep unit --yes
	# Where nothing tells the versions apart, nothing is refused.
	cp "$images/mr200-mine.bin" "$chip"
	exits 0 on_chip write "$images/mr200-stock.bin" -l tplink-mr200-v2 --keep unit --dry-run
}

@test "over a slow line the last backup of this chip tells whose it is" {
	cp "$images/mr500-mine.bin" "$chip"
	exits 0 on_mr500 read mine.bin
	exits 0 on_mr500 --speed 100k restore mine.bin --only radio --dry-run
	says "(mine.bin)" "recognised: TP-Link Archer MR500 v1"
	says_not "131032 bytes"
	refused 7 "only this unit has" -- on_mr500 --speed 100k write "$images/mr500-stock.bin" \
		--range 0xfc0000-0xffffff --yes
	says "reading chip: 131032 bytes"
	says_not "device known from"
	# A backup kept by a job will do, but for what the job then changed.
	exits 0 on_mr500 write "$images/mr500-stock.bin" --keep unit --yes
	refused 7 "only this unit has" -- on_mr500 --speed 100k erase --range 0xfc0000-0xffffff --yes
	says "device known from your backup" "($XDG_STATE_HOME" "recognised: TP-Link Archer MR500 v1"
	says_not "131032 bytes"
	# Another chip's backup tells nothing.
	jq '.uid = "0011223344556677"' mine.bin.json > other && mv other mine.bin.json
	rm -r "$XDG_STATE_HOME"
	exits 0 on_mr500 --speed 100k restore mine.bin --only radio --override other-unit --dry-run
	says "reading chip: 131032 bytes"
}

@test "a part of another device's dump" {
	cp "$images/mr500-mine.bin" "$chip"
	c7_chip other.bin
	refused 7 "dump of TP-Link Archer C7 v2" "--range 0x020000+" -- on_mr500 write other.bin --only firmware --yes
	refused 7 "dump of TP-Link Archer C7 v2" -- on_mr500 restore other.bin --only config --yes
	exits 0 on_mr500 restore other.bin --range 0xfd0000+64K --yes
	same other.bin "$chip" $((0xfd0000)) 65536
}

@test "--base does not take the guard away" {
	cp "$images/mr200-mine.bin" "$chip"
	refused 7 "only this unit has" -- on_chip write "$images/mr200-stock.bin" --base blank --yes
	refused 7 "only this unit has" -- \
		on_chip write "$images/mr200-stock.bin" --base "$images/mr200-mine.bin" --yes
	# A base that knows all but what is this unit's own.
	cp "$images/mr200-stock.bin" base.bin
	refused 7 "only this unit has" -- on_chip write "$images/mr200-stock.bin" --base base.bin --yes
	exits 0 on_chip write "$images/mr200-stock.bin" --base "$images/mr200-mine.bin" --keep unit --yes
	same "$images/mr200-mine.bin" "$chip" $((0x7f0000)) $((0x10000))
}

@test "a bricked chip that no profile knows any more: the image's own profile guards its data" {
	cp "$images/mr200-mine.bin" "$chip"
	blank ff.bin 196608
	dd if=ff.bin of="$chip" conv=notrunc status=none
	poke "$chip" 0x7df200 00000000
	refused 7 "Archer MR200 v1" "rom,radio" "--keep 0x7d0000+65536,0x7f0000+65536" "--range 0+8388608" -- \
		on_chip write "$images/mr200-stock.bin" --yes
	exits 0 on_chip write "$images/mr200-stock.bin" --keep 0x7d0000+65536,0x7f0000+65536 --yes
	same "$images/mr200-stock.bin" "$chip" 0 $((0x7d0000))
	same "$images/mr200-mine.bin" "$chip" $((0x7d0000)) $((0xf200))
	same "$images/mr200-mine.bin" "$chip" $((0x7f0000)) $((0x10000))
	# The own backup goes back without a word, and so does a dump onto a new chip.
	dd if=ff.bin of="$chip" conv=notrunc status=none
	dd if=ff.bin of="$chip" bs=64K seek=125 count=1 conv=notrunc status=none
	exits 0 on_chip write "$images/mr200-mine.bin" --yes
	cmp "$images/mr200-mine.bin" "$chip"
	blank "$chip" 8388608
	exits 0 on_chip write "$images/mr200-stock.bin" --yes
	cmp "$images/mr200-stock.bin" "$chip"
}

@test "a chip whose MAC is lost: it is said, and the calibration is guarded all the same" {
	cp "$images/mr200-mine.bin" "$chip"
	blank ff.bin 65536
	dd if=ff.bin of="$chip" bs=64K seek=125 conv=notrunc status=none
	refused 7 "only this unit has" "radio" -- on_chip write "$images/mr200-stock.bin" --yes
	exits 0 on_chip write "$images/mr200-stock.bin" --range 0+8388608 --yes
	cmp "$images/mr200-stock.bin" "$chip"
}

@test "a censored dump onto a new chip wants the values" {
	blank "$chip" 16777216
	cp "$images/mr500-stock.bin" public.bin
	censor public.bin
	refused 7 "censored" "--set" -- on_mr500 write public.bin --yes
	exits 0 on_mr500 write public.bin -l tplink-mr500-v1 --set mac=a0:f3:c1:00:00:01 \
		--set imei=490154203237518 --yes
	[ "$(xxd -s $((0xfcf100)) -l 6 -p "$chip")" = a0f3c1000001 ]
}

@test "a layout that knows names only leaves the guard to the profile that is recognised" {
	cp "$images/mr200-mine.bin" "$chip"
	exits 0 "$norprog" layouts tplink-mr200-v1 -o names.layout
	refused 7 "only this unit has" "--keep 0x7d0000+65536,0x7f0000+65536" -- \
		on_chip write "$images/mr200-stock.bin" -l names.layout --yes
	exits 0 on_chip write "$images/mr200-stock.bin" -l names.layout --keep rom,radio --yes
	same "$images/mr200-mine.bin" "$chip" $((0x7f0000)) $((0x10000))
	exits 0 on_chip restore "$images/mr200-stock.bin" -l names.layout --only radio --yes
	same "$images/mr200-stock.bin" "$chip" $((0x7f0000)) $((0x10000))
}

@test "a name without --layout asks the chip; one that is nobody's is refused" {
	cp "$images/mr200-mine.bin" "$chip"
	exits 0 on_chip read radio.bin --only radio
	cmp -n 65536 -i 0:$((0x7f0000)) radio.bin "$chip"
	text "$chip" 5 8388608
	cp "$chip" before.bin
	refused 2 "radio" "was not recognised" -- on_chip restore "$images/mr200-mine.bin" --only radio --yes
	cmp before.bin "$chip"
}

@test "a layout whose MAC is no MAC on this chip is not trusted, and says what it saw" {
	cp "$images/mr200-mine.bin" "$chip"
	refused 7 "tplink-mr200-v5" "0x7ef100" -- on_chip write "$images/mr200-stock.bin" -l tplink-mr200-v5 --keep unit --yes
	cmp "$images/mr200-mine.bin" "$chip"
}

@test "a dump of another device or of another size" {
	cp "$images/mr500-mine.bin" "$chip"
	c7_chip other.bin
	refused 7 "dump of TP-Link Archer C7 v2" "MR500" -- on_mr500 write other.bin --keep unit --yes
	refused 7 "too few" -- on_mr500 write "$images/mr200-stock.bin" --yes
	cmp "$images/mr500-mine.bin" "$chip"
}

@test "an image that is nobody's dump over a known device is said to be one" {
	cp "$images/mr200-mine.bin" "$chip"
	{ printf '\0'; head -c 8388607 "$images/mr200-stock.bin"; } > slipped.bin
	exits 0 on_chip write slipped.bin --keep unit --dry-run
	says "this is TP-Link Archer MR200 v1, the image no dump of it"
	exits 0 on_chip write "$images/mr200-stock.bin" --keep unit --dry-run
	says_not "no dump of it"
}

@test "a backup that was read from another chip is not restored without a word" {
	cp "$images/mr200-mine.bin" "$chip"
	cp "$images/mr200-stock.bin" donor.chip
	exits 0 on_chip read mine.bin
	exits 0 "$norprog" -p sim:chip=W25Q64FV,file=donor.chip read donor.bin
	refused 7 "made from the chip with the unique ID" "--override other-unit" -- \
		on_chip restore donor.bin --only romfile --yes
	exits 0 on_chip restore donor.bin --only romfile --override other-unit --dry-run
	says "other-unit overridden" "this is another chip"
	# Who writes a file has chosen its bytes, and is told.
	exits 0 on_chip write donor.bin --only romfile --dry-run
	says "this is another chip"
	exits 0 on_chip restore mine.bin --only romfile --dry-run
	says_not "another chip"
}

@test "after a stranger's dump the backup of this very chip goes back" {
	cp "$images/mr200-mine.bin" "$chip"
	exits 0 on_chip read mine.bin
	cp "$images/mr200-stock.bin" "$chip"
	exits 0 on_chip restore mine.bin --yes
	says "backup of this very chip, by its unique ID"
	cmp mine.bin "$chip"
	# Not so by `write`, nor when the file was changed, nor with another chip's.
	cp "$images/mr200-stock.bin" "$chip"
	refused 7 "only this unit has" -- on_chip write mine.bin --yes
	poke mine.bin 0x100 'x'
	refused 7 "only this unit has" -- on_chip restore mine.bin --override changed-file --yes
}

@test "a value that is kept and blank is said to be" {
	cp "$images/mr500-mine.bin" "$chip"
	blank ff.bin 32768
	dd if=ff.bin of="$chip" bs=32K seek=511 conv=notrunc status=none
	exits 0 on_mr500 write "$images/mr500-stock.bin" --keep unit --yes
	says "cal-5g at 0xff8000 is kept, and it is blank on this chip"
	says_not "cal-2g at"
}

@test "values that fail their checks do not replace good ones" {
	cp "$images/mr500-mine.bin" "$chip"
	cp "$images/mr500-stock.bin" bad.bin
	poke bad.bin 0xfcf100 '\1\0\136\0\0\1'
	refused 7 "mac at 0xfcf100 would be no MAC" "multicast" "--set mac=" "--range 0xfc0000+65536" -- \
		on_mr500 restore bad.bin --only romfile --yes
	refused 7 "would be no MAC" -- on_mr500 restore bad.bin --only unit --yes
	exits 0 on_mr500 restore bad.bin --only unit --set mac=a0:f3:c1:00:00:01 --yes
	cp "$images/mr500-mine.bin" "$chip"
	cp "$images/mr500-stock.bin" bad.bin
	poke bad.bin 0xfcf500 490154203237519
	refused 7 "imei at 0xfcf500 would be no IMEI" "check digit" -- on_mr500 restore bad.bin --only unit --yes
	exits 0 on_mr500 restore bad.bin --range 0xfc0000+64K --yes
	same bad.bin "$chip" $((0xfc0000)) 65536
	# Over a value that fails it as well, it is only said.
	cp "$images/mr500-stock.bin" "$chip"
	poke "$chip" 0xfcf500 490154203237511
	exits 0 on_mr500 restore bad.bin --only unit --yes
	says "imei of the image is no known IMEI"
}

@test "--set gives a field its value, checked, and only there" {
	cp "$images/mr500-mine.bin" "$chip"
	cp "$images/mr500-stock.bin" public.bin
	censor public.bin
	refused 2 "multicast" -- on_mr500 write public.bin --keep unit --set mac=01:00:5e:00:00:01 --yes
	refused 2 "check digit" -- on_mr500 write public.bin --keep unit --set imei=490154203237519 --yes
	refused 2 "has a value already" -- on_mr500 write public.bin --keep unit \
		--set mac=a0:f3:c1:00:00:01 --set mac=a0:f3:c1:00:00:02 --yes
	refused 2 "no field 'colour'" -- on_mr500 write public.bin --keep unit --set colour=red --yes
	cmp "$images/mr500-mine.bin" "$chip"
	exits 0 on_mr500 write public.bin --keep unit --set mac=a0:f3:c1:00:00:01 --set imei=490154203237518 --yes
	says "mac: 50:c7:bf:10:07:07 becomes a0:f3:c1:00:00:01"
	[ "$(xxd -s $((0xfcf100)) -l 6 -p "$chip")" = a0f3c1000001 ]
	[ "$(tail -c +$((0xfcf500 + 1)) "$chip" | head -c 15)" = 490154203237518 ]
	same "$images/mr500-mine.bin" "$chip" $((0xff0000)) $((0x10000))
	[ "$(cmp -l -i $((0xfc0000)) -n 65536 "$images/mr500-mine.bin" "$chip" | wc -l)" -le 21 ]
}

@test "--explain prints the verdict of every gate, and touches nothing" {
	cp "$images/mr200-mine.bin" "$chip"
	refused 7 "only this unit has" -- on_chip write "$images/mr200-stock.bin" --explain
	grep -qE '^unit-data +refuse +this would replace' <<< "$output"
	grep -qE '^other-device +pass' <<< "$output"
	grep -qE '^upgrade-at-zero +pass' <<< "$output"
	says "plan:"
	cmp "$images/mr200-mine.bin" "$chip"
	[ ! -e "$XDG_STATE_HOME/norprog/backups" ]
	exits 0 on_chip write "$images/mr200-stock.bin" --explain --override unit-data
	grep -qE '^unit-data +overridden' <<< "$output"
	cmp "$images/mr200-mine.bin" "$chip"
	exits 0 on_chip write "$images/mr200-stock.bin" --explain --keep unit --json
	grep '^{' <<< "$output" | jq -es 'map(select(.event == "gate")) | length > 15 and
		all(.verdict == "pass") and any(.gate == "unit-data")'
	# Each gate of the document that concerns a write is there.
	exits 0 on_chip write "$images/mr200-stock.bin" --explain --keep unit
	for gate in $(awk '/^## / { name = $2 } /^Asked by write/ { print name }' "$BATS_TEST_DIRNAME/../../doc/GATES.md"); do
		grep -q "^$gate " <<< "$output"
	done
	exits 2 on_chip resume --explain --discard
}

@test "--json names the gate that refused, --override lifts it by that name" {
	cp "$images/mr200-mine.bin" "$chip"
	run --separate-stderr on_chip write "$images/mr200-stock.bin" --yes --json
	[ "$status" = 7 ]
	result '.gate == "unit-data" and .code == "unit-data"'
	refused 2 "no refusal" "unit-data" -- on_chip write "$images/mr200-stock.bin" --yes --override unit
	refused 2 "cannot be overridden" "norprog resume" -- on_chip write "$images/mr200-stock.bin" --yes --override unfinished-job
	exits 0 on_chip write "$images/mr200-stock.bin" --yes --override unit-data
	says "unit-data overridden"
	cmp "$images/mr200-stock.bin" "$chip"
}

@test "device learn proposes a profile that norprog takes, and two units tell more than one" {
	"$BATS_TEST_DIRNAME/../demo/compose.sh" mr500 9 a other.bin
	exits 0 "$norprog" device learn "$images/mr500-mine.bin"
	says "[device]" "name = TP-Link Archer MR500 v1" "at = 0xfcf100" "expect = 0x7603" "expect = 0x7663"
	says_not "differs between the dumps"
	exits 0 "$norprog" device learn "$images/mr500-mine.bin" other.bin -o new.ini
	says "new.ini written"
	grep -q "differs between the dumps" new.ini
	exits 0 "$norprog" layouts ./new.ini
	refused 1 "exists" -- "$norprog" device learn "$images/mr500-mine.bin" -o new.ini
	head -c 1000000 other.bin > short.bin
	refused 2 "no dump of a whole flash" -- "$norprog" device learn short.bin
	refused 2 "learn" -- "$norprog" device forget other.bin
}

@test "on a chip that nobody knows one word is asked for" {
	text "$chip" 3 8388608
	text new 4 8388608
	refused 7 "does not know where" "--keep START+LEN" "--keep nothing" -- on_chip write new --yes
	refused 7 "does not know where" -- on_chip erase --yes
	exits 0 on_chip write new --keep 0x7f0000+64K --yes
	exits 0 on_chip write new --keep nothing --yes
	cmp new "$chip"
}

@test "after a wrong dump went on, the own backup goes back: the unique ID says whose it is" {
	cp "$images/mr200-mine.bin" "$chip"
	exits 0 on_chip read backup.bin
	exits 0 on_chip write "$images/mr200-stock.bin" --range 0+8M --yes
	cmp "$images/mr200-stock.bin" "$chip"
	rm -r "$XDG_STATE_HOME"
	exits 0 on_chip restore backup.bin --yes
	says "a backup of this very chip, by its unique ID"
	cmp backup.bin "$chip"
	# Another chip with the same contents is another unit.
	cp "$images/mr200-stock.bin" other.bin
	refused 7 "this is another chip" "--override other-unit" -- "$norprog" -p sim:chip=W25Q64FV,file=other.bin restore backup.bin --yes
}
