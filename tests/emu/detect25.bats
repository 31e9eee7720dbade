#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Widely used parts as tests/data/parts.txt describes them, on an emulated adapter: norprog and
# Debian's flashrom see the same chip and have to agree on its name and size.

load common

# covers NAME PART: flashrom's NAME stands for the part. It joins look-alikes with a slash (a lone
# letter repeats the first of them with another ending), has a dot for any letter, brackets around
# what may be missing, and leaves options at the end to the reader.
covers() {
	local piece pieces
	IFS=/ read -ra pieces <<< "$1"
	for piece in "${pieces[@]}"; do
		[ ${#piece} != 1 ] || piece=${pieces[0]%?}$piece
		piece=${piece%%[-_]*}
		[[ $piece != N25Q* ]] || piece=${piece%[EG]}
		piece=${piece//)/)?}
		[[ $2 =~ ^${piece}[A-Z]{0,2}$ ]] && return
	done
	return 1
}

# both_see ADAPTER FLASHROM'S-NAME-OF-IT PART...
both_see() {
	local adapter=$1 their=$2 part line name kib said agreed
	needs flashrom
	shift 2
	for part; do
		said=$(on "$adapter" --parts "$root/tests/data/parts.txt" --chip "$part" -- detect --json | tail -n 1)
		[[ /$(jq -r .name <<< "$said")/ == */$part/* ]]
		kib=$(($(jq .size <<< "$said") / 1024))
		agreed=
		while read -r line; do
			name=${line#*\"}
			name=${name%%\"*}
			covers "$name" "$part" || continue
			[[ $line == *"($kib kB, SPI)"* ]]
			agreed=yes
		done < <("$emu" --device "$adapter" --parts "$root/tests/data/parts.txt" --chip "$part" -- \
			flashrom -p "$their" 2>&1 | grep '^Found')
		[ "$agreed" ] || {
			echo "$part: $kib KiB, but flashrom does not say so" >&2
			return 1
		}
	done
}

spi=linux_spi:dev=/dev/spidev0.0,spispeed=20000

@test "Winbond: norprog and flashrom agree" {
	both_see spidev $spi W25X40 W25Q80DV W25Q16DV W25Q32FV W25Q64FV W25Q64JV W25Q128FV W25Q128JV \
		W25Q256FV W25Q256JV W25Q64FW
}

@test "Eon, Macronix: norprog and flashrom agree" {
	both_see spidev $spi EN25Q64 EN25QH64A EN25QH128A MX25L1606E MX25L6405D MX25L6406E MX25L6436E \
		MX25L12835F MX25L25635F MX25U6435F
}

@test "GigaDevice, Spansion, Micron: norprog and flashrom agree" {
	both_see spidev $spi GD25Q32C GD25Q64C GD25Q128C GD25Q256D GD25LQ128C S25FL064P \
		S25FL128Sxxxxxx0 S25FL128Sxxxxxx1 S25FL164K N25Q064A13 N25Q128A13 MT25QL512AB M25P80
}

@test "ISSI, XMC, SST, Atmel, PMC, Zetta: norprog and flashrom agree" {
	both_see spidev $spi IS25LP064 IS25LP128 XM25QH64C XM25QH128C SST25VF016B SST26VF032B \
		AT25DF321A AT25SF081 Pm25LQ016 ZD25D40
}

@test "through the CH341A they agree too" {
	both_see ch341a ch341a_spi W25Q64FV EN25QH128A GD25Q128C MX25L12835F
}

@test "a name that flashrom has for another part is not taken for agreement" {
	covers 'W25Q64BV/W25Q64CV/W25Q64FV' W25Q64FV
	covers 'MX25U6435E/F' MX25U6435F
	covers 'GD25Q64(B)' GD25Q64C
	covers 'N25Q064..3E' N25Q064A13
	run ! covers 'W25Q64BV/W25Q64CV/W25Q64FV' W25Q64JV
	run ! covers 'W25Q128.V' W25Q64FV
	run ! covers 'EN25QH64' EN25QH128A
}
