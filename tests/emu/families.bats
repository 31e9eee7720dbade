#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A part of each odd family, as tests/data/parts.txt describes it. That the model behaves like one is
# shown by a program that nobody here wrote (flashrom writes and verifies); then norprog does the same.

load common

# written PART SIZE FLASHROM'S-NAME: both write 20000 odd bytes in the middle and some at the end.
written() {
	local part=$1 size=$2 by
	needs flashrom
	for by in flashrom norprog; do
		head -c "$size" /dev/zero | tr '\0' '\377' > image
		random piece "$part $by" 20000
		splice image $((size / 2 / 4096 * 4096)) piece
		splice image $((size - 4096)) <(head -c 4000 piece)
		if [ $by = flashrom ]; then
			exits 0 "$emu" --device spidev --parts "$root/tests/data/parts.txt" \
				--chip "$part" --save after --report report.json -- \
				flashrom -p linux_spi:dev=/dev/spidev0.0,spispeed=20000 -c "$3" -w image
			says VERIFIED
		else
			exits 0 on spidev --parts "$root/tests/data/parts.txt" --chip "$part" \
				--image after --save after -- write image --keep nothing --yes --voltage-ok -q
		fi
		cmp image after
		[ "$(figure '.chip | .ignored_busy + .ignored_latch + .ignored_protected + .lost_bits')" = 0 ]
	done
}

@test "SST25: words by auto address increment, locked at power-up" { written SST25VF040B 524288 SST25VF040B; }
@test "SST26: every block locked until 98h" { written SST26VF032B 4194304 'SST26VF032B(A)'; }
@test "Atmel: sector locks" { written AT25DF041A 524288 AT25DF041A; }
@test "PMC: 4 KiB by D7h" { written Pm25LQ020 262144 Pm25LQ020; }
@test "Winbond W25X: one status register" { written W25X40 524288 W25X40; }
@test "ST M25P: 64 KiB erases only" { written M25P80 1048576 M25P80; }
@test "Micron N25Q: flag status, BP3 apart" { written N25Q064A13 8388608 N25Q064..3E; }
