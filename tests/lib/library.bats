#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# libnorprog as it is installed: what it exports, and a program that has nothing else.

setup() {
	bats_require_minimum_version 1.5.0
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	build=$(cd "$top" && cd "${BUILD:-build}" && pwd)
	root=$build/stage/usr/local
	work=$BATS_TEST_TMPDIR
	export XDG_STATE_HOME=$work/state
	unset NORPROG_PROGRAMMER
	cd "$work" || return 1
}

# The functions that the header declares, sorted.
declared() {
	perl -0777 -ne 's{/\*.*?\*/}{}gs; s/^typedef[^;]*;//gm; print "$1\n" while /\b(norprog_[a-z_]+)\(/g' \
		"$root/include/norprog.h" | sort
}

@test "the shared library exports exactly the functions of its header, in its version" {
	declared > header
	[ "$(wc -l < header)" -ge 40 ]
	[ -z "$(uniq -d header)" ]
	nm -D --defined-only --with-symbol-versions "$root/lib/libnorprog.so" | awk '$2 != "A" { print $3 }' | sort > exported
	sed 's/$/@@NORPROG_0/' header | diff - exported
}

@test "the static library defines the same names and no other" {
	declared > header
	nm -g --defined-only "$root/lib/libnorprog.a" | awk 'NF == 3 { print $3 }' | sort > exported
	diff header exported
}

@test "pkg-config, header and library agree on the version" {
	version=$(PKG_CONFIG_PATH=$root/lib/pkgconfig pkg-config --modversion norprog)
	IFS=. read -r major minor patch <<< "$version"
	grep -q "NORPROG_VERSION_NUMBER 0x$(printf '%02x%02x%02x' "$major" "$minor" "$patch")" "$root/include/norprog.h"
	[ -e "$root/lib/libnorprog.so.$version" ]
	"$root/bin/norprog" --version | grep -q "$version"
}

@test "norprog.pc says where it is installed, whatever was said before" {
	for prefix in /usr/local /opt/norprog; do
		env -u MAKEFLAGS -u MFLAGS make -s -C "$top" BUILD="$work/b" PREFIX="$prefix" "$work/b/norprog.pc"
		[ "$(PKG_CONFIG_PATH=$work/b pkg-config --variable=libdir norprog)" = "$prefix/lib" ]
	done
}

@test "the header stands alone, in old C and in C++" {
	echo '#include <norprog.h>' > alone.c
	${CC:-cc} -std=c99 -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror -I"$root/include" -fsyntax-only alone.c
	"${CXX:-c++}" -std=c++98 -Wall -Wextra -Wpedantic -Werror -I"$root/include" -fsyntax-only -x c++ alone.c
}

@test "every function of the header is documented" {
	perl -0777 -ne 's/^typedef[^;]*;\n//gm; print "$1\n" while m{(?<!\*/)\n\n(?:[a-z][^;{}/]*?)\b(norprog_[a-z_]+)\(}g' \
		"$root/include/norprog.h" > bare
	diff /dev/null bare
}

@test "the example: at most 60 lines; backs up and restores one region, in C and in C++" {
	[ "$(wc -l < "$top/doc/examples/restore_region.c")" -le 60 ]
	"$top/tests/demo/compose.sh" mr200 7 a mine.bin
	for program in restore_region restore_region_cxx; do
		cp mine.bin chip.bin
		dd if=/dev/zero of=chip.bin bs=1 seek=$((0x7f0100)) count=64 conv=notrunc status=none
		cp chip.bin lost.bin
		rm -rf state
		run -0 "$build/tests/lib/$program" sim:chip=W25Q64FV,file=chip.bin mine.bin radio <<< y
		cmp chip.bin mine.bin
		cmp lost.bin "$(sed -n 's/^backup: //p' <<< "$output")"
		# No is an answer, and so is a chip that is not there.
		cp lost.bin chip.bin
		run -1 "$build/tests/lib/$program" sim:chip=W25Q64FV,file=chip.bin mine.bin radio <<< n
		cmp chip.bin lost.bin
		run -1 "$build/tests/lib/$program" sim:chip=W25Q64FV,file=chip.bin mine.bin nowhere <<< y
		cmp chip.bin lost.bin
	done
}
