#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian packages as strangers meet them: built in a new Debian that has nothing but what debian/control
# names, installed in another, the demo and the packages' own tests run there, removed, and nothing left behind.
# packaging/try-deb.sh BUILD VERSION. Needs root, debootstrap and a network.
set -euo pipefail

version=$2
mkdir -p "$1/try-deb"
work=$(realpath "$1/try-deb")
tarball=$(realpath "$1/norprog-$version.tar.gz")
begin=$SECONDS
say() {
	printf 'try-deb: %s (%d s)\n' "$*" $((SECONDS - begin))
}

# A folder where devices work and programs may run, or this machine cannot do it.
rm -rf "$work"/{maker,user,probe}
mkdir "$work/probe"
if [ "$(id -u)" != 0 ] || ! mknod "$work/probe/null" c 1 3 || ! : > "$work/probe/null" || ! chroot / true; then
	say "NOT RUN: this place allows no device files or no chroot"
	exit 0
fi 2> /dev/null

# shellcheck source=/dev/null
. /etc/os-release
archive=$(apt-cache policy | sed -nE 's|.* (https?://[^ ]*debian/?) '"$VERSION_CODENAME"'/main .*|\1|p' | head -n 1)
if ! [ -e "$work/base.tar" ]; then
	debootstrap --variant=minbase "$VERSION_CODENAME" "$work/base" "${archive:-http://deb.debian.org/debian}" > "$work/log" 2>&1 ||
		{ tail -n 20 "$work/log"; exit 1; }
	tar -C "$work/base" -cf "$work/base.tar" .
	rm -rf "$work/base"
	say "a new $VERSION_CODENAME"
fi

new_root() { # NAME
	mkdir "$work/$1"
	tar -C "$work/$1" -xf "$work/base.tar"
	cp -L /etc/resolv.conf "$work/$1/etc/"
}
inside() { # NAME COMMAND...
	local root=$work/$1
	shift
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} "$@" >> "$work/log" 2>&1 ||
		{ tail -n 40 "$work/log"; echo "try-deb: failed: $*" >&2; exit 1; }
}
install_in() { # NAME PACKAGE...
	local name=$1
	shift
	inside "$name" apt-get install -y -qq --no-install-recommends "$@"
}

: > "$work/log"
new_root maker
inside maker apt-get update -qq
install_in maker build-essential fakeroot
mkdir "$work/maker/build"
cp "$tarball" "$work/maker/build/norprog_$version.orig.tar.gz"
tar -xzf "$tarball" -C "$work/maker/build"
git archive HEAD debian | tar -x -C "$work/maker/build/norprog-$version"
inside maker apt-get build-dep -y -qq --no-install-recommends "/build/norprog-$version"
say "what debian/control asks for"
inside maker sh -c "cd /build/norprog-$version && DEB_BUILD_OPTIONS='nocheck parallel=$(nproc)' dpkg-buildpackage -us -uc -rfakeroot"
say "built"
if command -v lintian > /dev/null; then
	lintian --fail-on error,warning --profile debian -- "$work/maker/build/"*.changes
	say "lintian has no complaint"
fi

# Everything but what packaging tools keep for themselves.
listing() {
	(cd "$work/user" && find . -path ./var/lib/dpkg -prune -o -path ./var/log -prune -o -path ./var/cache -prune \
		-o -path ./var/lib/apt -prune -o -path ./work -prune -o -path ./tmp -prune -o -print | sort)
}
new_root user
inside user apt-get update -qq
# What composes the demo's images, and a compiler for the library's example.
install_in user u-boot-qemu u-boot-tools ipxe squashfs-tools openssl xxd gcc libc6-dev pkg-config
listing > "$work/before"
mkdir "$work/user/work"
cp "$work/maker/build/"*.deb "$work/user/work/"
cp -r tests "$work/user/work/tests"
cp -r debian/tests "$work/user/work/debian-tests"
inside user sh -c 'apt-get install -y -qq --no-install-recommends /work/*.deb'
inside user bash -c 'cd /work && bash tests/demo/demo.sh build /usr/bin/norprog'
for each in rehearsal library; do
	inside user sh "/work/debian-tests/$each"
done
say "installed; the demo and the packages' tests passed"
size=$(du -cb "$work/maker/build/"norprog_*.deb | tail -n 1 | cut -f 1)
installed=$(dpkg-deb -f "$work/maker/build/"norprog_*.deb Installed-Size)
inside user sh -c 'apt-get purge -y -qq norprog libnorprog0 libnorprog-dev norprog-firmware norprog-doc && apt-get autoremove --purge -y -qq'
listing > "$work/after"
if ! diff "$work/before" "$work/after" > "$work/left"; then
	cat "$work/left"
	echo "try-deb: the packages left these behind" >&2
	exit 1
fi
rm -rf "$work"/{maker,user,probe}
say "removed without a trace; norprog's package has $size bytes, installed $installed KiB"
