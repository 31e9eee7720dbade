#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The eighteen pains of beginners, as public threads tell them, each with the exact hint that norprog gives. A hint
# that changes is read again here, with a beginner's eyes.

load common

setup_file() {
	openssl enc -aes-128-ctr -nosalt -pass pass:3 -in /dev/zero 2> /dev/null | head -c 8388608 > "$BATS_FILE_TMPDIR/image"
}

# adapter NAME [emu-run's options] -- norprog's words
adapter() {
	local options words
	split "${@:2}"
	run "$emu" --device "$1" --image "$BATS_FILE_TMPDIR/image" "${options[@]}" -- "$norprog" "${words[@]}" < /dev/null
}

# on_sim FAULTS norprog's words: a chip that holds the image.
on_sim() {
	local fault=$1
	shift
	[ -e chip.bin ] || cp "$BATS_FILE_TMPDIR/image" chip.bin
	run "$norprog" -p "sim:chip=W25Q64FV,file=chip.bin${fault:+,fault=$fault}" "$@" < /dev/null
}

# hint CODE TEXT: it ended so, and this is the hint, to the letter.
hint() {
	if [ "$status" != "$1" ] || ! grep -qxF -- "hint: $2" <<< "$output"; then
		printf 'exit %s, wanted %s and the hint: %s\nbut: %s\n' "$status" "$1" "$2" "$output" >&2
		return 1
	fi
}

@test "pain 1: nothing is attached, or nothing that is seen" {
	run "$norprog" detect
	hint 3 "plug one in and see \`norprog list\`; or rehearse with -p sim:chip=W25Q64FV,file=chip.bin"
}

@test "pain 2: no permission to open the adapter" {
	adapter ch341a --deny -- detect
	hint 3 "install norprog's udev rules once (\`sudo make install\`, or copy udev/60-norprog.rules to /etc/udev/rules.d/), then \`sudo udevadm control --reload && sudo udevadm trigger\` and replug it; the group is plugdev (\`sudo groupadd -f plugdev && sudo usermod -aG plugdev \$USER\`, then log in again); at once: sudo setfacl -m u:\$USER:rw /dev/bus/usb/001/002"
}

@test "pain 3: another program, a serial console say, holds the adapter" {
	adapter ch341a --claimed -- detect
	hint 3 "find it with: sudo fuser -v /dev/bus/usb/001/002"
}

@test "pain 4: the CH341A's jumper is in serial mode" {
	adapter ch341a --id 1a86:5523 -- detect
	hint 3 "if it is a CH341A programmer, its jumper is in serial mode: move it to SPI mode and replug; if it is a CH340 serial adapter, it is no programmer"
}

@test "pain 5: the black CH341A drives the chip with 5 V" {
	adapter ch341a -- -p ch341a read dump --range 0+4K
	[ "$status" = 0 ]
	grep -q "^warning: ch341a at 1-1: gives 3.3 V; the black board drives its signals with about 5 V: change it before use" <<< "$output"
}

@test "pain 6: the clip is not seated: all FF" {
	adapter ch341a --wire open -- -p ch341a read dump
	hint 4 "the chip has no power, or MISO (pin 2) or CS (pin 1) does not reach it; is pin 1 of the clip at the dot, HOLD# (pin 7) high, 3.3 V at pin 8?"
	[ ! -e dump ]
}

@test "pain 7: all 00: the board's SoC or a short holds MISO" {
	adapter ch341a --wire open-low -- -p ch341a read dump
	hint 4 "MISO (pin 2) is shorted to ground or held low by the board's SoC, or the chip has no power: hold the SoC in reset or power the board otherwise"
	[ ! -e dump ]
}

@test "pain 8: the clip is on the wrong way round, or MISO and MOSI are exchanged" {
	adapter ch341a --wire swapped -- -p ch341a detect
	hint 4 "the chip has no power, or MISO (pin 2) or CS (pin 1) does not reach it; is pin 1 of the clip at the dot, HOLD# (pin 7) high, 3.3 V at pin 8?"
}

@test "pain 9: the contact comes and goes" {
	adapter ch341a --wire contact -- -p ch341a detect
	hint 4 "bad contact: clean the pins, reseat the clip, shorten the wires"
}

@test "pain 10: two reads of one chip differ" {
	on_sim flip=2000+seed=7 read dump
	hint 4 "bad contact: clean the pins, reseat the clip, shorten the wires"
	[ ! -e dump ]
}

@test "pain 11: the board's SoC runs and uses the bus" {
	adapter ch341a --wire master -- -p ch341a doctor
	[ "$status" = 4 ]
	grep -qxF "next: hold the board's SoC in reset (its reset pin to ground), then again" <<< "$output"
}

@test "pain 12: the board draws the adapter's supply down" {
	adapter ch341a --wire power -- -p ch341a doctor
	[ "$status" = 4 ]
	grep -qxF "next: the board draws too much: power it by its own plug and leave pin 8 of the clip open, or lift pin 8" <<< "$output"
}

@test "pain 13: there is no spidev node on a Raspberry Pi" {
	run "$norprog" -p /dev/spidev0.0 detect
	hint 3 "\`norprog list\` shows the nodes; to enable one: Raspberry Pi dtparam=spi=on in config.txt, Armbian overlays=spi-spidev in /boot/armbianEnv.txt, BeagleBone BB-SPIDEV0-00A0.dtbo in /boot/uEnv.txt; a flash driver may also hold the chip (unbind spi-nor)"
}

@test "pain 14: the only node of a Raspberry Pi 5 is its own boot EEPROM" {
	run "$emu" --device spidev --pi5 -- "$norprog" -p /dev/spidev10.0 erase --yes
	hint 7 "choose the programmer that the clip hangs on: \`norprog list\`"
}

@test "pain 15: two adapters are attached" {
	adapter ch341a --count 2 -- detect
	hint 3 "choose one with -p (read, write, restore, verify and erase also take \`-p all\`), or set NORPROG_PROGRAMMER"
	[[ $output == *"-p ch341a:bus=1-2"*"-p ch341a:bus=1-1"* ]]
}

@test "pain 16: a 1.8 V chip on a 3.3 V adapter" {
	run "$norprog" -p sim:chip=W25Q64FW erase --yes
	hint 7 "read the marking on the package; feed a 1.8 V part through a level adapter; then say that the supply is right with --voltage-ok"
}

@test "pain 17: a firmware file instead of a dump of the whole flash" {
	head -c 4194304 "$BATS_FILE_TMPDIR/image" > firmware.bin
	on_sim "" write firmware.bin --yes
	hint 7 "say where it belongs: --at ADDR (or --at REGION with --layout)"
	cmp chip.bin "$BATS_FILE_TMPDIR/image"
}

@test "pain 18: WP# is low and the write protection does not lift" {
	head -c 8388608 /dev/zero | tr '\000' w > new
	on_sim wp+sr1=0x9c write new --keep nothing --yes
	hint 7 "tie WP# (pin 3) to 3.3 V and try again"
	cmp chip.bin "$BATS_FILE_TMPDIR/image"
}
