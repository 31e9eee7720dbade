#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The emulators proven by a program that nobody here wrote: Debian's flashrom, unmodified.

load common

part=W25Q16 size=2097152

# spec ADAPTER: as flashrom names it
spec() {
	case $1 in
	ch341a) echo ch341a_spi ;;
	ft232h) echo ft2232_spi:type=232H,divisor=2 ;;
	spidev) echo linux_spi:dev=/dev/spidev0.0,spispeed=20000 ;;
	ch347) echo ch347_spi:spispeed=30M ;;
	esac
}

# flashrom_on ADAPTER emu-run's options -- flashrom's words
flashrom_on() {
	program=("${FLASHROM:-flashrom}" -p "$(spec "$1")")
	behind "$1" --chip "$part" "${@:2}"
}

identifies() {
	needs flashrom
	exits 0 flashrom_on "$1" --
	says 'Found Winbond flash chip "W25Q16.V" (2048 kB, SPI)'
	[ "$(figure .device)" = "$1" ]
	[ "$(figure '.spi_clocks > 0 and .chip.frames > 0')" = true ]
}

# reads ADAPTER FLOOR_US CEILING_US: device time of one pass over 2 MiB, the program's pauses left out
reads() {
	needs flashrom
	random image 1 $size
	exits 0 flashrom_on "$1" --image image --pauses ignore -- -c W25Q16.V -r dump
	cmp image dump
	nothing_ignored
	[ "$(figure '.unknown_adapter_commands // 0')" = 0 ]
	[ "$(figure .device_us)" -ge "$2" ]
	[ "$(figure .device_us)" -le "$3" ]
}

# One whole 64 KiB block and a page in another, random over random; the rest must stay.
writes() {
	needs flashrom
	random image 1 $size
	cp image wanted
	random piece 2 65536
	splice wanted 0x30000 piece
	splice wanted 0x101100 <(head -c 256 piece)
	printf '0x030000:0x03ffff block\n0x101000:0x1017ff page\n' > layout
	exits 0 flashrom_on "$1" --image image --save after -- -c W25Q16.V \
		-l layout -i block -i page -N -w wanted
	says VERIFIED
	cmp wanted after
	nothing_ignored
	[ "$(figure '.chip.pages_programmed >= 257 and (.chip.erases_4k + .chip.erases_64k) >= 2')" = true ]
}

@test "flashrom identifies the chip through the CH341A" { identifies ch341a; }
@test "flashrom identifies the chip through the FT232H" { identifies ft232h; }
# The CH347 came to flashrom with 1.4; FLASHROM names one where the distribution's is older. What such a
# one sent and was answered is replayed by test_models (tests/data/ch347-flashrom.txt).
knows_ch347() {
	"${FLASHROM:-flashrom}" -p help 2>&1 | grep -q ch347_spi || skip "this flashrom has no ch347_spi"
}
@test "flashrom identifies the chip through the CH347" { knows_ch347 && identifies ch347; }
@test "flashrom reads byte-exact through the CH347" { knows_ch347 && reads ch347 559240 760000; }
@test "flashrom erases, writes and verifies through the CH347" { knows_ch347 && writes ch347; }
@test "flashrom identifies the chip through spidev" { identifies spidev; }

# Floors: 2 MiB at 1.5, 30 and 20 MHz. Ceilings: what these wires are known to cost flashrom, plus 2 %.
@test "flashrom reads byte-exact through the CH341A" { reads ch341a 11184810 13600000; }
@test "flashrom reads byte-exact through the FT232H" { reads ft232h 559240 660000; }
@test "flashrom reads byte-exact through spidev" { reads spidev 838860 892000; }

@test "flashrom erases, writes and verifies through the CH341A" { writes ch341a; }
@test "flashrom erases, writes and verifies through the FT232H" { writes ft232h; }
@test "flashrom erases, writes and verifies through spidev" { writes spidev; }

@test "virtual time repeats to the last microsecond" {
	needs flashrom
	local adapter first
	for adapter in ft232h spidev; do
		flashrom_on $adapter --pauses ignore -- -c W25Q16.V -r dump
		first=$(figure '[.device_us, .spi_clocks, .transfers, .host_waits, .chip]')
		flashrom_on $adapter --pauses ignore -- -c W25Q16.V -r dump
		[ "$first" = "$(figure '[.device_us, .spi_clocks, .transfers, .host_waits, .chip]')" ]
	done
}

@test "in real time the wire is as slow as it says" {
	needs flashrom
	random image 1 $size
	exits 0 flashrom_on spidev --image image --time real -- -c W25Q16.V -r dump
	cmp image dump
	[ "$(figure .time)" = real ]
	[ "$(figure .device_us)" -ge 838860 ]
	exits 0 flashrom_on ft232h --image image --time real -- -c W25Q16.V -r dump
	cmp image dump
	[ "$(figure .device_us)" -ge 559240 ]
}

@test "an ordinary user may run it too" {
	needs flashrom
	[ "$(id -u)" = 0 ] || skip "this run is an ordinary user's already"
	needs runuser
	local adapter place
	place=$(mktemp -d)
	chmod 755 "$place"
	cp "$emu" "$place/emu-run"
	emu=$place/emu-run
	for adapter in ch341a ft232h spidev; do
		exits 0 runuser -u nobody -- "$emu" --device $adapter --chip "$part" -- \
			flashrom -p "$(spec $adapter)" -c W25Q16.V
		says "W25Q16.V"
	done
	rm -rf "$place"
}
