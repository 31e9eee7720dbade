#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# In the guest: what only a real kernel does to norprog. /root/first and /root/second are images of a W25Q16.
# Each check prints "ok" or "not ok" and its name, and what was said where it is not.
export HOME=/tmp XDG_STATE_HOME=/tmp/state
failed=0

ends() { # EXIT NAME [WORDS that the output has]...: of the command before, whose output is in `log` and status in $status
	local want="$1" name="$2" word good=yes
	shift 2
	[ "$status" = "$want" ] || good=no
	for word; do grep -qF -- "$word" log || good=no; done
	if [ $good = yes ]; then echo "ok $name"; return; fi
	failed=1
	echo "not ok $name: exit $status, expected $want with: $*"
	sed 's/^/  | /' log
}
run() { status=0; "$@" > log 2>&1 < /dev/null || status=$?; }
same() { # NAME A B
	if cmp -s "$2" "$3"; then echo "ok $1"; else echo "not ok $1: $2 is not $3"; failed=1; fi
}
plugged() { run emu-vhci --chip W25Q16 "$@"; }

# Somebody else's program first: it shows what the adapters and their way through the kernel are worth.
plugged --device ch341a --image first -- flashrom -p ch341a_spi -c W25Q16.V -r got
ends 0 "flashrom reads a CH341A"
same "byte for byte" got first
plugged --device ft232h --image first -- flashrom -p ft2232_spi:type=232H,divisor=2 -c W25Q16.V -r got
ends 0 "flashrom reads an FT232H, which ftdi_sio had"
same "byte for byte" got first

for device in ch341a ft232h ch347; do
	plugged --device $device --image first -- norprog -p $device read --force got
	ends 0 "$device: read twice" "2 passes"
	same "byte for byte" got first
	cp first want
	dd if=second of=want bs=64k skip=9 seek=9 count=1 conv=notrunc 2> /dev/null
	plugged --device $device --image first --save after -- norprog -p $device write second --only 0x90000+64K --keep nothing --yes
	ends 0 "$device: write 64 KiB"
	same "and nothing else" after want
	rm -rf /tmp/state
done

# The plug is pulled out.
for device in ch341a ft232h ch347; do
	rm -f got got.json
	plugged --device $device --image first --unplug read=300000 -- norprog -p $device read --passes 1 got
	ends 5 "$device: unplugged at a read" "was unplugged"
	[ ! -e got ] || { echo "not ok a file is left of it"; failed=1; }
	plugged --device $device --image first --save after --unplug pages=100 -- \
		norprog -p $device write second --only 0x80000+128K --keep nothing --yes
	ends 5 "$device: unplugged at a page" "norprog resume"
	plugged --device $device --image after --save after2 -- norprog -p $device resume --yes
	ends 0 "$device: resume"
	cp first want
	dd if=second of=want bs=64k skip=8 seek=8 count=2 conv=notrunc 2> /dev/null
	same "as if nothing had been" after2 want
	rm -rf /tmp/state
done

# The kernel takes it away without the plug: the node stays.
cat > revoke.sh << 'END'
(sleep 1; echo 0 > /sys/bus/usb/devices/1-1/authorized) &
norprog -p "$1" read --passes 1 got
END
rm -f got got.json
plugged --device ch341a --image first -- sh revoke.sh ch341a
ends 5 "the device is no longer authorized"

# The program is stopped for a while, as by a laptop's lid.
cat > stop.sh << 'END'
norprog -p "$1" read --force --passes 1 got &
sleep 1; kill -STOP $!; sleep 4; kill -CONT $!; wait $!
END
for device in ch341a ft232h ch347; do
	plugged --device $device --image first -- sh stop.sh $device
	ends 0 "$device: stopped for 4 s"
	same "byte for byte" got first
done

# Without the right to open it.
plugged --device ch341a -- su user -c "norprog -p ch341a detect"
ends 3 "no permission" "no permission to open /dev/bus/usb/001/" "udev"
plugged --device ft232h -- su user -c "norprog -p ft232h detect"
ends 3 "no permission, FT232H" "no permission to open /dev/bus/usb/001/" "udev"
plugged --device ch341a,ft232h -- su user -c "norprog list"
ends 0 "list for such a user" "ch341a" "udev"

# The kernel has a driver for it.
cat > drivers.sh << 'END'
basename "$(readlink /sys/bus/usb/devices/1-1:1.0/driver)"
norprog -p "$1" detect
status=$?
basename "$(readlink /sys/bus/usb/devices/1-1:1.0/driver)"
exit $status
END
plugged --device ft232h -- sh drivers.sh ft232h
[ "$(head -n 1 log)" = ftdi_sio ] && [ "$(tail -n 1 log)" = ftdi_sio ] || status=99
ends 0 "FT232H: ftdi_sio gives it and has it back" "W25Q16"
plugged --device ch341a --id 1a86:5523 -- sh drivers.sh ch341a
ends 3 "a CH341A in serial mode, which ch341 has" "ch341" "serial mode"

# Two programs want it.
cat > both.sh << 'END'
norprog -p "$1" read --force --passes 1 got > /dev/null 2>&1 &
sleep 0.5
norprog -p "$1" detect
status=$?
wait $!
exit $((status * 10 + $?))
END
for device in ch341a ft232h ch347; do
	plugged --device $device --image first -- sh both.sh $device
	ends 30 "$device: the second is told who has it" "is in use by norprog (pid"
	same "and the first is not disturbed" got first
done

# Two at once.
cp first in1; cp second in2
plugged --device ch341a,ft232h --image in% -- norprog read out -p ch341a -p ft232h:bus=1-2 --passes 1 --label 1-1=a --label 1-2=b
ends 0 "a CH341A and an FT232H together"
same "the one" out/a.bin in1
same "the other" out/b.bin in2
plugged --device ch341a,ft232h --image in% --victim 1 --unplug read=300000 -- \
	norprog read out2 -p ch341a -p ft232h:bus=1-2 --passes 1 --label 1-1=a --label 1-2=b
ends 5 "one of them is pulled out"
same "the other goes on" out2/b.bin in2
exit $failed
