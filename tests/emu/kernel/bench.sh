#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# In the guest: what norprog costs in processor time over a real kernel's usbfs, and flashrom beside it. A Markdown
# table; the share is that of one core which carries out 1000 million instructions a second. /root/first: 8 MiB.
export HOME=/tmp XDG_STATE_HOME=/tmp/state
cp first second
dd if=first of=second bs=64k skip=3 seek=57 count=1 conv=notrunc 2> /dev/null
echo "00000000:000fffff one" > layout
echo "00390000:0039ffff one" > region
part=W25Q64BV/W25Q64CV/W25Q64FV
echo "| adapter | job | program | wall, s | processor, s | share | USB messages |"
echo "|---|---|---|---|---|---|---|"

figure() { sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" report.json; }
one() { # DEVICE JOB PROGRAM ARGS...
	local device="$1" job="$2" program="$3"
	shift 2
	rm -rf /tmp/state got got.json
	if ! emu-vhci --device "$device" --image first --save after --report report.json -- "$@" > log 2>&1 < /dev/null; then
		echo "$program failed at $job on $device:"
		cat log
		exit 1
	fi
	awk -v wall="$(figure wall_us)" -v cpu="$(figure cpu_us)" -v row="$device | $job | $program" -v n="$(figure ioctls)" \
		'BEGIN { printf "| %s | %.3f | %.3f | %.1f %% | %d |\n", row, wall / 1e6, cpu / 1e6, cpu * 100 / wall, n }'
}
same() { cmp -n "${3:-8388608}" "$1" "$2" > /dev/null || { echo "$1 is not $2"; exit 1; }; }

one ch341a version norprog --version
for device in ch341a ft232h ch347; do
	one $device detect norprog -p $device detect
done
one ch341a "read 1 MiB" norprog -p ch341a read --passes 1 --range 0+1M got
same got first 1048576
one ch341a "read 1 MiB" flashrom -p ch341a_spi -c $part -l layout -i one -r got
same got first 1048576
for device in ft232h ch347; do
	one $device "read 8 MiB" norprog -p $device read --passes 1 got
	same got first
done
one ft232h "read 8 MiB" flashrom -p ft2232_spi:type=232H,divisor=2 -c $part -r got
same got first
for device in ch341a ft232h ch347; do
	one $device "write 64 KiB" norprog -p $device write second --only 0x390000+64K --keep nothing --yes
	same after second
done
one ch341a "write 64 KiB" flashrom -p ch341a_spi -c $part -l region -i one -N -w second
same after second
one ft232h "write 64 KiB" flashrom -p ft2232_spi:type=232H,divisor=2 -c $part -l region -i one -N -w second
same after second
