#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# norprog-VERSION-linux-ARCH.tar.xz: the program, its manual pages, completions, rules and licence.
# packaging/static/static.sh BUILD VERSION ARCH; with TRY=1 it is tried too, in an empty root
set -euo pipefail

build=$1 version=$2 arch=$3
name=norprog-$version-linux-$arch
if [ "$arch" = "$(dpkg --print-architecture)" ]; then
	make BUILD="$build/static" static-program
	program=$build/static/norprog strip=strip
else
	bash tests/cross/cross.sh "$arch" "$build" static-program
	program=$build/$arch/norprog
	case $arch in arm64) strip=aarch64-linux-gnu-strip ;; armhf) strip=arm-linux-gnueabihf-strip ;; *) strip=true ;; esac
fi

out=$build/$name
rm -rf "$out"
mkdir -p "$out"/{man,completion}
"$strip" -o "$out/norprog" "$program"
cp COPYING README.md CHANGELOG.md udev/60-norprog.rules "$out"
cp doc/*.1 doc/man/*.1 "$out/man"
cp packaging/completion/* "$out/completion"
cat > "$out/INSTALL" << 'END'
The program is whole as it stands: copy it where you like, and start it.

    sudo install -m 755 norprog /usr/local/bin
    sudo install -m 644 60-norprog.rules /etc/udev/rules.d       # who may use the programmers
    sudo udevadm control --reload && sudo udevadm trigger

`norprog ui` is not in it. Names of hosts (-p serprog:ip=NAME:PORT) may need the distribution's own
C library to be resolved; addresses always work. Sources and licences of the libraries: --version -v.
END
tar -C "$build" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct 2> /dev/null || echo 0)" \
	-cJf "$build/$name.tar.xz" "$name"
ls -l "$build/$name.tar.xz" "$out/norprog"
[ -z "${TRY:-}" ] || bash packaging/static/try.sh "$out/norprog" "$arch"
