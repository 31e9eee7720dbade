#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/peers/compare.py, on small tables of its own.

load common

compare() {
	"$BATS_TEST_DIRNAME/../peers/compare.py" "$norprog" "$@"
}

setup_file() {
	command -v python3 > /dev/null || skip "no python3"
}

# part NAME MODEL KIB LOWEST HIGHEST
part() {
	printf '\t{\n\t\t.vendor\t\t= "Winbond",\n\t\t.name\t\t= "%s",\n\t\t.bustype\t= BUS_SPI,\n' "$1"
	printf '\t\t.manufacture_id\t= WINBOND_NEX_ID,\n\t\t.model_id\t= %s,\n\t\t.total_size\t= %s,\n' "$2" "$3"
	printf '\t\t.probe\t\t= PROBE_SPI_RDID,\n\t\t.voltage\t= {%s, %s},\n\t},\n\n' "$4" "$5"
}

@test "nothing to compare is skipped" {
	exits 77 compare
}

@test "agreement is silent; another size, another supply and an unknown ID are told" {
	mkdir -p peer/include peer/flashchips
	printf '#define WINBOND_NEX_ID\t\t0xEF\n' > peer/include/flashchips.h
	{
		printf '\n'
		part W25Q64.V 0x4017 8192 2700 3600
		part SHORT 0x4018 8192 2700 3600
		part LOW 0x4016 4096 1650 1950
		part NOBODY 0x9917 8192 2700 3600
	} > peer/flashchips/winbond.c
	run --separate-stderr compare --flashrom peer
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 3 ]
	says "SHORT" "8192 KiB there, 16384 KiB here" "LOW" "1650-1950 mV there, 3.3 V here" "NOBODY" "no row"
	says_not "W25Q64.V	"
}
