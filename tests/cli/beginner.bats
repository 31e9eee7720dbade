#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# covers: habits.c paste.c
# shellcheck disable=SC2016 # backticks are what is said
# What a beginner types works, or is answered with the command line that does.

load common

# answered HINT COMMAND...: a usage error with exactly this hint.
answered() {
	local hint=$1
	shift
	exits 2 "$@"
	[ "${lines[-1]}" = "hint: $hint" ] || {
		printf 'wanted: hint: %s\nsaid: %s\n' "$hint" "${lines[-1]}" >&2
		return 1
	}
}

@test "flashrom's command lines are answered with norprog's" {
	answered "here it is: norprog read back.bin -p ch341a_spi" "$norprog" -p ch341a_spi -r back.bin
	answered "here it is: norprog read back.bin -p ch341a_spi" "$norprog" --programmer=ch341a_spi --read=back.bin
	answered "here it is: norprog write 'a b.bin' -p ch341a_spi" "$norprog" -p ch341a_spi -w "a b.bin"
	answered "here it is: norprog verify f.bin -p ch341a_spi" "$norprog" -p ch341a_spi -v f.bin
	answered "here it is: norprog erase -p ch341a_spi" "$norprog" -p ch341a_spi -E
	answered "here it is: norprog detect -p ch341a_spi" "$norprog" -p ch341a_spi
	answered "here it is: norprog chips" "$norprog" -L
	answered "here it is: norprog write f -p ch341a_spi -c W25Q64.V -l map --only bios" \
		"$norprog" -p ch341a_spi -c W25Q64.V -l map -i bios -w f
	answered "here it is: norprog read backup.bin -p ch341a_spi && norprog write f -p ch341a_spi -l backup.bin --only bios" \
		"$norprog" -p ch341a_spi --ifd -i bios -w f
	answered "here it is: norprog read FILE" "$norprog" -r
	answered "here it is: norprog write FILE -p ch341a" "$norprog" -w -p ch341a
	answered "here it is: norprog read bios.bin -p ch341a -l map --only bios" "$norprog" -p ch341a -l map -r -i bios:bios.bin
	answered "here it is: norprog protect status -p ch341a" "$norprog" -p ch341a --wp-status
	answered "here it is: norprog protect off" "$norprog" --wp-disable
	answered "here it is: norprog protect on -p ch341a 0+0x10000" "$norprog" -p ch341a --wp-range 0,0x10000
	answered "norprog drives a clip or a socket: this computer's own BIOS flash is for flashrom" "$norprog" -p internal detect
	answered 'did you mean `norprog backups verify`? The verbs are list, show, verify, prune, export' "$norprog" backups verfy
}

