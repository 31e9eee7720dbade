# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # bats sets output, status and lines
# What the command's tests share. Every test has a folder, a state directory and a chip file of its own.

# shellcheck source=tests/support/words.bash
source "${BASH_SOURCE[0]%/*}/../support/words.bash"
# shellcheck source=tests/support/images.bash
source "${BASH_SOURCE[0]%/*}/../support/images.bash"

setup() {
	bats_require_minimum_version 1.5.0
	build=${BUILD:-build}
	norprog=$(cd "$BATS_TEST_DIRNAME/../.." && cd "$build" && pwd)/norprog
	work=$BATS_TEST_TMPDIR
	export XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/etc
	unset NORPROG_PROGRAMMER
	chip=$work/chip.bin
	sim="sim:chip=W25Q64FV,file=$chip"
	cd "$work" || return 1
}

# on_chip COMMAND...: norprog on the simulated chip.
on_chip() {
	"$norprog" -p "$sim" "$@"
}

# text FILE SEED SIZE: a file of numbers, different for each seed; no page of it is blank.
text() {
	seq "$2" 7 90000000 2> /dev/null | head -c "$3" > "$1"
}

# blank FILE SIZE
blank() {
	head -c "$2" /dev/zero | tr '\0' '\377' > "$1"
}

# poke FILE ADDRESS BYTES: overwrites in place, BYTES as for printf.
poke() {
	# shellcheck disable=SC2059 # escapes are the point
	printf "$3" | dd of="$1" bs=1 seek="$(($2))" conv=notrunc status=none
}

# same_bytes A B START LEN
same_bytes() {
	cmp --ignore-initial="$(($3))" --bytes="$(($4))" "$1" "$2"
}

# freeze: remembers every file here; untouched: nothing was added, removed or changed since. Lock files,
# empty folders and the state folder's counter are not contents. A CRC and the length are enough against accidents, and ten times as fast
# as a digest.
freeze() {
	frozen=$(list_files)
}

list_files() {
	find . -type f ! -path '*/norprog/counter' -print0 | sort -z | xargs -0 -r cksum
}

untouched() {
	local now
	now=$(list_files)
	if [ "$now" != "$frozen" ]; then
		diff <(printf '%s\n' "$frozen") <(printf '%s\n' "$now") >&2
		return 1
	fi
}

# refused CODE TEXT... -- COMMAND...: exits so, says so, and nothing on disk has changed, the chip included.
refused() {
	local code=$1 texts=()
	shift
	while [ "$1" != -- ]; do
		texts+=("$1")
		shift
	done
	shift
	freeze
	exits "$code" "$@" || return 1
	says "${texts[@]}" || return 1
	untouched
}

# json FILTER...: jq over the output lines.
json() {
	jq -e "$@" <<< "$output"
}

# last_line FILTER: jq over the last line, the result.
result() {
	tail -n 1 <<< "$output" | jq -e -r "$@"
}
