#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh BUILD JOB MIB: run the script JOB in a machine of qemu's with the kernel of a Debian package, where emu-vhci
# plugs the emulated adapters into the kernel's own USB. Beside it, in /root, are two images of MIB MiB, first and
# second. Prints what JOB prints; exit 77 says that something is missing here.
#
# The machine is interpreted and its clock counts instructions, one a nanosecond: a single core that carries out a
# thousand million instructions a second, whatever this machine has and does beside it. So each run gives the same figures.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd) job=$2 mib=$3
root=$build/kernel/root
skip() { echo "skipped: $1; \`make deps-kernel\` brings it (Debian, x86)"; exit 77; }
for program in qemu-system-x86_64 busybox cpio modprobe depmod; do
	command -v $program > /dev/null || skip "$program is missing"
done
[ -x "$build/tests/emu-vhci" ] || { echo "skipped: umockdev-1.0 is missing (Debian: umockdev libumockdev-dev)"; exit 77; }
kernel=$(find -L "$root/boot" -name 'vmlinuz-*' 2> /dev/null | sort | tail -n 1)
[ -n "$kernel" ] || skip "there is no kernel package in $root"
version=${kernel##*/vmlinuz-}

guest=$(mktemp -d "${TMPDIR:-/tmp}/norprog-guest.XXXXXX") machine=
trap '[ -z "$machine" ] || kill $machine 2> /dev/null; rm -rf "$guest"' EXIT
trap 'exit 130' INT TERM
fs=$guest/fs
mkdir -p "$fs"/{bin,sbin,proc,sys,dev,tmp,root,etc,lib/modules,usr/bin,usr/sbin}

take() { # PROGRAM: with the libraries it needs
	cp "$1" "$fs/bin/"
	ldd "$1" 2> /dev/null | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "$fs/${library%/*}"
		cp -Lu "$library" "$fs/$library"
	done
}
ldd "$(command -v busybox)" > /dev/null 2>&1 && skip "busybox is not the static one"
cp "$(command -v busybox)" "$fs/bin/busybox"
ln -s busybox "$fs/bin/sh"
take "$build/norprog"
take "$build/tests/emu-vhci"
for program in flashrom ${GUEST_PROGRAMS:-}; do # GUEST_PROGRAMS="perf strace", for who looks closer
	path=$(command -v "$program") || skip "$program is missing"
	take "$path"
done
cp "$here/guest.sh" "$fs/init"
cp "$job" "$fs/job.sh"
for seed in first second; do
	openssl enc -aes-128-ctr -nosalt -pass "pass:$seed" -in /dev/zero 2> /dev/null | head -c "${mib}M" > "$fs/root/$seed"
done
printf 'root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n' > "$fs/etc/passwd"
printf 'root:x:0:\nuser:x:1000:\n' > "$fs/etc/group"
chmod +x "$fs/init"

# The modules, each behind those it needs.
[ -e "$root/lib/modules/$version/modules.dep" ] || depmod -b "$root" "$version"
for module in vhci-hcd ftdi_sio ch341; do
	modprobe -d "$root" -S "$version" --show-depends $module
done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' | while read -r module; do
	cp "$module" "$fs/lib/modules/"
	echo "/lib/modules/${module##*/}"
done > "$fs/modules"
(cd "$fs" && find . | cpio -o -H newc --quiet) > "$guest/initrd"
rm -r "$fs"

# Without erms and fsrm the kernel copies words: what repeats itself is counted each time, and a byte at a time that would
# be far more than any processor takes for it.
: > "$guest/out"
timeout "${GUEST_SECONDS:-3600}" qemu-system-x86_64 -accel tcg,thread=single -icount shift=0,sleep=off \
	-cpu max,-erms,-fsrm -m 2048 -nodefaults -display none -no-reboot -kernel "$kernel" -initrd "$guest/initrd" \
	-append "console=ttyS0 quiet panic=-1 tsc=reliable clocksource=tsc" \
	-serial "file:$build/kernel/console" -serial "file:$guest/out" 2> "$build/kernel/qemu" &
machine=$!
tail -f --pid=$machine "$guest/out" &
wait $! || true # in the background, so that an interrupt is heard at once
wait $machine || true
machine=
grep -q '^job ended with 0' "$guest/out" || { echo "the kernel's own words are in $build/kernel/console" >&2; exit 1; }
