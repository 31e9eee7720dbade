#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: cmd/report.c cmd/report_prove.c
# report: what may be sent to a stranger, and nothing else.

load common

@test "report says who programmer and chip are, and what was proven" {
	text "$chip" 1 8388608
	cp "$chip" before
	exits 0 on_chip report out.json --trace trace
	jq -e '.programmer == "sim" and .chip.jedec_id == "EF4017" and .chip.size == 8388608
		and (.chip.sfdp | startswith("53464450")) and .chip.supply_mv == [2700, 3600]
		and .proven == ["identified", "read"] and .id_agreed == .id_reads' out.json
	cmp "$chip" before
	! grep -qE '^[0-9.]+ (06|50|01|31|11|02|20|d8|c7|60)( |$)' trace
	refused 1 "exists and is not overwritten" -- on_chip report out.json
	exits 0 on_chip report out.json --force
}

@test "report holds no unique ID and nothing of the contents" {
	for part in W25Q64FV EN25QH128A; do
		rm -f "$chip"
		sim="sim:chip=$part,file=$chip"
		run --separate-stderr on_chip detect --json
		uid=$(result .unique_id | tr -d ' ')
		[ -n "$uid" ]
		exits 0 on_chip report out.json --force
		jq -e '.chip.unique_id_bytes > 0' out.json
		! grep -qi "$uid" out.json
	done
}

@test "report --prove erases, programs and puts back, keeps a backup, and measures" {
	text "$chip" 1 8388608
	cp "$chip" before
	refused 2 "add --yes" -- on_chip report out.json --prove 0x10000+64K
	cmp "$chip" before
	[ ! -e out.json ]
	exits 0 on_chip report out.json --prove 0x10000+64K --yes --trace trace
	cmp "$chip" before
	grep -qE '^[0-9.]+ d8 01 00 00' trace
	jq -e '.proven == ["identified", "read", "erased", "programmed"] and .measured.page_us > 100
		and .measured.erases[0].us > 1000' out.json
	[ "$(find "$XDG_STATE_HOME" -name '*.bin' | wc -l)" = 1 ]
	# A blank range, part of a block: its neighbours stay.
	head -c 8388608 /dev/zero | tr '\0' '\377' > "$chip"
	printf 'keep' | dd of="$chip" bs=1 seek=69632 conv=notrunc status=none
	cp "$chip" before
	exits 0 on_chip report out2.json --prove 0x11100+300 --yes
	cmp "$chip" before
}

@test "report --prove asks before anything is erased: the file, the range, the supply" {
	text "$chip" 1 8388608
	cp "$chip" before
	touch out.json
	refused 1 "exists and is not overwritten" -- on_chip report out.json --prove 0x0+64K --yes
	refused 2 "behind the end" -- on_chip report new.json --prove 8M+64K --yes
	refused 2 "takes a range" -- on_chip report new.json --prove boot --yes
	refused 2 "more than 1 MiB" -- on_chip report new.json --prove 0x0+2M --yes
	cmp "$chip" before
	rm "$chip"
	sim="sim:chip=W25Q64FW,file=$chip"
	exits 7 on_chip report new.json --prove 0x0+64K --yes
	says "--voltage-ok"
	! tr -d '\377' < "$chip" | grep -q .
	[ ! -e new.json ]
}

@test "chips says of which rows hardware was reported" {
	exits 0 "$norprog" chips W25Q64FV --reports "$BATS_TEST_DIRNAME/../data/reports"
	says "reported"
	run --separate-stderr "$norprog" chips --json --reports "$BATS_TEST_DIRNAME/../data/reports"
	[ "$(jq -r 'select(.reports > 0) | "\(.name) \(.proven)"' <<< "$output" | sort | tr '\n' ' ')" = \
		"EN25QH128A read W25Q64FV reported " ]
	mkdir bad
	echo '{"format": 1, "chip": {"name": "\u001b[2J"}}' > bad/x.json
	refused 2 "bad/x.json" -- "$norprog" chips --reports bad
	# What report writes is what chips reads.
	mkdir mine
	exits 0 on_chip report mine/r.json
	exits 0 "$norprog" chips W25Q64FV --reports mine
	says "read"
}
