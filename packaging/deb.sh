#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian packages of HEAD, into BUILD/deb. packaging/deb.sh BUILD VERSION
# DEB_BUILD_OPTIONS=nocheck leaves out the unit tests.
set -euo pipefail

version=$2
mkdir -p "$1"
out=$(realpath "$1")/deb
rm -rf "$out"
mkdir -p "$out"
cp "$1/norprog-$version.tar.gz" "$out/norprog_$version.orig.tar.gz"
tar -xzf "$out/norprog_$version.orig.tar.gz" -C "$out"
git archive HEAD debian | tar -x -C "$out/norprog-$version"
cd "$out/norprog-$version"
[ "$(dpkg-parsechangelog -S Version)" = "$version-1" ] || { echo "deb: debian/changelog is not of $version" >&2; exit 1; }
dpkg-buildpackage -us -uc -rfakeroot
cd ..
ls -l -- *.deb
! command -v lintian > /dev/null || lintian --fail-on error,warning --profile debian -- *.changes
