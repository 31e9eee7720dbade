#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A wire drawn to the wrong pin destroys a board: each picture is followed from its labels to the pins.

root=$BATS_TEST_DIRNAME/../..

@test "the pictures are those of their text" {
	for picture in "$root"/doc/wiring/*.svg; do
		name=$(basename "$picture" .svg)
		sh "$root/doc/wiring/wiring.sh" "$root/doc/wiring/wiring.txt" "$name" | cmp - "$picture"
	done
	[ "$(grep -c '^picture ' "$root/doc/wiring/wiring.txt")" = "$(ls "$root"/doc/wiring/*.svg | wc -l)" ]
}

@test "each wire of each picture leads from its label to its pin" {
	for picture in "$root"/doc/wiring/*.svg; do
		python3 - "$picture" "$root/doc/wiring/wiring.txt" << 'END'
import re, sys
svg = open(sys.argv[1]).read()
name = sys.argv[1].split('/')[-1][:-4]
line = next(l for l in open(sys.argv[2]) if l.startswith(f'picture {name} ')).rstrip('\n').split('|')
wide = line[0].split()[2] == '16'
want = dict(zip(line[2:8], [2, 7, 8, 10, 15, 16] if wide else [8, 1, 2, 4, 5, 6]))
texts = [(int(x), int(y), a, t.replace('&amp;', '&')) for x, y, a, t in
         re.findall(r'<text x="(\d+)" y="(\d+)" text-anchor="(\w+)">([^<]*)</text>', svg)]
wires = [tuple(map(int, re.findall(r'\d+', d))) for d in re.findall(r'<path d="([^"]*C[^"]*)"', svg)]
assert len(wires) == 6, wires
for label, pin in want.items():
    y = next(y for x, y, a, t in texts if t == label and x < 250) - 5
    wire = [w for w in wires if w[1] == y]
    assert len(wire) == 1, (name, label, wire)
    x2, y2 = wire[0][-2:]
    # The text beside the end of the wire begins or ends with the pin's number.
    side = 'start' if x2 < 500 else 'end'
    at = [t for x, y, a, t in texts if a == side and y - 5 == y2 and 460 < x < 640]
    assert len(at) == 1 and str(pin) in at[0].split(), (name, label, pin, at)
END
	done
}
