#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What this build of norprog is linked with, as SPDX 2.3 in JSON, on standard output.
# packaging/sbom.sh VERSION PACKAGE... (pkg-config names)
set -euo pipefail

version=$1
shift
# The licence of each, as its own sources state it.
licence_of() {
	case $1 in
	libusb-1.0 | libftdi1) echo LGPL-2.1-only ;;
	jansson) echo MIT ;;
	libmd) echo BSD-3-Clause ;;
	inih) echo BSD-3-Clause ;;
	zlib) echo Zlib ;;
	liblzma) echo LicenseRef-PublicDomain ;;
	libzstd) echo 'BSD-3-Clause OR GPL-2.0-only' ;;
	libfdt) echo 'GPL-2.0-or-later OR BSD-2-Clause' ;;
	libmicrohttpd) echo LGPL-2.1-or-later ;;
	*) echo NOASSERTION ;;
	esac
}
entry() { # NAME VERSION LICENCE
	printf '    {"SPDXID": "SPDXRef-%s", "name": "%s", "versionInfo": "%s", "licenseDeclared": "%s", "downloadLocation": "NOASSERTION"}' \
		"${1//[^A-Za-z0-9.-]/-}" "$1" "$2" "$3"
}
related() { # TYPE FROM TO
	printf '    {"relationshipType": "%s", "spdxElementId": "SPDXRef-%s", "relatedSpdxElement": "SPDXRef-%s"}' "$@"
}

libraries=() relations=("$(related DESCRIBES DOCUMENT norprog)")
for package in "$@" libfdt; do
	found=$(pkg-config --modversion "$package" 2> /dev/null || echo NOASSERTION)
	libraries+=("$(entry "$package" "$found" "$(licence_of "$package")")")
	relations+=("$(related DEPENDS_ON norprog "${package//[^A-Za-z0-9.-]/-}")")
done
join() { local IFS=$'\x1f'; printf '%s' "$*" | sed 's/\x1f/,\n/g'; }
cat << EOF
{
  "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "norprog-$version",
  "documentNamespace": "urn:norprog:sbom:$version",
  "creationInfo": {"creators": ["Tool: packaging/sbom.sh"], "created": "$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%dT%H:%M:%SZ)"},
  "packages": [
$(entry norprog "$version" GPL-2.0-or-later),
$(join "${libraries[@]}")
  ],
  "relationships": [
$(join "${relations[@]}")
  ]
}
EOF