@test "the answer to a flashrom command line works when it is pasted" {
	text "$chip" 1 8388608
	exits 2 "$norprog" -p "$sim" -r "my dump.bin"
	answer=${lines[-1]#hint: here it is: }
	eval "\"$norprog\" ${answer#norprog }"
	cmp "$chip" "my dump.bin"
}

@test "mistyped commands and options" {
	answered 'did you mean `norprog read`?' "$norprog" raed x
	answered 'did you mean `norprog detect`?' "$norprog" detct
	answered 'did you mean --layout?' "$norprog" read x --layuot a
	answered 'did you mean --passes?' "$norprog" read x --pases=3
	answered 'norprog --help' "$norprog" frobnicate
	answered 'norprog read --help' "$norprog" read x --colour
}

@test "help, help COMMAND, version" {
	exits 0 "$norprog" help
	says "Usage: norprog [options] COMMAND" "--programmer"
	[ "$(wc -L <<< "$output")" -le 80 ]
	exits 0 "$norprog" help read
	says "Usage: norprog read"
	exits 0 "$norprog" Help READ
	says "Usage: norprog read"
	exits 0 "$norprog" version
	[[ $output =~ ^norprog\ [0-9] ]]
	answered 'did you mean `norprog read`?' "$norprog" help raed
}

@test "programmers in any case, by flashrom's name, by device node" {
	text "$chip" 1 8388608
	"$norprog" -p "sim:chip=W25Q64FV,file=$chip" detect | grep -v ^programmer > upper
	"$norprog" -p "Sim:chip=w25q64fv,file=$chip" detect | grep -v ^programmer > lower
	cmp upper lower
	exits 0 "$norprog" -p "SIM:Chip=W25Q64FV" detect
	says "W25Q64FV"
	for name in ch341 CH341A ch341a_spi CH341A_SPI; do
		exits 3 "$norprog" -p $name detect
		says "no CH341A is attached"
	done
	exits 3 "$norprog" -p /dev/spidev77.0 detect
	says "there is no /dev/spidev77.0" "dtparam=spi=on" "overlays=spi-spidev"
	exits 3 "$norprog" -p /dev/ttyACM77 detect
	says "/dev/ttyACM77"
	exits 2 "$norprog" -p ch431a detect
	says "hint: did you mean -p ch341a? known programmers: "
}

@test "commands, regions, the unit's group in any case" {
	text "$chip" 1 8388608
	exits 0 "$norprog" -p "$sim" Read r.bin -l tplink-mr200-v1 --only Radio
	exits 0 "$norprog" -p "$sim" verify "$chip" -l TPLINK-MR200-V1 --keep Unit
}

@test "hints can be pasted: they carry -p, quoted" {
	chip="$work/my chip.bin" sim="sim:chip=W25Q64FV,file=$work/my chip.bin"
	text "$chip" 1 8388608
	cp "$chip" plain
	exits 2 "$norprog" -p "$sim" restore plain
	says "norprog write plain -p '$sim'"
	exits 2 "$norprog" -p sim:chip=W25Q64FV restore plain
	says "norprog write plain -p sim:chip=W25Q64FV"
	run --separate-stderr "$norprog" -p "$sim" restore plain --json
	[[ $(tail -n 1 <<< "$output" | jq -r .hint) == *"norprog write plain -p '$sim'"* ]]
}

@test "done: prints the command that takes it back, and that works" {
	text "$chip" 1 8388608
	cp "$chip" before
	{ head -c 4096 /dev/zero; tail -c +4097 before; } > new
	exits 0 on_chip write new --keep nothing --yes
	says "done: erased"
	undo=$(grep '^undo: ' <<< "$output")
	cmp new "$chip"
	eval "\"$norprog\" ${undo#undo: norprog } --yes"
	cmp before "$chip"
}

@test "a pipe that is shut is no news" {
	run bash -c "\"$norprog\" chips 2> said | head -n 1 > /dev/null; true"
	[ ! -s said ]
}

@test "this computer's own flash is read when asked, and never written" {
	own=$sim,host=1
	text "$chip" 1 8388608
	exits 0 "$norprog" -p "$own" read dump
	cmp dump "$chip"
	blank new 8388608
	refused 7 "this computer's own flash" "norprog list" -- "$norprog" -p "$own" write new --yes
	refused 7 "this computer's own flash" -- "$norprog" -p "$own" erase --yes
	refused 7 "this computer's own flash" -- "$norprog" -p "$own" protect on 0+64K --yes
	refused 7 "this computer's own flash" -- "$norprog" -p "$own" otp erase --area 1 --permanent --yes
}

# Whatever is refused, for whatever reason: the words are followed by something to do.
@test "no refusal without a hint" {
	text "$chip" 3 8388608
	text half 4 4194304
	local bad=0
	: > empty
	mkdir folder
	echo '{"format": 1' > half.json
	while read -r words; do
		# shellcheck disable=SC2086 # words are words
		run "$norprog" -p "$sim" $words < /dev/null
		[ "$status" != 0 ] || { echo "is allowed: $words" >&2; bad=1; }
		grep -q '^hint: .' <<< "$output" || { printf 'no hint: %s\n%s\n' "$words" "$output" >&2; bad=1; }
	done <<- WORDS
		write nofile.bin
		write empty
		write folder
		write half
		write half --at 0x700000
		write half --at nowhere
		write half --only nonesuch
		write half --layout nonesuch
		write half --base nofile
		write half --base half
		write half --set mac=1
		write half --at 0 --only 0+4K
		write half --at 0 --keep nothing
		write half --at 0 --keep 0x7ff000+0x2000 --yes
		write half --at 3x --yes
		write half --at 0 --backup folder/missing/x.bin --yes
		write half --at 0 --override nonesuch --yes
		restore nofile.bin
		restore half
		restore half --only 0+4K
		verify nofile.bin
		verify half
		verify half --at 0x100
		read half
		read missing/folder/x
		read x --only nonesuch
		read x --range 8M+1
		read x --range 5+
		read x --passes 9
		read x --speed 0
		read x --chip NONESUCH
		read x --chip MX25L6405D
		read x --trace missing/folder/t
		read x --log missing/folder/t
		read
		erase --only 0+4K
		erase --only 1+1
		protect on 1+1
		protect sideways
		resume
		resume --undo --discard
		image identify nofile
		image show empty
		image diff half nofile
		image extract half nonesuch -o y
		image pad half 3
		image nonesuch half
		unit show nofile
		otp read 99
		otp nonesuch
		backups show nonesuch
		backups verify nonesuch
		chips nonesuch-part-of-nobody
		layouts nonesuch-device-of-nobody
		device learn nofile
		clone nofile
		nonesuch
		detect --nonesuch
		serve
		-w
	WORDS
	[ "$bad" = 0 ]
}
