#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: report.c
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
