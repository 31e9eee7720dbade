#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Lays the Debian libraries that another machine needs into a folder of their own, so that nothing of
# another architecture is installed here. tests/cross/sysroot.sh ARCH FOLDER PACKAGE...
# ARCH is Debian's name (arm64, armhf, s390x). Needs apt and dpkg, no root.
set -euo pipefail

arch=$1 root=$2
shift 2
mkdir -p "$root"
root=$(realpath "$root")
state=$root/apt
mkdir -p "$state"/{lists/partial,archives/partial,etc}
: > "$state/status"

# Debian's own archive alone, without its updates: other archives seldom have other architectures, and the
# versions of a release belong together.
# shellcheck source=/dev/null
. /etc/os-release
archive=$(apt-cache policy | sed -nE 's|.* (https?://[^ ]*debian/?) '"$VERSION_CODENAME"'/main .*|\1|p' | head -n 1)
echo "deb ${archive:-http://deb.debian.org/debian} $VERSION_CODENAME main" > "$state/etc/sources.list"

aptly() {
	apt-get -qq -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o Dir::State::status="$state/status" \
		-o Dir::State::Lists="$state/lists" -o Dir::Cache="$state" -o Dir::Cache::Archives="$state/archives" \
		-o Dir::Etc::SourceList="$state/etc/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Debug::NoLocking=1 -o APT::Sandbox::User=root -o APT::Install-Recommends=0 "$@"
}
aptly update
aptly install --download-only -y "$@" > /dev/null

for package in "$state"/archives/*.deb; do
	dpkg-deb -x "$package" "$root"
done
rm -rf "$state"
