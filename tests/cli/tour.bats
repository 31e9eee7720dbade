#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The tour of the README, pasted as it stands.

root=$BATS_TEST_DIRNAME/../..
program=$(realpath "${BUILD:-$root/build}")/norprog

# The first sh block below the heading.
tour() {
	sed -n '/^## A two-minute tour/,/^## /p' "$root/README.md" | sed -n '/^```sh$/,/^```$/{/^```/!p}'
}

@test "the tour runs as it is pasted after make demo" {
	mkdir -p "$BATS_TEST_TMPDIR/build/demo"
	ln -s "$program" "$BATS_TEST_TMPDIR/build/norprog"
	bash "$root/tests/demo/compose.sh" mr200 7 a "$BATS_TEST_TMPDIR/build/demo/mr200-mine.bin"
	bash "$root/tests/demo/compose.sh" mr200 42 b "$BATS_TEST_TMPDIR/build/demo/mr200-stock.bin"
	cd "$BATS_TEST_TMPDIR"
	tour > tour.sh
	[ "$(grep -c '^norprog ' tour.sh)" -ge 10 ]
	bash -e tour.sh < /dev/null > out 2>&1 || { cat out; false; }
	cd build/demo
	# The radio partition and the MAC are this unit's, all before them the stock dump's.
	cmp -i $((0x7f0000)) tour-chip.bin mr200-mine.bin
	cmp -i $((0x7d0000)) -n 65536 tour-chip.bin mr200-mine.bin
	cmp -n $((0x7d0000)) tour-chip.bin mr200-stock.bin
	grep -q 'mac stays 50:c7:bf:10:07:07' ../../out
}

@test "what the README shows of a write is what a write says" {
	mkdir -p "$BATS_TEST_TMPDIR/w"
	bash "$root/tests/demo/compose.sh" mr200 7 a "$BATS_TEST_TMPDIR/w/chip.bin"
	bash "$root/tests/demo/compose.sh" mr200 42 b "$BATS_TEST_TMPDIR/w/mr200-stock.bin"
	cd "$BATS_TEST_TMPDIR/w"
	XDG_STATE_HOME=$PWD/state "$program" -p sim:chip=W25Q64FV,file=chip.bin \
		write mr200-stock.bin --keep unit --yes > out 2>&1
	# Figures, names of backups and bars of progress are of one run; the rest is compared.
	shape() {
		tr '\r' '\n' | grep -Ev '^(backup:|undo:|Go ahead|\$|.*%)|^$' | sed -E 's/  backup .*//; s/[0-9.]+/N/g; s/ +/ /g' | sort -u
	}
	sed -n '/^## A two-minute tour/,/^## /p' "$root/README.md" | sed -n '/^```console$/,/^```$/{/^```/!p}' | shape > shown
	shape < out > said
	diff shown said
}
