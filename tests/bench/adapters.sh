#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# norprog and flashrom, side by side on the same emulated wire: what each job costs in device time.
# adapters.sh BUILD [ADAPTER...]   (BENCH_JOBS="read blank" picks jobs, BENCH_FLASHROM=no leaves it out,
#                                  FLASHROM=path is another flashrom,
#                                  BENCH_KEEP=yes keeps the figures flashrom had in BUILD/bench)
# Prints a Markdown table per adapter and leaves it, with every report, in BUILD/bench.
set -eu
build=$(cd "$1" && pwd)
shift
emu=$build/tests/emu-run norprog=$build/norprog out=$build/bench
[ -x "$emu" ] || { echo "skipped: umockdev-1.0 is missing (Debian: umockdev libumockdev-dev)"; exit 0; }
[ $# -gt 0 ] || set -- ch341a ft232h spidev ch347
jobs=${BENCH_JOBS:-detect read blank base over over1 block region passes1 page real}
flashrom=${FLASHROM:-flashrom}
have_flashrom=$(command -v "$flashrom" || true)
[ "${BENCH_FLASHROM:-yes}" = yes ] || have_flashrom=
[ -n "$have_flashrom" ] || echo "note: norprog alone, flashrom is missing or not wanted"

size=$((8 << 20)) pages=32768
page_us=700 erase_us=150000
place=$(mktemp -d "${BENCH_TMP:-/dev/shm}/norprog-bench.XXXXXX") # syncing to memory costs nothing
trap 'rm -rf "$place"' EXIT
mkdir -p "$out"
cd "$place"
export XDG_STATE_HOME=$place/state

random() { # FILE SEED
	openssl enc -aes-128-ctr -nosalt -pass "pass:$2" -in /dev/zero 2> /dev/null | head -c $size > "$1"
}
random first 1
random second 2
cp first differs
dd if=second of=differs bs=64K skip=57 seek=57 count=1 conv=notrunc status=none
echo "0x390000:0x39ffff region" > layout

clock_of() { case $1 in ch341a) echo 1500000 ;; ft232h) echo 30000000 ;; spidev) echo 20000000 ;; ch347) echo 60000000 ;; esac; }
norprog_spec() { case $1 in ft232h) echo ft232h:hz=30M ;; ch347) echo ch347:hz=60M ;; spidev) echo spidev:dev=/dev/spidev0.0,hz=20M ;; *) echo "$1" ;; esac; }
flashrom_spec() {
	case $1 in
	ch341a) echo ch341a_spi ;;
	ft232h) echo ft2232_spi:type=232H,divisor=2 ;;
	spidev) echo linux_spi:dev=/dev/spidev0.0,spispeed=20000 ;;
	ch347) echo ch347_spi:spispeed=30M ;; # it reads with 03h, which the chip takes up to 50 MHz
	esac
}

# one PROGRAM ADAPTER JOB EMU-OPTIONS -- WORDS: its report goes to $out/ADAPTER-JOB-PROGRAM.json
one() {
	local program=$1 adapter=$2 job=$3 options=() report
	shift 3
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	report=$out/$adapter-$job-$program.json
	rm -rf state dump dump.json after "$report"
	if [ "$program" = norprog ]; then
		set -- "$norprog" -p "$(norprog_spec "$adapter")" "$@"
	else
		set -- "$flashrom" -p "$(flashrom_spec "$adapter")" -c "W25Q64BV/W25Q64CV/W25Q64FV" "$@"
	fi
	if ! "$emu" --device "$adapter" --save after --report "$report" "${options[@]}" -- "$@" \
		> log 2>&1 < /dev/null; then
		echo "$program failed at $job on $adapter:" >&2
		tail -n 5 log >&2
		return 1
	fi
}

same() { cmp -s "$1" "$2" || { echo "$1 is not what it should be" >&2; exit 1; }; }
of() { jq -r "$2" "$out/$adapter-$job-$1.json"; }
calc() { awk "BEGIN { printf \"$1\", $2 }"; }

