# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Composed flash images (tests/demo/compose.sh), made once in a build and shared by all tests.

# composed MODEL UNIT RELEASE: prints the path of the image, which nobody changes; made where it is missing
# or older than its recipe.
composed() {
	local here=${BASH_SOURCE[0]%/*} folder image
	here=$(cd "$here/.." && pwd)
	folder=$(cd "$here/.." && cd "${BUILD:-build}" && pwd)/tests/images
	image=$folder/$1-$2-$3.bin
	mkdir -p "$folder"
	(
		flock 9
		[ "$image" -nt "$here/demo/compose.sh" ] ||
			{ "$here/demo/compose.sh" "$1" "$2" "$3" "$image.new" && mv "$image.new" "$image"; }
	) 9> "$image.lock" >&2 && printf '%s\n' "$image"
}
