# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # bats sets output, status and lines; tests use the rest
# What the tests on emulated adapters share.

# shellcheck source=tests/support/words.bash
source "${BASH_SOURCE[0]%/*}/../support/words.bash"

setup() {
	bats_require_minimum_version 1.5.0
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	build=$(cd "$root" && cd "${BUILD:-build}" && pwd)
	emu=$build/tests/emu-run
	norprog=$build/norprog
	[ -x "$emu" ] || skip "umockdev-1.0 is missing: no emu-run"
	work=$BATS_TEST_TMPDIR
	export XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/etc
	unset NORPROG_PROGRAMMER
	# Some sanitizers insist on being first in LD_PRELOAD; the test bed is.
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
	cd "$work" || return 1
}

needs() {
	command -v "$1" > /dev/null || skip "$1 is missing"
}

# random FILE SEED SIZE: bytes that depend on the seed alone.
random() {
	openssl enc -aes-128-ctr -nosalt -pass "pass:$2" -in /dev/zero 2> /dev/null | head -c "$3" > "$1"
}

# splice FILE AT FROM: FROM's bytes replace those of FILE at AT.
splice() {
	dd if="$3" of="$1" bs=4096 seek="$(($2))" oflag=seek_bytes conv=notrunc status=none
}

# figure NAME: of the last report.
figure() {
	jq -r "$1" report.json
}

# spec_of ADAPTER: as norprog names it
spec_of() {
	case $1 in
	ft232h) echo ft232h:hz=30M ;;
	ch347) echo ch347:hz=60M ;;
	spidev) echo spidev:dev=/dev/spidev0.0,hz=20M ;;
	*) echo "$1" ;;
	esac
}

# split WORDS... -- MORE...: the arrays `options` and `words`, what is before and behind the --
split() {
	options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	words=("${@:2}")
}

# behind ADAPTER [emu-run's options] -- WORDS...: the array `program` with these words
behind() {
	local options words
	split "${@:2}"
	"$emu" --device "$1" --report report.json "${options[@]}" -- "${program[@]}" "${words[@]}"
}

# on ADAPTER [emu-run's options] -- norprog's words
on() {
	program=("$norprog" -p "$(spec_of "$1")")
	behind "$@"
}

# No command reached the chip that it had to ignore, and none that it or the adapter does not know.
nothing_ignored() {
	[ "$(figure '.chip | .ignored_busy + .ignored_latch + .ignored_protected + .unknown + .lost_bits + .page_wraps')" = 0 ]
}