# floor BYTES-READ PAGES ERASES: clocks and chip time alone, seconds
floor() { calc %.9f "($1 + 261 * $2) * 8 / $hz + ($2 * $page_us + $3 * $erase_us) / 1e6"; }

figures() { # PROGRAM -> time, pauses, transfers, waits, clocks, bytes
	of "$1" '[.device_us / 1e6, .host_pause_us / 1e6, .transfers, .host_waits,
		.spi_clocks / 1e6, (.bytes_out + .bytes_in) / 1e6] | map(. * 1000 | round / 1000) | @tsv'
}

row() { # TITLE FLOOR
	local n f nt ft
	printf '%s\t%s\n' "$2" "$1" > "$out/$adapter-$job.floor" # for summary.sh
	n=$(figures norprog)
	nt=${n%%$'\t'*}
	f=
	ft=
	if [ -e "$out/$adapter-$job-flashrom.json" ] && [ -n "$have_flashrom" ]; then
		f=$(figures flashrom)
		ft=${f%%$'\t'*}
	fi
	printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$1" "$(calc %.3f "$2")" \
		"$(calc %.2f "$nt / $2")" "$(join "$n")" "${f:+$(join "$f")}" \
		"${ft:+$(calc %.2f "$ft / $2")}" "${ft:+$(calc %.2f "$nt / $ft")}"
}
join() { tr '\t' ' ' <<< "$1" | awk '{ printf "**%.3f** (%.3f) / %d / %d / %.1f / %.2f", $1, $2, $3, $4, $5, $6 }'; }

# flash ADAPTER JOB ...: flashrom's turn; with BENCH_KEEP=yes an earlier report of it is kept.
flash() {
	[ -n "$have_flashrom" ] || return 0
	[ "${BENCH_KEEP:-no}" = no ] || ! jq -e ".exit == 0" "$out/$1-$2-flashrom.json" > /dev/null 2>&1 || return 0
	one flashrom "$@"
}

do_job() {
	case $job in
	detect)
		local times=()
		for _ in 1 2 3 4 5 6 7 8 9; do
			one norprog "$adapter" detect -- detect
			times+=("$(of norprog .device_us)")
		done
		flash "$adapter" detect --
		printf '| detect, median of 9: %s ms (flashrom, which looks for one ID once: %s ms) |\n' \
			"$(printf '%s\n' "${times[@]}" | sort -n | sed -n 5p | awk '{ print $1 / 1000 }')" \
			"$([ -z "$have_flashrom" ] || of flashrom '.device_us / 1000')" >> notes
		;;
	read)
		one norprog "$adapter" read --image first -- read dump --passes 1
		same dump first
		flash "$adapter" read --image first -- -r dump
		row "read, one pass" "$(floor $size 0 0)"
		;;
	blank)
		one norprog "$adapter" blank -- write first --yes
		same after first
		flash "$adapter" blank -- -w first
		row "random on a blank chip" "$(floor $((2 * size)) $pages 0)"
		;;
	base)
		one norprog "$adapter" base -- write first --yes --base blank
		same after first
		[ -z "$have_flashrom" ] || cp "$out/$adapter-blank-flashrom.json" "$out/$adapter-base-flashrom.json" || true
		row "the same with \`--base blank\`" "$(floor $size $pages 0)"
		;;
	over)
		one norprog "$adapter" over --image first -- write second --keep nothing --yes
		same after second
		flash "$adapter" over --image first -- -w second
		row "random over random, every block read twice first" "$(floor $((3 * size)) $pages 128)"
		;;
	over1)
		one norprog "$adapter" over1 --image first -- write second --keep nothing --yes --passes 1
		same after second
		[ -z "$have_flashrom" ] || cp "$out/$adapter-over-flashrom.json" "$out/$adapter-over1-flashrom.json" || true
		row "the same with \`--passes 1\`" "$(floor $((2 * size)) $pages 128)"
		;;
	block)
		one norprog "$adapter" block --image first -- write differs --keep nothing --yes
		same after differs
		flash "$adapter" block --image first -- -w differs
		row "whole image, one 64 KiB block differs" "$(floor $((size + 65536)) 256 1)"
		;;
	region)
		one norprog "$adapter" region --image first -- restore differs --only 0x390000+64K --yes
		same after differs
		flash "$adapter" region --image first -- -l layout -i region -N -w differs
		row "\`restore --only\` 64 KiB, read twice and saved" "$(floor $((3 * 65536)) 256 1)"
		;;
	passes1)
		one norprog "$adapter" passes1 --image first -- restore differs --only 0x390000+64K --yes --passes 1
		same after differs
		[ -z "$have_flashrom" ] || cp "$out/$adapter-region-flashrom.json" "$out/$adapter-passes1-flashrom.json" || true
		row "the same with \`--passes 1\`" "$(floor $((2 * 65536)) 256 1)"
		;;
	page)
		local before
		one norprog "$adapter" page -- write first --dry-run --base blank
		before=$(of norprog .device_us) # identifying, and what the guard reads
		one norprog "$adapter" page -- write first --yes --base blank --no-verify
		same after first
		printf '| programming one page, waiting included: %s ms (floor %s ms) |\n' \
			"$(calc %.3f "($(of norprog .device_us) - $before) / 1000 / $pages")" \
			"$(calc %.3f "(261 * 8 / $hz + $page_us / 1e6) * 1e3")" >> notes
		;;
	real) real_time ;;
	esac
}

