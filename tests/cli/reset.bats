#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A chip beyond 16 MiB whose supply sags in mid-job comes up with three address bytes. Whenever that is,
# nothing outside the job's blocks changes, and what is left to do can be done.

load common

@test "a 32 MiB chip that resets itself in mid-job" {
	sim="sim:chip=W25Q256FV,file=$chip"
	text before 3 33554432
	text piece 4 131072
	cp before wanted
	dd if=piece of=wanted bs=64K seek=$((0x123)) conv=notrunc status=none
	local clock ended
	for clock in 700000 2200000 2800000 3300000 3900000 4100000 4300000 4600000 4900000 5100000 5300000 5600000 6000000; do
		rm -rf state
		cp before "$chip"
		run "$norprog" -p "$sim,fault=reset=$clock" restore piece --only 0x1230000+128K --yes
		printf 'reset at clock %s: exit %s\n%s\n' $clock "$status" "$output"
		same_bytes before "$chip" 0 0x1230000
		same_bytes before "$chip" 0x1250000 $((0x2000000 - 0x1250000))
		ended="$ended$status"
		if [ "$status" != 0 ]; then
			[ "$status" = 4 ] || [ "$status" = 6 ]
			says "norprog resume"
			exits 0 on_chip resume --yes
		fi
		cmp wanted "$chip"
	done
	[[ $ended == *[46]* ]] # else the resets came where nobody could notice
}