# A small job against the wall clock: what sleeps and the host's own work add.
real_time() {
	local program
	one norprog "$adapter" real-detect --time real -- detect
	job=real-detect
	printf '| real time: detect answers %s ms after the process began |\n' \
		"$(of norprog '.wall_us / 1000 | round')" >> notes
	job=real-region
	one norprog "$adapter" real-region --time real --image first -- \
		restore differs --only 0x390000+64K --yes
	same after differs
	flash "$adapter" real-region --time real --image first -- -l layout -i region -N -w differs
	job=real-read
	one norprog "$adapter" real-read --time real --image first -- read dump --passes 1 --range 0+512K
	printf '0x000000:0x07ffff region\n' > half
	flash "$adapter" real-read --time real --image first -- -l half -i region -r dump
	for job in real-region real-read; do
		for program in norprog ${have_flashrom:+flashrom}; do
			printf '| real time, %s, %s: %s s, CPU %s ms, memory %s MiB |\n' "${job#real-}" "$program" \
				"$(of "$program" '.wall_us / 1e6 * 1000 | round / 1000')" \
				"$(of "$program" '.cpu_us / 1000 | round')" \
				"$(of "$program" '.max_rss_kib / 1024 | round')" >> notes
		done
	done
}

wanted_flashrom=$have_flashrom
for adapter in "$@"; do
	hz=$(clock_of "$adapter")
	have_flashrom=$wanted_flashrom
	# Distributions have flashrom 1.3; the CH347 came with 1.4 (FLASHROM=path of one).
	if [ "$adapter" = ch347 ] && ! "$flashrom" -p help 2>&1 | grep -q ch347_spi; then have_flashrom=; fi
	: > notes
	{
		echo "### $adapter, $(calc %g "$hz / 1e6") MHz"
		echo
		echo "Each figure: **device time in s** (of which pauses of the program) / transfers / host waits /"
		echo "SPI clocks in millions / bytes on the bus in MB."
		echo
		echo "| job | floor, s | norprog : floor | norprog | flashrom | flashrom : floor | norprog : flashrom |"
		echo "|---|---|---|---|---|---|---|"
		for job in $jobs; do
			do_job
		done
		echo
		sed 's/^| /- /; s/ |$//' notes
		echo
	} | tee "$out/$adapter.md"
done
